// Constants: one value filled over a whole vector when first needed as one, so that every kernel can read it like a column. What is a
// constant of one statement only (its parameters, now()) is filled anew for each.
import type { Batch, OwnedVector, Vector } from '../../columns/batch.ts';
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
      this.program.fill(vector, this.program.capacity);
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

/** One value per statement, over as many rows as are asked for. */
class StatementValue {
  private readonly program: Program;
  private readonly vector: OwnedVector;
  private serial = -1;
  private filled = 0;

  constructor(program: Program, type: SqlType) {
    this.program = program;
    this.vector = program.vector(type);
  }

  /** `value` is asked once per statement. */
  over(rows: number, value: () => Datum | null): Vector {
    const { statement, memory, region } = this.program.context;
    const { vector } = this;
    const serial = statement?.serial ?? 0;
    if (serial !== this.serial) {
      vector.nulls = 0;
      writeDatum(memory, vector, 0, value(), statement?.region ?? region);
      this.filled = 1;
      this.serial = serial;
    }
    if (rows > this.filled) {
      this.program.fill(vector, rows);
      this.filled = rows;
    }
    return vector;
  }
}

/** A parameter of the statement. */
export class ParameterNode implements Node {
  readonly type: SqlType;
  private readonly program: Program;
  private readonly index: number;
  private readonly value: StatementValue;

  constructor(program: Program, type: SqlType, index: number) {
    this.type = type;
    this.program = program;
    this.index = index;
    this.value = new StatementValue(program, type);
  }

  evaluate(_batch: Batch, selection: number, count: number): Vector {
    const { statement } = this.program.context;
    return this.value.over(this.program.extent(selection, count), () => statement!.parameters[this.index]!);
  }
}

/** A function of the statement (volatility stable) with constant arguments: computed when first needed, then a constant. */
export class OnceNode implements Node {
  readonly type: SqlType;
  private readonly program: Program;
  private readonly node: Node;
  private readonly value: StatementValue;

  constructor(program: Program, node: Node) {
    this.type = node.type;
    this.program = program;
    this.node = node;
    this.value = new StatementValue(program, node.type);
  }

  evaluate(batch: Batch, selection: number, count: number): Vector {
    if (count === 0) return this.node.evaluate(batch, selection, 0);
    return this.value.over(this.program.extent(selection, count), () => evaluateOnce(this.program, this.node));
  }
}

const NO_INPUT: Batch = { columns: [], count: 1, selection: 0, weights: 0 };

/** The value of a node that reads no input. */
export function evaluateOnce(program: Program, node: Node): Datum | null {
  return readDatum(program.context.memory, node.evaluate(NO_INPUT, 0, 1), 0);
}
