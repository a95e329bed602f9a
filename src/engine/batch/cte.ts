// WITH: rows kept for their readers, and recursion. The rows of a recursion's step that projections, filters and joins make of those of the
// round before, one by one, need no rounds: such a step runs once, reading what it has made (recursion-queue.ts), with whatever its joins
// built. Other steps run once per round over all rows of the round before.
import type { BatchPlan } from '../../plan/batch.ts';
import { isStreamedRecursion } from '../../plan/recursion.ts';
import { RowHashTable } from '../rows/hash-table.ts';
import { type RowLayout, rowLayout } from '../rows/row-layout.ts';
import { rowContext } from './aggregate-calls.ts';
import type { Batches, RowsAgain, RunContext } from './batch-context.ts';
import { KeptRows } from './kept-rows.ts';
import { checkRounds, RowQueue } from './recursion-queue.ts';
import { datumRows } from './scan.ts';

type Plan<K extends BatchPlan['kind']> = Extract<BatchPlan, { kind: K }>;

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
    putBack(plan.id, before, context);
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

function tellStorage(plan: BatchPlan, { spilledBytes }: RowsAgain, { batch: { analyze } }: RunContext): void {
  const statistics = analyze?.get(plan);
  if (statistics === undefined || spilledBytes === 0) return;
  statistics.details = [['Storage', `Disk  Maximum Storage: ${Math.ceil(spilledBytes / 1024)}kB`]];
}

/** What the name meant outside of the scope that ends. */
function putBack(id: number, outer: (() => Promise<RowsAgain>) | undefined, context: RunContext): void {
  if (outer === undefined) context.kept.delete(id);
  else context.kept.set(id, outer);
}

/** The rows of a UNION so far; UNION ALL looks at none. */
function seenRows(plan: Plan<'recursive-cte'>, layout: RowLayout, context: RunContext): RowHashTable | null {
  return plan.unionAll ? null : new RowHashTable(rowContext(context), layout, plan.types.length, 4);
}

/** `step` over the rows made before, until none is new. UNION drops rows seen before. */
export function recursiveCte(
  plan: Plan<'recursive-cte'>,
  base: () => Batches,
  step: () => Batches,
  context: RunContext,
): Batches {
  return isStreamedRecursion(plan) ? throughQueue(plan, base, step, context) : inRounds(plan, base, step, context);
}

async function* throughQueue(
  plan: Plan<'recursive-cte'>,
  base: () => Batches,
  step: () => Batches,
  context: RunContext,
): Batches {
  const layout = rowLayout(plan.types);
  const seen = seenRows(plan, layout, context);
  const queue = new RowQueue(plan, layout, context);
  const outer = context.kept.get(plan.id);
  context.kept.set(plan.id, async () => queue);
  try {
    for (let input = base(), read = -1; ; input = step()) {
      for await (const batch of input) {
        const found = seen?.findOrInsert(batch.columns, batch.selection, batch.count);
        const fresh = found === undefined ? batch : { ...batch, selection: found.fresh, count: found.freshCount };
        if (fresh.count === 0) continue;
        const appended = queue.append(fresh);
        if (appended !== undefined) await appended;
        yield fresh;
        const paused = context.pause();
        if (paused !== undefined) await paused;
      }
      if (queue.isEmpty || queue.rowsRead === read) return; // a step that joins nothing reads nothing
      read = queue.rowsRead;
    }
  } finally {
    await queue.release();
    seen?.release();
    putBack(plan.id, outer, context);
  }
}

/** Rounds of `step` over the rows of the round before, until none is new. UNION drops rows seen in any round. */
async function* inRounds(
  plan: Plan<'recursive-cte'>,
  base: () => Batches,
  step: () => Batches,
  context: RunContext,
): Batches {
  const seen = seenRows(plan, rowLayout(plan.types), context);
  let working: KeptRows | null = null;
  let rounds = 0;
  const outer = context.kept.get(plan.id);
  try {
    for (let input = base(); ; input = step()) {
      checkRounds(plan, rounds++, context);
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
    putBack(plan.id, outer, context);
  }
}
