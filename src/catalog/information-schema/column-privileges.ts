// information_schema.column_privileges: privileges on relations, column by column.
import { systemRelation } from '../define-system-relation.ts';
import { COLUMN_PRIVILEGE_COLUMNS, columnPrivileges } from './privilege-rows.ts';

export const INFORMATION_COLUMN_PRIVILEGES = systemRelation(
  ['information_schema', 'column_privileges', 13285, 'view'],
  columnPrivileges,
  COLUMN_PRIVILEGE_COLUMNS,
);
