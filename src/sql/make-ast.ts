// Short forms for who writes syntax trees by hand: the rewriting of other dialects, statements that stand for queries. `at` is the position
// that errors are blamed on.
import type {
  Expression,
  FromItem,
  FunctionCall,
  Query,
  QueryBody,
  Select,
  SortKey,
  SpecialSyntax,
  Target,
} from './ast.ts';
import type { QualifiedName, TypeName } from './ast-definition.ts';

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

/** A plain call: no DISTINCT, ORDER BY, FILTER or OVER. `syntax`: how it is printed, see ast.ts. */
export function functionCall(
  name: readonly string[],
  values: readonly Expression[],
  syntax: SpecialSyntax | null,
  at: number,
): FunctionCall {
  return {
    kind: 'function',
    name,
    arguments: values.map((value) => ({ name: null, value, position: value.position })),
    syntax,
    star: false,
    distinct: false,
    variadic: false,
    orderBy: [],
    withinGroup: [],
    filter: null,
    nullTreatment: null,
    over: null,
    position: at,
  };
}

/** A call of one of our own functions. */
export function call(
  name: string,
  values: readonly Expression[],
  at: number,
  orderBy: readonly SortKey[] = [],
): FunctionCall {
  return { ...functionCall([name], values, null, at), orderBy };
}

/** extract(field from e), a numeric */
export function extract(field: string, source: Expression, at: number): Expression {
  return functionCall(['pg_catalog', 'extract'], [text(field, at), source], 'extract', at);
}

/** SELECT targets FROM from; without targets, SELECT *. */
export function select(targets: readonly Target[], from: readonly FromItem[], at: number): Select {
  const star: Target = { expression: { kind: 'star', qualifier: [], position: at }, alias: null, position: at };
  return {
    kind: 'select',
    distinct: null,
    targets: targets.length > 0 ? targets : [star],
    into: null,
    from,
    where: null,
    groupBy: [],
    groupByDistinct: false,
    having: null,
    windows: [],
    position: at,
  };
}

/** A body without WITH, ORDER BY, LIMIT. */
export function query(body: QueryBody, at: number): Query {
  const tail = { orderBy: [], limit: null, withTies: false, offset: null, locking: [], emit: null };
  return { kind: 'query', with: null, body, ...tail, position: at };
}

export function fromTable(table: QualifiedName, at: number): FromItem {
  return { kind: 'from_table', table, only: false, alias: null, sample: null, systemTime: null, position: at };
}

export function fromFunction(called: FunctionCall, at: number): FromItem {
  const functions = [{ call: called, columnDefinitions: [], position: at }];
  return {
    kind: 'from_function',
    functions,
    rowsFrom: false,
    lateral: false,
    withOrdinality: false,
    alias: null,
    position: at,
  };
}
