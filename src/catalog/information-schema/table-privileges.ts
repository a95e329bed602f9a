// information_schema.table_privileges: privileges on relations.
import { systemRelation } from '../define-system-relation.ts';
import { TABLE_PRIVILEGE_COLUMNS, tablePrivileges } from './privilege-rows.ts';

export const INFORMATION_TABLE_PRIVILEGES = systemRelation(
  ['information_schema', 'table_privileges', 13416, 'view'],
  tablePrivileges,
  TABLE_PRIVILEGE_COLUMNS,
);
