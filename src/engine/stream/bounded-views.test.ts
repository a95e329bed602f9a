// Views under EMIT ON WINDOW CLOSE hold the state of their open windows, whatever they are made of: joins with tables that change, of
// streams, aggregates, user functions. What goes out of a window is what the batch query says of it when it closes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InProcessTarget } from '../../testing/in-process-target.ts';

const STEP = 1000; // events of a second, on each stream
const WINDOW = "INTERVAL '1 second'";
const FIRST = 6;
const LAST = 4 * FIRST;
/** the rows of every so many windows are compared */
const CHECKED = 4;

const SHAPES: Readonly<Record<string, string>> = {
  table: `SELECT window_end, i.name, count(*) n, sum(v) s FROM TUMBLE(a, ts, ${WINDOW}) JOIN item i ON i.id = k GROUP BY window_end, i.name`,
  kept_arguments: `SELECT window_end, i.name, max(v) m, avg(v::float8) f FROM TUMBLE(a, ts, ${WINDOW}) JOIN item i ON i.id = k GROUP BY window_end, i.name`,
  distinct_arguments: `SELECT window_end, count(DISTINCT v) d FROM TUMBLE(a, ts, ${WINDOW}) JOIN item i ON i.id = k GROUP BY window_end`,
  function_of_groups: `SELECT window_end, i.name, verdict(avg(v)::float8) w FROM TUMBLE(a, ts, ${WINDOW}) JOIN item i ON i.id = k GROUP BY window_end, i.name`,
  function_of_rows: `SELECT window_end, verdict(v::float8) w, count(*) n FROM TUMBLE(a, ts, ${WINDOW}) JOIN item i ON i.id = k GROUP BY window_end, verdict(v::float8)`,
  left_table: `SELECT window_end, i.name, count(*) n FROM TUMBLE(a, ts, ${WINDOW}) LEFT JOIN item i ON i.id = k AND i.id < 400 GROUP BY window_end, i.name`,
  joined_before: `SELECT window_end, name, count(*) n FROM TUMBLE(named, ts, ${WINDOW}) GROUP BY window_end, name`,
  windows: `SELECT x.window_end, count(*) n FROM TUMBLE(a, ts, ${WINDOW}) x JOIN TUMBLE(b, ts, ${WINDOW}) y ON x.window_end = y.window_end AND x.k = y.k GROUP BY x.window_end`,
  left_windows: `SELECT x.window_end, y.v, count(*) n FROM TUMBLE(a, ts, ${WINDOW}) x LEFT JOIN TUMBLE(b, ts, ${WINDOW}) y ON x.window_end = y.window_end AND x.id = y.id + 7 GROUP BY x.window_end, y.v`,
  not_in: `SELECT window_end, count(*) n FROM TUMBLE(a, ts, ${WINDOW}) WHERE k NOT IN (SELECT id FROM item WHERE id < 300) GROUP BY window_end`,
  sessions: `SELECT window_end, i.name, count(*) n FROM SESSION(a PARTITION BY k, ts, INTERVAL '100 milliseconds') JOIN item i ON i.id = k
    WHERE date_trunc('second', window_end) = window_end GROUP BY window_end, i.name`,
  left_interval: `SELECT window_end, count(*) n, count(v) m FROM TUMBLE(near_or_alone, ts, ${WINDOW}) GROUP BY window_end`,
  interval: `SELECT window_end, count(*) n FROM TUMBLE(near, ts, ${WINDOW}) GROUP BY window_end`,
  distinct_rows: `SELECT DISTINCT window_end, i.name FROM TUMBLE(a, ts, ${WINDOW}) JOIN item i ON i.id = k`,
  top: `SELECT * FROM (SELECT window_end, i.name, v, f.id, row_number() OVER (PARTITION BY window_end ORDER BY v DESC, f.id) r FROM TUMBLE(a, ts, ${WINDOW}) f JOIN item i ON i.id = k) x WHERE r <= 3`,
  hops: `SELECT window_end, i.name, count(*) n FROM HOP(a, ts, ${WINDOW}, INTERVAL '2 seconds') JOIN item i ON i.id = k GROUP BY window_end, i.name`,
  semi: `SELECT window_end, count(*) n FROM TUMBLE(a, ts, ${WINDOW}) WHERE EXISTS (SELECT 1 FROM item i WHERE i.id = k AND i.id < 300) GROUP BY window_end`,
  anti: `SELECT window_end, count(*) n FROM TUMBLE(a, ts, ${WINDOW}) WHERE NOT EXISTS (SELECT 1 FROM item i WHERE i.id = k AND i.id < 300) GROUP BY window_end`,
  except: `SELECT window_end, k FROM TUMBLE(a, ts, ${WINDOW}) JOIN item ON item.id = k WHERE k % 50 < 2 EXCEPT SELECT window_end, k FROM TUMBLE(b, ts, ${WINDOW}) WHERE k % 50 = 0`,
  intersect: `SELECT window_end, k FROM TUMBLE(a, ts, ${WINDOW}) JOIN item ON item.id = k INTERSECT ALL SELECT window_end, k FROM TUMBLE(b, ts, ${WINDOW}) WHERE k % 50 = 0`,
  groups_of_groups: `WITH w AS (SELECT window_end, k, count(*) n FROM TUMBLE(a, ts, ${WINDOW}) JOIN item ON item.id = k GROUP BY window_end, k)
    SELECT x.window_end, max(x.n) n, count(*) m FROM w x JOIN (SELECT window_end, avg(n) av FROM w GROUP BY window_end) y ON x.window_end = y.window_end AND x.n >= y.av GROUP BY x.window_end`,
};

/** A late row may tie closed sessions to an open one, so none is forgotten where late rows are part of the stream. */
const NEEDS_EXACT = ['sessions'];

class Life {
  private readonly target: InProcessTarget;
  private readonly restarts: boolean;
  private readonly late: string;
  private readonly names: readonly string[];
  private readonly expected = new Map<string, string[]>();

  constructor(late: '' | 'ON LATE KEEP', restarts: boolean) {
    this.target = new InProcessTarget({ durable: restarts, memoryBytes: 1024 * 1024 * 1024, udfTimeoutMs: 60_000 });
    this.restarts = restarts;
    this.late = late;
    this.names = Object.keys(SHAPES).filter((name) => late === '' || !NEEDS_EXACT.includes(name));
  }

  private async rows(sql: string): Promise<string[][]> {
    return ((await this.target.execute(sql)).rows ?? []).map((row) => row.map(String));
  }

  private async create(): Promise<void> {
    for (const name of ['a', 'b']) {
      await this.rows(`CREATE STREAM ${name} (id int, k int, v int, ts timestamp,
        WATERMARK FOR ts AS ts - INTERVAL '100 milliseconds') ${this.late}`);
    }
    await this.rows(`CREATE TABLE item (id int PRIMARY KEY, name text);
      INSERT INTO item SELECT g, 'name ' || g % 10 FROM generate_series(0, 499) g;
      CREATE FUNCTION verdict(average float8) RETURNS text LANGUAGE javascript IMMUTABLE STRICT AS
        $$ return average < 5 ? 'few' : 'many'; $$;
      CREATE VIEW named AS SELECT a.ts, i.name FROM a JOIN item i ON i.id = a.k;
      CREATE VIEW near_or_alone AS SELECT a.ts, a.id, b.v FROM a LEFT JOIN b
        ON a.k = b.k AND b.ts - a.ts < INTERVAL '100 milliseconds' AND b.ts >= a.ts - INTERVAL '600 milliseconds';
      CREATE VIEW near AS SELECT a.ts, a.id FROM a JOIN b
        ON a.k = b.k AND b.ts BETWEEN a.ts AND a.ts + INTERVAL '300 milliseconds'`);
    for (const name of this.names)
      await this.rows(`CREATE MATERIALIZED VIEW v_${name} AS ${SHAPES[name]} EMIT ON WINDOW CLOSE`);
  }

  /** Changes of the table, which concern open windows and closed ones, then a second of events, and a late one. */
  private async second(at: number): Promise<void> {
    if (at % 2 === 1) await this.rows(`UPDATE item SET name = 'name ' || (id + ${at}) % 9 WHERE id % 7 = ${at % 7}`);
    if (at % 5 === 3) await this.rows(`DELETE FROM item WHERE id = ${at * 3}`);
    if (at % 5 === 4) await this.rows(`INSERT INTO item VALUES (${at * 3 - 3}, 'back')`);
    const time = (ms: string) => `timestamp '2024-01-01' + ${ms} * INTERVAL '1 millisecond'`;
    for (const stream of ['a', 'b']) {
      await this.rows(`INSERT INTO ${stream} SELECT g, g * 7 % 500, g * 3 % 11, ${time('g')}
        FROM generate_series(${at * STEP}, ${at * STEP + STEP - 1}) g`);
    }
    if (this.late !== '') await this.rows(`INSERT INTO a VALUES (0, ${at}, 100, ${time(`${Math.max(0, at - 6) * STEP}`)})`); // biome-ignore format: one line
    await this.target.advance('0 seconds');
  }

  /** The rows of windows that have just closed, as a query gives them now. */
  private async closing(name: string, at: number): Promise<void> {
    const end = `timestamp '2024-01-01' + INTERVAL '${at} seconds'`;
    const found = await this.rows(`SELECT * FROM (${SHAPES[name]}) q WHERE window_end = ${end}`);
    this.expected.set(name, [...(this.expected.get(name) ?? []), ...found.map((row) => row.join(' | '))]);
  }

  private async stateBytes(): Promise<ReadonlyMap<string, number>> {
    const told = await this.rows('SELECT query_name, state_bytes FROM headrace.queries');
    return new Map(told.map(([name, bytes]) => [name!.slice(2), Number(bytes)]));
  }

  /** A checkpoint, an orderly restart behind one, and a crash whose log is replayed behind one. */
  private async interrupt(at: number): Promise<void> {
    if (at === 5 || at === 9 || at === 13) await this.target.checkpoint();
    if (at === 9) await this.target.restart();
    if (at === 15) await this.target.crash();
  }

  async run(): Promise<void> {
    await this.create();
    let before: ReadonlyMap<string, number> = new Map();
    for (let at = 0; at < LAST; at++) {
      if (this.restarts) await this.interrupt(at);
      await this.second(at);
      if (at === FIRST) before = await this.stateBytes();
      if (at % CHECKED === 0) for (const name of this.names) await this.closing(name, at);
    }
    const after = await this.stateBytes();
    for (const name of this.names) {
      const given = await this.rows(
        `SELECT * FROM v_${name} WHERE extract(epoch FROM window_end)::int % ${CHECKED} = 0`,
      );
      assert.deepEqual(given.map((row) => row.join(' | ')).sort(), this.expected.get(name)!.sort(), name);
      const [early, late] = [before.get(name)!, after.get(name)!];
      assert.ok(late <= early * 1.25, `state of ${name}: ${early} bytes after ${FIRST} s, ${late} after ${LAST} s`);
    }
    await this.target.close();
  }
}

test('state of views that emit on window close does not grow with closed windows', () => new Life('', false).run());
test('nor where late rows belong to the stream, with restarts', () => new Life('ON LATE KEEP', true).run());
