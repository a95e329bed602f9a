// What EXPLAIN VERBOSE says of each logical node, before any algorithm is chosen. Columns are shown as name#id where the
// name alone would not tell two of them apart, which in a logical plan is everywhere.

import type { PlanDescription } from './explain.ts';
import { type Described, eventWindowText, functionText, joinTitle } from './explain-batch.ts';
import { aggregateText, expressionText, functionName, type Namer, sortKeyText } from './explain-expression.ts';
import type { Expression, PlanColumn } from './expression.ts';
import type { LogicalPlan } from './logical.ts';
import { childPlans } from './walk.ts';

const name: Namer = (e) => (e.kind === 'column' ? `${e.name}#${e.id}` : `#${e.index}`);
const text = (e: Expression): string => expressionText(e, name);
const list = (expressions: readonly Expression[]): string => expressions.map(text).join(', ');
const shown = (columns: readonly PlanColumn[]): string =>
  columns.map((column) => `${column.name}#${column.id}`).join(', ');

export function describeLogical(plan: LogicalPlan): Described<LogicalPlan> {
  return { description: describe(plan), inputs: [...childPlans(plan), ...subqueriesOf(plan)] };
}

/** Plans of subquery expressions, shown below the node that holds them. */
function subqueriesOf(plan: LogicalPlan): LogicalPlan[] {
  if (plan.kind !== 'filter' && plan.kind !== 'project') return [];
  const found: LogicalPlan[] = [];
  const visit = (e: Expression): void => {
    if (e.kind === 'subquery') found.push(e.plan);
    else if (e.kind === 'and' || e.kind === 'or') e.args.forEach(visit);
    else if (e.kind === 'not') visit(e.arg);
  };
  if (plan.kind === 'filter') visit(plan.condition);
  else plan.expressions.forEach(visit);
  return found;
}

type Detail = PlanDescription['details'][number];
const optional = (label: string, e: Expression | null): Detail[] => (e === null ? [] : [[label, text(e)]]);

function describe(plan: LogicalPlan): PlanDescription {
  const output: Detail = ['Output', shown(plan.columns)];
  switch (plan.kind) {
    case 'scan': {
      const filter: Detail[] = plan.filters.length === 0 ? [] : [['Filter', plan.filters.map(text).join(' AND ')]];
      return { title: `Scan on ${plan.alias}`, details: [output, ...filter] };
    }
    case 'table-function':
      return {
        title: `Function Scan on ${functionText(plan.call, name)}`,
        details: [output, ...(plan.filters.length === 0 ? [] : [['Filter', list(plan.filters)] as const])],
      };
    case 'values':
      return { title: `Values (${plan.rows.length} rows)`, details: [output] };
    case 'filter':
      return { title: 'Filter', details: [['Condition', text(plan.condition)]] };
    case 'project':
      return {
        title: 'Project',
        details: [
          ['Output', plan.columns.map((c, i) => `${text(plan.expressions[i]!)} AS ${c.name}#${c.id}`).join(', ')],
        ],
      };
    case 'join':
      return {
        title: plan.type === 'inner' ? 'Join' : joinTitle('', plan.type).trim(),
        details: optional('Condition', plan.condition),
      };
    case 'apply':
      return {
        title: `Apply ${plan.type}`,
        details: [...optional('Condition', plan.condition), ...optional('Guard', plan.guard ?? null)],
      };
    case 'mark':
      return { title: 'Mark', details: [...optional('Condition', plan.condition), ...optional('Guard', plan.guard)] };
    case 'aggregate': {
      const keys: Detail[] = plan.groupBy.length === 0 ? [] : [['Group Key', list(plan.groupBy)]];
      const calls: Detail[] =
        plan.aggregates.length === 0
          ? []
          : [['Aggregates', plan.aggregates.map((call) => aggregateText(call, name)).join(', ')]];
      const sets: Detail[] =
        plan.groupingSets === null
          ? []
          : [['Grouping Sets', plan.groupingSets.map((set) => `(${set.join(', ')})`).join(', ')]];
      return { title: 'Aggregate', details: [output, ...keys, ...calls, ...sets] };
    }
    default:
      return describeRest(plan, output);
  }
}

function describeRest(plan: LogicalPlan, output: Detail): PlanDescription {
  switch (plan.kind) {
    case 'distinct':
      return { title: 'Distinct', details: plan.on === null ? [] : [['On', list(plan.on)]] };
    case 'sort':
      return { title: 'Sort', details: [['Sort Key', plan.keys.map((key) => sortKeyText(key, name)).join(', ')]] };
    case 'limit':
      return { title: 'Limit', details: [...optional('Count', plan.limit), ...optional('Offset', plan.offset)] };
    case 'set-operation':
      return {
        title: `${plan.operation[0]!.toUpperCase()}${plan.operation.slice(1)}${plan.all ? ' All' : ''}`,
        details: [output],
      };
    case 'window':
      return {
        title: 'Window',
        details: [
          ['Calls', plan.calls.map((call) => `${functionName(call.function)}(${list(call.args)})`).join(', ')],
          ...(plan.partitionBy.length === 0 ? [] : [['Partition By', list(plan.partitionBy)] as const]),
        ],
      };
    case 'project-set':
      return {
        title: 'ProjectSet',
        details: [['Functions', plan.functions.map((call) => functionText(call, name)).join(', ')]],
      };
    case 'window-assign':
      return { title: 'Window Assign', details: [['Window', eventWindowText(plan.window, text(plan.time))]] };
    case 'cte':
      return { title: `CTE ${plan.name}`, details: [] };
    case 'cte-reference':
      return { title: `CTE Reference ${plan.name}`, details: [output] };
    case 'recursive-cte':
      return { title: `Recursive Union ${plan.name}`, details: [output] };
    case 'insert':
    case 'update':
    case 'delete':
      return {
        title: `${plan.kind[0]!.toUpperCase()}${plan.kind.slice(1)} on relation ${plan.relation}`,
        details: plan.returning.length === 0 ? [] : [['Returning', list(plan.returning)]],
      };
    default:
      return { title: plan.kind, details: [] };
  }
}
