// A changed draft becomes its table's definition; then the rows there are must satisfy what is new in it.
import type { Column, Table } from '../../catalog/objects.ts';
import { sqlError } from '../../errors/sql-error.ts';
import { lockRelations } from '../relation-locks.ts';
import type { SessionState } from '../session-state.ts';
import type { TableDraft } from './table-draft.ts';
import { requireConstraint, requireNoNulls, requireUnique } from './validate-rows.ts';

export function requireColumn(relation: Pick<Table, 'name' | 'columns'>, name: string): Column {
  const column = relation.columns.find((one) => one.name === name);
  if (column !== undefined) return column;
  throw sqlError('undefined_column', `column "${name}" of relation "${relation.name}" does not exist`);
}

/** The draft as the table's new definition, with its new indexes and sequences; the transaction's own rows follow. */
export function putDraft(draft: TableDraft, table: Table): Table {
  const { transaction } = draft.state.transactions;
  const editor = transaction.edit();
  const after: Table = { ...table, columns: draft.columns, constraints: draft.constraints };
  editor.putRelation(after);
  for (const relation of [...draft.indexes, ...draft.sequences]) editor.putRelation(relation);
  transaction.reshape(table.oid);
  return after;
}

/** Checks the rows there are against what the draft added. */
export async function validateDraft(draft: TableDraft, before: Table, after: Table): Promise<void> {
  const { state } = draft;
  for (const column of after.columns) {
    const old = before.columns.find((one) => one.attribute === column.attribute);
    if (column.notNull && old?.notNull !== true) await requireNoNulls(state, after, column);
  }
  for (const index of draft.indexes) await requireUnique(state, after, index);
  const known = new Set(before.constraints.map((constraint) => constraint.oid));
  for (const constraint of after.constraints) {
    if (known.has(constraint.oid)) continue;
    if (constraint.foreign !== undefined) await lockRelations(state, [constraint.foreign.table], 'share row exclusive');
    await requireConstraint(state, after, constraint);
  }
}

/** The indexes of a table repeat its columns' names and types: after these have changed. */
export function refreshIndexes(state: SessionState, oid: number): void {
  const table = state.catalog().relations.get(oid)!;
  const editor = state.transactions.transaction.edit();
  for (const index of [...state.catalog().relations.values()]) {
    if (index.kind !== 'index' || index.table !== oid) continue;
    const columns = index.keyAttributes.map((key, i) => ({
      ...table.columns.find((column) => column.attribute === key)!,
      attribute: i + 1,
      notNull: false,
      defaultSql: null,
      generated: null,
    }));
    editor.putRelation({ ...index, columns });
  }
}
