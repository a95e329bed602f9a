// ALTER ... RENAME and SET SCHEMA. Expressions and views are kept as text, so what names the object in them is written anew: in
// views by what the binder says their words mean.
import type { Column, Relation, Schema, Table, UserFunction } from '../../catalog/objects.ts';
import { sqlError } from '../../errors/sql-error.ts';
import type { Rename, SetSchema } from '../../sql/ast-alter.ts';
import { parseExpression } from '../../sql/parser/parse.ts';
import { printExpression } from '../../sql/parser/print.ts';
import { requireOwner, requireRelationOwner, requireSchemaPrivilege } from '../privileges.ts';
import { lockFound } from '../relation-locks.ts';
import { type StatementResult, tagOnly } from '../row-source.ts';
import type { SessionState } from '../session-state.ts';
import { requireRoleAdmin } from './create-role.ts';
import { refreshIndexes } from './put-draft.ts';
import { renameInViews } from './rename-in-views.ts';
import { alreadyTaken, claimName, findRelation, qualifiedText, requireRelation } from './resolve-names.ts';
import { type RunOf, unsupported } from './statement-run.ts';
import { rewriteSyntax } from './stored-expressions.ts';
import { findUserFunction } from './user-functions.ts';

const RELATIONS = new Set(['table', 'view', 'materialized view', 'stream', 'index', 'sequence', 'foreign table']);

export async function runRename({ state, statement }: RunOf<Rename>): Promise<StatementResult> {
  const tag = tagOnly(`ALTER ${(statement.relationType ?? statement.objectType).toUpperCase()}`);
  const { objectType, newName } = statement;
  const name = statement.object.name.parts.at(-1)!;
  if (objectType === 'schema') {
    await claimName(state, 'schema', newName);
    const schema = requireSchema(state, name);
    requireOwner(state, schema, `schema ${name}`);
    renameSchema(state, schema, newName);
    return tag;
  }
  if (objectType === 'role') {
    requireRoleAdmin(state);
    await claimName(state, 'role', newName);
    const role = state.catalog().findRole(name);
    if (role === undefined) throw sqlError('undefined_object', `role "${name}" does not exist`);
    state.transactions.transaction.edit().putRole({ ...role, name: newName });
    return tag;
  }
  if (objectType === 'function' || objectType === 'routine') {
    const found = findUserFunction(state, statement.object);
    if (found === undefined) throw sqlError('undefined_function', `function ${name} does not exist`);
    requireOwner(state, found, `function ${name}`);
    refuseNamed(state, found);
    await claimName(state, 'function', newName, found.schemaOid);
    state.transactions.transaction.edit().putFunction({ ...found, name: newName });
    return tag;
  }
  if (!RELATIONS.has(objectType) && objectType !== 'column' && objectType !== 'constraint') {
    unsupported(
      `ALTER ${objectType.toUpperCase()} ... RENAME`,
      objectType === 'database' ? 'Databases here are names of one store: keep it.' : 'Drop it and create it anew.',
      statement.position,
    );
  }
  if (statement.ifExists && findRelation(state, statement.object.name) === undefined) {
    const text = `relation "${qualifiedText(statement.object.name)}" does not exist, skipping`;
    state.notice('NOTICE', sqlError('successful_completion', text));
    return tag;
  }
  const relation = await lockFound(state, () => requireUserRelation(state, statement));
  requireRelationOwner(state, relation);
  if (objectType === 'column') renameColumn(state, relation, statement.part!, newName);
  else if (objectType === 'constraint') renameConstraint(state, relation, statement.part!, newName);
  else {
    await claimName(state, 'relation', newName, relation.schemaOid);
    renameRelation(state, relation, newName);
  }
  return tag;
}

/** Views, defaults and checks keep the names of functions as text. */
function refuseNamed(state: SessionState, { oid, name }: UserFunction): void {
  const user = state.transactions.transaction.edit().neededBy(oid);
  if (user === null) return;
  unsupported(`renaming function ${name}, which ${user} names,`, 'Drop that, rename, and create it again.');
}

function requireUserRelation(state: SessionState, { object, objectType, relationType }: Rename): Relation {
  const relation = requireRelation(state, object.name);
  if (relation.kind === 'system-table' || relation.kind === 'system-view')
    throw sqlError('insufficient_privilege', `permission denied: "${relation.name}" is a system catalog`);
  const asked = relationType ?? objectType;
  const kind = relation.kind.replace('-', ' ');
  const strict = asked === 'view' || asked === 'materialized view' || asked === 'sequence' || asked === 'stream';
  if (strict && asked !== kind) throw sqlError('wrong_object_type', `"${relation.name}" is not a ${asked}`);
  return relation;
}

function requireSchema(state: SessionState, name: string): Schema {
  const schema = state.catalog().findSchema(name);
  if (schema !== undefined) return schema;
  throw sqlError('invalid_schema_name', `schema "${name}" does not exist`);
}

function renameSchema(state: SessionState, schema: Schema, name: string): void {
  if (name.startsWith('pg_')) {
    throw sqlError('reserved_name', `unacceptable schema name "${name}"`, {
      detail: 'The prefix "pg_" is reserved for system schemas.',
    });
  }
  const inside = [...state.catalog().relations.values()].filter(({ schemaOid }) => schemaOid === schema.oid);
  for (const one of state.catalog().functions.values()) if (one.schemaOid === schema.oid) refuseNamed(state, one);
  renameInViews(state, { relations: new Map(inside.map((one) => [one.oid, [name, one.name]])) });
  const editor = state.transactions.transaction.edit();
  for (const view of [...state.catalog().relations.values()]) {
    if (view.kind !== 'view' && view.kind !== 'materialized-view') continue;
    if (!view.searchPath.includes(schema.name)) continue;
    const searchPath = view.searchPath.map((one) => (one === schema.name ? name : one));
    editor.putRelation({ ...view, searchPath });
  }
  editor.putSchema({ ...schema, name });
}

function renameRelation(state: SessionState, relation: Relation, name: string): void {
  alreadyTaken(state, relation.schemaOid, name);
  const schema = state.catalog().schemas.get(relation.schemaOid)!.name;
  renameInViews(state, { relations: new Map([[relation.oid, [schema, name]]]) });
  const editor = state.transactions.transaction.edit();
  editor.putRelation({ ...relation, name });
  if (relation.kind !== 'index') return;
  const table = state.catalog().relations.get(relation.table)!;
  const constraint =
    'constraints' in table ? table.constraints.find((one) => one.indexOid === relation.oid) : undefined;
  if (table.kind === 'table' && constraint !== undefined) putConstraintName(state, table, constraint.oid, name);
}

function putConstraintName(state: SessionState, table: Table, oid: number, name: string): void {
  const constraints = table.constraints.map((one) => (one.oid === oid ? { ...one, name } : one));
  state.transactions.transaction.edit().putRelation({ ...table, constraints });
}

function renameConstraint(state: SessionState, relation: Relation, name: string, newName: string): void {
  const constraints = relation.kind === 'table' ? relation.constraints : [];
  const constraint = constraints.find((one) => one.name === name);
  if (constraint === undefined)
    throw sqlError('undefined_object', `constraint "${name}" for table "${relation.name}" does not exist`);
  if (constraints.some((one) => one.name === newName))
    throw sqlError('duplicate_object', `constraint "${newName}" for relation "${relation.name}" already exists`);
  const index = constraint.indexOid === null ? undefined : state.catalog().relations.get(constraint.indexOid);
  if (index !== undefined) return renameRelation(state, index, newName);
  putConstraintName(state, relation as Table, constraint.oid, newName);
}

function renameColumn(state: SessionState, relation: Relation, name: string, newName: string): void {
  const column = relation.columns.find((one) => one.name === name);
  if (column === undefined) throw sqlError('undefined_column', `column "${name}" does not exist`);
  if (relation.columns.some((one) => one.name === newName))
    throw sqlError('duplicate_column', `column "${newName}" of relation "${relation.name}" already exists`);
  renameInViews(state, {
    column: { relation: relation.oid, attribute: column.attribute, before: name, name: newName },
  });
  const text = (sql: string) => renameInExpression(sql, name, newName);
  const columns = relation.columns.map(
    (one): Column => ({
      ...one,
      name: one === column ? newName : one.name,
      defaultSql: one.generated === 'stored' ? text(one.defaultSql!) : one.defaultSql,
    }),
  );
  const { transaction } = state.transactions;
  if ('constraints' in relation) {
    const constraints = relation.constraints.map((one) =>
      one.checkSql === null ? one : { ...one, checkSql: text(one.checkSql) },
    );
    transaction.edit().putRelation({ ...relation, columns, constraints });
  } else transaction.edit().putRelation({ ...relation, columns });
  refreshIndexes(state, relation.oid);
  transaction.reshape(relation.oid);
}

function renameInExpression(sql: string, name: string, newName: string): string {
  const renamed = rewriteSyntax(parseExpression(sql), (node) => {
    const { kind, parts } = node as { kind?: string; parts?: readonly string[] };
    if (kind !== 'column' || parts?.at(-1) !== name) return undefined;
    return { ...node, parts: [...parts.slice(0, -1), newName] };
  });
  return printExpression(renamed);
}

export async function runSetSchema({ state, statement }: RunOf<SetSchema>): Promise<StatementResult> {
  const tag = tagOnly(`ALTER ${statement.objectType.toUpperCase()}`);
  if (!RELATIONS.has(statement.objectType))
    unsupported(
      `ALTER ${statement.objectType.toUpperCase()} ... SET SCHEMA`,
      'Create it anew there.',
      statement.position,
    );
  if (statement.ifExists && findRelation(state, statement.object.name) === undefined) {
    const text = `relation "${qualifiedText(statement.object.name)}" does not exist, skipping`;
    state.notice('NOTICE', sqlError('successful_completion', text));
    return tag;
  }
  const schema = await lockFound(state, () => requireSchema(state, statement.schema), 'access share');
  const relation = await lockFound(state, () => requireRelation(state, statement.object.name));
  requireRelationOwner(state, relation);
  requireSchemaPrivilege(state, schema, 'CREATE');
  if (relation.schemaOid === schema.oid) return tag;
  await claimName(state, 'relation', relation.name, schema.oid);
  alreadyTaken(state, schema.oid, relation.name);
  if (relation.kind === 'sequence' && relation.ownedBy !== null) {
    const owner = state.catalog().relations.get(relation.ownedBy.table)!.name;
    throw sqlError('feature_not_supported', 'cannot move an owned sequence into another schema', {
      detail: `Sequence "${relation.name}" is linked to table "${owner}".`,
    });
  }
  const moved = [relation, ...partsOf(state, relation.oid)];
  renameInViews(state, { relations: new Map([[relation.oid, [schema.name, relation.name]]]) });
  const { transaction } = state.transactions;
  for (const one of moved) transaction.edit().putRelation({ ...one, schemaOid: schema.oid });
  return tag;
}

/** A table's indexes and the sequences it owns. */
function partsOf(state: SessionState, table: number): Relation[] {
  return [...state.catalog().relations.values()].filter(
    (one) => (one.kind === 'index' && one.table === table) || (one.kind === 'sequence' && one.ownedBy?.table === table),
  );
}
