// Constants: one value filled over a whole vector when first needed as one, so that every kernel can read it like a column.
import type { Batch, Vector } from '../../columns/batch.ts';
import { BATCH_ROWS, type OwnedVector } from '../../columns/batch.ts';
import { readDatum, writeDatum } from '../../columns/datum-vector.ts';
import type { Datum } from '../../types/datum.ts';
import { physicalOf, type SqlType } from '../../types/sql-type.ts';
import type { Node, Program } from './expression-context.ts';

export class ConstantNode implements Node {
  readonly type: SqlType;
  readonly constant: { readonly value: Datum | null };
  private readonly program: Program;
  private vector: OwnedVector | null = null;

  constructor(program: Program, type: SqlType, value: Datum | null) {
    this.program = program;
    this.type = type;
    this.constant = { value };
  }

  evaluate(_batch: Batch, _selection: number, _count: number): Vector {
    if (this.vector === null) {
      const { memory, region } = this.program.context;
      const vector = this.program.vector(this.type);
      writeDatum(memory, vector, 0, this.constant.value, region);
      this.program.fill(vector, BATCH_ROWS);
      this.vector = vector;
    }
    return this.vector;
  }
}

/** The address of a non-null constant's value, for kernels that take one. */
export function constantAddress(program: Program, type: SqlType, value: Datum): number {
  const { memory, region } = program.context;
  const data = region.allocate(16);
  writeDatum(memory, { type, physical: physicalOf(type), data, nulls: 0 }, 0, value, region);
  return data;
}

/** A function of the statement (volatility stable) with constant arguments: computed when first needed, then a constant. */
export class OnceNode implements Node {
  readonly type: SqlType;
  private readonly program: Program;
  private readonly node: Node;
  private filled: ConstantNode | null = null;

  constructor(program: Program, node: Node) {
    this.type = node.type;
    this.program = program;
    this.node = node;
  }

  evaluate(batch: Batch, selection: number, count: number): Vector {
    if (count === 0) return this.node.evaluate(batch, selection, 0);
    this.filled ??= new ConstantNode(this.program, this.type, evaluateOnce(this.program, this.node));
    return this.filled.evaluate(batch, selection, count);
  }
}

const NO_INPUT: Batch = { columns: [], count: 1, selection: 0, weights: 0 };

/** The value of a node that reads no input. */
export function evaluateOnce(program: Program, node: Node): Datum | null {
  return readDatum(program.context.memory, node.evaluate(NO_INPUT, 0, 1), 0);
}
