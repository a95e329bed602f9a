// ALTER TABLE ADD COLUMN. A default that is one value for all rows becomes the column's missing value: rows from before have it
// without being touched. A default that each row computes, or a generated column, rewrites the table.
import type { Column, Table } from '../../catalog/objects.ts';
import { evaluateConstant } from '../../engine/expressions/evaluate-constant.ts';
import { sqlError } from '../../errors/sql-error.ts';
import type { Expression } from '../../plan/expression.ts';
import type { AlterAction } from '../../sql/ast-alter.ts';
import { bindScalarExpression } from '../../sql/binder/bind-statement.ts';
import { parseExpression } from '../../sql/parser/parse.ts';
import type { SessionState } from '../session-state.ts';
import { addColumn, addColumnConstraints } from './column-definitions.ts';
import { constantEvaluation } from './evaluate-scalar.ts';
import { putDraft, validateDraft } from './put-draft.ts';
import { columnValue, rewriteTable } from './rewrite-table.ts';
import { volatilityOf } from './stored-expressions.ts';
import { draftOf } from './table-draft.ts';

export async function addColumnToTable(
  state: SessionState,
  table: Table,
  { column: definition, ifNotExists }: AlterAction & { kind: 'add_column' },
): Promise<void> {
  if (table.columns.some((column) => column.name === definition.name)) {
    const text = `column "${definition.name}" of relation "${table.name}" already exists`;
    if (!ifNotExists) throw sqlError('duplicate_column', text);
    return state.notice('NOTICE', sqlError('duplicate_column', `${text}, skipping`));
  }
  const draft = draftOf(state, table);
  const attribute = Math.max(table.lastAttribute ?? 0, ...table.columns.map((one) => one.attribute)) + 1;
  addColumn(draft, definition, attribute);
  addColumnConstraints(draft, definition);
  const column = draft.columns.at(-1)!;
  const value = column.defaultSql === null ? null : defaultValue(state, table, column);
  const isOneValue = value !== null && column.generated === null && volatilityOf(state, value) !== 'volatile';
  if (isOneValue) {
    const missing = evaluateConstant(value, constantEvaluation(state));
    if (missing !== null) draft.columns[draft.columns.length - 1] = { ...column, missing };
  }
  const after = putDraft(draft, table);
  if (value !== null && !isOneValue)
    await rewriteTable(state, table, after, [...table.columns.map(columnValue), value]);
  await validateDraft(draft, table, after);
}

/** The column's default or generation expression over the table's other columns. */
function defaultValue(state: SessionState, table: Table, column: Column): Expression {
  const columns = table.columns.map(({ attribute, name, type }) => ({ id: attribute, name, type }));
  const inputs = column.generated === 'stored' ? columns : [];
  const options = { relation: table.name, target: column.type };
  return bindScalarExpression(parseExpression(column.defaultSql!), inputs, state.bindContext(), options);
}
