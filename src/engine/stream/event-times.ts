// Which columns of a plan carry event time or a window's bounds: found by following columns upwards from the streams' watermark
// columns. From it follow what EMIT ON WINDOW CLOSE waits for and which groups may be forgotten.
import type { BatchPlan } from '../../plan/batch.ts';
import type { Expression } from '../../plan/expression.ts';
import type { EventWindow } from '../../plan/logical.ts';
import type { WindowEnd } from './window-close.ts';

export type TimeRole = 'event' | 'start' | 'end' | null;

/** Which side of an outer join a column is of that may be absent in a row; of a full join at least one side is there. */
interface Absent {
  readonly join: BatchPlan;
  readonly side: 'left' | 'right';
}

export interface EventTimes {
  readonly roles: readonly TimeRole[];
  /** by column: why it is NULL in some rows that do have a time; not there: never */
  readonly absent: ReadonlyMap<number, Absent>;
  /** size of the windows that 'start' belongs to */
  readonly windowMicros: bigint | null;
}

/** The watermark attribute of a stream, or null. */
export type WatermarkAttribute = (relation: number) => number | null;

const role = (roles: readonly TimeRole[], expression: Expression): TimeRole =>
  expression.kind === 'input' ? (roles[expression.index] ?? null) : null;

const ALWAYS: ReadonlyMap<number, Absent> = new Map();

/** What expressions over the input are. The times of both sides of a full join, coalesced, are one that is never absent. */
function project(input: EventTimes, expressions: readonly Expression[]): Pick<EventTimes, 'roles' | 'absent'> {
  const absent = new Map<number, Absent>();
  const roles = expressions.map((expression, i): TimeRole => {
    const one = expression.kind === 'input' ? input.absent.get(expression.index) : undefined;
    if (one !== undefined) absent.set(i, one);
    return expression.kind === 'coalesce' ? ofBothSides(input, expression.args) : role(input.roles, expression);
  });
  return { roles, absent };
}

function ofBothSides(input: EventTimes, [left, right, ...more]: readonly Expression[]): TimeRole {
  if (left?.kind !== 'input' || right?.kind !== 'input' || more.length > 0) return null;
  const [one, two] = [input.absent.get(left.index), input.absent.get(right.index)];
  if (one === undefined || one.join !== two?.join || one.side === two.side) return null;
  const found = role(input.roles, left);
  return found === role(input.roles, right) ? found : null;
}

/** What a join leaves NULL. An outer join of outer joins may leave both sides of one below NULL. */
function absentOf(
  plan: Extract<BatchPlan, { kind: 'hash-join' | 'nested-loop-join' }>,
  left: EventTimes,
  right: EventTimes,
): ReadonlyMap<number, Absent> {
  const width = plan.left.types.length;
  const absent = new Map(left.absent);
  for (const [i, one] of right.absent) absent.set(width + i, one);
  const side = (name: Absent['side'], from: number, to: number) => {
    for (let i = from; i < to; i++) absent.set(i, { join: plan, side: name });
  };
  if (plan.type === 'right' || plan.type === 'full') side('left', 0, width);
  if (plan.type === 'left' || plan.type === 'full') side('right', width, width + right.roles.length);
  return absent;
}

export function eventTimes(
  plan: BatchPlan,
  watermark: WatermarkAttribute,
  ctes: ReadonlyMap<number, EventTimes> = new Map(),
): EventTimes {
  const of = (input: BatchPlan) => eventTimes(input, watermark, ctes);
  const none: EventTimes = { roles: plan.types.map(() => null), absent: ALWAYS, windowMicros: null };
  switch (plan.kind) {
    case 'table-scan': {
      const attribute = watermark(plan.relation);
      return { ...none, roles: plan.attributes.map((a) => (a === attribute ? 'event' : null)) };
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
      return { ...input, ...project(input, plan.expressions) };
    }
    case 'aggregate': {
      const input = of(plan.input);
      const { roles, absent } = project(input, plan.groupingSets === null ? plan.groupBy : []);
      return { ...input, roles: plan.types.map((_, i) => roles[i] ?? null), absent };
    }
    case 'window-assign': {
      const input = of(plan.input);
      const timed = role(input.roles, plan.time) === 'event';
      return {
        ...input,
        roles: [...input.roles, ...(timed ? (['start', 'end', null] as const) : [null, null, null])],
        windowMicros: timed ? fixedSize(plan.window) : null,
      };
    }
    case 'hash-join':
    case 'nested-loop-join': {
      const left = of(plan.left);
      if (['semi', 'anti', 'null-aware-anti'].includes(plan.type)) return left;
      const right = of(plan.right);
      const roles = [...left.roles, ...right.roles];
      return { roles, absent: absentOf(plan, left, right), windowMicros: sameSize(left, right) };
    }
    case 'set-difference':
      return of(plan.left);
    case 'union-all': {
      const [first, ...others] = plan.inputs.map(of);
      if (first === undefined || others.some((other) => sameSize(first, other) !== first.windowMicros)) return none;
      return {
        ...first,
        absent: new Map([first, ...others].flatMap(({ absent }) => [...absent])),
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

/** Where to read the end of the window a row belongs to. `always`: only a column that says it in every row, which is the first choice. */
export function windowEnd({ roles, absent, windowMicros }: EventTimes, always = false): WindowEnd | null {
  const first = (wanted: TimeRole) => {
    const sure = roles.findIndex((one, i) => one === wanted && !absent.has(i));
    return sure >= 0 || always ? sure : roles.indexOf(wanted);
  };
  const end = first('end');
  if (end >= 0) return { column: end, plusMicros: 0n };
  const start = first('start');
  return start >= 0 && windowMicros !== null ? { column: start, plusMicros: windowMicros } : null;
}

/** A plan whose rows carry their window's end, behind the columns of `plan` if need be; null where there is none. */
export function withWindowEnd(
  plan: BatchPlan,
  watermark: WatermarkAttribute,
): { plan: BatchPlan; end: WindowEnd } | null {
  const own = windowEnd(eventTimes(plan, watermark), true);
  if (own !== null) return { plan, end: own };
  if (plan.kind === 'sort' || plan.kind === 'filter') {
    const input = withWindowEnd(plan.input, watermark);
    if (input === null) return null;
    return { plan: { ...plan, input: input.plan, types: input.plan.types, names: input.plan.names }, end: input.end };
  }
  if (plan.kind !== 'project') return null;
  const input = windowEnd(eventTimes(plan.input, watermark), true);
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
