#!/usr/bin/env node
// Process entry: reads the configuration, opens the database, listens, and closes both in order when told to end. When shared memory may
// be damaged, or an error was caught nowhere, the process ends at once instead, with EXIT_CRASHED: what is in the log is what is true.
import { Command } from 'commander';
import pino, { type Logger } from 'pino';
import { readConfiguration, type ServerConfiguration, serverCommand } from './cli/configuration.ts';
import { terminalLog } from './cli/terminal-log.ts';
import { type Database, openDatabase } from './database.ts';
import { listen, type PgServer } from './server/pgwire/listener.ts';

/** A supervisor starts it again after this one; sysexits.h calls it an internal software error. */
const EXIT_CRASHED = 70;

const complain = (line: string) => process.stderr.write(`${line}\n`);

async function main(): Promise<void> {
  const configuration = readConfiguration(serverCommand(new Command('headrace')).parse().opts());
  const log = pino(
    { name: 'headrace', level: configuration.logLevel },
    process.stderr.isTTY ? terminalLog(process.stderr) : pino.destination(2),
  );
  let database: Database | null = null;
  let server: PgServer | null = null;
  const crash = (fields: object) => {
    const statements = database?.services.activity.activeKinds();
    log.fatal({ ...fields, statements }, 'crashed: nothing more is committed, the next start recovers from the log');
    server?.crash();
    process.exit(EXIT_CRASHED);
  };
  process.on('uncaughtException', ({ message, stack }) => crash({ cause: message, stack }));
  database = await openDatabase({ ...configuration, log, damaged: crash });
  server = await listenFor(configuration, database, log);
  console.log(
    `Headrace is ready: psql -h ${server.host} -p ${server.port}   (data in ${configuration.data ?? 'memory'})`,
  );
  database.services.workers?.start();
  closeOnSignals(database, server, log);
}

function listenFor(configuration: ServerConfiguration, database: Database, log: Logger): Promise<PgServer> {
  return listen({
    host: configuration.host,
    port: configuration.port,
    ...(configuration.socketDirectory === null ? {} : { socketDirectory: configuration.socketDirectory }),
    factory: database.sessions,
    encoder: { arena: database.arena, kernels: database.kernels },
    log,
    maxConnections: configuration.maxConnections,
    authenticationTimeoutMs: configuration.authenticationTimeoutMs,
    sendTimeoutMs: configuration.sendTimeoutMs,
    ...(configuration.tls === null ? {} : { tls: configuration.tls }),
  }).catch(async (error: unknown) => {
    await database.close();
    throw error;
  });
}

function closeOnSignals(database: Database, server: PgServer, log: Logger): void {
  let closing = false;
  const close = async (signal: string) => {
    if (closing) return;
    closing = true;
    log.info({ signal }, 'closing');
    await server.close();
    await database.close();
    process.exit(0);
  };
  process.on('SIGINT', () => void close('SIGINT'));
  process.on('SIGTERM', () => void close('SIGTERM'));
  // npm run puts a shell between, and a signal to npm ends that shell alone: its going is the signal then.
  const parent = process.ppid;
  if (process.env.npm_lifecycle_event !== undefined)
    setInterval(() => process.ppid !== parent && void close('end of npm'), 250).unref();
}

main().catch((error: unknown) => {
  complain(`headrace: ${error instanceof Error ? error.message : String(error)}`);
  const hint = (error as { details?: { hint?: string; detail?: string } }).details;
  if (hint?.detail !== undefined) complain(`  ${hint.detail}`);
  if (hint?.hint !== undefined) complain(`  hint: ${hint.hint}`);
  process.exit(1);
});
