// Which columns of an operator's output the one above looks at, so that joins do not fetch the others. A set of column numbers;
// null means all.
import type { BatchPlan } from '../../plan/batch.ts';

/** Found when an operator asks: most do not. */
export type UsedColumns = () => ReadonlySet<number> | null;

export const ALL_COLUMNS: UsedColumns = () => null;

/** The input columns that expressions (anywhere in `part`) refer to. */
export function inputColumns(part: unknown, into = new Set<number>()): Set<number> {
  if (Array.isArray(part)) for (const each of part) inputColumns(each, into);
  else if (typeof part === 'object' && part !== null) {
    const { kind, index } = part as { kind?: unknown; index?: unknown };
    if (kind === 'input' && typeof index === 'number') into.add(index);
    else if (kind !== 'constant') for (const each of Object.values(part)) inputColumns(each, into);
  }
  return into;
}

/** Of the (left) input of `plan`, when `used` columns of its own output are. */
export function childColumns(plan: BatchPlan, used: UsedColumns): UsedColumns {
  switch (plan.kind) {
    case 'project':
    case 'filter':
    case 'aggregate':
    case 'hash-join':
    case 'nested-loop-join':
      return () => columnsBelow(plan, used());
    default:
      return ALL_COLUMNS;
  }
}

type Passing = Extract<BatchPlan, { kind: 'project' | 'filter' | 'aggregate' | 'hash-join' | 'nested-loop-join' }>;

function columnsBelow(plan: Passing, used: ReadonlySet<number> | null): ReadonlySet<number> | null {
  switch (plan.kind) {
    case 'project':
      // All computed columns are computed, looked at or not.
      return inputColumns(plan.expressions.filter((each, i) => each.kind !== 'input' || used === null || used.has(i)));
    case 'filter':
      return used === null ? null : inputColumns(plan.condition, new Set(used));
    case 'aggregate':
      return inputColumns([plan.groupBy, plan.aggregates]);
    case 'hash-join':
    case 'nested-loop-join': {
      if (used === null) return null;
      const condition = plan.kind === 'hash-join' ? [plan.leftKeys, plan.residual] : plan.condition;
      return inputColumns(condition, new Set(used));
    }
  }
}
