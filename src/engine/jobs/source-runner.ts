// SourceRunner: reads the outside world into streams. For every stream with a connector it runs the connector's Source, and commits
// each batch together with the offsets that follow it, so that a restart goes on exactly there: no row lost, none read twice. Late rows
// are decided at commit (ingest.ts); malformed ones wait for the commit whose offsets cover them and are then counted (REJECT), routed to
// a stream in that very commit (INTO), or end the source (FAIL). It follows the catalog: streams made and dropped.
import type { Relation, Stream } from '../../catalog/objects.ts';
import { BATCH_ROWS, type Batch } from '../../columns/batch.ts';
import { batchRowIndexes, buildBatch } from '../../columns/batch-builder.ts';
import { readDatum } from '../../columns/datum-vector.ts';
import type { Arena } from '../../columns/memory.ts';
import { Region } from '../../columns/region.ts';
import type { ChangedItems, RejectedText, Source, SourcePlace, SourceSink } from '../../connectors/source.ts';
import { type SqlError, sqlError, toSqlError } from '../../errors/sql-error.ts';
import type { WriteSet } from '../../storage/log/write-set.ts';
import type { Storage } from '../../storage/storage.ts';
import type { Ingest } from '../stream/ingest.ts';
import { checkStream } from '../stream/stream-definition.ts';
import { gonePlaces, placeMetadata, sourcePlace } from './source-place.ts';

export interface SourceRunnerOptions {
  readonly arena: Arena;
  readonly storage: Storage;
  readonly ingest: Pick<Ingest, 'rejectMalformed' | 'malformedDecision' | 'sourceFailed'>;
  /** The connector of a stream, not yet started. `from`: what its commits have left, or null. Throws a SqlError. */
  openSource(stream: Stream, sink: SourceSink, from: SourcePlace | null): Source | Promise<Source>;
}

const MEMORY_BYTES = 64 * 1024 * 1024;
const MAX_WAITING = 10_000;

interface Running {
  stream: Stream;
  readonly waiting: RejectedText[];
  source: Source | null;
  stopped: boolean;
  /** a stopped source has come to its end */
  ended: Promise<void>;
  opened: Promise<void>;
}

function newSource(stream: Stream): Running {
  return { stream, waiting: [], source: null, stopped: false, ended: Promise.resolve(), opened: Promise.resolve() };
}

export class SourceRunner {
  private readonly options: SourceRunnerOptions;
  private readonly running = new Map<number, Running>();
  private readonly owner: number;
  private readonly ending = new Set<Promise<void>>();
  private unsubscribe: (() => void) | null = null;
  private closed = false;

  constructor(options: SourceRunnerOptions) {
    this.options = options;
    this.owner = options.arena.addOwner(MEMORY_BYTES);
  }

  /** Starts the sources there are and follows the catalog from here on. */
  start(): void {
    const { storage } = this.options;
    this.unsubscribe = storage.subscribe(
      (commit) => {
        if (commit.catalog !== undefined) this.follow(commit.catalog.relations);
      },
      () => false,
    );
    this.follow(storage.catalog().relations);
    this.track(this.forgetGone());
  }

  private follow(relations: ReadonlyMap<number, Relation>): void {
    if (this.closed) return;
    for (const [oid, one] of this.running) {
      const stream = relations.get(oid);
      if (stream?.kind === 'stream') this.alter(one, stream);
      else this.drop(oid, one);
    }
    for (const relation of relations.values()) {
      if (relation.kind !== 'stream' || relation.connector === 'internal' || this.running.has(relation.oid)) continue;
      const one = newSource(relation);
      this.running.set(relation.oid, one);
      if (relation.paused === true) one.stopped = true;
      else one.opened = this.open(one);
    }
  }

  /** Settles when all sources wait for time to pass, or have ended. */
  async rest(): Promise<void> {
    for (const one of this.running.values()) {
      await one.opened;
      await one.source?.rest?.();
    }
  }

  /** PAUSE stops the source; RESUME goes on from its offsets, after a failure too. */
  private alter(one: Running, stream: Stream): void {
    const resumed = (stream.resumed ?? 0) > (one.stream.resumed ?? 0);
    one.stream = stream;
    if (stream.paused === true) this.stop(one);
    else if (resumed && one.stopped) {
      const next = newSource(stream);
      this.running.set(stream.oid, next);
      next.opened = one.ended.then(() => this.open(next));
    }
  }

  private async open(one: Running): Promise<void> {
    const { stream } = one;
    if (this.closed || one.stopped) return;
    this.options.ingest.sourceFailed(stream.oid, null);
    try {
      const { storage } = this.options;
      checkStream(stream, storage.catalog().relations);
      const source = await this.options.openSource(stream, this.sink(one), sourcePlace(storage, stream.oid));
      one.source = source;
      if (one.stopped) await source.stop();
      else source.start();
    } catch (error) {
      this.fail(one, toSqlError(error));
    }
  }

  private sink(one: Running): SourceSink {
    return {
      commit: (batch, offsets, items = []) => this.commit(one, batch, offsets, items),
      reject: (rows) => this.reject(one, rows),
      fail: (error) => this.fail(one, error),
    };
  }

  private async commit(one: Running, batch: Batch, offsets: unknown, items: ChangedItems): Promise<void> {
    if (one.stopped) throw sqlError('query_canceled', `the source of stream "${one.stream.name}" has been stopped`);
    const { storage, ingest } = this.options;
    const { stream } = one;
    const region = new Region(this.options.arena, this.owner);
    try {
      const accepted = this.withoutForbiddenNulls(one, batch, region);
      const rejected = one.waiting.splice(0);
      const inserts = accepted.count === 0 ? [] : [{ relation: stream.oid, batch: accepted }];
      if (stream.onError.kind === 'into') inserts.push(...this.deadLetters(stream, stream.onError.relation, rejected, region)); // biome-ignore format: one line
      const metadata = placeMetadata(stream.oid, offsets, items);
      const decisions = rejected.length === 0 ? [] : [ingest.malformedDecision(stream.oid, rejected)];
      const writes: WriteSet = { inserts, metadata, decisions };
      await storage.commit(writes);
      for (const { raw, reason } of rejected) ingest.rejectMalformed(stream.oid, reason, raw);
    } finally {
      region.release();
    }
  }

  private async reject(one: Running, rows: readonly RejectedText[]): Promise<void> {
    if (one.stream.onError.kind === 'fail' && rows.length > 0) {
      const error = malformed(one.stream, rows[0]!);
      this.fail(one, error);
      throw error;
    }
    if (one.waiting.length + rows.length > MAX_WAITING) {
      throw sqlError('configuration_limit_exceeded', `more than ${MAX_WAITING} malformed rows without a commit`);
    }
    one.waiting.push(...rows);
  }

  /** A source knows types but not NOT NULL: such rows are malformed too. */
  private withoutForbiddenNulls(one: Running, batch: Batch, region: Region): Batch {
    const { shared } = this.options.arena;
    const suspects = one.stream.columns.flatMap((column, i) => {
      const { nulls } = batch.columns[i]!;
      return column.notNull && nulls !== 0 ? [{ name: column.name, nulls }] : [];
    });
    if (suspects.length === 0 || batch.count === 0) return batch;
    const selection = region.allocate(Math.max(BATCH_ROWS, batch.count) * 4);
    let count = 0;
    for (const row of batchRowIndexes(shared, batch)) {
      const broken = suspects.find(({ nulls }) => shared.u8[nulls + row] !== 0);
      if (broken === undefined) {
        shared.u32[(selection >>> 2) + count++] = row;
        continue;
      }
      const reason = `null value in column "${broken.name}" violates not-null constraint`;
      const rejected = { raw: this.rowText(batch, row), reason };
      if (one.stream.onError.kind === 'fail') {
        const error = malformed(one.stream, rejected);
        this.fail(one, error);
        throw error;
      }
      one.waiting.push(rejected);
    }
    return { ...batch, selection, count };
  }

  private rowText(batch: Batch, row: number): string {
    const { format } = this.options.storage.tables;
    const values = batch.columns.map((vector) => {
      const value = readDatum(this.options.arena.shared, vector, row);
      return value === null ? '' : format(vector.type, value);
    });
    return `(${values.join(',')})`;
  }

  /** Rows for a stream of dead letters: its text columns named raw, reason and stream are filled, the others stay NULL. */
  private deadLetters(stream: Stream, target: number, rejected: readonly RejectedText[], region: Region) {
    const relation = this.options.storage.catalog().relations.get(target);
    if (relation === undefined || rejected.length === 0) return [];
    const types = relation.columns.map((column) => column.type);
    const batches: { relation: number; batch: Batch }[] = [];
    for (let from = 0; from < rejected.length; from += BATCH_ROWS) {
      const rows = rejected.slice(from, from + BATCH_ROWS).map(({ raw, reason }) => {
        const known: Readonly<Record<string, string>> = { raw, reason, stream: stream.name };
        return relation.columns.map((column) => (column.type.name === 'text' ? (known[column.name] ?? null) : null));
      });
      batches.push({ relation: target, batch: buildBatch(region, types, rows) });
    }
    return batches;
  }

  /** The source stops, with the reason in headrace.streams; ALTER STREAM ... RESUME or a restart of the server tries again. */
  private fail(one: Running, error: SqlError): void {
    if (one.stopped) return;
    this.options.ingest.sourceFailed(one.stream.oid, error.message);
    this.stop(one);
  }

  private stop(one: Running): void {
    if (one.stopped) return;
    one.stopped = true;
    one.ended = this.track(one.source?.stop() ?? Promise.resolve());
  }

  private drop(oid: number, one: Running): void {
    this.stop(one);
    this.running.delete(oid);
    this.track(one.ended.then(() => this.forgetGone()));
  }

  /** What is kept of streams that are no more; a crash may have come between a stream's end and this. */
  private async forgetGone(): Promise<void> {
    const { storage } = this.options;
    const gone = gonePlaces(storage);
    if (gone.length > 0) await storage.commit({ metadata: gone });
  }

  private track(work: Promise<unknown>): Promise<void> {
    const settled: Promise<void> = work.then(
      () => {},
      () => {}, // the source is over, and its failure is in headrace.streams where it matters
    );
    this.ending.add(settled);
    void settled.then(() => this.ending.delete(settled));
    return settled;
  }

  /** Stops all sources; settles when no commit of theirs is under way. */
  async close(): Promise<void> {
    this.closed = true;
    this.unsubscribe?.();
    for (const one of this.running.values()) this.stop(one);
    while (this.ending.size > 0) await Promise.all(this.ending);
    this.options.arena.freeOwner(this.owner);
  }
}

function malformed(stream: Stream, row: RejectedText): SqlError {
  return sqlError('invalid_text_representation', `stream "${stream.name}" got a malformed row: ${row.reason}`, {
    detail: row.raw.slice(0, 1000),
  });
}
