// Statements bound over the sample catalog: result columns with PostgreSQL's names and types, parameter types, and what is
// refused with which SQLSTATE, text, position and hint.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SqlError } from '../../errors/sql-error.ts';
import { formatTypeName } from '../../types/type-table.ts';
import { bindText, sampleContext } from '../testing/sample-catalog.ts';

function columnsOf(text: string): string {
  return bindText(text)
    .columns.map((column) => `${column.name} ${formatTypeName(column.type)}`)
    .join(', ');
}

const COLUMNS: readonly (readonly [sql: string, columns: string])[] = [
  [
    "select 1, 1.5, 'x', null, true",
    '?column? integer, ?column? numeric, ?column? text, ?column? text, ?column? boolean',
  ],
  ['select 3000000000, -2147483648', '?column? bigint, ?column? integer'],
  ['select id, upper(name), count(*) over () from customers', 'id integer, upper text, count bigint'],
  ["select '5'::int, cast(id as text), date '2020-01-01' from orders", 'int4 integer, id text, date date'],
  [
    'select case when true then id end, coalesce(id, 1), array[id], row(id), exists(select 1) from orders',
    'case integer, coalesce integer, array integer[], row record, exists boolean',
  ],
  [
    'select * from orders join customers using (id)',
    'id integer, customer_id integer, placed date, total numeric, paid boolean, name text, city text',
  ],
  ['select * from (values (1, 2), (3, 4)) v(a)', 'a integer, column2 integer'],
  ['select 1 union select 2.5', '?column? numeric'],
  ["select '1' union select 2", '?column? integer'],
  [
    'select total * 2, total / 3, id / 2, id + 1.5 from orders',
    '?column? numeric, ?column? numeric, ?column? integer, ?column? numeric',
  ],
  [
    'select sum(id), sum(quantity), avg(id), max(product) from orders, items',
    'sum bigint, sum numeric, avg numeric, max text',
  ],
  [
    "select placed + 1, placed + interval '1 day', placed - placed from orders",
    '?column? date, ?column? timestamp without time zone, ?column? integer',
  ],
  [
    "select window_start, window_end from tumble(events, ts, interval '1 minute')",
    'window_start timestamp with time zone, window_end timestamp with time zone',
  ],
  [
    "select window.start, count(*) from events group by window(ts, '1 minute', '30 seconds')",
    'start timestamp with time zone, count bigint',
  ],
  ['with recursive r(n) as (select 1 union all select n + 1 from r) select * from r', 'n integer'],
  ['insert into customers values (1) returning *', 'id integer, name text, city text'],
  ['update orders set paid = true returning id, tableoid', 'id integer, tableoid oid'],
  ['select g, ordinality from generate_series(1, 3) with ordinality g', 'g integer, ordinality bigint'],
  ['select (select name from customers limit 1), array(select id from orders)', 'name text, array integer[]'],
];

test('result columns have the names and types of PostgreSQL', () => {
  for (const [sql, columns] of COLUMNS) assert.equal(columnsOf(sql), columns, sql);
});

/** sqlstate, position, message [, hint] */
type Refusal = readonly [sql: string, state: string, position: number | undefined, message: string, hint?: string];

const REFUSALS: readonly Refusal[] = [
  ['select id from nope', '42P01', 16, 'relation "nope" does not exist'],
  ['select nope from orders', '42703', 8, 'column "nope" does not exist'],
  [
    'select c.nam from customers c',
    '42703',
    8,
    'column c.nam does not exist',
    'Perhaps you meant to reference the column "c.name".',
  ],
  ['select id from customers, orders', '42702', 8, 'column reference "id" is ambiguous'],
  ['select x.id from orders', '42P01', 8, 'missing FROM-clause entry for table "x"'],
  [
    'select orders.id from orders o',
    '42P01',
    8,
    'invalid reference to FROM-clause entry for table "orders"',
    'Perhaps you meant to reference the table alias "o".',
  ],
  ['select * from orders, orders', '42712', undefined, 'table name "orders" specified more than once'],
  [
    'select name, count(*) from customers',
    '42803',
    8,
    'column "customers.name" must appear in the GROUP BY clause or be used in an aggregate function',
  ],
  ['select 1 from orders where count(*) > 1', '42803', 28, 'aggregate functions are not allowed in WHERE'],
  ['select 1 from orders where row_number() over () > 1', '42P20', 28, 'window functions are not allowed in WHERE'],
  ['select sum(sum(id)) from orders', '42803', 12, 'aggregate function calls cannot be nested'],
  [
    'select foo(1)',
    '42883',
    8,
    'function foo(integer) does not exist',
    'No function matches the given name and argument types. You might need to add explicit type casts.',
  ],
  [
    'select id = name from customers',
    '42883',
    11,
    'operator does not exist: integer = text',
    'No operator matches the given name and argument types. You might need to add explicit type casts.',
  ],
  ["select 'x'::int", '22P02', 8, 'invalid input syntax for type integer: "x"'],
  ['select 1::nope', '42704', 11, 'type "nope" does not exist'],
  ['select 1 where 5', '42804', 16, 'argument of WHERE must be type boolean, not type integer'],
  [
    'select case when true then 1 else name end from customers',
    '42804',
    28,
    'CASE types text and integer cannot be matched',
  ],
  ['select 1 union select name from customers', '42804', 23, 'UNION types integer and text cannot be matched'],
  ['select 1, 2 union select 1', '42601', 26, 'each UNION query must have the same number of columns'],
  ['select 1 order by 2', '42P10', 19, 'ORDER BY position 2 is not in select list'],
  [
    'select distinct name from customers order by id',
    '42P10',
    46,
    'for SELECT DISTINCT, ORDER BY expressions must appear in select list',
  ],
  [
    'insert into customers (id) values (true)',
    '42804',
    36,
    'column "id" is of type integer but expression is of type boolean',
    'You will need to rewrite or cast the expression.',
  ],
  ['insert into customers (nope) values (1)', '42703', 24, 'column "nope" of relation "customers" does not exist'],
  ['insert into customers (id) values (1, 2)', '42601', 39, 'INSERT has more expressions than target columns'],
  [
    'insert into items (amount) values (1)',
    '428C9',
    undefined,
    'cannot insert a non-DEFAULT value into column "amount"',
  ],
  ['update customers set id = 1, id = 2', '42601', undefined, 'multiple assignments to same column "id"'],
  ['delete from events', '0A000', 13, 'cannot delete from stream "events"'],
  [
    "select count(*) from events group by rollup (id), session_window(ts, '1 minute')",
    '0A000',
    51,
    'session_window() is not supported among grouping sets',
    'Group by plain keys, or use SESSION(stream PARTITION BY key, time, gap) in FROM.',
  ],
];

test('refusals have the SQLSTATE, position, text and hint of PostgreSQL', () => {
  for (const [sql, state, position, message, hint] of REFUSALS) {
    assert.throws(
      () => bindText(sql),
      (error) => {
        assert.ok(error instanceof SqlError, `${sql}: ${error}`);
        assert.deepEqual(
          [error.sqlstate, error.details.position, error.message, hint && error.details.hint],
          [state, position, message, hint],
          sql,
        );
        return true;
      },
      sql,
    );
  }
});

test('parameters take their types from their context', () => {
  const types = (sql: string): string => {
    const context = sampleContext();
    bindText(sql, context);
    return context.parameterTypes.map((type) => formatTypeName(type!)).join(', ');
  };
  assert.equal(types('select * from orders where id = $1 and total > $2'), 'integer, numeric');
  assert.equal(types('insert into customers values ($1, $2, $3)'), 'integer, text, text');
  assert.equal(types('select $1'), 'text');
  assert.equal(types('select $1::date, $1'), 'date');
  assert.equal(types('select id from orders limit $1'), 'bigint');
  assert.equal(types('update customers set name = $2 where id = $1'), 'integer, text');
});

test('grouping by a primary key allows the other columns of its table', () => {
  assert.equal(columnsOf('select name, count(*) from customers group by id'), 'name text, count bigint');
});

test('relations read and written are reported', () => {
  const bound = bindText('insert into orders (id) select id from big_orders');
  assert.deepEqual(bound.relations, { read: [2, 4], written: [2] });
});

test('a view that reads itself is refused', () => {
  const context = sampleContext();
  const view = [...context.catalog.relations.values()].find((relation) => relation.kind === 'view')!;
  const looping = { ...view, sql: 'SELECT * FROM big_orders' };
  const catalog = { ...context.catalog, findRelation: () => looping };
  assert.throws(() => bindText('select * from big_orders', { ...context, catalog }), { sqlstate: '42P17' });
});
