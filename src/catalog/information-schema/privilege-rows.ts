// Privileges as information_schema lists them: those that the session's role has given or has been given.
import type { SystemColumn } from '../define-system-relation.ts';
import type { Column, Relation } from '../objects.ts';
import { roleName, schemaName } from '../pg-catalog/relation-facts.ts';
import { aclOf, PUBLIC, rolesOf } from '../privileges.ts';
import type { SystemContext } from '../system-relation.ts';
import { tables, yesNo } from './column-facts.ts';

interface TablePrivilege {
  /** by the grant alone: the grantor or the grantee is a role that the session's role is */
  readonly ofOwnRoles: boolean;
  readonly relation: Relation;
  readonly grantor: string;
  readonly grantee: string;
  readonly privilege: string;
  readonly grantable: boolean;
}
interface ColumnPrivilege extends TablePrivilege {
  readonly column: Column;
}

const COLUMN_PRIVILEGES = new Set(['INSERT', 'SELECT', 'UPDATE', 'REFERENCES']);

export function* tablePrivileges(context: SystemContext): Generator<TablePrivilege> {
  const { user } = context.session;
  const roles = rolesOf(context.catalog, user.oid);
  for (const relation of tables(context)) {
    for (const { grantee, grantor, privileges, grantable } of aclOf('table', relation)) {
      const ofOwnRoles = user.superuser || roles.has(grantor) || (grantee !== PUBLIC && roles.has(grantee));
      if (!ofOwnRoles && !roles.has(grantee)) continue;
      const names = {
        grantor: roleName(context, grantor),
        grantee: grantee === PUBLIC ? 'PUBLIC' : roleName(context, grantee),
      };
      for (const privilege of privileges) {
        const passedOn = grantee === relation.owner || grantable.includes(privilege);
        yield { relation, ...names, privilege, grantable: passedOn, ofOwnRoles };
      }
    }
  }
}

export function* columnPrivileges(context: SystemContext): Generator<ColumnPrivilege> {
  for (const one of tablePrivileges(context)) {
    if (!COLUMN_PRIVILEGES.has(one.privilege)) continue;
    for (const column of one.relation.columns) yield { ...one, column };
  }
}

/** Without those that the session's role has through PUBLIC alone. */
export function* roleTablePrivileges(context: SystemContext): Generator<TablePrivilege> {
  for (const one of tablePrivileges(context)) if (one.ofOwnRoles) yield one;
}

/** As roleTablePrivileges, column by column. */
export function* roleColumnPrivileges(context: SystemContext): Generator<ColumnPrivilege> {
  for (const one of columnPrivileges(context)) if (one.ofOwnRoles) yield one;
}

const COMMON: readonly SystemColumn<TablePrivilege>[] = [
  ['grantor', 'name', (p) => p.grantor],
  ['grantee', 'name', (p) => p.grantee],
  ['table_catalog', 'name', (_, c) => c.session.database],
  ['table_schema', 'name', (p, c) => schemaName(c, p.relation.schemaOid)],
  ['table_name', 'name', (p) => p.relation.name],
];
const KIND: readonly SystemColumn<TablePrivilege>[] = [
  ['privilege_type', 'varchar', (p) => p.privilege],
  ['is_grantable', 'varchar', (p) => yesNo(p.grantable)],
];

export const TABLE_PRIVILEGE_COLUMNS: readonly SystemColumn<TablePrivilege>[] = [
  ...COMMON,
  ...KIND,
  ['with_hierarchy', 'varchar', (p) => yesNo(p.privilege === 'SELECT')],
];
export const COLUMN_PRIVILEGE_COLUMNS: readonly SystemColumn<ColumnPrivilege>[] = [
  ...COMMON,
  ['column_name', 'name', (p) => p.column.name],
  ...KIND,
];
