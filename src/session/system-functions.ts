// Functions that ask the session or the catalog: the registry's row bodies call them by name through EvaluationContext.session.
import { sqlError } from '../errors/sql-error.ts';
import type { SessionFunctions } from '../functions/function-definition.ts';
import { type Datum, sqlArray } from '../types/datum.ts';
import { ADVISORY_FUNCTIONS } from './advisory-functions.ts';
import { CATALOG_FUNCTIONS } from './catalog-functions.ts';
import { SEQUENCE_FUNCTIONS } from './sequence-functions.ts';
import type { SessionState } from './session-state.ts';
import { displaySetting, findSetting } from './settings.ts';
import { isTemporarySchema, temporarySchemaName } from './temporary-schema.ts';

/** Arguments as the SQL function has them; strictness is the caller's. */
export type SystemFunction = (state: SessionState, args: readonly (Datum | null)[]) => Datum | null;

function visibleSchemas(state: SessionState, implicit: boolean): string[] {
  const path = state.searchPath();
  return implicit ? [...path] : path.filter((name) => name !== 'pg_catalog');
}

function currentSetting(state: SessionState, name: string, missingOk: boolean): string | null {
  if (missingOk && !state.settings.has(name)) return null;
  const value = state.settings.get(name);
  const definition = findSetting(name);
  return definition === undefined ? value : displaySetting(definition, value);
}

function signal(state: SessionState, processId: number, what: 'cancel' | 'terminate'): boolean {
  const entry = state.services.activity.find(processId);
  if (entry === undefined) {
    state.notice('WARNING', sqlError('warning', `PID ${processId} is not a PostgreSQL backend process`));
    return false;
  }
  if (!state.role.superuser && entry.userName !== state.role.name) {
    throw sqlError('insufficient_privilege', `permission denied to ${what} ${what === 'cancel' ? 'query' : 'process'}`);
  }
  entry[what]();
  return true;
}

const SESSION_FUNCTIONS: Readonly<Record<string, SystemFunction>> = {
  current_database: (state) => state.startup.database,
  current_catalog: (state) => state.startup.database,
  current_schema: (state) => visibleSchemas(state, false)[0] ?? null,
  current_schemas: (state, [implicit]) => sqlArray(visibleSchemas(state, implicit === true)),
  current_user: (state) => state.role.name,
  current_role: (state) => state.role.name,
  user: (state) => state.role.name,
  session_user: (state) => state.loginRole.name,
  system_user: () => null,
  version: (state) =>
    `PostgreSQL ${state.settings.get('server_version').replace(' (', ' compatible (')} on ${process.platform}-${process.arch}, streaming SQL in one process`,
  pg_backend_pid: (state) => state.startup.processId,
  current_setting: (state, [name, missingOk]) => currentSetting(state, name as string, missingOk === true),
  set_config: (state, [name, value, local]) => {
    state.settings.set(name as string, value as string | null, local === true);
    return currentSetting(state, name as string, false);
  },
  current_query: (state) => state.activity.entry.query,
  inet_client_addr: (state) => state.startup.remoteAddress,
  inet_client_port: (state) => state.startup.remotePort,
  inet_server_port: (state) => state.services.options.port,
  pg_postmaster_start_time: (state) => BigInt(Math.round(state.services.options.startedAtMs * 1000)),
  pg_conf_load_time: (state) => BigInt(Math.round(state.services.options.startedAtMs * 1000)),
  pg_is_in_recovery: () => false,
  pg_is_wal_replay_paused: () => false,
  txid_current: (state) => state.services.storage.epoch + 1n,
  pg_stat_get_numscans: () => 0n, // not counted
  pg_current_xact_id: (state) => state.services.storage.epoch + 1n,
  pg_cancel_backend: (state, [pid]) => signal(state, pid as number, 'cancel'),
  pg_terminate_backend: (state, [pid]) => signal(state, pid as number, 'terminate'),
  pg_blocking_pids: (state, [pid]) => {
    const { activity, advisoryLocks } = state.services;
    const entry = activity.find(pid as number);
    const blocker =
      entry === undefined ? null : (activity.blockerOf(entry) ?? advisoryLocks.blockerOf(entry.processId));
    return sqlArray(blocker === null ? [] : [blocker]);
  },
  pg_notify: (state, [channel, payload]) => {
    state.notifications.notify((channel as string | null) ?? '', (payload as string | null) ?? '');
    return '';
  },
  pg_listening_channels: (state) => sqlArray(state.notifications.channels),
  pg_my_temp_schema: (state) => state.catalog().findSchema(temporarySchemaName(state.startup.processId))?.oid ?? 0,
  pg_is_other_temp_schema: (state, [oid]) => {
    const name = state.catalog().schemas.get(oid as number)?.name ?? '';
    return isTemporarySchema(name) && name !== temporarySchemaName(state.startup.processId);
  },
  statement_timestamp: (state) => state.statementStartMicros,
};

const TABLE: ReadonlyMap<string, SystemFunction> = new Map(
  Object.entries({ ...SESSION_FUNCTIONS, ...SEQUENCE_FUNCTIONS, ...CATALOG_FUNCTIONS, ...ADVISORY_FUNCTIONS }),
);

/** Whether the session answers a function of that name. */
export function isSystemFunction(name: string): boolean {
  return TABLE.has(name);
}

export function systemFunctions(state: SessionState): SessionFunctions {
  return {
    call(name, args) {
      const implementation = TABLE.get(name);
      if (implementation === undefined) {
        throw sqlError('feature_not_supported', `function ${name} is not supported`, {
          hint: 'It has no meaning in this server.',
        });
      }
      return implementation(state, args);
    },
    waiting: () => state.waiting(),
  };
}
