// INSERT, UPDATE and DELETE: the input is planned like a query, the new row's expressions are over positions of what the
// statement code has at hand (see ModifyPlan).

import { sqlError } from '../../errors/sql-error.ts';
import type { ModifyPlan, Shape } from '../../plan/batch.ts';
import type { Expression, PlanColumn } from '../../plan/expression.ts';
import type { LogicalPlan, RowCheck } from '../../plan/logical.ts';
import type { SqlType } from '../../types/sql-type.ts';
import { inLayout, rowsInLayout } from './exact-types.ts';
import { liftUdf } from './lift-udf.ts';
import {
  newPlannerState,
  type PlannerOptions,
  type PlannerState,
  planNode,
  positionsIn,
  shapeOf,
} from './plan-batch.ts';

type Returning = Shape & { readonly expressions: readonly Expression[] };

export function planModify(plan: LogicalPlan, options: PlannerOptions): ModifyPlan {
  const state = newPlannerState(options);
  switch (plan.kind) {
    case 'insert': {
      const rows = plan.rowColumns;
      const conflict = plan.onConflict;
      const update = conflict?.update ?? null;
      const both = update === null ? [] : [...update.existingColumns, ...rows];
      return {
        kind: 'insert',
        relation: plan.relation,
        input: rowsInLayout(planNode(plan.input, state), typesOf(rows), options.functions),
        checks: checksOver(plan.checks, rows, state),
        onConflict:
          conflict === null
            ? null
            : {
                target: conflict.target,
                update:
                  update === null
                    ? null
                    : {
                        values: noUdf(layoutOf(positionsIn(both, state).resolveAll(update.values), rows, options)),
                        where:
                          update.where === null ? null : noUdf([positionsIn(both, state).resolve(update.where)])[0]!,
                      },
              },
        returning: returningOver(plan.columns, plan.returning, rows, state),
      };
    }
    case 'update': {
      const input = planNode(plan.input, state);
      const values = layoutOf(positionsIn(plan.input.columns, state).resolveAll(plan.values), plan.newColumns, options);
      const lifted = liftUdf(input, values);
      const after = [...plan.newColumns, ...plan.input.columns];
      return {
        kind: 'update',
        relation: plan.relation,
        input: lifted.input,
        values: lifted.expressions,
        checks: checksOver(plan.checks, plan.newColumns, state),
        returning: returningOver(plan.columns, plan.returning, after, state),
      };
    }
    case 'delete':
      return {
        kind: 'delete',
        relation: plan.relation,
        input: planNode(plan.input, state),
        returning: returningOver(plan.columns, plan.returning, plan.input.columns, state),
      };
    default:
      throw new Error(`${plan.kind} is not a data change`);
  }
}

function typesOf(columns: readonly PlanColumn[]): readonly SqlType[] {
  return columns.map((column) => column.type);
}

function layoutOf(
  values: readonly Expression[],
  columns: readonly PlanColumn[],
  { functions }: PlannerOptions,
): readonly Expression[] {
  return values.map((value, i) => inLayout(value, columns[i]!.type, functions));
}

function noUdf(expressions: readonly Expression[]): readonly Expression[] {
  const unit = { kind: 'values', types: [], names: [], rows: 1, rowsOf: [[]] } as const;
  if (liftUdf(unit, expressions).input !== unit) {
    throw sqlError('feature_not_supported', 'a user-defined function is not supported here', {
      hint: 'Call it in the SELECT or in SET, not in CHECK, ON CONFLICT or RETURNING.',
    });
  }
  return expressions;
}

function checksOver(
  checks: readonly RowCheck[],
  columns: readonly PlanColumn[],
  state: PlannerState,
): readonly RowCheck[] {
  const positions = positionsIn(columns, state);
  return checks.map((check) =>
    check.condition === null ? check : { ...check, condition: noUdf([positions.resolve(check.condition)])[0]! },
  );
}

function returningOver(
  columns: readonly PlanColumn[],
  returning: readonly Expression[],
  over: readonly PlanColumn[],
  state: PlannerState,
): Returning {
  return { ...shapeOf(columns, 0), expressions: noUdf(positionsIn(over, state).resolveAll(returning)) };
}
