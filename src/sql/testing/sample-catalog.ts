// A tiny catalog in memory for the tests of binder, optimizer and planner: orders, customers, items, a view and a stream.
import type { CatalogSnapshot, Column, Relation, Schema } from '../../catalog/objects.ts';
import { builtinFunctions } from '../../functions/registry.ts';
import { BOOL, DATE, INT4, INT8, numericOf, type SqlType, TEXT, TIMESTAMPTZ } from '../../types/sql-type.ts';
import type { BindContext, BoundStatement } from '../binder/bind-context.ts';
import { bindStatement } from '../binder/bind-statement.ts';
import { parseStatements } from '../parser/parse.ts';

const PUBLIC: Schema = { oid: 2200, name: 'public', owner: 10 };

function columns(
  list: Readonly<Record<string, SqlType>>,
  extra: Readonly<Record<string, Partial<Column>>> = {},
): Column[] {
  return Object.entries(list).map(([name, type], i) => ({
    name,
    attribute: i + 1,
    type,
    notNull: false,
    defaultSql: null,
    generated: null,
    ...extra[name],
  }));
}

const base = { schemaOid: 2200, owner: 10 };
const key = (oid: number, name: string) => ({
  oid,
  name,
  kind: 'primary-key' as const,
  columns: [1],
  checkSql: null,
  indexOid: null,
});

const RELATIONS: readonly Relation[] = [
  {
    ...base,
    oid: 1,
    name: 'customers',
    kind: 'table',
    temporary: false,
    constraints: [key(101, 'customers_pkey')],
    columns: columns({ id: INT4, name: TEXT, city: TEXT }, { id: { notNull: true } }),
  },
  {
    ...base,
    oid: 2,
    name: 'orders',
    kind: 'table',
    temporary: false,
    constraints: [
      key(102, 'orders_pkey'),
      { oid: 103, name: 'orders_total_check', kind: 'check', columns: [4], checkSql: 'total >= 0', indexOid: null },
    ],
    columns: columns(
      { id: INT4, customer_id: INT4, placed: DATE, total: numericOf(12, 2), paid: BOOL },
      { id: { notNull: true }, paid: { defaultSql: 'false' } },
    ),
  },
  {
    ...base,
    oid: 3,
    name: 'items',
    kind: 'table',
    temporary: false,
    constraints: [],
    columns: columns(
      { order_id: INT4, product: TEXT, quantity: INT8, price: numericOf(12, 2), amount: numericOf(20, 2) },
      { amount: { defaultSql: 'quantity * price', generated: 'stored' } },
    ),
  },
  {
    ...base,
    oid: 4,
    name: 'big_orders',
    kind: 'view',
    sql: 'SELECT id, customer_id, total FROM orders WHERE total > 100',
    searchPath: ['public'],
    columns: columns({ id: INT4, customer_id: INT4, total: numericOf(12, 2) }),
  },
  {
    ...base,
    oid: 5,
    name: 'events',
    kind: 'stream',
    connector: 'internal',
    options: {},
    format: null,
    encode: null,
    watermark: null,
    onLate: { kind: 'reject' },
    onError: { kind: 'reject' },
    constraints: [],
    columns: columns({ ts: TIMESTAMPTZ, user_id: INT4, value: INT4 }),
  },
];

function sampleCatalog(): CatalogSnapshot {
  return {
    version: 1,
    schemas: new Map([[PUBLIC.oid, PUBLIC]]),
    relations: new Map(RELATIONS.map((relation) => [relation.oid, relation])),
    roles: new Map(),
    databases: new Map(),
    functions: new Map(),
    findSchema: (name) => (name === 'public' ? PUBLIC : undefined),
    findRelation: (schema, name) => RELATIONS.find((r) => r.schemaOid === schema && r.name === name),
    indexesOf: () => [],
    findRole: () => undefined,
    findFunctions: () => [],
  };
}

export function sampleContext(): BindContext {
  return {
    catalog: sampleCatalog(),
    functions: builtinFunctions(),
    searchPath: ['public'],
    parameterTypes: [],
    currentUser: 'tester',
    database: 'test',
    evaluation: { nowMicros: 1_600_000_000_000_000n, timeZone: 'UTC' },
  };
}

/** Parses and binds one statement over the sample catalog. */
export function bindText(text: string, context: BindContext = sampleContext()): BoundStatement {
  const { statement } = parseStatements(text)[0]!;
  return bindStatement(statement as Parameters<typeof bindStatement>[0], context);
}
