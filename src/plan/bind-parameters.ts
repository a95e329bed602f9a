// Parameters to constants in a planned statement, before it runs. Parameters of an apply's right side (index from its base on)
// stay: they are bound row by row.
import type { Datum } from '../types/datum.ts';
import type { SqlType } from '../types/sql-type.ts';
import type { BatchPlan, ModifyPlan } from './batch.ts';
import type { Expression } from './expression.ts';

export interface BoundParameter {
  readonly type: SqlType;
  readonly value: Datum | null;
}

/** The keys below which a node has parameters. Plans are remembered and bound again and again: each node is looked through once. */
const ROADS = new WeakMap<object, readonly string[]>();
const NONE: readonly string[] = [];

/** The plan itself when there is nothing to bind. */
export function bindParameters(plan: BatchPlan, parameters: readonly BoundParameter[]): BatchPlan {
  return parameters.length === 0 ? plan : (bind(plan, parameters) as BatchPlan);
}

export function bindModifyParameters(plan: ModifyPlan, parameters: readonly BoundParameter[]): ModifyPlan {
  return parameters.length === 0 ? plan : (bind(plan, parameters) as ModifyPlan);
}

/** Plans are plain data, so the roads through objects and arrays reach every expression; unchanged parts keep their identity. */
function bind(node: object, parameters: readonly BoundParameter[]): object {
  if ((node as Expression).kind === 'parameter') {
    const { index, type } = node as Extract<Expression, { kind: 'parameter' }>;
    const parameter = parameters[index];
    return parameter === undefined ? node : { kind: 'constant', type, value: parameter.value };
  }
  let changed: Record<string, object> | null = null;
  for (const key of roads(node)) {
    const value = (node as Record<string, object>)[key]!;
    const next = bind(value, parameters);
    if (next === value) continue;
    changed ??= (Array.isArray(node) ? node.slice() : { ...node }) as Record<string, object>;
    changed[key] = next;
  }
  return changed ?? node;
}

function roads(node: object): readonly string[] {
  const known = ROADS.get(node);
  if (known !== undefined) return known;
  const isLeaf = node instanceof Uint8Array || (node as Partial<Expression>).kind === 'constant';
  const found = isLeaf ? NONE : Object.keys(node).filter((key) => leads((node as Record<string, unknown>)[key]));
  ROADS.set(node, found.length === 0 ? NONE : found);
  return found;
}

/** Whether a parameter is at or below `value`. */
function leads(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return (value as Partial<Expression>).kind === 'parameter' || roads(value).length > 0;
}
