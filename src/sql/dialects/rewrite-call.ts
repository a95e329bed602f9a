// Functions of Spark, Hive, Flink and MySQL whose meaning is a different shape here: a CASE, a cast, an operator, an array.
// Functions that only need another name are in RENAMED; those we have under their own name are left alone.
import type { Expression, FunctionCall } from '../ast.ts';
import type { TypeName } from '../ast-definition.ts';

const RENAMED: ReadonlyMap<string, string> = new Map([
  ['explode', 'unnest'],
  ['size', 'cardinality'],
  ['split', 'regexp_split_to_array'],
  ['instr', 'strpos'],
  ['ucase', 'upper'],
  ['lcase', 'lower'],
  ['mean', 'avg'],
  ['std', 'stddev'],
]);
const FIELDS: ReadonlyMap<string, string> = new Map([
  ['year', 'year'],
  ['quarter', 'quarter'],
  ['month', 'month'],
  ['weekofyear', 'week'],
  ['day', 'day'],
  ['dayofmonth', 'day'],
  ['dayofyear', 'doy'],
  ['hour', 'hour'],
  ['minute', 'minute'],
  ['second', 'second'],
]);

/** The name a function has here. */
export function renameFunction(name: readonly string[]): readonly string[] {
  const renamed = name.length === 1 ? RENAMED.get(name[0]!) : undefined;
  return renamed === undefined ? name : [renamed];
}

function systemType(name: string, position: number): TypeName {
  const base = { modifiers: [], arrayBounds: [], setOf: false, intervalFields: null, percentType: false };
  return { ...base, name: ['pg_catalog', name], position };
}

/** A call as its PostgreSQL form; the call itself when it needs none. */
export function rewriteCall(call: FunctionCall): Expression {
  if (call.name.length !== 1 || call.star || call.distinct || call.over !== null) return call;
  const { position } = call;
  const name = call.name[0]!;
  const args = call.arguments.map((argument) => argument.value);
  const [first, second, third] = args;
  if (name === 'array') return { kind: 'array', elements: args, position };
  if (first === undefined) return call;
  const field = args.length === 1 ? FIELDS.get(name) : undefined;
  if (field !== undefined) return extractField(field, first, position);
  switch (name) {
    case 'if':
    case 'iff':
      return second === undefined ? call : choose(first, second, third ?? null, position);
    case 'nvl':
    case 'ifnull':
      return { kind: 'coalesce', arguments: args, position };
    case 'nvl2': {
      if (second === undefined || third === undefined) return call;
      return choose({ kind: 'is', test: 'null', negated: true, operand: first, position }, second, third, position);
    }
    case 'isnull':
    case 'isnotnull':
      return { kind: 'is', test: 'null', negated: name === 'isnotnull', operand: first, position };
    case 'to_date':
      return args.length === 1 ? { kind: 'cast', operand: first, type: systemType('date', position), position } : call;
    case 'date_add':
    case 'date_sub':
      return second === undefined ? call : addDays(name === 'date_add' ? '+' : '-', first, second, position);
    case 'datediff':
      return args.length === 2 ? binary('-', toDate(first), toDate(second!), position) : call;
    case 'approx_count_distinct':
      return { ...call, name: ['count'], distinct: true };
    default:
      return call;
  }
}

function choose(condition: Expression, result: Expression, otherwise: Expression | null, position: number): Expression {
  return { kind: 'case', operand: null, branches: [{ condition, result, position }], otherwise, position };
}

function binary(operator: string, left: Expression, right: Expression, position: number): Expression {
  return { kind: 'binary', operator, operatorSchema: [], left, right, position };
}

function toDate(operand: Expression): Expression {
  return { kind: 'cast', operand, type: systemType('date', operand.position), position: operand.position };
}

function addDays(operator: string, date: Expression, days: Expression, position: number): Expression {
  return binary(operator, toDate(date), days, position);
}

/** year(x) is an integer there; extract gives a numeric here. */
function extractField(field: string, source: Expression, position: number): Expression {
  const value: Expression = { kind: 'string', value: field, position };
  const operand: Expression = {
    kind: 'function',
    name: ['pg_catalog', 'extract'],
    arguments: [value, source].map((argument) => ({ name: null, value: argument, position })),
    syntax: 'extract',
    star: false,
    distinct: false,
    variadic: false,
    orderBy: [],
    withinGroup: [],
    filter: null,
    nullTreatment: null,
    over: null,
    position,
  };
  return { kind: 'cast', operand, type: systemType('int4', position), position };
}
