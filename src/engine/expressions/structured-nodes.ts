// ARRAY[...], ROW(...), field selection and op ANY/ALL (array): composite values, row by row.
import { BATCH_ROWS, type Batch, type OwnedVector, type Vector } from '../../columns/batch.ts';
import { readDatum, writeDatum } from '../../columns/datum-vector.ts';
import { sqlError } from '../../errors/sql-error.ts';
import type { Datum, SqlArray, SqlRecord } from '../../types/datum.ts';
import { sqlArray } from '../../types/datum.ts';
import { BOOL, type SqlType } from '../../types/sql-type.ts';
import type { Node, Program } from './expression-context.ts';

/** The array of these elements; arrays of one shape as elements make one more dimension. */
export function arrayValue(elements: readonly (Datum | null)[], nested: boolean): SqlArray {
  if (!nested) return sqlArray(elements);
  const parts = elements.map((element) => (element as SqlArray | null) ?? sqlArray([]));
  const first = parts[0];
  if (first === undefined || parts.every((part) => part.dimensions.length === 0)) return sqlArray([]);
  for (const part of parts) {
    if (part.dimensions.join() === first.dimensions.join()) continue;
    throw sqlError(
      'array_subscript_error',
      'multidimensional arrays must have array expressions with matching dimensions',
    );
  }
  return {
    kind: 'array',
    dimensions: [parts.length, ...first.dimensions],
    lowerBounds: [1, ...first.lowerBounds],
    elements: parts.flatMap((part) => part.elements),
  };
}

export function recordValue(values: readonly (Datum | null)[]): SqlRecord {
  return { kind: 'record', values };
}

export function fieldValue(record: Datum, index: number): Datum | null {
  return (record as SqlRecord).values[index] ?? null;
}

/**
 * arg op ANY/ALL (array): pairs (arg, element) are gathered into vectors of their own, the operator runs over a full vector at a
 * time, and each row takes the three-valued OR (ANY) or AND (ALL) of its pairs.
 */
export class QuantifiedArrayNode implements Node {
  readonly type = BOOL;
  private readonly program: Program;
  private readonly arg: Node;
  private readonly array: Node;
  private readonly all: boolean;
  private readonly pair: Node;
  private readonly left: OwnedVector;
  private readonly right: OwnedVector;
  private readonly rows = new Int32Array(BATCH_ROWS);
  private pairs = 0;
  private readonly out: OwnedVector;

  /** `pair` computes the operator over a batch of two columns: argument, element. */
  constructor(program: Program, arg: Node, array: Node, element: SqlType, all: boolean, pair: Node) {
    this.program = program;
    this.arg = arg;
    this.array = array;
    this.all = all;
    this.pair = pair;
    this.left = program.vector(arg.type);
    this.right = program.vector(element);
    this.out = program.vector(BOOL);
  }

  evaluate(batch: Batch, selection: number, count: number): Vector {
    const { memory, heap } = this.program.context;
    const { out } = this;
    const args = this.arg.evaluate(batch, selection, count);
    const arrays = this.array.evaluate(batch, selection, count);
    out.nulls = 0;
    this.pairs = 0;
    for (let i = 0; i < count; i++) {
      const row = this.program.rowAt(selection, i);
      const array = readDatum(memory, arrays, row) as SqlArray | null;
      writeDatum(memory, out, row, array === null ? null : this.all, heap);
      if (array === null) continue;
      const left = readDatum(memory, args, row);
      for (const element of array.elements) {
        if (this.pairs === BATCH_ROWS) this.flush();
        this.rows[this.pairs] = row;
        writeDatum(memory, this.left, this.pairs, left, heap);
        writeDatum(memory, this.right, this.pairs, element, heap);
        this.pairs++;
      }
    }
    this.flush();
    return out;
  }

  private flush(): void {
    const { memory, heap } = this.program.context;
    const batch: Batch = { columns: [this.left, this.right], count: this.pairs, selection: 0, weights: 0 };
    const results = this.pair.evaluate(batch, 0, this.pairs);
    for (let i = 0; i < this.pairs; i++) {
      const row = this.rows[i]!;
      const result = readDatum(memory, results, i) as boolean | null;
      if (result === this.all) continue;
      const before = readDatum(memory, this.out, row) as boolean | null;
      const decided = before === !this.all;
      if (!decided) writeDatum(memory, this.out, row, result, heap);
    }
    this.pairs = 0;
    this.left.nulls = 0;
    this.right.nulls = 0;
  }
}
