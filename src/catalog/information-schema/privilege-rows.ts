// Privileges as information_schema lists them: those that the session's role has given or has been given.
import type { Column, Relation } from '../objects.ts';
import { roleName } from '../pg-catalog/relation-facts.ts';
import { aclOf, PUBLIC, rolesOf } from '../privileges.ts';
import type { SystemContext } from '../system-relation.ts';
import { tables } from './column-facts.ts';

export interface TablePrivilege {
  readonly relation: Relation;
  readonly grantor: string;
  readonly grantee: string;
  readonly privilege: string;
  readonly grantable: boolean;
}
export interface ColumnPrivilege extends TablePrivilege {
  readonly column: Column;
}

const COLUMN_PRIVILEGES = new Set(['INSERT', 'SELECT', 'UPDATE', 'REFERENCES']);

export function* tablePrivileges(context: SystemContext): Generator<TablePrivilege> {
  const { user } = context.session;
  const roles = rolesOf(context.catalog, user.oid);
  for (const relation of tables(context)) {
    for (const { grantee, grantor, privileges, grantable } of aclOf('table', relation)) {
      if (!user.superuser && !roles.has(grantee) && !roles.has(grantor)) continue;
      const names = {
        grantor: roleName(context, grantor),
        grantee: grantee === PUBLIC ? 'PUBLIC' : roleName(context, grantee),
      };
      for (const privilege of privileges) {
        const passedOn = grantee === relation.owner || grantable.includes(privilege);
        yield { relation, ...names, privilege, grantable: passedOn };
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

/** Not those of PUBLIC: what the roles have that the session's role is. */
export function* rolePrivileges(context: SystemContext): Generator<TablePrivilege> {
  for (const one of tablePrivileges(context)) if (one.grantee !== 'PUBLIC') yield one;
}
