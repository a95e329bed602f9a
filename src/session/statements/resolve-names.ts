// Names in DDL to catalog objects, with PostgreSQL's errors.
import type { Relation, Table } from '../../catalog/objects.ts';
import { sqlError } from '../../errors/sql-error.ts';
import type { QualifiedName } from '../../sql/ast-definition.ts';
import { mayUseSchema, requireSchemaPrivilege } from '../privileges.ts';
import { lockRelations, tryLockRelations } from '../relation-locks.ts';
import { creationSchema } from '../search-path.ts';
import type { SessionState } from '../session-state.ts';
import { requireTemporarySchema, temporarySchemaName } from '../temporary-schema.ts';

export { resolveTypeName } from '../../sql/binder/type-names.ts';

export interface Place {
  readonly schemaOid: number;
  readonly name: string;
  readonly temporary: boolean;
}

/** Where a new object goes. Throws 3F000, 42P16. */
function newObjectPlace(state: SessionState, name: QualifiedName, temporary: boolean): Place {
  const catalog = state.catalog();
  const parts = withoutDatabase(state, name);
  const last = parts.at(-1)!;
  const own = temporarySchemaName(state.startup.processId);
  if (parts.length === 1 ? temporary : parts[0] === 'pg_temp' || parts[0] === own)
    return { schemaOid: requireTemporarySchema(state).oid, name: last, temporary: true };
  if (temporary) {
    throw sqlError('invalid_table_definition', 'cannot create temporary relation in non-temporary schema', {
      position: name.position,
    });
  }
  if (parts.length === 1) {
    const schemaOid = creationSchema(state.settings.get('search_path'), state.role.name, catalog, (schema) =>
      mayUseSchema(state, schema),
    );
    requireSchemaPrivilege(state, catalog.schemas.get(schemaOid)!, 'CREATE');
    return { schemaOid, name: last, temporary: false };
  }
  const schema = catalog.findSchema(parts[0]!);
  if (schema === undefined) {
    throw sqlError('invalid_schema_name', `schema "${parts[0]}" does not exist`, { position: name.position });
  }
  if (schema.name === 'pg_catalog' || schema.name === 'information_schema' || schema.name === 'headrace') {
    throw sqlError('insufficient_privilege', `permission denied to create "${schema.name}.${last}"`, {
      detail: 'System catalog modifications are currently disallowed.',
    });
  }
  requireSchemaPrivilege(state, schema, 'CREATE');
  return { schemaOid: schema.oid, name: last, temporary: false };
}

/** As newObjectPlace, once nobody drops the schema and no other transaction is making an object of that name: who comes second sees what became of the first. */
export async function claimPlace(
  state: SessionState,
  name: QualifiedName,
  { temporary = false, kind = 'relation' }: { temporary?: boolean; kind?: 'relation' | 'function' } = {},
): Promise<Place> {
  let place = newObjectPlace(state, name, temporary);
  while (!tryLockRelations(state, [place.schemaOid], 'access share')) {
    await lockRelations(state, [place.schemaOid], 'access share');
    place = newObjectPlace(state, name, temporary);
  }
  await claimName(state, kind, place.name, place.schemaOid);
  return place;
}

/** Waits while another transaction makes an object of that kind and name. */
export function claimName(
  state: SessionState,
  kind: 'relation' | 'function' | 'schema' | 'role',
  name: string,
  schemaOid = 0,
): Promise<void> {
  return state.transactions.transaction.lockName(`${kind} ${schemaOid} ${name}`);
}

function withoutDatabase(state: SessionState, name: QualifiedName): readonly string[] {
  if (name.parts.length < 3) return name.parts;
  if (name.parts.length > 3 || name.parts[0] !== state.startup.database) {
    throw sqlError(
      'feature_not_supported',
      `cross-database references are not implemented: ${name.parts.map((p) => `"${p}"`).join('.')}`,
      {
        position: name.position,
      },
    );
  }
  return name.parts.slice(1);
}

export function findRelation(state: SessionState, name: QualifiedName): Relation | undefined {
  const catalog = state.catalog();
  const parts = withoutDatabase(state, name);
  if (parts.length === 2) {
    const schema = catalog.findSchema(schemaNamed(state, parts[0]!));
    return schema === undefined ? undefined : catalog.findRelation(schema.oid, parts[1]!);
  }
  for (const schemaName of state.searchPath()) {
    const relation = catalog.findRelation(catalog.findSchema(schemaName)!.oid, parts[0]!);
    if (relation !== undefined) return relation;
  }
  return undefined;
}

/** pg_temp is the session's own schema. */
function schemaNamed(state: SessionState, name: string): string {
  return name === 'pg_temp' ? temporarySchemaName(state.startup.processId) : name;
}

export function qualifiedText(name: QualifiedName): string {
  return name.parts.join('.');
}

/** 42P01 if there is none. */
export function requireRelation(state: SessionState, name: QualifiedName): Relation {
  const relation = findRelation(state, name);
  if (relation === undefined) {
    throw sqlError('undefined_table', `relation "${qualifiedText(name)}" does not exist`, { position: name.position });
  }
  return relation;
}

/** A table that DDL and DML may change; 42809 for anything else. */
export function requireTable(state: SessionState, name: QualifiedName): Table {
  const relation = requireRelation(state, name);
  if (relation.kind === 'system-table') {
    throw sqlError('insufficient_privilege', `permission denied: "${relation.name}" is a system catalog`);
  }
  if (relation.kind !== 'table') throw sqlError('wrong_object_type', `"${relation.name}" is not a table`);
  return relation;
}

/** True (with a NOTICE) when IF NOT EXISTS meets an existing relation; 42P07 without it. */
export function alreadyExists(state: SessionState, schemaOid: number, name: string, ifNotExists: boolean): boolean {
  if (state.catalog().findRelation(schemaOid, name) === undefined) return false;
  if (!ifNotExists) throw sqlError('duplicate_table', `relation "${name}" already exists`);
  state.notice('NOTICE', sqlError('duplicate_table', `relation "${name}" already exists, skipping`));
  return true;
}

/** 42P07 when a relation has the name. */
export function alreadyTaken(state: SessionState, schemaOid: number, name: string): void {
  alreadyExists(state, schemaOid, name, false);
}

/** A free name as PostgreSQL makes them: table_column_suffix, then a number. */
export function freeName(
  state: SessionState,
  schemaOid: number,
  parts: readonly string[],
  taken: readonly string[] = [],
): string {
  const base = parts.join('_').slice(0, 60);
  for (let i = 0; ; i++) {
    const name = i === 0 ? base : `${base}${i}`;
    if (!taken.includes(name) && state.catalog().findRelation(schemaOid, name) === undefined) return name;
  }
}
