// Opens sessions for the wire server: looks up roles, applies the startup packet's settings, registers the session's activity.

import type { Role } from '../catalog/objects.ts';
import { sqlError } from '../errors/sql-error.ts';
import type { DatabaseServices } from './services.ts';
import { ClientSession } from './session.ts';
import type { RoleVerifier, Session, SessionFactory, SessionStartup } from './session-contract.ts';
import { SessionState } from './session-state.ts';
import { Settings } from './settings.ts';

const LOOPBACK = /^(127\.|::1$|::ffff:127\.|$)/;

export class DatabaseSessions implements SessionFactory {
  private readonly services: DatabaseServices;

  constructor(services: DatabaseServices) {
    this.services = services;
  }

  /** A role with a password always needs it; one without is trusted on loopback only. */
  roleVerifier(user: string, remoteAddress: string): RoleVerifier {
    const role = this.services.storage.catalog().findRole(user);
    if (role?.verifier != null) return { kind: 'scram', verifier: role.verifier };
    if (LOOPBACK.test(remoteAddress) && !this.anyPassword()) return { kind: 'trust' };
    if (LOOPBACK.test(remoteAddress) && role !== undefined) return { kind: 'trust' };
    return { kind: 'none' };
  }

  openSession(startup: SessionStartup): Session {
    const catalog = this.services.storage.catalog();
    const role = catalog.findRole(startup.user);
    if (role === undefined) {
      throw sqlError('invalid_authorization_specification', `role "${startup.user}" does not exist`);
    }
    if (!role.login) {
      throw sqlError('invalid_authorization_specification', `role "${startup.user}" is not permitted to log in`);
    }
    if (![...catalog.databases.values()].some((database) => database.name === startup.database)) {
      throw sqlError('invalid_catalog_name', `database "${startup.database}" does not exist`);
    }
    const settings = startupSettings(startup, role);
    const now = Date.now();
    const activity = this.services.activity.add({
      processId: startup.processId,
      userName: role.name,
      databaseName: startup.database,
      remoteAddress: startup.remoteAddress,
      remotePort: startup.remotePort,
      startedAt: now,
      get applicationName() {
        return settings.get('application_name');
      },
      state: 'idle',
      stateChangedAt: now,
      queryStartedAt: null,
      transactionStartedAt: null,
      query: '',
      transaction: () => state.transactions.openTransaction,
      cancel: () => state.cancel(),
      terminate: () =>
        startup.client.terminate(sqlError('admin_shutdown', 'terminating connection due to administrator command')),
    });
    const state: SessionState = new SessionState(this.services, startup, role, settings, activity);
    return new ClientSession(state);
  }

  private anyPassword(): boolean {
    return [...this.services.storage.catalog().roles.values()].some((role) => role.verifier !== null);
  }
}

function startupSettings(startup: SessionStartup, role: Role): Settings {
  const settings = new Settings();
  settings.force('session_authorization', role.name);
  settings.force('is_superuser', role.superuser ? 'on' : 'off');
  for (const [name, value] of startup.parameters) settings.setDefault(name, value);
  return settings;
}
