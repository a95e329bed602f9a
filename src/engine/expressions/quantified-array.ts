// arg op ANY/ALL (array): a kernel writes the elements of all arrays one behind the other, with the row each is of; the argument is gathered
// by those rows, the operator runs over full vectors of pairs, and each row takes the three-valued OR (ANY) or AND (ALL) of its pairs.
import { BATCH_ROWS, type Batch, type OwnedVector, type Vector } from '../../columns/batch.ts';
import { readDatum, writeDatum } from '../../columns/datum-vector.ts';
import { elementForm, UUID_FORM } from '../../columns/value-bytes.ts';
import type { SqlArray } from '../../types/datum.ts';
import { BOOL, PHYSICAL_WIDTH, type SqlType } from '../../types/sql-type.ts';
import type { Node, Program } from './expression-context.ts';

/** Bytes of the state of kernels/assembly/expand.ts; the number of pairs made lies at 20, the position at 0. */
const STATE_BYTES = 32;

export class QuantifiedArrayNode implements Node {
  readonly type = BOOL;
  private readonly program: Program;
  private readonly arg: Node;
  private readonly array: Node;
  private readonly all: boolean;
  private readonly pair: Node;
  private readonly left: OwnedVector;
  private readonly right: OwnedVector;
  private readonly sources: number;
  private readonly state: number;
  private readonly form: number | undefined;
  private readonly out: OwnedVector;

  /** `pair` computes the operator over a batch of two columns: argument, element. */
  constructor(program: Program, arg: Node, array: Node, element: SqlType, all: boolean, pair: Node) {
    this.program = program;
    this.arg = arg;
    this.array = array;
    this.all = all;
    this.pair = pair;
    this.left = program.vector(arg.type, BATCH_ROWS);
    this.right = program.vector(element, BATCH_ROWS);
    this.sources = program.selection();
    this.state = program.context.region.allocate(STATE_BYTES);
    this.form = elementForm(element);
    this.out = program.vector(BOOL);
  }

  evaluate(batch: Batch, selection: number, count: number): Vector {
    const { out, program } = this;
    const args = this.arg.evaluate(batch, selection, count);
    const arrays = this.array.evaluate(batch, selection, count);
    const extent = program.extent(selection, count);
    out.nulls = arrays.nulls;
    program.ownNulls(out, extent);
    program.context.memory.u8.fill(Number(this.all), out.data, out.data + extent);
    if (this.form === undefined) this.pairsByRow(args, arrays, selection, count);
    else this.pairsByKernel(args, arrays, selection, count);
    return out;
  }

  private pairsByKernel(args: Vector, arrays: Vector, selection: number, count: number): void {
    const { kernels, memory } = this.program.context;
    const { right, state, sources } = this;
    const form = this.form === UUID_FORM ? 'uuid' : this.form === 0 ? 'view' : this.form;
    const unnest = kernels.get(`unnest_${form}`);
    memory.u8.fill(0, state, state + STATE_BYTES);
    right.nulls = right.nullsRoom;
    do {
      unnest(state, right.data, right.nulls, sources, 0, BATCH_ROWS, arrays.data, arrays.nulls, selection, count);
      this.fold(args, memory.i32[(state + 20) >>> 2]!);
    } while (memory.i32[state >>> 2]! < count);
  }

  /** Elements whose bytes are not what vectors hold. */
  private pairsByRow(args: Vector, arrays: Vector, selection: number, count: number): void {
    const { memory, heap } = this.program.context;
    let pairs = 0;
    for (let i = 0; i < count; i++) {
      const row = this.program.rowAt(selection, i);
      const array = readDatum(memory, arrays, row) as SqlArray | null;
      for (const element of array?.elements ?? []) {
        if (pairs === BATCH_ROWS) {
          this.fold(args, pairs);
          pairs = 0;
          this.right.nulls = 0;
        }
        memory.u32[(this.sources >>> 2) + pairs] = row;
        writeDatum(memory, this.right, pairs++, element, heap);
      }
    }
    this.fold(args, pairs);
    this.right.nulls = 0;
  }

  /** The answers of so many pairs into their rows. */
  private fold(args: Vector, pairs: number): void {
    if (pairs === 0) return;
    const { kernels } = this.program.context;
    const { left, right, out, sources } = this;
    kernels.get(`gather_${PHYSICAL_WIDTH[args.physical]}`)(left.data, args.data, sources, pairs);
    left.nulls = args.nulls === 0 ? 0 : left.nullsRoom;
    if (args.nulls !== 0) kernels.get('gather_1')(left.nulls, args.nulls, sources, pairs);
    const answers = this.pair.evaluate({ columns: [left, right], count: pairs, selection: 0, weights: 0 }, 0, pairs);
    kernels.get('fold_quantified')(out.data, out.nulls, answers.data, answers.nulls, sources, pairs, Number(this.all));
  }
}
