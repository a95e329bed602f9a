// GROUP BY: keys by expression, ordinal or alias, ROLLUP, CUBE and GROUPING SETS; and what stands above an aggregate: every
// expression there is rewritten to use group columns, or refused as PostgreSQL does. Columns that depend on a grouped
// primary key become keys themselves, which changes no group.
import { SqlError, sqlError } from '../../errors/sql-error.ts';
import { columnReference, type Expression, type PlanColumn } from '../../plan/expression.ts';
import type { LogicalPlan } from '../../plan/logical.ts';
import { collectColumns, replaceDeep, replaceInPlan } from '../../plan/walk.ts';
import { childExpressions, sameExpression } from '../../plan/walk-expression.ts';
import { INT4 } from '../../types/sql-type.ts';
import type * as ast from '../ast.ts';
import { type BindState, freshColumn } from './bind-context.ts';
import { type BoundTarget, targetNamed } from './bound-target.ts';
import { settle } from './coerce.ts';
import { startOf } from './expression-position.ts';
import type { Collected, ExpressionScope } from './expression-scope.ts';
import { bindExpression } from './recursion.ts';
import { findColumn } from './scope.ts';
import { requireEquality } from './type-rules.ts';

export interface Grouping {
  readonly keys: readonly Expression[];
  /** indexes into keys; null: one plain set of all */
  readonly sets: readonly (readonly number[])[] | null;
}

/** null when there is no GROUP BY. */
export function bindGroupKeys(
  syntax: ast.Select,
  targets: readonly BoundTarget[],
  at: ExpressionScope,
): Grouping | null {
  if (syntax.groupBy.length === 0) return null;
  const keys: Expression[] = [];
  const keyOf = (e: ast.Expression): number[] =>
    bindKey(e, targets, at).map((key) => {
      const known = keys.findIndex((other) => sameExpression(other, key));
      return known >= 0 ? known : keys.push(key) - 1;
    });
  const parts = syntax.groupBy.map((element) => setsOf(element, keyOf));
  let sets: (readonly number[])[] = [[]];
  for (const part of parts) sets = sets.flatMap((left) => part.map((right) => [...new Set([...left, ...right])]));
  if (sets.length > 4096) throw sqlError('statement_too_complex', 'too many grouping sets present (maximum 4096)');
  if (syntax.groupByDistinct) {
    const seen = new Set<string>();
    sets = sets.filter((set) => {
      const name = [...set].sort((a, b) => a - b).join();
      return !seen.has(name) && seen.add(name);
    });
  }
  const plain = syntax.groupBy.every((element) => element.kind === 'grouping_expression');
  return { keys, sets: plain ? null : sets };
}

function setsOf(element: ast.GroupingElement, keyOf: (e: ast.Expression) => number[]): number[][] {
  const unit = (e: ast.Expression): number[] =>
    e.kind === 'row' && !e.explicit ? e.elements.flatMap(keyOf) : keyOf(e);
  switch (element.kind) {
    case 'grouping_expression':
      return [unit(element.expression)];
    case 'grouping_empty':
      return [[]];
    case 'grouping_sets':
      return element.elements.flatMap((inner) => setsOf(inner, keyOf));
    case 'grouping_rollup': {
      const units = element.elements.map(unit);
      return [...units.keys(), units.length].reverse().map((n) => units.slice(0, n).flat());
    }
    case 'grouping_cube': {
      const units = element.elements.map(unit);
      if (units.length > 12)
        throw sqlError('too_many_columns', 'CUBE is limited to 12 elements', { position: element.position });
      const count = 2 ** units.length;
      const masks = Array.from({ length: count }, (_, i) => count - 1 - i);
      return masks.map((mask) => units.flatMap((u, i) => ((mask >> (units.length - 1 - i)) & 1 ? u : [])));
    }
  }
}

/** An input column wins over an output name, as in PostgreSQL; a record stands for its fields. */
function bindKey(e: ast.Expression, targets: readonly BoundTarget[], at: ExpressionScope): Expression[] {
  const simple = e.kind === 'column' && e.parts.length === 1;
  const input = simple ? findColumn(at.scope, e.parts[0]!, e.position, at.state) : undefined;
  const named = input === undefined ? targetNamed(e, targets, 'GROUP BY') : undefined;
  const bound = settle(input ?? named ?? bindExpression(e, at), at.state);
  const seen = new Set<number>();
  collectColumns(bound, seen);
  const aggregate = at.collected.aggregates.find(({ column }) => seen.has(column.id));
  if (aggregate !== undefined) {
    const { position } = aggregate;
    throw sqlError('grouping_error', 'aggregate functions are not allowed in GROUP BY', { position });
  }
  const keys = bound.kind === 'row' ? [...bound.fields] : [bound];
  for (const key of keys) requireEquality(key.type, () => startOf(e));
  return keys;
}

export interface Grouped {
  readonly plan: LogicalPlan;
  /** rewrites an expression over the input to one over the aggregate's output */
  readonly change: (e: Expression) => Expression;
}

/** `above`: every expression that will be changed, to find the columns that depend on a grouped primary key. */
export function groupPlan(
  input: LogicalPlan,
  grouping: Grouping,
  collected: Collected,
  state: BindState,
  above: readonly Expression[],
): Grouped {
  const keys = [...grouping.keys, ...dependentKeys(input, grouping, above, state)];
  for (const { direct } of collected.aggregates) for (const e of direct) requireGrouped(e, keys, state);
  const sets = grouping.sets;
  const columns = keys.map((key) =>
    key.kind === 'column' && sets === null
      ? { id: key.id, name: key.name, type: key.type }
      : freshColumn(state, key.kind === 'column' ? key.name : 'group', key.type),
  );
  const ordinal = sets === null ? [] : [freshColumn(state, 'grouping_set', INT4)];
  const plan: LogicalPlan = {
    kind: 'aggregate',
    columns: [...columns, ...collected.aggregates.map((a) => a.column), ...ordinal],
    input,
    groupBy: keys,
    aggregates: collected.aggregates.map((a) => a.call),
    groupingSets: sets,
  };
  const inputIds = new Set(input.columns.map((column) => column.id));
  const outputIds = new Set(plan.columns.map((column) => column.id));
  const groupingValues = groupingFunctions(collected, keys, sets, ordinal[0]);
  const replace = (e: Expression): Expression | undefined => {
    const i = keys.findIndex((key) => sameExpression(key, e));
    if (i >= 0) return columnReference(columns[i]!);
    if (e.kind !== 'column') return undefined;
    const value = groupingValues.get(e.id);
    if (value !== undefined) return value;
    if (outputIds.has(e.id) && sets === null) return undefined;
    if (inputIds.has(e.id)) throw ungrouped(e, state);
    return undefined;
  };
  const inSubquery = (e: Expression): Expression | undefined => {
    try {
      return replace(e);
    } catch (error) {
      throw error instanceof SqlError && e.kind === 'column' ? ungroupedOuter(e, state) : error;
    }
  };
  const change = (e: Expression): Expression =>
    replaceDeep(e, (node) => {
      const replaced = replace(node);
      if (replaced !== undefined || node.kind !== 'subquery') return replaced;
      return { ...node, args: node.args.map(change), plan: replaceInPlan(node.plan, inSubquery) };
    });
  return { plan, change };
}

/** The fraction of percentile_cont(fraction) is one per group. */
function requireGrouped(direct: Expression, keys: readonly Expression[], state: BindState): void {
  const loose = (e: Expression): Expression | undefined => {
    if (keys.some((key) => sameExpression(key, e))) return undefined;
    return e.kind === 'column'
      ? e
      : childExpressions(e)
          .map(loose)
          .find((found) => found !== undefined);
  };
  const found = loose(direct);
  if (found?.kind !== 'column') return;
  const { message, details } = ungrouped(found, state);
  const detail = 'Direct arguments of an ordered-set aggregate must use only grouped columns.';
  throw sqlError('grouping_error', message, { ...details, detail });
}

function ungrouped(e: Extract<Expression, { kind: 'column' }>, state: BindState) {
  const name = state.columnNames.get(e.id) ?? e.name;
  const text = `column "${name}" must appear in the GROUP BY clause or be used in an aggregate function`;
  const position = state.positions.get(e);
  return sqlError('grouping_error', text, position === undefined ? {} : { position });
}

function ungroupedOuter(e: Extract<Expression, { kind: 'column' }>, state: BindState) {
  const name = state.columnNames.get(e.id) ?? e.name;
  const position = state.positions.get(e);
  const text = `subquery uses ungrouped column "${name}" from outer query`;
  return sqlError('grouping_error', text, position === undefined ? {} : { position });
}

/** GROUPING(a, b) as a CASE over the number of the grouping set: bit 1 where the key is not grouped by. */
function groupingFunctions(
  collected: Collected,
  keys: readonly Expression[],
  sets: Grouping['sets'],
  ordinal: PlanColumn | undefined,
): Map<number, Expression> {
  const values = new Map<number, Expression>();
  for (const { args, column, position } of collected.groupings) {
    const indexes = args.map((arg) => keys.findIndex((key) => sameExpression(key, arg)));
    if (indexes.includes(-1)) {
      throw sqlError(
        'grouping_error',
        'arguments to GROUPING must be grouping expressions of the associated query level',
        { position },
      );
    }
    const constant = (value: number): Expression => ({ kind: 'constant', type: INT4, value });
    const bits = (set: readonly number[]): number =>
      indexes.reduce((sum, key) => sum * 2 + (set.includes(key) ? 0 : 1), 0);
    if (sets === null || ordinal === undefined) values.set(column.id, constant(0));
    else {
      const items = sets.map((set) => constant(bits(set)));
      values.set(column.id, chooseByOrdinal(columnReference(ordinal), items));
    }
  }
  return values;
}

function chooseByOrdinal(ordinal: Expression, items: readonly Expression[]): Expression {
  const branches = items.slice(0, -1).map((then, i) => ({
    when: {
      kind: 'call',
      type: { name: 'bool' },
      function: '=(int4,int4)',
      args: [ordinal, { kind: 'constant', type: INT4, value: i }],
    } as Expression,
    then,
  }));
  if (branches.length === 0) return items[0]!;
  return { kind: 'case', type: INT4, branches, otherwise: items.at(-1)! };
}

/** Columns used above that belong to a table whose whole primary key is grouped by. */
function dependentKeys(
  input: LogicalPlan,
  grouping: Grouping,
  above: readonly Expression[],
  state: BindState,
): Expression[] {
  if (grouping.sets !== null || grouping.keys.length === 0) return [];
  const grouped = grouping.keys.flatMap((key) => (key.kind === 'column' ? [key.id] : []));
  const used = new Set<number>();
  for (const e of above) collectColumns(e, used);
  return input.columns
    .filter((column) => used.has(column.id) && !grouped.includes(column.id))
    .flatMap((column): Expression[] => {
      const origin = state.origins.get(column.id);
      const relation = origin && state.context.catalog.relations.get(origin.relation);
      if (origin === undefined || relation?.kind !== 'table') return [];
      const key = relation.constraints.find((constraint) => constraint.kind === 'primary-key');
      const here = grouped.map((id) => state.origins.get(id)).filter((other) => other?.scan === origin.scan);
      const covered = key?.columns.every((attribute) => here.some((other) => other!.attribute === attribute));
      return covered === true ? [columnReference(column)] : [];
    });
}
