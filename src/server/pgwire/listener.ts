// The door of the wire server: `listen` opens a port (and a Unix socket), accepts connections up to a limit, routes cancel
// requests and shuts down gracefully. Whether listening beyond loopback is wise is the caller's decision.
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, unlinkSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { type SqlError, sqlError } from '../../errors/sql-error.ts';
import type { SessionFactory } from '../../session/session-contract.ts';
import { type ConnectionContext, connectionLimits, PgConnection, type ServerLog } from './connection.ts';
import type { EncoderParts } from './encode-rows.ts';
import { SendBuffers } from './send-buffers.ts';
import { loadTlsIdentity } from './tls-upgrade.ts';
import { VALUE_FORMS } from './value-forms.ts';

const DEFAULTS = {
  maxConnections: 100,
  authenticationTimeoutMs: 60_000,
  messageLimitBytes: 64 * 1024 * 1024,
  sendTimeoutMs: 0,
};
/** Connections beyond the limit that may be open long enough to be told so, or to send a cancel request. */
const SPARE_CONNECTIONS = 64;

export interface PgServerOptions {
  readonly host: string;
  /** 0 = any free port */
  readonly port: number;
  /** also listen on `<directory>/.s.PGSQL.<port>` */
  readonly socketDirectory?: string;
  readonly factory: SessionFactory;
  /** the arena that batches lie in, and its kernels for this thread */
  readonly encoder: Pick<EncoderParts, 'arena' | 'kernels'>;
  readonly log: ServerLog;
  /** PEM texts */
  readonly tls?: { readonly key: string | Buffer; readonly cert: string | Buffer };
  readonly maxConnections?: number;
  readonly authenticationTimeoutMs?: number;
  /** bound of one Query, Parse, Bind or CopyData message */
  readonly messageLimitBytes?: number;
  /** a client that reads nothing for so long is cut off; 0 = never */
  readonly sendTimeoutMs?: number;
  /** salt secret for unknown roles; by default new at each start */
  readonly mockSecret?: Uint8Array;
}

export interface PgServer {
  readonly host: string;
  readonly port: number;
  readonly connectionCount: number;
  /** For pg_terminate_backend; false if there is no such connection. */
  terminate(processId: number, error: SqlError): boolean;
  /** Stops accepting, tells every client 57P01 and waits until all have gone (at most some seconds). */
  close(): Promise<void>;
  /** Tells every client 57P02 within this turn: the process ends at its end. */
  crash(): void;
}

/** Opens the server. Throws an Error with a plain message when the address cannot be had. */
export async function listen(options: PgServerOptions): Promise<PgServer> {
  const server = new WireServer({ ...DEFAULTS, ...withoutUndefined(options) });
  await server.open();
  return server;
}

function withoutUndefined(options: PgServerOptions): PgServerOptions {
  return Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as unknown as PgServerOptions;
}

class WireServer implements PgServer {
  readonly host: string;
  port: number;
  readonly #options: PgServerOptions & typeof DEFAULTS;
  readonly #context: ConnectionContext;
  readonly #servers: Server[] = [];
  readonly #connections = new Map<number, { connection: PgConnection; done: Promise<void> }>();
  readonly #admitted = new Set<PgConnection>();
  #lastProcessId = 1000 + (randomBytes(2).readUInt16BE(0) % 30_000);
  #closing = false;

  constructor(options: PgServerOptions & typeof DEFAULTS) {
    this.host = options.host;
    this.port = options.port;
    this.#options = options;
    this.#context = {
      factory: options.factory,
      tls: options.tls === undefined ? null : loadTlsIdentity(options.tls.key, options.tls.cert),
      encoder: { ...options.encoder, forms: VALUE_FORMS, buffers: new SendBuffers(options.encoder.arena) },
      log: options.log,
      ...connectionLimits(options.messageLimitBytes),
      mockSecret: options.mockSecret ?? randomBytes(32),
      authenticationTimeoutMs: options.authenticationTimeoutMs,
      sendTimeoutMs: options.sendTimeoutMs,
      admit: (connection) => this.#admit(connection),
      cancel: (processId, secretKey) => this.#connections.get(processId)?.connection.cancel(secretKey),
      newSecretKey: (bytes) => randomBytes(bytes),
    };
  }

  get connectionCount(): number {
    return this.#admitted.size;
  }

  async open(): Promise<void> {
    const { host, socketDirectory } = this.#options;
    const tcp = this.#newServer();
    await listening(tcp, { host, port: this.port }, `${host}:${this.port}`);
    this.port = (tcp.address() as AddressInfo).port;
    if (socketDirectory === undefined) return;
    const path = join(socketDirectory, `.s.PGSQL.${this.port}`);
    try {
      await removeStaleSocket(path);
      await listening(this.#newServer(), { path }, path);
      chmodSync(path, 0o770);
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  #newServer(): Server {
    const server = createServer({ allowHalfOpen: true, noDelay: true, keepAlive: true }, (socket) =>
      this.#accept(socket),
    );
    server.on('error', (error) => this.#options.log.error({ error: error.message }, 'listener failed'));
    this.#servers.push(server);
    return server;
  }

  #accept(socket: Socket): void {
    if (this.#closing || this.#connections.size >= this.#options.maxConnections + SPARE_CONNECTIONS) {
      socket.destroy();
      return;
    }
    const processId = this.#nextProcessId();
    const connection = new PgConnection(socket, processId, this.#context);
    const done = connection.serve().then(() => {
      this.#connections.delete(processId);
      this.#admitted.delete(connection);
    });
    this.#connections.set(processId, { connection, done });
  }

  #nextProcessId(): number {
    do {
      this.#lastProcessId = (this.#lastProcessId % 0x3fffffff) + 1;
    } while (this.#connections.has(this.#lastProcessId));
    return this.#lastProcessId;
  }

  #admit(connection: PgConnection): void {
    if (this.#closing) throw sqlError('cannot_connect_now', 'the database system is shutting down');
    if (this.#admitted.size >= this.#options.maxConnections) {
      throw sqlError('too_many_connections', 'sorry, too many clients already');
    }
    this.#admitted.add(connection);
  }

  terminate(processId: number, error: SqlError): boolean {
    const entry = this.#connections.get(processId);
    entry?.connection.terminate(error);
    return entry !== undefined;
  }

  crash(): void {
    this.#closing = true;
    for (const { connection } of this.#connections.values()) connection.crash(CRASH);
  }

  async close(): Promise<void> {
    this.#closing = true;
    const closed = this.#servers.map((server) => new Promise((resolve) => server.close(resolve)));
    const shutdown = sqlError('admin_shutdown', 'terminating connection due to administrator command');
    const open = [...this.#connections.values()];
    for (const { connection } of open) connection.terminate(shutdown);
    await Promise.all(open.map(({ done }) => done));
    await Promise.all(closed);
    this.#context.encoder.buffers.release();
  }
}

/** In PostgreSQL's words, which clients and poolers know. */
const CRASH = sqlError('crash_shutdown', 'terminating connection because of crash of another server process', {
  detail:
    'The server has commanded this session to roll back the current transaction and exit, because another part of it failed and possibly corrupted shared memory.',
  hint: 'In a moment you should be able to reconnect to the database and repeat your command.',
});

function listening(
  server: Server,
  where: { host?: string; port?: number; path?: string },
  shown: string,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException) => reject(new Error(listenMessage(error, shown)));
    server.once('error', failed);
    server.listen(where, () => {
      server.off('error', failed);
      resolve();
    });
  });
}

function listenMessage(error: NodeJS.ErrnoException, shown: string): string {
  switch (error.code) {
    case 'EADDRINUSE':
      return `could not listen on ${shown}: the address is already in use. Is another server running there?`;
    case 'EACCES':
      return `could not listen on ${shown}: permission denied`;
    case 'EADDRNOTAVAIL':
      return `could not listen on ${shown}: this machine has no such address`;
    default:
      return `could not listen on ${shown}: ${error.message}`;
  }
}

/** A socket file that nobody answers on is left over from a server that was killed. */
async function removeStaleSocket(path: string): Promise<void> {
  if (!existsSync(path)) return;
  const answered = await new Promise<boolean>((resolve) => {
    const probe = connect(path, () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', () => resolve(false));
  });
  if (!answered) unlinkSync(path);
}
