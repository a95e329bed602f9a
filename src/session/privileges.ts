// What the session's role may do: checks with PostgreSQL's texts, 42501.
import { relationKindWord } from '../catalog/object-names.ts';
import type { Relation, Schema } from '../catalog/objects.ts';
import { hasPrivilege, isOwner, type ObjectKind, type Protected } from '../catalog/privileges.ts';
import { sqlError } from '../errors/sql-error.ts';
import type { SessionState } from './session-state.ts';
import { isTemporarySchema } from './temporary-schema.ts';

const SUPERUSER_ONLY = new Set(['pg_authid', 'pg_shadow']);

export function denied(what: string): Error {
  return sqlError('insufficient_privilege', `permission denied for ${what}`);
}

export function kindOf(relation: Relation): ObjectKind {
  return relation.kind === 'sequence' ? 'sequence' : 'table';
}

export function may(state: SessionState, kind: ObjectKind, object: Protected, privilege: string): boolean {
  return hasPrivilege(state.catalog(), state.role.oid, kind, object, privilege);
}

/** On a relation, its schema included. Everybody may read the system's, but for passwords. */
export function requireRelationPrivilege(state: SessionState, relation: Relation, privilege: string): void {
  if (state.role.superuser) return;
  if (relation.kind === 'system-table' || relation.kind === 'system-view') {
    if (SUPERUSER_ONLY.has(relation.name)) throw denied(`${relationKindWord(relation)} ${relation.name}`);
    return;
  }
  const schema = state.catalog().schemas.get(relation.schemaOid)!;
  if (!isTemporarySchema(schema.name)) requireSchemaPrivilege(state, schema, 'USAGE');
  if (!may(state, kindOf(relation), relation, privilege))
    throw denied(`${relationKindWord(relation)} ${relation.name}`);
}

/** Schemas that a role may not use are not searched. */
export function mayUseSchema(state: SessionState, schema: Schema): boolean {
  return state.role.superuser || isSystemSchema(schema) || may(state, 'schema', schema, 'USAGE');
}

function isSystemSchema({ name }: Schema): boolean {
  return name === 'pg_catalog' || name === 'information_schema' || name === 'headrace';
}

export function requireSchemaPrivilege(state: SessionState, schema: Schema, privilege: 'USAGE' | 'CREATE'): void {
  if (isSystemSchema(schema)) return;
  if (!may(state, 'schema', schema, privilege)) throw denied(`schema ${schema.name}`);
}

/** `what`: 'table t', as the message says it. */
export function requireOwner(state: SessionState, object: { readonly owner: number }, what: string): void {
  if (!isOwner(state.catalog(), state.role.oid, object)) {
    throw sqlError('insufficient_privilege', `must be owner of ${what}`);
  }
}

export function ownsRelation(state: SessionState, relation: Relation): boolean {
  return isOwner(state.catalog(), state.role.oid, relation);
}

export function requireRelationOwner(state: SessionState, relation: Relation): void {
  requireOwner(state, relation, `${relationKindWord(relation)} ${relation.name}`);
}

/** Files and programs of the server are the superusers'. */
export function requireSuperuser(state: SessionState, text: string): void {
  if (!state.role.superuser) throw sqlError('insufficient_privilege', text);
}
