// The calls of an incremental aggregate. Three ways to keep a call's value under retraction:
//   direct    the state takes weights of either sign exactly (counts, sums and moments of exact numbers), or rows never leave;
//   distinct  each distinct argument counts once: WeightedRows per (group, arguments) turn weights into +1 and -1 for a direct state;
//   retained  min, max, floats, collected lists: the group's argument rows are kept, the value is computed from them when asked for.
import { BATCH_ROWS, type Batch, type Vector } from '../../columns/batch.ts';
import { Region } from '../../columns/region.ts';
import type { AggregateCall, Expression } from '../../plan/expression.ts';
import { INT4, INT8, physicalOf, type SqlType } from '../../types/sql-type.ts';
import { type AggregateState, ExtremeAggregate, KernelAggregate } from '../aggregates/aggregate-state.ts';
import { type AggregateRequest, aggregateBytes, createAggregate } from '../aggregates/create-aggregate.ts';
import { compileExpressions } from '../expressions/compile-expression.ts';
import { compilePredicate, type Predicate } from '../expressions/compile-predicate.ts';
import { runAtOnce } from '../jobs/drive.ts';
import { RowReader } from '../rows/row-store.ts';
import { expressionContext, type JobContext, pause, type Work } from './operator.ts';
import { stateColumns } from './rows-state.ts';
import type { StateReader, StateWriter } from './state-file.ts';
import { WeightedRows } from './weighted-rows.ts';

export type CallMode = 'direct' | 'distinct' | 'retained';

/** of a group's chain, between two interruptions */
const CHAIN_ROWS = 4096;

const EXACT: ReadonlySet<string> = new Set(['i32', 'i64', 'i128', 'interval', 'bool']);

export function requestOf(context: JobContext, call: AggregateCall): AggregateRequest {
  return {
    definition: context.functions.aggregate(call.function),
    argTypes: call.args.map((arg) => arg.type),
    result: call.type,
    order: call.orderBy.map(({ expression, descending, nullsFirst }) => ({
      type: expression.type,
      descending,
      nullsFirst,
    })),
  };
}

/** Whether the state takes negative weights exactly. */
function retracts(request: AggregateRequest): boolean {
  const { state } = request.definition;
  if (state.kind !== 'vector') return false;
  if (state.operation === 'count' || state.operation === 'count-star') return true;
  if (state.operation === 'min' || state.operation === 'max') return false;
  const physical = physicalOf(request.argTypes[0]!);
  return EXACT.has(physical) && !(physical === 'interval' && state.operation === 'variance');
}

export function modeOf(call: AggregateCall, request: AggregateRequest, appendOnly: boolean): CallMode {
  const { state } = request.definition;
  const extreme = state.kind === 'vector' && (state.operation === 'min' || state.operation === 'max');
  if (call.distinct && !extreme && call.args.length > 0) return retracts(request) ? 'distinct' : 'retained';
  return appendOnly || retracts(request) ? 'direct' : 'retained';
}

/** Bytes in the group row: the state's own, or {u32 first row of the chain}. */
export function callBytes(mode: CallMode, request: AggregateRequest): number {
  return mode === 'retained' ? Math.max(32, aggregateBytes(request)) + 16 : aggregateBytes(request);
}

/** Evaluates a call's arguments for the rows that pass its FILTER. */
class CallInput {
  private readonly predicate: Predicate | null;
  private readonly program: { evaluate(batch: Batch, selection: number, count: number): Vector[] };
  private readonly keep: number;
  private readonly context: JobContext;

  constructor(context: JobContext, heap: Region, call: AggregateCall) {
    this.context = context;
    const expressions: Expression[] = [...call.args, ...call.orderBy.map((key) => key.expression)];
    this.predicate = call.filter === null ? null : compilePredicate(call.filter, expressionContext(context, heap));
    this.program = compileExpressions(expressions, expressionContext(context, heap));
    this.keep = call.filter === null ? 0 : context.region.allocate(BATCH_ROWS * 4);
  }

  /** of the last evaluation */
  args: readonly Vector[] = [];
  selection = 0;
  count = 0;

  evaluate(batch: Batch): void {
    let { selection, count } = batch;
    if (this.predicate !== null) {
      const kept = this.predicate.select(batch);
      ({ selection, count } = kept);
      if (selection !== 0) {
        const { u32 } = this.context.memory;
        u32.copyWithin(this.keep >>> 2, selection >>> 2, (selection >>> 2) + count);
        selection = this.keep;
      }
    }
    this.args = this.program.evaluate(batch, selection, count);
    this.selection = selection;
    this.count = count;
  }
}

/** One call of the aggregate over group rows of which `offset` is its part. */
export class AggregateCallState {
  readonly mode: CallMode;
  readonly input: CallInput;
  private readonly context: JobContext;
  private readonly request: AggregateRequest;
  private readonly offset: number;
  private readonly heap: Region;
  private readonly state: AggregateState | null;
  private readonly kept: KeptArguments | null;
  private readonly distinct: boolean;
  private scratch: Region | null = null;
  private replayed: AggregateState | null = null;

  constructor(
    context: JobContext,
    heap: Region,
    results: Region,
    call: AggregateCall,
    request: AggregateRequest,
    mode: CallMode,
    offset: number,
  ) {
    this.context = context;
    this.request = request;
    this.mode = mode;
    this.offset = offset;
    this.heap = results;
    this.distinct = call.distinct && mode !== 'direct';
    this.input = new CallInput(context, heap, call);
    this.state = mode === 'retained' ? null : this.createState(context.region, offset);
    const types = [...request.argTypes, ...request.order.map((key) => key.type)];
    this.kept =
      mode === 'direct' ? null : new KeptArguments(context, types, this.distinct, mode === 'retained' ? offset : -1);
  }

  /** Takes the rows that `input` evaluated last. `groups`: group row addresses by batch row index. */
  update(groups: number, weights: number): void {
    const { args, selection, count } = this.input;
    if (count === 0) return;
    if (this.mode === 'direct') this.state!.update(groups, args, selection, count, weights);
    else this.kept!.add(groups, { columns: args, selection, count, weights });
  }

  /** End of a step: what distinct arguments have come and gone. */
  *settle(): Work {
    if (this.kept === null) return;
    if (this.mode === 'distinct')
      yield* this.kept.changes((groups, args, count, deltas) => this.state!.update(groups, args, 0, count, deltas));
    yield* this.kept.rest();
  }

  /** What has to be done before `finish` is asked for these groups. */
  *replay(rows: number, count: number): Work {
    if (this.state !== null) return;
    this.forgetReplay();
    this.scratch = new Region(this.context.arena, this.context.owner);
    const start = this.offset + 16;
    this.context.kernels.get('rows_clear_i64')(rows, start, aggregateBytes(this.request), count);
    const state = this.createState(this.scratch, start);
    this.replayed = state;
    yield* this.kept!.replay(this.scratch, rows, count, this.distinct, (groups, args, size) =>
      state.update(groups, args, 0, size, 0),
    );
  }

  /** Results of the groups at `rows` (by position), valid until the next call. */
  finish(rows: number, count: number): Vector {
    return (this.state ?? this.replayed!).finish(rows, count);
  }

  /** What of the state cannot be saved, by name. */
  get unsaved(): string | null {
    const saved =
      this.state === null || this.state instanceof KernelAggregate || this.state instanceof ExtremeAggregate;
    return saved ? null : this.request.definition.name;
  }

  /** The columns that hold the groups' states: words of a kernel's, or the value of an extreme. Kept arguments are a table of their own. */
  get stateTypes(): readonly SqlType[] {
    if (this.state instanceof KernelAggregate) return Array.from({ length: this.state.bytes / 8 }, () => INT8);
    return this.state instanceof ExtremeAggregate ? [this.state.type] : [];
  }

  /** The states of the groups at `rows`; `out`: room for int8 columns. */
  readState(rows: number, count: number, out: readonly Vector[]): readonly Vector[] {
    if (this.state instanceof ExtremeAggregate) return [this.state.finish(rows, count)];
    const read = this.context.kernels.get('rows_read_i64');
    out.forEach((vector, i) => {
      read(vector.data, rows, this.offset + i * 8, count);
    });
    return out;
  }

  writeState(rows: number, columns: readonly Vector[], count: number): void {
    if (this.state instanceof ExtremeAggregate) this.state.update(rows, columns, 0, count);
    const words = this.state instanceof ExtremeAggregate ? [] : columns;
    const write = this.context.kernels.get('rows_write_i64');
    words.forEach((vector, i) => {
      write(rows, this.offset + i * 8, vector.data, 0, count);
    });
  }

  /** These groups go. */
  *forget(groups: ReadonlySet<number>): Work {
    if (this.kept !== null) yield* this.kept.forget(groups);
  }

  /** `ordinals`: of the groups in the saved order, by address. */
  *save(state: StateWriter, ordinals: ReadonlyMap<number, number>): Work {
    if (this.kept !== null) yield* this.kept.save(state, ordinals);
  }

  /** `groups`: addresses in the saved order. */
  restore(state: StateReader, groups: readonly number[]): void {
    this.kept?.restore(state, groups);
  }

  /** Long values of the last results are still in the replayed state. */
  private forgetReplay(): void {
    this.replayed?.release();
    this.scratch?.release();
    this.replayed = null;
  }

  release(): void {
    this.kept?.release();
    this.forgetReplay();
  }

  private createState(region: Region, offset: number): AggregateState {
    const { arena, memory, kernels, owner, evaluation } = this.context;
    return createAggregate(
      { arena, memory, kernels, owner, region, heap: this.heap },
      this.request,
      offset,
      evaluation,
    );
  }
}

/** Argument rows by group: key (group address, arguments), chained under the group row where they are replayed. */
class KeptArguments {
  private readonly context: JobContext;
  private readonly rows: WeightedRows;
  private readonly reader: RowReader;
  private readonly head: number;
  private readonly changed: number;
  private readonly deltas: number;

  /** `head`: where group rows keep their chain, or -1: not chained. */
  constructor(context: JobContext, types: readonly SqlType[], distinct: boolean, head: number) {
    this.context = context;
    this.head = head;
    this.rows = new WeightedRows(context, [INT4, ...types], 24, distinct ? 'sql' : 'identity');
    this.reader = new RowReader(context, context.region, this.rows.layout);
    this.changed = context.region.allocate(BATCH_ROWS * 4);
    this.deltas = context.region.allocate(BATCH_ROWS * 8);
  }

  add(groups: number, batch: Batch): void {
    const address = { type: INT4, physical: 'i32' as const, data: groups, nulls: 0 };
    const { rows, fresh, freshCount } = this.rows.add({ ...batch, columns: [address, ...batch.columns] });
    if (this.head < 0) return;
    this.context.kernels.get('chain_link')(rows, groups, fresh, freshCount, this.head, this.rows.weightOffset + 8);
  }

  /** Distinct arguments whose presence has changed, with deltas. */
  *changes(take: (groups: number, args: readonly Vector[], count: number, deltas: number) => void): Work {
    const { touched, weightOffset } = this.rows;
    const { changed, deltas } = this;
    const kernel = this.context.kernels.get('changes_distinct');
    for (const { address, count } of touched.portions()) {
      const found = kernel(address, count, weightOffset, weightOffset + 20, changed, deltas);
      if (found > 0) {
        const vectors = this.reader.gather(changed, 0, found);
        take(vectors[0]!.data, vectors.slice(1), found, deltas);
      }
      yield pause(this.context);
    }
  }

  *rest(): Work {
    const { touched, weightOffset } = this.rows;
    const { kernels } = this.context;
    for (const { address, count } of this.head < 0 ? [] : touched.portions()) {
      const dead = kernels.get('rows_select_zero')(address, count, weightOffset, 0, this.changed);
      kernels.get('chain_unlink')(this.changed, dead, this.head, weightOffset + 8, this.deltas);
      yield pause(this.context);
    }
    yield* this.rows.rest();
  }

  /** The kept rows of these groups, oldest first, each as often as it counts. */
  *replay(
    region: Region,
    groups: number,
    count: number,
    once: boolean,
    take: (groups: number, args: readonly Vector[], count: number) => void,
  ): Work {
    const { u32, i64 } = this.context.memory;
    const { weightOffset } = this.rows;
    const link = weightOffset + 8;
    const list = region.allocate(BATCH_ROWS * 4);
    let size = 0;
    const drain = () => {
      if (size === 0) return;
      const vectors = this.reader.gather(list, 0, size);
      take(vectors[0]!.data, vectors.slice(1), size);
      size = 0;
    };
    const chain: number[] = [];
    for (let g = 0; g < count; g++) {
      chain.length = 0;
      for (let row = u32[(u32[(groups >>> 2) + g]! + this.head) >>> 2]!; row !== 0; row = u32[(row + link) >>> 2]!) {
        if (chain.push(row) % CHAIN_ROWS === 0) yield pause(this.context);
      }
      for (let i = chain.length - 1; i >= 0; i--) {
        const weight = Number(i64[(chain[i]! + weightOffset) / 8]!);
        for (let copies = once ? Math.min(1, weight) : weight; copies > 0; copies--) {
          u32[(list >>> 2) + size++] = chain[i]!;
          if (size < BATCH_ROWS) continue;
          drain();
          yield pause(this.context);
        }
      }
    }
    drain();
  }

  /** All rows of these groups. */
  *forget(groups: ReadonlySet<number>): Work {
    const { memory, kernels, arena, owner } = this.context;
    const region = new Region(arena, owner);
    const list = region.allocate(BATCH_ROWS * 4);
    const empty = region.allocate(BATCH_ROWS * 4);
    const { slot } = this.rows.layout.columns[0]!;
    for (const found of this.rows.portions(list)) {
      let count = 0;
      for (let i = 0; i < found; i++) {
        const row = memory.u32[(list >>> 2) + i]!;
        if (groups.has(memory.u32[(row + slot) >>> 2]!)) memory.u32[(list >>> 2) + count++] = row;
      }
      if (this.head >= 0) kernels.get('chain_unlink')(list, count, this.head, this.rows.weightOffset + 8, empty);
      this.rows.free(list, count);
      yield pause(this.context);
    }
    yield* this.rows.compact();
    region.release();
  }

  /** Rows with the ordinal of their group; those of a chain oldest first. */
  *save(state: StateWriter, ordinals: ReadonlyMap<number, number>): Work {
    const { u32 } = this.context.memory;
    const region = new Region(this.context.arena, this.context.owner);
    const list = region.allocate(BATCH_ROWS * 4);
    const weights = { type: INT8, physical: 'i64' as const, data: region.allocate(BATCH_ROWS * 8), nulls: 0 };
    const { layout, weightOffset } = this.rows;
    const columns = stateColumns(layout.columns.map((column) => column.type), ['weight']); // biome-ignore format: one line
    for (const count of this.head < 0 ? this.rows.portions(list) : this.chained(ordinals.keys(), list)) {
      const [groups, ...args] = this.reader.gather(list, 0, count);
      for (let i = 0; i < count; i++) u32[(groups!.data >>> 2) + i] = ordinals.get(u32[(groups!.data >>> 2) + i]!)!;
      this.context.kernels.get('rows_read_i64')(weights.data, list, weightOffset, count);
      state.rows('kept', columns, { columns: [groups!, ...args, weights], count, selection: 0, weights: 0 });
      yield;
    }
    region.release();
  }

  private *chained(groups: Iterable<number>, out: number): Generator<number> {
    const { u32 } = this.context.memory;
    const link = this.rows.weightOffset + 8;
    let size = 0;
    for (const group of groups) {
      const chain: number[] = [];
      for (let row = u32[(group + this.head) >>> 2]!; row !== 0; row = u32[(row + link) >>> 2]!) chain.push(row);
      for (const row of chain.toReversed()) {
        u32[(out >>> 2) + size++] = row;
        if (size < BATCH_ROWS) continue;
        yield size;
        size = 0;
      }
    }
    if (size > 0) yield size;
  }

  restore(state: StateReader, groups: readonly number[]): void {
    const { u32 } = this.context.memory;
    for (const batch of state.rows('kept')) {
      const [owners, ...args] = batch.columns;
      const weights = args.pop()!;
      for (let i = 0; i < batch.count; i++) u32[(owners!.data >>> 2) + i] = groups[u32[(owners!.data >>> 2) + i]!]!;
      this.add(owners!.data, { ...batch, columns: args, weights: weights.data });
    }
    if (this.head < 0) runAtOnce(this.changes(() => {})); // what is there has been counted
    runAtOnce(this.rest());
  }

  release(): void {
    this.rows.release();
  }
}
