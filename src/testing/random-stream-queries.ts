// Random continuous queries over streams a, b (late rows are no part of them) and l (they are), a table of names, and views on them: windows of
// every kind, joins, groups, sets, ranks and user functions. Results do not depend on the order of rows.
import { RandomChoices } from './seeded-random.ts';

const STREAMS = ['a', 'b', 'l'] as const;
const SECONDS = 4; // of a window

export interface StreamQuery {
  readonly sql: string;
  /** its column `we` is the end of an event-time window */
  readonly windowed: boolean;
}

export class RandomStreamQueries extends RandomChoices {
  private ids = 0;
  /** of the newest events, in seconds */
  private now = 0;

  tables(): string[] {
    const columns = 'id int, k int, v bigint, x text, ts timestamp';
    return [
      ...STREAMS.map((name) => {
        const late = name === 'l' ? 'ON LATE KEEP' : '';
        return `CREATE STREAM ${name} (${columns}, WATERMARK FOR ts AS ts - INTERVAL '2 seconds') ${late}`;
      }),
      "CREATE TABLE item (id int PRIMARY KEY, name text, price bigint); INSERT INTO item SELECT i, 'n' || i % 3, i FROM generate_series(0, 4) i",
      "CREATE FUNCTION verdict(v bigint) RETURNS text LANGUAGE javascript IMMUTABLE AS $$ return v === null ? null : v < 3n ? 'few' : 'many'; $$",
      'CREATE VIEW named AS SELECT a.id, a.k, a.v, i.name AS x, a.ts FROM a JOIN item i ON i.id = a.k',
      'CREATE VIEW mixed AS SELECT * FROM a UNION ALL SELECT * FROM b',
      'CREATE VIEW positive AS SELECT id, k, v + 1 AS v, x, ts FROM l WHERE v > 0',
      'CREATE MATERIALIZED VIEW counted AS SELECT k, count(*) AS n, max(v) AS m FROM a GROUP BY k',
      'CREATE MATERIALIZED VIEW picked AS SELECT id, k, v, x, ts FROM b WHERE v <> 2',
    ];
  }

  change(): string {
    switch (this.below(8)) {
      case 0:
        return `UPDATE item SET name = 'n${this.below(4)}' WHERE id % 3 = ${this.below(3)}`;
      case 1:
        return `DELETE FROM item WHERE id = ${this.below(5)}`;
      case 2:
        return `INSERT INTO item SELECT i, 'n' || i % 2, 10 - i FROM generate_series(0, 4) i WHERE NOT EXISTS (SELECT 1 FROM item o WHERE o.id = i)`;
      default:
        return this.events();
    }
  }

  private events(): string {
    this.now += this.below(5);
    const row = () => {
      const second = this.now + 3 - this.below(this.chance(0.2) ? 20 : 5);
      const time = this.chance(0.04) ? 'NULL' : `timestamp '2024-01-01' + ${second * 2} * interval '500 milliseconds'`;
      const [k, v] = [this.chance(0.1) ? 'NULL' : this.below(5), this.chance(0.1) ? 'NULL' : this.below(6) - 1];
      const x = this.chance(0.1) ? 'NULL' : `'${this.pick(['x', 'y', 'a text longer than twelve bytes'])}'`;
      return `(${++this.ids}, ${k}, ${v}, ${x}, ${time})`;
    };
    const rows = Array.from({ length: 1 + this.below(12) }, row).join(', ');
    return `INSERT INTO ${this.pick(STREAMS)} VALUES ${rows}`;
  }

  query(): StreamQuery {
    const windowed = this.chance(0.75);
    return { windowed, sql: windowed ? this.windowedQuery() : this.plainQuery() };
  }

  private source(): string {
    return this.pick(['a', 'a', 'b', 'l', 'l', 'named', 'mixed', 'positive', 'picked']);
  }

  /** of FROM; it has window_start, window_end and the columns of a stream */
  private windows(kind = this.pick(['TUMBLE', 'TUMBLE', 'HOP', 'CUMULATE', 'SESSION'])): string {
    const source = this.source();
    const interval = (seconds: number) => `INTERVAL '${seconds} seconds'`;
    switch (kind) {
      case 'TUMBLE':
        return `TUMBLE(${source}, ts, ${interval(SECONDS)})`;
      case 'HOP':
        return `HOP(${source}, ts, ${interval(SECONDS / 2)}, ${interval(SECONDS)})`;
      case 'CUMULATE':
        return `CUMULATE(${source}, ts, ${interval(SECONDS / 2)}, ${interval(SECONDS)})`;
      default:
        return `SESSION(${source}${this.chance(0.5) ? ' PARTITION BY k' : ''}, ts, ${interval(2)})`;
    }
  }

  private windowedQuery(): string {
    switch (this.below(10)) {
      case 0:
        return this.windowJoin();
      case 1:
        return this.setOperation();
      case 2:
        return this.topOfWindows();
      case 3:
        return `SELECT DISTINCT w.window_end we, ${this.key('w')} FROM ${this.windows()} w${this.names()}`;
      case 4:
        return this.rowsOfWindows();
      case 5:
        return this.groupsOfGroups();
      default:
        return this.groups();
    }
  }

  private key(alias: string): string {
    return this.pick([`${alias}.k`, `${alias}.x`, `${alias}.v % 2 AS odd`, `verdict(${alias}.v) AS verdict`]);
  }

  /** A join with the table, which changes. */
  private names(): string {
    return this.pick(['', '', ' JOIN item i ON i.id = w.k', ' LEFT JOIN item i ON i.id = w.k AND i.price > 1']);
  }

  private where(alias: string): string {
    const inner = this.pick(['item', 'item WHERE price > 2']);
    const and = inner.includes('WHERE') ? 'AND' : 'WHERE';
    return this.pick([
      '', '', '', ` WHERE ${alias}.v > 0`, ` WHERE ${alias}.x IS NOT NULL`,
      ` WHERE EXISTS (SELECT 1 FROM ${inner} ${and} item.id = ${alias}.k)`,
      ` WHERE NOT EXISTS (SELECT 1 FROM ${inner} ${and} item.id = ${alias}.k)`,
      ` WHERE ${alias}.k IN (SELECT id FROM ${inner})`, ` WHERE ${alias}.k NOT IN (SELECT id FROM ${inner})`,
      ` WHERE ${alias}.v > (SELECT count(*) FROM ${inner})`,
    ]); // biome-ignore format: a list
  }

  private aggregates(alias: string): string {
    const all = [
      'count(*) c', `sum(${alias}.v) s`, `min(${alias}.x) lo`, `max(${alias}.v) hi`, `avg(${alias}.v) av`, `count(DISTINCT ${alias}.k) d`,
      `array_agg(${alias}.id ORDER BY ${alias}.id) ids`, `count(*) FILTER (WHERE ${alias}.v > 1) f`, `bool_or(${alias}.v > 3) o`,
    ]; // biome-ignore format: a list
    return Array.from({ length: 1 + this.below(3) }, () => this.pick(all))
      .filter((one, i, list) => list.indexOf(one) === i)
      .join(', ');
  }

  private groups(): string {
    const keyed = this.chance(0.7);
    const [key] = keyed ? [this.key('w')] : [''];
    const having = this.chance(0.2) ? ' HAVING count(*) > 1' : '';
    const targets = `w.window_end we, ${keyed ? `${key}, ` : ''}${this.aggregates('w')}`;
    return `SELECT ${targets} FROM ${this.windows()} w${this.names()}${this.where('w')} GROUP BY 1${keyed ? ', 2' : ''}${having}`;
  }

  private rowsOfWindows(): string {
    const call = this.pick([
      '', ', row_number() OVER (PARTITION BY w.window_end ORDER BY w.v, w.id) r', ', sum(w.v) OVER (PARTITION BY w.window_end, w.k ORDER BY w.id) r',
      ', lag(w.id) OVER (PARTITION BY w.window_end, w.k ORDER BY w.ts, w.id) r', ', verdict(w.v) u',
    ]); // biome-ignore format: a list
    return `SELECT w.window_start ws, w.window_end we, w.id, w.v${call} FROM ${this.windows()} w${this.names()}${this.where('w')}`;
  }

  private windowJoin(): string {
    const kind = this.pick(['TUMBLE', 'HOP']);
    const type = this.pick(['JOIN', 'LEFT JOIN', 'RIGHT JOIN', 'FULL JOIN']);
    const [x, y] = [this.windows(kind), this.windows(kind)];
    const more = this.pick(['', ' AND x.v < y.v', ' AND x.id <> y.id']);
    const from = `FROM ${x} x ${type} ${y} y ON x.window_end = y.window_end AND x.k = y.k${type === 'FULL JOIN' ? '' : more}`;
    const end = type === 'JOIN' || type === 'LEFT JOIN' ? 'x.window_end' : type === 'RIGHT JOIN' ? 'y.window_end' : 'coalesce(x.window_end, y.window_end)'; // biome-ignore format: one choice
    return this.chance(0.5)
      ? `SELECT ${end} we, x.id xid, y.id yid ${from}`
      : `SELECT ${end} we, count(*) c, sum(x.v) s, count(y.id) d ${from} GROUP BY 1`;
  }

  private setOperation(): string {
    const kind = this.pick(['TUMBLE', 'HOP']);
    const operation = this.pick(['UNION', 'UNION ALL', 'EXCEPT', 'EXCEPT ALL', 'INTERSECT', 'INTERSECT ALL']);
    const side = () => `SELECT w.window_end we, w.k FROM ${this.windows(kind)} w${this.where('w')}`;
    return `${side()} ${operation} ${side()}`;
  }

  private topOfWindows(): string {
    const rank = this.pick(['row_number', 'rank']);
    return `SELECT we, id, r FROM (SELECT w.window_end we, w.id, ${rank}() OVER (PARTITION BY w.window_end ORDER BY w.v DESC NULLS LAST, w.id) r
      FROM ${this.windows()} w${this.names()}${this.where('w')}) z WHERE r <= 2`;
  }

  private groupsOfGroups(): string {
    const inner = `SELECT w.window_end we, w.k, count(*) n, max(w.v) m FROM ${this.windows()} w${this.names()} GROUP BY 1, 2`;
    return this.pick([
      `SELECT we, n, count(*) c, sum(m) s FROM (${inner}) g GROUP BY 1, 2`,
      `WITH g AS (${inner}) SELECT g.we, g.k, h.top FROM g JOIN (SELECT we, max(n) top FROM g GROUP BY 1) h ON g.we = h.we WHERE g.n = h.top`,
    ]);
  }

  private plainQuery(): string {
    const [one, two] = [this.source(), this.source()];
    const bound = (from: number, to: number) =>
      `y.ts BETWEEN x.ts - INTERVAL '${from} seconds' AND x.ts + INTERVAL '${to} seconds'`;
    return this.pick([
      `SELECT ${this.key('w')}, ${this.aggregates('w')} FROM ${one} w${this.names()}${this.where('w')} GROUP BY 1`,
      `SELECT x.id, y.id yid FROM ${one} x ${this.pick(['JOIN', 'LEFT JOIN'])} ${two} y ON x.k = y.k AND ${bound(this.below(3), this.below(3))}`,
      `SELECT x.id, c.n, c.m FROM ${one} x ${this.pick(['JOIN', 'LEFT JOIN', 'FULL JOIN'])} counted c ON x.k = c.k`,
      `SELECT n, count(*) c, sum(m) s FROM counted GROUP BY n`,
      `SELECT c.k, i.name, c.n FROM counted c FULL JOIN item i ON c.n = i.id`,
      `SELECT w.id, w.v FROM ${one} w${this.where('w')} ORDER BY w.v DESC NULLS LAST, w.id LIMIT ${1 + this.below(5)}`,
      `SELECT DISTINCT ON (w.k) w.k, w.id, w.v FROM ${one} w ORDER BY w.k, w.v DESC, w.id`,
      `SELECT w.id, row_number() OVER (PARTITION BY w.x ORDER BY w.v, w.id) r, verdict(w.v) u FROM ${one} w${this.where('w')}`,
      `SELECT w.k FROM ${one} w EXCEPT SELECT y.v::int FROM ${two} y`,
      `SELECT w.k, w.x FROM ${one} w INTERSECT ALL SELECT y.k, y.x FROM ${two} y`,
      `SELECT x.k, count(*) c, count(y.id) d FROM ${one} x LEFT JOIN ${two} y ON x.k = y.k AND x.v = y.v GROUP BY 1`,
    ]); // biome-ignore format: a list
  }
}
