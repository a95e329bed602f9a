// Random lives of one table whose columns change: ADD, DROP, RENAME, ALTER TYPE with conversions, constraints and indexes that come and go, rows of
// every age between them, in blocks with savepoints that are rolled back; and counts, least and greatest values, which have short ways.
import { Phrases } from './phrases.ts';

/** Values per type, as they are written. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  smallint: ['0', '1', '-1', '7', '300'],
  int: ['0', '1', '-1', '7', '70000'],
  bigint: ['0', '1', '-1', '7', '9000000000'],
  numeric: ['0', '1.50', '1.5', '-2.25', '70000', "'NaN'"],
  'numeric(9,2)': ['0', '1.5', '-2.25', '300.119'],
  float8: ['0', '1.5', "'-0'", "'NaN'", '-7'],
  text: ["''", "'a'", "'1'", "'7'", "'a text that is longer than twelve bytes'"],
  'varchar(6)': ["''", "'a'", "'1'", "'é'"],
  boolean: ['true', 'false'],
  date: ["'2024-02-29'", "'1999-12-31'", "'infinity'"],
  timestamp: ["'2024-02-29 12:00'", "'1999-12-31'", "'-infinity'"],
  'int[]': ["'{}'", "'{1,NULL,7}'", "'{1}'"],
  jsonb: ["'1'", "'1.0'", `'{"a": 1}'`, "'null'"],
};
const TYPES = Object.keys(VALUES);
const UNORDERED = ['boolean', 'jsonb'];
const NAMES = ['c1', 'c2', 'c3', 'c4', 'c5'];

export class TableGrammar extends Phrases {
  readonly changed = ['w'];
  private columns = new Map<string, string>();
  /** the columns at the beginning of the block and at each savepoint; empty: no block */
  private saved: ReadonlyMap<string, string>[] = [];
  /** the columns before the statement that was given last */
  private before: ReadonlyMap<string, string> = new Map();
  private ids = 0;

  tables(): string[] {
    this.saved = [];
    this.ids = 0;
    this.columns = new Map([
      ['c1', this.pick(TYPES)],
      ['c2', this.pick(TYPES)],
    ]);
    const columns = [...this.columns].map(([name, type]) => `${name} ${type}`);
    return [
      'DROP TABLE IF EXISTS w CASCADE',
      `CREATE TABLE w (id int${this.maybe(0.6, () => ' PRIMARY KEY')}, ${columns.join(', ')})`,
    ];
  }

  get inBlock(): boolean {
    return this.saved.length > 0;
  }

  /** The statement that was given last has failed. */
  failed(): void {
    this.columns = new Map(this.before);
  }

  statement(): string {
    this.before = new Map(this.columns);
    const chance = this.below(100);
    if (!this.inBlock && chance < 8) {
      this.saved = [new Map(this.columns)];
      return `BEGIN${this.maybe(0.3, () => ' ISOLATION LEVEL REPEATABLE READ')}`;
    }
    if (this.inBlock && chance < 24) return this.inside(chance);
    if (chance < 44) return this.summary();
    if (chance < 64 || this.ids < 5) return this.insert(this.pick([1, 1, 3, 40]));
    if (chance < 74) return this.update();
    if (chance < 80) return this.delete();
    return this.alter();
  }

  private inside(chance: number): string {
    if (chance < 8) {
      const [begin] = this.saved;
      this.saved = [];
      if (chance < 5) return 'COMMIT';
      this.columns = new Map(begin);
      return 'ROLLBACK';
    }
    if (chance < 15) {
      this.saved.push(new Map(this.columns));
      return `SAVEPOINT s${this.saved.length - 1}`;
    }
    const to = 1 + this.below(this.saved.length);
    if (to < this.saved.length) {
      this.columns = new Map(this.saved[to]);
      this.saved.length = to + 1;
    }
    return `ROLLBACK TO s${to}`;
  }

  private column(): string {
    return this.chance(0.95) && this.columns.size > 0 ? this.pick([...this.columns.keys()]) : this.pick(NAMES);
  }

  private value(name: string): string {
    const type = this.columns.get(name) ?? 'int';
    return this.chance(0.15) ? 'NULL' : this.pick(VALUES[type]!);
  }

  private insert(rows: number): string {
    const names = [...this.columns.keys()].filter(() => this.chance(0.8));
    const row = () => {
      const id = this.chance(0.1) ? this.below(this.ids + 1) : ++this.ids;
      return `(${[id, ...names.map((name) => (this.chance(0.1) ? 'DEFAULT' : this.value(name)))].join(', ')})`;
    };
    const conflict = this.maybe(0.3, () => {
      const [name] = names;
      return name === undefined || this.chance(0.5)
        ? ' ON CONFLICT DO NOTHING'
        : ` ON CONFLICT (id) DO UPDATE SET ${name} = excluded.${name}`;
    });
    return `INSERT INTO w(${['id', ...names].join(', ')}) VALUES ${Array.from({ length: rows }, row).join(', ')}${conflict}`;
  }

  private where(): string {
    return this.one(
      () => '',
      () => ` WHERE id ${this.pick(['=', '<', '>', '>='])} ${this.below(this.ids + 2)}`,
      () => ` WHERE id % 5 = ${this.below(5)}`,
      () => {
        const name = this.column();
        return ` WHERE ${name} ${this.pick(['=', '<', '>', '<>', 'IS DISTINCT FROM'])} ${this.value(name)}`;
      },
      () => ` WHERE ${this.column()} IS ${this.not()}NULL`,
    );
  }

  private summary(): string {
    const name = this.column();
    const ordered = !UNORDERED.includes(this.columns.get(name) ?? 'int');
    const least = ordered ? `, min(${name}), max(${name})` : '';
    return this.one(
      () => 'SELECT count(*), min(id), max(id) FROM w',
      () => `SELECT count(*), count(${name})${least} FROM w`,
      () => `SELECT count(*), count(${name})${least}, max(id) FROM w${this.where()}`,
      () => `SELECT ${name}, count(*) FROM w${this.where()} GROUP BY ${name}`,
      () => `SELECT * FROM w${this.where()} ORDER BY ${name}, id LIMIT 7`,
      () => `SELECT max(id) FROM w HAVING count(*) > ${this.below(30)}`,
      () => `SELECT id, ${name} FROM w WHERE id = ${this.below(this.ids + 2)}`,
    );
  }

  private update(): string {
    const name = this.column();
    const set = this.one(
      () => `${name} = ${this.value(name)}`,
      () => `${name} = DEFAULT`,
      () => `id = id + ${this.pick(['0', '1000'])}`,
      () => {
        const other = [...this.columns].find(([key, type]) => key !== name && type === this.columns.get(name));
        return `${name} = ${other?.[0] ?? name}`;
      },
    );
    return `UPDATE w SET ${set}${this.where()}${this.maybe(0.2, () => ' RETURNING *')}`;
  }

  private delete(): string {
    return this.chance(0.05) ? 'TRUNCATE w' : `DELETE FROM w${this.where()}${this.maybe(0.2, () => ' RETURNING id')}`;
  }

  private alter(): string {
    const name = this.column();
    return this.one(
      () => this.add(),
      () => this.add(),
      () => this.drop(name),
      () => this.retype(name),
      () => this.retype(name),
      () => this.rename(name),
      () => `ALTER TABLE w ALTER ${name} SET DEFAULT ${this.value(name)}`,
      () => `ALTER TABLE w ALTER ${name} ${this.pick(['DROP DEFAULT', 'SET NOT NULL', 'DROP NOT NULL'])}`,
      () => `CREATE ${this.pick(['', '', 'UNIQUE '])}INDEX w_${name} ON w(${name})`,
      () => `DROP INDEX IF EXISTS w_${name}`,
      () => `ALTER TABLE w ${this.pick(['ADD CONSTRAINT u1 UNIQUE', 'ADD PRIMARY KEY'])} (${this.pick(['id', name])})`,
      () => `ALTER TABLE w DROP CONSTRAINT IF EXISTS ${this.pick(['u1', 'w_pkey'])}`,
    );
  }

  private add(): string {
    const free = NAMES.filter((name) => !this.columns.has(name));
    const name = this.pick(free.length > 0 ? free : NAMES);
    const type = this.pick(TYPES);
    this.columns.set(name, type);
    const more = this.one(
      () => '',
      () => ` DEFAULT ${this.pick(VALUES[type]!)}`,
      () => ` DEFAULT ${this.pick(VALUES[type]!)} NOT NULL`,
    );
    return `ALTER TABLE w ADD COLUMN ${name} ${type}${more}`;
  }

  private drop(name: string): string {
    this.columns.delete(name);
    return `ALTER TABLE w DROP COLUMN ${name}`;
  }

  private retype(name: string): string {
    const type = this.pick(TYPES);
    this.columns.set(name, type);
    const using = this.one(
      () => '',
      () => ` USING ${name}::text::${type}`,
      () => ` USING ${this.pick(VALUES[type]!)}::${type}`,
      () => ` USING NULL`,
    );
    return `ALTER TABLE w ALTER COLUMN ${name} TYPE ${type}${using}`;
  }

  private rename(name: string): string {
    const free = NAMES.filter((each) => !this.columns.has(each));
    const next = this.pick(free.length > 0 ? free : NAMES);
    const type = this.columns.get(name);
    if (type !== undefined && !this.columns.has(next)) {
      this.columns.delete(name);
      this.columns.set(next, type);
    }
    return `ALTER TABLE w RENAME COLUMN ${name} TO ${next}`;
  }
}
