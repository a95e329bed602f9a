// Operators that keep nothing: filter, project, limit, union-all, window assignment of event times, the single-row check, portions.
import { allocateVector, BATCH_ROWS, type Batch, type OwnedVector, type Vector } from '../../columns/batch.ts';
import { readDatum } from '../../columns/datum-vector.ts';
import { sqlError } from '../../errors/sql-error.ts';
import type { KernelLibrary } from '../../kernels/kernel-library.ts';
import type { BatchPlan } from '../../plan/batch.ts';
import type { Expression } from '../../plan/expression.ts';
import type { Datum } from '../../types/datum.ts';
import { compileExpression, compileExpressions } from '../expressions/compile-expression.ts';
import { compilePredicate } from '../expressions/compile-predicate.ts';
import { widthShift } from '../rows/row-layout.ts';
import { type Batches, expressionContext, OperatorMemory, type RunContext } from './batch-context.ts';
import { narrowed } from './scan.ts';

type Plan<K extends BatchPlan['kind']> = Extract<BatchPlan, { kind: K }>;

export async function* filterRows(plan: Plan<'filter'>, input: Batches, context: RunContext): Batches {
  using own = new OperatorMemory(context);
  const predicate = compilePredicate(plan.condition, expressionContext(context, own));
  for await (const batch of input) {
    own.heap.reset();
    const kept = narrowed(batch, predicate);
    if (kept !== null) yield kept;
  }
}

export async function* projectRows(expressions: readonly Expression[], input: Batches, context: RunContext): Batches {
  using own = new OperatorMemory(context);
  const compiled = compileExpressions(expressions, expressionContext(context, own));
  for await (const batch of input) {
    own.heap.reset();
    yield { ...batch, columns: compiled.evaluate(batch, batch.selection, batch.count) };
  }
}

/** The value of an expression without inputs. */
function constantValue(expression: Expression | null, context: RunContext): Datum | null {
  if (expression === null) return null;
  if (expression.kind === 'constant') return expression.value;
  using own = new OperatorMemory(context);
  const vector = compileExpression(expression, expressionContext(context, own)).evaluate(
    { columns: [], count: 1, selection: 0, weights: 0 },
    0,
    1,
  );
  return readDatum(context.memory, vector, 0);
}

/** The part of a batch from its `from`-th selected row on, `count` rows. */
export function sliceBatch(batch: Batch, from: number, count: number, list: number, kernels: KernelLibrary): Batch {
  if (from === 0 && count === batch.count) return batch;
  if (batch.selection !== 0) return { ...batch, selection: batch.selection + from * 4, count };
  if (from === 0) return { ...batch, count };
  kernels.get('sequence_u32')(list, from, 1, count);
  return { ...batch, selection: list, count };
}

/** Batches in portions of the run's pace: for operators that give kept rows by the batch, whatever is computed for them above. */
export async function* portioned(input: Batches, context: RunContext): Batches {
  using own = new OperatorMemory(context);
  let list = 0;
  for await (const batch of input) {
    for (let at = 0, count = 0; at < batch.count; at += count) {
      count = Math.min(context.rows(), batch.count - at);
      if (list === 0 && at > 0) list = own.region.allocate(BATCH_ROWS * 4);
      yield sliceBatch(batch, at, count, list, context.kernels);
      const paused = context.pause();
      if (paused !== undefined) await paused;
    }
  }
}

/** What LIMIT leaves and OFFSET skips; NULL: all, none. */
export function limitBounds(limit: Datum | null, offset: Datum | null): { left: number; skip: number } {
  const left = limit === null ? Number.POSITIVE_INFINITY : Number(limit);
  const skip = offset === null ? 0 : Number(offset);
  if (skip < 0) throw sqlError('invalid_row_count_in_result_offset_clause', 'OFFSET must not be negative');
  if (left < 0) throw sqlError('invalid_row_count_in_limit_clause', 'LIMIT must not be negative');
  return { left, skip };
}

export function planBounds(plan: Plan<'limit'>, context: RunContext): { left: number; skip: number } {
  return limitBounds(constantValue(plan.limit, context), constantValue(plan.offset, context));
}

export async function* limitRows(plan: Plan<'limit'>, input: Batches, context: RunContext): Batches {
  let { left, skip } = planBounds(plan, context);
  if (left === 0) return;
  using own = new OperatorMemory(context);
  const list = own.region.allocate(BATCH_ROWS * 4);
  for await (const batch of input) {
    if (skip >= batch.count) {
      skip -= batch.count;
      continue;
    }
    const count = Math.min(left, batch.count - skip);
    yield sliceBatch(batch, skip, count, list, context.kernels);
    skip = 0;
    left -= count;
    if (left === 0) return;
  }
}

export async function* unionRows(inputs: readonly Batches[]): Batches {
  for (const input of inputs) yield* input;
}

export async function* singleRow(input: Batches): Batches {
  let seen = 0;
  for await (const batch of input) {
    seen += batch.count;
    if (seen > 1)
      throw sqlError('cardinality_violation', 'more than one row returned by a subquery used as an expression');
    yield batch;
  }
}

/** window_start, window_end and window_time (end - 1 ms) behind the input's columns; a hop repeats rows by window. */
export async function* assignWindows(plan: Plan<'window-assign'>, input: Batches, context: RunContext): Batches {
  using own = new OperatorMemory(context);
  const { memory, kernels } = context;
  const { window } = plan;
  if (window.kind === 'session') throw new Error('session windows are planned as window functions');
  const time = compileExpression(plan.time, expressionContext(context, own));
  const slide = window.kind === 'hop' ? window.slideMicros : window.sizeMicros;
  const settings = own.region.allocate(32);
  memory.i64[settings / 8] = window.sizeMicros;
  memory.i64[settings / 8 + 1] = slide;
  memory.i64[settings / 8 + 2] = window.offsetMicros;
  memory.i64[settings / 8 + 3] = window.kind === 'cumulate' ? window.stepMicros : 0n;
  const out = plan.types.slice(-3).map((type) => allocateVector(own.region, type)) as OwnedVector[];
  const selection = own.region.allocate(BATCH_ROWS * 4);
  const every = window.kind === 'cumulate' ? window.stepMicros : slide;
  const windows = Number((window.sizeMicros + every - 1n) / every);
  for await (const batch of input) {
    own.heap.reset();
    const { data, nulls } = time.evaluate(batch, batch.selection, batch.count);
    for (let nth = 0; nth < windows; nth++) {
      const [start, end, last] = out as [OwnedVector, OwnedVector, OwnedVector];
      const count = kernels.get('assign_window')(
        start.data, end.data, last.data, data, nulls, batch.selection, batch.count, settings, nth, selection,
      ); // biome-ignore format: one call
      if (count > 0) yield { ...batch, columns: [...batch.columns, ...out], selection, count };
    }
  }
}

/** Copies selected rows of vectors to positions 0.. of vectors of its own. */
export class RowTaker {
  readonly vectors: readonly OwnedVector[];
  private readonly context: RunContext;
  private readonly wanted: ReadonlySet<number> | null;

  constructor(
    context: RunContext,
    own: OperatorMemory,
    types: readonly Vector['type'][],
    wanted: ReadonlySet<number> | null = null,
  ) {
    this.context = context;
    this.wanted = wanted;
    this.vectors = types.map((type) => allocateVector(own.region, type));
  }

  take(columns: readonly Vector[], indexes: number, count: number): readonly Vector[] {
    const kernel = this.context.kernels.get('take_column');
    for (let i = 0; i < this.vectors.length; i++) {
      if (this.wanted?.has(i) === false) continue;
      const vector = this.vectors[i]!;
      const { data, nulls, type } = columns[i]!;
      kernel(vector.data, vector.nullsRoom, data, nulls, widthShift(type), indexes, count);
      vector.nulls = nulls === 0 ? 0 : vector.nullsRoom;
    }
    return this.vectors;
  }
}
