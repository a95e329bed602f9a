// pg_namespace: the schemas.
import { systemRelation, textArray } from '../define-system-relation.ts';
import { aclTexts } from '../privileges.ts';

export const PG_NAMESPACE = systemRelation(
  ['pg_catalog', 'pg_namespace', 2615, 'table'],
  (context) => context.catalog.schemas.values(),
  [
    ['oid', 'oid!', (s) => s.oid],
    ['nspname', 'name!', (s) => s.name],
    ['nspowner', 'oid!', (s) => s.owner],
    ['nspacl', 'aclitem[]', (s, c) => textArray(aclTexts(c.catalog, s))],
  ],
);
