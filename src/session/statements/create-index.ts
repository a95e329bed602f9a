// CREATE INDEX: a UNIQUE one is a constraint that commits check; all serve key lookups (storage/tables/row-postings.ts).
import type { Index, Table } from '../../catalog/objects.ts';
import { sqlError } from '../../errors/sql-error.ts';
import type { IndexElement } from '../../sql/ast-change.ts';
import type { CreateIndex, QualifiedName } from '../../sql/ast-definition.ts';
import { requireRelationOwner } from '../privileges.ts';
import { lockFound } from '../relation-locks.ts';
import { type StatementResult, tagOnly } from '../row-source.ts';
import type { SessionState } from '../session-state.ts';
import { alreadyExists, claimName, freeName, requireRelation, requireTable } from './resolve-names.ts';
import { type RunOf, unsupported } from './statement-run.ts';
import { requireUnique } from './validate-rows.ts';

/** 42809 for anything but a table. */
function requireIndexable(state: SessionState, name: QualifiedName): Table {
  const relation = requireRelation(state, name);
  if (relation.kind !== 'materialized-view') return requireTable(state, name);
  throw sqlError(
    'feature_not_supported',
    `"${relation.name}" is a materialized view: an index on one is not supported`,
    {
      hint: 'Index the tables that it reads, or keep a copy of its rows with CREATE TABLE .. AS.',
      position: name.position,
    },
  );
}

/** As pg_index.indoption has it. NULLs come first in descending order unless the statement says otherwise. */
function keyOption({ direction, nulls }: IndexElement): number {
  const descending = direction === 'desc';
  const nullsFirst = nulls === null ? descending : nulls === 'first';
  return (descending ? 1 : 0) + (nullsFirst ? 2 : 0);
}

/** Scripts from elsewhere shall run; what they get is said. */
function noteMethod(state: SessionState, { method }: CreateIndex): void {
  if (method === '' || method === 'btree' || method === 'hash') return;
  state.notice(
    'NOTICE',
    sqlError(
      'successful_completion',
      `access method "${method}" is not there: the index serves =, IN and = ANY of its columns`,
    ),
  );
}

export async function runCreateIndex({ state, statement }: RunOf<CreateIndex>): Promise<StatementResult> {
  state.transactions.requireWritable('CREATE INDEX');
  if (statement.where !== null) unsupported('a partial index', 'Leave WHERE out.', statement.position);
  const table = await lockFound(state, () => requireIndexable(state, statement.table), 'share');
  requireRelationOwner(state, table);
  const names = statement.elements.map((element) => {
    if (element.column === null)
      unsupported('an index on an expression', 'Index a generated column instead.', element.position);
    return element.column;
  });
  const keys = names.map((name) => {
    const column = table.columns.find((one) => one.name === name);
    if (column === undefined) throw sqlError('undefined_column', `column "${name}" does not exist`);
    return column;
  });
  const name = statement.name ?? freeName(state, table.schemaOid, [table.name, ...names, 'idx']);
  await claimName(state, 'relation', name, table.schemaOid);
  if (alreadyExists(state, table.schemaOid, name, statement.ifNotExists)) return tagOnly('CREATE INDEX');
  const keyOptions = statement.elements.map(keyOption);
  noteMethod(state, statement);
  const { transaction } = state.transactions;
  const index: Index = {
    kind: 'index',
    oid: transaction.edit().allocateOid(),
    name,
    schemaOid: table.schemaOid,
    owner: state.role.oid,
    columns: keys.map((key, i) => ({ ...key, attribute: i + 1, notNull: false, defaultSql: null, generated: null })),
    table: table.oid,
    keyAttributes: keys.map((key) => key.attribute),
    unique: statement.unique,
    primary: false,
    ...(statement.nullsNotDistinct ? { nullsNotDistinct: true } : {}),
    ...(keyOptions.some((option) => option !== 0) ? { keyOptions } : {}),
  };
  transaction.edit().putRelation(index);
  if (index.unique) {
    await requireUnique(state, table, index);
    transaction.reshape(table.oid);
  }
  return tagOnly('CREATE INDEX');
}
