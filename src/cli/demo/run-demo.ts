// `npm run demo`: starts a server, streams the flights into it, and shows what a subscribed session is pushed. Everything goes
// through ordinary PostgreSQL connections: one feeds, one is subscribed, one asks for the status.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { printBars } from '../chart.ts';
import { printTable } from '../table.ts';
import {
  AIRPORTS_TABLE,
  DELAY_BY_HOUR,
  delaysView,
  FETCH,
  FLIGHTS_STREAM,
  STATUS,
  SUBSCRIPTION,
  VERDICT_FUNCTION,
  WORST_STATES,
} from './demo-sql.ts';
import { dataFile, type Flights, readFlights } from './flights.ts';
import { bar, Screen, sql } from './screen.ts';

interface DemoOptions {
  /** rows per second */
  readonly speed: number;
  readonly rows: number;
  readonly port: number;
  readonly window: string;
  readonly stay?: boolean;
}

interface Progress {
  sent: number;
  done: boolean;
}

const CHUNK_ROWS = 2000;

async function startServer(port: number): Promise<ChildProcess> {
  const main = join(import.meta.dirname, '..', '..', 'main.ts');
  const child = spawn(process.execPath, [main, '--data', 'memory', '--port', String(port), '--log-level', 'warn'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  await new Promise<void>((resolve, reject) => {
    child.stdout!.on('data', (chunk: Buffer) => {
      output += String(chunk);
      if (output.includes('is ready')) resolve();
    });
    child.once('exit', (code) => reject(new Error(`the server ended with code ${code}`)));
  });
  return child;
}

// as text: a timestamp without a time zone is no Date, which would be moved by the machine's own zone
pg.types.setTypeParser(pg.types.builtins.TIMESTAMP, (text) => text);

async function connect(port: number): Promise<pg.Client> {
  const client = new pg.Client({ host: '127.0.0.1', port, user: 'postgres', database: 'postgres' });
  client.on('error', () => {});
  await client.connect();
  return client;
}

/** Chunks of COPY text at the wanted speed. */
async function* paced(flights: Flights, rowsPerSecond: number, progress: Progress): AsyncGenerator<string> {
  const began = performance.now();
  for (let at = 0; at < flights.count; at += CHUNK_ROWS) {
    const end = Math.min(flights.count, at + CHUNK_ROWS);
    let text = '';
    for (let i = at; i < end; i++) text += flights.line(i);
    yield text;
    progress.sent = end;
    const waitMs = began + (end / rowsPerSecond) * 1000 - performance.now();
    if (waitMs > 1) await new Promise((resolve) => setTimeout(resolve, waitMs));
  }
}

/** Each COPY is one commit, so the stream is fed by many small ones. */
async function feed(client: pg.Client, flights: Flights, rowsPerSecond: number, progress: Progress): Promise<void> {
  for await (const text of paced(flights, rowsPerSecond, progress)) {
    await pipeline(Readable.from([text]), client.query(copyFrom('COPY flights FROM STDIN')));
  }
  progress.done = true;
}

async function printPushes(client: pg.Client, screen: Screen, progress: Progress): Promise<number> {
  let pushed = 0;
  let quiet = 0;
  while (!progress.done || quiet < 2) {
    const { rows } = await client.query(FETCH);
    quiet = rows.length === 0 ? quiet + 1 : 0;
    pushed += rows.length;
    const shown = rows.filter((row) => row.verdict === 'very late' || row.state === 'CA').slice(0, 3);
    for (const row of shown) {
      const hour = String(row.window_start).slice(0, 16);
      const flights = `${String(row.flights).padStart(5)} ${row.flights === '1' ? 'flight ' : 'flights'}`;
      const sign = Number(row._diff) > 0 ? '+' : '-';
      screen.line(
        `${sign} ${hour}  ${String(row.state).padEnd(3)} ${flights}  average delay ${String(row.average_delay).padStart(6)} min  worst ${String(row.worst).padStart(4)}  ${row.verdict}`,
      );
    }
  }
  return pushed;
}

async function showStatus(client: pg.Client, screen: Screen, progress: Progress, total: number): Promise<void> {
  let lastSent = 0;
  let lastAt = performance.now();
  for (let tick = 0; !progress.done; tick++) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    const { rows } = await client.query(STATUS);
    const now = performance.now();
    const rate = Math.round(((progress.sent - lastSent) * 1000) / (now - lastAt));
    lastSent = progress.sent;
    lastAt = now;
    const { watermark, late_rows } = rows[0];
    screen.showStatus(
      `${bar(progress.sent / total)}  ${rate.toLocaleString('en')} rows/s  watermark ${watermark ?? '-'}  late ${Number(late_rows).toLocaleString('en')}`,
      tick % 10 === 9,
    );
  }
}

export async function runDemo(options: DemoOptions): Promise<void> {
  const screen = new Screen();
  screen.line('Headrace demo: real flights of 2001 through a continuous query.');
  const server = await startServer(options.port);
  const stop = () => server.kill('SIGTERM');
  process.once('SIGINT', () => {
    stop();
    process.exit(130);
  });
  try {
    const [admin, feeder, subscriber] = await Promise.all([
      connect(options.port),
      connect(options.port),
      connect(options.port),
    ]);
    screen.line(`The server is up. From another terminal:  psql -h 127.0.0.1 -p ${options.port} -U postgres`);
    for (const statement of [FLIGHTS_STREAM, AIRPORTS_TABLE, VERDICT_FUNCTION, delaysView(options.window)]) {
      screen.line(sql(`${statement};`));
      await admin.query(statement);
    }
    await pipeline(
      createReadStream(dataFile('airports.csv')),
      admin.query(copyFrom('COPY airports FROM STDIN (FORMAT csv, HEADER)')),
    );
    screen.showStatus('reading flights-3m.parquet and shuffling each hour ...', true);
    const flights = readFlights(options.rows);
    screen.line(`A second session is subscribed:\n${sql(`${SUBSCRIPTION};\n${FETCH};`)}`);
    await subscriber.query(SUBSCRIPTION);
    const progress: Progress = { sent: 0, done: false };
    const began = performance.now();
    const [, pushed] = await Promise.all([
      feed(feeder, flights, options.speed, progress),
      printPushes(subscriber, screen, progress),
      showStatus(admin, screen, progress, flights.count),
    ]);
    const seconds = (performance.now() - began) / 1000;
    screen.end();
    const { rows } = await admin.query(STATUS);
    console.log(
      `${flights.count.toLocaleString('en')} flights in ${seconds.toFixed(1)} s, ${pushed.toLocaleString('en')} result rows pushed, ${Number(rows[0].late_rows).toLocaleString('en')} late rows set aside (headrace.rejected).`,
    );
    await printFindings(admin);
    if (options.stay === true) {
      console.log('The server stays up; Ctrl-C ends it.');
      await once(server, 'exit');
    }
    await Promise.all([admin.end(), feeder.end(), subscriber.end()]);
  } finally {
    stop();
  }
}

/** The view answers ordinary queries too. */
async function printFindings(client: pg.Client): Promise<void> {
  const worst = await client.query(WORST_STATES);
  console.log('\nStates by average delay of their flights, minutes:');
  printTable(worst.rows);
  const hours = await client.query(DELAY_BY_HOUR);
  console.log('\nAverage delay by hour of departure, minutes:');
  printBars(hours.rows.map((row) => ({ label: `${row.hour}:00`, value: Number(row.delay) })));
}
