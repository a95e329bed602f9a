// The server's configuration: command-line options and HEADRACE_* environment variables, checked by zod, as one plain object.
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import { z } from 'zod';

const SIZE_UNITS: Readonly<Record<string, number>> = { kB: 1024, MB: 1024 ** 2, GB: 1024 ** 3 };

const size = z.string().transform((text, context) => {
  const match = /^(\d+(?:\.\d+)?)\s*(kB|MB|GB)$/i.exec(text.trim());
  const unit =
    match === null ? undefined : Object.keys(SIZE_UNITS).find((one) => one.toLowerCase() === match[2]!.toLowerCase());
  if (match === null || unit === undefined) {
    context.addIssue({ code: 'custom', message: `"${text}" is not a size: write for example 512MB or 2GB` });
    return z.NEVER;
  }
  return Math.round(Number(match[1]) * SIZE_UNITS[unit]!);
});

function wholeNumber(least: number, most: number) {
  const range = `a whole number from ${least} to ${most}`;
  return z.string().transform((text, context) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    context.addIssue({ code: 'custom', message: `"${text}" is not ${range}` });
    return z.NEVER;
  });
}

const schema = z.object({
  data: z.string().min(1, 'name a directory, or "memory"'),
  port: wholeNumber(0, 65_535),
  host: z.string().min(1),
  socketDirectory: z.string().nullable().default(null),
  memory: size.refine((bytes) => bytes <= 4 * 1024 ** 3, 'shared memory is at most 4GB'),
  workers: wholeNumber(0, 256),
  maxConnections: wholeNumber(1, 10_000),
  sslCertFile: z.string().nullable().default(null),
  sslKeyFile: z.string().nullable().default(null),
  authenticationTimeout: wholeNumber(1, 600),
  sendTimeout: wholeNumber(0, 86_400),
  serverFiles: z.boolean().default(false),
  logLevel: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']),
});

export interface ServerConfiguration {
  /** null: in memory, nothing is kept */
  readonly data: string | null;
  readonly port: number;
  readonly host: string;
  readonly socketDirectory: string | null;
  /** bytes of shared memory to reserve */
  readonly memory: number;
  readonly workers: number;
  readonly maxConnections: number;
  /** PEM texts; null: no TLS */
  readonly tls: { readonly key: string; readonly cert: string } | null;
  readonly authenticationTimeoutMs: number;
  /** a client that reads nothing for so long is cut off; 0: never */
  readonly sendTimeoutMs: number;
  readonly serverFiles: boolean;
  readonly logLevel: string;
  /** of the superusers that the first start makes, and needed to listen beyond loopback */
  readonly password: string | null;
}

const { env } = process;
const AUTHENTICATION_SECONDS = 60;
/** A stalled reader holds a snapshot and its buffers; PostgreSQL has no such limit, its kernel drops the dead ones only. */
const SEND_SECONDS = 600;

export function serverCommand(command: Command): Command {
  return command
    .description('Serves a Headrace database to PostgreSQL clients.')
    .option(
      '--data <directory>',
      'data directory, made at the first start; "memory" keeps nothing',
      env.HEADRACE_DATA ?? './data',
    )
    .option('--port <port>', 'TCP port', env.HEADRACE_PORT ?? '7432')
    .option(
      '--host <address>',
      'address to listen on; beyond loopback a password must be set',
      env.HEADRACE_HOST ?? '127.0.0.1',
    )
    .option('--socket-directory <directory>', 'also listen on a Unix socket in this directory')
    .option('--memory <size>', 'shared memory to reserve, at most 4GB', env.HEADRACE_MEMORY ?? '3GB')
    .option(
      '--workers <count>',
      'worker threads for queries',
      env.HEADRACE_WORKERS ?? String(Math.max(1, availableParallelism())),
    )
    .option('--max-connections <count>', 'connections at most', env.HEADRACE_MAX_CONNECTIONS ?? '100')
    .option('--ssl-cert-file <file>', 'certificate (PEM) for TLS; needs --ssl-key-file', env.HEADRACE_SSL_CERT_FILE)
    .option('--ssl-key-file <file>', 'its private key (PEM)', env.HEADRACE_SSL_KEY_FILE)
    .option(
      '--authentication-timeout <seconds>',
      'time to log in',
      env.HEADRACE_AUTHENTICATION_TIMEOUT ?? String(AUTHENTICATION_SECONDS),
    )
    .option(
      '--send-timeout <seconds>',
      'a client that reads nothing of its answer for so long is cut off; 0 for never',
      env.HEADRACE_SEND_TIMEOUT ?? String(SEND_SECONDS),
    )
    .option(
      '--server-files',
      'allow superusers to read and write files of the server (COPY, read_parquet, connector files)',
      env.HEADRACE_SERVER_FILES === 'true',
    )
    .option('--log-level <level>', 'fatal, error, warn, info, debug, trace or silent', env.HEADRACE_LOG_LEVEL ?? 'info')
    .showHelpAfterError('(--help lists the options)');
}

/** Throws an Error that names the option that is wrong. */
export function readConfiguration(options: unknown): ServerConfiguration {
  const parsed = schema.safeParse(options);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    const option = issue.path.join('.').replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    throw new Error(`option --${option}: ${issue.message}`);
  }
  const { data, sslCertFile, sslKeyFile, authenticationTimeout, sendTimeout, ...rest } = parsed.data;
  return {
    ...rest,
    data: data === 'memory' ? null : data,
    password: readPassword(),
    tls: readTls(sslCertFile, sslKeyFile),
    authenticationTimeoutMs: authenticationTimeout * 1000,
    sendTimeoutMs: sendTimeout * 1000,
  };
}

function readTls(certFile: string | null, keyFile: string | null): ServerConfiguration['tls'] {
  if (certFile === null && keyFile === null) return null;
  if (certFile === null || keyFile === null) throw new Error('--ssl-cert-file and --ssl-key-file go together');
  return { cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8') };
}

function readPassword(): string | null {
  const file = env.HEADRACE_PASSWORD_FILE;
  if (file !== undefined) return readFileSync(file, 'utf8').trim();
  return env.HEADRACE_PASSWORD ?? null;
}
