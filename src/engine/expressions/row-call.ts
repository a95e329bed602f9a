// Nodes computed row by row in TypeScript: functions of the long tail, arrays, records, fields.
import type { Batch, OwnedVector, Vector } from '../../columns/batch.ts';
import { readDatum, writeDatum } from '../../columns/datum-vector.ts';
import type { Datum } from '../../types/datum.ts';
import type { SqlType } from '../../types/sql-type.ts';
import type { Node, Program } from './expression-context.ts';
import type { RowBody } from './kernel-call.ts';

export class RowCallNode implements Node {
  readonly type: SqlType;
  private readonly program: Program;
  private readonly args: readonly Node[];
  private readonly strict: boolean;
  private readonly body: RowBody;
  private readonly out: OwnedVector;
  private readonly values: (Datum | null)[];

  /** `strict`: a NULL argument gives NULL without a call. */
  constructor(program: Program, type: SqlType, args: readonly Node[], strict: boolean, body: RowBody) {
    this.type = type;
    this.program = program;
    this.args = args;
    this.strict = strict;
    this.body = body;
    this.out = program.vector(type);
    this.values = args.map((arg) => arg.constant?.value ?? null);
  }

  evaluate(batch: Batch, selection: number, count: number): Vector {
    const { memory, evaluation, heap } = this.program.context;
    const { out } = this;
    const vectors = this.args.map((arg) => (arg.constant === undefined ? arg.evaluate(batch, selection, count) : null));
    out.nulls = 0;
    for (let i = 0; i < count; i++) {
      const row = this.program.rowAt(selection, i);
      const values = this.values.slice(); // a body may keep its arguments
      let isNull = false;
      for (let j = 0; j < vectors.length; j++) {
        const vector = vectors[j]!;
        if (vector !== null) values[j] = readDatum(memory, vector, row);
        isNull ||= values[j] === null;
      }
      const value = isNull && this.strict ? null : this.body(values, evaluation);
      writeDatum(memory, out, row, value, heap);
    }
    return out;
  }
}
