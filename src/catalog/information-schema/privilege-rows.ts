// Privileges as information_schema lists them: an owner's, on what the session's role may see.
import type { Column, Relation } from '../objects.ts';
import { roleName } from '../pg-catalog/relation-facts.ts';
import type { SystemContext } from '../system-relation.ts';
import { tables } from './column-facts.ts';

export interface TablePrivilege {
  readonly relation: Relation;
  readonly owner: string;
  readonly privilege: string;
}
export interface ColumnPrivilege extends TablePrivilege {
  readonly column: Column;
}

const TABLE_PRIVILEGES = ['INSERT', 'SELECT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER'];
const COLUMN_PRIVILEGES = ['INSERT', 'SELECT', 'UPDATE', 'REFERENCES'];

function* owned(context: SystemContext): Generator<Relation> {
  const { user } = context.session;
  for (const relation of tables(context)) if (user.superuser || relation.owner === user.oid) yield relation;
}

export function* tablePrivileges(context: SystemContext): Generator<TablePrivilege> {
  for (const relation of owned(context)) {
    const owner = roleName(context, relation.owner);
    for (const privilege of TABLE_PRIVILEGES) yield { relation, owner, privilege };
  }
}

export function* columnPrivileges(context: SystemContext): Generator<ColumnPrivilege> {
  for (const relation of owned(context)) {
    const owner = roleName(context, relation.owner);
    for (const column of relation.columns) {
      for (const privilege of COLUMN_PRIVILEGES) yield { relation, owner, privilege, column };
    }
  }
}
