import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SqlError } from '../../errors/sql-error.ts';
import { printStatement } from '../parser/print.ts';
import { parseDialectStatements } from './parse-dialect.ts';

async function translate(dialect: string, sql: string): Promise<string> {
  const statements = await parseDialectStatements(sql, dialect);
  return statements.map((parsed) => printStatement(parsed.statement)).join('; ');
}

const CASES: readonly (readonly [dialect: string, sql: string, ours: string])[] = [
  ['spark', "select `a b`, \"it's\", 'x\\ty' from `T`", `SELECT "a b", 'it''s', 'x\ty' FROM "T"`],
  ['spark', "select r'a\\tb', x'1F'", "SELECT E'a\\\\tb', X'1F'"],
  ['spark', 'select a or b and c = d', 'SELECT a OR (b AND c = d)'],
  ['spark', 'select a <=> b, a == b, a rlike "x"', "SELECT a IS NOT DISTINCT FROM b, a = b, a ~ 'x'"],
  ['spark', 'select cast(a as string), cast(b as array<double>)', 'SELECT a::text, b::double precision[]'],
  ['spark', 'select cast(a as timestamp) as string', 'SELECT a::timestamptz AS string'],
  ['spark', 'select if(a, 1, 2), nvl(a, b)', 'SELECT CASE WHEN a THEN 1 ELSE 2 END, COALESCE(a, b)'],
  [
    'spark',
    'select year(ts), datediff(a, b)',
    "SELECT EXTRACT('year' FROM ts)::integer, a::pg_catalog.date - b::pg_catalog.date",
  ],
  ['spark', 'select current_timestamp(), array(1, 2)', 'SELECT CURRENT_TIMESTAMP, ARRAY[1, 2]'],
  ['spark', 'select interval 5 minutes', "SELECT interval '5 minutes'"],
  [
    'spark',
    'select x from t lateral view outer explode(xs) e as x',
    'SELECT x FROM t LEFT JOIN LATERAL unnest(xs) AS e (x) ON true',
  ],
  [
    'spark',
    "select window.start, count(*) from s group by window(ts, '10 minutes')",
    `SELECT "window".start, count(*) FROM s GROUP BY "window"(ts, '10 minutes')`,
  ],
  ['spark', 'select /* `x */ 1 -- "y', 'SELECT 1'],
  ['spark', 'select 12345678901234567890.10, 1e400', 'SELECT 12345678901234567890.10, 1e400'],
  [
    'flink',
    "select * from table(tumble(table s, descriptor(ts), interval '1' minute)) where `a` between 1 and 2 and b or c",
    "SELECT * FROM tumble(TABLE s, DESCRIPTOR(ts), interval '1 minute') WHERE ((a BETWEEN 1 AND 2) AND b) OR c",
  ],
  [
    'flink',
    'select sum(a) over (partition by b order by c rows between unbounded preceding and current row) from t',
    'SELECT sum(a) OVER (PARTITION BY b ORDER BY c NULLS FIRST ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) FROM t',
  ],
  ['flink', "select 'a\\b', a[1]", "SELECT E'a\\\\b', a[1]"],
  ['mysql', 'select "a" # comment\n, `b`', "SELECT 'a', b"],
  ['trino', 'select "a b", cast(c as double)', 'SELECT "a b", c::double precision'],
  ['postgres', `select "a" || 'b'`, `SELECT a || 'b'`],
  ['spark', 'set x = 1', 'SET x TO 1'],
  [
    'mysql',
    'create view `v` as select a / b from t limit 1, 2',
    'CREATE VIEW v AS SELECT scaled_divide(a, NULLIF(b, 0), 4) FROM t OFFSET 1 LIMIT 2',
  ],
  ['mysql', 'insert into t (a) select `b` from u where c || d', 'INSERT INTO t (a) SELECT b FROM u WHERE c OR d'],
  ['spark', 'copy (select nvl(a, "x") from t) to stdout', "COPY (SELECT COALESCE(a, 'x') FROM t) TO STDOUT"],
  [
    'flink',
    'create materialized view v as select `a` from t emit changes',
    'CREATE MATERIALIZED VIEW v AS SELECT a FROM t EMIT CHANGES',
  ],
  ['bigquery', 'select * except (`a`), t.* except (b, c) from t', 'SELECT * EXCEPT (a), t.* EXCEPT (b, c) FROM t'],
  ['snowflake', 'select * exclude (a) from t', 'SELECT * EXCEPT (a) FROM t'],
  ['mysql', 'create table t ("a" int)', 'CREATE TABLE t (a integer)'],
];

describe('other dialects', () => {
  for (const [dialect, sql, ours] of CASES) {
    it(`${dialect}: ${sql.slice(0, 70)}`, async () => assert.equal(await translate(dialect, sql), ours));
  }

  it('keeps positions', async () => {
    await assert.rejects(
      translate('spark', 'select `😀` , "x" from where'),
      (error) => error instanceof SqlError && error.sqlstate === '42601' && error.details.position === 23,
    );
    await assert.rejects(translate('spark', 'select `a'), /unterminated quoted string at or near "`a"/);
  });

  it('refuses what means something else there, and unknown dialects', async () => {
    await assert.rejects(
      translate('spark', 'select xs[0] from t'),
      (error) => error instanceof SqlError && error.sqlstate === '0A000' && error.details.position === 10,
    );
    await assert.rejects(translate('cobol', 'select 1'), /invalid value for parameter "sql_dialect": "cobol"/);
  });
});
