// A part of what the kill loop does, and how parts compare what they find.
import type pg from 'pg';

export interface Part {
  readonly name: string;
  /** before the first kill */
  prepare(client: pg.Client): Promise<void>;
  /** works until the connection breaks; throws what broke it */
  work(client: pg.Client): Promise<void>;
  /** what does not hold; `atEnd`: no kill follows, so what is under way may be waited for */
  check(client: pg.Client, atEnd: boolean): Promise<string[]>;
}

/** Views that differ from their queries, all of them read at one moment while streams go on. */
export async function differences(
  client: pg.Client,
  pairs: readonly { readonly name: string; readonly query: string }[],
): Promise<string[]> {
  const problems: string[] = [];
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
  for (const { name, query } of pairs) {
    const rows = async (sql: string) =>
      (await client.query({ text: sql, rowMode: 'array' })).rows.map((row) => JSON.stringify(row)).sort();
    const [left, right] = [await rows(`SELECT * FROM ${name}`), await rows(query)];
    const counts = new Map<string, number>();
    for (const row of left) counts.set(row, (counts.get(row) ?? 0) + 1);
    for (const row of right) counts.set(row, (counts.get(row) ?? 0) - 1);
    const other = [...counts]
      .filter(([, count]) => count !== 0)
      .map(([row, count]) => `${count > 0 ? '+' : ''}${count} ${row}`);
    if (other.length > 0)
      problems.push(`view ${name} (${left.length} rows, ${right.length} expected): ${other.slice(0, 6).join(', ')}`);
  }
  await client.query('COMMIT');
  return problems;
}
