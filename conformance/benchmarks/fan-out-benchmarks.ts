// Many subscribers, each to the rows of one key of a view: what a subscription takes to open, in time and in memory of the server (beside
// that of its connection), and the time from an INSERT being sent until the last of its rows has been pushed, where it changes the row of
// one subscriber, and where it changes one row of each.
import { readFile } from 'node:fs/promises';
import { serialize } from 'pg-protocol';
import { RawClient } from '../../src/testing/raw-client.ts';
import { type HeadraceServer, startHeadrace } from './headrace-server.ts';
import { type Benchmark, type BenchSettings, median, type Outcome } from './measure.ts';

type Report = (outcome: Outcome) => void;

const SUBSCRIBERS = 1000;
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Milliseconds from SUBSCRIBE being sent to the first row, which is the snapshot's. */
async function subscribe(client: RawClient, key: number): Promise<number> {
  const start = performance.now();
  client.countRows = true;
  client.send(serialize.query(`COPY (SUBSCRIBE (SELECT * FROM v WHERE k = ${key})) TO STDOUT`));
  while (client.rowCount === 0 && !client.closed) await turn();
  return performance.now() - start;
}

/** Kilobytes of memory that the process takes, or null where the system does not say. */
async function residentKilobytes(processId: number): Promise<number | null> {
  const status = await readFile(`/proc/${processId}/status`, 'utf8').catch(() => '');
  const found = /^VmRSS:\s+(\d+) kB$/m.exec(status);
  return found === null ? null : Number(found[1]);
}

async function openAll(server: HeadraceServer, clients: readonly RawClient[], report: Report): Promise<void> {
  const before = await residentKilobytes(server.process.pid!);
  const taken: number[] = [];
  for (const [i, client] of clients.entries()) taken.push(await subscribe(client, i + 1));
  const after = await residentKilobytes(server.process.pid!);
  const name = `${clients.length} subscribers to a key each`;
  reportAim(report, `${name}, SUBSCRIBE sent to the first row`, 'ms', median(taken), 10);
  const memory = `${name}, memory of the server for each`;
  if (before === null || after === null) report({ name: memory, skipped: 'the system has no /proc' });
  else reportAim(report, memory, 'KB', (after - before) / clients.length, 100);
}

function reportAim(report: Report, name: string, unit: string, value: number, limit: number): void {
  report({ name, unit, headrace: value, peer: null, ratio: null, aim: `< ${limit} ${unit}`, met: value < limit });
}

/** Milliseconds until `rows` more have reached the subscribers after `text` was sent, per round. */
async function untilPushed(
  writer: RawClient,
  subscribers: readonly RawClient[],
  rounds: number,
  rows: number,
  text: (round: number) => string,
): Promise<number[]> {
  const received = () => subscribers.reduce((sum, { rowCount }) => sum + rowCount, 0);
  const taken: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const expected = received() + rows;
    const start = performance.now();
    const inserted = writer.query(text(round));
    while (received() < expected) await turn();
    taken.push(performance.now() - start);
    await inserted;
  }
  return taken;
}

async function fanOut(settings: BenchSettings, report: Report): Promise<void> {
  const count = settings.quick ? SUBSCRIBERS / 10 : SUBSCRIBERS;
  const server = await startHeadrace(settings.port, ['--max-connections', String(count + 10)]);
  const subscribers: RawClient[] = [];
  try {
    const writer = await RawClient.login(server.port);
    await writer.query('CREATE TABLE t (k int, v int)');
    await writer.query(`INSERT INTO t SELECT k, 0 FROM generate_series(1, ${count}) k`);
    await writer.query('CREATE MATERIALIZED VIEW v AS SELECT k, count(*) AS n, sum(v) AS s FROM t GROUP BY k');
    for (let key = 1; key <= count; key++) subscribers.push(await RawClient.login(server.port));
    for (const client of subscribers) await client.query('SELECT 1');
    await openAll(server, subscribers, report);
    const one = (round: number) => `INSERT INTO t VALUES (${(round % count) + 1}, 1)`;
    const each = () => `INSERT INTO t SELECT k, 1 FROM generate_series(1, ${count}) k`;
    for (const [rows, rounds, text, limit] of [
      [1, 200, one, 100],
      [count, 20, each, 1000],
    ] as const) {
      // an update: the old row and the new one
      const value = median(await untilPushed(writer, subscribers, rounds, 2 * rows, text));
      const name = `${count} subscribers to a key each, INSERT that concerns ${rows} of them to the last row pushed`;
      reportAim(report, name, 'ms', value, limit);
    }
    writer.close();
  } finally {
    for (const client of subscribers) client.close();
    await server.stop();
  }
}

export const fanOutBenchmarks: Benchmark = { name: 'fan-out', run: fanOut };
