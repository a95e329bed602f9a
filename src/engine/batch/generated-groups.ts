// The groups of an aggregation whose rows generated code takes in: writes the parameter block, calls the program once per batch, makes
// room when it asks for it, merges other threads' records, and gives the groups as the interpreter would.
import { BATCH_ROWS, type Batch, type Vector } from '../../columns/batch.ts';
import type { EncodedVector } from '../../columns/encoding.ts';
import { STATUS, statusCode, statusRow } from '../../kernels/kernel-library.ts';
import type { BatchPlan } from '../../plan/batch.ts';
import type { AggregateState } from '../aggregates/aggregate-state.ts';
import { aggregateBytes, createAggregate } from '../aggregates/create-aggregate.ts';
import { scaledFinish } from '../aggregates/scaled-sum.ts';
import { compileExpressions } from '../expressions/compile-expression.ts';
import { compilePredicate, type Predicate } from '../expressions/compile-predicate.ts';
import type { AggregateProgram } from '../generated/aggregate-program.ts';
import { PARTITION_BITS } from '../generated/emit-keys.ts';
import { GIVE_UP } from '../generated/emit-term.ts';
import { type GeneratedFunction, programInstance } from '../generated/program-instance.ts';
import { RowHashTable } from '../rows/hash-table.ts';
import { type HandedRows, RowReader, type RowSegment } from '../rows/row-store.ts';
import { aggregateRequest, rowContext } from './aggregate-calls.ts';
import { type Batches, expressionContext, type OperatorMemory, type RunContext } from './batch-context.ts';
import type { RawScan } from './group-slicer.ts';

type AggregatePlan = Extract<BatchPlan, { kind: 'aggregate' }>;

/** Generated code met a row that it leaves to the interpreter, which has to start over. */
export class GaveUp extends Error {}

/** Rows that the code takes at once where the interpreter has no part, whose vectors are shorter. */
const RAW_ROWS = 16_384;

/** Records merged or looked through at once, so that a call stays short. */
const SLICE_RECORDS = 16_384;

export class GeneratedGroups {
  /** how a scan below had best give its rows */
  readonly rawScan: RawScan;
  /** rows of its input that the filter took out */
  removed = 0;
  private readonly program: AggregateProgram;
  private readonly context: RunContext;
  private readonly own: OperatorMemory;
  private readonly block: number;
  private readonly selected: number;
  private readonly table: RowHashTable | null;
  /** the arena block of records without a table, 0 once handed over */
  private records = 0;
  private readonly updateFunction: GeneratedFunction;
  private readonly filterFunction: GeneratedFunction | undefined;
  private readonly exports: ReadonlyMap<string, GeneratedFunction>;
  private readonly rest: Predicate | null;
  private readonly leaves: { evaluate(batch: Batch, selection: number, count: number): Vector[] } | null;
  /** words of the block: data and nulls of each input and leaf, 0 where the code does not read it */
  private readonly columnWords: readonly (readonly [data: number, nulls: number])[];

  constructor(program: AggregateProgram, context: RunContext, own: OperatorMemory) {
    this.program = program;
    this.context = context;
    this.own = own;
    const { region } = own;
    const isAlone = program.filters.length === 0 && program.leaves.length === 0;
    this.exports = programInstance(program.wasm, context.kernels);
    this.updateFunction = this.exports.get('update')!;
    this.filterFunction = program.hasFilter ? this.exports.get('filter')! : undefined;
    this.block = region.allocateZeroed(program.blockBytes);
    const rows = isAlone && context.batchRows === BATCH_ROWS ? RAW_ROWS : context.batchRows;
    this.rawScan = {
      rows,
      codes: new Map(program.codes.map(({ input, codeBytes }) => [program.inputs[input]!, codeBytes])),
    };
    this.selected = region.allocate(Math.max(BATCH_ROWS, this.rawScan.rows) * 4);
    this.table =
      program.keys.kind === 'hash'
        ? new RowHashTable(rowContext(context), program.layout, program.layout.columns.length, PARTITION_BITS)
        : null;
    const expressions = expressionContext(context, own);
    const { filters, leaves } = program;
    this.rest =
      filters.length === 0
        ? null
        : compilePredicate({ kind: 'and', type: { name: 'bool' }, args: filters }, expressions);
    this.leaves = leaves.length === 0 ? null : compileExpressions(leaves, expressions);
    const words = (column: number) => [this.word(`data ${column}`), this.word(`nulls ${column}`)] as const;
    this.columnWords = [...program.inputs.map((_, i) => words(i)), ...leaves.map((_, i) => words(-1 - i))];
    this.writeConstants();
    if (this.table === null) this.makeRecords();
    else this.bindTable(this.table);
  }

  /** Index of a slot's first u32 word, 0 if the code does not use it. */
  private word(name: string): number {
    const offset = this.program.slots.get(name);
    return offset === undefined ? 0 : (this.block + offset) >>> 2;
  }

  private set(name: string, value: number): void {
    const word = this.word(name);
    if (word !== 0) this.context.memory.u32[word] = value;
  }

  private set64(name: string, value: bigint): void {
    const word = this.word(name);
    if (word !== 0) this.context.memory.i64[word >>> 1] = value;
  }

  private writeConstants(): void {
    for (const [name, constant] of this.program.constants) {
      if (constant.kind === 'int') this.set64(name, constant.value);
      else if (constant.kind === 'text') this.set64(name, name.endsWith('low') ? constant.low : constant.high);
      else if (constant.kind === 'float') this.context.memory.f64[this.word(name) >>> 1] = constant.value;
    }
    this.set('selected', this.selected);
    const { keys } = this.program;
    if (keys.kind !== 'dense') return;
    let stride = 1n;
    for (const [i, { least, size }] of keys.ranges.entries()) {
      this.set64(`key ${i} least`, least);
      this.set64(`key ${i} size`, size);
      this.set64(`key ${i} null`, size - 1n);
      this.set64(`key ${i} stride`, stride);
      stride *= size;
    }
  }

  private get recordCount(): number {
    const { keys } = this.program;
    return keys.kind === 'dense' ? keys.records : 1;
  }

  private makeRecords(): void {
    const bytes = this.recordCount * this.program.recordBytes;
    this.records = this.context.arena.allocate(this.context.owner, bytes).address;
    this.context.memory.u8.fill(0, this.records, this.records + bytes);
    this.set('records', this.records);
  }

  private bindTable(table: RowHashTable): void {
    this.set('table', table.address);
    this.set('directory', table.directory);
    this.set('room', table.store.room);
    this.set('heap', table.store.heapWindow);
  }

  /** Groups that take more memory the more they are. */
  get count(): number {
    return this.table?.count ?? 0;
  }

  /** For EXPLAIN ANALYZE: how groups are found, and what the interpreter does beside the code. */
  get description(): string {
    const { keys, leaves, filters } = this.program;
    const found = { none: 'one group', dense: 'array of groups', hash: 'hash table of groups' }[keys.kind];
    const beside = leaves.length + filters.length;
    return beside === 0 ? found : `${found}, ${beside} expression${beside === 1 ? '' : 's'} interpreted`;
  }

  /** Takes in a batch of the columns that the program was made for, filters not yet applied. Throws GaveUp. */
  update(batch: Batch): void {
    let { selection, count } = batch;
    if (batch.weights !== 0) throw new GaveUp();
    const { inputs } = this.program;
    for (let i = 0; i < inputs.length; i++) this.bindColumn(i, batch.columns[inputs[i]!]!);
    if (this.filterFunction !== undefined) {
      const left = this.filterFunction(this.block, count, selection);
      if (left === GIVE_UP) throw new GaveUp();
      if (left !== count) selection = this.selected;
      count = left;
    }
    if (this.rest !== null && count > 0) ({ selection, count } = this.rest.select({ ...batch, selection, count }));
    this.removed += batch.count - count;
    if (count === 0) return;
    if (this.leaves !== null) {
      const vectors = this.leaves.evaluate(batch, selection, count);
      for (let i = 0; i < vectors.length; i++) this.bindColumn(inputs.length + i, vectors[i]!);
    }
    this.run(this.updateFunction, 0, (from) => [this.block, from, count, selection]);
  }

  private bindColumn(index: number, { data, nulls, encoding }: EncodedVector): void {
    const { u32 } = this.context.memory;
    const [dataWord, nullsWord] = this.columnWords[index]!;
    if (dataWord !== 0) u32[dataWord] = data;
    if (nullsWord !== 0) u32[nullsWord] = nulls;
    if (!encoding) return;
    if (encoding.dictionary !== 0) this.set(`dictionary ${index}`, encoding.dictionary);
    else this.set64(`base ${index}`, encoding.base);
  }

  /** Calls until done, making room in the table as asked. */
  private run(call: GeneratedFunction, first: number, args: (from: number) => number[]): void {
    let from = first;
    for (;;) {
      const status = call(...args(from));
      if (status === 0) return;
      if (status === GIVE_UP) throw new GaveUp();
      from = statusRow(status);
      if (this.table === null || ![STATUS.NEED_ROOM, STATUS.NEED_HEAP].includes(statusCode(status) as 3 | 6))
        throw new Error(`generated code ended with status ${status}`);
      this.table.makeRoom(status);
    }
  }

  /** The records, for another thread; none are left here. */
  handOver(): HandedRows {
    if (this.table !== null) return this.table.store.handOver();
    const blocks = [this.records];
    const segments = [{ address: this.records, rows: this.recordCount }];
    this.records = 0;
    return { segments, blocks };
  }

  /** Adds the records that another thread's groups of the same program handed over. Throws GaveUp. */
  async merge({ segments }: HandedRows, watch: () => void): Promise<void> {
    const merge = this.exports.get('merge')!;
    for (const { address, rows } of segments) {
      for (let first = 0; first < rows; first += SLICE_RECORDS) {
        const end = Math.min(rows, first + SLICE_RECORDS);
        this.run(merge, first, (from) => [this.block, address, from, end]);
        watch();
        await this.context.pause();
      }
    }
  }

  /** Group columns, then aggregates. */
  async *results(plan: AggregatePlan): Batches {
    const { context, own, program } = this;
    const { standard } = program;
    const states = aggregateStates(plan, program, context, own);
    const reader = new RowReader(rowContext(context), own.region, standard);
    const expand = this.exports.get('expand')!;
    const out = context.arena.allocate(context.owner, standard.rowBytes * BATCH_ROWS).address;
    const list = own.region.allocate(BATCH_ROWS * 4);
    context.kernels.get('sequence_u32')(list, out, standard.rowBytes, BATCH_ROWS);
    try {
      for (const { address, rows } of this.segments()) {
        for (let from = 0; from < rows; from += BATCH_ROWS) {
          own.heap.reset();
          const count = expand(this.block, address, from, Math.min(rows, from + BATCH_ROWS), out);
          if (count === 0) continue;
          const keys = reader.gather(list, 0, count);
          const values = states.map((state) => state.finish(list, count));
          yield { columns: [...keys, ...values], count, selection: 0, weights: 0 };
          await context.pause();
        }
      }
    } finally {
      context.arena.free(context.owner, out);
      for (const state of states) state.release();
    }
  }

  private segments(): readonly RowSegment[] {
    if (this.table === null) return [{ address: this.records, rows: this.recordCount }];
    const { store } = this.table;
    store.syncSegment();
    return store.segments;
  }

  release(): void {
    this.table?.release();
    if (this.records !== 0) this.context.arena.free(this.context.owner, this.records);
    this.records = 0;
  }
}

/** `watch` is called after each batch. */
export async function generatedInput(
  groups: GeneratedGroups,
  rows: Batches,
  own: OperatorMemory,
  watch: () => void,
): Promise<void> {
  for await (const batch of rows) {
    own.heap.reset();
    groups.update(batch);
    watch();
  }
}

type Finish = Pick<AggregateState, 'finish' | 'release'>;

function aggregateStates(
  plan: AggregatePlan,
  program: AggregateProgram,
  context: RunContext,
  own: OperatorMemory,
): readonly Finish[] {
  const within = { ...rowContext(context), region: own.region, heap: own.heap };
  let offset = program.standard.stateOffset;
  return plan.aggregates.map((call, i): Finish => {
    const request = aggregateRequest(call, context);
    const at = offset;
    offset += aggregateBytes(request);
    const scale = program.scales[i]!;
    return scale === null
      ? createAggregate(within, request, at, context.batch.evaluation)
      : scaledFinish(within, request, at, scale);
  });
}
