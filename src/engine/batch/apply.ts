// Apply: for each distinct binding of the left rows, the right plan is run with its parameters bound and its rows are kept; then
// the left rows meet them. The slow, general way: decorrelation leaves it only what nothing else can do.
import type { Vector } from '../../columns/batch.ts';
import { BatchBuilder, batchRows } from '../../columns/batch-builder.ts';
import { sqlError } from '../../errors/sql-error.ts';
import type { BatchPlan } from '../../plan/batch.ts';
import { datumKey } from '../../types/datum.ts';
import { compileExpressions } from '../expressions/compile-expression.ts';
import { compilePredicate } from '../expressions/compile-predicate.ts';
import { type Batches, type DatumRow, expressionContext, OperatorMemory, type RunContext } from './batch-context.ts';
import { bindPlan } from './bind-plan.ts';
import { nullVector } from './null-vector.ts';
import { datumRows } from './scan.ts';

type ApplyPlan = Extract<BatchPlan, { kind: 'apply' }>;

const REMEMBERED = 1_000;

export async function* applyRows(
  plan: ApplyPlan,
  left: Batches,
  compile: (plan: BatchPlan) => Batches,
  context: RunContext,
): Batches {
  using own = new OperatorMemory(context);
  const bindings = compileExpressions(plan.bindings, expressionContext(context, own));
  const guard = plan.guard === null ? null : compileExpressions([plan.guard], expressionContext(context, own));
  const padsLeft = plan.type === 'single' || plan.type === 'left';
  let missing: readonly Vector[] | undefined;
  const remembered = new Map<string, readonly DatumRow[]>();
  for await (const batch of left) {
    own.heap.reset();
    const vectors = bindings.evaluate(batch, batch.selection, batch.count);
    const keys = batchRows(context.memory, { ...batch, columns: vectors });
    const asked = guard?.evaluate(batch, batch.selection, batch.count);
    const guards = asked === undefined ? null : batchRows(context.memory, { ...batch, columns: asked });
    if (guards !== null && padsLeft && !guards.some(([isAsked]) => isAsked === true)) {
      missing ??= plan.right.types.map((type) => nullVector(type, context, own));
      yield { ...batch, columns: [...batch.columns, ...missing] };
      continue;
    }
    const rows = batchRows(context.memory, batch);
    const out: DatumRow[] = [];
    for (let i = 0; i < rows.length; i++) {
      if (guards !== null && guards[i]![0] !== true) {
        out.push(...joined(plan, rows[i]!, [], context));
        continue;
      }
      const name = datumKey(keys[i]!);
      let inner = remembered.get(name);
      if (inner === undefined) {
        if (remembered.size >= REMEMBERED) remembered.clear();
        inner = await innerRows(compile(bindPlan(plan.right, plan.parameterBase, keys[i]!)), context);
        remembered.set(name, inner);
      }
      out.push(...joined(plan, rows[i]!, inner, context));
      const paused = context.pause();
      if (paused !== undefined) await paused;
    }
    yield* datumRows(out, plan.types, [], context);
  }
}

async function innerRows(input: Batches, context: RunContext): Promise<DatumRow[]> {
  const rows: DatumRow[] = [];
  for await (const batch of input) rows.push(...batchRows(context.memory, batch));
  return rows;
}

function joined(plan: ApplyPlan, left: DatumRow, inner: readonly DatumRow[], context: RunContext): DatumRow[] {
  const pairs = plan.condition === null ? inner : inner.filter((right) => holds(plan, [...left, ...right], context));
  switch (plan.type) {
    case 'semi':
      return pairs.length > 0 ? [left] : [];
    case 'anti':
      return pairs.length > 0 ? [] : [left];
    case 'single':
      if (pairs.length > 1) {
        throw sqlError('cardinality_violation', 'more than one row returned by a subquery used as an expression');
      }
      break;
    case 'inner':
      return pairs.map((right) => [...left, ...right]);
    case 'left':
      break;
  }
  if (pairs.length > 0) return pairs.map((right) => [...left, ...right]);
  return [[...left, ...plan.right.types.map(() => null)]];
}

/** The join condition for one pair. */
function holds(plan: ApplyPlan, pair: DatumRow, context: RunContext): boolean {
  using own = new OperatorMemory(context);
  const builder = new BatchBuilder(own.region, [...plan.left.types, ...plan.right.types], { capacity: 1 });
  builder.append(pair);
  return compilePredicate(plan.condition!, expressionContext(context, own)).select(builder.batch()).count > 0;
}
