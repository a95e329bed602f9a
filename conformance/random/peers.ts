// PostgreSQL and Headrace side by side: one connection each, the same statements, answers as text that can be compared.
import pg from 'pg';

export interface Answer {
  /** command tag and rows, values joined by | */
  readonly rows: readonly string[];
  readonly error: { readonly code: string; readonly message: string } | null;
}

/** A prepared statement of the extended protocol, or a text of the simple one. */
export type Statement = string | { readonly name: string; readonly text: string; readonly values: readonly unknown[] };

const RAW = { getTypeParser: () => (value: string) => value };
/** Of a statement that took too long. */
export const TIMEOUT = '57014';

export class Peer {
  private readonly client: pg.Client;

  private readonly timeout: string;

  private constructor(client: pg.Client, timeout: string) {
    this.client = client;
    this.timeout = timeout;
  }

  static async connect(port: number, timeout: string): Promise<Peer> {
    const client = new pg.Client({ host: '127.0.0.1', port, user: 'postgres', database: 'postgres' });
    client.on('error', () => {});
    await client.connect();
    const peer = new Peer(client, timeout);
    await peer.limit(timeout);
    return peer;
  }

  async ask(statement: Statement): Promise<Answer> {
    const query = typeof statement === 'string' ? { text: statement } : { ...statement, values: [...statement.values] };
    try {
      const result = await this.client.query({ ...query, rowMode: 'array', types: RAW as never });
      const rows = (result.rows as (string | null)[][]).map((row) => row.map((value) => value ?? 'NULL').join('|'));
      return { rows: [`${result.command} ${result.rowCount}`, ...rows.sort()], error: null };
    } catch (error) {
      const { code, message } = error as { code?: string; message: string };
      if (code === undefined) throw error; // the connection is gone
      return { rows: [], error: { code, message } };
    }
  }

  /** What prepares a comparison, outside a transaction and without a limit of time. Throws the error that there is. */
  async run(sql: string): Promise<void> {
    await this.limit('0');
    await this.client.query(sql);
    await this.limit(this.timeout);
  }

  private async limit(timeout: string): Promise<void> {
    await this.client.query(`SET statement_timeout = '${timeout}'`);
  }

  close(): Promise<void> {
    return this.client.end();
  }
}

export interface Difference {
  readonly what: string;
  readonly postgres: string;
  readonly headrace: string;
}

/** Numbers without the zeros at the end of their fractions, in arrays and jsonb too, and -0 as 0: of equal keys any may stand for the group. */
function plainNumbers(row: string): string {
  const plain = row.replace(/(?<![\w.])(-?\d+)\.(\d*?)0*(?![\d.])/g, (_, whole: string, fraction: string) =>
    fraction === '' ? whole : `${whole}.${fraction}`,
  );
  return plain.replace(/(?<![\w.])-0(?![\w.])/g, '0');
}

/** How two answers differ, null: not at all. Messages are compared where `messages` says so. */
export function differenceOf(postgres: Answer, headrace: Answer, messages: boolean): Difference | null {
  const shown = ({ rows, error }: Answer) =>
    error === null ? rows.slice(0, 6).join('\n') : `${error.code} ${error.message}`;
  if (postgres.error?.code === TIMEOUT) return null;
  const different = (what: string, a = postgres, b = headrace) => ({ what, postgres: shown(a), headrace: shown(b) });
  if (postgres.error?.code !== headrace.error?.code) return different('error');
  if (postgres.error !== null) {
    return messages && postgres.error.message !== headrace.error!.message ? different('message') : null;
  }
  const theirs = postgres.rows.map(plainNumbers).sort();
  const ours = headrace.rows.map(plainNumbers).sort();
  if (theirs.join('\n') === ours.join('\n')) return null;
  const only = (rows: readonly string[], others: readonly string[]): Answer => {
    const known = new Set(others);
    return {
      rows: [`${rows.length - 1} rows, of these here only:`, ...rows.filter((row) => !known.has(row))],
      error: null,
    };
  };
  return different('rows', only(theirs, ours), only(ours, theirs));
}
