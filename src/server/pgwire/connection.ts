// One client connection: owns the socket, walks through handshake, session and farewell, and is what cancel requests,
// timeouts and shutdown act on. All errors end here: nothing a client does may reach the process.
import { timingSafeEqual } from 'node:crypto';
import type { Socket } from 'node:net';
import { type SqlError, sqlError, toSqlError } from '../../errors/sql-error.ts';
import type { Session, SessionFactory } from '../../session/session-contract.ts';
import { type EncoderParts, RowEncoder } from './encode-rows.ts';
import { authenticate, type HandshakeParts, receiveFirstRequest } from './handshake.ts';
import { Input } from './input.ts';
import { MessageLoop } from './message-loop.ts';
import { copyInLimits, FramingError, type LimitOf, messageLimits } from './message-reader.ts';
import { MessageWriter, writeBackendKeyData, writeError, writeParameterStatus } from './message-writer.ts';
import { Output } from './output.ts';
import { ConnectionSink } from './result-sink.ts';
import type { StartupRequest } from './startup-packet.ts';
import type { TlsIdentity } from './tls-upgrade.ts';

/** How long a client may take to read the last words, and a statement to notice that it was stopped. */
const FAREWELL_MS = 2000;
const STOP_MS = 5000;

/** Where the server reports; pino's logger fits. */
export interface ServerLog {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** What all connections of a listener share. */
export interface ConnectionContext {
  readonly factory: SessionFactory;
  readonly tls: TlsIdentity | null;
  readonly encoder: EncoderParts;
  readonly log: ServerLog;
  readonly limits: LimitOf;
  readonly copyLimits: LimitOf;
  readonly mockSecret: Uint8Array;
  readonly authenticationTimeoutMs: number;
  readonly sendTimeoutMs: number;
  /** Throws 53300 or 57P03. */
  admit(connection: PgConnection): void;
  cancel(processId: number, secretKey: Uint8Array): void;
  newSecretKey(bytes: number): Buffer;
}

/** messageLimitBytes bounds Query, Parse, Bind and CopyData. */
export function connectionLimits(messageLimitBytes: number): Pick<ConnectionContext, 'limits' | 'copyLimits'> {
  return { limits: messageLimits(messageLimitBytes), copyLimits: copyInLimits(messageLimitBytes) };
}

export class PgConnection {
  readonly processId: number;
  readonly #context: ConnectionContext;
  readonly #input: Input;
  readonly #output: Output;
  readonly #startedAt = performance.now();
  #socket: Socket;
  #secretKey: Buffer | null = null;
  #loop: MessageLoop | null = null;
  #session: Session | null = null;
  #request: StartupRequest | null = null;
  #terminated: SqlError | null = null;

  constructor(socket: Socket, processId: number, context: ConnectionContext) {
    this.processId = processId;
    this.#socket = socket;
    this.#context = context;
    this.#input = new Input(socket);
    this.#output = new Output(socket, context.sendTimeoutMs, () => this.#stuck());
    this.#attach(socket);
  }

  #attach(socket: Socket): void {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => this.#input.push(chunk));
    socket.on('end', () => {
      this.#input.end();
      this.#loop?.clientLeft();
    });
    socket.on('error', (error) =>
      this.#context.log.debug({ processId: this.processId, error: error.message }, 'socket error'),
    );
    socket.on('close', () => {
      if (socket === this.#socket) this.#lost();
    });
  }

  #lost(): void {
    this.#output.close();
    this.#input.end();
    this.#loop?.connectionLost();
  }

  #stuck(): void {
    this.#context.log.warn({ processId: this.processId }, 'client does not read its results: connection closed');
    this.#socket.destroy();
    this.#lost();
  }

  /** Serves the client until it has gone. Never rejects. */
  async serve(): Promise<void> {
    try {
      if (await this.#open()) await this.#loop!.run();
    } catch (error) {
      this.#reportFatal(error);
    }
    try {
      await this.#session?.close();
    } catch (error) {
      this.#context.log.error(
        { processId: this.processId, error: toSqlError(error).stack },
        'closing a session failed',
      );
    }
    this.#farewell();
  }

  /** Handshake and session; false if there is nothing to serve. */
  async #open(): Promise<boolean> {
    const timer = setTimeout(() => this.#authenticationTimedOut(), this.#context.authenticationTimeoutMs);
    try {
      const parts = this.#handshakeParts();
      const first = await receiveFirstRequest(parts);
      if (first === null) return false;
      const { request, encrypted } = first;
      if (request.kind === 'cancel') {
        this.#context.cancel(request.processId, request.secretKey);
        return false;
      }
      this.#request = request;
      await authenticate(parts, request, encrypted, this.#socket.remoteAddress ?? '');
      await this.#openSession(request, encrypted);
    } finally {
      clearTimeout(timer);
    }
    return !this.#output.closed && this.#terminated === null;
  }

  #handshakeParts(): HandshakeParts {
    const { factory, tls, mockSecret } = this.#context;
    const parts: HandshakeParts = {
      input: this.#input,
      output: this.#output,
      socket: this.#socket,
      factory,
      tls,
      mockSecret,
      switchTo: (socket) => {
        parts.socket = socket;
        this.#attach(socket);
        this.#input.switchTo(socket);
        this.#output.switchTo(socket);
      },
      admit: () => this.#context.admit(this),
    };
    return parts;
  }

  async #openSession(request: StartupRequest, encrypted: boolean): Promise<void> {
    const { factory, log } = this.#context;
    const { writer } = this.#output;
    const secretKey = this.#context.newSecretKey(request.minor >= 2 ? 32 : 4);
    const { user, database, parameters } = request;
    const session = await factory.openSession({
      user,
      database,
      parameters,
      processId: this.processId,
      secretKey,
      remoteAddress: this.#socket.remoteAddress ?? '',
      remotePort: this.#socket.remotePort ?? -1,
      encrypted,
      client: {
        notification: (processId, channel, payload) => this.#loop?.notify(processId, channel, payload),
        interrupt: (error) => this.#loop?.interrupt(error),
        terminate: (error) => this.terminate(error),
      },
    });
    this.#session = session;
    this.#secretKey = secretKey;
    for (const [name, value] of session.parameterStatuses()) writeParameterStatus(writer, name, value);
    writeBackendKeyData(writer, this.processId, secretKey);
    const encoder = new RowEncoder(this.#context.encoder, this.#output, session);
    this.#loop = new MessageLoop({
      session,
      input: this.#input,
      output: this.#output,
      sink: new ConnectionSink(this.#output, this.#input, encoder, this.#context.copyLimits),
      limits: this.#context.limits,
      log: {
        statementFailed: (error) => this.#statementFailed(error),
        protocolViolation: (message) => log.warn({ processId: this.processId, user, database }, message),
      },
    });
    log.info(
      { processId: this.processId, user, database, remoteAddress: this.#socket.remoteAddress },
      'connection authorized',
    );
  }

  #statementFailed(error: SqlError): void {
    const { log } = this.#context;
    const fields = { processId: this.processId, sqlstate: error.sqlstate };
    if (error.condition === 'internal_error') log.error({ ...fields, stack: error.stack }, error.message);
    else log.debug(fields, error.message);
  }

  #authenticationTimedOut(): void {
    this.#context.log.info({ processId: this.processId }, 'authentication timed out');
    if (this.#request === null) this.#socket.destroy();
    else this.terminate(sqlError('query_canceled', 'canceling authentication due to timeout'));
  }

  #reportFatal(error: unknown): void {
    const { log } = this.#context;
    if (error instanceof FramingError) {
      log.info({ processId: this.processId, remoteAddress: this.#socket.remoteAddress }, error.message);
      if (error.fatal === null) return;
    }
    if (this.#output.closed || this.#terminated !== null) return;
    const fatal = error instanceof FramingError ? error.fatal! : toSqlError(error);
    if (fatal.condition === 'internal_error')
      log.error({ processId: this.processId, stack: fatal.stack }, fatal.message);
    else log.info({ processId: this.processId, sqlstate: fatal.sqlstate }, fatal.message);
    writeError(this.#output.writer, 'FATAL', fatal);
  }

  /** A CancelRequest for this connection; the key is compared in constant time. */
  cancel(secretKey: Uint8Array): void {
    const own = this.#secretKey;
    if (own === null || own.length !== secretKey.length || !timingSafeEqual(own, secretKey)) return;
    this.#loop?.cancel();
  }

  /** Sends FATAL `error` and closes, interrupting what runs. */
  terminate(error: SqlError): void {
    if (this.#terminated !== null) return;
    this.#terminated = error;
    if (this.#loop !== null) {
      this.#loop.terminate(error);
    } else {
      writeError(this.#output.writer, 'FATAL', error);
      this.#input.end();
    }
    setTimeout(() => this.#socket.destroy(), STOP_MS).unref();
  }

  /** Writes a warning, as PostgreSQL's sessions do then, past everything that may be half done; a socket that takes it at once sends it. */
  crash(warning: SqlError): void {
    if (this.#session === null || this.#output.closed) return;
    const writer = new MessageWriter();
    writeError(writer, 'WARNING', warning);
    this.#socket.write(writer.take());
  }

  #farewell(): void {
    const { log } = this.#context;
    const durationMs = Math.round(performance.now() - this.#startedAt);
    if (this.#session !== null) log.info({ processId: this.processId, durationMs }, 'disconnection');
    this.#output.flush();
    // Whatever the client still sends is read and dropped, or a reset could overtake our last words.
    this.#socket.removeAllListeners('data');
    this.#socket.resume();
    this.#socket.end();
    const timer = setTimeout(() => this.#socket.destroy(), FAREWELL_MS);
    this.#socket.once('close', () => clearTimeout(timer));
    if (this.#socket.destroyed) clearTimeout(timer);
  }
}
