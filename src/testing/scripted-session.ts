// A Session that understands a dozen fixed phrases instead of SQL: what the wire server's tests talk to. It keeps the
// contract of session-contract.ts (transactions, portals, cancel, COPY) so that real clients can be run against it.
import type { Batch } from '../columns/batch.ts';
import { buildBatch } from '../columns/batch-builder.ts';
import type { Arena } from '../columns/memory.ts';
import { Region } from '../columns/region.ts';
import { type SqlError, sqlError } from '../errors/sql-error.ts';
import type {
  Format,
  OutputSettings,
  PortalDescription,
  ResultField,
  ResultSink,
  RoleVerifier,
  Session,
  SessionFactory,
  SessionStartup,
  StatementDescription,
  TransactionStatus,
} from '../session/session-contract.ts';
import type { Datum } from '../types/datum.ts';
import { INT4, type SqlType, TEXT } from '../types/sql-type.ts';

const OIDS: Record<string, readonly [oid: number, length: number]> = {
  bool: [16, 1],
  int4: [23, 4],
  int8: [20, 8],
  text: [25, -1],
  float8: [701, 8],
  numeric: [1700, -1],
  timestamptz: [1184, 8],
};

export function scriptedField(name: string, type: SqlType): ResultField {
  const [typeOid, typeLength] = OIDS[type.name] ?? [25, -1];
  return { name, type, typeOid, typeLength, tableOid: 0, columnNumber: 0, typeModifier: -1 };
}

const BATCH_ROWS = 500;
const NUMBERED = [scriptedField('n', INT4), scriptedField('label', TEXT)];
const ECHO = [scriptedField('echo', TEXT)];

interface Statement {
  readonly text: string;
  readonly fields: readonly ResultField[] | null;
  readonly paramTypeOids: readonly number[];
}

interface Portal {
  readonly statement: Statement;
  readonly formats: readonly Format[];
  readonly values: readonly (string | null)[];
  /** rows already sent */
  sent: number;
}

const SETTINGS: OutputSettings = {
  timeZone: 'UTC',
  dateStyle: 'ISO, MDY',
  intervalStyle: 'postgres',
  byteaOutput: 'hex',
  extraFloatDigits: 1,
};

class ScriptedSession implements Session {
  readonly startup: SessionStartup;
  readonly #region: Region;
  readonly #arena: Arena;
  readonly #owner: number;
  readonly #statements = new Map<string, Statement>();
  readonly #portals = new Map<string, Portal>();
  #status: TransactionStatus = 'I';
  #changed: [string, string][] = [];
  #interrupt: ((error: SqlError) => void) | null = null;
  /** what COPY IN has received, for the test to look at */
  received = '';
  /** calls in order, for the test to look at */
  readonly log: string[] = [];
  closed = false;

  constructor(arena: Arena, startup: SessionStartup) {
    this.startup = startup;
    this.#arena = arena;
    this.#owner = arena.addOwner(8 * 1024 * 1024);
    this.#region = new Region(arena, this.#owner);
  }

  parameterStatuses(): [string, string][] {
    return [
      ['server_version', '15.0 (scripted)'],
      ['client_encoding', 'UTF8'],
      ['application_name', this.startup.parameters.get('application_name') ?? ''],
    ];
  }

  takeChangedParameters(): [string, string][] {
    return this.#changed.splice(0);
  }

  transactionStatus(): TransactionStatus {
    return this.#status;
  }

  outputSettings(): OutputSettings {
    return SETTINGS;
  }

  async runSimple(text: string, out: ResultSink): Promise<void> {
    const parts = text.split(';').map((part) => part.trim());
    const statements = parts.filter((part) => part !== '');
    if (statements.length === 0) out.emptyQuery();
    for (const statement of statements) {
      const fields = describe(statement);
      if (fields !== null) {
        out.rowDescription(
          fields,
          fields.map(() => 0),
        );
      }
      await this.#run(
        { statement: { text: statement, fields, paramTypeOids: [] }, formats: [], values: [], sent: 0 },
        0,
        out,
      );
    }
  }

  parse(name: string, text: string, paramTypeOids: readonly number[]): void {
    this.log.push(`parse ${name}`);
    if (text.includes('syntax')) throw sqlError('syntax_error', 'syntax error at or near "syntax"', { position: 1 });
    if (name !== '' && this.#statements.has(name)) {
      throw sqlError('duplicate_prepared_statement', `prepared statement "${name}" already exists`);
    }
    const parameters = text.includes('$1') ? [paramTypeOids[0] || 25] : [];
    this.#statements.set(name, { text, fields: describe(text), paramTypeOids: parameters });
  }

  describeStatement(name: string): StatementDescription {
    return this.#statement(name);
  }

  async bind(
    portal: string,
    statement: string,
    values: readonly (Uint8Array | null)[],
    _paramFormats: readonly Format[],
    resultFormats: readonly Format[],
  ): Promise<void> {
    const found = this.#statement(statement);
    const texts = values.map((value) => (value === null ? null : Buffer.from(value).toString()));
    const count = found.fields?.length ?? 0;
    const formats = Array.from({ length: count }, (_, i) => resultFormats[resultFormats.length === 1 ? 0 : i] ?? 0);
    this.#portals.set(portal, { statement: found, formats, values: texts, sent: 0 });
  }

  describePortal(name: string): PortalDescription {
    const portal = this.#portal(name);
    return { fields: portal.statement.fields, formats: portal.formats };
  }

  execute(name: string, maxRows: number, out: ResultSink): Promise<void> {
    return this.#run(this.#portal(name), maxRows, out);
  }

  closeStatement(name: string): void {
    this.#statements.delete(name);
  }

  closePortal(name: string): void {
    this.#portals.delete(name);
  }

  sync(): void {
    this.log.push('sync');
    if (this.#status === 'I') this.#portals.clear();
  }

  afterError(): void {
    if (this.#status === 'T') this.#status = 'E';
  }

  cancel(): void {
    this.#interrupt?.(sqlError('query_canceled', 'canceling statement due to user request'));
  }

  idleLimit(): { timeoutMs: number; error: SqlError } | null {
    if (this.startup.parameters.get('idle_session_timeout') === undefined) return null;
    const error = sqlError('idle_session_timeout', 'terminating connection due to idle-session timeout');
    return { timeoutMs: Number(this.startup.parameters.get('idle_session_timeout')), error };
  }

  close(): void {
    this.closed = true;
    this.#arena.freeOwner(this.#owner);
  }

  #statement(name: string): Statement {
    const found = this.#statements.get(name);
    if (found === undefined) {
      throw sqlError('invalid_sql_statement_name', `prepared statement "${name}" does not exist`);
    }
    return found;
  }

  #portal(name: string): Portal {
    const found = this.#portals.get(name);
    if (found === undefined) throw sqlError('invalid_cursor_name', `portal "${name}" does not exist`);
    return found;
  }

  async #run(portal: Portal, maxRows: number, out: ResultSink): Promise<void> {
    const [verb, ...words] = portal.statement.text.split(/\s+/);
    this.log.push(portal.statement.text);
    switch (verb) {
      case 'begin':
        this.#status = 'T';
        return out.commandComplete('BEGIN');
      case 'commit':
      case 'rollback':
        this.#status = 'I';
        return out.commandComplete(verb.toUpperCase());
      case 'rows':
        return this.#rows(portal, Number(words[0]), maxRows, out);
      case 'echo':
        await out.rows(this.#batch([TEXT], [[portal.values[0] ?? words.join(' ')]]), ECHO, portal.formats);
        return out.commandComplete('SELECT 1');
      case 'wide':
        return this.#wide(Number(words[0]), portal, out);
      case 'fail':
        throw sqlError('undefined_table', 'relation "é" does not exist', { position: 2, hint: 'none', table: 't' });
      case 'crash':
        throw new Error('not a SQL error');
      case 'hang':
        return this.#hang();
      case 'notice':
        out.notice({ severity: 'NOTICE', error: sqlError('successful_completion', words.join(' ')) });
        return out.commandComplete('DO');
      case 'set':
        this.#changed.push([words[0]!, words[1]!]);
        return out.commandComplete('SET');
      case 'notify':
        this.startup.client.notification(this.startup.processId, words[0]!, words[1] ?? '');
        return out.commandComplete('NOTIFY');
      case 'copyin':
        return this.#copyIn(words[0] === 'fail', out);
      case 'copyout':
        return this.#copyOut(Number(words[0]), out);
      default:
        throw sqlError('syntax_error', `syntax error at or near "${verb}"`, { position: 1 });
    }
  }

  #batch(types: readonly SqlType[], rows: readonly (readonly (Datum | null)[])[]): Batch {
    this.#region.reset();
    return buildBatch(this.#region, types, rows);
  }

  async #rows(portal: Portal, total: number, maxRows: number, out: ResultSink): Promise<void> {
    const end = maxRows === 0 ? total : Math.min(total, portal.sent + maxRows);
    const begin = portal.sent;
    while (portal.sent < end) {
      const count = Math.min(BATCH_ROWS, end - portal.sent);
      const rows = Array.from({ length: count }, (_, i) => [portal.sent + i, `row ${portal.sent + i}`]);
      await out.rows(this.#batch([INT4, TEXT], rows), NUMBERED, portal.formats);
      portal.sent += count;
    }
    if (maxRows !== 0 && end - begin === maxRows) return out.portalSuspended();
    out.commandComplete(`SELECT ${end - begin}`);
  }

  /** One row of one long value. */
  async #wide(bytes: number, portal: Portal, out: ResultSink): Promise<void> {
    await out.rows(this.#batch([TEXT], [['x'.repeat(bytes)]]), ECHO, portal.formats);
    out.commandComplete('SELECT 1');
  }

  /** amid `hang`, which only an interruption ends */
  get hanging(): boolean {
    return this.#interrupt !== null;
  }

  async #hang(): Promise<void> {
    await new Promise<void>((_, reject) => {
      this.#interrupt = reject;
    }).finally(() => {
      this.#interrupt = null;
    });
  }

  async #copyIn(fail: boolean, out: ResultSink): Promise<void> {
    this.received = '';
    for await (const chunk of out.copyIn(0, 2)) {
      this.received += Buffer.from(chunk).toString();
      if (fail)
        throw sqlError('bad_copy_file_format', 'missing data for column "label"', { context: 'COPY t, line 1' });
    }
    out.commandComplete(`COPY ${this.received.split('\n').length - 1}`);
  }

  async #copyOut(total: number, out: ResultSink): Promise<void> {
    out.copyOutStart(0, 2);
    for (let i = 0; i < total; i++) await out.copyOutData(Buffer.from(`${i}\trow ${i}\n`));
    out.copyOutDone();
    out.commandComplete(`COPY ${total}`);
  }
}

function describe(text: string): readonly ResultField[] | null {
  if (text.startsWith('rows')) return NUMBERED;
  return /^(echo|wide)/.test(text) ? ECHO : null;
}

/** Roles by name; a role that is not there cannot log in. */
export class ScriptedFactory implements SessionFactory {
  readonly sessions: ScriptedSession[] = [];
  readonly #arena: Arena;
  readonly #roles: Readonly<Record<string, RoleVerifier>>;

  constructor(arena: Arena, roles: Readonly<Record<string, RoleVerifier>>) {
    this.#arena = arena;
    this.#roles = roles;
  }

  roleVerifier(user: string): RoleVerifier {
    return this.#roles[user] ?? { kind: 'none' };
  }

  openSession(startup: SessionStartup): Session {
    if (startup.database === 'nowhere') {
      throw sqlError('invalid_catalog_name', 'database "nowhere" does not exist');
    }
    const session = new ScriptedSession(this.#arena, startup);
    this.sessions.push(session);
    return session;
  }
}
