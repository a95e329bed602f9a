// Asks real PostgreSQL for the answers of function calls and prints them as lines of src/functions/postgres-cases.txt:
//   node conformance/postgres/record-function-cases.ts > src/functions/postgres-formatting-cases.txt
// A line is ["id", "argument text", ...] => "text" | NULL | ERROR state "message". Ends with status 1 without PostgreSQL.
import pg from 'pg';
import { startPostgres } from '../../src/testing/oracle-postgres.ts';

const MOMENTS = [
  '2024-02-29 13:14:15.678901',
  '0044-03-15 BC 00:05:09',
  '1999-12-31 23:59:59',
  '2021-01-03 12:00:00',
  '12345-06-07 01:02:03',
];
const SPANS = ['1 year 2 mons 3 days 04:05:06.789', '-1 mons -5 days -26:03:04.5', '100:00:00', '0', '9 days'];
// biome-ignore format: a table
const DATE_PICTURES = [
  '', 'YYYY-MM-DD HH24:MI:SS', 'YYYY YYY YY Y', 'IYYY IYY IY I', 'Y,YYY', 'FMYYYY FMMM FMDD', 'DAY Day day DY Dy dy', 'MONTH Month month MON Mon mon',
  'FMDay, FMMonth DDth', 'TMMonth TMDay', 'D ID DD DDD IDDD', 'FMDDD FMDD', 'WW IW W Q CC J', 'HH HH12 AM', 'hh12:mi pm', 'A.M. p.m. a.m.', 'BC ad B.C. a.d.',
  'MS US', 'FF1 FF2 FF3 FF4 FF5 FF6', 'SSSS SSSSS', 'RM rm FMRM', 'TZ tz TZH:TZM OF', 'YYYY"T"HH24', '"q"uo" YYYY', 'Yyyy', 'xyz', 'FMHH24:FMMI', 'DDTH YYYYth Qth',
  'FXYYYY', 'YYYY年MM月', 'FMQ', 'HH24hMI', 'Mon DD, YYYY', 'IYYY-"W"IW-ID',
];
const SPAN_PICTURES = DATE_PICTURES.filter((picture) => !/J|I[WYD]|^D ID/.test(picture));
const TEXTS: readonly (readonly string[])[] = [
  ...MOMENTS.flatMap((moment) =>
    ['timestamp', 'timestamptz'].flatMap((type) =>
      DATE_PICTURES.map((picture) => [`to_char(${type},text)`, moment, picture]),
    ),
  ),
  ...SPANS.flatMap((span) => SPAN_PICTURES.map((picture) => ['to_char(interval,text)', span, picture])),
  ['to_char(timestamp,text)', 'infinity', 'YYYY'],
];

const server = await startPostgres(['timezone=UTC']);
if (server === null) {
  process.stderr.write('skipped: PostgreSQL is not installed\n');
  process.exit(1);
}
const client = new pg.Client({ host: '127.0.0.1', port: server.port, user: 'postgres', database: 'postgres' });
try {
  await client.connect();
  console.log(
    `# Calls and what ${server.version} answers (TimeZone UTC), by conformance/postgres/record-function-cases.ts.`,
  );
  for (const call of TEXTS) {
    const [id, ...args] = call as [string, ...string[]];
    const types = id.slice(id.indexOf('(') + 1, -1).split(',');
    const list = args.map((arg, i) => `${client.escapeLiteral(arg)}::${types[i]}`).join(', ');
    let answer: string;
    try {
      const { rows } = await client.query(`SELECT (${id.slice(0, id.indexOf('('))}(${list}))::text AS answer`);
      answer = rows[0].answer === null ? 'NULL' : JSON.stringify(rows[0].answer);
    } catch (error) {
      const { code, message } = error as { code: string; message: string };
      answer = `ERROR ${code} ${JSON.stringify(message)}`;
    }
    console.log(`${JSON.stringify(call)} => ${answer}`);
  }
} finally {
  await client.end();
  server.stop();
}
