// information_schema.table_privileges: privileges on relations.
import { systemRelation } from '../define-system-relation.ts';
import { schemaName } from '../pg-catalog/relation-facts.ts';
import { yesNo } from './column-facts.ts';
import { tablePrivileges } from './privilege-rows.ts';

export const INFORMATION_TABLE_PRIVILEGES = systemRelation(
  ['information_schema', 'table_privileges', 13416, 'view'],
  tablePrivileges,
  [
    ['grantor', 'name', (p) => p.grantor],
    ['grantee', 'name', (p) => p.grantee],
    ['table_catalog', 'name', (_, c) => c.session.database],
    ['table_schema', 'name', (p, c) => schemaName(c, p.relation.schemaOid)],
    ['table_name', 'name', (p) => p.relation.name],
    ['privilege_type', 'varchar', (p) => p.privilege],
    ['is_grantable', 'varchar', (p) => yesNo(p.grantable)],
    ['with_hierarchy', 'varchar', (p) => yesNo(p.privilege === 'SELECT')],
  ],
);
