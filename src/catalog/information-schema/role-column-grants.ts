// information_schema.role_column_grants: privileges on relations that the session's roles gave or were given, column by column.
import { systemRelation } from '../define-system-relation.ts';
import { COLUMN_PRIVILEGE_COLUMNS, roleColumnPrivileges } from './privilege-rows.ts';

export const INFORMATION_ROLE_COLUMN_GRANTS = systemRelation(
  ['information_schema', 'role_column_grants', 13344, 'view'],
  roleColumnPrivileges,
  COLUMN_PRIVILEGE_COLUMNS,
);
