// Replay: the log's commits behind the last checkpoint, applied and published again in order. Row ids must come out as they were.
import { SqlError, sqlError } from '../../errors/sql-error.ts';
import type { Disk } from '../disk/disk.ts';
import type { RecoveryProgress } from '../recovery-progress.ts';
import { RowBuffer } from '../tables/row-buffer.ts';
import { storedColumns, type TableStore } from '../tables/table-store.ts';
import { appendEncoded } from './column-codec.ts';
import type { CommitLog } from './commit.ts';
import { type FrameHeader, sectionsOf } from './commit-record.ts';
import { type LoggedCommit, logSegments, readLog } from './log-reader.ts';
import type { WriteSet } from './write-set.ts';

const BUFFER_ROWS = 65_536;

/** Replays everything after the state's epoch. Throws data_corrupted, and out_of_memory where less memory is given than there was. */
export async function recoverLog(
  disk: Disk,
  commits: CommitLog,
  tables: TableStore,
  progress: RecoveryProgress,
): Promise<void> {
  const segments = await logSegments(disk);
  const bytes = segments.reduce((sum, segment) => sum + segment.bytes, 0);
  let [count, rows] = [0, 0];
  progress.replayed(0, bytes, 0);
  for await (const logged of readLog(disk, segments, commits.publishedEpoch)) {
    if (logged.epoch !== commits.publishedEpoch + 1n) {
      throw sqlError(
        'data_corrupted',
        `log file "${logged.path}" goes on at epoch ${logged.epoch}, not ${commits.publishedEpoch + 1n}`,
      );
    }
    rows += await replay(logged, commits, tables);
    count++;
    progress.replayed(logged.end, bytes, rows);
  }
  progress.finished(count, rows);
}

/** Returns how many rows were changed. */
async function replay(logged: LoggedCommit, commits: CommitLog, tables: TableStore): Promise<number> {
  try {
    const writes = writesOf(logged, tables);
    await commits.replay(logged.epoch, writes);
    tables.reclaim(tables.snapshots.oldestEpoch(commits.publishedEpoch));
    return changedRows(writes);
  } catch (error) {
    if (!(error instanceof SqlError) || error.condition !== 'out_of_memory') throw error;
    throw sqlError('out_of_memory', 'what the log holds since the last checkpoint does not fit into memory', {
      detail: error.details.detail ?? error.message,
      hint: 'Start the server with a larger --memory; nothing is lost. After a checkpoint it fits into less.',
    });
  }
}

function changedRows({ buffers = [], deletes = [] }: WriteSet): number {
  const inserted = buffers.reduce((sum, { buffer }) => sum + buffer.count, 0);
  return deletes.reduce((sum, { rowIds }) => sum + rowIds.length, inserted);
}

function writesOf(logged: LoggedCommit, tables: TableStore): WriteSet {
  const last = logged.frames.at(-1)!.header as unknown as FrameHeader;
  const buffers: { relation: number; buffer: RowBuffer }[] = [];
  for (const frame of logged.frames) {
    for (const { section, payloads } of sectionsOf(frame)) {
      let current = buffers.at(-1);
      if (
        current === undefined ||
        current.relation !== section.relation ||
        current.buffer.count + section.count > BUFFER_ROWS
      ) {
        current = {
          relation: section.relation,
          buffer: new RowBuffer(tables.home, columnsOf(section.relation, last, tables)),
        };
        buffers.push(current);
      }
      appendEncoded(current.buffer, section.columns, payloads, section.count);
    }
  }
  const deletes = logged.frames.flatMap((frame) => (frame.header as unknown as FrameHeader).deletes ?? []);
  const { truncates, catalog, metadata, sequences, decisions } = last;
  return {
    buffers,
    deletes,
    ...(truncates === undefined ? {} : { truncates }),
    ...(catalog === undefined ? {} : { catalog: { changes: catalog } }),
    ...(metadata === undefined ? {} : { metadata }),
    ...(sequences === undefined ? {} : { sequences }),
    ...(decisions === undefined ? {} : { decisions }),
  };
}

function columnsOf(relation: number, header: FrameHeader, tables: TableStore) {
  for (const change of (header.catalog ?? []).toReversed()) {
    if (change.action === 'put' && change.kind === 'relation' && change.object.oid === relation)
      return storedColumns(change.object);
  }
  return tables.table(relation).columns;
}
