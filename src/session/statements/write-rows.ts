// Batches of a query into a new table: CREATE TABLE AS. Columns are in catalog order and of the table's types; derived numerics
// become plain ones.
import type { Table } from '../../catalog/objects.ts';
import type { Batch } from '../../columns/batch.ts';
import type { Expression } from '../../plan/expression.ts';
import { physicalOf } from '../../types/sql-type.ts';
import type { SessionState } from '../session-state.ts';
import { RowProgram } from './row-program.ts';

export class TableWriter {
  private readonly state: SessionState;
  private readonly table: Table;
  private readonly program: RowProgram;
  private evaluators: ReturnType<RowProgram['compile']> | null = null;

  constructor(state: SessionState, table: Table) {
    this.state = state;
    this.table = table;
    this.program = new RowProgram(state);
  }

  async write(batch: Batch): Promise<void> {
    this.program.nextBatch();
    const fits = batch.columns.every((vector, i) => vector.physical === physicalOf(this.table.columns[i]!.type));
    const rows = fits ? batch : this.program.evaluate(this.conversions(batch), batch);
    await this.state.transactions.transaction.insert(this.table.oid, { ...rows, weights: 0 });
  }

  close(): void {
    this.program.close();
  }

  private conversions(batch: Batch): ReturnType<RowProgram['compile']> {
    this.evaluators ??= this.program.compile(
      this.table.columns.map((column, index): Expression => {
        const { type } = batch.columns[index]!;
        const input: Expression = { kind: 'input', type, index };
        if (physicalOf(type) === physicalOf(column.type)) return input;
        return { kind: 'call', type: column.type, function: `cast(${type.name}->${column.type.name})`, args: [input] };
      }),
    );
    return this.evaluators;
  }
}
