// What the wire protocol carries, beside PostgreSQL on the same machine with the same client: prepared SELECT 1 and rows by
// primary key (pgbench), a million rows in by COPY and out by SELECT (psql).
import { execFile, spawnSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
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
  writeRows(file, rows);
  const table = 'CREATE TABLE wide (a int, b bigint, c double precision, d date, e text)';
  const label = `${rows / 1e6} M rows`;
  for (const port of ports) await psql(port, table);
  await both(`COPY in of ${label}`, 'ms', 1, async (port) => {
    await psql(port, 'TRUNCATE wide');
    return time(() => psql(port, `\\copy wide from '${file}' with (format csv)`));
  });
  await both(`SELECT of ${label} out`, 'ms', 2, (port) => time(() => readAll(port, 'SELECT * FROM wide')));
}

/** In pieces: a million strings kept alive would make every garbage collection of the reading client expensive. */
function writeRows(file: string, rows: number): void {
  const piece = 10_000;
  for (let from = 0; from < rows; from += piece) {
    const lines = Array.from({ length: Math.min(piece, rows - from) }, (_, k) => {
      const i = from + k;
      return `${i},${(i * 7919) % 100003},${i / 8},2024-01-0${1 + (i % 9)},name ${i}\n`;
    });
    appendFileSync(file, lines.join(''));
  }
}

function startupMessage(parameters: string): Buffer {
  const message = Buffer.alloc(8 + parameters.length);
  message.writeInt32BE(message.length, 0);
  message.writeInt32BE(196608, 4);
  message.write(parameters, 8);
  return message;
}

function queryMessage(query: string): Buffer {
  const message = Buffer.alloc(6 + query.length);
  message.write('Q');
  message.writeInt32BE(5 + query.length, 1);
  message.write(query, 5);
  return message;
}

const ANSWER_END = 6;

/** Whether the last bytes read are ReadyForQuery. */
function isReady(tail: Buffer): boolean {
  return tail[0] === 0x5a && tail.readInt32BE(1) === 5;
}

/** Reads every byte of an answer into one buffer and forgets it, so that the client costs little: no copies and no garbage. */
async function readAll(port: number, query: string): Promise<void> {
  const buffer = Buffer.alloc(256 * 1024);
  let tail = Buffer.alloc(0);
  let answers = 0;
  const socket = await new Promise<Socket>((resolve, reject) => {
    const callback = (length: number): boolean => {
      const read = buffer.subarray(Math.max(0, length - ANSWER_END), length);
      tail = Buffer.concat([tail, read]).subarray(-ANSWER_END);
      if (tail.length < ANSWER_END || !isReady(tail)) return true;
      answers++;
      if (answers === 1) opened.write(queryMessage(query));
      else resolve(opened);
      return true;
    };
    const opened = connect({ port, host: '127.0.0.1', onread: { buffer, callback } });
    opened.on('error', reject);
    opened.on('connect', () => opened.write(startupMessage('user\0postgres\0database\0postgres\0\0')));
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
