// Expressions that the catalog keeps as text: defaults, CHECK conditions, generated columns. They are checked when they are
// defined, with PostgreSQL's texts; what they name by 'x'::regclass is kept by oid, so that renaming changes nothing and DROP finds it.
import type { Column } from '../../catalog/objects.ts';
import { SqlError, sqlError } from '../../errors/sql-error.ts';
import type { Expression as BoundExpression, PlanColumn } from '../../plan/expression.ts';
import { childExpressions, someExpression } from '../../plan/walk-expression.ts';
import type { Expression } from '../../sql/ast.ts';
import { bindScalarExpression } from '../../sql/binder/bind-statement.ts';
import { printExpression } from '../../sql/parser/print.ts';
import { formatTypeName } from '../../types/type-table.ts';
import { relationOid } from '../relation-names.ts';
import type { SessionState } from '../session-state.ts';

const SUBQUERIES = new Set(['subquery', 'exists', 'in_subquery', 'quantified_subquery', 'array_subquery']);
const SEQUENCE_FUNCTIONS = new Set(['nextval', 'currval', 'setval']);
const PLAIN_LITERALS = new Set(['bool', 'int2', 'int4', 'int8', 'float4', 'float8', 'numeric', 'oid']);
const POSITION = 0;

type Syntax = { readonly kind?: string; readonly position?: number };

/** A copy of the syntax tree in which `change` replaced nodes; undefined keeps a node and enters it. */
export function rewriteSyntax<T>(node: T, change: (node: Syntax) => unknown): T {
  if (typeof node !== 'object' || node === null) return node;
  if (Array.isArray(node)) return node.map((one) => rewriteSyntax(one, change)) as T;
  const changed = change(node as Syntax);
  if (changed !== undefined) return changed as T;
  return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, rewriteSyntax(value, change)])) as T;
}

export function eachNode(root: unknown, visit: (node: Syntax) => void): void {
  rewriteSyntax(root, (node) => {
    visit(node);
    return undefined;
  });
}

/** The names of the columns an expression reads, each once. */
export function columnsRead(expression: Expression): string[] {
  const names = new Set<string>();
  eachNode(expression, (node) => {
    if (node.kind === 'column') names.add((node as { parts: readonly string[] }).parts.at(-1)!);
  });
  return [...names];
}

function refuseSubqueries(expression: Expression, where: string): void {
  eachNode(expression, (node) => {
    if (!SUBQUERIES.has(node.kind ?? '')) return;
    throw sqlError('feature_not_supported', `cannot use subquery in ${where}`, { position: node.position ?? POSITION });
  });
}

/** What the catalog keeps: the text, and which user functions it calls. */
export interface StoredText {
  readonly sql: string;
  readonly calls: readonly number[];
}

/** What a column without a default has: NULL. */
export const NO_DEFAULT = { sql: null, calls: [] } as const;

/** A column's default as the catalog keeps it; NULL is none. */
export function defaultText(
  state: SessionState,
  column: Column,
  expression: Expression,
): StoredText | typeof NO_DEFAULT {
  refuseSubqueries(expression, 'DEFAULT expression');
  eachNode(expression, (node) => {
    if (node.kind !== 'column') return;
    throw sqlError('feature_not_supported', 'cannot use column reference in DEFAULT expression', {
      position: node.position ?? POSITION,
    });
  });
  const { bound, calls } = bindOver(state, '', [], expression, 'DEFAULT expressions');
  requireAssignable(state, column, [], expression, bound);
  if (bound.kind === 'constant' && bound.value === null) return NO_DEFAULT;
  const text = printExpression(withOids(state, expression));
  const typed = expression.kind === 'string' && !PLAIN_LITERALS.has(column.type.name);
  return { sql: typed ? `${text}::${baseName(column)}` : text, calls };
}

/** A string's type is written out, as PostgreSQL shows it. */
function baseName({ type }: Column): string {
  return type.name === 'bpchar' ? 'bpchar' : formatTypeName(type);
}

/** A CHECK's condition as the catalog keeps it. */
export function conditionText(
  state: SessionState,
  relation: string,
  columns: readonly Column[],
  condition: Expression,
): StoredText {
  refuseSubqueries(condition, 'check constraint');
  const { bound, calls } = bindOver(state, relation, columns, condition, 'check constraints');
  if (bound.type.name !== 'bool' && bound.type.name !== 'unknown') {
    const text = `argument of CHECK must be type boolean, not type ${formatTypeName(bound.type)}`;
    throw sqlError('datatype_mismatch', text, { position: condition.position });
  }
  return { sql: printExpression(withOids(state, condition)), calls };
}

/** A generated column's expression as the catalog keeps it. */
export function generationText(
  state: SessionState,
  relation: string,
  columns: readonly Column[],
  column: Column,
  expression: Expression,
): StoredText {
  refuseSubqueries(expression, 'column generation expression');
  const { bound, calls } = bindOver(state, relation, columns, expression, 'column generation expressions');
  for (const name of columnsRead(expression)) {
    if (columns.find((one) => one.name === name)?.generated !== 'stored') continue;
    throw sqlError(
      'invalid_object_definition',
      `cannot use generated column "${name}" in column generation expression`,
      {
        detail: 'A generated column cannot reference another generated column.',
      },
    );
  }
  if (!isImmutable(state, bound)) {
    throw sqlError('invalid_object_definition', 'generation expression is not immutable');
  }
  requireAssignable(state, column, inputsOf(columns), expression, bound);
  return { sql: printExpression(withOids(state, expression)), calls };
}

/** Whether every function in it is immutable. */
export function isImmutable(state: SessionState, expression: BoundExpression): boolean {
  return volatilityOf(state, expression) === 'immutable';
}

export function volatilityOf(state: SessionState, expression: BoundExpression): 'immutable' | 'stable' | 'volatile' {
  const functions = state.services.functions(state.catalog());
  let worst: 'immutable' | 'stable' | 'volatile' = 'immutable';
  const visit = (one: BoundExpression) => {
    if (one.kind === 'call') {
      const volatility = functions.findScalar(one.function)?.volatility ?? 'volatile';
      if (volatility === 'volatile' || worst === 'immutable') worst = volatility;
    }
    for (const child of childExpressions(one)) visit(child);
  };
  visit(expression);
  return worst;
}

function bindOver(
  state: SessionState,
  relation: string,
  columns: readonly Column[],
  expression: Expression,
  clause: string,
): { readonly bound: BoundExpression; readonly calls: readonly number[] } {
  const called = new Set<number>();
  const options = { relation, clause, called };
  const bound = bindScalarExpression(expression, inputsOf(columns), state.bindContext(), options);
  if (someExpression(bound, ({ kind }) => kind === 'subquery')) {
    const text = `a SQL function that reads is not supported in ${clause}`;
    throw sqlError('feature_not_supported', text, {
      position: expression.position,
      hint: 'Use an expression over the row alone.',
    });
  }
  return { bound, calls: [...called] };
}

function inputsOf(columns: readonly Column[]): PlanColumn[] {
  return columns.map((column) => ({ id: column.attribute, name: column.name, type: column.type }));
}

/** 42804 unless the value can be assigned to the column. */
function requireAssignable(
  state: SessionState,
  column: Column,
  inputs: readonly PlanColumn[],
  expression: Expression,
  bound: BoundExpression,
): void {
  try {
    bindScalarExpression(expression, inputs, state.bindContext(), { target: column.type });
  } catch (error) {
    if (!(error instanceof SqlError) || error.condition !== 'cannot_coerce') throw error;
    const types = `is of type ${formatTypeName(column.type)} but default expression is of type ${formatTypeName(bound.type)}`;
    throw sqlError('datatype_mismatch', `column "${column.name}" ${types}`, {
      hint: 'You will need to rewrite or cast the expression.',
    });
  }
}

/** nextval('s') and 's'::regclass with the relation's oid in place of its name. */
export function withOids<T>(state: SessionState, syntax: T): T {
  const literal = (value: string): string | undefined => {
    const oid = relationOid(state, value);
    return oid === null ? undefined : String(oid);
  };
  return rewriteSyntax(syntax, (node) => {
    const one = node as Expression;
    if (one.kind === 'cast' && one.type.name.at(-1) === 'regclass' && one.operand.kind === 'string') {
      const value = literal(one.operand.value);
      return value === undefined ? undefined : { ...one, operand: { ...one.operand, value } };
    }
    if (one.kind !== 'function' || !SEQUENCE_FUNCTIONS.has(one.name.at(-1)!)) return undefined;
    const [first, ...rest] = one.arguments;
    const value = first?.value.kind === 'string' ? literal(first.value.value) : undefined;
    if (first === undefined || value === undefined) return undefined;
    return { ...one, arguments: [{ ...first, value: regclassLiteral(value, first.position) }, ...rest] };
  });
}

function regclassLiteral(value: string, position: number): Expression {
  const type = {
    name: ['regclass'],
    modifiers: [],
    arrayBounds: [],
    setOf: false,
    intervalFields: null,
    percentType: false,
    position,
  };
  return { kind: 'cast', operand: { kind: 'string', value, position }, type, position };
}
