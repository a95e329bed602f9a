// pg_stat_activity: the sessions and what they run. Other roles' queries are for superusers.
import { systemRelation, timestampOf } from '../define-system-relation.ts';
import type { ActivityRow, SystemContext } from '../system-relation.ts';

function databaseOid(one: ActivityRow, context: SystemContext): number | null {
  for (const database of context.catalog.databases.values())
    if (database.name === one.databaseName) return database.oid;
  return null;
}

function instant(milliseconds: number | null): bigint | null {
  return milliseconds === null ? null : timestampOf(milliseconds);
}

function mayRead(one: ActivityRow, context: SystemContext): boolean {
  return context.session.user.superuser || context.session.user.name === one.userName;
}

/** What it waits for: a lock that is not advisory is always another transaction's. */
function waitOf(one: ActivityRow): readonly [type: string, event: string] | null {
  if (one.state !== 'active') return ['Client', 'ClientRead'];
  return one.waitsFor === null ? null : ['Lock', one.waitsFor];
}

export const PG_STAT_ACTIVITY = systemRelation(
  ['pg_catalog', 'pg_stat_activity', 12222, 'view'],
  (context) => context.activity,
  [
    ['datid', 'oid', databaseOid],
    ['datname', 'name', (a) => a.databaseName],
    ['pid', 'int4', (a) => a.processId],
    ['leader_pid', 'int4'],
    ['usesysid', 'oid', (a, c) => c.catalog.findRole(a.userName)?.oid ?? null],
    ['usename', 'name', (a) => a.userName],
    ['application_name', 'text', (a) => a.applicationName],
    ['client_addr', 'text', (a) => (a.remoteAddress === '' ? null : a.remoteAddress)],
    ['client_hostname', 'text'],
    ['client_port', 'int4', (a) => a.remotePort],
    ['backend_start', 'timestamptz', (a) => timestampOf(a.startedAtMs)],
    ['xact_start', 'timestamptz', (a) => instant(a.transactionStartedAtMs)],
    ['query_start', 'timestamptz', (a) => instant(a.queryStartedAtMs)],
    ['state_change', 'timestamptz', (a) => timestampOf(a.stateChangedAtMs)],
    ['wait_event_type', 'text', (a) => waitOf(a)?.[0] ?? null],
    ['wait_event', 'text', (a) => waitOf(a)?.[1] ?? null],
    ['state', 'text', (a, c) => (mayRead(a, c) ? a.state : null)],
    ['backend_xid', 'xid'],
    ['backend_xmin', 'xid'],
    ['query_id', 'int8'],
    ['query', 'text', (a, c) => (mayRead(a, c) ? a.query : '<insufficient privilege>')],
    ['backend_type', 'text', 'client backend'],
  ],
);
