// Parameters to constants in a planned statement, before it runs. Parameters of an apply's right side (index from its base on)
// stay: they are bound row by row.
import type { Datum } from '../types/datum.ts';
import type { SqlType } from '../types/sql-type.ts';
import type { BatchPlan } from './batch.ts';
import type { Expression } from './expression.ts';

export interface BoundParameter {
  readonly type: SqlType;
  readonly value: Datum | null;
}

type Parameters = readonly BoundParameter[];
/** Makes the node anew with the parameters in it; null: there are none below it. */
type Binder = ((parameters: Parameters) => object) | null;

/** Plans are remembered and bound again and again: the ways to their parameters are found once. */
const BINDERS = new WeakMap<object, Binder>();

/** The plan itself when there is nothing to bind. */
export function bindParameters(plan: BatchPlan, parameters: Parameters): BatchPlan {
  return parameters.length === 0 ? plan : (bind(plan, parameters) as BatchPlan);
}

function bind(plan: object, parameters: Parameters): object {
  let binder = BINDERS.get(plan);
  if (binder === undefined) {
    binder = binderOf(plan);
    BINDERS.set(plan, binder);
  }
  return binder === null ? plan : binder(parameters);
}

/** Plans are plain data, so the ways through objects and arrays reach every expression; parts without parameters keep their identity. */
function binderOf(node: object): Binder {
  const { kind } = node as Partial<Expression>;
  if (kind === 'parameter') {
    const { index, type } = node as Extract<Expression, { kind: 'parameter' }>;
    return (parameters) => {
      const parameter = parameters[index];
      return parameter === undefined ? node : { kind: 'constant', type, value: parameter.value };
    };
  }
  if (node instanceof Uint8Array || kind === 'constant') return null;
  const ways: { readonly key: string; readonly binder: NonNullable<Binder> }[] = [];
  for (const [key, value] of Object.entries(node)) {
    const binder = typeof value === 'object' && value !== null ? binderOf(value) : null;
    if (binder !== null) ways.push({ key, binder });
  }
  if (ways.length === 0) return null;
  return (parameters) => {
    const bound = (Array.isArray(node) ? node.slice() : { ...node }) as Record<string, object>;
    for (const { key, binder } of ways) bound[key] = binder(parameters);
    return bound;
  };
}
