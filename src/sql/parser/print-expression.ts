// Printing expressions: operands that are not atoms get parentheses, so no reader needs the precedence table.
// Subqueries are printed by the function that is passed along, because queries stand above expressions.
import type {
  Expression,
  FrameBound,
  FunctionCall,
  Query,
  SortKey,
  WindowDefinition,
  WindowFrame,
  WindowName,
} from '../ast.ts';
import type { TypeName } from '../ast-definition.ts';
import {
  printName,
  printNames,
  printParts,
  printQualifiedName,
  printString,
  printType,
  printTypedLiteral,
} from './print-name.ts';

export type PrintQuery = (query: Query) => string;

const ATOMS: ReadonlySet<Expression['kind']> = new Set<Expression['kind']>([
  'null',
  'boolean',
  'integer',
  'decimal',
  'string',
  'bit_string',
  'column',
  'star',
  'parameter',
  'exists',
  'subquery',
  'array',
  'array_subquery',
  'row',
  'case',
  'coalesce',
  'nullif',
  'minmax',
  'subscript',
  'slice',
  'field',
  'sql_value',
  'grouping',
  'default',
]);
/** Calls that are printed as infix operators. */
const INFIX_SYNTAX: ReadonlySet<string> = new Set([
  'at_time_zone',
  'at_local',
  'overlaps',
  'is_normalized',
  'is_not_normalized',
]);

/** An operand: in parentheses unless it is an atom. */
function operand(e: Expression, query: PrintQuery): string {
  const text = printExpression(e, query);
  if (ATOMS.has(e.kind)) return text;
  if (e.kind === 'function' && !INFIX_SYNTAX.has(e.syntax ?? '')) return text;
  return `(${text})`;
}

/** An operand of an infix operator, all of which bind looser than ::. */
function infixOperand(e: Expression, query: PrintQuery): string {
  return e.kind === 'cast' ? printExpression(e, query) : operand(e, query);
}

/** What binds tighter than AND and OR. */
const TIGHT: ReadonlySet<string> = new Set(
  'binary is is_distinct like in_list in_subquery quantified_array quantified_subquery cast collate typed_literal'.split(
    ' ',
  ),
);

function conjunct(e: Expression, query: PrintQuery): string {
  return TIGHT.has(e.kind) ? printExpression(e, query) : operand(e, query);
}

function list(expressions: readonly Expression[], query: PrintQuery): string {
  return expressions.map((e) => printExpression(e, query)).join(', ');
}

export function printExpression(e: Expression, query: PrintQuery): string {
  switch (e.kind) {
    case 'null':
      return 'NULL';
    case 'boolean':
      return e.value ? 'true' : 'false';
    case 'integer':
    case 'decimal':
      return e.text;
    case 'string':
      return printString(e.value);
    case 'bit_string':
      return `${e.radix === 2 ? 'B' : 'X'}'${e.digits}'`;
    case 'typed_literal':
      return printTypedLiteral(e.type, e.value, (inner) => printExpression(inner, query));
    case 'column':
      return printParts(e.parts);
    case 'star':
      return [...e.qualifier.map(printName), `*${printExcept(e.except)}`].join('.');
    case 'parameter':
      return `$${e.index}`;
    case 'and':
    case 'or':
      return e.operands.map((inner) => conjunct(inner, query)).join(e.kind === 'and' ? ' AND ' : ' OR ');
    case 'not':
      return `NOT ${operand(e.operand, query)}`;
    case 'row':
      return `${e.explicit ? 'ROW' : ''}(${list(e.elements, query)})`;
    case 'array':
      return `ARRAY${printElements(e.elements, query)}`;
    case 'case':
      return printCase(e, query);
    case 'coalesce':
      return `COALESCE(${list(e.arguments, query)})`;
    case 'nullif':
      return `NULLIF(${printExpression(e.left, query)}, ${printExpression(e.right, query)})`;
    case 'minmax':
      return `${e.form.toUpperCase()}(${list(e.arguments, query)})`;
    case 'cast':
      return `${operand(e.operand, query)}::${printExpressionType(e.type, query)}`;
    case 'collate':
      return `${operand(e.operand, query)} COLLATE ${printParts(e.collation)}`;
    case 'function':
      return printCall(e, query);
    case 'sql_value':
      return e.name.toUpperCase() + (e.precision === null ? '' : `(${e.precision})`);
    case 'grouping':
      return `GROUPING(${list(e.arguments, query)})`;
    case 'default':
      return 'DEFAULT';
    case 'current_of':
      return `CURRENT OF ${printName(e.cursor)}`;
    case 'table_argument':
      return printTableArgument(e, query);
    case 'descriptor':
      return `DESCRIPTOR(${printNames(e.columns)})`;
    case 'exists':
    case 'subquery':
    case 'array_subquery':
    case 'in_subquery':
    case 'quantified_subquery':
      return printSubquery(e, query);
    case 'subscript':
    case 'slice':
    case 'field':
    case 'field_star':
      return printIndirection(e, query);
    default:
      return printOperator(e, query);
  }
}

export function printExpressionType(type: TypeName, query: PrintQuery): string {
  return printType(type, (inner) => printExpression(inner, query));
}

type Of<K extends Expression['kind']> = Extract<Expression, { kind: K }>;

type OperatorKind = 'unary' | 'binary' | 'is' | 'is_distinct' | 'between' | 'in_list' | 'like' | 'quantified_array';

function printOperator(e: Of<OperatorKind>, query: PrintQuery): string {
  const not = 'negated' in e && e.negated ? 'NOT ' : '';
  switch (e.kind) {
    case 'unary': {
      const name = printOperatorName(e.operator, e.operatorSchema);
      // a blank where two signs would join to a comment or another operator
      return `${name}${e.operator === '-' || e.operator === '+' ? '' : ' '}${operand(e.operand, query)}`;
    }
    case 'binary': {
      const name = printOperatorName(e.operator, e.operatorSchema);
      return `${infixOperand(e.left, query)} ${name} ${infixOperand(e.right, query)}`;
    }
    case 'is':
      return `${operand(e.operand, query)} IS ${not}${e.test.toUpperCase()}`;
    case 'is_distinct':
      return `${operand(e.left, query)} IS ${not}DISTINCT FROM ${operand(e.right, query)}`;
    case 'between': {
      const symmetric = e.symmetric ? 'SYMMETRIC ' : '';
      const bounds = `${operand(e.low, query)} AND ${operand(e.high, query)}`;
      return `${operand(e.operand, query)} ${not}BETWEEN ${symmetric}${bounds}`;
    }
    case 'in_list':
      return `${operand(e.operand, query)} ${not}IN (${list(e.list, query)})`;
    case 'like': {
      const word = e.form === 'similar' ? 'SIMILAR TO' : e.form.toUpperCase();
      const mark = e.escape === null ? '' : ` ESCAPE ${operand(e.escape, query)}`;
      return `${operand(e.operand, query)} ${not}${word} ${operand(e.pattern, query)}${mark}`;
    }
    case 'quantified_array': {
      const name = printOperatorName(e.operator, e.operatorSchema);
      const array = printExpression(e.array, query);
      return `${operand(e.left, query)} ${name} ${e.quantifier.toUpperCase()} (${array})`;
    }
  }
}

function printOperatorName(operator: string, schema: readonly string[]): string {
  return schema.length === 0 ? operator : `OPERATOR(${schema.map(printName).join('.')}.${operator})`;
}

function printSubquery(
  e: Of<'exists' | 'subquery' | 'array_subquery' | 'in_subquery' | 'quantified_subquery'>,
  query: PrintQuery,
): string {
  const inner = `(${query(e.query)})`;
  switch (e.kind) {
    case 'exists':
      return `EXISTS ${inner}`;
    case 'subquery':
      return inner;
    case 'array_subquery':
      return `ARRAY${inner}`;
    case 'in_subquery':
      return `${operand(e.operand, query)} ${e.negated ? 'NOT ' : ''}IN ${inner}`;
    case 'quantified_subquery': {
      const name = printOperatorName(e.operator, e.operatorSchema);
      return `${operand(e.left, query)} ${name} ${e.quantifier.toUpperCase()} ${inner}`;
    }
  }
}

/** What can carry a subscript or a field without parentheses. */
const CARRIERS: ReadonlySet<Expression['kind']> = new Set<Expression['kind']>([
  'parameter',
  'subscript',
  'slice',
  'field',
  'subquery',
]);

function printExcept(names: readonly string[] = []): string {
  return names.length === 0 ? '' : ` EXCEPT (${names.map(printName).join(', ')})`;
}

function printIndirection(e: Of<'subscript' | 'slice' | 'field' | 'field_star'>, query: PrintQuery): string {
  const inner = printExpression(e.operand, query);
  const subscripted = e.kind === 'subscript' || e.kind === 'slice';
  const bare = CARRIERS.has(e.operand.kind) || (subscripted && e.operand.kind === 'column');
  const carrier = bare ? inner : `(${inner})`;
  switch (e.kind) {
    case 'subscript':
      return `${carrier}[${printExpression(e.index, query)}]`;
    case 'slice': {
      const lower = e.lower === null ? '' : printExpression(e.lower, query);
      const upper = e.upper === null ? '' : printExpression(e.upper, query);
      return `${carrier}[${lower}:${upper}]`;
    }
    case 'field':
      return `${carrier}.${printName(e.field)}`;
    case 'field_star':
      return `${carrier}.*`;
  }
}

/** Inner arrays of a nested one are printed without the word. */
function printElements(elements: readonly Expression[], query: PrintQuery): string {
  const nested = elements.length > 0 && elements.every((e) => e.kind === 'array');
  const parts = elements.map((e) =>
    nested && e.kind === 'array' ? printElements(e.elements, query) : printExpression(e, query),
  );
  return `[${parts.join(', ')}]`;
}

function printCase(e: Of<'case'>, query: PrintQuery): string {
  const branches = e.branches.map(
    ({ condition, result }) => `WHEN ${printExpression(condition, query)} THEN ${printExpression(result, query)}`,
  );
  const subject = e.operand === null ? '' : ` ${printExpression(e.operand, query)}`;
  const otherwise = e.otherwise === null ? '' : ` ELSE ${printExpression(e.otherwise, query)}`;
  return `CASE${subject} ${branches.join(' ')}${otherwise} END`;
}

function printTableArgument(e: Of<'table_argument'>, query: PrintQuery): string {
  const source = e.table === null ? `(${query(e.query!)})` : printQualifiedName(e.table);
  const partition = e.partitionBy.length === 0 ? '' : ` PARTITION BY (${list(e.partitionBy, query)})`;
  const order = e.orderBy.length === 0 ? '' : ` ORDER BY (${printSortKeys(e.orderBy, query)})`;
  return `TABLE ${source}${partition}${order}`;
}

// ------------------------------------------------------------------------------------------------------- calls and windows
function printCall(call: FunctionCall, query: PrintQuery): string {
  const special = call.syntax === null ? null : printSpecial(call, query);
  const text = special ?? `${printParts(call.name)}(${printArguments(call, query)})`;
  const within =
    call.withinGroup.length === 0 ? '' : ` WITHIN GROUP (ORDER BY ${printSortKeys(call.withinGroup, query)})`;
  const filter = call.filter === null ? '' : ` FILTER (WHERE ${printExpression(call.filter, query)})`;
  const nulls = call.nullTreatment === null ? '' : ` ${call.nullTreatment.toUpperCase()} NULLS`;
  return `${text}${within}${filter}${nulls}${call.over === null ? '' : ` OVER ${printOver(call.over, query)}`}`;
}

function printArguments(call: FunctionCall, query: PrintQuery): string {
  if (call.star) return '*';
  const args = call.arguments.map(({ name, value }, at) => {
    const variadic = call.variadic && at === call.arguments.length - 1 ? 'VARIADIC ' : '';
    return `${variadic}${name === null ? '' : `${printName(name)} => `}${printExpression(value, query)}`;
  });
  return `${call.distinct ? 'DISTINCT ' : ''}${args.join(', ')}${printOrderBy(call.orderBy, query)}`;
}

function printSpecial(call: FunctionCall, query: PrintQuery): string {
  const values = call.arguments.map((argument) => argument.value);
  const text = (at: number): string => printExpression(values[at]!, query);
  const inner = (at: number): string => operand(values[at]!, query);
  const third = (word: string): string => (values.length > 2 ? ` ${word} ${text(2)}` : '');
  switch (call.syntax!) {
    case 'extract':
      return `EXTRACT(${text(0)} FROM ${text(1)})`;
    case 'position':
      return `POSITION(${inner(1)} IN ${inner(0)})`;
    case 'substring':
      return `SUBSTRING(${text(0)} FROM ${text(1)}${third('FOR')})`;
    case 'substring_similar':
      return `SUBSTRING(${text(0)} SIMILAR ${text(1)}${third('ESCAPE')})`;
    case 'overlay':
      return `OVERLAY(${text(0)} PLACING ${text(1)} FROM ${text(2)}${values.length > 3 ? ` FOR ${text(3)}` : ''})`;
    case 'trim': {
      const side = call.name[1] === 'ltrim' ? 'LEADING' : call.name[1] === 'rtrim' ? 'TRAILING' : 'BOTH';
      if (values.length === 2) return `TRIM(${side} ${text(1)} FROM ${text(0)})`;
      return `TRIM(${side} FROM ${list(values, query)})`;
    }
    case 'at_time_zone':
      return `${inner(1)} AT TIME ZONE ${inner(0)}`;
    case 'at_local':
      return `${inner(0)} AT LOCAL`;
    case 'collation_for':
      return `COLLATION FOR (${text(0)})`;
    case 'overlaps':
      return `(${text(0)}, ${text(1)}) OVERLAPS (${text(2)}, ${text(3)})`;
    case 'normalize':
      return `NORMALIZE(${text(0)}${values.length > 1 ? `, ${formName(values[1]!)}` : ''})`;
    case 'is_normalized':
    case 'is_not_normalized': {
      const not = call.syntax === 'is_not_normalized' ? 'NOT ' : '';
      return `${inner(0)} IS ${not}${values.length > 1 ? `${formName(values[1]!)} ` : ''}NORMALIZED`;
    }
  }
}

function formName(form: Expression): string {
  return form.kind === 'string' ? form.value : 'NFC';
}

export function printOrderBy(keys: readonly SortKey[], query: PrintQuery): string {
  return keys.length === 0 ? '' : ` ORDER BY ${printSortKeys(keys, query)}`;
}

function printSortKeys(keys: readonly SortKey[], query: PrintQuery): string {
  return keys
    .map((key) => {
      const using = key.using === null ? '' : ` USING ${key.using}`;
      const direction = key.direction === null ? '' : ` ${key.direction.toUpperCase()}`;
      const nulls = key.nulls === null ? '' : ` NULLS ${key.nulls.toUpperCase()}`;
      return `${printExpression(key.expression, query)}${using}${direction}${nulls}`;
    })
    .join(', ');
}

function printOver(over: WindowDefinition | WindowName, query: PrintQuery): string {
  return over.kind === 'window_name' ? printName(over.name) : printWindow(over, query);
}

export function printWindow(window: WindowDefinition, query: PrintQuery): string {
  const keys = list(window.partitionBy, query);
  const parts = [
    window.base === null ? '' : printName(window.base),
    keys === '' ? '' : `PARTITION BY ${keys}`,
    printOrderBy(window.orderBy, query).trim(),
    window.frame === null ? '' : printFrame(window.frame, query),
  ];
  return `(${parts.filter((part) => part !== '').join(' ')})`;
}

function printFrame(frame: WindowFrame, query: PrintQuery): string {
  const start = printBound(frame.start, query);
  const range = frame.end === null ? start : `BETWEEN ${start} AND ${printBound(frame.end, query)}`;
  const exclude = frame.exclude === null ? '' : ` EXCLUDE ${frame.exclude.replace('_', ' ').toUpperCase()}`;
  return `${frame.mode.toUpperCase()} ${range}${exclude}`;
}

function printBound(bound: FrameBound, query: PrintQuery): string {
  const words = bound.kind.replace('_', ' ').toUpperCase();
  return bound.offset === null ? words : `${operand(bound.offset, query)} ${words}`;
}
