// Taking the correlation out of an apply's right side: conditions that read outer columns are pulled up through its nodes, in the
// manner of Neumann and Kemper ("Unnesting Arbitrary Queries"), until they can be the condition of a join. Below a grouping, a
// DISTINCT, a window or a LIMIT only equalities pass, and their inner side becomes a key: what was computed once per outer row is
// then computed once per key, for all of them in one pass.
import { type AggregateCall, columnReference, type Expression, type PlanColumn } from '../../plan/expression.ts';
import type { LogicalPlan } from '../../plan/logical.ts';
import { mayFail } from '../../plan/sure-expressions.ts';
import { columnsIn, freeColumns } from '../../plan/walk.ts';
import { conjunctsOf } from '../../plan/walk-expression.ts';
import { BOOL, INT8 } from '../../types/sql-type.ts';
import { coalesce, extend, filterOf, idsOf, int8, joinOf, projectOf } from './build-plan.ts';
import { isEquality, isOneRow, isVolatile, readsAny, readsWithin, substitute } from './expression-facts.ts';
import type { PlanOf, RuleContext } from './rule.ts';
import { isNullFor } from './simplify-expressions.ts';

export interface Pulled {
  /** free of outer columns */
  readonly plan: LogicalPlan;
  /** over the plan's and the outer columns */
  readonly conditions: readonly Expression[];
  /** columns of the original plan that must be computed above the join, from the plan's and the outer columns */
  readonly values: ReadonlyMap<number, Expression>;
  /** An aggregate without GROUP BY: one row per outer row even where the plan has none; `values` then see NULLs. */
  readonly oneRow: boolean;
  /** at most one row per outer row */
  readonly atMostOne: boolean;
}

const NO_VALUES: ReadonlyMap<number, Expression> = new Map();

/** null: this shape keeps its apply. */
export function pullUp(plan: LogicalPlan, outer: ReadonlySet<number>, context: RuleContext): Pulled | null {
  if (!isCorrelated(plan, outer)) return { plan, conditions: [], values: NO_VALUES, oneRow: false, atMostOne: false };
  return new PullUp(outer, context).plan(plan);
}

export function isCorrelated(plan: LogicalPlan, outer: ReadonlySet<number>): boolean {
  for (const id of freeColumns(plan)) if (outer.has(id)) return true;
  return false;
}

class PullUp {
  private readonly outer: ReadonlySet<number>;
  private readonly context: RuleContext;

  constructor(outer: ReadonlySet<number>, context: RuleContext) {
    this.outer = outer;
    this.context = context;
  }

  plan(plan: LogicalPlan): Pulled | null {
    switch (plan.kind) {
      case 'scan': {
        const [conditions, filters] = this.splitCorrelated(plan.filters);
        return pulled({ ...plan, filters }, conditions);
      }
      case 'filter':
        return this.filter(plan);
      case 'project':
        return this.project(plan);
      case 'sort':
        return this.input(plan.input);
      case 'join':
        return this.join(plan);
      case 'aggregate':
        return this.aggregate(plan);
      case 'distinct':
        return this.distinct(plan);
      case 'limit':
        return this.limit(plan);
      case 'window':
        return this.window(plan);
      default:
        return null;
    }
  }

  private input(plan: LogicalPlan): Pulled | null {
    return pullUp(plan, this.outer, this.context);
  }

  /** Conditions that read outer columns, and the others. */
  private splitCorrelated(conditions: readonly Expression[]): [Expression[], Expression[]] {
    const correlated = conditions.filter((condition) => readsAny(condition, this.outer));
    return [correlated, conditions.filter((condition) => !correlated.includes(condition))];
  }

  private filter(plan: PlanOf<'filter'>): Pulled | null {
    const below = this.input(plan.input);
    if (below === null || below.oneRow || isVolatile(plan.condition, this.context.functions)) return null;
    const own = conjunctsOf(plan.condition).map((condition) => substitute(condition, below.values));
    const [correlated, rest] = this.splitCorrelated(own);
    return { ...below, plan: filterOf(below.plan, rest), conditions: [...below.conditions, ...correlated] };
  }

  private project(plan: PlanOf<'project'>): Pulled | null {
    const below = this.input(plan.input);
    if (below === null || plan.expressions.some((e) => isVolatile(e, this.context.functions))) return null;
    const expressions = plan.expressions.map((expression) => substitute(expression, below.values));
    const values = new Map<number, Expression>();
    const columns: PlanColumn[] = [];
    const computed: Expression[] = [];
    for (const [i, column] of plan.columns.entries()) {
      if (below.oneRow || readsAny(expressions[i]!, this.outer)) values.set(column.id, expressions[i]!);
      else if (!columns.some((other) => other.id === column.id)) {
        columns.push(column);
        computed.push(expressions[i]!);
      }
    }
    if (below.oneRow) return this.computedPerKey(below, values);
    const needed = new Set([...below.conditions, ...values.values()].flatMap((e) => [...columnsIn(e)]));
    for (const column of below.plan.columns) {
      if (!needed.has(column.id) || columns.some((other) => other.id === column.id)) continue;
      columns.push(column);
      computed.push(columnReference(column));
    }
    return { ...below, plan: projectOf(below.plan, columns, computed), values };
  }

  /** What is NULL for an outer row without a group anyway is computed once per group, below the join. */
  private computedPerKey(below: Pulled, values: ReadonlyMap<number, Expression>): Pulled {
    const available = idsOf(below.plan.columns);
    const above = new Map(values);
    const columns: PlanColumn[] = [];
    const expressions: Expression[] = [];
    for (const [id, value] of values) {
      const moves = value.kind === 'call' && !mayFail(value) && readsWithin(value, available);
      if (!moves || !isNullFor(value, available, this.context)) continue;
      const column = this.context.column('per_key', value.type);
      columns.push(column);
      expressions.push(value);
      above.set(id, columnReference(column));
    }
    return { ...below, plan: extend(below.plan, columns, expressions), values: above };
  }

  private join(plan: PlanOf<'join'>): Pulled | null {
    const left = this.input(plan.left);
    if (left === null || left.oneRow) return null;
    const condition = plan.condition === null ? null : substitute(plan.condition, left.values);
    if (plan.type === 'inner') {
      const right = this.input(plan.right);
      if (right === null || right.oneRow) return null;
      const own = conjunctsOf(condition).map((conjunct) => substitute(conjunct, right.values));
      if (own.some((conjunct) => isVolatile(conjunct, this.context.functions))) return null;
      const [correlated, inside] = this.splitCorrelated(own);
      return {
        plan: joinOf('inner', left.plan, right.plan, inside),
        conditions: [...left.conditions, ...right.conditions, ...correlated],
        values: new Map([...left.values, ...right.values]),
        oneRow: false,
        atMostOne: false,
      };
    }
    const simple = plan.type === 'left' || plan.type === 'semi' || plan.type === 'anti';
    if (!simple || isCorrelated(plan.right, this.outer)) return null;
    if (condition !== null && readsAny(condition, this.outer)) return null;
    return { ...left, plan: joinOf(plan.type, left.plan, plan.right, conjunctsOf(condition)), atMostOne: false };
  }

  private aggregate(plan: PlanOf<'aggregate'>): Pulled | null {
    const below = this.input(plan.input);
    if (below === null || below.oneRow || plan.groupingSets !== null) return null;
    const keys = this.keysOf(below);
    if (keys === null) return null;
    const groupBy = plan.groupBy.map((key) => substitute(key, below.values));
    const aggregates = plan.aggregates.map((call) => substituteCall(call, below.values));
    const reads = [...groupBy, ...aggregates.flatMap((call) => expressionsOfCall(call))];
    if (reads.some((expression) => readsAny(expression, this.outer))) return null;
    const width = groupBy.length;
    const grouped: LogicalPlan = {
      ...plan,
      columns: [...plan.columns.slice(0, width), ...keys.columns, ...plan.columns.slice(width)],
      input: below.plan,
      groupBy: [...groupBy, ...keys.expressions],
      aggregates,
    };
    if (width > 0) return pulled(grouped, keys.conditions);
    const values = valuesOfEmptyGroups(plan, this.context);
    return values === null
      ? null
      : { plan: grouped, conditions: keys.conditions, values, oneRow: true, atMostOne: true };
  }

  private distinct(plan: PlanOf<'distinct'>): Pulled | null {
    const below = this.input(plan.input);
    if (below === null || below.oneRow || below.values.size > 0) return null;
    const keys = this.keysOf(below);
    if (keys === null) return null;
    if (plan.on === null) {
      const own = projectOf(
        below.plan,
        [...plan.columns, ...keys.columns],
        [...plan.columns.map(columnReference), ...keys.expressions],
      );
      return pulled({ ...plan, columns: own.columns, input: own }, keys.conditions);
    }
    const input = extend(below.plan, keys.columns, keys.expressions);
    const on = [...plan.on, ...keys.columns.map(columnReference)];
    if ([...on, ...plan.orderBy.map((key) => key.expression)].some((e) => readsAny(e, this.outer))) return null;
    return pulled({ ...plan, columns: input.columns, input, on }, keys.conditions);
  }

  private limit(plan: PlanOf<'limit'>): Pulled | null {
    const below = this.input(plan.input);
    if (below === null || below.oneRow || below.values.size > 0) return null;
    const keys = this.keysOf(below);
    if (keys === null || keys.columns.length === 0) return null;
    const input = extend(below.plan, keys.columns, keys.expressions);
    const limited = limitPerKey(plan, input, keys.columns, this.context);
    return limited === null ? null : { ...pulled(limited, keys.conditions), atMostOne: isOneRow(plan) };
  }

  private window(plan: PlanOf<'window'>): Pulled | null {
    const below = this.input(plan.input);
    if (below === null || below.oneRow || below.values.size > 0) return null;
    const keys = this.keysOf(below);
    if (keys === null) return null;
    const input = extend(below.plan, keys.columns, keys.expressions);
    const own = plan.columns.slice(plan.input.columns.length);
    const partitionBy = [...plan.partitionBy, ...keys.columns.map(columnReference)];
    const result: LogicalPlan = { ...plan, columns: [...input.columns, ...own], input, partitionBy };
    return isCorrelated(result, this.outer) ? null : pulled(result, keys.conditions);
  }

  /** The inner sides of the equalities as key columns; null where a condition is no equality of an inner and an outer side. */
  private keysOf(below: Pulled): { columns: PlanColumn[]; expressions: Expression[]; conditions: Expression[] } | null {
    const inner = idsOf(below.plan.columns);
    const keys = { columns: [] as PlanColumn[], expressions: [] as Expression[], conditions: [] as Expression[] };
    const key = (expression: Expression): Expression => {
      const column = this.context.column(expression.kind === 'column' ? expression.name : 'key', expression.type);
      keys.columns.push(column);
      keys.expressions.push(expression);
      return columnReference(column);
    };
    const isInner = (e: Expression): boolean => readsAny(e, inner) && !readsAny(e, this.outer);
    for (const condition of below.conditions) {
      if (!readsAny(condition, inner)) keys.conditions.push(condition);
      else if (isEquality(condition)) {
        const [a, b] = condition.args as [Expression, Expression];
        if (isInner(a) && !readsAny(b, inner)) keys.conditions.push({ ...condition, args: [key(a), b] });
        else if (isInner(b) && !readsAny(a, inner)) keys.conditions.push({ ...condition, args: [a, key(b)] });
        else return null;
      } else return null;
    }
    return keys;
  }
}

function pulled(plan: LogicalPlan, conditions: readonly Expression[]): Pulled {
  return { plan, conditions, values: NO_VALUES, oneRow: false, atMostOne: false };
}

function isPlain(plan: PlanOf<'project'>): boolean {
  return plan.expressions.every((expression) => expression.kind === 'column');
}

function substituteCall(call: AggregateCall, values: ReadonlyMap<number, Expression>): AggregateCall {
  return {
    ...call,
    args: call.args.map((arg) => substitute(arg, values)),
    filter: call.filter === null ? null : substitute(call.filter, values),
    orderBy: call.orderBy.map((key) => ({ ...key, expression: substitute(key.expression, values) })),
  };
}

function expressionsOfCall(call: AggregateCall): readonly Expression[] {
  return [...call.args, ...(call.filter === null ? [] : [call.filter]), ...call.orderBy.map((key) => key.expression)];
}

/** A group without rows is not in the join's result: what the aggregates would have given for it. */
export function valuesOfEmptyGroups(plan: PlanOf<'aggregate'>, context: RuleContext): Map<number, Expression> | null {
  const values = new Map<number, Expression>();
  for (const [i, call] of plan.aggregates.entries()) {
    const column = plan.columns[i]!;
    const { state } = context.functions.aggregate(call.function);
    if (state.kind === 'vector') {
      const counts = state.operation === 'count' || state.operation === 'count-star';
      const reference = columnReference(column);
      values.set(column.id, counts ? coalesce([reference, int8(0n)]) : reference);
      continue;
    }
    try {
      const value = state.finish(
        [],
        { nowMicros: 0n, timeZone: 'UTC' },
        call.args.map((arg) => arg.type),
      );
      const reference = columnReference(column);
      const empty: Expression = { kind: 'constant', type: column.type, value };
      values.set(column.id, value === null ? reference : coalesce([reference, empty]));
    } catch {
      return null; // it needs its rows or its session to say
    }
  }
  return values;
}

/** The first n rows of every key, by row_number; `input` is the limit's input with more columns; the number is one more. null: not a plain LIMIT. */
export function limitPerKey(
  plan: PlanOf<'limit'>,
  input: LogicalPlan,
  keys: readonly PlanColumn[],
  context: RuleContext,
): LogicalPlan | null {
  const { limit } = plan;
  if (plan.offset !== null || plan.withTies !== null || limit?.kind !== 'constant' || limit.value === null) return null;
  let ordered = plan.input;
  while (ordered.kind === 'project' && isPlain(ordered)) ordered = ordered.input;
  const orderBy = ordered.kind === 'sort' ? ordered.keys : [];
  const available = idsOf(input.columns);
  if (!orderBy.every((key) => readsWithin(key.expression, available))) return null;
  const number = context.column('row_number', INT8);
  const numbered: LogicalPlan = {
    kind: 'window',
    columns: [...input.columns, number],
    input,
    partitionBy: keys.map(columnReference),
    orderBy,
    frame: {
      mode: 'range',
      start: { kind: 'unbounded-preceding' },
      end: { kind: 'current-row' },
      exclude: 'no others',
    },
    calls: [{ function: 'row_number()', aggregate: false, type: INT8, args: [], filter: null, ignoreNulls: false }],
  };
  const first: Expression = {
    kind: 'call',
    type: BOOL,
    function: '<=(int8,int8)',
    args: [columnReference(number), int8(BigInt(String(limit.value)))],
  };
  return filterOf(numbered, [first]);
}
