// ALTER TABLE's actions, one after the other, each over the table as the one before left it. The table is locked against everyone.
import type { Column, Table } from '../../catalog/objects.ts';
import { sqlError } from '../../errors/sql-error.ts';
import type { AlterAction, AlterRelation } from '../../sql/ast-alter.ts';
import type { TableConstraint } from '../../sql/ast-definition.ts';
import type { SessionState } from '../session-state.ts';
import { addColumnToTable } from './add-column.ts';
import { alterColumnType } from './alter-column-type.ts';
import { addTableConstraint, attachSequence } from './column-definitions.ts';
import { dropObjects } from './drop.ts';
import { putDraft, requireColumn, validateDraft } from './put-draft.ts';
import { requireTable } from './resolve-names.ts';
import { unsupported } from './statement-run.ts';
import { defaultText, NO_DEFAULT } from './stored-expressions.ts';
import { draftOf } from './table-draft.ts';
import { requireNoNulls } from './validate-rows.ts';

const IGNORED = new Set(['set_statistics', 'set_storage', 'set_compression', 'reset_options']);

export async function alterTable(state: SessionState, statement: AlterRelation, action: AlterAction): Promise<void> {
  const table = requireTable(state, statement.name);
  if (IGNORED.has(action.kind)) return;
  switch (action.kind) {
    case 'add_column':
      return addColumnToTable(state, table, action);
    case 'drop_column':
      return dropColumn(state, table, action);
    case 'alter_type':
      return alterColumnType(state, table, action);
    case 'set_default':
      return setDefault(state, table, action);
    case 'set_not_null':
      return setNotNull(state, table, action.column);
    case 'drop_not_null':
      return dropNotNull(state, table, action.column);
    case 'add_constraint':
      return addConstraint(state, table, action.constraint);
    case 'drop_constraint':
      return dropConstraint(state, table, action);
    case 'validate_constraint':
      requireConstraintNamed(table, action.constraint);
      return;
    case 'add_identity':
      return addIdentity(state, table, action);
    case 'drop_identity':
    case 'drop_expression':
      return dropGenerated(state, table, action);
    case 'set_options':
      return requireKnownOptions(action);
    default:
      return unsupported(
        `ALTER TABLE ${action.kind === 'other' ? action.words.toUpperCase() : action.kind.replaceAll('_', ' ').toUpperCase()}`,
        'Create a new table from a SELECT of the old one.',
        action.position,
      );
  }
}

function putColumn(state: SessionState, table: Table, name: string, change: Partial<Column>): void {
  const columns = table.columns.map((column) => (column.name === name ? { ...column, ...change } : column));
  state.transactions.transaction.edit().putRelation({ ...table, columns });
}

async function dropColumn(
  state: SessionState,
  table: Table,
  { column: name, ifExists, cascade }: AlterAction & { kind: 'drop_column' },
): Promise<void> {
  const column = table.columns.find((one) => one.name === name);
  if (column === undefined) {
    if (!ifExists) requireColumn(table, name);
    const text = `column "${name}" of relation "${table.name}" does not exist, skipping`;
    return state.notice('NOTICE', sqlError('successful_completion', text));
  }
  await dropObjects(state, [{ oid: table.oid, part: { kind: 'column', id: column.attribute } }], cascade);
  state.transactions.transaction.reshape(table.oid);
}

function setDefault(
  state: SessionState,
  table: Table,
  { column: name, expression }: AlterAction & { kind: 'set_default' },
): void {
  const column = requireColumn(table, name);
  const what = `column "${name}" of relation "${table.name}" is`;
  if (column.generated === 'stored') {
    throw sqlError('syntax_error', `${what} a generated column`, {
      ...(expression === null ? { hint: 'Use ALTER TABLE ... ALTER COLUMN ... DROP EXPRESSION instead.' } : {}),
    });
  }
  if (column.generated !== null) {
    throw sqlError('syntax_error', `${what} an identity column`, {
      ...(expression === null ? { hint: 'Use ALTER TABLE ... ALTER COLUMN ... DROP IDENTITY instead.' } : {}),
    });
  }
  const { sql, calls } = expression === null ? NO_DEFAULT : defaultText(state, column, expression);
  putColumn(state, table, name, { defaultSql: sql, calls });
}

async function setNotNull(state: SessionState, table: Table, name: string): Promise<void> {
  const column = requireColumn(table, name);
  if (column.notNull) return;
  putColumn(state, table, name, { notNull: true });
  await requireNoNulls(state, table, column);
}

function dropNotNull(state: SessionState, table: Table, name: string): void {
  const column = requireColumn(table, name);
  const primary = table.constraints.find(({ kind }) => kind === 'primary-key');
  if (primary?.columns.includes(column.attribute) === true)
    throw sqlError('invalid_table_definition', `column "${name}" is in a primary key`);
  if (column.generated?.startsWith('identity') === true)
    throw sqlError('syntax_error', `column "${name}" of relation "${table.name}" is an identity column`);
  putColumn(state, table, name, { notNull: false });
}

async function addConstraint(state: SessionState, table: Table, constraint: TableConstraint): Promise<void> {
  const draft = draftOf(state, table);
  addTableConstraint(draft, constraint);
  await validateDraft(draft, table, putDraft(draft, table));
}

function requireConstraintNamed(table: Table, name: string) {
  const constraint = table.constraints.find((one) => one.name === name);
  if (constraint !== undefined) return constraint;
  throw sqlError('undefined_object', `constraint "${name}" of relation "${table.name}" does not exist`);
}

async function dropConstraint(
  state: SessionState,
  table: Table,
  { constraint: name, ifExists, cascade }: AlterAction & { kind: 'drop_constraint' },
): Promise<void> {
  const constraint = table.constraints.find((one) => one.name === name);
  if (constraint === undefined) {
    if (!ifExists) requireConstraintNamed(table, name);
    const text = `constraint "${name}" of relation "${table.name}" does not exist, skipping`;
    return state.notice('NOTICE', sqlError('successful_completion', text));
  }
  await dropObjects(state, [{ oid: table.oid, part: { kind: 'constraint', id: constraint.oid } }], cascade);
  state.transactions.transaction.reshape(table.oid);
}

function addIdentity(state: SessionState, table: Table, action: AlterAction & { kind: 'add_identity' }): void {
  const column = requireColumn(table, action.column);
  const what = `column "${column.name}" of relation "${table.name}"`;
  if (!column.notNull)
    throw sqlError(
      'object_not_in_prerequisite_state',
      `${what} must be declared NOT NULL before identity can be added`,
    );
  if (column.generated?.startsWith('identity') === true)
    throw sqlError('object_not_in_prerequisite_state', `${what} is already an identity column`);
  if (column.defaultSql !== null)
    throw sqlError('object_not_in_prerequisite_state', `${what} already has a default value`);
  const draft = draftOf(state, table);
  const generated = action.always ? 'identity-always' : 'identity-default';
  attachSequence(draft, column.name, column.type, action.options, generated);
  putDraft(draft, table);
}

async function dropGenerated(
  state: SessionState,
  table: Table,
  action: AlterAction & { kind: 'drop_identity' | 'drop_expression' },
): Promise<void> {
  const column = requireColumn(table, action.column);
  const wanted = action.kind === 'drop_expression' ? 'stored' : 'identity';
  if (column.generated?.startsWith(wanted) !== true) {
    const what = action.kind === 'drop_expression' ? 'a stored generated column' : 'an identity column';
    const text = `column "${column.name}" of relation "${table.name}" is not ${what}`;
    if (!action.ifExists) throw sqlError('object_not_in_prerequisite_state', text);
    return state.notice('NOTICE', sqlError('object_not_in_prerequisite_state', `${text}, skipping`));
  }
  if (wanted === 'stored')
    return putColumn(state, table, column.name, { generated: null, defaultSql: null, calls: [] });
  putColumn(state, table, column.name, { generated: null, defaultSql: null, calls: [] });
  for (const one of state.catalog().relations.values()) {
    if (one.kind !== 'sequence' || one.ownedBy?.table !== table.oid) continue;
    if (one.ownedBy.attribute === column.attribute) await dropObjects(state, [one.oid], false);
  }
}

/** Settings of PostgreSQL's storage, which mean nothing here. */
function requireKnownOptions(action: AlterAction & { kind: 'set_options' }): void {
  for (const { name, namespace } of action.options) {
    if (
      namespace === 'toast' ||
      /^(fillfactor|parallel_workers|toast_tuple_target|user_catalog_table|vacuum_\w+|autovacuum_\w+)$/.test(name)
    )
      continue;
    throw sqlError('invalid_parameter_value', `unrecognized parameter "${name}"`);
  }
}
