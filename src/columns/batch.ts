// Batch: up to BATCH_ROWS rows as column vectors in shared memory, the unit that flows between operators. Plain data: all
// addresses are byte addresses in the arena's memory, so a batch can be described to another thread by copying this object.
import { PHYSICAL_WIDTH, type Physical, physicalOf, type SqlType } from '../types/sql-type.ts';
import type { Region } from './region.ts';

export const BATCH_ROWS = 2048;

/** One column of a batch: `data` holds values of `physical` layout by row, `nulls` one byte per row (1 = NULL) or 0: no NULLs. */
export interface Vector {
  readonly type: SqlType;
  readonly physical: Physical;
  readonly data: number;
  nulls: number;
  /** the bytes of long values stay where they are as long as the run's snapshot: who keeps rows for the run need not copy them */
  readonly pinned?: boolean;
}

/**
 * `selection` = address of u32 row indexes, ascending, `count` of them; or 0: rows 0..count-1.
 * `weights` = address of an i64 per row (by row index), or 0: all +1. A change batch carries an epoch too.
 * A batch pushed to an operator is valid until that call returns: who keeps rows copies them.
 */
export interface Batch {
  readonly columns: readonly Vector[];
  readonly count: number;
  readonly selection: number;
  readonly weights: number;
  readonly epoch?: bigint;
}

/** A vector of `capacity` rows in `region`; with room for nulls (address kept in `nullsRoom`) though `nulls` starts as 0. */
export interface OwnedVector extends Vector {
  readonly nullsRoom: number;
  readonly capacity: number;
}

export function allocateVector(region: Region, type: SqlType, capacity: number = BATCH_ROWS): OwnedVector {
  const physical = physicalOf(type);
  return {
    type,
    physical,
    data: region.allocate(capacity * PHYSICAL_WIDTH[physical]),
    nulls: 0,
    nullsRoom: region.allocate(capacity),
    capacity,
  };
}
