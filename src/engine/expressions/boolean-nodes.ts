// AND, OR, NOT, IS NULL with three-valued logic. Arguments of AND and OR are evaluated one after the other, each only for the rows
// that are still undecided, so that an error belongs to a row that needs the argument.
import type { Batch, OwnedVector, Vector } from '../../columns/batch.ts';
import { BOOL } from '../../types/sql-type.ts';
import type { Node, Program } from './expression-context.ts';

export class LogicNode implements Node {
  readonly type = BOOL;
  private readonly program: Program;
  private readonly args: readonly Node[];
  private readonly isAnd: boolean;
  private readonly out: OwnedVector;
  private readonly undecided: number;

  constructor(program: Program, isAnd: boolean, args: readonly Node[]) {
    this.program = program;
    this.isAnd = isAnd;
    this.args = args;
    this.out = program.vector(BOOL);
    this.undecided = program.selection();
  }

  evaluate(batch: Batch, selection: number, count: number): Vector {
    const { out, program } = this;
    const { kernels, memory } = program.context;
    const extent = program.extent(selection, count);
    memory.u8.fill(this.isAnd ? 1 : 0, out.data, out.data + extent);
    memory.u8.fill(0, out.nullsRoom, out.nullsRoom + extent);
    out.nulls = 0;
    const step = kernels.get(this.isAnd ? 'and_step' : 'or_step');
    let rows = selection;
    let left = count;
    for (const arg of this.args) {
      const vector = arg.evaluate(batch, rows, left);
      if (vector.nulls !== 0) out.nulls = out.nullsRoom;
      left = step(out.data, out.nullsRoom, vector.data, vector.nulls, rows, left, this.undecided);
      if (left === 0) break;
      rows = this.undecided;
    }
    return out;
  }
}

export class NotNode implements Node {
  readonly type = BOOL;
  private readonly program: Program;
  private readonly arg: Node;
  private readonly out: OwnedVector;

  constructor(program: Program, arg: Node) {
    this.program = program;
    this.arg = arg;
    this.out = program.vector(BOOL);
  }

  evaluate(batch: Batch, selection: number, count: number): Vector {
    const vector = this.arg.evaluate(batch, selection, count);
    this.program.context.kernels.get('not')(this.out.data, vector.data, vector.nulls, selection, count);
    this.out.nulls = vector.nulls;
    return this.out;
  }
}

export class IsNullNode implements Node {
  readonly type = BOOL;
  private readonly program: Program;
  private readonly arg: Node;
  private readonly negated: boolean;
  private readonly out: OwnedVector;

  constructor(program: Program, arg: Node, negated: boolean) {
    this.program = program;
    this.arg = arg;
    this.negated = negated;
    this.out = program.vector(BOOL);
  }

  evaluate(batch: Batch, selection: number, count: number): Vector {
    const { nulls } = this.arg.evaluate(batch, selection, count);
    const { memory, kernels } = this.program.context;
    const { data } = this.out;
    if (nulls === 0) memory.u8.fill(this.negated ? 1 : 0, data, data + this.program.extent(selection, count));
    else if (this.negated) kernels.get('not')(data, nulls, 0, selection, count);
    else kernels.get('copy_1')(data, nulls, selection, count);
    return this.out;
  }
}

/** left IS [NOT] DISTINCT FROM right, given `equal`: the strict comparison of the two. */
export class IsDistinctNode implements Node {
  readonly type = BOOL;
  private readonly program: Program;
  private readonly left: Node;
  private readonly right: Node;
  private readonly equal: Node;
  private readonly negated: boolean;
  private readonly out: OwnedVector;

  constructor(program: Program, left: Node, right: Node, equal: Node, negated: boolean) {
    this.program = program;
    this.left = left;
    this.right = right;
    this.equal = equal;
    this.negated = negated;
    this.out = program.vector(BOOL);
  }

  evaluate(batch: Batch, selection: number, count: number): Vector {
    const left = this.left.evaluate(batch, selection, count);
    const right = this.right.evaluate(batch, selection, count);
    const equal = this.equal.evaluate(batch, selection, count);
    const kernel = this.program.context.kernels.get('is_distinct');
    kernel(this.out.data, equal.data, left.nulls, right.nulls, this.negated ? 1 : 0, selection, count);
    return this.out;
  }
}
