// Set-returning functions per row. Rule: stateless, as linear.ts: a retracted row is expanded again, so the functions must be
// deterministic. Several advance in lockstep, padded with NULLs.
import { BATCH_ROWS, type Batch, type Vector } from '../../columns/batch.ts';
import { BatchBuilder } from '../../columns/batch-builder.ts';
import { readDatum } from '../../columns/datum-vector.ts';
import { Region } from '../../columns/region.ts';
import { SqlError } from '../../errors/sql-error.ts';
import type { BatchPlan } from '../../plan/batch.ts';
import type { Datum } from '../../types/datum.ts';
import { compileExpressions } from '../expressions/compile-expression.ts';
import { withoutFailing } from './job-errors.ts';
import { expressionContext, type JobContext, type Operator, type Outlet } from './operator.ts';

type ProjectSet = Extract<BatchPlan, { kind: 'project-set' }>;
type Row = readonly (Datum | null)[];

export class ProjectSetOperator implements Operator {
  private readonly context: JobContext;
  private readonly outlet: Outlet;
  private readonly plan: ProjectSet;
  private readonly heap: Region;
  private readonly strings: Region;
  private readonly programs: readonly { evaluate(batch: Batch, selection: number, count: number): Vector[] }[];
  private readonly builder: BatchBuilder;

  constructor(context: JobContext, outlet: Outlet, plan: ProjectSet) {
    this.context = context;
    this.outlet = outlet;
    this.plan = plan;
    this.heap = new Region(context.arena, context.owner);
    this.strings = new Region(context.arena, context.owner);
    this.programs = plan.functions.map((call) => compileExpressions(call.args, expressionContext(context, this.heap)));
    this.builder = new BatchBuilder(context.region, plan.types, { heap: this.strings, capacity: BATCH_ROWS });
  }

  push(batch: Batch): void {
    this.heap.reset();
    const { memory, errors } = this.context;
    let args: (readonly Vector[])[] = [];
    const good = withoutFailing(memory, this.heap, batch, errors, (part) => {
      args = this.programs.map((program) => program.evaluate(part, part.selection, part.count));
    });
    for (let i = 0; i < good.count; i++) {
      const row = good.selection === 0 ? i : memory.u32[(good.selection >>> 2) + i]!;
      const weight = good.weights === 0 ? 1n : memory.i64[good.weights / 8 + row]!;
      try {
        this.expand(good.columns, args, row, weight);
      } catch (error) {
        if (!(error instanceof SqlError)) throw error;
        errors.add(error, weight);
      }
    }
    this.drain();
  }

  private expand(columns: readonly Vector[], args: readonly (readonly Vector[])[], row: number, weight: bigint): void {
    const { memory } = this.context;
    const input = columns.map((column) => readDatum(memory, column, row));
    const results = this.plan.functions.map((_, i) => this.call(i, args[i]!, row));
    const rows = Math.max(...results.map((result) => result.length), 0);
    for (let r = 0; r < rows; r++) {
      const outputs = results.flatMap((result, i) => result[r] ?? this.plan.functions[i]!.outputs.map(() => null));
      this.append([...input, ...outputs, ...(this.plan.ordinality ? [BigInt(r + 1)] : [])], weight);
    }
    if (rows === 0 && this.plan.outer) this.append(input, weight);
  }

  private call(index: number, args: readonly Vector[], row: number): Row[] {
    const { memory, functions, evaluation } = this.context;
    const { function: id, args: expressions, outputs } = this.plan.functions[index]!;
    const definition = functions.tableFunction(id);
    const values = args.map((vector) => readDatum(memory, vector, row));
    if (definition.strict && values.includes(null)) return [];
    const types = expressions.map((arg) => arg.type);
    return [...definition.rows(values, evaluation, types, outputs)];
  }

  private append(row: Row, weight: bigint): void {
    if (this.builder.full) this.drain();
    this.builder.append(row, weight);
  }

  private drain(): void {
    this.outlet.emit(this.builder.batch());
    this.builder.reset();
    this.strings.reset();
  }

  release(): void {
    this.heap.release();
    this.strings.release();
  }
}
