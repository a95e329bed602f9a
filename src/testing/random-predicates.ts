// Random conditions with subqueries for every place of a statement that can have one: IN, NOT IN, ANY, ALL and EXISTS, with and without
// correlation, over tables with NULLs, without NULLs and without rows, combined by AND, OR, NOT, CASE, COALESCE and IS NULL.
import { RandomChoices } from './seeded-random.ts';

const OPERATORS = ['=', '<>', '<', '<=', '>', '>='] as const;
const VALUES = ['0', '1', '2', '3', 'NULL'] as const;
/** inner tables: NULLs and duplicates, no NULL, no row */
const INNER = ['some_nulls', 'no_nulls', 'no_rows'] as const;
const EXPRESSION = ['o.a', 'o.b', 'o.a + 1', 'o.b - o.a', '2'] as const;

export class RandomPredicates extends RandomChoices {
  /** Statements that make table o (id, a, b) and the inner ones (k, v). */
  tables(): string[] {
    const row = (values: readonly string[]) => `(${this.pick(values)}, ${this.pick(values)})`;
    const rows = (count: number, values: readonly string[]) =>
      Array.from({ length: count }, () => row(values)).join(', ');
    const known = VALUES.filter((value) => value !== 'NULL');
    return [
      'CREATE TABLE o (id int, a int, b int)',
      `INSERT INTO o SELECT row_number() OVER (ORDER BY a, b), a, b FROM (VALUES (0, 0), (NULL, NULL), ${rows(14, VALUES)}) AS v(a, b)`,
      'CREATE TABLE some_nulls (k int, v int)',
      `INSERT INTO some_nulls VALUES (NULL, 1), (1, NULL), ${rows(5, VALUES)}`,
      'CREATE TABLE no_nulls (k int, v int)',
      `INSERT INTO no_nulls VALUES ${rows(6, known)}`,
      'CREATE TABLE no_rows (k int, v int)',
    ];
  }

  /** A SELECT over o, in which a condition stands in some place; its rows in any order. */
  query(): string {
    const condition = this.condition(2);
    switch (Math.floor(this.random() * 9)) {
      case 0:
        return `SELECT o.id, ${condition} FROM o`;
      case 1:
        return `SELECT o.id, ${condition}, ${this.condition(1)} FROM o WHERE ${this.condition(2)}`;
      case 2:
        return `SELECT o.a, count(*) FROM o GROUP BY o.a, o.b HAVING ${condition}`;
      case 3:
        return `SELECT o.id, row_number() OVER (ORDER BY ${condition}, o.id) FROM o`;
      case 4:
        return `SELECT count(*) FILTER (WHERE ${condition}), sum(CASE WHEN ${this.condition(1)} THEN o.id ELSE -o.id END) FROM o`;
      case 5:
        return `SELECT p.id, o.id FROM o JOIN o AS p ON p.a = o.a AND (${condition} OR p.b = o.b)`;
      case 6:
        return `SELECT p.id, o.id FROM o AS p LEFT JOIN o ON p.a = o.a AND ${condition}`;
      case 7:
        return `SELECT ${condition} AS c, count(*) FROM o GROUP BY 1`;
      default:
        return `SELECT o.id FROM o WHERE ${condition}`;
    }
  }

  /** UPDATE or DELETE of o. */
  change(): string {
    const condition = this.condition(2);
    if (this.chance(0.4)) return `DELETE FROM o WHERE ${condition}`;
    return `UPDATE o SET b = CASE WHEN ${condition} THEN 1 WHEN ${this.condition(1)} THEN 2 ELSE o.b END WHERE ${this.condition(1)}`;
  }

  private condition(depth: number): string {
    if (depth === 0 || this.chance(0.3)) return this.test();
    const inner = () => this.condition(depth - 1);
    switch (Math.floor(this.random() * 7)) {
      case 0:
        return `(${inner()} AND ${inner()})`;
      case 1:
      case 2:
        return `(${inner()} OR ${inner()})`;
      case 3:
        return `NOT (${inner()})`;
      case 4:
        return `CASE WHEN ${inner()} THEN ${inner()} ELSE ${inner()} END`;
      case 5:
        return `coalesce(${inner()}, ${inner()})`;
      default:
        return `(${inner()}) IS ${this.pick(['NULL', 'NOT NULL', 'TRUE', 'NOT FALSE'])}`;
    }
  }

  private test(): string {
    const arg = this.pick(EXPRESSION);
    switch (Math.floor(this.random() * 8)) {
      case 0:
      case 1:
        return `${arg} ${this.pick(['IN', 'NOT IN'])} (${this.values('i.v')})`;
      case 2:
        return `(${arg}, ${this.pick(EXPRESSION)}) ${this.pick(['IN', 'NOT IN'])} (${this.values('i.k, i.v')})`;
      case 3:
      case 4:
        return `${arg} ${this.pick(OPERATORS)} ${this.pick(['ANY', 'ALL'])} (${this.values('i.v')})`;
      case 5:
        return `${this.pick(['', 'NOT '])}EXISTS (SELECT 1 FROM ${this.pick(INNER)} AS i${this.where()})`;
      case 6:
        return `${arg} ${this.pick(OPERATORS)} (SELECT ${this.pick(['max', 'min', 'count', 'sum'])}(i.v) FROM ${this.pick(INNER)} AS i${this.where()})`;
      default:
        return `${arg} ${this.pick(OPERATORS)} ${this.pick(EXPRESSION)}`;
    }
  }

  private values(columns: string): string {
    const from = `FROM ${this.pick(INNER)} AS i${this.where()}`;
    const other = columns === 'i.v' ? ['SELECT max(i.v)', 'SELECT i.v + 0', 'SELECT DISTINCT i.v'] : [];
    return `${this.pick([`SELECT ${columns}`, `SELECT ${columns}`, ...other])} ${from}`;
  }

  private where(): string {
    const conditions = [
      'i.k = o.a',
      'i.k = o.b',
      'i.v = o.a',
      'i.k < o.a',
      'i.v >= o.b',
      'i.k = 1',
      'o.b > 1',
      'i.v IS NOT NULL',
    ];
    if (this.chance(0.35)) return '';
    const first = this.pick(conditions);
    return ` WHERE ${this.chance(0.3) ? `${first} AND ${this.pick(conditions)}` : first}`;
  }
}
