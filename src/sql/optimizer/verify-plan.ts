// The optimizer's conscience, on in tests: after a rule the root still produces the same columns, and every node reads only columns
// that its inputs (or, inside an apply, the outer side) have. Throws XX000 naming the rule.
import { sqlError } from '../../errors/sql-error.ts';
import type { PlanColumn } from '../../plan/expression.ts';
import type { LogicalPlan } from '../../plan/logical.ts';
import { childPlans, freeColumns } from '../../plan/walk.ts';
import { sameType } from '../../types/sql-type.ts';
import { keepsOnlyLeft } from './build-plan.ts';

export function verifyPlan(rule: string, before: LogicalPlan, after: LogicalPlan): void {
  const fail = (text: string): never => {
    throw sqlError('internal_error', `optimizer rule ${rule}: ${text}`);
  };
  const same =
    before.columns.length === after.columns.length && before.columns.every((c, i) => equalColumn(c, after.columns[i]!));
  if (!same) fail(`the plan's columns changed from ${names(before.columns)} to ${names(after.columns)}`);
  const free = [...freeColumns(after)].filter((id) => !freeColumns(before).has(id));
  if (free.length > 0) fail(`columns ${free.join(', ')} are read but not produced`);
  verifyShapes(after, fail);
}

const equalColumn = (a: PlanColumn, b: PlanColumn): boolean => a.id === b.id && sameType(a.type, b.type);
const names = (columns: readonly PlanColumn[]): string => `(${columns.map((c) => `${c.name}#${c.id}`).join(', ')})`;

function verifyShapes(plan: LogicalPlan, fail: (text: string) => never): void {
  const expect = (columns: readonly PlanColumn[]): void => {
    const same = columns.length === plan.columns.length && columns.every((c, i) => equalColumn(c, plan.columns[i]!));
    if (!same) fail(`${plan.kind} produces ${names(plan.columns)} over ${names(columns)}`);
  };
  const prefix = (columns: readonly PlanColumn[], added: number): void => {
    if (plan.columns.length !== columns.length + added)
      fail(`${plan.kind} produces ${names(plan.columns)} over ${names(columns)}`);
    columns.forEach((column, i) => {
      if (!equalColumn(column, plan.columns[i]!)) fail(`${plan.kind} changes column ${column.name}#${column.id}`);
    });
  };
  const count = (wanted: number): void => {
    if (plan.columns.length !== wanted) fail(`${plan.kind} has ${plan.columns.length} columns, not ${wanted}`);
  };
  switch (plan.kind) {
    case 'scan':
    case 'table-function':
      count(plan.attributes.length);
      break;
    case 'values':
      for (const row of plan.rows) count(row.length);
      break;
    case 'project':
      count(plan.expressions.length);
      break;
    case 'aggregate':
      count(plan.groupBy.length + plan.aggregates.length + (plan.groupingSets === null ? 0 : 1));
      break;
    case 'filter':
    case 'distinct':
    case 'sort':
    case 'limit':
      expect(plan.input.columns);
      break;
    case 'join':
    case 'apply': {
      const produced = keepsOnlyLeft(plan.type) ? plan.left.columns : [...plan.left.columns, ...plan.right.columns];
      if (!plan.columns.every((column) => produced.some((other) => equalColumn(column, other)))) {
        fail(`${plan.kind} produces ${names(plan.columns)} over ${names(produced)}`);
      }
      break;
    }
    case 'mark':
      prefix(plan.left.columns, 1);
      break;
    case 'set-operation':
      count(plan.left.columns.length);
      count(plan.right.columns.length);
      break;
    case 'window':
      prefix(plan.input.columns, plan.calls.length);
      break;
    case 'window-assign':
      prefix(plan.input.columns, 3);
      break;
    case 'project-set': {
      const outputs = plan.functions.reduce((sum, call) => sum + call.outputs.length, 0);
      prefix(plan.input.columns, outputs + (plan.ordinality ? 1 : 0));
      break;
    }
    case 'cte':
      expect(plan.body.columns);
      break;
    default:
      break;
  }
  for (const input of childPlans(plan)) verifyShapes(input, fail);
}
