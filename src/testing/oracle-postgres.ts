// Real PostgreSQL as an oracle: starts a throw-away server where the machine has one, and runs .slt records on it.
import { spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { type ErrorFields, type SltTarget, TargetError, type TargetResult } from './slt-run.ts';

export interface PostgresServer {
  readonly port: number;
  readonly version: string;
  stop(): void;
}

/** The folder with initdb and postgres, or null: not installed. */
export function findPostgres(): string | null {
  const candidates = (process.env.PATH ?? '').split(':');
  const debian = '/usr/lib/postgresql';
  if (existsSync(debian)) {
    candidates.push(
      ...readdirSync(debian)
        .sort((a, b) => Number(b) - Number(a))
        .map((v) => join(debian, v, 'bin')),
    );
  }
  return candidates.find((dir) => existsSync(join(dir, 'initdb')) && existsSync(join(dir, 'postgres'))) ?? null;
}

/** PostgreSQL refuses to run as root: then it runs as the user postgres, or nobody. */
function unprivilegedUser(): { uid: number; gid: number } | null {
  if (process.getuid?.() !== 0) return null;
  for (const name of ['postgres', 'nobody']) {
    const uid = spawnSync('id', ['-u', name], { encoding: 'utf8' });
    const gid = spawnSync('id', ['-g', name], { encoding: 'utf8' });
    if (uid.status === 0 && gid.status === 0) return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  }
  return null;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** Starts a server on a free loopback port with trust and collation C (character classes of C.UTF-8); null where PostgreSQL is not installed. */
export async function startPostgres(settings: readonly string[] = []): Promise<PostgresServer | null> {
  const bin = findPostgres();
  if (bin === null) return null;
  const user = unprivilegedUser();
  const directory = mkdtempSync(join(tmpdir(), 'headrace-postgres-'));
  if (user !== null) chownSync(directory, user.uid, user.gid);
  const data = join(directory, 'data');
  const run = (command: string, args: readonly string[]) => {
    const done = spawnSync(join(bin, command), args, { encoding: 'utf8', cwd: directory, ...(user ?? {}) });
    if (done.status !== 0) throw new Error(`${command} failed: ${done.stderr}${done.stdout}`);
    return done.stdout;
  };
  // order by bytes, letters and case by Unicode: what Headrace's one collation does
  const locale = ['--locale=C', '--lc-ctype=C.UTF-8', '-E', 'UTF8'];
  run('initdb', ['-D', data, '-A', 'trust', '-U', 'postgres', ...locale, '--no-sync']);
  const port = await freePort();
  const options = [`-p ${port}`, `-k ${directory}`, '-c listen_addresses=127.0.0.1', ...settings.map((s) => `-c ${s}`)];
  run('pg_ctl', ['-D', data, '-w', '-l', join(directory, 'log'), '-o', options.join(' '), 'start']);
  const version = run('postgres', ['--version']).trim();
  return {
    port,
    version,
    stop() {
      spawnSync(join(bin, 'pg_ctl'), ['-D', data, '-m', 'immediate', 'stop'], { ...(user ?? {}), cwd: '/' });
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** An .slt target over a PostgreSQL-protocol connection (used for PostgreSQL itself, and for Headrace over the wire). */
export async function wireTarget(port: number, engine: string): Promise<SltTarget> {
  const client = new pg.Client({ host: '127.0.0.1', port, user: 'postgres', database: 'postgres' });
  client.on('error', () => {});
  await client.connect();
  const raw = { getTypeParser: () => (value: string) => value };
  return {
    engine,
    async execute(sql: string): Promise<TargetResult> {
      try {
        const result = await client.query({ text: sql, rowMode: 'array', types: raw as never });
        const last = Array.isArray(result) ? result.at(-1) : result;
        const rows = last.fields.length > 0 ? (last.rows as (string | null)[][]) : null;
        return last.rowCount === null ? { rows } : { rows, count: last.rowCount };
      } catch (error) {
        const { message, code, ...fields } = error as ErrorFields & { message: string; code?: string };
        throw new TargetError(message, code ?? null, fields);
      }
    },
    async close() {
      await client.end();
    },
  };
}
