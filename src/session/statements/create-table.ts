// CREATE TABLE.
import { sqlError } from '../../errors/sql-error.ts';
import type { CreateTable } from '../../sql/ast-definition.ts';
import { lockRelations, tryLockRelations } from '../relation-locks.ts';
import { type StatementResult, tagOnly } from '../row-source.ts';
import type { SessionState } from '../session-state.ts';
import { addElements } from './column-definitions.ts';
import { alreadyExists, claimPlace } from './resolve-names.ts';
import { type RunOf, unsupported } from './statement-run.ts';
import { newDraft, type TableDraft } from './table-draft.ts';

export async function runCreateTable({ state, statement }: RunOf<CreateTable>): Promise<StatementResult> {
  refuse(statement);
  state.transactions.requireWritable('CREATE TABLE');
  const { schemaOid, name, temporary } = await claimPlace(state, statement.table, {
    temporary: statement.persistence === 'temporary',
  });
  if (statement.onCommit !== null && !temporary)
    throw sqlError('invalid_table_definition', 'ON COMMIT can only be used on temporary tables');
  if (alreadyExists(state, schemaOid, name, statement.ifNotExists)) return tagOnly('CREATE TABLE');
  const editor = state.transactions.transaction.edit();
  const draft = await draftTable(state, statement, { oid: editor.allocateOid(), name, schemaOid }, temporary);
  const { place, columns, constraints } = draft;
  const onCommit =
    statement.onCommit === null || statement.onCommit === 'preserve' ? {} : { onCommit: statement.onCommit };
  editor.putRelation({ kind: 'table', ...place, owner: state.role.oid, columns, constraints, temporary, ...onCommit });
  for (const relation of [...draft.indexes, ...draft.sequences]) editor.putRelation(relation);
  return tagOnly('CREATE TABLE');
}

/** The tables that it refers to are locked: they are looked up anew after waiting. */
async function draftTable(
  state: SessionState,
  { elements }: CreateTable,
  place: TableDraft['place'],
  temporary: boolean,
): Promise<TableDraft> {
  for (;;) {
    const draft = newDraft(state, place, temporary);
    addElements(draft, elements);
    const referenced = draft.constraints.flatMap(({ foreign }) => foreign?.table ?? []);
    const others = referenced.filter((oid) => oid !== place.oid);
    if (tryLockRelations(state, others, 'share row exclusive')) return draft;
    await lockRelations(state, others, 'share row exclusive');
  }
}

function refuse(statement: CreateTable): void {
  const { position } = statement;
  if (statement.ofType !== null) unsupported('CREATE TABLE OF', 'Name the columns.', position);
  if (statement.inherits.length > 0) unsupported('INHERITS', 'Repeat the columns.', position);
  if (statement.partitionOf !== null || statement.partitionBy !== null) {
    unsupported('declarative partitioning', 'Leave the clause out: a table has no size limit of its own.', position);
  }
  if (statement.options.some((option) => option.name === 'connector')) {
    unsupported('a table with a connector', 'Use CREATE STREAM ... WITH (connector = ...).', position);
  }
}
