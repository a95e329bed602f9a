// Session windows as window functions, so that batch and stream need no operator of their own for them. Per partition, by time: a row
// begins a session when the row before it is a gap or more away; a session's start is the latest such row's time so far; its end is
// its last row's time plus the gap. Rows without a finite time are in no session.
import { INTERVAL, type SqlType } from '../types/sql-type.ts';
import type { BatchPlan } from './batch.ts';
import type { Expression } from './expression.ts';
import type { WindowCall, WindowFrame } from './logical.ts';

type Assign = Extract<BatchPlan, { kind: 'window-assign' }>;

const BOOL: SqlType = { name: 'bool' };
const START: WindowFrame = {
  mode: 'range', start: { kind: 'unbounded-preceding' }, end: { kind: 'current-row' }, exclude: 'no others',
}; // biome-ignore format: one frame
const WHOLE: WindowFrame = { ...START, end: { kind: 'unbounded-following' } };

/** The plan that computes the columns of a session window's node. */
export function sessionWindows(plan: Assign): BatchPlan {
  if (plan.window.kind !== 'session') throw new Error('not a session window');
  const { input, time, partitionBy, rows } = plan;
  const { type } = time;
  const width = input.types.length;
  const column = (index: number): Expression => ({ kind: 'input', type, index });
  const interval = (micros: bigint): Expression => ({
    kind: 'constant', type: INTERVAL, value: { kind: 'interval', months: 0, days: 0, micros },
  }); // biome-ignore format: one constant
  const call = (operator: string, left: Expression, right: Expression, result: SqlType): Expression => {
    const id = `${operator}(${left.type.name},${right.type.name})`;
    return { kind: 'call', type: result, function: id, args: [left, right] };
  };
  const plus = (left: Expression, micros: bigint) =>
    call(micros < 0n ? '-' : '+', left, interval(micros < 0n ? -micros : micros), type);
  const windowed = (
    below: BatchPlan, keys: readonly Expression[], ordered: boolean, frame: WindowFrame, one: WindowCall,
  ): BatchPlan => ({
    kind: 'window', input: below, partitionBy: keys, frame, calls: [one], rows, types: [...below.types, one.type],
    names: [...below.names, 'window'], orderBy: ordered ? [{ expression: time, descending: false, nullsFirst: false }] : [],
  }); // biome-ignore format: one plan
  const max = (argument: Expression): WindowCall => ({
    function: `max(${type.name})`, aggregate: true, type, args: [argument], filter: null, ignoreNulls: false,
  }); // biome-ignore format: one call
  const lag: WindowCall = {
    function: 'lag(anyelement)', aggregate: false, type, args: [time], filter: null, ignoreNulls: false,
  }; // biome-ignore format: one call

  const finite: BatchPlan = {
    kind: 'filter', input, types: input.types, names: input.names, rows,
    condition: { kind: 'call', type: BOOL, function: `isfinite(${type.name})`, args: [time] },
  }; // biome-ignore format: one plan
  const { gapMicros } = plan.window;
  const before = windowed(finite, partitionBy, true, START, lag);
  const follows = call('<', time, plus(column(width), gapMicros), BOOL);
  const begins: Expression = {
    kind: 'case', type, branches: [{ when: follows, then: { kind: 'constant', type, value: null } }], otherwise: time,
  }; // biome-ignore format: one expression
  const start = windowed(before, partitionBy, true, START, max(begins));
  const last = windowed(start, [...partitionBy, column(width + 1)], false, WHOLE, max(time));
  const end = plus(column(width + 2), gapMicros);
  return {
    kind: 'project', input: last, types: plan.types, names: plan.names, rows,
    expressions: [
      ...input.types.map((one, index): Expression => ({ kind: 'input', type: one, index })),
      column(width + 1), end, plus(end, -1000n),
    ],
  }; // biome-ignore format: one plan
}
