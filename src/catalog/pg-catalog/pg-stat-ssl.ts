// pg_stat_ssl: whether sessions are encrypted: not by the server itself.
import { systemRelation } from '../define-system-relation.ts';

export const PG_STAT_SSL = systemRelation(['pg_catalog', 'pg_stat_ssl', 12249, 'view'], (context) => context.activity, [
  ['pid', 'int4', (a) => a.processId],
  ['ssl', 'bool', false],
  ['version', 'text'],
  ['cipher', 'text'],
  ['bits', 'int4'],
  ['client_dn', 'text'],
  ['client_serial', 'numeric'],
  ['issuer_dn', 'text'],
]);
