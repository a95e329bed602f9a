// Calls of value kernels: strict null propagation, resumption when the heap window is full, and the per-row twin for rows that a
// kernel declines (NEED_SLOW). A kernel that writes strings is known by its arity: two parameters more.
import type { Batch, OwnedVector, Vector } from '../../columns/batch.ts';
import { readDatum, writeDatum } from '../../columns/datum-vector.ts';
import { sqlError } from '../../errors/sql-error.ts';
import type { EvaluationContext, KernelError } from '../../functions/function-definition.ts';
import { type Kernel, STATUS, statusCode, statusRow } from '../../kernels/kernel-library.ts';
import type { Datum } from '../../types/datum.ts';
import type { SqlType } from '../../types/sql-type.ts';
import type { Node, Program } from './expression-context.ts';
import { kernelError } from './kernel-errors.ts';

export type RowBody = (args: readonly (Datum | null)[], context: EvaluationContext) => Datum | null;

export interface KernelCallOptions {
  readonly type: SqlType;
  readonly kernel: string;
  readonly args: readonly Node[];
  /** Extra numbers between the arguments and the null bytes (a scale, the address of a compiled pattern). */
  readonly parameters?: readonly number[];
  readonly errors?: Readonly<Record<number, KernelError>>;
  readonly slow?: RowBody;
  /** The kernel sets null bytes: it gets its own. */
  readonly nullable?: boolean;
}

const HEAP_STEP = 4096;

export class KernelCallNode implements Node {
  readonly type: SqlType;
  private readonly program: Program;
  private readonly kernel: Kernel;
  private readonly usesHeap: boolean;
  private readonly args: readonly Node[];
  private readonly parameters: readonly number[];
  private readonly options: KernelCallOptions;
  private readonly out: OwnedVector;

  constructor(program: Program, options: KernelCallOptions) {
    this.type = options.type;
    this.program = program;
    this.kernel = program.context.kernels.get(options.kernel);
    this.args = options.args;
    this.parameters = options.parameters ?? [];
    this.options = options;
    this.out = program.vector(options.type);
    const plain = 4 + this.args.length + this.parameters.length;
    if (this.kernel.length !== plain && this.kernel.length !== plain + 2) {
      throw new Error(`kernel ${options.kernel} takes ${this.kernel.length} numbers, not ${plain}`);
    }
    this.usesHeap = this.kernel.length === plain + 2;
  }

  evaluate(batch: Batch, selection: number, count: number): Vector {
    const { out, program } = this;
    const vectors = this.args.map((arg) => arg.evaluate(batch, selection, count));
    const extent = program.extent(selection, count);
    out.nulls = program.strictNulls(vectors, out, extent);
    if (count === 0) return out;
    if (this.options.nullable === true) program.ownNulls(out, extent);
    const head = [out.data, ...vectors.map((vector) => vector.data), ...this.parameters];
    if (this.usesHeap) this.runWithHeap(head, vectors, selection, count, extent);
    else this.runPlain(head, vectors, selection, count, extent);
    return out;
  }

  private runPlain(head: number[], vectors: readonly Vector[], selection: number, count: number, extent: number): void {
    let from = 0;
    while (from < count) {
      const rest = from === 0 ? selection : this.program.tail(selection, from);
      const status = this.kernel(...head, this.out.nulls, rest, count - from);
      if (status === STATUS.DONE) return;
      const row = statusRow(status);
      if (statusCode(status) !== STATUS.NEED_SLOW)
        throw kernelError(statusCode(status), this.type, this.options.errors);
      this.slowRow(vectors, row, extent);
      from = this.program.positionOf(row, selection, count) + 1;
    }
  }

  private runWithHeap(head: number[], vectors: readonly Vector[], selection: number, count: number, extent: number) {
    const { heap, memory } = this.program.context;
    const window = this.program.heapWindow;
    let from = 0;
    let need = HEAP_STEP;
    while (from < count) {
      heap.reserve(need);
      memory.u32[window >>> 2] = heap.window.cursor;
      memory.u32[(window >>> 2) + 1] = heap.window.limit;
      const status = this.kernel(...head, this.out.nulls, selection, count, from, window);
      heap.advance(memory.u32[window >>> 2]!);
      if (status === STATUS.DONE) return;
      const code = statusCode(status);
      const row = statusRow(status);
      const position = this.program.positionOf(row, selection, count);
      if (code === STATUS.NEED_HEAP) {
        need = position > from ? HEAP_STEP : need;
        need = Math.max(need * 2, heap.window.limit - heap.window.cursor + 1);
        if (need > 1 << 30) throw sqlError('program_limit_exceeded', 'result of string operation is too long');
        from = position;
        continue;
      }
      if (code !== STATUS.NEED_SLOW) throw kernelError(code, this.type, this.options.errors);
      this.slowRow(vectors, row, extent);
      need = HEAP_STEP;
      from = position + 1;
    }
  }

  private slowRow(vectors: readonly Vector[], row: number, extent: number): void {
    const { slow, kernel } = this.options;
    if (slow === undefined) throw new Error(`kernel ${kernel} declined a row and has no per-row twin`);
    const { memory, evaluation, heap } = this.program.context;
    const value = slow(
      vectors.map((vector) => readDatum(memory, vector, row)),
      evaluation,
    );
    if (value === null || this.out.nulls !== 0) this.program.ownNulls(this.out, extent);
    writeDatum(memory, this.out, row, value, heap);
  }
}
