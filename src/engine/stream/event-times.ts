// Which columns of a plan carry event time or a window's bounds: found by following columns upwards from the streams' watermark
// columns. From it follow what EMIT ON WINDOW CLOSE waits for and which groups may be forgotten.
import type { BatchPlan } from '../../plan/batch.ts';
import type { Expression } from '../../plan/expression.ts';
import type { EventWindow } from '../../plan/logical.ts';
import type { WindowEnd } from './window-close.ts';

export type TimeRole = 'event' | 'start' | 'end' | null;

export interface EventTimes {
  readonly roles: readonly TimeRole[];
  /** size of the windows that 'start' belongs to */
  readonly windowMicros: bigint | null;
}

/** The watermark attribute of a stream, or null. */
export type WatermarkAttribute = (relation: number) => number | null;

const role = (roles: readonly TimeRole[], expression: Expression): TimeRole =>
  expression.kind === 'input' ? (roles[expression.index] ?? null) : null;

export function eventTimes(
  plan: BatchPlan,
  watermark: WatermarkAttribute,
  ctes: ReadonlyMap<number, EventTimes> = new Map(),
): EventTimes {
  const of = (input: BatchPlan) => eventTimes(input, watermark, ctes);
  const none: EventTimes = { roles: plan.types.map(() => null), windowMicros: null };
  switch (plan.kind) {
    case 'table-scan': {
      const attribute = watermark(plan.relation);
      return { roles: plan.attributes.map((a) => (a === attribute ? 'event' : null)), windowMicros: null };
    }
    case 'filter':
    case 'distinct-on':
    case 'sort':
    case 'top-n':
    case 'limit':
    case 'single-check':
      return of(plan.input);
    case 'window':
    case 'project-set':
    case 'udf-project': {
      const input = of(plan.input);
      return { ...input, roles: plan.types.map((_, i) => input.roles[i] ?? null) };
    }
    case 'project': {
      const input = of(plan.input);
      return { ...input, roles: plan.expressions.map((expression) => role(input.roles, expression)) };
    }
    case 'aggregate': {
      const input = of(plan.input);
      const keys = plan.groupingSets === null ? plan.groupBy.map((key) => role(input.roles, key)) : [];
      return { ...input, roles: plan.types.map((_, i) => keys[i] ?? null) };
    }
    case 'window-assign': {
      const input = of(plan.input);
      const timed = role(input.roles, plan.time) === 'event';
      return {
        roles: [...input.roles, ...(timed ? (['start', 'end', null] as const) : [null, null, null])],
        windowMicros: timed ? fixedSize(plan.window) : null,
      };
    }
    case 'hash-join':
    case 'nested-loop-join': {
      const left = of(plan.left);
      if (['semi', 'anti', 'null-aware-anti'].includes(plan.type)) return left;
      const right = of(plan.right);
      return { roles: [...left.roles, ...right.roles], windowMicros: sameSize(left, right) };
    }
    case 'set-difference':
      return of(plan.left);
    case 'union-all': {
      const [first, ...others] = plan.inputs.map(of);
      if (first === undefined || others.some((other) => sameSize(first, other) !== first.windowMicros)) return none;
      return {
        ...first,
        roles: first.roles.map((one, i) => (others.every((other) => other.roles[i] === one) ? one : null)),
      };
    }
    case 'cte':
      return eventTimes(plan.body, watermark, new Map([...ctes, [plan.id, of(plan.definition)]]));
    case 'cte-scan':
      return ctes.get(plan.id) ?? none;
    default:
      return none;
  }
}

/** What to add to a window's start to get its end, where that is the same for all. */
function fixedSize(window: EventWindow): bigint | null {
  return window.kind === 'tumble' || window.kind === 'hop' ? window.sizeMicros : null;
}

function sameSize(a: EventTimes, b: EventTimes): bigint | null {
  if (a.windowMicros === null || b.windowMicros === null) return a.windowMicros ?? b.windowMicros;
  return a.windowMicros === b.windowMicros ? a.windowMicros : null;
}

/** Where to read the end of the window a row belongs to. */
export function windowEnd({ roles, windowMicros }: EventTimes): WindowEnd | null {
  const end = roles.indexOf('end');
  if (end >= 0) return { column: end, plusMicros: 0n };
  const start = roles.indexOf('start');
  return start >= 0 && windowMicros !== null ? { column: start, plusMicros: windowMicros } : null;
}

/** A plan whose rows carry their window's end, behind the columns of `plan` if need be; null where there is none. */
export function withWindowEnd(
  plan: BatchPlan,
  watermark: WatermarkAttribute,
): { plan: BatchPlan; end: WindowEnd } | null {
  const own = windowEnd(eventTimes(plan, watermark));
  if (own !== null) return { plan, end: own };
  if (plan.kind === 'sort' || plan.kind === 'filter') {
    const input = withWindowEnd(plan.input, watermark);
    if (input === null) return null;
    return { plan: { ...plan, input: input.plan, types: input.plan.types, names: input.plan.names }, end: input.end };
  }
  if (plan.kind !== 'project') return null;
  const input = windowEnd(eventTimes(plan.input, watermark));
  if (input === null) return null;
  const type = plan.input.types[input.column]!;
  const hidden: BatchPlan = {
    ...plan,
    expressions: [...plan.expressions, { kind: 'input', type, index: input.column }],
    types: [...plan.types, type],
    names: [...plan.names, 'window_end'],
  };
  return { plan: hidden, end: { column: plan.types.length, plusMicros: input.plusMicros } };
}
