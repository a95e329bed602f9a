// pg_class: every relation. Views and indexes belong to it as in PostgreSQL; streams are foreign tables.
import { systemRelation, textArray } from '../define-system-relation.ts';
import type { Relation } from '../objects.ts';
import { aclTexts } from '../privileges.ts';
import {
  allRelations,
  constraintsOf,
  hasForeignKeys,
  hasIndex,
  pagesOf,
  RELATION_LETTERS,
  schemaName,
} from './relation-facts.ts';
import { rowTypeOf } from './type-rows.ts';

const SHARED = new Set([
  'pg_authid',
  'pg_auth_members',
  'pg_database',
  'pg_tablespace',
  'pg_shdescription',
  'pg_db_role_setting',
]);
const HEAP_OID = 2;
const BTREE_OID = 403;

function hasStorage(relation: Relation): boolean {
  return relation.kind === 'table' || relation.kind === 'materialized-view' || relation.kind === 'stream';
}

function accessMethod(relation: Relation): number {
  if (relation.kind === 'index') return BTREE_OID;
  return relation.kind === 'table' || relation.kind === 'materialized-view' || relation.kind === 'system-table'
    ? HEAP_OID
    : 0;
}

export const PG_CLASS = systemRelation(['pg_catalog', 'pg_class', 1259, 'table'], allRelations, [
  ['oid', 'oid!', (r) => r.oid],
  ['relname', 'name!', (r) => r.name],
  ['relnamespace', 'oid!', (r) => r.schemaOid],
  ['reltype', 'oid!', rowTypeOf],
  ['reloftype', 'oid!'],
  ['relowner', 'oid!', (r) => r.owner],
  ['relam', 'oid!', accessMethod],
  ['relfilenode', 'oid!', (r) => (hasStorage(r) ? r.oid : 0)],
  ['reltablespace', 'oid!'],
  ['relpages', 'int4!', (r, c) => (hasStorage(r) ? pagesOf(c, r.oid) : 0)],
  ['reltuples', 'float4!', (r, c) => (hasStorage(r) ? c.statistics.rowCount(r.oid) : -1)],
  ['relallvisible', 'int4!'],
  ['reltoastrelid', 'oid!'],
  ['relhasindex', 'bool!', hasIndex],
  ['relisshared', 'bool!', (r) => SHARED.has(r.name) && r.oid < 16_384],
  ['relpersistence', 'char!', (r, c) => (schemaName(c, r.schemaOid).startsWith('pg_temp_') ? 't' : 'p')],
  ['relkind', 'char!', (r) => RELATION_LETTERS[r.kind]],
  ['relnatts', 'int2!', (r) => r.columns.length],
  ['relchecks', 'int2!', (r) => constraintsOf(r).filter((one) => one.kind === 'check').length],
  ['relhasrules', 'bool!', (r) => r.kind === 'view' || r.kind === 'materialized-view' || r.kind === 'system-view'],
  ['relhastriggers', 'bool!', hasForeignKeys],
  ['relhassubclass', 'bool!'],
  ['relrowsecurity', 'bool!'],
  ['relforcerowsecurity', 'bool!'],
  ['relispopulated', 'bool!', true],
  ['relreplident', 'char!', (r) => (r.kind === 'table' || r.kind === 'materialized-view' ? 'd' : 'n')],
  ['relispartition', 'bool!'],
  ['relrewrite', 'oid!'],
  ['relfrozenxid', 'xid!'],
  ['relminmxid', 'xid!'],
  ['relacl', 'aclitem[]', (r, c) => textArray(aclTexts(c.catalog, r))],
  ['reloptions', 'text[]'],
  ['relpartbound', 'pg_node_tree'],
]);
