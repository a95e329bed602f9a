// Values of every type, arrays and records included, and what must hold of any list of them: `=` and `<` as PostgreSQL has them put them into
// classes in an order, and grouping, joins, DISTINCT, IN, set operations, windows, sorts, unique indexes and views say the same. The values are
// written in many ways, so that equal ones have unlike bytes.

import assert from 'node:assert/strict';
import { RandomChoices } from './seeded-random.ts';
import type { SltTarget } from './slt-run.ts';

/** Texts per type; several are equal in SQL. */
const TEXTS: Readonly<Record<string, readonly string[]>> = {
  bool: ['t', 'f'],
  int2: ['0', '1', '-1', '32767'],
  int4: ['0', '1', '-1', '2147483647'],
  int8: ['0', '1', '-1', '9223372036854775807'],
  oid: ['0', '1', '4294967295'],
  float4: ['0', '-0', '1', '1.0', '-1.5', 'NaN', 'Infinity', '-Infinity'],
  float8: ['0', '-0', '1', '1e0', '-1.5', 'NaN', 'Infinity', '-Infinity', '1e300'],
  numeric: [
    '0', '0.00', '1', '1.0', '1.00000000000000000000', '1.00000000000000000000001', '0.99999999999999999999999', '-1', '-1.50', '-1.5',
    '123456789012345678901234567890', '123456789012345678901234567890.000', '1e-30', '1e40', 'NaN', 'Infinity', '-Infinity',
  ],
  'numeric(8,2)': ['0', '1', '1.00', '-1.5', '999999.99'],
  'numeric(30,4)': ['0', '1', '1.0000', '-1.5', '12345678901234567890.5'],
  text: ['', 'a', 'a ', 'b', 'é', 'aaaaaaaaaaaaa', 'aaaaaaaaaaaab', ' a'],
  'varchar(5)': ['', 'a', 'a ', 'b', 'NULL'],
  'char(4)': ['', 'a', 'a ', 'b', 'ab'],
  name: ['', 'a', 'b'],
  bytea: ['', '\\x00', '\\x0001', '\\xff'],
  uuid: ['00000000-0000-0000-0000-000000000001', '80000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff'],
  date: ['2024-02-29', '1999-12-31', 'infinity', '-infinity'],
  time: ['00:00', '24:00', '12:30:00.5'],
  timestamp: ['2024-02-29 12:00', '1999-12-31 23:59:59.999999', 'infinity', '-infinity'],
  timestamptz: ['2024-02-29 12:00+00', '2024-02-29 13:00+01', 'infinity'],
  interval: ['1 month', '30 days', '720:00:00', '1 day', '24:00:00', '00:00', '1 month -30 days', '-1 month', '-30 days', '1 day -24:00:00'],
  jsonb: [
    'null', 'true', 'false', '1', '1.0', '1.00', '-1.5', '10', '9', '9.99', '"1.0"', '"1.00"', '""', '"a"', '"a\\n"', '"a\\u0001"', '[]', '[1]',
    '[1.0]', '[1, 2]', '[[]]', '[null]', '{}', '{"a": 1}', '{"a": 1.0}', '{"b": 1}', '{"aa": 1}', '{"a": [1.50, {"b": "1.50"}]}',
    '{"a": [1.5, {"b": "1.50"}]}', '{"a.0": 1, "b": {}}',
  ],
}; // biome-ignore format: lists

export const BASE_TYPES: readonly string[] = Object.keys(TEXTS);

/** A type as values are written, and whether a column of a table can have it. */
export interface RandomType {
  readonly name: string;
  readonly storable: boolean;
  /** an expression of the type, NULL at times */
  readonly value: () => string;
}

export class RandomTypes extends RandomChoices {
  base(name: string): RandomType {
    const value = () => (this.random() < 0.08 ? `NULL::${name}` : `'${this.pick(TEXTS[name]!)}'::${name}`);
    return { name, storable: true, value };
  }

  /** Arrays of one and two dimensions, with bounds of their own at times. */
  array(element: RandomType): RandomType {
    const name = `${element.name}[]`;
    const value = () => {
      const items = Array.from({ length: 1 + Math.floor(this.random() * 2) }, () => element.value());
      const shape = this.random();
      if (shape < 0.1 && element.storable) return `'{}'::${name}`;
      if (shape < 0.15 && element.storable) return `array_fill(${items[0]}, array[2], array[0])`;
      return shape < 0.3 ? `array[array[${items.join(', ')}]]` : `array[${items.join(', ')}]`;
    };
    return { name, storable: element.storable, value };
  }

  record(fields: readonly RandomType[]): RandomType {
    const name = `(${fields.map((field) => field.name).join(', ')})`;
    return { name, storable: false, value: () => `row(${fields.map((field) => field.value()).join(', ')})` };
  }

  /** Arrays and records of anything, two levels deep at most. */
  composite(depth = 2): RandomType {
    if (depth === 0 || this.random() < 0.3) return this.base(this.pick(BASE_TYPES));
    const inner = () => this.composite(depth - 1);
    if (this.random() < 0.4) return this.record([inner(), inner()].slice(0, 1 + Math.floor(this.random() * 2)));
    const element = inner();
    return element.name.endsWith(']') ? element : this.array(element);
  }

  values(type: RandomType, count: number): string[] {
    return Array.from({ length: count }, () => type.value());
  }
}

/** a.id, b.id, a.x = b.x, a.x < b.x per pair of values, as the target has it. */
export async function comparisons(target: SltTarget, values: readonly string[]): Promise<readonly string[]> {
  const { rows } = await target.execute(
    `WITH ${listed(values)} SELECT a.id, b.id, a.x = b.x, a.x < b.x FROM v a CROSS JOIN v b ORDER BY 1, 2`,
  );
  return rows!.map((row) => row.join(' '));
}

function listed(values: readonly string[]): string {
  return `v(id, x) AS MATERIALIZED (VALUES ${values.map((value, i) => `(${i}, ${value})`).join(', ')})`;
}

/** Fails where an operation of the target does not follow the comparisons. `storable` values go into a table with a unique index, and a view, too. */
export async function checkValues(target: SltTarget, values: readonly string[], type: RandomType): Promise<void> {
  const expected = new Expected(await comparisons(target, values), values.length);
  const from = `WITH ${listed(values)} `;
  const check = async (sql: string, want: readonly string[]) => {
    const { rows } = await target.execute(sql);
    assert.deepEqual(rows!.map((row) => row.join(' ')).sort(), [...want].sort(), `${type.name}: ${sql}`);
  };
  for (const [sql, want] of expected.queries()) await check(`${from}${sql}`, want);
  if (!type.storable) return;
  await target.execute(`CREATE TABLE v (id int, x ${type.name})`);
  await target.execute(`CREATE TABLE u (x ${type.name} UNIQUE)`);
  await target.execute('CREATE MATERIALIZED VIEW m AS SELECT min(id), count(*) FROM v GROUP BY x');
  await target.execute('CREATE MATERIALIZED VIEW j AS SELECT a.id, b.id AS other FROM v a JOIN v b ON a.x = b.x');
  await target.execute(`INSERT INTO v VALUES ${values.map((value, i) => `(${i}, ${value})`).join(', ')}`);
  await target.execute('INSERT INTO u SELECT x FROM v ON CONFLICT DO NOTHING');
  for (const [sql, want] of expected.queries()) await check(sql, want);
  await check('SELECT * FROM m', expected.groups());
  await check('SELECT * FROM j', expected.partners());
  await check('SELECT count(*) FROM u', [String(expected.classes.length + expected.nulls.length)]);
  await check('SELECT id FROM v WHERE EXISTS (SELECT 1 FROM u WHERE u.x = v.x)', expected.known.map(String));
  await target.execute('DELETE FROM v WHERE id % 3 = 0');
  await check(
    'SELECT * FROM m',
    expected.groups((id) => id % 3 !== 0),
  );
  await target.execute('DROP TABLE v, u CASCADE');
}

/** What operations must answer, from what `=` and `<` say of each pair. */
class Expected {
  readonly nulls: readonly number[];
  readonly known: readonly number[];
  /** ids by class, in order */
  readonly classes: readonly (readonly number[])[];

  constructor(pairs: readonly string[], count: number) {
    const equal = (a: number, b: number) => pairs[a * count + b]!.split(' ')[2]!;
    const less = (a: number, b: number) => pairs[a * count + b]!.split(' ')[3]!;
    const ids = Array.from({ length: count }, (_, id) => id);
    this.nulls = ids.filter((id) => equal(id, id) !== 't');
    this.known = ids.filter((id) => equal(id, id) === 't');
    const before = (id: number) => this.known.filter((other) => less(other, id) === 't').length;
    const places = [...new Set(this.known.map(before))].sort((a, b) => a - b);
    this.classes = places.map((place) => this.known.filter((id) => before(id) === place));
    for (const a of this.known) {
      const own = this.classes.find((ofClass) => ofClass.includes(a))!;
      for (const b of this.known) assert.equal(equal(a, b), own.includes(b) ? 't' : 'f', `${a} = ${b}`);
    }
  }

  private get all(): readonly (readonly number[])[] {
    return this.nulls.length === 0 ? this.classes : [...this.classes, this.nulls];
  }

  groups(stays: (id: number) => boolean = () => true): string[] {
    const left = this.all.map((ids) => ids.filter(stays)).filter((ids) => ids.length > 0);
    return left.map((ids) => `${ids[0]} ${ids.length}`);
  }

  partners(): string[] {
    return this.classes.flatMap((ids) => ids.flatMap((a) => ids.map((b) => `${a} ${b}`)));
  }

  queries(): [sql: string, rows: readonly string[]][] {
    const { all, classes, known } = this;
    const order = all.flat();
    const even = (ids: readonly number[]) => ids.some((id) => id % 2 === 0);
    const odd = (ids: readonly number[]) => ids.some((id) => id % 2 === 1);
    const rank = (ids: readonly number[]) => all.slice(0, all.indexOf(ids)).flat().length + 1;
    const numbered = (sorted: readonly number[]) => sorted.map((id, i) => `${i + 1} ${id}`);
    const descending = [...all].reverse().flat();
    return [
      ['SELECT min(id), count(*) FROM v GROUP BY x', this.groups()],
      ['SELECT count(*) FROM (SELECT DISTINCT x FROM v) d', [String(all.length)]],
      ['SELECT count(DISTINCT x) FROM v', [String(classes.length)]],
      ['SELECT min(id) FROM (SELECT DISTINCT ON (x) x, id FROM v ORDER BY x, id) d', ['0']],
      ['SELECT a.id, b.id FROM v a JOIN v b ON a.x = b.x', this.partners()],
      ['SELECT a.id FROM v a LEFT JOIN v b ON a.x = b.x AND a.id > b.id WHERE b.id IS NULL', all.flatMap((ids) => (ids === this.nulls ? ids.map(String) : [String(ids[0])]))],
      ['SELECT id FROM v WHERE x IN (SELECT x FROM v WHERE id % 2 = 0)', classes.filter(even).flat().map(String)],
      ['SELECT count(*) FROM (SELECT x FROM v WHERE id % 2 = 0 INTERSECT SELECT x FROM v WHERE id % 2 = 1) s', [String(all.filter((ids) => even(ids) && odd(ids)).length)]],
      ['SELECT count(*) FROM (SELECT x FROM v WHERE id % 2 = 0 EXCEPT SELECT x FROM v WHERE id % 2 = 1) s', [String(all.filter((ids) => even(ids) && !odd(ids)).length)]],
      ['SELECT id, rank() OVER (ORDER BY x), count(*) OVER (PARTITION BY x) FROM v', all.flatMap((ids) => ids.map((id) => `${id} ${rank(ids)} ${ids.length}`))],
      ['SELECT row_number() OVER (ORDER BY x, id), id FROM v', numbered(order)],
      ['SELECT row_number() OVER (), id FROM (SELECT id FROM v ORDER BY x, id) s', numbered(order)],
      ['SELECT row_number() OVER (), id FROM (SELECT id FROM v ORDER BY x DESC, id LIMIT 3) s', numbered(descending.slice(0, 3))],
      ["SELECT string_agg(id::text, ' ' ORDER BY x, id) FROM v", [order.join(' ')]],
      ['SELECT count(*) FROM v a, v b WHERE a.x IS NOT DISTINCT FROM b.x', [String(all.reduce((sum, ids) => sum + ids.length ** 2, 0))]],
      ['SELECT id FROM v WHERE NOT x <> x', known.map(String)],
    ]; // biome-ignore format: a table
  }
}
