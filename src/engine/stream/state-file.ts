// State of continuous queries in a checkpoint: named tables of logically typed columns, never memory images, in checked frames (as the log
// has them). A frame's header is {job, table, ...}: rows {columns, count} with their payloads, or a value. Tables come back in any order.
import type { Batch } from '../../columns/batch.ts';
import { sqlError } from '../../errors/sql-error.ts';
import { appendEncoded, type ColumnHeader, encodeColumn } from '../../storage/log/column-codec.ts';
import { announcedBody, decodeFrame, encodeFrame, FRAME_BYTES } from '../../storage/log/frame.ts';
import type { Json } from '../../storage/log/tagged-json.ts';
import type { BufferHome } from '../../storage/tables/group-memory.ts';
import { RowBuffer } from '../../storage/tables/row-buffer.ts';
import type { SqlType } from '../../types/sql-type.ts';

/** Of the tables' meaning; another one is not read, and the views are built from the retained rows. */
export const STATE_VERSION = 2;

export interface StateColumn {
  readonly name: string;
  readonly type: SqlType;
}

interface StoredTable {
  value: Json;
  readonly parts: { readonly columns: readonly ColumnHeader[]; readonly count: number; readonly payload: Uint8Array }[];
}

/** Collects frames; `scope` names whose tables follow. */
export class StateWriter {
  readonly frames: Uint8Array[] = [];
  private readonly home: BufferHome;
  private readonly epoch: bigint;
  private readonly scope: string;

  constructor(home: BufferHome, epoch: bigint, scope: string, frames: Uint8Array[] = []) {
    this.home = home;
    this.epoch = epoch;
    this.scope = scope;
    this.frames = frames;
  }

  within(name: string): StateWriter {
    return new StateWriter(this.home, this.epoch, `${this.scope}/${name}`, this.frames);
  }

  value(table: string, value: Json): void {
    this.frames.push(encodeFrame(this.epoch, false, 0, { table: `${this.scope}/${table}`, value }, []));
  }

  /** Rows 0..count of a batch without a selection. */
  rows(table: string, columns: readonly StateColumn[], batch: Batch): void {
    const encoded = columns.map(({ name, type }, i) =>
      encodeColumn(this.home.arena.shared, { attribute: i + 1, name, type }, batch.columns[i]!, batch.count),
    );
    const header = {
      table: `${this.scope}/${table}`,
      columns: encoded.map((column) => column.header),
      count: batch.count,
    };
    this.frames.push(encodeFrame(this.epoch, false, 0, header, encoded.map((column) => column.payload))); // biome-ignore format: one line
  }
}

export class StateReader {
  private readonly home: BufferHome;
  private readonly tables: ReadonlyMap<string, StoredTable>;
  private readonly scope: string;

  private constructor(home: BufferHome, tables: ReadonlyMap<string, StoredTable>, scope: string) {
    this.home = home;
    this.tables = tables;
    this.scope = scope;
  }

  /** Throws XX001 where the bytes are damaged. */
  static open(home: BufferHome, bytes: Uint8Array): StateReader {
    const tables = new Map<string, StoredTable>();
    for (let at = 0; at < bytes.length; ) {
      const body = announcedBody(bytes.subarray(at, at + FRAME_BYTES));
      const frame = body < 0 ? null : decodeFrame(bytes.subarray(at, at + FRAME_BYTES + body));
      if (frame === null) throw sqlError('data_corrupted', 'the checkpointed state of continuous queries is damaged');
      const header = frame.header as unknown as {
        table: string;
        value?: Json;
        columns?: readonly ColumnHeader[];
        count?: number;
      };
      const table = tables.get(header.table) ?? { value: null, parts: [] };
      tables.set(header.table, table);
      if (header.columns === undefined) table.value = header.value ?? null;
      else table.parts.push({ columns: header.columns, count: header.count!, payload: frame.payload });
      at += frame.length;
    }
    return new StateReader(home, tables, '');
  }

  within(name: string): StateReader {
    return new StateReader(this.home, this.tables, this.scope === '' ? name : `${this.scope}/${name}`);
  }

  value(table: string): Json {
    return this.tables.get(`${this.scope}/${table}`)?.value ?? null;
  }

  /** The rows of a table in batches of the columns' types, each valid until the next. */
  *rows(table: string): Generator<Batch> {
    for (const { columns, count, payload } of this.tables.get(`${this.scope}/${table}`)?.parts ?? []) {
      const buffer = new RowBuffer(this.home, columns);
      let at = 0;
      const payloads = columns.map(({ bytes }) => {
        at += bytes;
        return payload.subarray(at - bytes, at);
      });
      appendEncoded(buffer, columns, payloads, count);
      yield { columns: buffer.vectors(0), count, selection: 0, weights: 0 };
      buffer.retire();
    }
  }
}
