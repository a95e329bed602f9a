// CASE and COALESCE: every branch is evaluated only for the rows that reach it, its values are copied to the result's same rows.
import type { Batch, OwnedVector, Vector } from '../../columns/batch.ts';
import type { Kernel } from '../../kernels/kernel-library.ts';
import { PHYSICAL_WIDTH, type SqlType } from '../../types/sql-type.ts';
import type { Node, Program } from './expression-context.ts';

/** Copies selected rows, values and null bytes, of one vector into another. */
class RowCopier {
  private readonly copy: Kernel;
  private readonly copyNulls: Kernel;
  private readonly program: Program;

  constructor(program: Program, type: OwnedVector) {
    this.program = program;
    this.copy = program.context.kernels.get(`copy_${PHYSICAL_WIDTH[type.physical]}`);
    this.copyNulls = program.context.kernels.get('copy_1');
  }

  start(out: OwnedVector, extent: number): void {
    this.program.context.memory.u8.fill(0, out.nullsRoom, out.nullsRoom + extent);
    out.nulls = 0;
  }

  into(out: OwnedVector, from: Vector, selection: number, count: number): void {
    this.copy(out.data, from.data, selection, count);
    if (from.nulls === 0) return;
    out.nulls = out.nullsRoom;
    this.copyNulls(out.nullsRoom, from.nulls, selection, count);
  }
}

export class CaseNode implements Node {
  readonly type: SqlType;
  private readonly program: Program;
  private readonly branches: readonly { readonly when: Node; readonly value: Node }[];
  private readonly otherwise: Node;
  private readonly out: OwnedVector;
  private readonly copier: RowCopier;
  private readonly taken: number;
  private readonly undecided: number;

  constructor(
    program: Program,
    type: SqlType,
    branches: readonly { readonly when: Node; readonly value: Node }[],
    otherwise: Node,
  ) {
    this.program = program;
    this.type = type;
    this.branches = branches;
    this.otherwise = otherwise;
    this.out = program.vector(type);
    this.copier = new RowCopier(program, this.out);
    this.taken = program.selection();
    this.undecided = program.selection();
  }

  evaluate(batch: Batch, selection: number, count: number): Vector {
    const { out, program, copier } = this;
    const selectTrue = program.context.kernels.get('select_true');
    const selectNotTrue = program.context.kernels.get('select_not_true');
    copier.start(out, program.extent(selection, count));
    let rows = selection;
    let left = count;
    for (const { when, value } of this.branches) {
      if (left === 0) return out;
      const condition = when.evaluate(batch, rows, left);
      const taken = selectTrue(this.taken, condition.data, condition.nulls, rows, left);
      if (taken > 0) {
        copier.into(out, value.evaluate(batch, this.taken, taken), this.taken, taken);
        left = selectNotTrue(this.undecided, condition.data, condition.nulls, rows, left);
        rows = this.undecided;
      }
    }
    if (left > 0) copier.into(out, this.otherwise.evaluate(batch, rows, left), rows, left);
    return out;
  }
}

export class CoalesceNode implements Node {
  readonly type: SqlType;
  private readonly program: Program;
  private readonly args: readonly Node[];
  private readonly out: OwnedVector;
  private readonly copier: RowCopier;
  private readonly undecided: number;

  constructor(program: Program, type: SqlType, args: readonly Node[]) {
    this.program = program;
    this.type = type;
    this.args = args;
    this.out = program.vector(type);
    this.copier = new RowCopier(program, this.out);
    this.undecided = program.selection();
  }

  evaluate(batch: Batch, selection: number, count: number): Vector {
    const { out, program, copier } = this;
    const selectNull = program.context.kernels.get('select_null');
    copier.start(out, program.extent(selection, count));
    let rows = selection;
    let left = count;
    for (const arg of this.args) {
      const vector = arg.evaluate(batch, rows, left);
      copier.into(out, vector, rows, left);
      if (vector.nulls === 0) {
        // Every row that was still NULL has a value now.
        program.context.kernels.get('clear_1')(out.nullsRoom, rows, left);
        return out;
      }
      left = selectNull(this.undecided, vector.nulls, rows, left);
      if (left === 0) return out;
      rows = this.undecided;
    }
    return out;
  }
}
