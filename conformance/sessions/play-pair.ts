// Two sessions (or three) that take turns: plays one order of their statements on a server and writes down what each was answered, who
// had to wait and until when, and the tables at the end. A session that waits is passed over; its other statements follow when it goes on.
// Who waits is asked of the server (pg_stat_activity), so no answer depends on how fast the machine is.
import pg from 'pg';

/** What the sessions do: statements by the session's name, in their order. */
export interface Script {
  readonly name: string;
  readonly setup: readonly string[];
  readonly sessions: ReadonlyMap<string, readonly string[]>;
  /** queries at the end */
  readonly tables: readonly string[];
}

const POLL_MS = 4;
/** Longer than PostgreSQL looks for deadlocks (see run-sessions.ts): a wait that lasts as long, and through so many looks, is no deadlock. */
const SETTLED = { ms: 30, looks: 6 };
const PATIENCE_MS = 120_000;

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const RAW = { getTypeParser: () => (value: string) => value };

/** One session in a script. */
class Player {
  readonly name: string;
  readonly client: pg.Client;
  readonly pid: number;
  readonly left: string[];
  running: string | null = null;
  answered: string | null = null;
  /** since when, and how often, it has been seen to wait in this statement */
  waitsSince: number | null = null;
  seenWaiting = 0;
  /** whether the record says already that it waits */
  waited = false;

  constructor(name: string, statements: readonly string[], connection: { client: pg.Client; pid: number }) {
    this.name = name;
    this.left = [...statements];
    this.client = connection.client;
    this.pid = connection.pid;
  }

  begin(): void {
    this.running = this.left.shift()!;
    this.answered = null;
    this.waitsSince = null;
    this.waited = false;
    answer(this.client, this.running).then((text) => {
      this.answered = text;
    });
  }

  get waits(): boolean {
    return this.running !== null && this.answered === null;
  }

  see(waiting: boolean, now: number): void {
    this.waitsSince = waiting ? (this.waitsSince ?? now) : null;
    this.seenWaiting = waiting ? this.seenWaiting + 1 : 0;
  }

  hasSettled(now: number): boolean {
    const { waitsSince, seenWaiting } = this;
    return this.waits && waitsSince !== null && now - waitsSince >= SETTLED.ms && seenWaiting >= SETTLED.looks;
  }

  /** A line for the record, if there is something new. */
  event(): string | null {
    const { running: sql } = this;
    if (sql === null || (this.answered === null && this.waited)) return null;
    if (this.answered === null) {
      this.waited = true;
      return `${this.name}: ${sql} -> waits`;
    }
    this.running = null;
    return `${this.name}: ${sql} -> ${this.waited ? 'at last ' : ''}${this.answered}`;
  }
}

async function connect(port: number): Promise<pg.Client> {
  const client = new pg.Client({ host: '127.0.0.1', port, user: 'postgres', database: 'postgres' });
  client.on('error', () => {});
  await client.connect();
  return client;
}

/** `SQLSTATE message`, the rows, or the command's tag. */
async function answer(client: pg.Client, sql: string): Promise<string> {
  try {
    const result = await client.query({ text: sql, rowMode: 'array', types: RAW as never });
    if (result.fields.length === 0) return `${result.command} ${result.rowCount ?? ''}`.trim();
    return (
      result.rows.map((row) => (row as unknown[]).map((value) => value ?? 'NULL').join(' ')).join(', ') || '(none)'
    );
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    return `${code} ${message}`;
  }
}

/** A server's connections, kept from script to script. */
export class Stage {
  private readonly port: number;
  private readonly control: pg.Client;
  private readonly clients = new Map<string, { client: pg.Client; pid: number }>();

  private constructor(port: number, control: pg.Client) {
    this.port = port;
    this.control = control;
  }

  static async open(port: number): Promise<Stage> {
    return new Stage(port, await connect(port));
  }

  async close(): Promise<void> {
    await this.control.end();
    for (const { client } of this.clients.values()) await client.end();
  }

  /** `order`: whose turn it is, one name per statement. Returns what happened, a line each. */
  async play(script: Script, order: readonly string[]): Promise<string[]> {
    await this.control.query('DROP SCHEMA IF EXISTS play CASCADE; CREATE SCHEMA play; SET search_path = play');
    for (const sql of script.setup) await this.control.query(sql);
    const players = new Map<string, Player>();
    for (const [name, statements] of script.sessions) players.set(name, await this.player(name, statements));
    const all = [...players.values()];
    const events: string[] = [];
    const turns = [...order];
    while (turns.length > 0 || all.some(({ waits }) => waits)) {
      const at = turns.findIndex((name) => !players.get(name)!.waits);
      if (at < 0) await this.progress(all);
      else players.get(turns.splice(at, 1)[0]!)!.begin();
      await this.settle(all);
      // first whose turn it was, then those that could go on
      const told = all.toSorted((one, other) => Number(one.waited) - Number(other.waited));
      events.push(...told.map((player) => player.event()).filter((event) => event !== null));
    }
    for (const { client } of all) await client.query('ROLLBACK; RESET ALL').catch(() => {});
    for (const sql of script.tables) events.push(`${sql} -> ${await answer(this.control, sql)}`);
    return events;
  }

  private async player(name: string, statements: readonly string[]): Promise<Player> {
    let known = this.clients.get(name);
    if (known === undefined) {
      const client = await connect(this.port);
      const { rows } = await client.query('SELECT pg_backend_pid() AS pid');
      known = { client, pid: rows[0].pid };
      this.clients.set(name, known);
    }
    await known.client.query('SET search_path = play');
    return new Player(name, statements, known);
  }

  /** Until one of those that wait has its answer: a deadlock is found, a time is over. */
  private async progress(players: readonly Player[]): Promise<void> {
    const waiting = players.filter(({ waits }) => waits);
    const began = performance.now();
    while (waiting.every(({ waits }) => waits)) {
      if (performance.now() - began > PATIENCE_MS) {
        throw new Error(`no end: ${waiting.map(({ running }) => running).join(' | ')}`);
      }
      await pause(POLL_MS);
    }
  }

  /** Until every session has its answer or has been waiting for a lock for a while. */
  private async settle(players: readonly Player[]): Promise<void> {
    const began = performance.now();
    for (const player of players) player.see(false, began);
    for (;;) {
      await pause(1);
      const open = players.filter(({ waits }) => waits);
      if (open.length === 0) return;
      const waiting = await this.waiting();
      const now = performance.now();
      for (const player of open) player.see(waiting.has(player.pid), now);
      const settled = open.every((player) => player.hasSettled(now));
      // where all wait, one will be told of the deadlock
      if (settled && open.length < players.length) return;
      if (now - began > PATIENCE_MS) throw new Error(`no end: ${open.map(({ running }) => running).join(' | ')}`);
      await pause(POLL_MS);
    }
  }

  private async waiting(): Promise<ReadonlySet<number>> {
    const { rows } = await this.control.query("SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock'");
    return new Set(rows.map(({ pid }) => pid as number));
  }
}
