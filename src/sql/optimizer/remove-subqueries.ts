// Mandatory: subquery expressions become semi and anti joins and applies below the node that uses them, so that the planner and
// every other rule see one tree of relations. EXISTS, IN and ANY/ALL that are conjuncts of a WHERE filter rows directly:
//
//   x op ANY q   semi on c           NOT (x op ANY q)   anti on (c or c is null)     (c: the comparison with a row of q)
//   x op ALL q   anti on c not true  NOT (x op ALL q)   semi on (not c)
//
// NOT IN on one column without correlation is a null-aware anti join. Everywhere else the subquery's value is computed as a column.
import { sqlError } from '../../errors/sql-error.ts';
import { columnReference, type Expression, type SubqueryExpression } from '../../plan/expression.ts';
import type { LogicalPlan } from '../../plan/logical.ts';
import { childPlans, columnsIn, expressionsOf, freeColumns, mapExpressions, withChildren } from '../../plan/walk.ts';
import { conjunctsOf, mapChildren, someExpression } from '../../plan/walk-expression.ts';
import { applyOf, coalesce, filterOf, idsOf, joinOf, not, ONE_ROW, projectOf, select, TRUE } from './build-plan.ts';
import { renamePlan } from './rename-plan.ts';
import type { PlanOf, Rule, RuleContext } from './rule.ts';
import { comparisonOf, subqueryColumn } from './subquery-columns.ts';

export const REMOVE_SUBQUERIES: Rule = {
  name: 'remove-subqueries',
  reason: 'relations are planned and run as joins; an expression that runs a query would be one loop per row',
  mandatory: true,
  apply: (plan, context) => new SubqueryRemoval(context).plan(plan),
};

const isSubquery = (node: Expression): node is SubqueryExpression => node.kind === 'subquery';
const hasSubquery = (expression: Expression): boolean => someExpression(expression, isSubquery);

class SubqueryRemoval {
  private readonly context: RuleContext;
  /** Plans already placed: the binder may use one subquery in two places (BETWEEN, grouping), and ids must stay unique. */
  private readonly placed = new Set<LogicalPlan>();

  constructor(context: RuleContext) {
    this.context = context;
  }

  plan(plan: LogicalPlan): LogicalPlan {
    const inner = withChildren(
      plan,
      childPlans(plan).map((input) => this.plan(input)),
    );
    if (!expressionsOf(inner).some(hasSubquery)) return inner;
    switch (inner.kind) {
      case 'filter':
        return this.filter(inner);
      case 'join':
      case 'apply':
        return this.joinCondition(inner);
      case 'values':
        return this.values(inner);
      case 'limit':
        return this.limit(inner);
      case 'project':
      case 'aggregate':
      case 'distinct':
      case 'sort':
      case 'window':
      case 'project-set':
      case 'window-assign':
      case 'update':
      case 'delete':
        return this.overInput(inner);
      default:
        throw sqlError('feature_not_supported', 'a subquery is not supported here', {
          hint: 'Compute it in the query that feeds this part of the statement.',
        });
    }
  }

  /** Columns for every subquery in the node's expressions, added to its input. */
  private overInput(node: LogicalPlan & { readonly input: LogicalPlan }): LogicalPlan {
    const values = new ColumnsFor(node.input, this.lift);
    const changed = mapExpressions(node, (expression) => values.replace(expression)) as typeof node;
    return this.restore(changed, values.input, node);
  }

  /** The node over an input with more columns than it had; nodes that pass their input on drop them again. */
  private restore(changed: LogicalPlan, input: LogicalPlan, original: LogicalPlan): LogicalPlan {
    const [before] = childPlans(original);
    const wide = withChildren(changed, [input]);
    switch (wide.kind) {
      case 'project':
      case 'aggregate':
      case 'update':
      case 'delete':
        return wide;
      default: {
        const own = wide.columns.slice(before!.columns.length);
        return select({ ...wide, columns: [...input.columns, ...own] } as LogicalPlan, original.columns);
      }
    }
  }

  /** The subquery's plan, ready to be a right side next to `input`. */
  private readonly prepare = (subquery: SubqueryExpression): LogicalPlan => {
    let plan = this.plan(subquery.plan);
    if (this.placed.has(subquery.plan)) plan = renamePlan(plan, this.context);
    this.placed.add(subquery.plan);
    const free = freeColumns(plan);
    const ids = plan.columns.map((column) => column.id);
    if (new Set(ids).size === ids.length && !ids.some((id) => free.has(id))) return plan;
    const columns = plan.columns.map((column) => this.context.column(column.name, column.type));
    return projectOf(plan, columns, plan.columns.map(columnReference));
  };

  private readonly lift = (input: LogicalPlan, subquery: SubqueryExpression) =>
    subqueryColumn(input, subquery, this.prepare(subquery), this.context);

  private filter(node: PlanOf<'filter'>): LogicalPlan {
    const conjuncts = conjunctsOf(node.condition);
    let input = filterOf(
      node.input,
      conjuncts.filter((conjunct) => !hasSubquery(conjunct)),
    );
    const rest: Expression[] = [];
    for (const conjunct of conjuncts.filter(hasSubquery)) {
      const joined = this.filterBySubquery(input, conjunct, false);
      if (joined === null) rest.push(conjunct);
      else input = joined;
    }
    if (rest.length > 0) {
      const values = new ColumnsFor(input, this.lift);
      const conditions = rest.map((conjunct) => values.replace(conjunct));
      input = filterOf(values.input, conditions);
    }
    return select(input, node.columns);
  }

  /** A conjunct that is a subquery test, as a semi or anti join; null for anything else. */
  private filterBySubquery(input: LogicalPlan, conjunct: Expression, turned: boolean): LogicalPlan | null {
    if (conjunct.kind === 'not') return this.filterBySubquery(input, conjunct.arg, !turned);
    if (!isSubquery(conjunct) || conjunct.form === 'scalar' || conjunct.form === 'array') return null;
    const negated = conjunct.negated !== turned;
    if (conjunct.form === 'exists') return applyOf(negated ? 'anti' : 'semi', input, this.prepare(conjunct));
    const values = new ColumnsFor(input, this.lift);
    const args = conjunct.args.map((arg) => values.replace(arg));
    const plan = this.prepare(conjunct);
    const compared = comparisonOf({ ...conjunct, args }, plan);
    const all = conjunct.form === 'quantified' && conjunct.all === true;
    const notIn =
      all !== negated && args.length === 1 && conjunct.operators[0]!.startsWith(all ? '<>(' : '=(') ? args[0]! : null;
    const left = values.input;
    if (notIn !== null && compared.kind === 'call' && freeColumns(plan).size === 0 && readsOnly(notIn, left)) {
      const equal = { ...compared, function: compared.function.replace(/^<>\(/, '=(') };
      return select(joinOf('null-aware-anti', left, plan, [equal]), input.columns);
    }
    const test = all ? not(compared) : compared;
    if (all !== negated) return select(applyOf('anti', left, plan, [coalesce([test, TRUE])]), input.columns);
    return select(applyOf('semi', left, plan, [test]), input.columns);
  }

  /** ON with subqueries: an inner join filters afterwards; an outer one filters its right side, which becomes lateral. */
  private joinCondition(node: PlanOf<'join'> | PlanOf<'apply'>): LogicalPlan {
    const condition = node.condition!;
    if (node.type === 'inner') {
      const product = { ...node, condition: null };
      return this.filter({ kind: 'filter', columns: node.columns, input: product, condition });
    }
    if (node.type === 'right') {
      const columns = [...node.right.columns, ...node.left.columns];
      const turned = { ...node, type: 'left', columns, left: node.right, right: node.left } as const;
      return select(this.joinCondition(turned), node.columns);
    }
    if (node.type !== 'left') {
      throw sqlError('feature_not_supported', `a subquery in the condition of a ${node.type} join is not supported`);
    }
    const right = this.filter({ kind: 'filter', columns: node.right.columns, input: node.right, condition });
    return applyOf('left', node.left, right);
  }

  /** VALUES: every row a projection of its own. */
  private values(node: PlanOf<'values'>): LogicalPlan {
    const rows = node.rows.map((row, i) => {
      const columns = i === 0 ? node.columns : node.columns.map((c) => this.context.column(c.name, c.type));
      return this.plan(projectOf(ONE_ROW, columns, row));
    });
    const [first, ...rest] = rows;
    if (rest.length === 0) return first!;
    const fresh = projectOf(
      first!,
      node.columns.map((c) => this.context.column(c.name, c.type)),
      first!.columns.map(columnReference),
    );
    return rest.reduce<LogicalPlan>((left, right, i) => {
      const last = i === rest.length - 1;
      const columns = last ? node.columns : node.columns.map((c) => this.context.column(c.name, c.type));
      return { kind: 'set-operation', columns, operation: 'union', all: true, left, right };
    }, fresh);
  }

  /** LIMIT (SELECT ...): the counts are computed first, the limited query is lateral to them. */
  private limit(node: PlanOf<'limit'>): LogicalPlan {
    const values = new ColumnsFor(ONE_ROW, this.lift);
    const changed = mapExpressions(node, (expression) => values.replace(expression));
    return select(applyOf('inner', values.input, changed), node.columns);
  }
}

function readsOnly(expression: Expression, plan: LogicalPlan): boolean {
  const available = idsOf(plan.columns);
  const used = [...columnsIn(expression)];
  return used.length > 0 && used.every((id) => available.has(id));
}

/** Replaces subqueries by expressions over columns that it adds to the input, inner ones (in compared arguments) first. */
class ColumnsFor {
  input: LogicalPlan;
  private readonly lift: (
    input: LogicalPlan,
    subquery: SubqueryExpression,
  ) => { input: LogicalPlan; value: Expression };
  private readonly known = new Map<SubqueryExpression, Expression>();

  constructor(
    input: LogicalPlan,
    lift: (input: LogicalPlan, subquery: SubqueryExpression) => { input: LogicalPlan; value: Expression },
  ) {
    this.input = input;
    this.lift = lift;
  }

  replace(expression: Expression): Expression {
    if (expression.kind !== 'subquery') return mapChildren(expression, (child) => this.replace(child));
    const known = this.known.get(expression);
    if (known !== undefined) return known;
    const next = mapChildren(expression, (child) => this.replace(child)) as SubqueryExpression;
    const lifted = this.lift(this.input, next);
    this.input = lifted.input;
    this.known.set(expression, lifted.value);
    return lifted.value;
  }
}
