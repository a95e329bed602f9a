// What EMIT ON WINDOW CLOSE makes final below it: rows of closed windows do not go out again, so what only they are made of matters to
// nobody. From the column that the result's windows close by, followed down the plan: which column of each node's rows says so. Operators
// forget those rows, and a gate (ClosedGate) keeps changes of such rows from operators that have forgotten what they would change.
import { BATCH_ROWS, type Batch } from '../../columns/batch.ts';
import type { BatchPlan } from '../../plan/batch.ts';
import type { Expression } from '../../plan/expression.ts';
import { latestPartner } from './join-bounds.ts';
import { type JobContext, type Operator, type Outlet, pause, type Work } from './operator.ts';
import type { StateReader, StateWriter } from './state-file.ts';
import type { WindowEnd } from './window-close.ts';

/** By plan node: its rows with column + plus at or below the watermark, or without a time, matter no more. */
export type ClosedTimes = ReadonlyMap<BatchPlan, WindowEnd>;

/** `end`: of the whole plan's rows, or null where windows do not close. */
export function closedTimes(plan: BatchPlan, end: WindowEnd | null): ClosedTimes {
  const found = new Map<BatchPlan, WindowEnd>();
  const scans = new Map<number, (WindowEnd | null)[]>();
  const visit = (node: BatchPlan, own: WindowEnd | null): void => {
    if (own !== null) found.set(node, own);
    if (node.kind === 'cte-scan') scans.set(node.id, [...(scans.get(node.id) ?? []), own]);
    if (node.kind === 'cte') {
      visit(node.body, own);
      visit(node.definition, agreed(scans.get(node.id) ?? []));
      return;
    }
    for (const [child, below] of inputsOf(node, own)) visit(child, below);
  };
  if (end !== null) visit(plan, end);
  return found;
}

/** What all readers of a CTE say, or null. */
function agreed([first = null, ...others]: readonly (WindowEnd | null)[]): WindowEnd | null {
  const same = others.every((one) => one?.column === first?.column && one?.plusMicros === first?.plusMicros);
  return same ? first : null;
}

/** The nodes below, with what is known of their rows. */
function inputsOf(plan: BatchPlan, end: WindowEnd | null): [BatchPlan, WindowEnd | null][] {
  switch (plan.kind) {
    case 'filter':
    case 'sort':
      return [[plan.input, end]];
    case 'project':
      return [[plan.input, throughExpression(plan.expressions, end)]];
    case 'project-set':
    case 'udf-project':
      return [[plan.input, inFirst(plan.input.types.length, end)]];
    case 'window':
      return [[plan.input, isKey(plan.partitionBy, end) ? inFirst(plan.input.types.length, end) : null]];
    case 'window-assign':
      return [[plan.input, beforeAssignment(plan, end)]];
    case 'aggregate':
      return [[plan.input, plan.groupingSets === null ? throughExpression(plan.groupBy, end) : null]];
    case 'distinct-on':
      return [[plan.input, isKey(plan.keys, end) ? end : null]];
    case 'union-all':
      return plan.inputs.map((input) => [input, end]);
    case 'set-difference':
      return [[plan.left, end], [plan.right, end]]; // biome-ignore format: a pair
    case 'hash-join':
    case 'nested-loop-join':
      return joinInputs(plan, end);
    case 'apply':
      return [[plan.left, null], [plan.right, null]]; // biome-ignore format: a pair
    case 'recursive-cte':
      return [[plan.base, null], [plan.step, null]]; // biome-ignore format: a pair
    default:
      return 'input' in plan ? [[plan.input, null]] : [];
  }
}

function throughExpression(expressions: readonly Expression[], end: WindowEnd | null): WindowEnd | null {
  const expression = end === null ? undefined : expressions[end.column];
  return expression?.kind === 'input' ? { ...end!, column: expression.index } : null;
}

function inFirst(width: number, end: WindowEnd | null): WindowEnd | null {
  return end !== null && end.column < width ? end : null;
}

function isKey(keys: readonly Expression[], end: WindowEnd | null): boolean {
  return keys.some((key) => key.kind === 'input' && key.index === end?.column);
}

/** A row's last window ends at most a window's size after its time. Sessions grow, so a row's time says nothing of its session's end. */
function beforeAssignment(
  { input, window, time }: Extract<BatchPlan, { kind: 'window-assign' }>,
  end: WindowEnd | null,
): WindowEnd | null {
  if (end === null || window.kind === 'session') return null;
  const width = input.types.length;
  if (end.column < width) return end;
  if (time.kind !== 'input' || end.column > width + 1) return null;
  const size = end.column === width ? 0n : window.sizeMicros;
  return { column: time.index, plusMicros: end.plusMicros + size };
}

/** The side that has the column, and the other one where a key or a bound on time ties it to that column. */
function joinInputs(
  plan: Extract<BatchPlan, { kind: 'hash-join' | 'nested-loop-join' }>,
  end: WindowEnd | null,
): [BatchPlan, WindowEnd | null][] {
  const { left, right } = plan;
  if (end === null) return [[left, null], [right, null]]; // biome-ignore format: a pair
  if (plan.type === 'null-aware-anti') return [[left, end], [right, null]]; // biome-ignore format: what is NULL, or there at all, counts for all
  const width = left.types.length;
  const onLeft = end.column < width;
  const own = { ...end, column: onLeft ? end.column : end.column - width };
  const keys = plan.kind === 'hash-join' ? [plan.leftKeys, plan.rightKeys] : [[], []];
  const [mine, theirs] = onLeft ? [keys[0]!, keys[1]!] : [keys[1]!, keys[0]!];
  const type = (onLeft ? left : right).types[own.column]!.name;
  const tied = mine.findIndex((key) => key.kind === 'input' && key.index === own.column);
  const key = tied < 0 ? undefined : theirs[tied];
  const byKey = key?.kind === 'input' && key.type.name === type ? { ...end, column: key.index } : null;
  const other = byKey ?? boundedSide(plan, end, type);
  return onLeft ? [[left, own], [right, other]] : [[left, other], [right, own]]; // biome-ignore format: pairs
}

/** Rows of the side without the column are over when all partners that they can have are: column <= theirs + something. */
function boundedSide(
  plan: Extract<BatchPlan, { kind: 'hash-join' | 'nested-loop-join' }>,
  end: WindowEnd,
  type: string,
): WindowEnd | null {
  const width = plan.left.types.length;
  const onLeft = end.column < width;
  const types = [...plan.left.types, ...plan.right.types];
  const isOther = (column: number) => column < width !== onLeft && types[column]?.name === type;
  const condition = plan.kind === 'hash-join' ? plan.residual : plan.condition;
  const latest = latestPartner(condition, end.column, isOther);
  if (latest === null) return null;
  return { column: latest.column - (onLeft ? width : 0), plusMicros: end.plusMicros + latest.plusMicros };
}

const LEAST = -(2n ** 63n);

/** How far the windows have closed, by the column of one node's rows, and what came too late for that. */
export class ClosedBound {
  closedMicros = LEAST;
  missedRows = 0n;
  private readonly context: JobContext;
  private readonly end: WindowEnd;
  private readonly bound: number;
  private readonly chosen: number;

  constructor(context: JobContext, end: WindowEnd) {
    this.context = context;
    this.end = end;
    this.bound = context.region.allocate(16);
    this.chosen = context.region.allocate(BATCH_ROWS * 4);
  }

  /** The rows of windows that are open, valid until the next call. */
  open({ columns, selection, count }: Batch): { selection: number; count: number } {
    const { kernels, memory } = this.context;
    const { data, nulls } = columns[this.end.column]!;
    memory.i64[this.bound / 8] = this.closedMicros;
    const select = kernels.get('select_greater_i64_const');
    return { selection: this.chosen, count: select(this.chosen, data, this.bound, nulls, selection, count) };
  }

  /** Counts the batch's rows of closed windows that come rather than go. Overwrites what `open` gave. */
  countMissed(batch: Batch): void {
    const { kernels, memory } = this.context;
    const { data, nulls } = batch.columns[this.end.column]!;
    memory.i64[this.bound / 8] = this.closedMicros;
    const select = kernels.get('select_less_equal_i64_const');
    const missed = select(this.chosen, data, this.bound, nulls, batch.selection, batch.count);
    for (let i = 0; i < missed; i++) {
      const row = memory.u32[(this.chosen >>> 2) + i]!;
      const weight = batch.weights === 0 ? 1n : memory.i64[batch.weights / 8 + row]!;
      if (weight > 0n) this.missedRows += weight;
    }
  }

  /** Windows close; false: they have already. */
  advance(watermarkMicros: bigint): boolean {
    return this.closeUntil(watermarkMicros - this.end.plusMicros);
  }

  closeUntil(bound: bigint): boolean {
    if (bound <= this.closedMicros) return false;
    this.closedMicros = bound;
    return true;
  }

  save(state: StateWriter): void {
    state.value('closed', [this.closedMicros, this.missedRows]);
  }

  /** A state without it: the next watermark says it. */
  restore(state: StateReader): void {
    const saved = state.value('closed') as readonly bigint[] | null;
    if (saved === null) return;
    this.closedMicros = saved[0]!;
    this.missedRows = saved[1]!;
  }
}

/** Lets the changes of open windows through, and counts what comes for the others. */
export class ClosedGate implements Operator {
  readonly closed: ClosedBound;
  private readonly context: JobContext;
  private readonly outlet: Outlet;

  constructor(context: JobContext, outlet: Outlet, end: WindowEnd) {
    this.context = context;
    this.outlet = outlet;
    this.closed = new ClosedBound(context, end);
  }

  *push(batch: Batch): Work {
    const open = this.closed.open(batch);
    if (open.count < batch.count) {
      this.closed.countMissed(batch);
      this.closed.open(batch);
    }
    yield* this.outlet.emit({ ...batch, ...open });
    yield pause(this.context);
  }

  // biome-ignore lint/correctness/useYield: nothing to interrupt
  *advance(watermarkMicros: bigint): Work {
    this.closed.advance(watermarkMicros);
  }
}
