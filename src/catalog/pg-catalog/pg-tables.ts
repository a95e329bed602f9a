// pg_tables: tables by name; streams are not among them, as foreign tables are not.
import { systemRelation } from '../define-system-relation.ts';
import { hasIndex, roleName, schemaName, tables } from './relation-facts.ts';

export const PG_TABLES = systemRelation(['pg_catalog', 'pg_tables', 12033, 'view'], tables, [
  ['schemaname', 'name', (t, c) => schemaName(c, t.schemaOid)],
  ['tablename', 'name', (t) => t.name],
  ['tableowner', 'name', (t, c) => roleName(c, t.owner)],
  ['tablespace', 'name'],
  ['hasindexes', 'bool', hasIndex],
  ['hasrules', 'bool', false],
  ['hastriggers', 'bool', false],
  ['rowsecurity', 'bool', false],
]);
