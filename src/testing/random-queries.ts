// Random queries over three small tables with NULLs and duplicates, for comparing two ways to run them: joins of all kinds, LATERAL,
// correlated subqueries, grouping, DISTINCT, windows and set operations. Results do not depend on row order.
import { RandomChoices } from './seeded-random.ts';

const TABLES = ['q1', 'q2', 'q3'] as const;
const COLUMNS = { i: 'int', b: 'bigint', n: 'numeric', t: 'text', o: 'boolean' } as const;
const NAMES = Object.keys(COLUMNS) as (keyof typeof COLUMNS)[];
const VALUES: Readonly<Record<keyof typeof COLUMNS, readonly string[]>> = {
  i: ['0', '1', '2', '3', '-1'],
  b: ['0', '1', '2', '9000000000'],
  n: ['0', '1.5', '-2.25', '1.50', '3.00'],
  t: ["''", "'a'", "'b'", "'ab'"],
  o: ['true', 'false'],
};

export class RandomQueries extends RandomChoices {
  /** Statements that make the tables, with a few rows each, perhaps none. */
  tables(): string[] {
    return TABLES.flatMap((table) => {
      const create = `CREATE TABLE ${table} (${NAMES.map((name) => `${name} ${COLUMNS[name]}`).join(', ')})`;
      const rows = this.below(8);
      return rows === 0 ? [create] : [create, this.insert(table, rows)];
    });
  }

  private value(name: keyof typeof COLUMNS): string {
    return this.chance(0.2) ? 'NULL' : this.pick(VALUES[name]);
  }

  private insert(table: string, rows: number): string {
    const row = () => `(${NAMES.map((name) => this.value(name)).join(', ')})`;
    return `INSERT INTO ${table} VALUES ${Array.from({ length: rows }, row).join(', ')}`;
  }

  /** A statement that changes some rows of a table. */
  change(): string {
    const table = this.pick(TABLES);
    const [where, set] = [this.pick(NAMES), this.pick(NAMES)];
    const some = `${where} IS NOT DISTINCT FROM ${this.value(where)}`;
    switch (this.below(5)) {
      case 0:
        return `DELETE FROM ${table} WHERE ${some}`;
      case 1:
        return `UPDATE ${table} SET ${set} = ${this.value(set)} WHERE ${some}`;
      default:
        return this.insert(table, 1 + this.below(5));
    }
  }

  query(): string {
    if (this.chance(0.15))
      return `${this.block()} ${this.pick(['UNION', 'UNION ALL', 'EXCEPT', 'INTERSECT'])} ${this.block()}`;
    const { from, names } = this.from();
    const where = this.chance(0.6) ? ` WHERE ${this.condition(names, 2)}` : '';
    const [a, b] = [this.number(names, 2), this.text(names)];
    switch (this.below(5)) {
      case 0:
        return `SELECT ${b}, count(*), sum(${a}), max(${b}) FROM ${from}${where} GROUP BY 1${this.chance(0.4) ? ' HAVING count(*) > 1' : ''}`;
      case 1:
        return `SELECT DISTINCT ${a}, ${b} FROM ${from}${where}`;
      case 2:
        return `SELECT ${a}, rank() OVER (PARTITION BY ${b} ORDER BY ${this.pick(names)}.i) FROM ${from}${where}`;
      case 3:
        return `WITH w AS (SELECT ${a} AS x, count(*) AS c FROM ${from}${where} GROUP BY 1) SELECT * FROM w WHERE c >= (SELECT avg(c) FROM w)`;
      default:
        return `SELECT ${a}, ${b}, ${this.condition(names, 2)} FROM ${from}${where}`;
    }
  }

  /** Two columns, for set operations. */
  private block(): string {
    const { from, names } = this.from();
    return `(SELECT ${this.number(names, 1)} AS x, ${this.text(names)} AS y FROM ${from} WHERE ${this.condition(names, 1)})`;
  }

  private from(): { from: string; names: string[] } {
    const names = ['a'];
    let from = `${this.pick(TABLES)} a`;
    for (const name of ['b', 'c'].slice(0, this.below(3))) {
      const source = this.pick([...TABLES, '(SELECT * FROM q1 WHERE o)', '(SELECT DISTINCT * FROM q2)']);
      const kind = this.pick(['JOIN', 'LEFT JOIN', 'RIGHT JOIN', 'FULL JOIN', 'LATERAL']);
      const equal = `${this.pick(names)}.i = ${name}.${this.pick(['i', 'b'])}`;
      if (kind === 'LATERAL') {
        const inner = this.condition([...names, 'z'], 1);
        from += ` LEFT JOIN LATERAL (SELECT * FROM ${this.pick(TABLES)} z WHERE ${inner}) ${name} ON true`;
      } else {
        const more = kind === 'FULL JOIN' || this.chance(0.6) ? '' : ` AND ${this.condition([...names, name], 1)}`;
        from += ` ${kind} ${source} ${name} ON ${equal}${more}`;
      }
      names.push(name);
    }
    return { from, names };
  }

  private number(names: readonly string[], depth: number): string {
    const column = `${this.pick(names)}.${this.pick(['i', 'b', 'n'])}`;
    if (depth === 0 || this.chance(0.5)) return this.chance(0.8) ? column : this.pick(['0', '1', '2.5']);
    const inner = () => this.number(names, depth - 1);
    switch (this.below(4)) {
      case 0:
        return `(${inner()} ${this.pick(['+', '-'])} ${inner()})`;
      case 1:
        return `coalesce(${inner()}, ${inner()})`;
      case 2:
        return `CASE WHEN ${this.condition(names, depth - 1)} THEN ${inner()} ELSE ${inner()} END`;
      default:
        return `nullif(${inner()}, ${inner()})`;
    }
  }

  private text(names: readonly string[]): string {
    const column = `${this.pick(names)}.t`;
    return this.chance(0.7) ? column : this.pick([`coalesce(${column}, 'x')`, `(${column} || 'y')`]);
  }

  private condition(names: readonly string[], depth: number): string {
    const [left, right] = [this.number(names, 0), this.number(names, 0)];
    if (depth === 0)
      return this.chance(0.5) ? `${this.pick(names)}.o` : `${left} ${this.pick(['=', '<', '>'])} ${right}`;
    const inner = () => this.condition(names, depth - 1);
    const rows = (where: string) => `FROM ${this.pick(TABLES)} e WHERE ${where}`;
    switch (this.below(9)) {
      case 0:
        return `(${inner()} AND ${inner()})`;
      case 1:
        return `(${inner()} OR ${inner()})`;
      case 2:
        return `(NOT ${inner()})`;
      case 3:
        return `(${left} IS ${this.pick(['', 'NOT '])}NULL)`;
      case 4:
        return `(${left} IS ${this.pick(['', 'NOT '])}DISTINCT FROM ${right})`;
      case 5:
        return `${this.pick(['', 'NOT '])}EXISTS (SELECT 1 ${rows(this.condition([...names, 'e'], depth - 1))})`;
      case 6:
        return `(${left} ${this.pick(['IN', 'NOT IN'])} (SELECT e.i ${rows(this.condition(['e'], depth - 1))}))`;
      case 7:
        return `(${left} ${this.pick(['>', '='])} (SELECT ${this.pick(['max', 'min', 'count'])}(e.i) ${rows(this.condition([...names, 'e'], depth - 1))}))`;
      default:
        return `(${left} ${this.pick(['> ALL', '= ANY'])} (SELECT e.i FROM ${this.pick(TABLES)} e))`;
    }
  }
}
