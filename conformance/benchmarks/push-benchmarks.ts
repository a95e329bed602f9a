// How soon and how much a continuous query pushes: the time from an INSERT being sent to the changed row being received by a subscriber
// over loopback, and events per second through a windowed count on one core.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { startHeadrace } from './headrace-server.ts';
import { type Benchmark, type BenchSettings, type Outcome, quantile } from './measure.ts';

const runFile = promisify(execFile);

function connection(port: number): pg.Client {
  return new pg.Client({ host: '127.0.0.1', port, user: 'postgres', database: 'postgres' });
}

/** Milliseconds from sending each INSERT to the arrival of the row that it changed in the view. */
async function latencies(port: number, inserts: number): Promise<number[]> {
  const writer = connection(port);
  const reader = connection(port);
  await writer.connect();
  await reader.connect();
  await writer.query('CREATE TABLE events (k int, v int)');
  await writer.query('CREATE MATERIALIZED VIEW totals AS SELECT k, count(*) AS n, sum(v) AS s FROM events GROUP BY k');
  let arrived: (() => void) | null = null;
  let expected = '';
  let text = '';
  const stream = reader.query(copyTo('COPY (SUBSCRIBE totals) TO STDOUT'));
  stream.on('error', () => {});
  stream.on('data', (piece: Buffer) => {
    text = text.slice(-200) + piece.toString();
    if (arrived !== null && text.includes(expected)) arrived();
  });
  await new Promise((resolve) => setTimeout(resolve, 300));
  const taken: number[] = [];
  for (let i = 0; i < inserts; i++) {
    expected = `\t${i}\t1\t`;
    const seen = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const start = performance.now();
    const inserted = writer.query('INSERT INTO events VALUES ($1, $2)', [i, i * 3]);
    await seen;
    taken.push(performance.now() - start);
    await inserted;
  }
  await writer.end();
  reader.on('error', () => {});
  (reader as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
  return taken.slice(Math.floor(inserts / 10));
}

async function pushLatency(settings: BenchSettings, report: (outcome: Outcome) => void): Promise<void> {
  const server = await startHeadrace(settings.port);
  try {
    const taken = await latencies(server.port, settings.quick ? 500 : 3000);
    for (const [q, limit] of [
      [0.5, 2],
      [0.99, 10],
    ] as const) {
      const value = quantile(taken, q);
      const name = `INSERT sent to row pushed, p${q * 100}`;
      report({ name, unit: 'ms', headrace: value, peer: null, ratio: null, aim: `< ${limit} ms`, met: value < limit });
    }
  } finally {
    await server.stop();
  }
}

async function windowedCount(settings: BenchSettings, report: (outcome: Outcome) => void): Promise<void> {
  const bench = join(import.meta.dirname, 'stream-bench.ts');
  const { stdout } = await runFile(process.execPath, [bench, settings.quick ? '1000000' : '4000000']);
  for (const line of stdout.split('\n')) {
    const found = /^(step per .*): ([\d.]+) M events/.exec(line);
    if (found === null) continue;
    const value = Number(found[2]) * 1e6;
    const name = `windowed count, ${found[1]}`;
    const aim = '>= 1 M events/s';
    report({ name, unit: 'events/s', headrace: value, peer: null, ratio: null, aim, met: value >= 1e6 });
  }
}

export const pushBenchmarks: Benchmark = { name: 'push', run: pushLatency };
export const streamBenchmarks: Benchmark = { name: 'stream', run: windowedCount };
