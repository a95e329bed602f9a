// information_schema.role_table_grants: privileges on relations that the session's roles gave or were given.
import { systemRelation } from '../define-system-relation.ts';
import { roleTablePrivileges, TABLE_PRIVILEGE_COLUMNS } from './privilege-rows.ts';

export const INFORMATION_ROLE_TABLE_GRANTS = systemRelation(
  ['information_schema', 'role_table_grants', 13421, 'view'],
  roleTablePrivileges,
  TABLE_PRIVILEGE_COLUMNS,
);
