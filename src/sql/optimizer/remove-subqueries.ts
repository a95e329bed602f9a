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
import {
  childPlans,
  columnsIn,
  expressionsOf,
  freeColumns,
  mapExpressions,
  replaceDeep,
  replaceInPlan,
  withChildren,
} from '../../plan/walk.ts';
import { conjunctsOf, mapChildren } from '../../plan/walk-expression.ts';
import { applyOf, coalesce, filterOf, idsOf, joinOf, not, ONE_ROW, projectOf, select, TRUE } from './build-plan.ts';
import { isVolatile } from './expression-facts.ts';
import { CONDITION, EXACT, hasSubquery, isSubquery, type Lift, LiftSubqueries } from './lift-subqueries.ts';
import { renamePlan } from './rename-plan.ts';
import type { PlanOf, Rule, RuleContext } from './rule.ts';
import { comparisonOf, subqueryColumn } from './subquery-columns.ts';

export const REMOVE_SUBQUERIES: Rule = {
  name: 'remove-subqueries',
  reason: 'relations are planned and run as joins; an expression that runs a query would be one loop per row',
  mandatory: true,
  apply: (plan, context) => new SubqueryRemoval(context).plan(plan),
};

const unsupported = () =>
  sqlError('feature_not_supported', 'a subquery is not supported here', {
    hint: 'Compute it in the query that feeds this part of the statement.',
  });

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
      case 'delete':
        return this.overInput(inner);
      case 'update':
        return this.overInput(this.returningOverInput(inner));
      default:
        throw unsupported();
    }
  }

  /** Queries in RETURNING run over the input, before there is a new row: they read what its columns are computed from. */
  private returningOverInput(update: PlanOf<'update'>): PlanOf<'update'> {
    const { newColumns, values } = update;
    const before = (node: Expression): Expression | undefined => {
      const at = node.kind === 'column' ? newColumns.findIndex((column) => column.id === node.id) : -1;
      if (at < 0) return undefined;
      if (isVolatile(values[at]!, this.context.functions)) throw unsupported();
      return values[at];
    };
    const returning = update.returning.map((expression) =>
      replaceDeep(expression, (node) =>
        isSubquery(node)
          ? mapChildren({ ...node, plan: replaceInPlan(node.plan, before) }, (child) => replaceDeep(child, before))
          : undefined,
      ),
    );
    return { ...update, returning };
  }

  /** Columns for every subquery in the node's expressions, added to its input. */
  private overInput(node: LogicalPlan & { readonly input: LogicalPlan }): LogicalPlan {
    const values = this.lifting(node.input);
    const filters = new Set(node.kind === 'aggregate' ? node.aggregates.map((call) => call.filter) : []);
    const changed = mapExpressions(node, (expression) =>
      values.replace(expression, filters.has(expression) ? CONDITION : EXACT),
    ) as typeof node;
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

  private lifting(input: LogicalPlan): LiftSubqueries {
    const lift: Lift = (below, subquery, place) =>
      subqueryColumn(below, subquery, this.prepare(subquery), place, this.context);
    return new LiftSubqueries(input, lift, this.context);
  }

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
      const values = this.lifting(input);
      const conditions = rest.map((conjunct) => values.replace(conjunct, CONDITION));
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
    if (this.isDecidedByFacts(conjunct, negated)) return null;
    const values = this.lifting(input);
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

  /** Without an equality to join on, every pair would be compared: a mark needs the extreme values or the NULLs only. */
  private isDecidedByFacts(test: SubqueryExpression, negated: boolean): boolean {
    if (freeColumns(test.plan).size > 0) return false;
    const all = test.form === 'quantified' && test.all === true;
    const equality = test.operators.every((id) => id.startsWith(all ? '<>(' : '=('));
    return equality ? test.args.length > 1 && negated !== all : test.args.length === 1;
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
    const values = this.lifting(ONE_ROW);
    const changed = mapExpressions(node, (expression) => values.replace(expression));
    return select(applyOf('inner', values.input, changed), node.columns);
  }
}

function readsOnly(expression: Expression, plan: LogicalPlan): boolean {
  const available = idsOf(plan.columns);
  const used = [...columnsIn(expression)];
  return used.length > 0 && used.every((id) => available.has(id));
}
