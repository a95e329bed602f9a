// information_schema.column_privileges: what owners may do with their columns; there are no grants to others.
import { systemRelation } from '../define-system-relation.ts';
import { schemaName } from '../pg-catalog/relation-facts.ts';
import { columnPrivileges } from './privilege-rows.ts';

export const INFORMATION_COLUMN_PRIVILEGES = systemRelation(
  ['information_schema', 'column_privileges', 13285, 'view'],
  columnPrivileges,
  [
    ['grantor', 'name', (p) => p.owner],
    ['grantee', 'name', (p) => p.owner],
    ['table_catalog', 'name', (_, c) => c.session.database],
    ['table_schema', 'name', (p, c) => schemaName(c, p.relation.schemaOid)],
    ['table_name', 'name', (p) => p.relation.name],
    ['column_name', 'name', (p) => p.column.name],
    ['privilege_type', 'varchar', (p) => p.privilege],
    ['is_grantable', 'varchar', 'YES'],
  ],
);
