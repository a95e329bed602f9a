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

/** Plans are remembered and bound again and again: what has no parameter in it is walked once. */
const KNOWN = new WeakMap<object, boolean>();

/** The plan itself when there is nothing to bind. */
export function bindParameters(plan: BatchPlan, parameters: readonly BoundParameter[]): BatchPlan {
  return parameters.length === 0 ? plan : (bind(plan, parameters) as BatchPlan);
}

export function bindModifyParameters(plan: ModifyPlan, parameters: readonly BoundParameter[]): ModifyPlan {
  return parameters.length === 0 ? plan : (bind(plan, parameters) as ModifyPlan);
}

/** Plans are plain data, so one walk over objects and arrays reaches every expression; unchanged parts keep their identity. */
function bind(node: unknown, parameters: readonly BoundParameter[]): unknown {
  if (!hasParameters(node)) return node;
  if (Array.isArray(node)) {
    const items = node.map((item) => bind(item, parameters));
    return items.every((item, i) => item === node[i]) ? node : items;
  }
  const expression = node as Expression;
  if (expression.kind === 'parameter') {
    const parameter = parameters[expression.index];
    return parameter === undefined ? node : { kind: 'constant', type: expression.type, value: parameter.value };
  }
  let changed: Record<string, unknown> | null = null;
  for (const [key, value] of Object.entries(expression)) {
    const next = bind(value, parameters);
    if (next === value) continue;
    changed ??= { ...expression };
    changed[key] = next;
  }
  return changed ?? node;
}

function hasParameters(node: unknown): boolean {
  if (typeof node !== 'object' || node === null || node instanceof Uint8Array) return false;
  const known = KNOWN.get(node);
  if (known !== undefined) return known;
  const { kind } = node as Partial<Expression>;
  const found = kind === 'parameter' || (kind !== 'constant' && Object.values(node).some(hasParameters));
  KNOWN.set(node, found);
  return found;
}
