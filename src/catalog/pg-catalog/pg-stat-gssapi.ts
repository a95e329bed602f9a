// pg_stat_gssapi: no session uses GSSAPI.
import { systemRelation } from '../define-system-relation.ts';

export const PG_STAT_GSSAPI = systemRelation(
  ['pg_catalog', 'pg_stat_gssapi', 12253, 'view'],
  (context) => context.activity,
  [
    ['pid', 'int4', (a) => a.processId],
    ['gss_authenticated', 'bool', false],
    ['principal', 'text'],
    ['encrypted', 'bool', false],
  ],
);
