// Rows by the keys of an index. Where the index cannot tell what this snapshot sees (it knows the newest state), the scan that the lookup
// stands for runs instead.
import { after, type Maybe } from '../../base/maybe.ts';
import { allocateVector, BATCH_ROWS, type Batch, type Vector } from '../../columns/batch.ts';
import { buildBatch } from '../../columns/batch-builder.ts';
import { readDatum } from '../../columns/datum-vector.ts';
import type { SharedMemory } from '../../columns/memory.ts';
import { Region } from '../../columns/region.ts';
import type { Snapshot } from '../../columns/row-group.ts';
import type { BatchPlan, KeyValues } from '../../plan/batch.ts';
import type { Expression } from '../../plan/expression.ts';
import type { Datum } from '../../types/datum.ts';
import { INT8 } from '../../types/sql-type.ts';
import { compileExpression } from '../expressions/compile-expression.ts';
import { compilePredicate, type Predicate } from '../expressions/compile-predicate.ts';
import type { ExpressionContext } from '../expressions/expression-context.ts';
import { type Batches, expressionContext, OperatorMemory, type RunContext } from './batch-context.ts';
import { conjunction, narrowed } from './scan.ts';

type LookupPlan = Extract<BatchPlan, { kind: 'index-lookup' }>;

/** More keys than this, from arrays, are left to the scan. */
const MAX_KEYS = 10_000;

export async function* lookupRows(plan: LookupPlan, scan: () => Batches, context: RunContext): Batches {
  using own = new OperatorMemory(context);
  const keys = keyTuples(plan, context, own);
  const rowIds = keys === null ? null : await findRows(plan, keys, context, own);
  const { snapshot } = context.batch;
  if (rowIds === null) {
    yield* scan();
    return;
  }
  const predicate = otherConditions(plan, expressionContext(context, own));
  for (let from = 0, to = 0; from < rowIds.length; from = to) {
    const paused = context.pause();
    if (paused !== undefined) await paused;
    own.heap.reset();
    to = from + context.rows();
    const part = rowIds.slice(from, to);
    const region = new Region(context.arena, context.owner);
    try {
      const kept = narrowed(await fetchRows(plan, part, region, { snapshot, memory: context.memory }), predicate);
      if (kept !== null) yield kept;
    } finally {
      region.release();
    }
  }
}

/** What the keys do not stand for; all, where the index is not unique: it gives rows with the key's hash. */
export function otherConditions(plan: LookupPlan, context: ExpressionContext): Predicate | null {
  const { filters } = plan.scan;
  const condition = conjunction(plan.index.unique ? filters.filter((_, i) => !plan.conditions.includes(i)) : filters);
  return condition === null ? null : compilePredicate(condition, context);
}

/** Rows by their ids as the plan's batch, in `region`. */
export function fetchRows(
  plan: LookupPlan,
  rowIds: readonly number[],
  region: Region,
  { snapshot, memory }: { readonly snapshot: Snapshot; readonly memory: SharedMemory },
): Maybe<Batch> {
  const { relation, attributes } = plan.scan;
  const stored = attributes.filter((attribute) => attribute !== 0);
  return after(snapshot.rows!(relation, rowIds, stored, region), (vectors) => {
    let next = 0;
    const columns = attributes.map((attribute, i): Vector => {
      const stored = attribute === 0 ? undefined : vectors[next++]!;
      if (stored !== undefined) return { ...stored, type: plan.types[i]!, pinned: stored.pinned ?? true };
      const vector = allocateVector(region, INT8, rowIds.length);
      rowIds.forEach((rowId, row) => {
        memory.i64[vector.data / 8 + row] = BigInt(rowId);
      });
      return vector;
    });
    return { columns, count: rowIds.length, selection: 0, weights: 0 };
  });
}

/** Ids of the visible rows under the keys; null: the index cannot tell. */
async function findRows(
  plan: LookupPlan,
  keys: readonly (readonly Datum[])[],
  context: RunContext,
  own: OperatorMemory,
): Promise<number[] | null> {
  const { snapshot } = context.batch;
  if (snapshot.find === undefined || snapshot.rows === undefined) return null;
  const types = plan.index.types;
  const all = new Set<number>();
  for (let from = 0; from < keys.length; from += BATCH_ROWS) {
    const part = keys.slice(from, from + BATCH_ROWS);
    const { columns } = buildBatch(own.region, types, part);
    for (let row = 0; row < part.length; row++) {
      const found = snapshot.find(plan.scan.relation, plan.index, columns, row);
      const rowIds = found instanceof Promise ? await found : found;
      if (rowIds === 'scan') return null;
      for (const rowId of rowIds) all.add(rowId);
    }
  }
  return [...all].sort((a, b) => a - b);
}

/** All combinations of the key columns' values, NULLs left out: they equal nothing. null: too many. */
function keyTuples(plan: LookupPlan, context: RunContext, own: OperatorMemory): (readonly Datum[])[] | null {
  let tuples: Datum[][] = [[]];
  for (const values of plan.key) {
    const items = keyItems(values, context, own);
    if (tuples.length * items.length > MAX_KEYS) return null;
    const longer: Datum[][] = [];
    for (const tuple of tuples) for (const item of items) longer.push([...tuple, item]);
    tuples = longer;
  }
  return tuples;
}

function keyItems(values: KeyValues, context: RunContext, own: OperatorMemory): Datum[] {
  if (values.kind === 'items') {
    return values.items.map((item) => keyValue(item, context, own)).filter((value) => value !== null);
  }
  const array = keyValue(values.array, context, own);
  if (array === null || typeof array !== 'object' || !('elements' in array)) return [];
  return array.elements.filter((element): element is Datum => element !== null);
}

function keyValue(expression: Expression, context: RunContext, own: OperatorMemory): Datum | null {
  if (expression.kind === 'constant') return expression.value;
  const nothing: Batch = { columns: [], count: 1, selection: 0, weights: 0 };
  const vector = compileExpression(expression, expressionContext(context, own)).evaluate(nothing, 0, 1);
  return readDatum(context.memory, vector, 0);
}
