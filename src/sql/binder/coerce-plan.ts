// The columns of a bound query brought to given types: untyped literals in its select list are read as the wanted type,
// everything else is cast by one more projection.
import { columnReference, type Expression, type PlanColumn } from '../../plan/expression.ts';
import type { LogicalPlan } from '../../plan/logical.ts';
import { type SqlType, sameType, TEXT } from '../../types/sql-type.ts';
import { type BindState, freshColumn } from './bind-context.ts';
import { coerce } from './coerce.ts';
import type { CastContext } from './type-rules.ts';

/** `types[i]` for column i. Throws as coerce does. */
export function coercePlan(
  plan: LogicalPlan,
  types: readonly SqlType[],
  context: CastContext,
  state: BindState,
  position: number | undefined,
): LogicalPlan {
  const settled = retype(plan, types, state, position);
  const right = settled.columns.every(
    (column, i) => sameType(column.type, types[i]!) && column.type.declared === types[i]!.declared,
  );
  if (right) return settled;
  const expressions = settled.columns.map((column, i) =>
    coerce(columnReference(column), types[i]!, context, state, position),
  );
  const columns = expressions.map((e, i): PlanColumn => {
    const old = settled.columns[i]!;
    return e.kind === 'column' && e.type === old.type ? old : freshColumn(state, old.name, e.type);
  });
  return { kind: 'project', columns, input: settled, expressions };
}

/** Gives untyped columns (literals, parameters) their types where they are made. */
function retype(
  plan: LogicalPlan,
  types: readonly SqlType[],
  state: BindState,
  position: number | undefined,
): LogicalPlan {
  if (!plan.columns.some((column) => column.type.name === 'unknown')) return plan;
  const change = (e: Expression, i: number): Expression =>
    e.type.name === 'unknown' && types[i] !== undefined && (e.kind === 'constant' || e.kind === 'parameter')
      ? coerce(e, types[i], 'implicit', state, state.positions.get(e) ?? position)
      : e;
  const retyped = (columns: readonly PlanColumn[], list: readonly Expression[]) =>
    columns.map((column, i) => (column.type.name === 'unknown' ? { ...column, type: list[i]!.type } : column));
  switch (plan.kind) {
    case 'project': {
      const expressions = plan.expressions.map(change);
      return { ...plan, expressions, columns: retyped(plan.columns, expressions) };
    }
    case 'values': {
      const rows = plan.rows.map((row) => row.map(change));
      return rows.length === 0 ? plan : { ...plan, rows, columns: retyped(plan.columns, rows[0]!) };
    }
    case 'sort':
    case 'limit':
    case 'distinct':
    case 'filter': {
      const input = retype(plan.input, types, state, position);
      return { ...plan, input, columns: input.columns };
    }
    default:
      return plan;
  }
}

/** Leftover untyped columns become text. */
export function settlePlan(plan: LogicalPlan, state: BindState): LogicalPlan {
  if (!plan.columns.some((column) => column.type.name === 'unknown')) return plan;
  const types = plan.columns.map((column) => (column.type.name === 'unknown' ? TEXT : column.type));
  return coercePlan(plan, types, 'implicit', state, undefined);
}
