// Random changes: INSERT with ON CONFLICT, UPDATE, DELETE, MERGE, CTEs that change, ALTER, TRUNCATE, over three tables tied by keys, checks and
// defaults; in blocks with savepoints, and as prepared statements.
import type { Statement } from './peers.ts';
import { Phrases } from './phrases.ts';

const PREPARED = [
  'SELECT * FROM pl WHERE x = $1',
  'UPDATE pl SET y = y WHERE x = $1 RETURNING *',
  'SELECT count(*), max(x) FROM pl WHERE x > $1',
  'INSERT INTO pl(x) VALUES ($1) RETURNING *',
];

export class ChangeGrammar extends Phrases {
  readonly changed = ['pa', 'ch', 'pl'];
  /** savepoints of the open block; null: no block */
  private savepoints: number | null = null;

  /** Statements that make the tables anew, each time a little different. */
  tables(): string[] {
    this.savepoints = null;
    const onDelete = this.pick(['CASCADE', 'SET NULL', 'RESTRICT', 'NO ACTION', 'SET DEFAULT']);
    const onUpdate = this.pick(['CASCADE', 'SET NULL', 'NO ACTION']);
    return [
      'DROP TABLE IF EXISTS ch, pa, pl CASCADE',
      `CREATE TABLE pa (id int PRIMARY KEY, u text UNIQUE, n numeric(6,2) CHECK (n > -50), k int DEFAULT 7,
        g int GENERATED ALWAYS AS (k * 2) STORED, CONSTRAINT pk2 UNIQUE (k, u))`,
      `CREATE TABLE ch (p int REFERENCES pa(id) ON DELETE ${onDelete} ON UPDATE ${onUpdate}, t text NOT NULL DEFAULT 'z', v int, a int[], UNIQUE (p, v))`,
      "CREATE TABLE pl (x int, y text, z jsonb, d date DEFAULT date '2024-01-01')",
      ...(this.chance(0.5) ? ['CREATE INDEX ON pl(x)'] : []),
      `INSERT INTO pa(id, u, n, k) SELECT i, 'u' || i, i, i % 3 FROM generate_series(1, ${this.below(8)}) i`,
      `INSERT INTO pl(x, y, z) SELECT i % 5, 'y' || i, to_jsonb(i) FROM generate_series(1, ${this.below(12)}) i`,
    ];
  }

  /** Whether a failed statement leaves a block in which nothing can be asked. */
  get inBlock(): boolean {
    return this.savepoints !== null;
  }

  failed(): void {}

  statement(): Statement {
    const chance = this.below(100);
    if (this.savepoints === null) {
      if (chance < 5) {
        this.savepoints = 0;
        return `BEGIN${this.pick(['', ' ISOLATION LEVEL REPEATABLE READ'])}`;
      }
    } else if (chance < 10) {
      this.savepoints = null;
      return this.pick(['COMMIT', 'COMMIT', 'ROLLBACK']);
    } else if (chance < 18) return `SAVEPOINT s${this.savepoints++}`;
    else if (chance < 27) return `ROLLBACK TO s${this.below(this.savepoints + 1)}`;
    else if (chance < 29) return `RELEASE s${this.below(this.savepoints + 1)}`;
    if (chance < 36) {
      const number = this.below(PREPARED.length);
      return { name: `prepared${number}`, text: PREPARED[number]!, values: [this.below(6)] };
    }
    return this.one(
      () => this.insertParent(),
      () => this.insertOthers(),
      () => this.updateParent(),
      () => this.updateOthers(),
      () => this.delete(),
      () => this.merge(),
      () => this.withChanges(),
      () => this.alter(),
      () => this.query(),
    );
  }

  private integer(): string {
    return this.chance(0.1) ? 'NULL' : String(this.below(9));
  }

  private text(): string {
    return this.chance(0.1) ? 'NULL' : `'${this.pick(['u1', 'u2', 'u3', 'y4', 'Y4', 'q', ''])}'`;
  }

  private returning(column: string): string {
    return this.maybe(0.4, () => ` RETURNING ${this.pick(['*', column, `${column}, ${column} IS NULL`])}`);
  }

  private parents(): string {
    return this.maybe(
      0.8,
      () =>
        ` WHERE ${this.one(
          () => `id ${this.pick(['=', '<', '>'])} ${this.integer()}`,
          () => `u = ${this.text()}`,
          () => `k IN (1, ${this.integer()})`,
          () => 'EXISTS (SELECT 1 FROM ch WHERE ch.p = pa.id)',
          () => 'id = (SELECT max(x) FROM pl)',
          () => 'n IS NULL',
          () => "id IN (SELECT x FROM pl WHERE y LIKE 'y%')",
        )}`,
    );
  }

  private insertParent(): string {
    const [i, t] = [() => this.integer(), () => this.text()];
    return this.one(
      () =>
        `INSERT INTO pa(id, u, n, k) VALUES (${i()}, ${t()}, ${this.pick(['1', '-60', '3.456', 'NULL', '99999'])}, ${i()})${this.returning('id')}`,
      () => {
        const conflict = this.maybe(
          0.6,
          () => ` ON CONFLICT ${this.pick(['', '(id)', '(u)', 'ON CONSTRAINT pk2', '(k, u)'])} DO NOTHING`,
        );
        return `INSERT INTO pa(id, u) VALUES (${i()}, ${t()})${conflict}${this.returning('u')}`;
      },
      () => {
        const set = `n = coalesce(q.n, 0) + excluded.n, u = ${this.pick(['q.u', 'excluded.u', "q.u || 'x'"])}, k = ${this.pick(['q.k', 'excluded.k', 'DEFAULT'])}`;
        const where = this.maybe(0.4, () => ` WHERE q.k ${this.pick(['<', '='])} excluded.k`);
        return `INSERT INTO pa AS q(id, u, n, k) VALUES (${i()}, ${t()}, ${i()}, ${i()}) ON CONFLICT (${this.pick(['id', 'u', 'k, u'])}) DO UPDATE SET ${set}${where}${this.returning('q.id')}`;
      },
      () => {
        const conflict = this.pick([
          '',
          ' ON CONFLICT DO NOTHING',
          ' ON CONFLICT DO NOTHING',
          ' ON CONFLICT (id) DO UPDATE SET k = excluded.k',
        ]);
        return `INSERT INTO pa(id, u, k) SELECT x + ${this.below(5)}, y, x FROM pl${conflict}${this.returning('g')}`;
      },
    );
  }

  private insertOthers(): string {
    const i = () => this.integer();
    return this.one(
      () => {
        const conflict = this.maybe(
          0.3,
          () => ' ON CONFLICT (p, v) DO UPDATE SET a = ch.a || excluded.a, t = excluded.t || ch.t',
        );
        return `INSERT INTO ch(p, v, a) VALUES (${i()}, ${i()}, array[${i()}, ${i()}])${conflict}${this.returning('v')}`;
      },
      () => `INSERT INTO ch(p, v, t) SELECT id, k, u FROM pa${this.parents()}${this.returning('p')}`,
      () =>
        `INSERT INTO pl VALUES (${i()}, ${this.text()}, '{"a": ${this.below(3)}}'), (${i()}, DEFAULT, NULL, DEFAULT)${this.returning('d')}`,
      () => `INSERT INTO pl(x, y) SELECT x + 1, y || x FROM pl WHERE x < ${i()}${this.returning('y')}`,
    );
  }

  private updateParent(): string {
    const set = this.pick([
      'id = id + 100',
      `n = n + ${this.integer()}`,
      `u = u || '${this.pick(['x', ''])}'`,
      '(k, u) = (SELECT x, y FROM pl ORDER BY x, y LIMIT 1)',
      'k = DEFAULT',
      'k = (SELECT count(*) FROM ch WHERE p = pa.id)',
      '(n, k) = (k, id)',
      `n = ${this.pick(['1', '-60', '3.456', 'NULL', '99999', 'k', 'n + 1'])}`,
    ]);
    return this.one(
      () => `UPDATE pa SET ${set}${this.parents()}${this.returning('g')}`,
      () =>
        `UPDATE pa SET k = pl.x + 1 FROM pl WHERE pl.x = pa.id AND pl.y = (SELECT min(y) FROM pl b WHERE b.x = pl.x)${this.returning('pa.k, pl.y')}`,
    );
  }

  private updateOthers(): string {
    const i = () => this.integer();
    const child = this.pick([`p = ${i()}`, `a[${1 + this.below(3)}] = ${i()}`, 't = NULL', 't = t || v']);
    const plain = this.pick([
      'x = x + 1',
      `z = coalesce(z, '{}') || '{"q": 1}'`,
      `z['a'] = '${this.below(9)}'`,
      'y = upper(y)',
      'd = d + x',
    ]);
    const where = this.pick([`x = ${i()}`, 'true', `y = ${this.text()}`, "z ? 'a'"]);
    return this.one(
      () =>
        `UPDATE ch SET ${child}${this.maybe(0.7, () => ` WHERE ${this.pick([`p = ${i()}`, `v < ${i()}`, 'a && array[1, 2]'])}`)}${this.returning('a')}`,
      () => `UPDATE pl SET ${plain} WHERE ${where}${this.returning('z')}`,
    );
  }

  private delete(): string {
    const i = () => this.integer();
    return this.one(
      () => `DELETE FROM pa${this.parents()}${this.returning('u')}`,
      () =>
        `DELETE FROM ch WHERE ${this.pick([`p = ${i()}`, `v = ${i()}`, 'p IN (SELECT x FROM pl)'])}${this.returning('t')}`,
      () => `DELETE FROM ch USING pa WHERE pa.id = ch.p AND pa.k = ${i()}${this.returning('pa.u, ch.v')}`,
      () => `DELETE FROM pl WHERE x ${this.pick(['=', '>'])} ${i()}${this.returning('x')}`,
      () => `TRUNCATE ${this.pick(['pl', 'ch', 'ch RESTART IDENTITY', 'pa', 'pa CASCADE'])}`,
    );
  }

  private merge(): string {
    const first = `WHEN MATCHED AND pa.k ${this.pick(['>', '<'])} ${this.below(3)} THEN ${this.pick(['DELETE', 'UPDATE SET k = pa.k + 1, n = s.x', 'DO NOTHING'])}`;
    const second = `WHEN MATCHED THEN UPDATE SET u = ${this.pick(['s.y', "pa.u || 'm'"])}`;
    const third = `WHEN NOT MATCHED ${this.maybe(0.5, () => `AND s.x > ${this.below(5)} `)}THEN INSERT (id, u, k) VALUES (s.x, s.y, ${this.pick(['DEFAULT', '1', 's.x'])})`;
    return this.one(
      () =>
        `MERGE INTO pa USING (SELECT x, min(y) AS y FROM pl WHERE x IS NOT NULL GROUP BY x) s ON pa.id = s.x ${first} ${second} ${third}`,
      () =>
        `MERGE INTO pl t USING pa s ON t.x = s.id WHEN MATCHED THEN ${this.pick(['DELETE', 'UPDATE SET y = s.u, z = to_jsonb(s.n)'])} WHEN NOT MATCHED THEN INSERT (x, y) VALUES (s.id, s.u)`,
    );
  }

  private withChanges(): string {
    return this.one(
      () =>
        `WITH d AS (DELETE FROM pl WHERE x = ${this.integer()} RETURNING *), i AS (INSERT INTO pa(id, u) SELECT x + 20, y FROM d ON CONFLICT DO NOTHING RETURNING id) SELECT (SELECT count(*) FROM d), (SELECT count(*) FROM i), (SELECT count(*) FROM pl)`,
      () =>
        `WITH u AS (UPDATE pa SET k = k + 1${this.parents()} RETURNING id, k) INSERT INTO ch(p, v) SELECT id, k FROM u${this.returning('v')}`,
    );
  }

  private alter(): string {
    return `ALTER TABLE pl ${this.pick([
      'ADD COLUMN IF NOT EXISTS e int DEFAULT 3',
      'DROP COLUMN IF EXISTS e',
      'ALTER COLUMN x TYPE bigint',
      'ALTER COLUMN x TYPE int',
      "ALTER y SET DEFAULT 'dd'",
      'ALTER y DROP DEFAULT',
      'ALTER x SET NOT NULL',
      'ALTER x DROP NOT NULL',
      'ADD CONSTRAINT c1 CHECK (x < 9)',
      'DROP CONSTRAINT IF EXISTS c1',
    ])}`;
  }

  private query(): string {
    return this.one(
      () => `SELECT * FROM pa JOIN ch ON ch.p = pa.id WHERE pa.k = ${this.integer()}`,
      () => `SELECT id FROM pa WHERE id = ${this.integer()} FOR UPDATE`,
    );
  }
}
