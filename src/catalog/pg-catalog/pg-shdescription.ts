// pg_shdescription: the comments on roles and databases.
import { systemRelation } from '../define-system-relation.ts';
import { CATALOG_CLASS } from '../system-oids.ts';
import type { SystemContext } from '../system-relation.ts';

interface SharedComment {
  readonly object: number;
  readonly catalog: number;
  readonly text: string;
}

function* comments({ catalog }: SystemContext): Generator<SharedComment> {
  for (const { oid, comment } of catalog.roles.values()) {
    if (comment !== undefined) yield { object: oid, catalog: CATALOG_CLASS.role, text: comment };
  }
  for (const { oid, comment } of catalog.databases.values()) {
    if (comment !== undefined) yield { object: oid, catalog: CATALOG_CLASS.database, text: comment };
  }
}

export const PG_SHDESCRIPTION = systemRelation(['pg_catalog', 'pg_shdescription', 2396, 'table'], comments, [
  ['objoid', 'oid!', (d) => d.object],
  ['classoid', 'oid!', (d) => d.catalog],
  ['description', 'text!', (d) => d.text],
]);
