// Whether heavy work of one session stalls another: one kind of work at a time (latency-cases.ts) in a real server process with a log
// on disk, SELECT 1 every 20 ms on another connection (select-one-prober.ts), and an instrument in the server that tells the longest
// turn of its main thread in CPU time (slice-probe.ts). Each kind is then run again to be canceled and to run into
// statement_timeout at several moments; how late that happens is the second half of a line.
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serialize } from 'pg-protocol';
import { firstError, RawClient, type RawMessage } from '../../src/testing/raw-client.ts';
import { startHeadrace } from './headrace-server.ts';
import { copyLines, type LatencyCase, latencyCases, setup } from './latency-cases.ts';
import { type Benchmark, type BenchSettings, type Outcome, quantile } from './measure.ts';
import { SelectOneProber } from './select-one-prober.ts';
import type { SliceReport } from './slice-probe.ts';

const P99_MS = 20;
const SLICE_MS = 10;
const CANCEL_MS = 100;
const LONG = 300_000;
/** moments of a cancel, as parts of the time that the whole takes */
const MOMENTS = [0.1, 0.3, 0.5, 0.7, 0.9];
/** work that ends sooner is over before anybody could cancel it */
const SHORTEST_CANCELLED_MS = 120;

/** A session of heavy work, which can be canceled by its key. */
class HeavySession {
  readonly client: RawClient;
  readonly #port: number;
  readonly #key: Buffer;
  readonly #rows: number;

  private constructor(client: RawClient, port: number, key: Buffer, rows: number) {
    this.client = client;
    this.#port = port;
    this.#key = key;
    this.#rows = rows;
  }

  static async open(port: number, rows: number): Promise<HeavySession> {
    const client = await RawClient.open(port);
    client.send(serialize.startup({ user: 'postgres', database: 'postgres' }));
    const answer = await client.until('Z');
    client.countRows = true;
    return new HeavySession(client, port, answer.find(({ type }) => type === 'K')!.body, rows);
  }

  async all(statements: readonly string[]): Promise<void> {
    for (const statement of statements) {
      const error = firstError(await this.ask(statement));
      if (error !== null) throw new Error(`${error}: ${statement.slice(0, 100)}`);
    }
  }

  ask(sql: string): Promise<RawMessage[]> {
    this.client.send(serialize.query(sql));
    return this.client.until('Z', LONG);
  }

  /** Answers of the heavy statement. */
  async run(work: LatencyCase): Promise<RawMessage[]> {
    this.client.send(serialize.query(work.sql));
    if (work.copyIn === true) void this.#copy();
    const sips = work.slowClient === true ? this.#sip() : null;
    const answer = await this.client.until('Z', LONG);
    if (sips !== null) clearInterval(sips);
    this.client.socket.resume();
    return answer;
  }

  async cancel(): Promise<void> {
    const request = Buffer.alloc(16);
    request.writeInt32BE(16, 0);
    request.writeInt32BE(80877102, 4);
    this.#key.copy(request, 8);
    const socket = connect(this.#port, '127.0.0.1');
    socket.on('error', () => {});
    await once(socket, 'connect');
    socket.end(request);
  }

  async #copy(): Promise<void> {
    const { socket } = this.client;
    for (const lines of copyLines(this.#rows)) {
      if (socket.write(serialize.copyData(Buffer.from(lines)))) continue;
      await once(socket, 'drain');
    }
    socket.write(serialize.copyDone());
  }

  #sip(): NodeJS.Timeout {
    const { socket } = this.client;
    let turn = 0;
    return setInterval(() => (turn++ % 2 === 0 ? socket.pause() : socket.resume()), 5);
  }
}

interface Bench {
  readonly heavy: HeavySession;
  readonly prober: SelectOneProber;
  readonly slices: (message: 'start' | 'stop') => Promise<unknown>;
  /** what a kind must have run in all for its figures to say something */
  readonly leastMs: number;
}

interface Stall {
  readonly tookMs: number;
  readonly latencies: readonly number[];
  readonly longestMs: number;
  readonly stacks: readonly string[];
}

async function measureStall(work: LatencyCase, { heavy, prober, slices, leastMs }: Bench): Promise<Stall> {
  const latencies: number[] = [];
  let stacks: readonly string[] = [];
  let [longestMs, tookMs, runs] = [0, 0, 0];
  for (; tookMs < leastMs && runs < 10; runs++) {
    await heavy.all(work.before ?? []);
    await slices('start');
    await prober.begin();
    const start = performance.now();
    const error = firstError(await heavy.run(work));
    tookMs += performance.now() - start;
    latencies.push(...(await prober.end()));
    const report = (await slices('stop')) as SliceReport;
    await heavy.all(work.after ?? []);
    if (error !== null) throw new Error(`${work.name}: ${error}`);
    if (report.longestMs > longestMs) [longestMs, stacks] = [report.longestMs, report.stacks];
  }
  return { tookMs: tookMs / runs, latencies, longestMs, stacks };
}

/** The longest that the statement went on after a cancel at several moments; null: it was always over before. */
async function measureCancel(work: LatencyCase, tookMs: number, heavy: HeavySession): Promise<number | null> {
  let longest: number | null = null;
  for (const moment of MOMENTS) {
    await heavy.all(work.before ?? []);
    const answer = heavy.run(work);
    await new Promise((resolve) => setTimeout(resolve, tookMs * moment));
    const start = performance.now();
    await heavy.cancel();
    const canceled = firstError(await answer)?.startsWith('57014') === true;
    const late = performance.now() - start;
    if (canceled) longest = Math.max(longest ?? 0, late);
    if (!canceled && late > CANCEL_MS) longest = Math.max(longest ?? 0, late);
    await heavy.all(work.after ?? []);
  }
  return longest;
}

async function measureTimeout(work: LatencyCase, tookMs: number, heavy: HeavySession): Promise<number | null> {
  let longest: number | null = null;
  for (const moment of MOMENTS) {
    await heavy.all(work.before ?? []);
    const limit = Math.max(1, Math.round(tookMs * moment));
    await heavy.all([`SET statement_timeout = ${limit}`]);
    const start = performance.now();
    const stopped = firstError(await heavy.run(work))?.startsWith('57014') === true;
    const late = performance.now() - start - limit;
    if (stopped || late > CANCEL_MS) longest = Math.max(longest ?? 0, late);
    await heavy.all([...(work.after ?? []), 'SET statement_timeout = 0']);
  }
  return longest;
}

/** Of no measurement (the work was over before a question was due): nothing. */
const figure = (ms: number) => (Number.isNaN(ms) ? '' : ms < 10 ? ms.toFixed(1) : Math.round(ms).toString());

async function measureCase(work: LatencyCase, bench: Bench): Promise<Outcome> {
  const { tookMs, latencies, longestMs, stacks } = await measureStall(work, bench);
  for (const stack of longestMs > SLICE_MS ? stacks : []) process.stderr.write(`${work.name}: ${stack}\n`);
  const cancellable = work.uncancellable === undefined && tookMs >= SHORTEST_CANCELLED_MS;
  const canceled = cancellable ? await measureCancel(work, tookMs, bench.heavy) : null;
  const timedOut = cancellable ? await measureTimeout(work, tookMs, bench.heavy) : null;
  const late = (ms: number | null) => (ms === null ? (work.uncancellable ?? '') : figure(ms));
  const p99 = quantile(latencies, 0.99);
  const met = longestMs <= SLICE_MS && !(p99 >= P99_MS) && Math.max(canceled ?? 0, timedOut ?? 0) <= CANCEL_MS;
  const [p50, most] = [quantile(latencies, 0.5), quantile(latencies, 1)];
  const cells = [tookMs, longestMs, p50, p99, most].map(figure);
  return { name: work.name, cells: [...cells, late(canceled), late(timedOut), met ? 'yes' : 'no'] };
}

async function run(settings: BenchSettings, report: (outcome: Outcome) => void): Promise<void> {
  const rows = settings.quick ? 200_000 : 1_000_000;
  const directory = mkdtempSync(join(tmpdir(), 'headrace-latency-'));
  const files = join(directory, 'files');
  mkdirSync(files);
  const probe = new URL('slice-probe.ts', import.meta.url);
  const server = await startHeadrace(settings.port, ['--data', join(directory, 'data'), '--server-files'], probe);
  const slices = async (message: 'start' | 'stop') => {
    const answer = once(server.process, 'message');
    server.process.send(message);
    return (await answer)[0] as unknown;
  };
  const prober = await SelectOneProber.start(server.port);
  try {
    const heavy = await HeavySession.open(server.port, rows);
    await heavy.all(setup(rows, files));
    const bench: Bench = { heavy, prober, slices, leastMs: settings.quick ? 300 : 2000 };
    for (const work of latencyCases(files)) {
      if (settings.match !== undefined && !new RegExp(settings.match).test(work.name)) continue;
      await measureCase(work, bench).then(report, async (error: Error) => {
        report({ name: work.name, skipped: `failed, ${error.message.slice(0, 200)}` });
        await heavy.ask('ROLLBACK');
        await heavy.all(['SET statement_timeout = 0']);
      });
    }
    heavy.client.close();
  } finally {
    await prober.close();
    await server.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Milliseconds; the last two of them from a cancel, or from the end of statement_timeout, to the answer. */
const COLUMNS = ['work', 'takes', 'longest slice (CPU)', 'SELECT 1 p50', 'p99', 'max', 'cancel', 'timeout', 'met'];

export const latencyBenchmarks: Benchmark = { name: 'latency', columns: COLUMNS, run };
