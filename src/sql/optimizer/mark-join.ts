// A mark as joins that find at most one row per left row, so that IN and EXISTS anywhere in an expression cost what they cost in WHERE.
// D has the right side's distinct values per key (keys: the inner sides of correlated equalities), F one row of facts per key:
//
//   EXISTS, k = o.k            left join D(k): is there a row?
//   x = y                      left join D(k, y), and F(k): has it rows, is some y NULL?
//   x < y, x <> y, k = o.k     left join F(k) with the least and the greatest y
//
// IN with several columns looks for a NULL answer row by row, where F says that there may be one. Where the right side is more than a filtered scan, D is computed once.
import { columnReference, type Expression, type PlanColumn } from '../../plan/expression.ts';
import type { LogicalPlan } from '../../plan/logical.ts';
import { conjunctsOf } from '../../plan/walk-expression.ts';
import { BOOL } from '../../types/sql-type.ts';
import {
  coalesce,
  distinctOf,
  extend,
  FALSE,
  idsOf,
  isNull,
  joinOf,
  not,
  nullOf,
  projectOf,
  TRUE,
} from './build-plan.ts';
import { hasUdf, isEquality, isVolatile, isVolatilePlan, readsAny, substitute } from './expression-facts.ts';
import { lowerMark } from './lower-marks.ts';
import { extremes, type Facts, factsOf } from './mark-facts.ts';
import { isCorrelated, type Pulled, pullUp } from './pull-up.ts';
import { renamePlan } from './rename-plan.ts';
import type { PlanOf, RuleContext } from './rule.ts';

/** One side of a comparison reads the left row only, the other the right row only. */
export interface Compared {
  readonly call: Extract<Expression, { kind: 'call' }>;
  readonly outer: Expression;
  readonly inner: Expression;
  /** the inner side stands on the operator's left */
  readonly turned: boolean;
}

/** The mark as joins under a projection to its columns; null: it has to be computed row by row. */
export function markJoin(mark: PlanOf<'mark'>, context: RuleContext): LogicalPlan | null {
  const { right } = mark;
  if (
    mark.guard !== null ||
    (isVolatilePlan(right, context.functions) && isCorrelated(right, idsOf(mark.left.columns)))
  )
    return null;
  const pulled = pullUp(right, idsOf(mark.left.columns), context);
  if (pulled === null) return null;
  return pulled.oneRow ? overOneRow(mark, pulled) : new MarkJoin(mark, pulled, context).join();
}

/** The right side gives exactly one row: its comparison is the mark. */
function overOneRow(mark: PlanOf<'mark'>, pulled: Pulled): LogicalPlan {
  const value = mark.condition === null ? TRUE : substitute(mark.condition, pulled.values);
  const joined = joinOf('left', mark.left, pulled.plan, pulled.conditions);
  return projectOf(joined, mark.columns, [...mark.left.columns.map(columnReference), value]);
}

class MarkJoin {
  private readonly mark: PlanOf<'mark'>;
  private readonly pulled: Pulled;
  private readonly context: RuleContext;
  private readonly innerIds: ReadonlySet<number>;
  /** the left rows, with a column for each compared value that is no column yet */
  private left: LogicalPlan;
  private readonly keys: Compared[] = [];
  /** conditions that read the left row only */
  private readonly outside: Expression[] = [];

  constructor(mark: PlanOf<'mark'>, pulled: Pulled, context: RuleContext) {
    this.mark = mark;
    this.pulled = pulled;
    this.context = context;
    this.left = mark.left;
    this.innerIds = idsOf(pulled.plan.columns);
  }

  join(): LogicalPlan | null {
    const own = conjunctsOf(this.mark.condition).map((condition) => substitute(condition, this.pulled.values));
    const compared = own.map((condition) => this.comparison(condition));
    const other: Compared[] = [];
    for (const condition of this.pulled.conditions) {
      const key = this.comparison(condition);
      if (!readsAny(condition, this.innerIds)) this.outside.push(condition);
      else if (key === null) return null;
      else (isEquality(key.call) ? this.keys : other).push(key);
    }
    if (compared.includes(null) || this.unfit()) return null;
    const [first, ...rest] = compared as Compared[];
    if (first === undefined) return this.exists(other);
    if (other.length > 0) return null;
    if ([first, ...rest].every(({ call }) => isEquality(call))) return this.among([first, ...rest]);
    return rest.length === 0 ? this.between(first) : null;
  }

  /** Functions of other processes and conditions that must not be moved. */
  private unfit(): boolean {
    const { condition } = this.mark;
    const all = [...this.pulled.conditions, ...(condition === null ? [] : [condition])];
    return all.some((one) => hasUdf(one) || isVolatile(one, this.context.functions));
  }

  private comparison(condition: Expression): Compared | null {
    if (condition.kind !== 'call' || condition.args.length !== 2) return null;
    const [a, b] = condition.args as [Expression, Expression];
    const outer = idsOf(this.mark.left.columns);
    const isInner = (e: Expression): boolean => readsAny(e, this.innerIds) && !readsAny(e, outer);
    if (isInner(b) && !readsAny(a, this.innerIds)) return { call: condition, outer: a, inner: b, turned: false };
    if (isInner(a) && !readsAny(b, this.innerIds)) return { call: condition, outer: b, inner: a, turned: true };
    return null;
  }

  /** EXISTS; with one more comparison by the least or greatest value of each key. */
  private exists(other: readonly Compared[]): LogicalPlan | null {
    const [bound, ...more] = other;
    if (more.length > 0) return null;
    if (bound !== undefined) {
      const found = this.boundFacts(bound);
      return found === null ? null : this.result(found.left, coalesce([found.value, FALSE]));
    }
    if (this.keys.length === 0 && this.outside.length === 0) return null;
    const { plan, columns } = this.valuesOf(this.keys);
    const { left, matched } = this.leftJoinDistinct(distinctOf(plan), this.conditionsOn(this.keys, columns));
    return this.result(left, isNull(columnReference(matched), true));
  }

  /** IN: true for a match; else NULL if the value or some other one is unknown; else false. */
  private among(compared: readonly Compared[]): LogicalPlan | null {
    const exact = !this.mark.nullAsFalse;
    const known = compared.map((one) => this.withOuterColumn(one));
    const { plan, columns } = this.valuesOf([...this.keys, ...known]);
    const on = this.conditionsOn([...this.keys, ...known], columns);
    if (!exact) {
      const { left, matched } = this.leftJoinDistinct(distinctOf(plan), on);
      return this.result(left, isNull(columnReference(matched), true));
    }
    return this.shared(plan, (values, copy) => {
      const facts = factsOf(copy, this.keys.length, known.length, [], this.context);
      const before = this.left;
      this.left = joinOf('left', before, facts.plan, this.conditionsOn(this.keys, facts.keys));
      const { left, matched } = this.leftJoinDistinct(values, on);
      const found = isNull(columnReference(matched), true);
      const unknown = mayBeUnknown(facts, known);
      return known.length === 1
        ? this.result(left, caseOf(found, TRUE, unknown, nullOf(BOOL)))
        : this.lookingAtNulls(left, found, unknown);
    });
  }

  /** With NULLs on either side (a, b) = (x, y) is NULL only where the other columns agree: the rows that may be so look one by one. */
  private lookingAtNulls(left: LogicalPlan, found: Expression, unknown: Expression): LogicalPlan {
    const { right, condition } = this.mark;
    const copy = renamePlan(right, this.context);
    const columns = new Map(right.columns.map((column, i) => [column.id, columnReference(copy.columns[i]!)]));
    const mark = this.context.column('mark', BOOL);
    const looked = lowerMark(
      {
        kind: 'mark',
        columns: [...left.columns, mark],
        left,
        right: copy,
        condition: substitute(condition!, columns),
        guard: { kind: 'and', type: BOOL, args: [not(found), unknown] },
        nullAsFalse: false,
      },
      this.context,
    );
    return this.result(looked, caseOf(found, TRUE, unknown, columnReference(mark)));
  }

  /** An order comparison with some right value: with the least or the greatest. */
  private between(compared: Compared): LogicalPlan | null {
    const found = this.boundFacts(this.withOuterColumn(compared));
    if (found === null) return null;
    if (this.mark.nullAsFalse) return this.result(found.left, coalesce([found.value, FALSE]));
    const unknown = mayBeUnknown(found.facts, [found.compared]);
    return this.result(found.left, caseOf(found.value, TRUE, unknown, nullOf(BOOL)));
  }

  private boundFacts(compared: Compared) {
    const wanted = extremes(compared, this.context);
    if (wanted === null) return null;
    const { plan } = this.valuesOf([...this.keys, compared]);
    const facts = factsOf(plan, this.keys.length, 1, wanted.aggregates, this.context);
    const keyed = this.conditionsOn(this.keys, facts.keys);
    const left = joinOf('left', this.left, facts.plan, [...keyed, ...this.outside]);
    return { left, compared, facts, value: wanted.test(facts.values.map(columnReference)) };
  }

  /** The comparison's outer side as a column of the left rows, for it is read more than once. */
  private withOuterColumn(compared: Compared): Compared {
    if (compared.outer.kind === 'column' || compared.outer.kind === 'constant') return compared;
    const column = this.context.column('compared', compared.outer.type);
    this.left = extend(this.left, [column], [compared.outer]);
    return { ...compared, outer: columnReference(column) };
  }

  /** The right rows as these inner sides. */
  private valuesOf(compared: readonly Compared[]): { plan: LogicalPlan; columns: readonly PlanColumn[] } {
    // Of no columns there would be one distinct row even where there is none.
    const expressions = compared.length === 0 ? [TRUE] : compared.map(({ inner }) => inner);
    const columns = expressions.map(({ type }) => this.context.column('value', type));
    return { plan: projectOf(this.pulled.plan, columns, expressions), columns };
  }

  /** The comparisons with columns in the place of their inner sides, and what must hold of the left row alone. */
  private conditionsOn(compared: readonly Compared[], columns: readonly PlanColumn[]): readonly Expression[] {
    const own = compared.map(({ call, outer, turned }, i) => {
      const inner = columnReference(columns[i]!);
      return { ...call, args: turned ? [inner, outer] : [outer, inner] };
    });
    return [...own, ...this.outside];
  }

  private leftJoinDistinct(
    values: LogicalPlan,
    conditions: readonly Expression[],
  ): { left: LogicalPlan; matched: PlanColumn } {
    const matched = this.context.column('matched', BOOL);
    return { left: joinOf('left', this.left, extend(values, [matched], [TRUE]), conditions), matched };
  }

  /** The distinct rows for one reader, at least those for another: computed twice where that is a scan, else kept. */
  private shared(plan: LogicalPlan, use: (distinct: LogicalPlan, rows: LogicalPlan) => LogicalPlan): LogicalPlan {
    if (isCheap(plan, this.context)) return use(distinctOf(plan), renamePlan(plan, this.context));
    const id = this.context.cteId();
    const name = 'values';
    const reader = (columns: readonly PlanColumn[]): LogicalPlan => ({ kind: 'cte-reference', columns, id, name });
    const copies = plan.columns.map((column) => this.context.column(column.name, column.type));
    const kept = plan.columns.map((column) => this.context.column(column.name, column.type));
    const definition = projectOf(distinctOf(plan), kept, plan.columns.map(columnReference));
    const body = use(reader(plan.columns), reader(copies));
    return { kind: 'cte', columns: body.columns, id, name, definition, body };
  }

  private result(left: LogicalPlan, value: Expression): LogicalPlan {
    const { columns } = this.mark;
    return projectOf(left, columns, [...this.mark.left.columns.map(columnReference), value]);
  }
}

/** Comparisons are NULL for some row: a NULL among the values, or among what is compared with any of them. */
function mayBeUnknown(facts: Facts, compared: readonly Compared[]): Expression {
  const missing = compared.map(({ outer }) => isNull(outer));
  const anyMissing: Expression = missing.length === 1 ? missing[0]! : { kind: 'or', type: BOOL, args: missing };
  const left: Expression = { kind: 'and', type: BOOL, args: [columnReference(facts.hasRows), anyMissing] };
  return { kind: 'or', type: BOOL, args: [columnReference(facts.hasNull), left] };
}

function caseOf(when: Expression, then: Expression, second: Expression, value: Expression): Expression {
  const branches = [
    { when, then },
    { when: second, then: value },
  ];
  return { kind: 'case', type: BOOL, branches, otherwise: FALSE };
}

/** Reading it a second time costs a second pass over a table, no more. */
function isCheap(plan: LogicalPlan, context: RuleContext): boolean {
  if (plan.kind === 'scan' || plan.kind === 'values' || plan.kind === 'cte-reference') return true;
  if (plan.kind !== 'project' && plan.kind !== 'filter') return false;
  return isCheap(plan.input, context) && !isVolatilePlan(plan, context.functions);
}
