// What a statement will answer with, before it runs: parameter types and result fields; the plan is kept where there is one.
import type { Statement } from '../../sql/ast.ts';
import { type SqlType, TEXT } from '../../types/sql-type.ts';
import type { ResultField } from '../session-contract.ts';
import type { SessionState } from '../session-state.ts';
import { selectInto } from './create-table-as.ts';
import { findPreparedStatement } from './find-by-name.ts';
import { type PlannedStatement, planStatement } from './plan-statement.ts';

import { showFields } from './set-show.ts';
import { showObjectsFields } from './show-objects.ts';
import { showColumnsFields, showCreateFields } from './show-relation.ts';
import { plainField } from './statement-run.ts';
import { planSubscription } from './subscribe.ts';

export interface StatementShape {
  readonly parameterTypes: readonly SqlType[];
  readonly fields: readonly ResultField[] | null;
  readonly plan: PlannedStatement | null;
}

export async function describeStatement(
  state: SessionState,
  statement: Statement,
  declared: readonly (SqlType | undefined)[],
): Promise<StatementShape> {
  state.armWaits(); // planning waits for the locks of what it plans
  if (statement.kind === 'query' && selectInto(statement) !== null) {
    return { parameterTypes: declared.map((type) => type ?? TEXT), fields: null, plan: null };
  }
  switch (statement.kind) {
    case 'query':
    case 'insert':
    case 'update':
    case 'delete':
    case 'merge': {
      state.transactions.open();
      const plan = await planStatement(state, statement, declared, { changes: true });
      const returnsRows = statement.kind === 'query' ? true : statement.returning.length > 0;
      return { parameterTypes: plan.bound.parameterTypes, fields: returnsRows ? plan.fields : null, plan };
    }
    case 'subscribe': {
      state.transactions.open();
      const { fields, parameterTypes } = await planSubscription(state, statement, declared);
      return { parameterTypes, fields, plan: null };
    }
    default:
      return {
        parameterTypes: declared.map((type) => type ?? TEXT),
        fields: utilityFields(state, statement),
        plan: null,
      };
  }
}

function utilityFields(state: SessionState, statement: Statement): readonly ResultField[] | null {
  switch (statement.kind) {
    case 'show':
      return showFields(statement);
    case 'show_objects':
      return showObjectsFields(statement);
    case 'show_columns':
      return showColumnsFields();
    case 'show_create':
      return showCreateFields();
    case 'explain':
      return [plainField('QUERY PLAN')];
    case 'execute':
      return findPreparedStatement(state, statement.name).fields;
    case 'fetch':
      // A cursor that is not there (yet) is an error when the statement runs, not when it is described.
      return statement.move ? null : (state.portals.get(statement.cursor)?.statement.fields ?? null);
    default:
      return null;
  }
}
