// Projection pruning: every node produces only the columns that something above it reads, down to the attributes that scans
// fetch. A scan keeps one column where only the number of rows matters.
import type { Expression } from '../../plan/expression.ts';
import type { LogicalPlan } from '../../plan/logical.ts';
import { childPlans, collectColumns, expressionsOf, freeColumns, withChildren } from '../../plan/walk.ts';

type Needed = ReadonlySet<number>;

export function pruneColumns(plan: LogicalPlan): LogicalPlan {
  return prune(plan, new Set(plan.columns.map((column) => column.id)));
}

function plus(needed: Needed, expressions: readonly Expression[]): Set<number> {
  const all = new Set(needed);
  for (const e of expressions) collectColumns(e, all);
  return all;
}

const allOf = (plan: LogicalPlan): Set<number> => new Set(plan.columns.map((column) => column.id));

/** Indexes of the wanted columns; at least one where there are any. */
function keptIndexes(plan: LogicalPlan, needed: Needed): number[] {
  const kept = plan.columns.flatMap((column, i) => (needed.has(column.id) ? [i] : []));
  return kept.length > 0 || plan.columns.length === 0 ? kept : [0];
}

const pick = <T>(list: readonly T[], indexes: readonly number[]): T[] => indexes.map((i) => list[i]!);

function prune(plan: LogicalPlan, needed: Needed): LogicalPlan {
  switch (plan.kind) {
    case 'scan':
    case 'table-function': {
      const kept = keptIndexes(plan, plus(needed, plan.filters));
      if (kept.length === plan.columns.length) return plan;
      return { ...plan, columns: pick(plan.columns, kept), attributes: pick(plan.attributes, kept) };
    }
    case 'values': {
      const kept = plan.columns.flatMap((column, i) => (needed.has(column.id) ? [i] : []));
      if (kept.length === plan.columns.length) return plan;
      return { ...plan, columns: pick(plan.columns, kept), rows: plan.rows.map((row) => pick(row, kept)) };
    }
    case 'project': {
      const kept = plan.columns.flatMap((column, i) => (needed.has(column.id) ? [i] : []));
      const expressions = pick(plan.expressions, kept);
      return {
        ...plan,
        columns: pick(plan.columns, kept),
        expressions,
        input: prune(plan.input, plus(new Set(), expressions)),
      };
    }
    case 'join':
    case 'apply':
      return pruneJoin(plan, needed);
    case 'aggregate':
      return pruneAggregate(plan, needed);
    case 'set-operation':
      return pruneSetOperation(plan, needed);
    case 'window': {
      const own = plan.columns.slice(plan.input.columns.length);
      const kept = own.flatMap((column, i) => (needed.has(column.id) ? [i] : []));
      if (kept.length === 0) return prune(plan.input, needed);
      const node = { ...plan, calls: pick(plan.calls, kept) };
      const input = prune(plan.input, plus(needed, expressionsOf(node)));
      return { ...node, input, columns: [...input.columns, ...pick(own, kept)] };
    }
    default:
      return pruneOther(plan, needed);
  }
}

function pruneJoin(plan: Extract<LogicalPlan, { kind: 'join' | 'apply' }>, needed: Needed): LogicalPlan {
  const used = plus(needed, expressionsOf(plan));
  if (plan.kind === 'apply') for (const id of freeColumns(plan.right)) used.add(id);
  const left = prune(plan.left, used);
  const right = prune(plan.right, used);
  const leftOnly = plan.type === 'semi' || plan.type === 'anti' || plan.type === 'null-aware-anti';
  return { ...plan, left, right, columns: leftOnly ? left.columns : [...left.columns, ...right.columns] };
}

function pruneAggregate(plan: Extract<LogicalPlan, { kind: 'aggregate' }>, needed: Needed): LogicalPlan {
  const keys = plan.groupBy.length;
  const kept = plan.aggregates.flatMap((_, i) => (needed.has(plan.columns[keys + i]!.id) ? [i] : []));
  const columns = plan.columns.filter(
    (_, i) => i < keys || i >= keys + plan.aggregates.length || kept.includes(i - keys),
  );
  const node = { ...plan, columns, aggregates: pick(plan.aggregates, kept) };
  return { ...node, input: prune(plan.input, plus(new Set(), expressionsOf(node))) };
}

function pruneSetOperation(plan: Extract<LogicalPlan, { kind: 'set-operation' }>, needed: Needed): LogicalPlan {
  const whole = !plan.all || plan.operation !== 'union';
  const kept = whole ? [...plan.columns.keys()] : keptIndexes(plan, needed);
  const side = (input: LogicalPlan): LogicalPlan => {
    const columns = pick(input.columns, kept);
    const pruned = prune(input, new Set(columns.map((column) => column.id)));
    const same = pruned.columns.length === columns.length && columns.every((c, i) => c.id === pruned.columns[i]!.id);
    if (same) return pruned;
    return {
      kind: 'project',
      columns,
      input: pruned,
      expressions: columns.map((c): Expression => ({ kind: 'column', type: c.type, id: c.id, name: c.name })),
    };
  };
  return { ...plan, columns: pick(plan.columns, kept), left: side(plan.left), right: side(plan.right) };
}

function pruneOther(plan: LogicalPlan, needed: Needed): LogicalPlan {
  switch (plan.kind) {
    case 'filter':
    case 'sort':
    case 'limit': {
      const input = prune(plan.input, plus(needed, expressionsOf(plan)));
      return { ...plan, input, columns: input.columns };
    }
    case 'distinct': {
      const input = prune(plan.input, plan.on === null ? allOf(plan.input) : plus(needed, expressionsOf(plan)));
      return { ...plan, input, columns: input.columns };
    }
    case 'project-set':
    case 'window-assign': {
      const added = plan.columns.slice(plan.input.columns.length);
      const input = prune(plan.input, plus(needed, expressionsOf(plan)));
      return { ...plan, input, columns: [...input.columns, ...added] };
    }
    case 'cte': {
      const body = prune(plan.body, needed);
      return { ...plan, definition: exactly(plan.definition), body, columns: body.columns };
    }
    case 'recursive-cte':
      return withChildren(plan, [exactly(plan.base), exactly(plan.step)]);
    default:
      return withChildren(plan, childPlans(plan).map(exactly));
  }
}

/** Prunes inside, keeping all columns in place. */
function exactly(plan: LogicalPlan): LogicalPlan {
  return prune(plan, allOf(plan));
}
