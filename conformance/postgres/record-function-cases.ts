// Asks real PostgreSQL for the answers of thousands of expressions and writes them to src/functions/postgres-cases/:
//   node conformance/postgres/record-function-cases.ts [family ...]
// A line is: expression => type "text" | type NULL | ERROR state "message". The expressions are those of function-cases/. Ends
// with status 1 where PostgreSQL is not installed.
import { writeFileSync } from 'node:fs';
import pg from 'pg';
import { startPostgres } from '../../src/testing/oracle-postgres.ts';
import { FAMILIES } from './function-cases/families.ts';

const FOLDER = new URL('../../src/functions/postgres-cases/', import.meta.url);
const RAW = { getTypeParser: () => (value: string) => value };

async function typeNames(client: pg.Client): Promise<ReadonlyMap<number, string>> {
  const { rows } = await client.query('SELECT oid::int4, format_type(oid, NULL) AS name FROM pg_type');
  return new Map(rows.map(({ oid, name }) => [oid as number, name as string]));
}

async function answerOf(client: pg.Client, expression: string, names: ReadonlyMap<number, string>): Promise<string> {
  try {
    const query = { text: `SELECT ${expression}`, rowMode: 'array', types: RAW as never } as const;
    const { rows, fields } = await client.query(query);
    if (rows.length !== 1 || fields.length !== 1) throw new Error(`not one value: ${expression}`);
    const text = rows[0]![0] as string | null;
    return `${names.get(fields[0]!.dataTypeID)} ${text === null ? 'NULL' : JSON.stringify(text)}`;
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    if (code === undefined) throw error;
    return `ERROR ${code} ${JSON.stringify(message)}`;
  }
}

const server = await startPostgres(['timezone=UTC']);
if (server === null) {
  process.stderr.write('skipped: PostgreSQL is not installed\n');
  process.exit(1);
}
const client = new pg.Client({ host: '127.0.0.1', port: server.port, user: 'postgres', database: 'postgres' });
try {
  await client.connect();
  const names = await typeNames(client);
  const wanted = process.argv.slice(2);
  for (const [family, expressions] of Object.entries(FAMILIES)) {
    if (wanted.length > 0 && !wanted.includes(family)) continue;
    const lines = [`# Expressions and what ${server.version.replace(/ \(Debian.*/, '')} answers (TimeZone UTC).`];
    for (const expression of new Set(expressions)) {
      lines.push(`${expression} => ${await answerOf(client, expression, names)}`);
    }
    writeFileSync(new URL(`${family}.txt`, FOLDER), `${lines.join('\n')}\n`);
    process.stderr.write(`${family}: ${lines.length - 1}\n`);
  }
} finally {
  await client.end();
  server.stop();
}
