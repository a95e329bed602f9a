// The rows of a system relation for one session: its definition (catalog/) given the server's state as plain data.
import type { ActivityRow, SystemContext } from '../catalog/system-relation.ts';
import { findSystemRelation } from '../catalog/system-relations.ts';
import type { Datum } from '../types/datum.ts';
import type { ActivityEntry } from './activity.ts';
import { may } from './privileges.ts';
import { expressionText } from './relation-names.ts';
import type { SessionState } from './session-state.ts';
import { displaySetting, SETTINGS } from './settings.ts';

/** Of a sequence, its one row. undefined: the oid is neither's. */
export function systemRelationRows(state: SessionState, oid: number): Iterable<readonly (Datum | null)[]> | undefined {
  const definition = findSystemRelation(oid);
  if (definition !== undefined) return definition.rows(systemContext(state));
  const sequence = state.catalog().relations.get(oid);
  if (sequence?.kind !== 'sequence') return undefined;
  const { lastValue, isCalled } = state.transactions.transaction.sequences.value(sequence);
  return [[lastValue, 0n, isCalled]];
}

function systemContext(state: SessionState): SystemContext {
  const { services } = state;
  const catalog = state.catalog();
  return {
    catalog,
    functions: services.functions(catalog),
    session: {
      user: state.role,
      database: state.startup.database,
      processId: state.startup.processId,
      expressionText: (sql) => expressionText(state, sql),
      get settings() {
        return settingRows(state);
      },
      get prepared() {
        return [...state.prepared.values()]
          .filter((one) => one.name !== '')
          .map((one) => ({ ...one, preparedAtMs: one.preparedAt }));
      },
      get cursors() {
        return [...state.portals.values()].map((portal) => ({
          name: portal.name,
          text: portal.statement.text,
          holdable: portal.holdable,
          createdAtMs: portal.createdAt,
        }));
      },
    },
    get activity() {
      return services.activity.list().map((entry) => ({
        ...entry,
        startedAtMs: entry.startedAt,
        transactionStartedAtMs: entry.transactionStartedAt,
        queryStartedAtMs: entry.queryStartedAt,
        stateChangedAtMs: entry.stateChangedAt,
        waitsFor: waitOf(state, entry),
      }));
    },
    statistics: {
      rowCount: (relation) => services.storage.estimatedRows(relation),
      sizeBytes: (relation) => services.storage.sizeBytes(relation),
    },
    get streams() {
      return services.streams.streamRows();
    },
    get queries() {
      return services.streams.queryRows();
    },
    get subscriptions() {
      return services.streams
        .subscriptionRows()
        .filter(({ relation, processId }) => processId === state.startup.processId || mayRead(state, relation ?? 0));
    },
    get checkpoints() {
      return services.storage.checkpointRows();
    },
    get rejected() {
      return services.streams.rejectedRows().filter(({ relation }) => mayRead(state, relation));
    },
    server: services.options,
  };
}

function waitOf({ services }: SessionState, entry: ActivityEntry): ActivityRow['waitsFor'] {
  if (entry.transaction()?.blocker != null) return 'transactionid';
  return services.advisoryLocks.blockerOf(entry.processId) === null ? null : 'advisory';
}

function settingRows(state: SessionState): SystemContext['session']['settings'] {
  return SETTINGS.map((definition) => ({
    name: definition.name,
    value: displaySetting(definition, state.settings.get(definition.name)),
    defaultValue: definition.initial,
    kind: definition.kind,
    unit: definition.unit ?? null,
    context: definition.context === 'server' ? 'postmaster' : definition.context,
    description: definition.description,
    min: definition.min?.toString() ?? null,
    max: definition.max?.toString() ?? null,
    values: definition.values ?? null,
  }));
}

/** What is told of a relation's rows is told to those who may read it. */
function mayRead(state: SessionState, oid: number): boolean {
  const relation = state.catalog().relations.get(oid);
  return relation === undefined ? state.role.superuser : may(state, 'table', relation, 'SELECT');
}
