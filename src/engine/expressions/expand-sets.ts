// Set-returning functions over batches: every row becomes as many as its functions give, in lockstep, the shorter ones padded with
// NULLs. One function with a kernel is expanded by it; several, or one without, by their per-row bodies. Either way what is made is a
// portion of new columns and the list of the rows they come from, by which the input's columns are gathered. A generator, so that
// who takes the portions may stop anywhere and go on later; a portion is valid until the next one is asked for.
import { allocateVector, BATCH_ROWS, type Batch, type OwnedVector, type Vector } from '../../columns/batch.ts';
import { BatchBuilder } from '../../columns/batch-builder.ts';
import { readDatum } from '../../columns/datum-vector.ts';
import { Region } from '../../columns/region.ts';
import { SqlError } from '../../errors/sql-error.ts';
import type { TableFunction } from '../../functions/function-definition.ts';
import { STATUS } from '../../kernels/kernel-library.ts';
import type { BatchPlan } from '../../plan/batch.ts';
import type { TableFunctionCall } from '../../plan/logical.ts';
import type { Datum } from '../../types/datum.ts';
import { arrayOf, INT8, PHYSICAL_WIDTH } from '../../types/sql-type.ts';
import { compileExpressions } from './compile-expression.ts';
import type { ExpressionContext } from './expression-context.ts';

type ProjectSet = Extract<BatchPlan, { kind: 'project-set' }>;
type Row = readonly (Datum | null)[];

export interface ExpandContext extends Omit<ExpressionContext, 'functions'> {
  readonly functions: ExpressionContext['functions'] & { tableFunction(id: string): TableFunction };
}

/** What becomes of a row whose function fails; without it the error is thrown. */
export type OnFailure = (error: SqlError, row: number) => void;

/** New columns of `count` rows; the expander's `sources` says where each comes from. */
interface Portion {
  readonly columns: readonly Vector[];
  readonly count: number;
}

/** Bytes of the state of the kernels of expand.ts, and where its parts lie. */
const STATE = { bytes: 32, position: 0, place: 4, ordinal: 8, outer: 16, made: 20 } as const;

export class SetExpander {
  private readonly context: ExpandContext;
  private readonly capacity: number;
  /** u32 row of the input for each row made */
  private readonly sources: number;
  private readonly inputs: readonly OwnedVector[];
  private readonly weights: number;
  private readonly args: ReturnType<typeof compileExpressions>;
  private readonly kernel: KernelExpansion | null;
  private readonly rows: RowExpansion;

  constructor(given: ProjectSet, context: ExpandContext, capacity: number = BATCH_ROWS) {
    const { region } = context;
    const plan = { ...given, functions: given.functions.map((call) => throughArray(call, context)) };
    this.context = context;
    this.capacity = capacity;
    this.sources = region.allocate(capacity * 4);
    this.inputs = plan.input.types.map((type) => allocateVector(region, type, capacity));
    this.weights = region.allocate(capacity * 8);
    const args = plan.functions.flatMap((call) => call.args);
    this.args = compileExpressions(args, context);
    this.kernel = KernelExpansion.of(plan, context, this.sources, capacity);
    this.rows = new RowExpansion(plan, context, this.sources, capacity);
  }

  /** The arguments of all functions, one after the other; throws what a selected row raises. */
  evaluateArguments(batch: Batch): readonly Vector[] {
    return this.args.evaluate(batch, batch.selection, batch.count);
  }

  *expand(batch: Batch, args: readonly Vector[], onFailure?: OnFailure): Generator<Batch, void, undefined> {
    if (this.kernel === null) {
      for (const portion of this.rows.expand(batch, args, onFailure)) yield this.withInput(batch, portion);
      return;
    }
    this.kernel.start(batch, args);
    for (;;) {
      const { portion, declined } = this.kernel.next(batch, args);
      if (portion.count > 0) yield this.withInput(batch, portion);
      if (declined !== null) {
        const single = { ...batch, selection: declined, count: 1 };
        for (const rest of this.rows.expand(single, args, onFailure)) yield this.withInput(batch, rest);
      } else if (portion.count < this.capacity) return;
    }
  }

  private withInput(batch: Batch, { columns, count }: Portion): Batch {
    const { kernels } = this.context;
    batch.columns.forEach((column, i) => {
      const target = this.inputs[i]!;
      kernels.get(`gather_${PHYSICAL_WIDTH[column.physical]}`)(target.data, column.data, this.sources, count);
      target.nulls = column.nulls === 0 ? 0 : target.nullsRoom;
      if (column.nulls !== 0) kernels.get('gather_1')(target.nulls, column.nulls, this.sources, count);
    });
    if (batch.weights !== 0) kernels.get('gather_8')(this.weights, batch.weights, this.sources, count);
    return {
      columns: [...this.inputs, ...columns],
      count,
      selection: 0,
      weights: batch.weights === 0 ? 0 : this.weights,
    };
  }

  release(): void {
    this.rows.release();
  }
}

/** string_to_table(a, b) is unnest(string_to_array(a, b)). */
function throughArray(call: TableFunctionCall, { functions }: ExpandContext): TableFunctionCall {
  const { elementsOf } = functions.tableFunction(call.function);
  if (elementsOf === undefined) return call;
  const type = arrayOf(call.outputs[0]!.type);
  return {
    ...call,
    function: 'unnest(anyarray)',
    args: [{ kind: 'call', function: elementsOf, args: call.args, type }],
  };
}

/** One function by its kernel. */
class KernelExpansion {
  private readonly context: ExpandContext;
  private readonly run: (...args: number[]) => number;
  private readonly state: number;
  private readonly outs: readonly OwnedVector[];
  private readonly ordinals: OwnedVector | null;
  private readonly nulls: number;
  private readonly sources: number;
  private readonly capacity: number;
  private readonly outer: boolean;
  private argNulls = 0;
  private readonly single: number;

  static of(plan: ProjectSet, context: ExpandContext, sources: number, capacity: number): KernelExpansion | null {
    const [call, another] = plan.functions;
    if (call === undefined || another !== undefined) return null;
    if (plan.outer && plan.ordinality) return null; // the number of a row that is not there is NULL too
    const definition = context.functions.tableFunction(call.function);
    const kernel = definition.strict
      ? definition.kernel?.(
          call.args.map((arg) => arg.type),
          context.evaluation,
        )
      : undefined;
    return kernel === undefined ? null : new KernelExpansion(plan, context, kernel, sources, capacity);
  }

  private constructor(plan: ProjectSet, context: ExpandContext, kernel: string, sources: number, capacity: number) {
    const { region, kernels } = context;
    const [call] = plan.functions;
    this.context = context;
    this.run = kernels.get(kernel);
    this.state = region.allocate(STATE.bytes);
    this.outs = call!.outputs.map(({ type }) => allocateVector(region, type, capacity));
    this.ordinals = plan.ordinality ? allocateVector(region, INT8, capacity) : null;
    this.nulls = region.allocate(BATCH_ROWS);
    this.single = region.allocate(4);
    this.sources = sources;
    this.capacity = capacity;
    this.outer = plan.outer;
  }

  start(batch: Batch, args: readonly Vector[]): void {
    const { memory, kernels } = this.context;
    memory.u8.fill(0, this.state, this.state + STATE.bytes);
    memory.u32[(this.state + STATE.outer) >>> 2] = Number(this.outer);
    this.argNulls = 0;
    const last = batch.count - 1;
    const extent = batch.selection === 0 || last < 0 ? batch.count : memory.u32[(batch.selection >>> 2) + last]! + 1;
    for (const { nulls } of args) {
      if (nulls === 0) continue;
      if (this.argNulls !== 0) kernels.get('null_or')(this.nulls, this.argNulls, nulls, extent);
      this.argNulls = this.argNulls === 0 ? nulls : this.nulls;
    }
  }

  /** `declined`: a selection of one row that the per-row body must expand. */
  next(batch: Batch, args: readonly Vector[]): { portion: Portion; declined: number | null } {
    const { memory } = this.context;
    const { outs, ordinals, state } = this;
    for (const out of outs) out.nulls = out.nullsRoom;
    const results = outs.flatMap(({ data, nulls }) => [data, nulls]);
    const made = [...results, this.sources, ordinals?.data ?? 0, this.capacity];
    const data = args.map((vector) => vector.data);
    const status = this.run(state, ...made, ...data, this.argNulls, batch.selection, batch.count);
    const count = memory.i32[(state + STATE.made) >>> 2]!;
    const portion = { columns: ordinals === null ? outs : [...outs, ordinals], count };
    if (status === STATUS.DONE) return { portion, declined: null };
    const position = (state + STATE.position) >>> 2;
    memory.u32[this.single >>> 2] = status >>> 8;
    memory.i32[position]!++;
    return { portion, declined: this.single };
  }
}

/** Any functions by their per-row bodies. */
class RowExpansion {
  private readonly plan: ProjectSet;
  private readonly context: ExpandContext;
  private readonly definitions: readonly TableFunction[];
  private readonly sources: number;
  private readonly strings: Region;
  private readonly builder: BatchBuilder;

  constructor(plan: ProjectSet, context: ExpandContext, sources: number, capacity: number) {
    const made = plan.types.slice(plan.input.types.length);
    this.plan = plan;
    this.context = context;
    this.definitions = plan.functions.map((call) => context.functions.tableFunction(call.function));
    this.sources = sources;
    this.strings = new Region(context.arena, context.heap.owner);
    this.builder = new BatchBuilder(context.region, made, { heap: this.strings, capacity });
  }

  *expand(batch: Batch, args: readonly Vector[], onFailure?: OnFailure): Generator<Portion, void, undefined> {
    const { memory } = this.context;
    this.clear();
    for (let i = 0; i < batch.count; i++) {
      const row = batch.selection === 0 ? i : memory.u32[(batch.selection >>> 2) + i]!;
      try {
        for (const values of this.rowsOf(args, row)) {
          if (this.builder.full) yield* this.flush();
          memory.u32[(this.sources >>> 2) + this.builder.count] = row;
          this.builder.append(values);
        }
      } catch (error) {
        if (onFailure === undefined || !(error instanceof SqlError)) throw error;
        onFailure(error, row);
      }
    }
    yield* this.flush();
  }

  private *rowsOf(args: readonly Vector[], row: number): Generator<Row> {
    const { functions, outer, ordinality } = this.plan;
    const { memory, evaluation } = this.context;
    let at = 0;
    const sources = functions.map((call, f) => {
      const { strict, rows } = this.definitions[f]!;
      const values = call.args.map(() => readDatum(memory, args[at++]!, row));
      if (strict && values.includes(null)) return [].values() as Iterator<Row>;
      const types = call.args.map((arg) => arg.type);
      return rows(values, evaluation, types, call.outputs)[Symbol.iterator]();
    });
    for (let ordinal = 1n; ; ordinal++) {
      const results = sources.map((source) => source.next());
      if (results.every((result) => result.done)) {
        if (ordinal === 1n && outer) yield this.builder.types.map(() => null);
        return;
      }
      const made = results.flatMap(
        (result, f): Row => (result.done ? functions[f]!.outputs.map(() => null) : result.value),
      );
      yield ordinality ? [...made, ordinal] : made;
    }
  }

  private *flush(): Generator<Portion, void, undefined> {
    const { columns, count } = this.builder.batch();
    if (count > 0) yield { columns, count };
    this.clear();
  }

  private clear(): void {
    this.builder.reset();
    this.strings.reset();
  }

  release(): void {
    this.strings.release();
  }
}
