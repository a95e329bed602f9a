// information_schema.role_column_grants: privileges on relations, column by column.
import { systemRelation } from '../define-system-relation.ts';
import { schemaName } from '../pg-catalog/relation-facts.ts';
import { yesNo } from './column-facts.ts';
import { columnPrivileges } from './privilege-rows.ts';

export const INFORMATION_ROLE_COLUMN_GRANTS = systemRelation(
  ['information_schema', 'role_column_grants', 13344, 'view'],
  columnPrivileges,
  [
    ['grantor', 'name', (p) => p.grantor],
    ['grantee', 'name', (p) => p.grantee],
    ['table_catalog', 'name', (_, c) => c.session.database],
    ['table_schema', 'name', (p, c) => schemaName(c, p.relation.schemaOid)],
    ['table_name', 'name', (p) => p.relation.name],
    ['column_name', 'name', (p) => p.column.name],
    ['privilege_type', 'varchar', (p) => p.privilege],
    ['is_grantable', 'varchar', (p) => yesNo(p.grantable)],
  ],
);
