// UniqueIndex: the newest row of each key of a unique index or primary key. Checked when rows are appended, probed by ON CONFLICT
// and by key lookups. The error is PostgreSQL's 23505 with the key in its detail.
import { readDatum } from '../../columns/datum-vector.ts';
import type { EncodedVector } from '../../columns/encoding.ts';
import type { SharedMemory } from '../../columns/memory.ts';
import { sqlError } from '../../errors/sql-error.ts';
import type { Datum } from '../../types/datum.ts';
import type { SqlType } from '../../types/sql-type.ts';
import { KeyEncoder } from './key-encoding.ts';
import { KeyIndex } from './key-index.ts';

/** What a unique index demands. */
export interface UniqueKey {
  readonly indexOid: number;
  readonly name: string;
  readonly table: number;
  readonly attributes: readonly number[];
  readonly columnNames: readonly string[];
  readonly nullsNotDistinct: boolean;
}

/** A key's value as text, for messages. The types' own text form is given by whoever opens storage. */
export type FormatDatum = (type: SqlType, value: Datum) => string;

/** Of all indexes: its bytes are used at once, and every small transaction makes an index. */
const ENCODER = new KeyEncoder();

export class UniqueIndex {
  key: UniqueKey;
  /** the newest epoch that changed it: at or after it, the index is exact for a reader */
  changedAt = 0n;
  private entries = new KeyIndex();

  constructor(key: UniqueKey) {
    this.key = key;
  }

  get size(): number {
    return this.entries.size;
  }

  /** The row id under the key of `row` of these key columns; -1: none. */
  find(memory: SharedMemory, columns: readonly EncodedVector[], row: number): number {
    if (!ENCODER.encode(memory, columns, row, this.key.nullsNotDistinct)) return -1;
    return this.entries.find(ENCODER.bytes, ENCODER.length);
  }

  /** Enters a row. Returns the row id it displaced, or -1. */
  set(memory: SharedMemory, columns: readonly EncodedVector[], row: number, rowId: number): number {
    if (!ENCODER.encode(memory, columns, row, this.key.nullsNotDistinct)) return -1;
    return this.entries.set(ENCODER.bytes, ENCODER.length, rowId);
  }

  /** Removes a row's key if it stands for that row. */
  delete(memory: SharedMemory, columns: readonly EncodedVector[], row: number, rowId: number): void {
    if (!ENCODER.encode(memory, columns, row, this.key.nullsNotDistinct)) return;
    if (this.entries.find(ENCODER.bytes, ENCODER.length) !== rowId) return;
    this.entries.delete(ENCODER.bytes, ENCODER.length);
  }

  /** Removes the keys of rows, where they stand for these; what was removed can be put back. */
  remove(
    memory: SharedMemory,
    columns: readonly EncodedVector[],
    rows: readonly number[],
    rowIdBase: number,
  ): RemovedKeys {
    const removed = new RemovedKeys(this.entries);
    for (const row of rows) {
      if (!ENCODER.encode(memory, columns, row, this.key.nullsNotDistinct)) continue;
      if (this.entries.find(ENCODER.bytes, ENCODER.length) !== rowIdBase + row) continue;
      this.entries.delete(ENCODER.bytes, ENCODER.length);
      removed.add(ENCODER.bytes, ENCODER.length, rowIdBase + row);
    }
    return removed;
  }

  /** Removes all keys. Returns how to undo it. */
  empty(): () => void {
    const before = this.entries;
    this.entries = new KeyIndex();
    return () => {
      this.entries = before;
    };
  }
}

/** Keys taken out of an index, as bytes one behind the other. */
export class RemovedKeys {
  private readonly entries: KeyIndex;
  private bytes = new Uint8Array(32);
  private readonly ends: number[] = [];
  private readonly rowIds: number[] = [];

  constructor(entries: KeyIndex) {
    this.entries = entries;
  }

  add(key: Uint8Array, length: number, rowId: number): void {
    const start = this.ends.at(-1) ?? 0;
    if (start + length > this.bytes.length) {
      const grown = new Uint8Array(Math.max(this.bytes.length * 2, start + length));
      grown.set(this.bytes);
      this.bytes = grown;
    }
    this.bytes.set(key.subarray(0, length), start);
    this.ends.push(start + length);
    this.rowIds.push(rowId);
  }

  putBack(): void {
    for (const [i, rowId] of this.rowIds.entries()) {
      const start = this.ends[i - 1] ?? 0;
      this.entries.set(this.bytes.subarray(start), this.ends[i]! - start, rowId);
    }
  }
}

/** 23505 for the key of `row`. */
export function uniqueViolation(key: UniqueKey, relation: number, values: string): Error {
  return sqlError('unique_violation', `duplicate key value violates unique constraint "${key.name}"`, {
    detail: `Key (${key.columnNames.join(', ')})=(${values}) already exists.`,
    constraint: key.name,
    relation,
  });
}

/** 23505 for a new index that cannot be built. */
export function duplicatedKey(key: UniqueKey, relation: number, values: string): Error {
  return sqlError('unique_violation', `could not create unique index "${key.name}"`, {
    detail: `Key (${key.columnNames.join(', ')})=(${values}) is duplicated.`,
    constraint: key.name,
    relation,
  });
}

/** The key of `row` as messages print it. */
export function formatKey(
  memory: SharedMemory,
  columns: readonly EncodedVector[],
  row: number,
  format: FormatDatum,
): string {
  return columns
    .map((column) => {
      const value = readDatum(memory, column, row);
      return value === null ? 'null' : format(column.type, value);
    })
    .join(', ');
}
