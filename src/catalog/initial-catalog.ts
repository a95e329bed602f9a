// What a new database contains: the system's schemas, the roles and databases of the configuration. Oids as PostgreSQL's.

import { Catalog, FIRST_USER_OID } from './catalog.ts';
import type { CatalogObject } from './catalog-change.ts';
import type { Role } from './objects.ts';
import { BOOTSTRAP_ROLE_OID, HEADRACE_OID, INFORMATION_SCHEMA_OID, PG_CATALOG_OID, PUBLIC_OID } from './system-oids.ts';

export { BOOTSTRAP_ROLE_OID, HEADRACE_OID, INFORMATION_SCHEMA_OID, PG_CATALOG_OID, PUBLIC_OID };

export interface InitialRole {
  readonly name: string;
  readonly verifier?: string | null;
  readonly superuser?: boolean;
  readonly login?: boolean;
}

/** The first role becomes the superuser that owns the system's objects. `databases` come besides postgres and template1. */
export function initialCatalog(options: {
  readonly roles: readonly InitialRole[];
  readonly databases?: readonly string[];
}): Catalog {
  let nextOid = FIRST_USER_OID;
  const roles = options.roles.length > 0 ? options.roles : [{ name: 'postgres' }];
  const objects: CatalogObject[] = roles.map((role, i) => ({
    kind: 'role',
    object: roleOf(role, i === 0 ? BOOTSTRAP_ROLE_OID : nextOid++, i === 0),
  }));
  const schemas: [number, string][] = [
    [PG_CATALOG_OID, 'pg_catalog'],
    [PUBLIC_OID, 'public'],
    [INFORMATION_SCHEMA_OID, 'information_schema'],
    [HEADRACE_OID, 'headrace'],
  ];
  for (const [oid, name] of schemas) objects.push({ kind: 'schema', object: { oid, name, owner: BOOTSTRAP_ROLE_OID } });
  const databases: [number, string][] = [
    [5, 'postgres'],
    [1, 'template1'],
  ];
  for (const name of options.databases ?? []) {
    if (!databases.some(([, known]) => known === name)) databases.push([nextOid++, name]);
  }
  for (const [oid, name] of databases)
    objects.push({ kind: 'database', object: { oid, name, owner: BOOTSTRAP_ROLE_OID } });
  return Catalog.of(objects);
}

function roleOf(role: InitialRole, oid: number, bootstrap: boolean): Role {
  const superuser = role.superuser ?? bootstrap;
  return {
    oid,
    name: role.name,
    superuser,
    login: role.login ?? true,
    createRole: superuser,
    createDatabase: superuser,
    inherit: true,
    replication: superuser,
    connectionLimit: -1,
    verifier: role.verifier ?? null,
  };
}
