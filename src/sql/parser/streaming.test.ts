// The streaming dialect: every statement of it reads, prints and reads back the same; and its words stay usable as names.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Statement } from '../ast.ts';
import { parseStatements } from './parse.ts';
import { printStatement } from './print.ts';

function parse(sql: string): Statement {
  const statements = parseStatements(sql);
  assert.equal(statements.length, 1);
  return statements[0]!.statement;
}

function parseAs<K extends Statement['kind']>(kind: K, sql: string): Extract<Statement, { kind: K }> {
  const statement = parse(sql);
  assert.equal(statement.kind, kind, sql);
  return statement as Extract<Statement, { kind: K }>;
}

const STATEMENTS = `
create stream s (a int not null, b text default 'x', c text metadata from 'key', d int generated always as (a + 1) stored, ts timestamptz, primary key (a) not enforced, watermark for ts as ts - interval '5 seconds' idle timeout interval '30 seconds') with (connector = 'kafka', 'scan.startup.mode' = 'earliest-offset', topic = 't', x = 5) format plain encode json (a = 1) on late into late_rows on error into s.dead
create or replace stream s (a int) with (retention = '7 days') on late keep on error fail
create stream if not exists s (a int) on error reject on late reject
create source s (a int) with (connector = 'files', path = '/x') format plain encode csv (header = true)
create table t (k int primary key, v text) with (connector = 'kafka') format upsert encode json
create materialized view v as select window_start, count(*) from tumble(s, ts, interval '1 minute') group by window_start emit changes
create materialized view v with (output_mode = 'append', trigger = 'processing_time 5 seconds') as select a from s emit on window close with delay interval '1 second' and timeout interval '5 seconds'
create materialized view v as select a from s emit on window close and timeout interval '5 seconds'
create materialized view v as select a from s emit final
create materialized view v as select a from s order by a limit 3 emit complete
create materialized view v as select a from s emit changes with (trigger = 'once', checkpoint_interval = '1s')
create or replace materialized view v as select 1
alter materialized view v pause
alter materialized view if exists s.v resume
alter materialized view v set (trigger = 'once')
alter stream s set (retention = '1 day')
drop stream if exists s cascade
drop source s
drop sink k
drop subscription n
create sink k from v with (connector = 'kafka', topic = 't') format upsert encode json
create or replace sink if not exists k as select a from v with (connector = 'files')
create subscription n for v with (retention = '1 day')
acknowledge n up to 42
subscribe v
subscribe to s.v with (snapshot, progress = true) as of 5 up to 10
subscribe (select a from v where b = 1) envelope upsert (key (a)) with (snapshot = false)
subscribe v envelope debezium (key (a, b))
copy (subscribe v) to stdout
copy (subscribe to (select 1) with (progress)) to stdout with (format csv)
declare c cursor for subscribe v with (snapshot)
fetch 100 c with (timeout = '1s')
fetch c with (timeout = '1s')
show queries
show streams
explain subscribe v
explain (analyze) create materialized view v as select 1 emit changes
select * from tumble(table s, descriptor(ts), interval '1' minute)
select * from table(tumble(table s, descriptor(ts), interval '1' minute)) as w
select * from hop(data => table s, timecol => descriptor(ts), slide => interval '1' minute, size => interval '2' minute)
select * from session(s partition by k, ts, interval '5 minutes')
select * from session(table s partition by (k, a.b) order by ts desc, descriptor(ts), interval '5 minutes') x (a, b)
select * from sessionize(table (select * from events) partition by user_id, gap => '5 min', on_time => descriptor(ts))
select window(ts, '10 minutes', '5 minutes') as w, count(*) from s group by window(ts, '10 minutes', '5 minutes')
select * from orders o join rates for system_time as of proctime() as r on o.c = r.c
select * from trades asof join quotes on trades.ts >= quotes.ts
select * from trades t asof left join quotes q on t.s = q.s and t.ts >= q.ts
select * from s match_recognize (partition by k order by ts measures a.ts as start_ts, last(b.ts) as end_ts one row per match after match skip past last row pattern (a b+ c* (d | e)? f{2,3}) within interval '1' hour define b as b.v > a.v, c as c.v < 5) as m
select * from s match_recognize (order by ts all rows per match after match skip to next row pattern (a+? b) define a as true)
select * from (select 1) x match_recognize (after match skip to last a pattern (a | b) define a as true)
select window, window.start, window.*, count(*) from s group by window order by window.start
create function f(a int) returns int language javascript as $$ export default a => a + 1 $$
create function f(x double precision) returns double precision language python with (vectorized) as $$ x * 2 $$
create function sessionize(input table, gap interval) returns table (a int, b text) language typescript state (last timestamptz, items jsonb ttl '1 day') as $$ export function onRow(ctx, row) {} $$
create aggregate g (a int, b text) returns jsonb language typescript as $$ export function createState() {} $$
`
  .split('\n')
  .filter((line) => line !== '');

describe('the streaming dialect', () => {
  for (const sql of STATEMENTS) {
    it(sql.slice(0, 90), () => {
      const printed = printStatement(parse(sql));
      const again = parse(printed);
      assert.equal(printStatement(again), printed);
      assert.deepEqual(withoutPositions(again), withoutPositions(parse(sql)));
    });
  }

  it('reads a stream into its parts', () => {
    const stream = parseAs('create_stream', STATEMENTS[0]!);
    const kinds = stream.elements.map((element) => element.kind);
    assert.deepEqual(kinds.slice(-3), ['column_definition', 'table_primary_key', 'watermark']);
    assert.deepEqual(stream.options[1]?.name, 'scan.startup.mode');
    assert.deepEqual(stream.options[1]?.value, { kind: 'string', text: 'earliest-offset' });
    assert.equal(stream.ingest.format?.encode, 'json');
    assert.equal(stream.ingest.onLate?.kind, 'into');
    const watermark = stream.elements.at(-1)!;
    assert.ok(watermark.kind === 'watermark' && watermark.idleTimeout?.kind === 'typed_literal');
  });

  it('reads emission', () => {
    const view = parseAs('create_materialized_view', 'create materialized view v as select 1 emit on window close');
    assert.equal(view.query.emit?.mode, 'on_window_close');
    assert.equal(parseAs('query', 'select 1 from emit emit emit final').emit?.mode, 'on_window_close');
  });

  it('reads a window over a stream as a function in FROM', () => {
    const query = parseAs('query', "select * from tumble(s, ts, interval '1 minute') w");
    const item = query.body.kind === 'select' ? query.body.from[0] : undefined;
    assert.ok(item?.kind === 'from_function');
    const { call } = item.functions[0]!;
    assert.ok(call.kind === 'function' && call.arguments[0]!.value.kind === 'column');
    assert.equal(item.alias?.name, 'w');
  });

  it('keeps its words usable as names', () => {
    const words =
      'emit watermark stream sink subscribe tumble hop descriptor asof match_recognize changes final encode late metadata';
    for (const word of words.split(' ')) {
      const sql = `select ${word}, t.${word}, 1 as ${word}, 2 ${word} from ${word}, u ${word}, v as ${word} where ${word} = 1`;
      assert.equal(parse(sql).kind, 'query', word);
      assert.equal(parse(`create table ${word} (${word} int, a int)`).kind, 'create_table', word);
    }
  });

  it('gives each statement its text', () => {
    const parsed = parseStatements(' select 1 ; ; subscribe v /* x */;');
    assert.deepEqual(
      parsed.map((statement) => statement.text),
      ['select 1', 'subscribe v'],
    );
    assert.equal(parsed[1]!.statement.position, 15);
    assert.deepEqual(parseStatements(' -- nothing\n;'), []);
  });
});

function withoutPositions(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (key, inner) => (key === 'position' ? undefined : inner)));
}
