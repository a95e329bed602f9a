// What a compiled expression needs from its pipeline, what it offers, and the parts its nodes share: scratch memory, the
// identity selection, the evaluation serial by which shared subexpressions know that they are done for this batch.
import type { Batch, OwnedVector, Vector } from '../../columns/batch.ts';
import { allocateVector, BATCH_ROWS } from '../../columns/batch.ts';
import type { Arena, SharedMemory } from '../../columns/memory.ts';
import type { Region } from '../../columns/region.ts';
import type { EvaluationContext, ScalarFunction } from '../../functions/function-definition.ts';
import type { KernelLibrary } from '../../kernels/kernel-library.ts';
import type { Datum } from '../../types/datum.ts';
import { PHYSICAL_WIDTH, type SqlType } from '../../types/sql-type.ts';

/** The scalar functions by id; functions/registry.ts is one. */
export interface ScalarFunctions {
  scalar(id: string): ScalarFunction;
}

export interface ExpressionContext {
  readonly memory: SharedMemory;
  readonly arena: Arena;
  readonly kernels: KernelLibrary;
  /** Lives as long as the pipeline: result vectors, constants. */
  readonly region: Region;
  /** Bytes of strings of the current batch; the pipeline resets it between batches. */
  readonly heap: Region;
  readonly functions: ScalarFunctions;
  readonly evaluation: EvaluationContext;
  /** Rows of a batch, at most; default BATCH_ROWS. */
  readonly capacity?: number;
  /** Where parameters are not planned away: what is compiled is run by one statement after the other. */
  readonly statement?: StatementValues;
}

/** What is fixed while one statement runs. */
export interface StatementValues {
  /** another one for each statement */
  readonly serial: number;
  readonly parameters: readonly (Datum | null)[];
  /** long values that last as long as the statement */
  readonly region: Region;
}

/** `evaluate` computes the rows of a selection (as in Batch); the vector is valid at those rows until the next call. */
export interface Evaluator {
  readonly type: SqlType;
  evaluate(batch: Batch, selection: number, count: number): Vector;
}

/** One node of a compiled expression. Constants are known at compile time and valid at every row. */
export interface Node extends Evaluator {
  readonly constant?: { readonly value: Datum | null };
}

/** Shared by all nodes of one compile. */
export class Program {
  readonly context: ExpressionContext;
  /** Grows with every evaluation from outside. */
  serial = 0;
  private identityAt = 0;
  private heapWindowAt = 0;

  constructor(context: ExpressionContext) {
    this.context = context;
  }

  /** {u32 cursor, u32 limit} for kernels that write strings */
  get heapWindow(): number {
    if (this.heapWindowAt === 0) this.heapWindowAt = this.context.region.allocate(16);
    return this.heapWindowAt;
  }

  /** u32 0..BATCH_ROWS-1: what "no selection" means, for kernels that resume midway */
  private get identity(): number {
    if (this.identityAt === 0) {
      this.identityAt = this.selection();
      this.context.kernels.get('sequence_u32')(this.identityAt, 0, 1, BATCH_ROWS);
    }
    return this.identityAt;
  }

  /** Rows of a batch, at most. */
  get capacity(): number {
    return this.context.capacity ?? BATCH_ROWS;
  }

  vector(type: SqlType, capacity = this.capacity): OwnedVector {
    return allocateVector(this.context.region, type, capacity);
  }

  /** Room for a selection of a whole batch. */
  selection(): number {
    return this.context.region.allocate(BATCH_ROWS * 4);
  }

  /** The `index`-th selected row. */
  rowAt(selection: number, index: number): number {
    return selection === 0 ? index : this.context.memory.u32[(selection >>> 2) + index]!;
  }

  /** Rows 0..result-1 contain every selected row. */
  extent(selection: number, count: number): number {
    return count === 0 ? 0 : this.rowAt(selection, count - 1) + 1;
  }

  /** Position of `row` in the selection (ascending: binary search). */
  positionOf(row: number, selection: number, count: number): number {
    if (selection === 0) return row;
    const { u32 } = this.context.memory;
    let low = 0;
    let high = count - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (u32[(selection >>> 2) + middle]! < row) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The selection without its first `from` rows. */
  tail(selection: number, from: number): number {
    return (selection === 0 ? this.identity : selection) + from * 4;
  }

  /** Fills the first `rows` rows of a vector with its row 0. */
  fill(vector: OwnedVector, rows: number): void {
    const width = PHYSICAL_WIDTH[vector.physical];
    this.context.kernels.get(`fill_${width}`)(vector.data, vector.data, rows);
    if (vector.nulls !== 0) {
      const { u8 } = this.context.memory;
      u8.fill(u8[vector.nulls]!, vector.nulls, vector.nulls + rows);
    }
  }

  /** The null bytes of a strict result: the OR of its arguments' (an argument's own where only one has any), or 0. */
  strictNulls(args: readonly Vector[], own: OwnedVector, extent: number): number {
    let nulls = 0;
    for (const arg of args) {
      if (arg.nulls === 0 || arg.nulls === nulls) continue;
      if (nulls === 0) {
        nulls = arg.nulls;
      } else {
        this.context.kernels.get('null_or')(own.nullsRoom, nulls, arg.nulls, extent);
        nulls = own.nullsRoom;
      }
    }
    return nulls;
  }

  /** Makes `vector.nulls` its own bytes, so that single rows can be marked. */
  ownNulls(vector: OwnedVector, extent: number): void {
    const { u8 } = this.context.memory;
    if (vector.nulls === vector.nullsRoom) return;
    if (vector.nulls === 0) u8.fill(0, vector.nullsRoom, vector.nullsRoom + extent);
    else u8.copyWithin(vector.nullsRoom, vector.nulls, vector.nulls + extent);
    vector.nulls = vector.nullsRoom;
  }
}
