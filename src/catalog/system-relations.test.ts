// System relations over a small catalog: every row has a value of the right kind for each column, oids are unique and in their
// range, and the rows that tools rely on are right.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { builtinFunctions } from '../functions/registry.ts';
import type { Datum } from '../types/datum.ts';
import { arrayOf, INT4, INT8, numericOf, type SqlType, TEXT, TIMESTAMPTZ, VARCHAR } from '../types/sql-type.ts';
import { formatType } from '../types/type-table.ts';
import { Catalog, FIRST_USER_OID } from './catalog.ts';
import type { CatalogObject } from './catalog-change.ts';
import { initialCatalog } from './initial-catalog.ts';
import type { Column, Relation } from './objects.ts';
import type { SystemContext } from './system-relation.ts';
import { allSystemRelations, findSystemRelation } from './system-relations.ts';

const OWN = { schemaOid: 2200, owner: 10 };

function column(name: string, attribute: number, type: SqlType, more: Partial<Column> = {}): Column {
  return { name, attribute, type, notNull: false, defaultSql: null, generated: null, ...more };
}

const RELATIONS: readonly Relation[] = [
  {
    ...OWN,
    kind: 'table',
    oid: 20_000,
    name: 'orders',
    temporary: false,
    comment: 'what was bought',
    columns: [
      column('id', 1, INT4, { notNull: true, generated: 'identity-always' }),
      column('amount', 2, numericOf(12, 2), { defaultSql: '0', comment: 'in euros' }),
      column('tags', 3, arrayOf(TEXT)),
      column('code', 5, { ...VARCHAR, length: 5 }),
    ],
    constraints: [
      { oid: 20_001, name: 'orders_pkey', kind: 'primary-key', columns: [1], checkSql: null, indexOid: 20_002 },
      { oid: 20_003, name: 'orders_check', kind: 'check', columns: [2], checkSql: 'amount > 0', indexOid: null },
    ],
  },
  {
    ...OWN,
    kind: 'index',
    oid: 20_002,
    name: 'orders_pkey',
    table: 20_000,
    keyAttributes: [1],
    unique: true,
    primary: true,
    columns: [column('id', 1, INT4)],
  },
  {
    ...OWN,
    kind: 'sequence',
    oid: 20_004,
    name: 'orders_id_seq',
    start: 1n,
    increment: 1n,
    minimum: 1n,
    maximum: 2_147_483_647n,
    cycle: false,
    ownedBy: { table: 20_000, attribute: 1 },
    columns: [],
  },
  {
    ...OWN,
    kind: 'stream',
    oid: 20_005,
    name: 'clicks',
    connector: 'kafka',
    options: { topic: 'clicks', password: 'hunter2' },
    format: 'plain',
    encode: 'json',
    watermark: null,
    onLate: { kind: 'reject' },
    onError: { kind: 'reject' },
    constraints: [],
    columns: [column('at', 1, TIMESTAMPTZ), column('n', 2, INT8)],
  },
  {
    ...OWN,
    kind: 'view',
    oid: 20_006,
    name: 'v',
    sql: 'SELECT id FROM orders',
    searchPath: ['public'],
    columns: [column('id', 1, INT4)],
  },
  {
    ...OWN,
    kind: 'materialized-view',
    oid: 20_007,
    name: 'm',
    sql: 'SELECT count(*) AS n FROM clicks',
    searchPath: ['public'],
    emit: { kind: 'changes' },
    options: {},
    columns: [column('n', 1, INT8)],
  },
];

function smallCatalog(): Catalog {
  const objects: CatalogObject[] = [
    ...initialCatalog({ roles: [{ name: 'ada' }, { name: 'guest', verifier: 'SCRAM-SHA-256$secret' }] }).objects(),
    ...RELATIONS.map((object) => ({ kind: 'relation', object }) as const),
    { kind: 'dependencies', object: { oid: 20_006, dependsOn: [20_000] } },
    {
      kind: 'function',
      object: {
        ...OWN,
        oid: 20_008,
        name: 'double',
        language: 'javascript',
        parameterNames: ['x'],
        parameterTypes: [INT4],
        resultType: INT4,
        source: 'return x * 2',
        strict: true,
        volatility: 'immutable',
        vectorized: false,
      },
    },
  ];
  return Catalog.of(objects);
}

function contextOf(catalog: Catalog, user = 'ada'): SystemContext {
  return {
    catalog,
    functions: builtinFunctions(),
    session: {
      user: catalog.findRole(user)!,
      database: 'postgres',
      processId: 7,
      settings: [
        {
          name: 'search_path',
          value: 'a',
          defaultValue: 'b',
          kind: 'string',
          unit: null,
          context: 'user',
          description: 'd',
          min: null,
          max: null,
          values: null,
        },
      ],
      prepared: [{ name: 'p', text: 'SELECT $1', preparedAtMs: 1.5, parameterTypes: [INT4], fromSql: false }],
      cursors: [{ name: 'c', text: 'SELECT 1', holdable: false, createdAtMs: 2 }],
      expressionText: (sql) => sql,
    },
    activity: [
      {
        processId: 7,
        userName: 'ada',
        databaseName: 'postgres',
        applicationName: 'test',
        remoteAddress: '127.0.0.1',
        remotePort: 1,
        startedAtMs: 1,
        transactionStartedAtMs: null,
        queryStartedAtMs: 3,
        stateChangedAtMs: 4,
        waitsFor: null,
        state: 'active',
        query: 'SELECT 1',
      },
    ],
    statistics: { rowCount: () => 12, sizeBytes: () => 10_000 },
    streams: [
      {
        relation: 20_005,
        connector: 'kafka',
        watermarkMicros: null,
        lagMicros: 90_000_000_000n,
        idle: false,
        acceptedRows: 1n,
        lateRows: 0n,
        malformedRows: 0n,
        lastError: null,
      },
    ],
    queries: [
      {
        relation: 20_007,
        state: 'running',
        frontierEpoch: 1n,
        inputRows: 1n,
        rowsPerSecond: 0.1,
        outputRows: 1n,
        missedRows: 0n,
        stateBytes: 1n,
        lastError: null,
        plan: 'Scan',
      },
    ],
    subscriptions: [
      { id: 1, relation: 20_007, query: 'q', processId: 7, sentEpoch: 1n, queuedRows: 0n, queuedBytes: 0n },
    ],
    checkpoints: [{ epoch: 1n, startedAtMs: 1, durationMs: 2, bytes: 3, state: 'done', error: null }],
    rejected: [{ relation: 20_005, reason: 'late', detail: 'd', raw: null, rejectedAtMs: 1 }],
    server: { startedAtMs: 1, port: 5432, version: '0' },
  };
}

/** Is it the JavaScript value that types/datum.ts says for the type? */
function fits(value: Datum, type: SqlType): boolean {
  switch (type.name) {
    case 'bool':
      return typeof value === 'boolean';
    case 'int2':
    case 'int4':
    case 'oid':
    case 'xid':
    case 'regproc':
    case 'regtype':
    case 'regclass':
    case 'float4':
    case 'float8':
      return typeof value === 'number' && (type.name.startsWith('float') || Number.isInteger(value));
    case 'int8':
    case 'timestamptz':
      return typeof value === 'bigint';
    case 'interval':
      return typeof value === 'object' && 'kind' in value && value.kind === 'interval';
    case 'int2vector':
    case 'oidvector':
      return typeof value === 'object' && 'kind' in value && value.kind === 'array';
    case 'array':
      return (
        typeof value === 'object' &&
        'kind' in value &&
        value.kind === 'array' &&
        value.elements.every((one) => one === null || fits(one, type.element!))
      );
    case 'numeric':
      return typeof value === 'object' && 'kind' in value && value.kind === 'decimal';
    default:
      return typeof value === 'string';
  }
}

function rowsOf(name: string, context: SystemContext): Record<string, Datum | null>[] {
  const [schema, relation] = name.split('.');
  const found = allSystemRelations().find((one) => one.schema === schema && one.name === relation)!;
  return Array.from(found.rows(context), (row) =>
    Object.fromEntries(found.columns.map((one, i) => [one.name, row[i]!])),
  );
}

test('every row has a value of the column type for each column, NULL only where it may be', () => {
  const context = contextOf(smallCatalog());
  const wrong: string[] = [];
  for (const { schema, name, columns, rows } of allSystemRelations()) {
    for (const row of rows(context)) {
      assert.equal(row.length, columns.length, name);
      for (const [i, { name: column, type, notNull }] of columns.entries()) {
        const value = row[i];
        const right = value === null ? notNull !== true : value !== undefined && fits(value, type);
        if (!right) wrong.push(`${schema}.${name}.${column} ${formatType(type)}: ${String(value)}`);
      }
    }
  }
  assert.deepEqual([...new Set(wrong)].slice(0, 20), []);
});

test('names and oids are unique, oids lie below those of users, and catalogs find the relations', () => {
  const all = allSystemRelations();
  assert.equal(new Set(all.map((one) => one.oid)).size, all.length);
  assert.equal(new Set(all.map((one) => `${one.schema}.${one.name}`)).size, all.length);
  const catalog = smallCatalog();
  for (const { oid, name, schema } of all) {
    assert.ok(oid > 0 && oid < FIRST_USER_OID, name);
    assert.equal(catalog.findRelation(catalog.findSchema(schema)!.oid, name)?.oid, oid);
  }
  assert.equal(findSystemRelation(1259)?.name, 'pg_class');
  assert.equal([...catalog.objects()].filter(({ kind }) => kind === 'relation').length, RELATIONS.length);
});

test('no catalog says one oid twice', () => {
  const context = contextOf(smallCatalog());
  for (const { schema, name, columns, rows } of allSystemRelations()) {
    if (schema !== 'pg_catalog' || columns[0]?.name !== 'oid') continue;
    const oids = Array.from(rows(context), (row) => row[0]);
    const twice = oids.filter((oid, i) => oids.indexOf(oid) !== i);
    assert.deepEqual(twice, [], name);
  }
});

test('pg_class, pg_attribute and pg_index describe user relations', () => {
  const context = contextOf(smallCatalog());
  const kinds = rowsOf('pg_catalog.pg_class', context)
    .filter((one) => one.relnamespace === 2200)
    .map((one) => `${one.relname} ${one.relkind}`);
  assert.deepEqual(kinds, ['orders r', 'orders_pkey i', 'orders_id_seq S', 'clicks f', 'v v', 'm m']);
  const attributes = rowsOf('pg_catalog.pg_attribute', context).filter((one) => one.attrelid === 20_000);
  assert.deepEqual(
    attributes.map((one) => [one.attname, one.attnum, one.atttypid, one.atttypmod, one.atthasdef, one.attidentity]),
    [
      ['id', 1, 23, -1, false, 'a'],
      ['amount', 2, 1700, 786438, true, ''],
      ['tags', 3, 1009, -1, false, ''],
      ['code', 5, 1043, 9, false, ''],
    ],
  );
  const [index] = rowsOf('pg_catalog.pg_index', context);
  assert.deepEqual(index!.indkey, { kind: 'array', dimensions: [1], lowerBounds: [0], elements: [1] });
  assert.equal(
    rowsOf('pg_catalog.pg_indexes', context)[0]!.indexdef,
    'CREATE UNIQUE INDEX orders_pkey ON public.orders USING btree (id)',
  );
  assert.deepEqual(
    rowsOf('pg_catalog.pg_description', context).map((one) => [one.objoid, one.objsubid, one.description]),
    [
      [20_000, 0, 'what was bought'],
      [20_000, 2, 'in euros'],
    ],
  );
});

test('a stream is a foreign table of its connector, whose secrets are not shown', () => {
  const context = contextOf(smallCatalog());
  const [server] = rowsOf('pg_catalog.pg_foreign_server', context);
  const [stream] = rowsOf('pg_catalog.pg_foreign_table', context);
  assert.equal(server!.srvname, 'kafka');
  assert.equal(stream!.ftserver, server!.oid);
  assert.deepEqual((stream!.ftoptions as { elements: unknown }).elements, [
    'topic=clicks',
    'password=********',
    'format=plain',
    'encode=json',
  ]);
});

test('password verifiers are for superusers', () => {
  const catalog = smallCatalog();
  const verifiers = (user: string) =>
    rowsOf('pg_catalog.pg_authid', contextOf(catalog, user)).map((one) => one.rolpassword);
  assert.deepEqual(verifiers('ada'), [null, 'SCRAM-SHA-256$secret']);
  assert.deepEqual(verifiers('guest'), [null, null]);
});

test('information_schema describes columns and keys', () => {
  const context = contextOf(smallCatalog());
  const columns = rowsOf('information_schema.columns', context).filter((one) => one.table_name === 'orders');
  assert.deepEqual(
    columns.map((one) => [
      one.column_name,
      one.data_type,
      one.numeric_precision,
      one.character_maximum_length,
      one.is_nullable,
      one.identity_maximum,
    ]),
    [
      ['id', 'integer', 32, null, 'NO', '2147483647'],
      ['amount', 'numeric', 12, null, 'YES', null],
      ['tags', 'ARRAY', null, null, 'YES', null],
      ['code', 'character varying', null, 5, 'YES', null],
    ],
  );
  const keys = rowsOf('information_schema.key_column_usage', context);
  assert.deepEqual(
    keys.map((one) => [one.constraint_name, one.column_name, one.ordinal_position]),
    [['orders_pkey', 'id', 1]],
  );
  const names = rowsOf('information_schema.table_constraints', context).map(
    (one) => `${one.constraint_name} ${one.constraint_type}`,
  );
  assert.deepEqual(names, ['orders_pkey PRIMARY KEY', 'orders_check CHECK', '2200_20000_1_not_null CHECK']);
});

test('types, functions and their input functions fit together', () => {
  const context = contextOf(smallCatalog());
  const functions = new Map(rowsOf('pg_catalog.pg_proc', context).map((one) => [one.oid, one]));
  const types = new Map(rowsOf('pg_catalog.pg_type', context).map((one) => [one.oid, one]));
  for (const type of types.values()) {
    assert.ok(functions.has(type.typinput!), `input of ${type.typname}`);
    if (type.typarray !== 0) assert.equal(types.get(type.typarray!)?.typelem, type.oid, `array of ${type.typname}`);
  }
  assert.equal(functions.get(types.get(1007)!.typreceive!)!.proname, 'array_recv');
  const unknown = [...functions.values()].filter((one) => !types.has(one.prorettype!)).map((one) => one.proname);
  assert.deepEqual(unknown, []);
  assert.equal(functions.get(20_008)!.prosrc, 'return x * 2');
});
