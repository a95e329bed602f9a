// Expressions as SQL-like text for EXPLAIN: operators infix, literals quoted with their type, columns by name.
import type { Datum } from '../types/datum.ts';
import type { SqlType } from '../types/sql-type.ts';
import { typeOperations } from '../types/type-operations.ts';
import { formatType } from '../types/type-table.ts';
import type { AggregateCall, CallExpression, Expression, SortKey } from './expression.ts';

/** How a column or input position is called. */
export type Namer = (e: Extract<Expression, { kind: 'column' | 'input' }>) => string;

const NUMBERS: ReadonlySet<string> = new Set(['int2', 'int4', 'int8', 'numeric', 'oid', 'float4', 'float8']);

function literal(value: Datum | null, type: SqlType): string {
  if (value === null) return `NULL::${formatType(type)}`;
  if (typeof value === 'boolean') return String(value);
  const text = typeOperations(type).formatText(value, type);
  if (NUMBERS.has(type.name)) return text.startsWith('-') ? `'${text}'::${formatType(type)}` : text;
  return `'${text.replaceAll("'", "''")}'::${formatType(type)}`;
}

/** The function's name in an id such as "sum(int4)". */
export function functionName(id: string): string {
  const at = id.indexOf('(');
  return at < 0 ? id : id.slice(0, at);
}

function callText(call: CallExpression, name: Namer): string {
  const args = call.args.map((arg) => expressionText(arg, name));
  const own = functionName(call.function);
  if (call.function.startsWith('cast(')) return `(${args[0]})::${formatType(call.type)}`;
  if (/^[^a-z_]+$/i.test(own)) return args.length === 1 ? `(${own} ${args[0]})` : `(${args.join(` ${own} `)})`;
  return `${own}(${args.join(', ')})`;
}

export function expressionText(e: Expression, name: Namer): string {
  const text = (inner: Expression): string => expressionText(inner, name);
  const list = (items: readonly Expression[]): string => items.map(text).join(', ');
  switch (e.kind) {
    case 'constant':
      return literal(e.value, e.type);
    case 'column':
    case 'input':
      return name(e);
    case 'parameter':
      return `$${e.index + 1}`;
    case 'call':
      return callText(e, name);
    case 'and':
    case 'or':
      return `(${e.args.map(text).join(` ${e.kind.toUpperCase()} `)})`;
    case 'not':
      return `(NOT ${text(e.arg)})`;
    case 'is-null':
      return `(${text(e.arg)} IS ${e.negated ? 'NOT ' : ''}NULL)`;
    case 'is-distinct':
      return `(${text(e.left)} IS ${e.negated ? 'NOT ' : ''}DISTINCT FROM ${text(e.right)})`;
    case 'case': {
      const branches = e.branches.map((branch) => `WHEN ${text(branch.when)} THEN ${text(branch.then)}`);
      return `CASE ${branches.join(' ')}${e.otherwise === null ? '' : ` ELSE ${text(e.otherwise)}`} END`;
    }
    case 'coalesce':
      return e.args.length === 1 ? `(${list(e.args)})::${formatType(e.type)}` : `COALESCE(${list(e.args)})`;
    case 'in-list':
      return `(${text(e.arg)} ${e.negated ? 'NOT IN' : 'IN'} (${list(e.items)}))`;
    case 'quantified-array':
      return `(${text(e.arg)} ${functionName(e.operator)} ${e.all ? 'ALL' : 'ANY'} (${text(e.array)}))`;
    case 'array':
      return `ARRAY[${list(e.elements)}]`;
    case 'row':
      return `ROW(${list(e.fields)})`;
    case 'field':
      return `(${text(e.arg)}).${e.arg.type.fields?.[e.index]?.name ?? `f${e.index + 1}`}`;
    case 'subquery':
      return `(${e.form} subquery)`;
  }
}

export function sortKeyText(key: SortKey, name: Namer): string {
  const direction = key.descending ? ' DESC' : '';
  const nulls = key.nullsFirst === key.descending ? '' : ` NULLS ${key.nullsFirst ? 'FIRST' : 'LAST'}`;
  return `${expressionText(key.expression, name)}${direction}${nulls}`;
}

export function aggregateText(call: AggregateCall, name: Namer): string {
  const own = functionName(call.function);
  const args = call.function === 'count()' ? '*' : call.args.map((arg) => expressionText(arg, name)).join(', ');
  const order =
    call.orderBy.length === 0 ? '' : ` ORDER BY ${call.orderBy.map((key) => sortKeyText(key, name)).join(', ')}`;
  const filter = call.filter === null ? '' : ` FILTER (WHERE ${expressionText(call.filter, name)})`;
  return `${own}(${call.distinct ? 'DISTINCT ' : ''}${args}${order})${filter}`;
}
