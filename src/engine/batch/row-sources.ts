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
import { KeptRows } from './kept-rows.ts';
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

/** Runs `body` with a CTE in scope, computed when first read. */
export async function* withCte(
  plan: Plan<'cte'>,
  definition: () => Batches,
  body: () => Batches,
  context: RunContext,
): Batches {
  let kept: Promise<KeptRows> | null = null;
  const before = context.kept.get(plan.id);
  context.kept.set(plan.id, () => (kept ??= KeptRows.of(definition(), plan.definition.types, context)));
  try {
    yield* body();
  } finally {
    const made = kept as Promise<KeptRows> | null;
    await made?.then(
      (rows) => rows.release(),
      () => {},
    );
    if (before === undefined) context.kept.delete(plan.id);
    else context.kept.set(plan.id, before);
  }
}

export async function* scanCte(plan: Plan<'cte-scan'>, context: RunContext): Batches {
  const given = context.batch.givenRows?.get(plan.id);
  if (given !== undefined) return yield* datumRows(given, plan.types, [], context);
  const source = context.kept.get(plan.id);
  if (source === undefined) throw new Error(`no rows are kept for ${plan.name}`);
  const kept = await source();
  tellStorage(plan, kept, context);
  yield* kept.rows();
}

function tellStorage(plan: BatchPlan, { spilledBytes }: KeptRows, { batch: { analyze } }: RunContext): void {
  const statistics = analyze?.get(plan);
  if (statistics === undefined || spilledBytes === 0) return;
  statistics.details = [['Storage', `Disk  Maximum Storage: ${Math.ceil(spilledBytes / 1024)}kB`]];
}

/** Rounds of `step` over the rows of the round before, until none is new. UNION drops rows seen in any round. */
export async function* recursiveCte(
  plan: Plan<'recursive-cte'>,
  base: () => Batches,
  step: () => Batches,
  context: RunContext,
): Batches {
  const layout = rowLayout(plan.types);
  const seen = plan.unionAll ? null : new RowHashTable(rowContext(context), layout, plan.types.length, 4);
  let working: KeptRows | null = null;
  const { maxRounds = Number.POSITIVE_INFINITY } = context.batch;
  let rounds = 0;
  const outer = context.kept.get(plan.id);
  try {
    for (let input = base(); ; input = step()) {
      if (rounds++ > maxRounds) {
        throw sqlError(
          'statement_too_complex',
          `the recursion of "${plan.name}" does not end after ${maxRounds} rounds`,
          {
            hint: 'Give it a condition that ends it.',
          },
        );
      }
      const next = new KeptRows(plan.types, context);
      try {
        for await (const batch of input) {
          let { selection, count } = batch;
          if (seen !== null) {
            const found = seen.findOrInsert(batch.columns, selection, count);
            selection = found.fresh;
            count = found.freshCount;
          }
          if (count > 0) await next.append({ columns: batch.columns, selection, count });
        }
        await next.finish();
      } catch (error) {
        await next.release();
        throw error;
      }
      await working?.release();
      working = next;
      if (next.isEmpty) return;
      yield* next.rows();
      context.kept.set(plan.id, async () => next);
      await context.pause();
    }
  } finally {
    await working?.release();
    seen?.release();
    if (outer === undefined) context.kept.delete(plan.id);
    else context.kept.set(plan.id, outer);
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
      results.push(await udf.call(call.function, columns, values.length));
    }
    const whole = rows.map((row, i) => [...row, ...results.map((column) => column[i] ?? null)]);
    yield* datumRows(whole, plan.types, [], context);
  }
}
