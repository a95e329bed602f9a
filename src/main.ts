#!/usr/bin/env node
// Process entry: reads the configuration, opens the database, listens, and closes both in order when told to end.
import { Command } from 'commander';
import pino from 'pino';
import { readConfiguration, serverCommand } from './cli/configuration.ts';
import { openDatabase } from './database.ts';
import { listen } from './server/pgwire/listener.ts';

const complain = (line: string) => process.stderr.write(`${line}\n`);

async function main(): Promise<void> {
  const configuration = readConfiguration(serverCommand(new Command('headrace')).parse().opts());
  const log = pino({ name: 'headrace', level: configuration.logLevel }, pino.destination(2));
  const database = await openDatabase({ ...configuration, log });
  const server = await listen({
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
  console.log(
    `Headrace is ready: psql -h ${server.host} -p ${server.port}   (data in ${configuration.data ?? 'memory'})`,
  );
  database.services.workers?.start();
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
}

main().catch((error: unknown) => {
  complain(`headrace: ${error instanceof Error ? error.message : String(error)}`);
  const hint = (error as { details?: { hint?: string; detail?: string } }).details;
  if (hint?.detail !== undefined) complain(`  ${hint.detail}`);
  if (hint?.hint !== undefined) complain(`  hint: ${hint.hint}`);
  process.exit(1);
});
