// What every hostile test watches from outside: another session that must be answered at once, and the memory of the server process.
import { readFileSync } from 'node:fs';
import pg from 'pg';
import type { HeadraceServer } from '../headrace-server.ts';

/** A busy machine of two cores is slow; a server that waits for a hostile client waits for ever. */
const PATIENCE_MS = 20_000;

export class Bystander {
  private readonly client: pg.Client;
  private asked = 0;

  private constructor(client: pg.Client) {
    this.client = client;
  }

  static async of(server: HeadraceServer): Promise<Bystander> {
    return new Bystander(await connect(server));
  }

  /** Throws unless a statement is answered, rightly and in time. */
  async isAnswered(): Promise<void> {
    const began = performance.now();
    const { rows } = await this.client.query(
      'SELECT $1::int + 1 AS next, count(*)::int AS n FROM generate_series(1, 10)',
      [++this.asked],
    );
    if (rows[0].next !== this.asked + 1 || rows[0].n !== 10) throw new Error(`a wrong answer: ${JSON.stringify(rows)}`);
    const tookMs = performance.now() - began;
    if (tookMs > PATIENCE_MS) throw new Error(`another session waited for ${Math.round(tookMs)} ms`);
  }

  /** Asks again and again while `work` goes on; resolves with its result. */
  async during<T>(work: Promise<T>): Promise<T> {
    let going = true;
    const ended = work.finally(() => {
      going = false;
    });
    ended.catch(() => {});
    while (going) {
      await this.isAnswered();
      await Promise.race([ended.catch(() => {}), new Promise((resolve) => setTimeout(resolve, 50))]);
    }
    return ended;
  }

  query(sql: string): Promise<pg.QueryResult> {
    return this.client.query(sql);
  }

  end(): Promise<void> {
    return this.client.end();
  }
}

export async function connect(server: HeadraceServer): Promise<pg.Client> {
  const client = new pg.Client({ host: '127.0.0.1', port: server.port, user: 'postgres', database: 'postgres' });
  client.on('error', () => {});
  await client.connect();
  return client;
}

/** Resident memory of the server (Linux; elsewhere 0, and bounds on memory say nothing). */
export function residentMb(server: HeadraceServer): number {
  try {
    const status = readFileSync(`/proc/${server.process.pid}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+)/.exec(status)![1]) / 1024;
  } catch {
    return 0;
  }
}

/** `SQLSTATE message` that a statement fails with; null when it does not. */
export async function failureOf(work: Promise<unknown>): Promise<string | null> {
  try {
    await work;
    return null;
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    return `${code ?? ''} ${message}`;
  }
}
