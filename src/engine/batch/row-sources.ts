// Operators over kept rows and rows of JavaScript values: set difference by counting, set-returning functions, CTEs, recursion, calls of
// user-defined functions.
import { BATCH_ROWS } from '../../columns/batch.ts';
import { batchRows } from '../../columns/batch-builder.ts';
import { sqlError } from '../../errors/sql-error.ts';
import type { BatchPlan } from '../../plan/batch.ts';
import type { Datum } from '../../types/datum.ts';
import { compileExpressions } from '../expressions/compile-expression.ts';
import { SetExpander } from '../expressions/expand-sets.ts';
import { RowHashTable } from '../rows/hash-table.ts';
import { rowLayout } from '../rows/row-layout.ts';
import { RowReader } from '../rows/row-store.ts';
import { rowContext } from './aggregate-calls.ts';
import { type Batches, expressionContext, OperatorMemory, type RunContext } from './batch-context.ts';
import { datumRows } from './scan.ts';

type Plan<K extends BatchPlan['kind']> = Extract<BatchPlan, { kind: K }>;

/**
 * INTERSECT and EXCEPT: every row of both sides counts in the state {i64 left, i64 right} of its table row. `watching` makes what is called
 * after each batch, for who is to know how many rows are kept.
 */
export async function* setDifference(
  plan: Plan<'set-difference'>,
  left: Batches,
  right: Batches,
  context: RunContext,
  watching: (count: () => number) => () => void,
): Batches {
  using own = new OperatorMemory(context);
  const { memory, kernels } = context;
  const layout = rowLayout(plan.types, 16);
  const table = new RowHashTable(rowContext(context), layout, plan.types.length, plan.rows > 20_000 ? 8 : 3);
  try {
    const count = kernels.get('agg_count');
    const watch = watching(() => table.count);
    for (const [side, input] of [left, right].entries()) {
      for await (const batch of input) {
        const { rows } = table.findOrInsert(batch.columns, batch.selection, batch.count);
        count(rows, layout.stateOffset + side * 8, 0, 0, batch.selection, batch.count, 0);
        watch();
      }
    }
    const reader = new RowReader(rowContext(context), own.region, layout);
    const list = own.region.allocate(BATCH_ROWS * 4);
    let filled = 0;
    const flush = () => {
      const batch = { columns: reader.gather(list, 0, filled), count: filled, selection: 0, weights: 0 };
      filled = 0;
      return batch;
    };
    for (const portion of table.store.portions()) {
      for (let i = 0; i < portion.count; i++) {
        const row = portion.address + i * layout.rowBytes;
        const state = (row + layout.stateOffset) / 8;
        for (let n = copies(plan, Number(memory.i64[state]!), Number(memory.i64[state + 1]!)); n > 0; n--) {
          memory.u32[(list >>> 2) + filled++] = row;
          if (filled === BATCH_ROWS) yield flush();
        }
      }
      await context.pause();
    }
    if (filled > 0) yield flush();
  } finally {
    table.release();
  }
}

function copies(plan: Plan<'set-difference'>, left: number, right: number): number {
  if (plan.operation === 'intersect') return plan.all ? Math.min(left, right) : Number(left > 0 && right > 0);
  return plan.all ? Math.max(0, left - right) : Number(left > 0 && right === 0);
}

export async function* projectSet(plan: Plan<'project-set'>, input: Batches, context: RunContext): Batches {
  using own = new OperatorMemory(context);
  const within = { ...expressionContext(context, own), functions: context.functions };
  const expander = new SetExpander(plan, within, context.batchRows);
  try {
    for await (const batch of input) {
      own.heap.reset();
      for (const portion of expander.expand(batch, expander.evaluateArguments(batch))) {
        yield portion;
        const paused = context.pause();
        if (paused !== undefined) await paused;
      }
    }
  } finally {
    expander.release();
  }
}

/** User-defined functions run elsewhere, batch by batch: one column per call is appended. */
export async function* udfProject(plan: Plan<'udf-project'>, input: Batches, context: RunContext): Batches {
  const { udf } = context.batch;
  if (udf === undefined) throw sqlError('feature_not_supported', 'user-defined functions cannot be called here');
  using own = new OperatorMemory(context);
  const args = compileExpressions(
    plan.calls.flatMap((call) => call.args),
    expressionContext(context, own),
  );
  for await (const batch of input) {
    own.heap.reset();
    const rows = batchRows(context.memory, batch);
    const vectors = args.evaluate(batch, batch.selection, batch.count);
    const values = batchRows(context.memory, { ...batch, columns: vectors });
    let at = 0;
    const results: (readonly (Datum | null)[])[] = [];
    for (const call of plan.calls) {
      const columns = call.args.map((_, i) => values.map((row) => row[at + i]!));
      at += call.args.length;
      results.push(await context.wait(udf.call(call.function, columns, values.length)));
    }
    const whole = rows.map((row, i) => [...row, ...results.map((column) => column[i] ?? null)]);
    yield* datumRows(whole, plan.types, [], context);
  }
}
