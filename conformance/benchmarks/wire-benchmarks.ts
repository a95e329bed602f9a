// What the wire protocol carries, beside PostgreSQL on the same machine with the same client: prepared SELECT 1 and rows by
// primary key (pgbench), a million rows in by COPY and out by SELECT (psql).
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startPostgres } from '../../src/testing/oracle-postgres.ts';
import { startHeadrace } from './headrace-server.ts';
import { type Benchmark, type BenchSettings, compare, interleave, type Outcome, time } from './measure.ts';

const runFile = promisify(execFile);
const BIG = 1 << 28;

/** pgbench's own table, at its scale 1. */
const ACCOUNTS = [
  'CREATE TABLE accounts (aid int PRIMARY KEY, bid int, abalance int, filler char(84))',
  "INSERT INTO accounts SELECT i, 1, 0, '' FROM generate_series(1, 100000) AS s(i)",
];
const BY_KEY: Readonly<Record<string, string>> = {
  SELECT: '\\set aid random(1, 100000)\nSELECT abalance FROM accounts WHERE aid = :aid;\n',
  UPDATE: '\\set aid random(1, 100000)\nUPDATE accounts SET abalance = abalance + 1 WHERE aid = :aid;\n',
};

function hasCommand(name: string): boolean {
  return spawnSync(name, ['--version']).error === undefined;
}

async function psql(port: number, ...commands: string[]): Promise<void> {
  const args = ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-h', '127.0.0.1', '-p', String(port), '-U', 'postgres'];
  await runFile('psql', [...args, ...commands.flatMap((command) => ['-c', command]), 'postgres'], { maxBuffer: BIG });
}

/** Prepared statements per second. */
async function pgbench(port: number, script: string, clients: number, seconds: number): Promise<number> {
  const args = ['-n', '-M', 'prepared', '-f', script, '-T', String(seconds), '-c', String(clients)];
  const where = ['-h', '127.0.0.1', '-p', String(port), '-U', 'postgres', 'postgres'];
  const { stdout } = await runFile('pgbench', [...args, ...where]);
  const found = /tps = ([\d.]+)/.exec(stdout);
  if (found === null) throw new Error(`pgbench said: ${stdout}`);
  return Number(found[1]);
}

async function measureAll(
  ports: readonly [number, number],
  directory: string,
  settings: BenchSettings,
  report: (outcome: Outcome) => void,
): Promise<void> {
  const rounds = settings.quick ? 3 : 5;
  const both = async (name: string, unit: string, aim: number, measure: (port: number) => Promise<number>) => {
    const [ours, theirs] = (await interleave(
      rounds,
      ports.map((port) => () => measure(port)),
    )) as [number, number];
    report(compare(name, unit, ours, { name: 'PostgreSQL', value: theirs }, aim));
  };
  const script = join(directory, 'select-1.sql');
  writeFileSync(script, 'SELECT 1;\n');
  const seconds = settings.quick ? 1 : 3;
  if (hasCommand('pgbench')) {
    await both('prepared SELECT 1, 1 client', 'tx/s', 0.5, (port) => pgbench(port, script, 1, seconds));
    await both('prepared SELECT 1, 8 clients', 'tx/s', 0.5, (port) => pgbench(port, script, 8, seconds));
    for (const port of ports) await psql(port, ...ACCOUNTS);
    for (const [name, text] of Object.entries(BY_KEY)) {
      const file = join(directory, 'by-key.sql');
      writeFileSync(file, text);
      await both(`${name} by primary key, 1 client`, 'tx/s', 0.5, (port) => pgbench(port, file, 1, seconds));
      await both(`${name} by primary key, 8 clients`, 'tx/s', 0.5, (port) => pgbench(port, file, 8, seconds));
    }
  } else report({ name: 'prepared SELECT 1', skipped: 'pgbench is not installed' });
  if (!hasCommand('psql')) {
    report({ name: 'COPY in and SELECT of 1 M rows', skipped: 'psql is not installed' });
    return;
  }
  const rows = settings.quick ? 200_000 : 1_000_000;
  const file = join(directory, 'rows.csv');
  const lines = Array.from(
    { length: rows },
    (_, i) => `${i},${(i * 7919) % 100003},${i / 8},2024-01-0${1 + (i % 9)},name ${i}`,
  );
  writeFileSync(file, `${lines.join('\n')}\n`);
  const table = 'CREATE TABLE wide (a int, b bigint, c double precision, d date, e text)';
  const label = `${rows / 1e6} M rows`;
  for (const port of ports) await psql(port, table);
  await both(`COPY in of ${label}`, 'ms', 1, async (port) => {
    await psql(port, 'TRUNCATE wide');
    return time(() => psql(port, `\\copy wide from '${file}' with (format csv)`));
  });
  await both(`SELECT of ${label} out`, 'ms', 2, (port) => time(() => readAll(port, 'SELECT * FROM wide')));
}

/** Reads every byte of an answer and throws it away, so that the client costs little. */
async function readAll(port: number, query: string): Promise<void> {
  const { connect } = await import('node:net');
  const startup = (text: string) => {
    const body = Buffer.from(text);
    const message = Buffer.alloc(8 + body.length);
    message.writeInt32BE(message.length, 0);
    message.writeInt32BE(196608, 4);
    body.copy(message, 8);
    return message;
  };
  const body = Buffer.from(`${query}\0`);
  const ask = Buffer.alloc(5 + body.length);
  ask.write('Q');
  ask.writeInt32BE(4 + body.length, 1);
  body.copy(ask, 5);
  const socket = connect(port, '127.0.0.1');
  await new Promise<void>((resolve, reject) => {
    let ready = 0;
    let last = Buffer.alloc(0);
    socket.on('error', reject);
    socket.on('connect', () => socket.write(startup('user\0postgres\0database\0postgres\0\0')));
    socket.on('data', (piece) => {
      last = piece.length >= 6 ? piece : Buffer.concat([last, piece]);
      const end = last.subarray(-6);
      if (end[0] !== 0x5a || end.readInt32BE(1) !== 5) return;
      ready++;
      if (ready === 1) socket.write(ask);
      else resolve();
    });
  });
  socket.destroy();
}

async function run(settings: BenchSettings, report: (outcome: Outcome) => void): Promise<void> {
  const postgres = await startPostgres(['shared_buffers=512MB', 'synchronous_commit=off', 'max_wal_size=4GB']);
  if (postgres === null) {
    report({ name: 'wire', skipped: 'PostgreSQL is not installed' });
    return;
  }
  const directory = mkdtempSync(join(tmpdir(), 'headrace-wire-'));
  try {
    const headrace = await startHeadrace(settings.port);
    try {
      await measureAll([headrace.port, postgres.port], directory, settings, report);
    } finally {
      await headrace.stop();
    }
  } finally {
    postgres.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

export const wireBenchmarks: Benchmark = { name: 'wire', run };
