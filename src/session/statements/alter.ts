// ALTER and RENAME of what can be altered: roles, owners, names, columns added and dropped, defaults, NOT NULL, pausing views.
import type { Column, Relation, Table } from '../../catalog/objects.ts';
import { sqlError } from '../../errors/sql-error.ts';
import type { AlterAction, AlterOwner, AlterRelation, AlterRole, Rename } from '../../sql/ast-alter.ts';
import type { AlterMaterializedViewState } from '../../sql/ast-definition.ts';
import { printExpression } from '../../sql/parser/print.ts';
import { type StatementResult, tagOnly } from '../row-source.ts';
import type { SessionState } from '../session-state.ts';
import { alterQueryState, setQueryOptions } from './alter-query.ts';
import { buildTableParts } from './column-definitions.ts';
import { requireRoleAdmin, withRoleOptions } from './create-role.ts';
import { requireRelation, requireTable } from './resolve-names.ts';
import { type RunOf, unsupported } from './statement-run.ts';

type Alter = AlterRelation | AlterRole | Rename | AlterOwner | AlterMaterializedViewState;

export function runAlter(run: RunOf<Alter>): StatementResult {
  const { state, statement } = run;
  state.transactions.requireWritable('ALTER');
  switch (statement.kind) {
    case 'alter_relation':
      for (const action of statement.actions) alterRelation(state, statement, action);
      return tagOnly(`ALTER ${statement.objectType.toUpperCase()}`);
    case 'alter_role':
      return alterRole(state, statement);
    case 'rename':
      return rename(state, statement);
    case 'alter_owner':
      return alterOwner(state, statement);
    case 'alter_materialized_view_state':
      return alterQueryState(state, statement);
  }
}

function alterRole(state: SessionState, statement: AlterRole): StatementResult {
  if (statement.setting !== null || statement.name === null) {
    unsupported('ALTER ROLE ... SET', 'Use SET in the session, or connection parameters.', statement.position);
  }
  const role = state.catalog().findRole(statement.name);
  if (role === undefined) throw sqlError('undefined_object', `role "${statement.name}" does not exist`);
  const onlyOwnPassword =
    role.oid === state.role.oid && statement.options.every((option) => option.name === 'password');
  if (!onlyOwnPassword) requireRoleAdmin(state);
  state.transactions.transaction.edit().putRole(withRoleOptions(state, role, statement.options));
  return tagOnly('ALTER ROLE');
}

function rename(state: SessionState, statement: Rename): StatementResult {
  const editor = state.transactions.transaction.edit();
  const tag = tagOnly(`ALTER ${(statement.relationType ?? statement.objectType).toUpperCase()}`);
  if (statement.objectType === 'schema') {
    const schema = state.catalog().findSchema(statement.object.name.parts[0]!);
    if (schema === undefined)
      throw sqlError('invalid_schema_name', `schema "${statement.object.name.parts[0]}" does not exist`);
    editor.putSchema({ ...schema, name: statement.newName });
    return tag;
  }
  const relation = requireRelation(state, statement.object.name);
  if (statement.objectType === 'column') {
    if (relation.columns.some((column) => column.name === statement.newName)) {
      throw sqlError('duplicate_column', `column "${statement.newName}" of relation "${relation.name}" already exists`);
    }
    requireColumn(relation, statement.part!);
    requireNoTextReferences(state, relation);
    const columns = relation.columns.map((column) =>
      column.name === statement.part ? { ...column, name: statement.newName } : column,
    );
    editor.putRelation({ ...relation, columns });
    return tag;
  }
  if (!['table', 'view', 'materialized view', 'stream', 'index', 'sequence'].includes(statement.objectType)) {
    unsupported(
      `ALTER ${statement.objectType.toUpperCase()} ... RENAME`,
      'Drop it and create it anew.',
      statement.position,
    );
  }
  if (state.catalog().findRelation(relation.schemaOid, statement.newName) !== undefined) {
    throw sqlError('duplicate_table', `relation "${statement.newName}" already exists`);
  }
  requireNoTextReferences(state, relation);
  editor.putRelation({ ...relation, name: statement.newName });
  return tag;
}

/** Views and checks keep their SQL as text, so names they use cannot change under them. */
function requireNoTextReferences(state: SessionState, relation: Relation): void {
  const dependents = state.transactions.transaction.edit().dependentsOf(relation.oid);
  if (dependents.length === 0) return;
  throw sqlError('feature_not_supported', `cannot rename "${relation.name}" because other objects depend on it`, {
    hint: 'Drop the views that use it, rename, and create them again.',
  });
}

function alterOwner(state: SessionState, statement: AlterOwner): StatementResult {
  const owner = state.catalog().findRole(statement.owner);
  if (owner === undefined) throw sqlError('undefined_object', `role "${statement.owner}" does not exist`);
  const relation = requireRelation(state, statement.object.name);
  state.transactions.transaction.edit().putRelation({ ...relation, owner: owner.oid });
  return tagOnly(`ALTER ${statement.objectType.toUpperCase()}`);
}

function requireColumn(relation: Relation, name: string): Column {
  const column = relation.columns.find((one) => one.name === name);
  if (column === undefined) {
    throw sqlError('undefined_column', `column "${name}" of relation "${relation.name}" does not exist`);
  }
  return column;
}

function alterRelation(state: SessionState, statement: AlterRelation, action: AlterAction): void {
  const editor = state.transactions.transaction.edit();
  if (action.kind === 'owner_to') {
    const owner = state.catalog().findRole(action.owner);
    if (owner === undefined) throw sqlError('undefined_object', `role "${action.owner}" does not exist`);
    editor.putRelation({ ...requireRelation(state, statement.name), owner: owner.oid });
    return;
  }
  if (action.kind === 'set_options' && statement.objectType === 'materialized view') {
    setQueryOptions(state, statement.name, action.options);
    return;
  }
  if (action.kind === 'set_options' && statement.objectType !== 'table') {
    unsupported(
      `ALTER ${statement.objectType.toUpperCase()} ... SET`,
      'Drop it and create it with other options.',
      action.position,
    );
  }
  const table = requireTable(state, statement.name);
  switch (action.kind) {
    case 'add_column':
      addColumn(state, table, action);
      break;
    case 'set_default': {
      requireColumn(table, action.column);
      const defaultSql = action.expression === null ? null : printExpression(action.expression);
      putColumn(state, table, action.column, { defaultSql });
      break;
    }
    case 'drop_not_null':
      requireColumn(table, action.column);
      putColumn(state, table, action.column, { notNull: false });
      break;
    default:
      unsupported(
        `ALTER TABLE ${action.kind.replaceAll('_', ' ').toUpperCase()}`,
        'Create a new table from a SELECT of the old one.',
        action.position,
      );
  }
}

function putColumn(state: SessionState, table: Table, name: string, change: Partial<Column>): void {
  const columns = table.columns.map((column) => (column.name === name ? { ...column, ...change } : column));
  state.transactions.transaction.edit().putRelation({ ...table, columns });
}

/** Older rows read NULL in the new column, so a default or NOT NULL needs a rewrite, which is refused. */
function addColumn(state: SessionState, table: Table, action: AlterAction & { kind: 'add_column' }): void {
  const editor = state.transactions.transaction.edit();
  if (table.columns.some((column) => column.name === action.column.name)) {
    if (action.ifNotExists) {
      state.notice(
        'NOTICE',
        sqlError(
          'duplicate_column',
          `column "${action.column.name}" of relation "${table.name}" already exists, skipping`,
        ),
      );
      return;
    }
    throw sqlError('duplicate_column', `column "${action.column.name}" of relation "${table.name}" already exists`);
  }
  const place = { oid: table.oid, name: table.name, schemaOid: table.schemaOid };
  const parts = buildTableParts(state, place, [action.column], () => editor.allocateOid());
  const [column] = parts.columns;
  if (column!.notNull || column!.defaultSql !== null || parts.constraints.length > 0) {
    unsupported(
      'ALTER TABLE ADD COLUMN with a default or a constraint',
      'Add the column plain, then UPDATE it and set its default.',
      action.position,
    );
  }
  const attribute = Math.max(...table.columns.map((one) => one.attribute)) + 1;
  editor.putRelation({ ...table, columns: [...table.columns, { ...column!, attribute }] });
}
