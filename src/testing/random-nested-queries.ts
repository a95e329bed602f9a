// Random queries that stand on each other: each reads tables, a stream and the queries made before it, and gives the same columns
// (id, k, n, ts, j, t), so that any can be read by the next. NULLs, numerics of several scales, NaN, jsonb and times are keys of groups, joins
// and partitions. Results do not depend on the order of rows. Names of queries stand in braces: {3}.
import { RandomChoices } from './seeded-random.ts';

const COLUMNS = ['id', 'k', 'n', 'ts', 'j', 't'] as const;
type Column = (typeof COLUMNS)[number];
const VALUES: Readonly<Record<Column, readonly string[]>> = {
  id: [],
  k: ['0', '1', '2', '3'],
  n: ['0', '1.5', '1.50', '-2', '3.00', "'NaN'"],
  ts: [0, 1, 4, 6, 15, 61].map((s) => `timestamp '2024-01-01' + ${s} * INTERVAL '1 second'`),
  j: [`'{"a": 1}'`, "'[1, 2]'", "'null'", "'1'", `'"x"'`],
  t: ["''", "'a'", "'b'", "'a text longer than twelve bytes'"],
};
const KEYS = ['k', 'k', 'n', 'ts', 'j', 't'] as const;
const TABLES = ['p', 'q'] as const;

export class RandomNestedQueries extends RandomChoices {
  private ids = 0;
  /** how many queries there are to stand on */
  private made = 0;

  tables(): string[] {
    const columns = 'k int, n numeric, ts timestamp, j jsonb, t text';
    return [
      ...TABLES.map((name) => `CREATE TABLE ${name} (id bigint PRIMARY KEY, ${columns})`),
      `CREATE STREAM e (id bigint, ${columns}, WATERMARK FOR ts AS ts - INTERVAL '20 seconds')`,
      ...TABLES.map((name) => this.insert(name, 5)),
    ];
  }

  private insert(into: string, rows: number): string {
    const value = (column: Column) => (this.chance(0.2) ? 'NULL' : this.pick(VALUES[column]));
    const row = () => `(${++this.ids}, ${COLUMNS.slice(1).map(value).join(', ')})`;
    return `INSERT INTO ${into} VALUES ${Array.from({ length: rows }, row).join(', ')}`;
  }

  /** A statement that changes some rows of the tables, or adds some to the stream. */
  change(): string {
    const table = this.pick(TABLES);
    const column = this.pick(KEYS);
    const some = this.chance(0.5) ? `id % 3 = ${this.below(3)}` : `${column} IS NOT DISTINCT FROM ${this.chance(0.2) ? 'NULL' : this.pick(VALUES[column])}`; // biome-ignore format: one choice
    const set = this.pick(KEYS);
    switch (this.below(7)) {
      case 0:
      case 1:
        return `DELETE FROM ${table} WHERE ${some}`;
      case 2:
      case 3:
        return `UPDATE ${table} SET ${set} = ${this.chance(0.2) ? 'NULL' : this.pick(VALUES[set])} WHERE ${some}`;
      case 4:
        return this.insert('e', 1 + this.below(3));
      case 5:
        return `UPDATE ${table} SET id = id + 1000, n = n + 1 WHERE id < 1000 AND ${some}`;
      default:
        return this.insert(table, 1 + this.below(4));
    }
  }

  /** The next of them may read this one. */
  keep(): number {
    return this.made++;
  }

  private source(): string {
    return this.made > 0 && this.chance(0.6)
      ? `{${Math.max(0, this.made - 1 - this.below(5))}}`
      : this.pick([...TABLES, ...TABLES, 'e']);
  }

  query(): string {
    const kinds = [
      () => this.rows(), () => this.join(), () => this.join(), () => this.groups(), () => this.groups(), () => this.groupingSets(),
      () => this.distinct(), () => this.setOperation(), () => this.firstRows(), () => this.firstOfGroups(), () => this.overWindows(),
      () => this.timeWindows(), () => this.correlated(), () => this.lateral(), () => this.setReturning(), () => this.cte(),
    ]; // biome-ignore format: a list
    return this.pick(kinds)();
  }

  private condition(a: string): string {
    const key = this.pick(KEYS);
    const inner = `SELECT r.${key} FROM ${this.source()} r`;
    return this.pick([
      `${a}.k > 0`, `${a}.n < 2`, `${a}.t IS NOT NULL`, `${a}.${key} IS NULL`, `${a}.id % 3 > 0`, `${a}.j @> '{"a": 1}' IS NOT TRUE`,
      `${a}.ts > timestamp '2024-01-01 00:00:03'`, `NOT (${a}.k = 1 OR ${a}.t = 'b')`,
      `${a}.${key} IN (${inner})`, `${a}.${key} NOT IN (${inner} WHERE r.k > 1)`,
      `EXISTS (${inner} WHERE r.${key} = ${a}.${key} AND r.id <> ${a}.id)`, `NOT EXISTS (${inner} WHERE r.${key} = ${a}.${key})`,
      `(${a}.k, ${a}.t) IN (SELECT r.k, r.t FROM ${this.source()} r)`, `${a}.k = ANY (SELECT r.k FROM ${this.source()} r WHERE r.n > 0)`,
      `${a}.n >= (SELECT avg(r.n) FROM ${this.source()} r)`, `${a}.id > (SELECT count(*) FROM ${this.source()} r WHERE r.k = ${a}.k)`,
    ]); // biome-ignore format: a list
  }

  private where(a: string, chance = 0.4): string {
    return this.chance(chance) ? ` WHERE ${this.condition(a)}` : '';
  }

  /** Of all columns, so that no two different rows tie. */
  private order(a: string): string {
    const first = this.pick(COLUMNS);
    const rest = COLUMNS.filter((column) => column !== first);
    const way = this.pick(['', ' DESC', ' NULLS FIRST', ' DESC NULLS LAST']);
    return [`${a}.${first}${way}`, ...rest.map((column) => `${a}.${column}`)].join(', ');
  }

  private rows(): string {
    return `SELECT s.id, s.k + 1 AS k, ${this.pick(['s.n', 's.n * 2', 'coalesce(s.n, s.k)'])} AS n, s.ts, s.j, ${this.pick(['s.t', "s.t || 'x'", 'upper(s.t)'])} AS t FROM ${this.source()} s${this.where('s', 0.9)}`;
  }

  private join(): string {
    const type = this.pick(['JOIN', 'LEFT JOIN', 'RIGHT JOIN', 'FULL JOIN']);
    const key = this.pick(KEYS);
    const more = type === 'FULL JOIN' ? ['', ' AND s.id = r.id'] : ['', ' AND s.id < r.id', ' AND s.t IS DISTINCT FROM r.t', " AND r.ts BETWEEN s.ts - INTERVAL '5 seconds' AND s.ts"]; // biome-ignore format: one choice
    const side = () => this.pick(['s', 'r']);
    const id = this.pick(['coalesce(s.id, r.id)', 's.id', 's.id + r.id']);
    const columns = COLUMNS.slice(1).map((column) => `${side()}.${column}`);
    return `SELECT ${id} AS id, ${columns.join(', ')} FROM ${this.source()} s ${type} ${this.source()} r ON s.${key} = r.${key}${this.pick(more)}${this.where(side(), 0.15)}`;
  }

  private aggregates(keys: readonly string[]): string {
    const filter = this.chance(0.15) ? ` FILTER (WHERE s.k > 0 OR s.t = 'a')` : '';
    const all: Readonly<Record<Column, readonly string[]>> = {
id: ['count(*)~', 'count(s.k)~', 'max(s.id)~', 'min(s.id)~', 'sum(s.k)~', 'count(DISTINCT s.t)~', 'count(DISTINCT s.n)~', 'bit_or(s.id)~'],
      k: ['min(s.k)~', 'max(s.k)~', '(count(s.n)~)::int'],
      n: ['sum(s.n)~', 'avg(s.n)~', 'min(s.n)~', 'max(s.n)~', 'sum(DISTINCT s.n)~', 'var_pop(s.k)~', 'avg(s.k)~', 'percentile_disc(0.5) WITHIN GROUP (ORDER BY s.n)~'],
      ts: ['min(s.ts)~', 'max(s.ts)~'],
      j: ['jsonb_agg(s.k ORDER BY s.k)~', 'to_jsonb(array_agg(s.id ORDER BY s.id DESC)~)', 'to_jsonb(bool_or(s.k > 1)~)', 'jsonb_agg(DISTINCT s.t)~'],
      t: ['min(s.t)~', 'max(s.t)~', "string_agg(s.t, ',' ORDER BY s.t)~", "string_agg(DISTINCT s.t, '-')~"],
    }; // biome-ignore format: a list each
    return COLUMNS.map((column) => (keys.includes(column) ? `s.${column}` : `${this.pick(all[column]).replace('~', filter)} AS ${column}`)).join(', '); // biome-ignore format: one list
  }

  private groups(): string {
    const keys = [...new Set(Array.from({ length: this.below(4) === 0 ? 2 : 1 }, () => this.pick(KEYS)))];
    const having = this.pick(['', '', '', ' HAVING count(*) > 1', ' HAVING max(s.n) > 1']);
    const group = this.chance(0.08) ? { by: '', keys: [] } : { by: ` GROUP BY ${keys.map((key) => `s.${key}`).join(', ')}`, keys }; // biome-ignore format: one choice
    return `SELECT ${this.aggregates(group.keys)} FROM ${this.source()} s${this.where('s')}${group.by}${having}`;
  }

  private groupingSets(): string {
    const sets = this.pick([
      'ROLLUP (s.k, s.t)',
      'CUBE (s.k, s.t)',
      'GROUPING SETS ((s.k), (s.t), ())',
      'GROUPING SETS ((s.k, s.t), (s.k))',
    ]);
    return `SELECT count(*) + 100 * grouping(s.k, s.t) AS id, s.k, sum(s.n) AS n, max(s.ts) AS ts, NULL::jsonb AS j, s.t FROM ${this.source()} s${this.where('s')} GROUP BY ${sets}`;
  }

  private distinct(): string {
    if (this.chance(0.5))
      return `SELECT DISTINCT ${this.pick(['0::bigint', 's.id % 2'])} AS id, s.k, ${this.pick(['s.n', 'NULL::numeric'])} AS n, ${this.pick(['s.ts', 'NULL::timestamp'])} AS ts, s.j, s.t FROM ${this.source()} s${this.where('s')}`;
    const key = this.pick(KEYS);
    return `SELECT DISTINCT ON (s.${key}) s.* FROM ${this.source()} s${this.where('s')} ORDER BY s.${key}, ${this.order('s')}`;
  }

  private setOperation(): string {
    const operation = this.pick(['UNION', 'UNION ALL', 'EXCEPT', 'EXCEPT ALL', 'INTERSECT', 'INTERSECT ALL']);
    const [key, other] = [this.pick(KEYS), this.pick(KEYS)];
    const types: Readonly<Record<Column, string>> = { id: 'bigint', k: 'int', n: 'numeric', ts: 'timestamp', j: 'jsonb', t: 'text' }; // biome-ignore format: one line
    const columns = COLUMNS.map((column) =>
      column === key || column === other ? `s.${column}` : `NULL::${types[column]} AS ${column}`,
    );
    const side = () => `SELECT ${columns.join(', ')} FROM ${this.source()} s${this.where('s', 0.2)}`;
    return `${side()} ${operation} ${side()}`;
  }

  private firstRows(): string {
    const from = `SELECT s.* FROM ${this.source()} s${this.where('s')}`;
    if (this.chance(0.2))
      return `${from} ORDER BY s.${this.pick(KEYS)} FETCH FIRST ${1 + this.below(3)} ROWS WITH TIES`;
    return `${from} ORDER BY ${this.order('s')} LIMIT ${1 + this.below(5)}${this.chance(0.3) ? ` OFFSET ${this.below(4)}` : ''}`;
  }

  private firstOfGroups(): string {
    const rank = this.pick(['row_number', 'rank', 'dense_rank']);
    return `SELECT z.id, z.k, z.n, z.ts, z.j, z.t FROM (SELECT s.*, ${rank}() OVER (PARTITION BY s.${this.pick(KEYS)} ORDER BY ${this.order('s')}) r FROM ${this.source()} s${this.where('s', 0.2)}) z WHERE r <= ${1 + this.below(2)}`;
  }

  private overWindows(): string {
    const partition = this.chance(0.8) ? `PARTITION BY s.${this.pick(KEYS)} ` : '';
    const frame = this.pick([
      '', '', ' ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING', ' ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING',
      ' GROUPS BETWEEN 1 PRECEDING AND CURRENT ROW', ' ROWS BETWEEN 2 PRECEDING AND CURRENT ROW EXCLUDE CURRENT ROW',
    ]); // biome-ignore format: a list
    const number = this.pick(['sum(s.n) OVER w', 'avg(s.k) OVER w', 'max(s.n) OVER w', 'first_value(s.n) OVER w']);
    const time = this.pick(['lag(s.ts) OVER w', 'lead(s.ts, 2) OVER w', 's.ts']);
    const text = this.pick(['last_value(s.t) OVER w', 'min(s.t) OVER w', 'nth_value(s.t, 2) OVER w']);
    const id = this.pick(['row_number() OVER w', 'ntile(2) OVER w::bigint', 'count(*) OVER w', 'dense_rank() OVER w']);
    return `SELECT ${id.replace('OVER w::bigint', 'OVER w')} AS id, s.k, ${number} AS n, ${time} AS ts, s.j, ${text} AS t FROM ${this.source()} s${this.where('s', 0.2)} WINDOW w AS (${partition}ORDER BY ${this.order('s')}${frame})`.replace(
      'ntile(2) OVER w AS',
      '(ntile(2) OVER w)::bigint AS',
    );
  }

  private timeWindows(): string {
    const source = this.source();
    const kind = this.pick([
      `TUMBLE(${source}, ts, INTERVAL '5 seconds')`, `HOP(${source}, ts, INTERVAL '5 seconds', INTERVAL '10 seconds')`,
      `SESSION(${source}, ts, INTERVAL '4 seconds')`, `SESSION(${source} PARTITION BY k, ts, INTERVAL '4 seconds')`,
      `CUMULATE(${source}, ts, INTERVAL '5 seconds', INTERVAL '20 seconds')`,
    ]); // biome-ignore format: a list
    if (this.chance(0.3))
      return `SELECT s.id, s.k, s.n, s.window_start AS ts, s.j, s.t FROM ${kind} s${this.where('s')}`;
    const key = this.pick(['k', 't', 'j'] as const);
    const list = this.aggregates([key, 'ts']).replace('s.ts', 's.window_end AS ts');
    return `SELECT ${list} FROM ${kind} s${this.where('s')} GROUP BY s.window_end, s.${key}`;
  }

  private correlated(): string {
    const key = this.pick(KEYS);
    const inner = (what: string, end = '') =>
      `(SELECT ${what} FROM ${this.source()} r WHERE r.${key} = s.${key}${end})`;
    const text = this.pick([inner('min(r.t)'), inner('r.t', ` ORDER BY ${this.order('r')} LIMIT 1`)]);
    return `SELECT ${inner('count(*)')} AS id, s.k, ${inner(this.pick(['max(r.n)', 'sum(r.n)']), this.pick(['', ' AND r.id > s.id']))} AS n, s.ts, s.j, ${text} AS t FROM ${this.source()} s`;
  }

  private lateral(): string {
    const key = this.pick(KEYS);
    const inner = this.pick([
      `SELECT r.* FROM ${this.source()} r WHERE r.${key} = s.${key} ORDER BY ${this.order('r')} LIMIT 2`,
      `SELECT r.* FROM ${this.source()} r WHERE r.${key} = s.${key} AND r.id <> s.id`,
      `SELECT max(r.id) AS id, min(r.k) AS k, sum(r.n) AS n, max(r.ts) AS ts, NULL::jsonb AS j, min(r.t) AS t FROM ${this.source()} r WHERE r.${key} = s.${key}`,
    ]);
    return `SELECT z.id, s.k, z.n, z.ts, s.j, z.t FROM ${this.source()} s ${this.pick(['LEFT JOIN', 'JOIN'])} LATERAL (${inner}) z ON true`;
  }

  private setReturning(): string {
    return this.pick([
      `SELECT s.id, g AS k, s.n, s.ts, s.j, s.t FROM ${this.source()} s, generate_series(1, s.k) g`,
      `SELECT s.id, unnest(ARRAY[s.k, s.k + 1]) AS k, s.n, s.ts, s.j, s.t FROM ${this.source()} s${this.where('s')}`,
      `SELECT s.id, s.k, s.n, s.ts, a AS j, s.t FROM ${this.source()} s LEFT JOIN LATERAL jsonb_array_elements(CASE WHEN jsonb_typeof(s.j) = 'array' THEN s.j END) a ON true`,
    ]);
  }

  private cte(): string {
    const key = this.pick(KEYS);
    return this.pick([
      `WITH w AS (${this.groups()}) SELECT x.id, y.k, x.n, y.ts, x.j, y.t FROM w x JOIN w y ON x.${key} = y.${key}`,
      `WITH w AS (SELECT s.* FROM ${this.source()} s${this.where('s', 1)}) SELECT * FROM w UNION ALL SELECT w.* FROM w JOIN (SELECT max(id) AS m FROM w) z ON w.id = z.m`,
      `WITH RECURSIVE w AS (SELECT s.id, s.k, s.n, s.ts, s.j, s.t FROM ${this.source()} s UNION SELECT p.id, p.k, p.n, p.ts, p.j, p.t FROM w JOIN p ON p.k = w.k AND p.id < w.id) SELECT * FROM w`,
    ]);
  }
}
