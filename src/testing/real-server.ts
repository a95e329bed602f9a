// The whole product in this process: database, sessions and wire server as main.ts wires them, on a free port, for tests that look inside
// (arena, faulty disk) while clients talk to it from outside.
import { type Database, type DatabaseOptions, openDatabase } from '../database.ts';
import { listen, type PgServer, type PgServerOptions } from '../server/pgwire/listener.ts';
import './temporary-folder.ts';

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

export interface RealServer extends AsyncDisposable {
  readonly port: number;
  readonly database: Database;
  readonly server: PgServer;
  /** what the log was told at level error, where failures of the server itself end */
  readonly complaints: string[];
}

export async function startRealServer(
  options: Partial<DatabaseOptions> = {},
  wire: Partial<PgServerOptions> = {},
): Promise<RealServer> {
  const database = await openDatabase({
    data: null,
    memory: 512 * 1024 * 1024,
    workers: 0,
    serverFiles: true,
    port: 0,
    host: '127.0.0.1',
    password: null,
    ...options,
  });
  const complaints: string[] = [];
  const log = {
    ...quiet,
    error: (fields: object, message: string) => complaints.push(`${message} ${JSON.stringify(fields)}`),
  };
  const server = await listen({
    host: '127.0.0.1',
    port: 0,
    factory: database.sessions,
    encoder: { arena: database.arena, kernels: database.kernels },
    log,
    ...wire,
  });
  const close = async () => {
    await server.close();
    await database.close();
  };
  return { port: server.port, database, server, complaints, [Symbol.asyncDispose]: close };
}
