// RowGroup: what a scan reads: up to ROW_GROUP_ROWS rows of one relation as whole column chunks in shared memory, with the epochs
// that say which rows a snapshot sees. Plain data, copied to workers; the snapshot that handed it out keeps it pinned.
import type { Maybe } from '../base/maybe.ts';
import { PHYSICAL_WIDTH, type Physical, type SqlType } from '../types/sql-type.ts';
import type { Vector } from './batch.ts';
import type { EncodedVector, Encoding } from './encoding.ts';
import type { Region } from './region.ts';

export const ROW_GROUP_ROWS = 65_536;

export interface ColumnChunk {
  readonly type: SqlType;
  readonly physical: Physical;
  /** address of rowCount values of the physical layout, whose slices are vectors without copying; with an encoding, of codes */
  readonly data: number;
  /** null or absent: none */
  readonly encoding?: Encoding | null;
  /** address of one byte per row, or 0: no NULLs */
  readonly nulls: number;
  /** over non-null values of integer-like physicals (bool, i32, i64, f64 as numbers); absent: unknown */
  readonly min?: number | bigint;
  readonly max?: number | bigint;
}

/** Rows of a chunk from `from` on. */
export function chunkFrom({ type, physical, data, encoding, nulls }: ColumnChunk, from: number): EncodedVector {
  const width = encoding?.codeBytes ?? PHYSICAL_WIDTH[physical];
  return {
    type,
    physical,
    data: data + from * width,
    encoding: encoding ?? null,
    nulls: nulls === 0 ? 0 : nulls + from,
  };
}

export interface RowGroup {
  /** row id of row 0; row i has rowIdBase + i */
  readonly rowIdBase: number;
  readonly rowCount: number;
  /** in the order of the attributes asked for */
  readonly columns: readonly ColumnChunk[];
  /** address of an i64 epoch per row at which it appeared, or 0: visible to every reader of this snapshot */
  readonly insertEpochs: number;
  /** address of an i64 epoch per row at which it was deleted (0 = not), or 0: none deleted. Row visible at E: insert <= E and (delete == 0 or delete > E) */
  readonly deleteEpochs: number;
  /** min and max of the columns belong to rows of this group, if none is deleted */
  readonly exactRanges?: boolean;
}

/** What is known of a group that need not be in memory. */
export interface GroupRanges {
  readonly rowIdBase: number;
  readonly rowCount: number;
  readonly columns: readonly Pick<ColumnChunk, 'min' | 'max'>[];
}

/** An index as lookups name it. */
export interface LookupIndex {
  readonly oid: number;
  readonly attributes: readonly number[];
  readonly unique: boolean;
}

/** A consistent read of the database at one epoch (plus, inside a transaction, its own writes). Storage implements it. */
export interface Snapshot {
  readonly epoch: bigint;
  /** Loads and pins until the release; 53200 where `windows` must be asked. `attributes`: attnums, 0 = none needed is not allowed (row ids come from rowIdBase). */
  rowGroups(relation: number, attributes: readonly number[]): Promise<readonly RowGroup[]>;
  /**
   * A relation that does not fit into memory: its groups a few at a time, pinned until the next ones are asked for, and only those
   * whose least and greatest values, as far as they are known, are `wanted`. null: it fits, see rowGroups. Nothing in a window's vectors
   * is `pinned` (see Vector).
   */
  windows?(
    relation: number,
    attributes: readonly number[],
    wanted?: (group: GroupRanges) => boolean,
  ): AsyncIterable<readonly RowGroup[]> | null;
  /** Cheap estimate for the planner. */
  rowCount(relation: number): number;
  /**
   * Ids of the visible rows under the key in `row` of an index's key columns; where it is not unique, of some others too. 'scan': the
   * index cannot tell.
   */
  find?(
    relation: number,
    index: LookupIndex,
    columns: readonly Vector[],
    row: number,
  ): Maybe<readonly number[] | 'scan'>;
  /** The values of rows by id, as vectors in `region`; long values stay where they are, pinned by the snapshot, unless `pinned` is false. */
  rows?(relation: number, rowIds: readonly number[], attributes: readonly number[], region: Region): Maybe<Vector[]>;
  release(): void;
}
