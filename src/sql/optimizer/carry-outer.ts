// An apply whose conditions cannot be pulled up, as joins all the same: the right side is computed for all outer rows at once, each of its
// nodes carrying the outer columns along (Neumann and Kemper, "Unnesting Arbitrary Queries", the general case). Where the right side only
// filters, projects and joins, the left rows themselves are carried, and an inner apply is done. Else the distinct values D of the outer
// columns it reads are: groupings, windows and LIMIT then work per row of D, and the left rows are joined with the result.
//
// A product of D with a relation must meet an equality at once; every pair of rows would cost more than an apply may.
import { columnReference, type Expression, type PlanColumn } from '../../plan/expression.ts';
import type { LogicalPlan } from '../../plan/logical.ts';
import { freeColumns, replaceInPlan } from '../../plan/walk.ts';
import { conjunctsOf } from '../../plan/walk-expression.ts';
import { BOOL, type TypeName } from '../../types/sql-type.ts';
import { distinctOf, filterOf, idsOf, joinOf, projectOf, select } from './build-plan.ts';
import { isEquality, isOneRow, isVolatilePlan, readsAny, readsWithin, substitute } from './expression-facts.ts';
import { isCorrelated, limitPerKey, valuesOfEmptyGroups } from './pull-up.ts';
import type { PlanOf, RuleContext } from './rule.ts';

/** Fewer left rows than this run the right side one by one, maybe by an index. */
const FEWEST_ROWS = 100;

type Decorrelate = (apply: PlanOf<'apply'>, context: RuleContext) => LogicalPlan;

/** The apply as joins; null: it stays. Applies that the left rows are carried into are decorrelated by `decorrelate`. */
export function carryOuter(
  apply: PlanOf<'apply'>,
  rows: number,
  context: RuleContext,
  decorrelate: Decorrelate,
): LogicalPlan | null {
  const conditions = conjunctsOf(apply.condition);
  if (apply.type === 'inner') {
    const carried = new CarryOuter(context, decorrelate, null).plan(apply.right, apply.left);
    if (carried !== null) return select(filterOf(carried, conditions), apply.columns);
  }
  if (rows < FEWEST_ROWS || isVolatilePlan(apply.left, context.functions)) return null;
  if (apply.type === 'single' && !isOneRow(apply.right)) return null;
  return joinCarried(apply, conditions, context, decorrelate);
}

/** The left rows and D are both read from one computation of the left side. */
function joinCarried(
  apply: PlanOf<'apply'>,
  conditions: readonly Expression[],
  context: RuleContext,
  decorrelate: Decorrelate,
): LogicalPlan | null {
  const { left, right } = apply;
  const free = freeColumns(right);
  const read = left.columns.filter((column) => free.has(column.id));
  if (!read.every(isExact)) return null;
  const fresh = (columns: readonly PlanColumn[]) => columns.map((column) => context.column(column.name, column.type));
  const [rowsId, valuesId] = [context.cteId(), context.cteId()];
  const reader = (id: number, columns: readonly PlanColumn[]): LogicalPlan => ({
    kind: 'cte-reference',
    columns,
    id,
    name: 'outer',
  });
  const copy = (): LogicalPlan => reader(valuesId, fresh(read));
  const values = copy();
  const carry = new CarryOuter(context, decorrelate, copy);
  const carried = carry.plan(readingFrom(right, read, values.columns), values);
  if (carried === null) return null;
  const on = [...conditions, ...sameValues(read, values.columns)];
  const type = apply.type === 'single' ? 'left' : apply.type;
  const joined = select(joinOf(type, reader(rowsId, left.columns), carried, on), apply.columns);
  const kept = fresh(left.columns);
  const places = read.map((column) => left.columns.findIndex(({ id }) => id === column.id));
  const own = fresh(left.columns);
  const distinct = distinctOf(
    projectOf(
      reader(rowsId, own),
      fresh(read),
      places.map((place) => columnReference(own[place]!)),
    ),
  );
  const columns = apply.columns;
  const name = 'outer';
  const body: LogicalPlan = { kind: 'cte', columns, id: valuesId, name, definition: distinct, body: joined };
  const definition = projectOf(left, kept, left.columns.map(columnReference));
  return { kind: 'cte', columns, id: rowsId, name, definition, body };
}

/** The plan with `to` in the place of the outer columns `from`. */
function readingFrom(plan: LogicalPlan, from: readonly PlanColumn[], to: readonly PlanColumn[]): LogicalPlan {
  const places = new Map(from.map((column, i) => [column.id, columnReference(to[i]!)]));
  return replaceInPlan(plan, (node) => (node.kind === 'column' ? places.get(node.id) : undefined));
}

/** Types whose equal values are the same in every way, so that one stands for all: unlike 1.0 and 1.00. */
const EXACT: ReadonlySet<TypeName> = new Set<TypeName>([
  ...([
    'bool',
    'int2',
    'int4',
    'int8',
    'oid',
    'text',
    'varchar',
    'date',
    'time',
    'timestamp',
    'timestamptz',
    'uuid',
  ] as const),
]);

function isExact({ type }: PlanColumn): boolean {
  return EXACT.has(type.name) || (type.name === 'numeric' && type.precision !== undefined);
}

/** Equal or both NULL, column by column. */
function sameValues(a: readonly PlanColumn[], b: readonly PlanColumn[]): Expression[] {
  return a.map((column, i) => {
    const { name } = column.type;
    const own = name === 'varchar' ? 'text' : name;
    const [left, right] = [columnReference(column), columnReference(b[i]!)];
    return { kind: 'is-distinct', type: BOOL, negated: true, left, right, equals: `=(${own},${own})` };
  });
}

class CarryOuter {
  private readonly context: RuleContext;
  private readonly decorrelate: Decorrelate;
  /** another reading of D, with columns of its own; null: the left rows are carried, which may repeat */
  private readonly copy: (() => LogicalPlan) | null;

  constructor(context: RuleContext, decorrelate: Decorrelate, copy: (() => LogicalPlan) | null) {
    this.context = context;
    this.decorrelate = decorrelate;
    this.copy = copy;
  }

  /** `plan` for each row of `outer`: columns of `outer`, then its own (those of them that `outer` has are not repeated). */
  plan(plan: LogicalPlan, outer: LogicalPlan): LogicalPlan | null {
    if (plan.kind === 'values' && plan.columns.length === 0 && plan.rows.length === 1) return outer;
    switch (plan.kind) {
      case 'filter':
        return this.filter(plan.input, conjunctsOf(plan.condition), outer);
      case 'scan':
        return this.filter({ ...plan, filters: [] }, plan.filters, outer);
      case 'project':
        return this.project(plan, outer);
      case 'sort':
        return this.plan(plan.input, outer);
      case 'join':
      case 'apply':
        return this.join(plan, outer);
      case 'project-set': {
        const input = this.plan(plan.input, outer);
        const own = plan.columns.slice(plan.input.columns.length);
        return input === null ? null : { ...plan, columns: [...input.columns, ...own], input };
      }
      default:
        return this.copy === null ? null : this.perOuterRow(plan, outer);
    }
  }

  /** A relation that reads no outer column meets the outer rows by the conditions. */
  private filter(input: LogicalPlan, conditions: readonly Expression[], outer: LogicalPlan): LogicalPlan | null {
    const ids = idsOf(outer.columns);
    if (isCorrelated(input, ids) || input.kind === 'values') {
      const joins = input.kind === 'join' || input.kind === 'apply';
      const { plan, above } = joins ? filteredSides(input, conditions, ids) : { plan: input, above: conditions };
      const carried = this.plan(plan, outer);
      return carried === null ? null : filterOf(carried, above);
    }
    const [between, own] = [true, false].map((crossing) => conditions.filter((c) => readsAny(c, ids) === crossing));
    return this.isKeyed(between!, ids) ? joinOf('inner', outer, filterOf(input, own!), between!) : null;
  }

  private isKeyed(conditions: readonly Expression[], ids: ReadonlySet<number>): boolean {
    return conditions.some((condition) => {
      if (!isEquality(condition)) return false;
      const [a, b] = condition.args as [Expression, Expression];
      return (readsWithin(a, ids) && !readsAny(b, ids)) || (readsWithin(b, ids) && !readsAny(a, ids));
    });
  }

  private project(plan: PlanOf<'project'>, outer: LogicalPlan): LogicalPlan | null {
    const input = this.plan(plan.input, outer);
    if (input === null) return null;
    const known = idsOf(outer.columns);
    const own = [...plan.columns.keys()].filter((i) => !known.has(plan.columns[i]!.id));
    return projectOf(
      input,
      [...outer.columns, ...own.map((i) => plan.columns[i]!)],
      [...outer.columns.map(columnReference), ...own.map((i) => plan.expressions[i]!)],
    );
  }

  private join(plan: PlanOf<'join'> | PlanOf<'apply'>, outer: LogicalPlan): LogicalPlan | null {
    const { type, left, right } = plan;
    if (type === 'right' || type === 'full') return null;
    const ids = idsOf(outer.columns);
    const conditions = conjunctsOf(plan.condition);
    if (type === 'inner' && plan.kind === 'join' && !isCorrelated(left, ids)) {
      const carried = this.filter(right, [], outer);
      return carried === null ? null : joinOf('inner', carried, left, conditions);
    }
    const carried = this.filter(left, [], outer);
    if (carried === null) return null;
    if (plan.kind === 'join' && !isCorrelated(right, ids)) return joinOf(plan.type, carried, right, conditions);
    if (type === 'null-aware-anti') return null;
    const columns = [...carried.columns, ...plan.columns.slice(left.columns.length)];
    const guard = plan.kind === 'apply' ? (plan.guard ?? null) : null;
    const { condition } = plan;
    const apply = { kind: 'apply', columns, type, left: carried, right, condition, guard } as const;
    const joined = this.decorrelate(apply, this.context);
    return joined.kind === 'apply' ? null : joined; // it would run more often than before
  }

  /** What looks at several rows looks at those of one outer row. */
  private perOuterRow(plan: LogicalPlan, outer: LogicalPlan): LogicalPlan | null {
    switch (plan.kind) {
      case 'aggregate':
        return this.aggregate(plan, outer);
      case 'distinct': {
        const input = this.plan(plan.input, outer);
        if (input === null) return null;
        const on = plan.on === null ? null : [...outer.columns.map(columnReference), ...plan.on];
        return { ...plan, columns: input.columns, input, on };
      }
      case 'limit': {
        const input = this.plan(plan.input, outer);
        const first = input === null ? null : limitPerKey(plan, input, outer.columns, this.context);
        return first === null ? null : select(first, input!.columns);
      }
      case 'window': {
        const input = this.plan(plan.input, outer);
        if (input === null) return null;
        const own = plan.columns.slice(plan.input.columns.length);
        const partitionBy = [...outer.columns.map(columnReference), ...plan.partitionBy];
        return { ...plan, columns: [...input.columns, ...own], input, partitionBy };
      }
      case 'set-operation':
        return this.setOperation(plan, outer);
      default:
        return null;
    }
  }

  private aggregate(plan: PlanOf<'aggregate'>, outer: LogicalPlan): LogicalPlan | null {
    if (plan.groupingSets !== null) return null;
    const values = this.copy!();
    const { input, ...rest } = plan;
    const inner = readingFrom({ ...rest, input }, outer.columns, values.columns) as typeof plan;
    const carried = this.plan(inner.input, values);
    if (carried === null) return null;
    const keys = outer.columns.map((column) => this.context.column(column.name, column.type));
    const grouped: LogicalPlan = {
      ...inner,
      columns: [...keys, ...inner.columns],
      input: carried,
      groupBy: [...values.columns.map(columnReference), ...inner.groupBy],
    };
    const columns = [...outer.columns, ...plan.columns];
    if (plan.groupBy.length > 0) return projectOf(grouped, columns, grouped.columns.map(columnReference));
    const empty = valuesOfEmptyGroups(plan, this.context);
    if (empty === null) return null;
    const joined = joinOf('left', outer, grouped, sameValues(outer.columns, keys));
    return projectOf(
      joined,
      columns,
      columns.map((column) => substitute(columnReference(column), empty)),
    );
  }

  private setOperation(plan: PlanOf<'set-operation'>, outer: LogicalPlan): LogicalPlan | null {
    const side = (input: LogicalPlan): LogicalPlan | null => {
      const values = this.copy!();
      const carried = this.filter(readingFrom(input, outer.columns, values.columns), [], values);
      return carried === null ? null : select(carried, [...values.columns, ...input.columns]);
    };
    const [left, right] = [side(plan.left), side(plan.right)];
    return left === null || right === null
      ? null
      : { ...plan, columns: [...outer.columns, ...plan.columns], left, right };
  }
}

/** A join under conditions: each goes to the side whose columns it reads, so that a side meets the outer rows by it; the others stay above. */
function filteredSides(
  plan: PlanOf<'join'> | PlanOf<'apply'>,
  conditions: readonly Expression[],
  outer: ReadonlySet<number>,
): { plan: LogicalPlan; above: readonly Expression[] } {
  const reads = (side: LogicalPlan) => {
    const ids = new Set([...idsOf(side.columns), ...outer]);
    return (condition: Expression): boolean => readsWithin(condition, ids);
  };
  const toLeft = plan.type === 'right' || plan.type === 'full' ? [] : conditions.filter(reads(plan.left));
  const rest = conditions.filter((condition) => !toLeft.includes(condition));
  const toRight = plan.kind === 'join' && plan.type === 'inner' ? rest.filter(reads(plan.right)) : [];
  return {
    plan: { ...plan, left: filterOf(plan.left, toLeft), right: filterOf(plan.right, toRight) },
    above: rest.filter((condition) => !toRight.includes(condition)),
  };
}
