// The heavy work that must not stall other sessions, one kind each: queries, sorts, joins, changes of a million rows, DDL over them,
// files, views, and statements that are long themselves. latency-benchmarks.ts runs them.

export interface LatencyCase {
  readonly name: string;
  /** before and after each run, in the same session, outside the measurement */
  readonly before?: readonly string[];
  readonly after?: readonly string[];
  /** sent as one Query message */
  readonly sql: string;
  /** answers COPY FROM STDIN */
  readonly copyIn?: boolean;
  /** the client reads its answer in sips */
  readonly slowClient?: boolean;
  /** why it cannot be canceled halfway: a commit is done or not */
  readonly uncancellable?: string;
}

const COLUMNS = `g AS id, (g * 7919::bigint % 1000003)::int AS k, g % 1000 AS grp, (g * 31) % 97 AS small, g * 1.5::float8 AS f,
  (g * 13) % 100000 / 8.0::numeric(10,2) AS amount, 'name ' || (g * 7919::bigint % 1000003)::int AS name,
  timestamp '2024-01-01' + g * interval '1 second' AS at`;

export function setup(rows: number, files: string): readonly string[] {
  const chain = Array.from({ length: 20 }, (_, i) => `CREATE TABLE chain_${i} (id int, next int, label text)`);
  const many = Array.from(
    { length: 1000 },
    (_, i) => `CREATE TABLE many.t_${i} (id int PRIMARY KEY, a text, b numeric(10,2))`,
  );
  return [
    `CREATE TABLE big AS SELECT ${COLUMNS} FROM generate_series(1, ${rows}) AS s(g)`,
    `CREATE TABLE other AS SELECT ${COLUMNS} FROM generate_series(1, ${rows}) AS s(g)`,
    `CREATE TABLE less AS SELECT ${COLUMNS} FROM generate_series(1, 3000) AS s(g)`,
    'CREATE TABLE keyed (id int PRIMARY KEY, k int, name text)',
    'INSERT INTO keyed SELECT id, k, name FROM big',
    "CREATE TABLE docs AS SELECT id, jsonb_build_object('id', id, 'name', name, 'list', jsonb_build_array(grp, small)) AS doc FROM big",
    'CREATE TABLE target (id int, k int, name text)',
    ...chain,
    'CREATE SCHEMA many',
    many.join(';'),
    `COPY big TO '${files}/big.parquet' (FORMAT parquet)`,
    `COPY big TO '${files}/big.csv' (FORMAT csv, HEADER)`,
    `COPY (SELECT id, k, grp, f, name FROM big) TO '${files}/big.json' (FORMAT json)`,
  ];
}

const queries: readonly LatencyCase[] = [
  {
    name: 'aggregation, 1,000 groups',
    sql: 'SELECT grp, count(*), sum(f), sum(amount), min(name) FROM big GROUP BY grp',
  },
  {
    name: 'aggregation, a group per row',
    sql: 'SELECT count(c) FROM (SELECT name, count(*) c, max(at) FROM big GROUP BY name) q',
  },
  {
    name: 'aggregation, interpreted',
    sql: "SELECT grp, string_agg(name, ','), stddev(f), percentile_cont(0.5) WITHIN GROUP (ORDER BY f) FROM big GROUP BY grp",
  },
  {
    name: 'array_agg and string_agg of everything',
    sql: "SELECT array_length(array_agg(id), 1), length(string_agg(name, ',')) FROM big",
  },
  { name: 'count(DISTINCT)', sql: 'SELECT count(DISTINCT name), count(DISTINCT k) FROM big' },
  {
    name: 'GROUPING SETS',
    sql: 'SELECT count(*) FROM (SELECT grp, small, count(*) FROM big GROUP BY CUBE (grp, small)) q',
  },
  { name: 'inner join', sql: 'SELECT count(*), sum(a.f) FROM big a JOIN other b ON a.k = b.k' },
  { name: 'inner join by text', sql: 'SELECT count(*) FROM big a JOIN other b ON a.name = b.name AND a.id <> b.grp' },
  { name: 'join straight to the client', sql: 'SELECT a.id, b.name, b.f FROM big a JOIN other b ON a.k = b.k' },
  { name: 'left join', sql: 'SELECT count(b.id) FROM big a LEFT JOIN other b ON a.k = b.id + 500000' },
  { name: 'right join', sql: 'SELECT count(a.id), count(*) FROM big a RIGHT JOIN other b ON a.k = b.id + 500000' },
  { name: 'full join', sql: 'SELECT count(a.id), count(b.id) FROM big a FULL JOIN other b ON a.k = b.id + 500000' },
  {
    name: 'semi join',
    sql: 'SELECT count(*) FROM big a WHERE EXISTS (SELECT 1 FROM other b WHERE b.id = a.k + 500000)',
  },
  { name: 'NOT IN', sql: 'SELECT count(*) FROM big a WHERE a.k NOT IN (SELECT b.id + 500000 FROM other b)' },
  {
    name: 'NOT IN of two columns',
    sql: 'SELECT count(*) FROM less a WHERE (a.k, a.grp) NOT IN (SELECT b.id + 500000, b.grp FROM less b)',
  },
  {
    name: 'cross join with a filter',
    sql: 'SELECT count(*) FROM less a, less b WHERE a.f * b.f > 1e6 AND a.name < b.name',
  },
  { name: 'join by a range', sql: 'SELECT count(*) FROM less a JOIN less b ON a.id BETWEEN b.grp AND b.grp + 1000' },
  { name: 'join that multiplies', sql: 'SELECT count(*) FROM less a JOIN big b ON a.small = b.small' },
  { name: 'sort straight to the client', sql: 'SELECT id, name FROM big ORDER BY name, f DESC' },
  {
    name: 'sort by an expression',
    sql: 'SELECT sum(id) FROM (SELECT id FROM big ORDER BY lower(name), amount OFFSET 1) q',
  },
  { name: 'top 10,000', sql: 'SELECT id, name FROM big ORDER BY name LIMIT 10000' },
  { name: 'DISTINCT', sql: 'SELECT count(*) FROM (SELECT DISTINCT k, name FROM big) q' },
  {
    name: 'DISTINCT ON',
    sql: 'SELECT count(*) FROM (SELECT DISTINCT ON (grp) grp, name FROM big ORDER BY grp, f DESC) q',
  },
  {
    name: 'UNION, EXCEPT, INTERSECT',
    sql: 'SELECT count(*) FROM ((SELECT k FROM big UNION SELECT id FROM other) EXCEPT (SELECT k + 5 FROM big INTERSECT SELECT k FROM other)) q',
  },
  {
    name: 'window functions',
    sql: 'SELECT sum(r), sum(s) FROM (SELECT row_number() OVER (PARTITION BY grp ORDER BY f) r, sum(f) OVER (PARTITION BY small ORDER BY id) s FROM big) q',
  },
  {
    name: 'window over one partition',
    sql: 'SELECT sum(r), sum(l) FROM (SELECT rank() OVER (ORDER BY name) r, lag(id) OVER (ORDER BY name) l FROM big) q',
  },
  {
    name: 'window with a moving frame',
    sql: 'SELECT sum(s), max(m) FROM (SELECT sum(f) OVER w s, max(k) OVER w m FROM big WINDOW w AS (ORDER BY id ROWS BETWEEN 50 PRECEDING AND 50 FOLLOWING)) q',
  },
  {
    name: 'window of a whole partition',
    sql: 'SELECT sum(s) FROM (SELECT sum(f) OVER () s, ntile(100) OVER (ORDER BY id) n FROM big) q',
  },
  {
    name: 'recursion, many rounds',
    sql: 'WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 20000) SELECT count(*) FROM r',
  },
  {
    name: 'recursion, many rows',
    sql: 'WITH RECURSIVE r(n, d) AS (SELECT id, 0 FROM big UNION SELECT n + 1, d + 1 FROM r WHERE d < 2) SELECT count(*) FROM r',
  },
  {
    name: 'correlated subquery',
    sql: 'SELECT sum((SELECT b.f FROM less b WHERE b.small > a.small ORDER BY b.f LIMIT 1)) FROM less a',
  },
  {
    name: 'correlated subquery over many rows',
    sql: 'SELECT sum((SELECT b.f FROM big b WHERE b.small > a.small ORDER BY b.f LIMIT 1)) FROM less a WHERE a.id < 20',
  },
  { name: 'IN under OR', sql: 'SELECT count(*) FROM less a WHERE a.id < 0 OR a.k IN (SELECT b.id FROM less b)' },
  { name: 'generate_series of 10 M', sql: 'SELECT count(*), sum(g) FROM generate_series(1, 10000000) AS s(g)' },
  {
    name: 'unnest of a long array',
    sql: 'SELECT count(*), sum(x) FROM (SELECT unnest(a) x FROM (SELECT array_agg(id) a FROM big) p) q',
  },
  {
    name: 'WITH MATERIALIZED',
    sql: 'WITH c AS MATERIALIZED (SELECT id, name FROM big) SELECT count(*) FROM c a JOIN c b ON a.id = b.id',
  },
  {
    name: 'jsonb',
    sql: "SELECT count(*), sum((doc->>'id')::int) FROM docs WHERE doc->'list'->>1 <> '5' AND doc ? 'name'",
  },
  { name: 'jsonb built', sql: "SELECT max(jsonb_build_object('a', id, 'b', name)::text) FROM big" },
  {
    name: 'regular expressions',
    sql: "SELECT count(*) FROM big WHERE name ~ '9.*8$' OR regexp_replace(name, '[0-9]+', 'x') = 'y'",
  },
  {
    name: 'text functions',
    sql: "SELECT max(upper(reverse(name)) || lpad(id::text, 10, '0')), max(split_part(name, ' ', 2)), max(md5(name)) FROM big",
  },
  {
    name: 'numeric arithmetic',
    sql: 'SELECT sum(amount * amount / (small + 1)), avg(round(amount::numeric, 1)) FROM big',
  },
  {
    name: 'dates',
    sql: "SELECT count(*) FROM (SELECT date_trunc('hour', at), to_char(at, 'YYYY-MM-DD'), count(*) FROM big GROUP BY 1, 2) q",
  },
  { name: 'result of a million rows', sql: 'SELECT * FROM big' },
  { name: 'result to a slow client', sql: 'SELECT * FROM big LIMIT 200000', slowClient: true },
  {
    name: 'a long value',
    sql: "SELECT length(repeat('x', 10000000)), count(*) FROM regexp_split_to_table(repeat('a b ', 500000), ' ')",
  },
];

const changes: readonly LatencyCase[] = [
  { name: 'COPY in', before: ['TRUNCATE target'], sql: 'COPY target FROM STDIN (FORMAT csv)', copyIn: true },
  { name: 'COPY out', sql: 'COPY big TO STDOUT' },
  { name: 'INSERT ... SELECT', before: ['TRUNCATE target'], sql: 'INSERT INTO target SELECT id, k, name FROM big' },
  {
    name: 'INSERT ... SELECT with a primary key',
    before: ['DROP TABLE IF EXISTS t', 'CREATE TABLE t (id int PRIMARY KEY, name text UNIQUE)'],
    sql: "INSERT INTO t SELECT id, name || ' ' || id FROM big",
  },
  {
    name: 'INSERT ... ON CONFLICT',
    sql: 'INSERT INTO keyed SELECT id, k, name FROM big WHERE id % 50 = 0 ON CONFLICT (id) DO UPDATE SET k = excluded.k',
  },
  {
    name: 'UPDATE',
    before: ['DROP TABLE IF EXISTS t', 'CREATE TABLE t AS SELECT id, k, name FROM big'],
    sql: 'UPDATE t SET k = k + 1',
  },
  { name: 'UPDATE with a primary key', sql: 'UPDATE keyed SET k = k + 1' },
  {
    name: 'DELETE',
    before: ['DROP TABLE IF EXISTS t', 'CREATE TABLE t AS SELECT id, k, name FROM big'],
    sql: 'DELETE FROM t WHERE id % 10 <> 0',
  },
  { name: 'SELECT FOR UPDATE', before: ['BEGIN'], sql: 'SELECT id FROM keyed FOR UPDATE', after: ['ROLLBACK'] },
  { name: 'CREATE TABLE AS', before: ['DROP TABLE IF EXISTS t'], sql: 'CREATE TABLE t AS SELECT * FROM big' },
  {
    name: 'COMMIT of an INSERT',
    before: ['TRUNCATE target', 'BEGIN', 'INSERT INTO target SELECT id, k, name FROM big'],
    sql: 'COMMIT',
    uncancellable: 'a commit',
  },
  {
    name: 'COMMIT of an UPDATE',
    before: ['BEGIN', 'UPDATE keyed SET k = k + 1'],
    sql: 'COMMIT',
    uncancellable: 'a commit',
  },
  {
    name: 'ROLLBACK of an INSERT',
    before: ['BEGIN', 'INSERT INTO target SELECT id, k, name FROM big'],
    sql: 'ROLLBACK',
    uncancellable: 'a rollback',
  },
  {
    name: 'ROLLBACK of an UPDATE',
    before: ['BEGIN', 'UPDATE keyed SET k = k + 1'],
    sql: 'ROLLBACK',
    uncancellable: 'a rollback',
  },
  {
    name: 'TRUNCATE',
    before: ['TRUNCATE target', 'INSERT INTO target SELECT id, k, name FROM big'],
    sql: 'TRUNCATE target',
    uncancellable: 'a commit',
  },
  {
    name: 'DROP TABLE',
    before: ['DROP TABLE IF EXISTS t', 'CREATE TABLE t AS SELECT * FROM big'],
    sql: 'DROP TABLE t',
    uncancellable: 'a commit',
  },
  {
    name: 'CHECKPOINT',
    before: ['TRUNCATE target', 'INSERT INTO target SELECT id, k, name FROM big'],
    sql: 'CHECKPOINT',
    uncancellable: 'a checkpoint',
  },
];

const ddlTable = ['DROP TABLE IF EXISTS t', 'CREATE TABLE t AS SELECT id, k, grp, name FROM big'];
const ddl: readonly LatencyCase[] = [
  { name: 'CREATE INDEX', before: ddlTable, sql: 'CREATE INDEX ON t (name)' },
  { name: 'CREATE UNIQUE INDEX', before: ddlTable, sql: 'CREATE UNIQUE INDEX ON t (id)' },
  { name: 'ADD PRIMARY KEY', before: ddlTable, sql: 'ALTER TABLE t ADD PRIMARY KEY (id)' },
  { name: 'ADD FOREIGN KEY', before: ddlTable, sql: 'ALTER TABLE t ADD FOREIGN KEY (id) REFERENCES keyed' },
  { name: 'ADD COLUMN', before: ddlTable, sql: "ALTER TABLE t ADD COLUMN c text DEFAULT 'x'" },
  { name: 'ADD COLUMN computed per row', before: ddlTable, sql: 'ALTER TABLE t ADD COLUMN c float8 DEFAULT random()' },
  { name: 'change of a type', before: ddlTable, sql: 'ALTER TABLE t ALTER COLUMN k TYPE text' },
  { name: 'ADD CHECK', before: ddlTable, sql: 'ALTER TABLE t ADD CHECK (k >= 0 AND length(name) > 2)' },
  { name: 'SET NOT NULL', before: ddlTable, sql: 'ALTER TABLE t ALTER COLUMN name SET NOT NULL' },
  { name: 'DROP COLUMN', before: ddlTable, sql: 'ALTER TABLE t DROP COLUMN k' },
];

const views: readonly LatencyCase[] = [
  ['a view of groups', 'SELECT grp, count(*), sum(f), max(name) FROM big GROUP BY grp'],
  ['a view of rows', 'SELECT id, upper(name) AS name FROM big WHERE small > 10'],
  ['a view of a join', 'SELECT a.id, b.name FROM big a JOIN other b ON a.k = b.k'],
  ['a view of an outer join', 'SELECT a.id, b.name FROM big a LEFT JOIN less b ON a.id = b.id'],
  ['a view of DISTINCT', 'SELECT DISTINCT name FROM big'],
  ['a view of windows', 'SELECT id, row_number() OVER (PARTITION BY grp ORDER BY f) AS r FROM big'],
  ['a view of the top', 'SELECT id, name FROM big ORDER BY f DESC LIMIT 100'],
  ['a view that multiplies', 'SELECT a.small, b.id FROM less a JOIN big b ON a.small = b.small WHERE a.id < 2000'],
  ['a view recomputed whole', 'SELECT id, row_number() OVER (ORDER BY f) AS r FROM less'],
].map(([name, query]) => ({
  name: `catch-up of ${name}`,
  before: ['DROP MATERIALIZED VIEW IF EXISTS mv'],
  sql: `CREATE MATERIALIZED VIEW mv AS ${query}`,
  after: ['DROP MATERIALIZED VIEW IF EXISTS mv'],
}));

const stepCase: LatencyCase = {
  name: 'INSERT into a table under views',
  before: [
    'TRUNCATE target',
    'CREATE MATERIALIZED VIEW mv AS SELECT k % 1000 AS g, count(*), max(name) FROM target GROUP BY 1',
    'CREATE MATERIALIZED VIEW mv2 AS SELECT t.id, o.name FROM target t JOIN less o ON t.k = o.id',
  ],
  sql: 'INSERT INTO target SELECT id, k, name FROM big; SELECT count(*) FROM mv2',
  after: ['DROP MATERIALIZED VIEW mv', 'DROP MATERIALIZED VIEW mv2', 'TRUNCATE target'],
};

function files(directory: string): readonly LatencyCase[] {
  return [
    { name: 'read_parquet', sql: `SELECT count(*), max(name), sum(f) FROM read_parquet('${directory}/big.parquet')` },
    {
      name: 'read_csv',
      sql: `SELECT count(*), max(name), sum(f) FROM read_csv('${directory}/big.csv', header => true)`,
    },
    { name: 'read_json', sql: `SELECT count(*), max(name), sum(f) FROM read_json('${directory}/big.json')` },
    { name: 'COPY to a Parquet file', sql: `COPY big TO '${directory}/out.parquet' (FORMAT parquet)` },
    { name: 'COPY to a CSV file', sql: `COPY big TO '${directory}/out.csv' (FORMAT csv)` },
    {
      name: 'COPY from a CSV file',
      before: ['DROP TABLE IF EXISTS t', 'CREATE TABLE t AS SELECT * FROM big LIMIT 0'],
      sql: `COPY t FROM '${directory}/big.csv' (FORMAT csv, HEADER)`,
    },
  ];
}

function texts(): readonly LatencyCase[] {
  const list = (count: number, text: (i: number) => string) =>
    Array.from({ length: count }, (_, i) => text(i)).join(', ');
  const chain = Array.from({ length: 19 }, (_, i) => `JOIN chain_${i + 1} ON chain_${i}.next = chain_${i + 1}.id`).join(
    ' ',
  );
  const nested = Array.from({ length: 60 }).reduce(
    (inner: string) => `SELECT * FROM (${inner}) q WHERE id > 0`,
    'SELECT id FROM less',
  );
  const truncate = ['TRUNCATE target'];
  return [
    {
      name: 'INSERT of 5,000 VALUES',
      before: truncate,
      sql: `INSERT INTO target VALUES ${list(5000, (i) => `(${i}, ${i * 7}, 'name ${i}')`)}`,
    },
    {
      name: 'INSERT of 50,000 VALUES',
      before: truncate,
      sql: `INSERT INTO target VALUES ${list(50_000, (i) => `(${i}, ${i * 7}, 'name ${i}')`)}`,
    },
    {
      name: 'VALUES of 5,000 expressions',
      sql: `SELECT count(*), sum(a) FROM (VALUES ${list(5000, (i) => `(${i} + 1, lower('A' || ${i}))`)}) v(a, b)`,
    },
    {
      name: 'IN of 50,000 numbers',
      sql: `SELECT count(*) FROM big WHERE k IN (${list(50_000, (i) => String(i * 3))})`,
    },
    {
      name: 'IN of 20,000 texts',
      sql: `SELECT count(*) FROM big WHERE name IN (${list(20_000, (i) => `'name ${i * 3}'`)})`,
    },
    {
      name: 'an array of 100,000 elements',
      sql: `SELECT count(*) FROM big WHERE k = ANY (ARRAY[${list(100_000, (i) => String(i * 3))}])`,
    },
    { name: 'a literal of 20 MB', sql: `SELECT length('${'x'.repeat(20_000_000)}')` },
    {
      name: 'a jsonb literal of 5 MB',
      sql: `SELECT length(('[${list(200_000, (i) => `{"a": ${i}}`)}]'::jsonb)::text)`,
    },
    { name: '2,000 columns', sql: `SELECT ${list(1600, (i) => `id + ${i} AS c${i}`)} FROM less LIMIT 10` },
    {
      name: '5,000 terms of OR',
      sql: `SELECT count(*) FROM less WHERE ${Array.from({ length: 5000 }, (_, i) => `id = ${i} AND k <> ${i}`).join(' OR ')}`,
    },
    {
      name: '500 branches of UNION ALL',
      sql: `SELECT count(*) FROM (${Array.from({ length: 500 }, (_, i) => `SELECT id + ${i} FROM less WHERE id = ${i}`).join(' UNION ALL ')}) q`,
    },
    { name: '20-table join', sql: `SELECT count(*) FROM chain_0 ${chain}` },
    { name: 'EXPLAIN of a 20-table join', sql: `EXPLAIN VERBOSE SELECT * FROM chain_0 ${chain}` },
    { name: '60 nested queries', sql: nested },
    { name: '3,000 statements in a message', sql: 'SELECT 1;'.repeat(3000) },
    { name: '\\d over 1,000 tables', sql: DESCRIBE_TABLES },
    { name: 'columns of 1,000 tables', sql: 'SELECT count(*), max(column_name) FROM information_schema.columns' },
    {
      name: 'constraints of 1,000 tables',
      sql: "SELECT count(*) FROM pg_constraint c JOIN pg_class r ON r.oid = c.conrelid JOIN pg_attribute a ON a.attrelid = r.oid WHERE pg_get_constraintdef(c.oid) <> ''",
    },
    {
      name: 'CREATE TABLE with 1,000 others',
      before: ['DROP TABLE IF EXISTS t'],
      sql: 'CREATE TABLE t (id int PRIMARY KEY)',
    },
    {
      name: 'DROP SCHEMA of 300 tables',
      before: [
        'CREATE SCHEMA gone',
        Array.from({ length: 300 }, (_, i) => `CREATE TABLE gone.t_${i} (id int PRIMARY KEY)`).join(';'),
      ],
      sql: 'DROP SCHEMA gone CASCADE',
      uncancellable: 'a commit',
    },
  ];
}

/** What psql's \\d asks. */
const DESCRIBE_TABLES = `SELECT n.nspname, c.relname, CASE c.relkind WHEN 'r' THEN 'table' ELSE 'other' END, pg_catalog.pg_get_userbyid(c.relowner)
FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r','p','v','m','S','f','') AND n.nspname <> 'pg_catalog' AND n.nspname !~ '^pg_toast' AND n.nspname <> 'information_schema'
ORDER BY 1, 2`;

export function latencyCases(directory: string): readonly LatencyCase[] {
  return [...queries, ...changes, ...ddl, ...views, stepCase, ...files(directory), ...texts()];
}

/** A portion of CSV lines for a COPY of `rows` rows into the table target. */
export function* copyLines(rows: number): Generator<string> {
  for (let from = 0; from < rows; from += 2000) {
    yield Array.from(
      { length: Math.min(2000, rows - from) },
      (_, i) => `${from + i},${(from + i) * 7},name ${from + i}\n`,
    ).join('');
  }
}
