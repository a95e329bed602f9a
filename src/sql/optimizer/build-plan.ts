// Small constructors of plan nodes and expressions that the rules share, so that the columns of a node are computed in one place.
import { columnReference, type Expression, type PlanColumn } from '../../plan/expression.ts';
import type { JoinType, LogicalPlan } from '../../plan/logical.ts';
import { conjunction } from '../../plan/walk-expression.ts';
import { BOOL, INT8, type SqlType } from '../../types/sql-type.ts';

export const TRUE: Expression = { kind: 'constant', type: BOOL, value: true };
export const FALSE: Expression = { kind: 'constant', type: BOOL, value: false };

/** One row, no columns. */
export const ONE_ROW: LogicalPlan = { kind: 'values', columns: [], rows: [[]] };

export function nullOf(type: SqlType): Expression {
  return { kind: 'constant', type, value: null };
}

export function int8(value: bigint): Expression {
  return { kind: 'constant', type: INT8, value };
}

export function not(arg: Expression): Expression {
  return { kind: 'not', type: BOOL, arg };
}

export function isNull(arg: Expression, negated = false): Expression {
  return { kind: 'is-null', type: BOOL, arg, negated };
}

export function coalesce(args: readonly Expression[]): Expression {
  return { kind: 'coalesce', type: args[0]!.type, args };
}

export function greater(a: Expression, b: Expression): Expression {
  return { kind: 'call', type: BOOL, function: '>(int8,int8)', args: [a, b] };
}

/** The plan itself for no conditions. */
export function filterOf(input: LogicalPlan, conditions: readonly Expression[]): LogicalPlan {
  const condition = conjunction(conditions);
  return condition === null ? input : { kind: 'filter', columns: input.columns, input, condition };
}

export function projectOf(
  input: LogicalPlan,
  columns: readonly PlanColumn[],
  expressions: readonly Expression[],
): LogicalPlan {
  return { kind: 'project', columns, input, expressions };
}

export function distinctOf(input: LogicalPlan): LogicalPlan {
  return { kind: 'distinct', columns: input.columns, input, on: null, orderBy: [] };
}

/** The input with exactly these of its columns, in this order; no node where it has them already. */
export function select(input: LogicalPlan, columns: readonly PlanColumn[]): LogicalPlan {
  const same =
    input.columns.length === columns.length && columns.every((column, i) => column.id === input.columns[i]!.id);
  return same ? input : projectOf(input, columns, columns.map(columnReference));
}

/** The input's columns, then one more. */
export function extend(
  input: LogicalPlan,
  added: readonly PlanColumn[],
  expressions: readonly Expression[],
): LogicalPlan {
  if (added.length === 0) return input;
  return projectOf(input, [...input.columns, ...added], [...input.columns.map(columnReference), ...expressions]);
}

export function keepsOnlyLeft(type: JoinType | 'single'): boolean {
  return type === 'semi' || type === 'anti' || type === 'null-aware-anti';
}

export function joinOf(
  type: JoinType,
  left: LogicalPlan,
  right: LogicalPlan,
  conditions: readonly Expression[],
): Extract<LogicalPlan, { kind: 'join' }> {
  const columns = keepsOnlyLeft(type) ? left.columns : [...left.columns, ...right.columns];
  return { kind: 'join', columns, type, left, right, condition: conjunction(conditions) };
}

export type ApplyType = Extract<LogicalPlan, { kind: 'apply' }>['type'];

export function applyOf(
  type: ApplyType,
  left: LogicalPlan,
  right: LogicalPlan,
  conditions: readonly Expression[] = [],
  guard: Expression | null = null,
): LogicalPlan {
  const columns = keepsOnlyLeft(type) ? left.columns : [...left.columns, ...right.columns];
  return { kind: 'apply', columns, type, left, right, condition: conjunction(conditions), guard };
}

/** Whether every column that the expression reads is among these; an expression without columns passes. */
export function idsOf(columns: readonly PlanColumn[]): ReadonlySet<number> {
  return new Set(columns.map((column) => column.id));
}
