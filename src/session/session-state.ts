// SessionState: everything one session remembers between statements, and the running statement's cancel flag and deadline.
// Statement code in statements/ receives it; the wire contract over it is session.ts.
import type { Maybe } from '../base/maybe.ts';
import type { CatalogSnapshot, Role } from '../catalog/objects.ts';
import type { SessionPrograms } from '../engine/batch/kept-programs.ts';
import { type SqlError, sqlError } from '../errors/sql-error.ts';
import type { EvaluationContext, SessionFunctions } from '../functions/function-definition.ts';
import type { BindContext } from '../sql/binder/bind-context.ts';
import type { TypeSettings } from '../types/type-settings.ts';
import type { SessionActivity } from './activity.ts';
import { PendingNotifications } from './pending-notifications.ts';
import type { Portal, PreparedStatement } from './portals.ts';
import { mayUseSchema } from './privileges.ts';
import { schemaSearchPath } from './search-path.ts';
import type { DatabaseServices } from './services.ts';
import type { Notice, ResultSink, SessionStartup } from './session-contract.ts';
import type { Settings } from './settings.ts';
import { systemFunctions } from './system-functions.ts';
import { applyOnCommit, dropTemporarySchema, temporarySchemaName } from './temporary-schema.ts';
import { SessionTransactions } from './transactions.ts';

/** Read between morsels by everything that runs for a statement. */
export interface CancelFlag {
  cancelled: boolean;
  /** called once when the flag is set, for work that waits */
  onCancel: (() => void) | null;
}

const LEVELS = ['DEBUG', 'LOG', 'NOTICE', 'WARNING'] as const;

export class SessionState {
  readonly services: DatabaseServices;
  readonly settings: Settings;
  readonly startup: SessionStartup;
  /** who has logged in */
  readonly loginRole: Role;
  /** whose privileges count */
  roleOid: number;
  /** before the open transaction changed it; `local`: the change ends with it */
  private roleBefore: { readonly oid: number; readonly local: boolean } | null = null;
  readonly transactions: SessionTransactions;
  readonly prepared = new Map<string, PreparedStatement>();
  readonly portals = new Map<string, Portal>();
  readonly activity: SessionActivity;
  readonly functions: SessionFunctions;
  readonly programs: SessionPrograms;
  readonly lastSequenceValues = new Map<number, bigint>();
  cancelFlag: CancelFlag = { cancelled: false, onCancel: null };
  private statementStartMs = 0;
  readonly notifications: PendingNotifications;
  /** temporary objects may be there: see temporary-schema.ts */
  hasTemporarySchema = false;
  private waits = new AbortController();
  private readonly waitingFor: Promise<void>[] = [];
  private timer: NodeJS.Timeout | null = null;
  private interruptError: SqlError | null = null;
  private sink: ResultSink | null = null;
  private typeSettingsOf: { readonly version: number; readonly value: TypeSettings } | null = null;

  constructor(
    services: DatabaseServices,
    startup: SessionStartup,
    role: Role,
    settings: Settings,
    activity: SessionActivity,
  ) {
    this.services = services;
    this.startup = startup;
    this.loginRole = role;
    this.roleOid = role.oid;
    this.settings = settings;
    this.activity = activity;
    this.functions = systemFunctions(this);
    this.programs = services.programs.ofSession();
    const { processId, client } = startup;
    this.notifications = new PendingNotifications(services.notifications, processId, client.notification);
    this.transactions = new SessionTransactions({
      storage: services.storage,
      settings,
      dropTransactionPortals: (commit) => this.dropTransactionPortals(commit),
      notice: (severity, condition, message) => this.notice(severity, sqlError(condition, message)),
      mark: () => this.mark(),
      committed: () => {
        this.endRole(true);
        this.notifications.commit();
        services.advisoryLocks.releaseSince(processId, 0);
      },
      beforeCommit: (transaction) => applyOnCommit(this, transaction),
      rolledBack: () => {
        this.endRole(false);
        this.notifications.rollbackTo(0);
        services.advisoryLocks.releaseSince(processId, 0);
      },
    });
  }

  /** Whose privileges count: as the catalog has it now. */
  get role(): Role {
    return this.catalog().roles.get(this.roleOid) ?? this.loginRole;
  }

  /** SET ROLE; a rollback undoes it. */
  setRole(oid: number, local: boolean): void {
    this.roleBefore = { oid: this.roleBefore?.oid ?? this.roleOid, local };
    this.roleOid = oid;
  }

  private endRole(committed: boolean): void {
    if (this.roleBefore !== null && (!committed || this.roleBefore.local)) this.roleOid = this.roleBefore.oid;
    this.roleBefore = null;
  }

  /** The catalog as the open transaction sees it, or the newest. */
  catalog(): CatalogSnapshot {
    return this.transactions.catalog();
  }

  searchPath(): readonly string[] {
    const catalog = this.catalog();
    const path = schemaSearchPath(this.settings.get('search_path'), this.role.name, catalog).filter((name) =>
      mayUseSchema(this, catalog.findSchema(name)!),
    );
    const { temporarySchema } = this.temporarySchema();
    if (temporarySchema === undefined || catalog.findSchema(temporarySchema) === undefined) return path;
    return [temporarySchema, ...path];
  }

  /** The same object as long as no setting has changed. */
  typeSettings(): TypeSettings {
    const { settings } = this;
    if (this.typeSettingsOf?.version === settings.version) return this.typeSettingsOf.value;
    this.typeSettingsOf = { version: settings.version, value: this.readTypeSettings() };
    return this.typeSettingsOf.value;
  }

  private readTypeSettings(): TypeSettings {
    const { settings } = this;
    return {
      dateStyle: settings.get('DateStyle'),
      intervalStyle: settings.get('IntervalStyle') as TypeSettings['intervalStyle'],
      timeZone: settings.get('TimeZone'),
      extraFloatDigits: settings.number('extra_float_digits'),
      byteaOutput: settings.get('bytea_output') as TypeSettings['byteaOutput'],
      registeredName: (type, oid) => String(this.functions.call(`${type}out`, [oid])),
    };
  }

  /** What plans are evaluated with: the transaction's clock, the session's time zone, catalog functions. */
  evaluation(): EvaluationContext {
    return {
      nowMicros: this.transactions.nowMicros,
      timeZone: this.settings.get('TimeZone'),
      session: this.functions,
      settings: this.typeSettings(),
    };
  }

  /** What names mean to the binder now. */
  bindContext(): BindContext {
    const catalog = this.catalog();
    return {
      catalog,
      functions: this.services.functions(catalog),
      searchPath: this.searchPath(),
      parameterTypes: [],
      currentUser: this.role.name,
      database: this.startup.database,
      ...this.temporarySchema(),
      evaluation: this.evaluation(),
    };
  }

  /** For the binder: what pg_temp means. */
  temporarySchema(): { readonly temporarySchema?: string } {
    return this.hasTemporarySchema ? { temporarySchema: temporarySchemaName(this.startup.processId) } : {};
  }

  /** Aborts when the statement is cancelled. */
  get waitSignal(): AbortSignal {
    return this.waits.signal;
  }

  /** Waits for locks obey lock_timeout and the statement's cancel. */
  armWaits(): void {
    if (this.waits.signal.aborted) this.waits = new AbortController();
    this.transactions.armWaits(this.settings.number('lock_timeout'), this.waits.signal);
  }

  /** What a function begins to wait for; it obeys lock_timeout and the statement's cancel. */
  waitFor(begin: (timeoutMs: number, signal: AbortSignal) => Promise<void>): void {
    const wait = begin(this.settings.number('lock_timeout'), this.waits.signal);
    wait.catch(() => {}); // reported where it is awaited
    this.waitingFor.push(wait);
  }

  waiting(): Promise<void> | undefined {
    if (this.waitingFor.length === 0) return undefined;
    return Promise.all(this.waitingFor.splice(0)).then(() => undefined);
  }

  notice(severity: Notice['severity'], error: SqlError): void {
    const least = this.settings
      .get('client_min_messages')
      .toUpperCase()
      .replace(/^DEBUG\d$/, 'DEBUG');
    const rank = (level: string) =>
      level === 'ERROR' ? LEVELS.length : LEVELS.indexOf(level as (typeof LEVELS)[number]);
    if (severity !== 'INFO' && rank(severity) < rank(least)) return;
    this.sink?.notice({ severity, error });
  }

  startStatement(text: string, out: ResultSink): void {
    this.sink = out;
    this.cancelFlag = { cancelled: false, onCancel: null };
    this.interruptError = null;
    this.armWaits();
    this.statementStartMs = performance.now();
    this.activity.active(text);
    const timeoutMs = this.settings.number('statement_timeout');
    if (timeoutMs > 0) {
      this.timer = setTimeout(() => {
        this.interrupt(sqlError('query_canceled', 'canceling statement due to statement timeout'));
      }, timeoutMs);
    }
  }

  /** statement_timestamp(), microseconds since 1970 */
  get statementStartMicros(): bigint {
    return BigInt(Math.round((performance.timeOrigin + this.statementStartMs) * 1000));
  }

  endStatement(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    this.sink = null;
    // the statement failed before it came to wait
    if (this.waitingFor.splice(0).length > 0) this.waits.abort(sqlError('query_canceled', 'the statement is over'));
  }

  /** CancelRequest, pg_cancel_backend. */
  cancel(): void {
    this.interrupt(sqlError('query_canceled', 'canceling statement due to user request'));
  }

  /** Why the running statement was interrupted, if it was. */
  interruption(): SqlError | null {
    return this.interruptError;
  }

  /** Throws if the statement has been interrupted. */
  checkCancelled(): void {
    if (this.interruptError !== null) throw this.interruptError;
  }

  /** For a savepoint: cursors, NOTIFYs, advisory locks and the role as they are now. */
  private mark(): () => Maybe<void> {
    const { roleOid, roleBefore, notifications, startup } = this;
    const { advisoryLocks } = this.services;
    const [portals, notified] = [new Set(this.portals.values()), notifications.mark];
    const locked = advisoryLocks.mark(startup.processId);
    return () => {
      notifications.rollbackTo(notified);
      advisoryLocks.releaseSince(startup.processId, locked);
      this.roleOid = roleOid;
      this.roleBefore = roleBefore;
      return this.dropPortals((portal) => !portals.has(portal) && portal.name !== '');
    };
  }

  dropPortal(name: string): Maybe<void> {
    const portal = this.portals.get(name);
    if (portal === undefined) return;
    this.portals.delete(name);
    return portal.close();
  }

  async close(): Promise<void> {
    this.notifications.close();
    for (const name of [...this.portals.keys()]) await this.dropPortal(name);
    await this.transactions.abandon();
    this.programs.close();
    this.services.advisoryLocks.releaseAll(this.startup.processId);
    if (this.hasTemporarySchema) await dropTemporarySchema(this.services.storage, this.startup.processId);
    this.services.activity.remove(this.startup.processId);
  }

  private interrupt(error: SqlError): void {
    if (this.interruptError !== null) return;
    this.interruptError = error;
    this.cancelFlag.cancelled = true;
    this.cancelFlag.onCancel?.();
    this.waits.abort(error);
    this.startup.client.interrupt(error);
  }

  private dropTransactionPortals(commit: boolean): Maybe<void> {
    return this.dropPortals((portal) => {
      portal.held ||= portal.holdable && commit;
      return !portal.held;
    });
  }

  private dropPortals(isDoomed: (portal: Portal) => boolean): Maybe<void> {
    if (this.portals.size === 0) return;
    const closing: Promise<void>[] = [];
    for (const [name, portal] of this.portals) {
      const closed = isDoomed(portal) ? this.dropPortal(name) : undefined;
      if (closed instanceof Promise) closing.push(closed);
    }
    if (closing.length > 0) return Promise.all(closing).then(() => undefined);
  }
}
