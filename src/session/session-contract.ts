// The contract between the wire server, which drives, and the session, which implements: types only, no code.
// The server turns bytes into calls on Session, strictly one at a time and in message order, and implements ResultSink
// and ClientDoor, through which the session answers. Every method may answer at once or by a promise (`Maybe`), so a
// cheap statement costs no turn of the event loop. Errors are thrown SqlErrors: the server writes the ErrorResponse,
// calls `afterError()`, and in the extended protocol discards messages until Sync.
import type { Maybe } from '../base/maybe.ts';
import type { Batch } from '../columns/batch.ts';
import type { SqlError } from '../errors/sql-error.ts';
import type { SqlType } from '../types/sql-type.ts';
import type { TypeSettings } from '../types/type-settings.ts';

/** 0 = text, 1 = binary. */
export type Format = 0 | 1;

/** Transaction status of ReadyForQuery: idle, in a block, in a failed block. */
export type TransactionStatus = 'I' | 'T' | 'E';

/** One result column as RowDescription tells it; tableOid and columnNumber are 0 for expressions. */
export interface ResultField {
  readonly name: string;
  readonly tableOid: number;
  readonly columnNumber: number;
  readonly typeOid: number;
  /** bytes, or -1 for variable length, -2 for a C string */
  readonly typeLength: number;
  readonly typeModifier: number;
  readonly type: SqlType;
}

/** What the server must check before a session opens. 'none': no such role, or no password stored; always refused. */
export type RoleVerifier =
  | { readonly kind: 'none' }
  | { readonly kind: 'trust' }
  | { readonly kind: 'scram'; readonly verifier: string };

/** The startup packet after authentication. `parameters` excludes user, database, options and `_pq_.` entries; settings
 *  from `options` come first, as in PostgreSQL. */
export interface SessionStartup {
  readonly user: string;
  readonly database: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly processId: number;
  /** 4 bytes, or 32 for protocol 3.2 */
  readonly secretKey: Uint8Array;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly encrypted: boolean;
  readonly client: ClientDoor;
}

/** Asynchronous messages to the client, allowed at any time between openSession and close. */
export interface ClientDoor {
  /** Queued; delivered before the next ReadyForQuery outside a transaction, or at once if the client is idle outside one. */
  notification(processId: number, channel: string, payload: string): void;
  /** A sink call of the running statement that waits for the client fails with this error (statement_timeout). */
  interrupt(error: SqlError): void;
  /** Sends FATAL with this error and closes the connection (pg_terminate_backend, timeouts, shutdown). */
  terminate(error: SqlError): void;
}

export interface SessionFactory {
  /** Looked up once per connection, before any password is asked for. Should not throw for an unknown role. */
  roleVerifier(user: string, remoteAddress: string): Maybe<RoleVerifier>;
  /** Throws 28000 `role "x" does not exist`, 3D000 `database "x" does not exist`, 42704 for an unknown setting, 22023;
   *  each is reported FATAL. Called after the credentials were found right. */
  openSession(startup: SessionStartup): Maybe<Session>;
}

export interface StatementDescription {
  readonly paramTypeOids: readonly number[];
  /** null when the statement returns no rows (NoData) */
  readonly fields: readonly ResultField[] | null;
}

export interface PortalDescription {
  readonly fields: readonly ResultField[] | null;
  /** one per field, already expanded from Bind's 0 | 1 | n formats */
  readonly formats: readonly Format[];
}

/** Settings that decide how values look as text; the binary format knows none. */
export type OutputSettings = TypeSettings;

/** One client's session. '' names the unnamed statement and portal. */
export interface Session {
  /** Every reported setting, sent once after authentication. */
  parameterStatuses(): Iterable<readonly [name: string, value: string]>;
  /** Reported settings whose value differs from the last one reported; sent just before each ReadyForQuery. */
  takeChangedParameters(): Iterable<readonly [name: string, value: string]>;
  transactionStatus(): TransactionStatus;
  /** Read when rows are sent. */
  outputSettings(): OutputSettings;

  /** A whole Query message: runs each statement, answers each through `out` (rowDescription, rows*, commandComplete |
   *  emptyQuery), and drops the unnamed statement and portal. The implicit transaction ends before the last tag. */
  runSimple(text: string, out: ResultSink): Maybe<void>;

  /** 0 or 705 in paramTypeOids, or a missing entry: infer. 42601 for several statements, 42P05 for a name in use. */
  parse(name: string, text: string, paramTypeOids: readonly number[]): Maybe<void>;
  describeStatement(name: string): Maybe<StatementDescription>;
  /** The formats are Bind's own (0, 1 or n entries of 0 | 1; the server has checked that paramFormats fits values). The
   *  values are views on the message, to be copied if kept past the call. 08P01 when the number of values is not the
   *  statement's or resultFormats does not fit its columns; 26000 unknown statement; 22P02, 22P03, 22021 bad values. */
  bind(
    portal: string,
    statement: string,
    values: readonly (Uint8Array | null)[],
    paramFormats: readonly Format[],
    resultFormats: readonly Format[],
  ): Maybe<void>;
  describePortal(portal: string): Maybe<PortalDescription>;
  /** At most maxRows rows (0 = all), no rowDescription; ends with one of commandComplete, portalSuspended, emptyQuery. */
  execute(portal: string, maxRows: number, out: ResultSink): Maybe<void>;
  /** Closing what does not exist is no error. */
  closeStatement(name: string): Maybe<void>;
  closePortal(name: string): Maybe<void>;
  /** Ends the implicit transaction (commit, or roll back after an error) and its portals. May throw: a failed commit. */
  sync(): Maybe<void>;
  /** A call above threw: fail the block, or roll back the implicit transaction. Must not throw. */
  afterError(): Maybe<void>;

  /** Interrupts the running call, which then throws 57014. Only called while one runs; must not throw. */
  cancel(): void;
  /** How long the client may stay idle from now on, asked at each ReadyForQuery; null for ever. */
  idleLimit(): { readonly timeoutMs: number; readonly error: SqlError } | null;
  /** The client is gone (a running call was cancelled and has ended). Rolls back, frees everything. Must not throw. */
  close(): Maybe<void>;
}

/** Severity of a notice; INFO always passes client_min_messages, which is the session's to apply. */
export interface Notice {
  readonly severity: 'DEBUG' | 'LOG' | 'INFO' | 'NOTICE' | 'WARNING';
  readonly error: SqlError;
}

/** Where a running statement puts its answers. Methods that return a promise are awaited by the session: it stops
 *  producing while the client does not read. They throw 57014 when cancelled, and 08006 once the client is gone. */
export interface ResultSink {
  rowDescription(fields: readonly ResultField[], formats: readonly Format[]): void;
  /** Encodes and sends the batch's rows (its selection, if any). Column i belongs to fields[i]. The batch is not needed
   *  after the promise resolves. */
  rows(batch: Batch, fields: readonly ResultField[], formats: readonly Format[]): Maybe<void>;
  commandComplete(tag: string): void;
  emptyQuery(): void;
  portalSuspended(): void;
  /** Asks for COPY data: chunks as they came, not aligned to rows, ended by CopyDone. Throws 57014 `COPY from stdin
   *  failed: ...` on CopyFail. Each chunk is valid until the next is asked for. */
  copyIn(format: Format, columnCount: number): AsyncIterable<Uint8Array>;
  copyOutStart(format: Format, columnCount: number): void;
  /** One CopyData message (by custom one row); the bytes are copied or sent before the promise resolves. */
  copyOutData(data: Uint8Array): Maybe<void>;
  copyOutDone(): void;
  notice(notice: Notice): void;
  /** Sends what is buffered now: for subscriptions, whose rows must not wait for a full buffer. */
  flush(): Maybe<void>;
}
