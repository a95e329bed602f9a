// Short forms in which the rewriting of other dialects makes expressions of ours. `at` is the position they are blamed for.
import type { Expression, FunctionCall, SortKey } from '../ast.ts';
import type { TypeName } from '../ast-definition.ts';

export function integer(value: number, at: number): Expression {
  return { kind: 'integer', text: String(value), position: at };
}

export function text(value: string, at: number): Expression {
  return { kind: 'string', value, position: at };
}

/** One of our own types, whatever the search path says. */
export function cast(operand: Expression, type: string, at: number): Expression {
  const base = { modifiers: [], arrayBounds: [], setOf: false, intervalFields: null, percentType: false };
  const name: TypeName = { ...base, name: ['pg_catalog', type], position: at };
  return { kind: 'cast', operand, type: name, position: at };
}

export function binary(operator: string, left: Expression, right: Expression, at: number): Expression {
  return { kind: 'binary', operator, operatorSchema: [], left, right, position: at };
}

export function choose(
  condition: Expression,
  result: Expression,
  otherwise: Expression | null,
  at: number,
): Expression {
  return { kind: 'case', operand: null, branches: [{ condition, result, position: at }], otherwise, position: at };
}

export function isNull(operand: Expression, negated: boolean, at: number): Expression {
  return { kind: 'is', test: 'null', negated, operand, position: at };
}

/** A call of one of our own functions. */
export function call(
  name: string,
  values: readonly Expression[],
  at: number,
  orderBy: readonly SortKey[] = [],
): FunctionCall {
  return {
    kind: 'function',
    name: [name],
    arguments: values.map((value) => ({ name: null, value, position: value.position })),
    syntax: null,
    star: false,
    distinct: false,
    variadic: false,
    orderBy,
    withinGroup: [],
    filter: null,
    nullTreatment: null,
    over: null,
    position: at,
  };
}

/** extract(field from e), a numeric */
export function extract(field: string, source: Expression, at: number): Expression {
  return { ...call('extract', [text(field, at), source], at), name: ['pg_catalog', 'extract'], syntax: 'extract' };
}
