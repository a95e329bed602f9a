// `headrace status`: connects like any client and prints version, streams and queries; exit code 1 when nobody answers. A server
// that asks for a password we do not have is up, too.
import pg from 'pg';
import { printTable } from './table.ts';

export async function printStatus(options: { readonly host: string; readonly port: number }): Promise<void> {
  const client = new pg.Client({
    host: options.host,
    port: options.port,
    user: 'postgres',
    database: 'postgres',
    password: process.env.PGPASSWORD ?? '',
    connectionTimeoutMillis: 3000,
  });
  let answered = false;
  try {
    await client.connect();
    answered = true;
    const version = await client.query('SELECT version()');
    console.log(version.rows[0].version);
    const streams = await client.query('SELECT stream_name, watermark, accepted_rows, late_rows FROM headrace.streams');
    if (streams.rows.length > 0) printTable(streams.rows);
    const queries = await client.query('SELECT query_name, state, output_rows FROM headrace.queries');
    if (queries.rows.length > 0) printTable(queries.rows);
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    if (code === '28P01' || code === '28000' || /password/.test(message)) {
      console.log('the server is up and asks for a password');
      return;
    }
    const reason = answered ? 'the server does not tell its status' : 'no server answers';
    process.stderr.write(`${reason} on ${options.host}:${options.port}: ${message}\n`);
    process.exitCode = 1;
  } finally {
    // A connection left open would keep the command from ending.
    await client.end().catch(() => {});
  }
}
