// Privileges on objects: lists of grants as PostgreSQL's aclitems. An object without a list has its kind's default: everything for
// the owner, and for PUBLIC the use of functions, of databases and of the schema public.
import type { AclItem, CatalogSnapshot } from './objects.ts';
import { PUBLIC_OID } from './system-oids.ts';

export type ObjectKind = 'table' | 'sequence' | 'schema' | 'function' | 'database';

/** What a privilege is called, and its letter in an aclitem, in the order in which PostgreSQL prints them. */
const LETTERS: Readonly<Record<string, string>> = {
  INSERT: 'a',
  SELECT: 'r',
  UPDATE: 'w',
  DELETE: 'd',
  TRUNCATE: 'D',
  REFERENCES: 'x',
  TRIGGER: 't',
  EXECUTE: 'X',
  USAGE: 'U',
  CREATE: 'C',
  TEMPORARY: 'T',
  CONNECT: 'c',
};

const ALL: Readonly<Record<ObjectKind, readonly string[]>> = {
  table: ['INSERT', 'SELECT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER'],
  sequence: ['SELECT', 'UPDATE', 'USAGE'],
  schema: ['USAGE', 'CREATE'],
  function: ['EXECUTE'],
  database: ['CREATE', 'TEMPORARY', 'CONNECT'],
};

/** The grantee that everybody is. */
export const PUBLIC = 0;

export interface Protected {
  readonly oid: number;
  readonly owner: number;
  readonly acl?: readonly AclItem[] | undefined;
}

export function privilegesOf(kind: ObjectKind): readonly string[] {
  return ALL[kind];
}

/** The list in force. */
export function aclOf(kind: ObjectKind, object: Protected): readonly AclItem[] {
  if (object.acl !== undefined) return object.acl;
  const owner: AclItem = { grantee: object.owner, grantor: object.owner, privileges: ALL[kind], grantable: [] };
  const everybody = (privileges: readonly string[]): AclItem => ({ ...owner, grantee: PUBLIC, privileges });
  if (kind === 'function') return [everybody(['EXECUTE']), owner];
  if (kind === 'database') return [everybody(['TEMPORARY', 'CONNECT']), owner];
  if (kind === 'schema' && object.oid === PUBLIC_OID) return [owner, everybody(['USAGE'])];
  return [owner];
}

/** A list as text[] elements: 'grantee=letters/grantor', a star behind what may be passed on; null while it is the default. */
export function aclTexts(
  catalog: CatalogSnapshot,
  object: { readonly acl?: readonly AclItem[] | undefined },
): string[] | null {
  if (object.acl === undefined) return null;
  const name = (oid: number) => (oid === PUBLIC ? '' : (catalog.roles.get(oid)?.name ?? String(oid)));
  return object.acl.map(({ grantee, grantor, privileges, grantable }) => {
    const letters = Object.entries(LETTERS).map(([word, letter]) =>
      privileges.includes(word) ? `${letter}${grantable.includes(word) ? '*' : ''}` : '',
    );
    return `${name(grantee)}=${letters.join('')}/${name(grantor)}`;
  });
}

/** The list after a grant of these privileges. */
export function withGrant(acl: readonly AclItem[], grant: AclItem): readonly AclItem[] {
  const known = acl.find((item) => item.grantee === grant.grantee && item.grantor === grant.grantor);
  if (known === undefined) return [...acl, grant];
  const union = (a: readonly string[], b: readonly string[]) => [...new Set([...a, ...b])];
  const merged = {
    ...known,
    privileges: union(known.privileges, grant.privileges),
    grantable: union(known.grantable, grant.grantable),
  };
  return acl.map((item) => (item === known ? merged : item));
}

/** What REVOKE takes: a grantee's privileges by a grantor, or only the right to pass them on. */
export interface Revocation {
  readonly grantee: number;
  readonly grantor: number;
  readonly privileges: readonly string[];
  readonly optionOnly: boolean;
}

/** The list without it; null: somebody has these privileges through the grantee, and `cascade` was not said. */
export function withoutGrant(
  acl: readonly AclItem[],
  { grantee, grantor, privileges, optionOnly }: Revocation,
  cascade: boolean,
): readonly AclItem[] | null {
  const item = acl.find((one) => one.grantee === grantee && one.grantor === grantor);
  if (item === undefined) return acl;
  const kept = (list: readonly string[]) => list.filter((one) => !privileges.includes(one));
  const after = {
    ...item,
    privileges: optionOnly ? item.privileges : kept(item.privileges),
    grantable: kept(item.grantable),
  };
  let rest: readonly AclItem[] = acl.flatMap((one) =>
    one !== item ? [one] : after.privileges.length > 0 ? [after] : [],
  );
  const lost = item.grantable.filter((one) => privileges.includes(one));
  for (const passed of acl.filter((one) => one.grantor === grantee && one.privileges.some((p) => lost.includes(p)))) {
    if (!cascade) return null;
    const next = withoutGrant(
      rest,
      { grantee: passed.grantee, grantor: grantee, privileges: lost, optionOnly: false },
      true,
    );
    rest = next ?? rest;
  }
  return rest;
}

/** The roles whose privileges a role has: itself, those it is a member of, everybody. */
export function rolesOf(catalog: CatalogSnapshot, role: number, inheritedOnly = true): ReadonlySet<number> {
  const found = new Set<number>([role]);
  for (const oid of found) {
    const one = catalog.roles.get(oid);
    if (one === undefined || (inheritedOnly && !one.inherit)) continue;
    for (const member of one.memberOf ?? []) found.add(member);
  }
  found.add(PUBLIC);
  return found;
}

/** Whether the role has the privilege (with the right to pass it on). Owners and superusers have all. */
export function hasPrivilege(
  catalog: CatalogSnapshot,
  role: number,
  kind: ObjectKind,
  object: Protected,
  privilege: string,
  grantable = false,
): boolean {
  if (catalog.roles.get(role)?.superuser === true) return true;
  const roles = rolesOf(catalog, role);
  if (grantable && roles.has(object.owner)) return true;
  return aclOf(kind, object).some(
    (item) => roles.has(item.grantee) && (grantable ? item.grantable : item.privileges).includes(privilege),
  );
}

export function isOwner(catalog: CatalogSnapshot, role: number, object: { readonly owner: number }): boolean {
  return catalog.roles.get(role)?.superuser === true || rolesOf(catalog, role).has(object.owner);
}
