// The catalog and its editor: names, dependencies, savepoints, conflicts between transactions; texts as PostgreSQL's.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SqlError } from '../errors/sql-error.ts';
import { Catalog } from './catalog.ts';
import { CatalogEditor } from './catalog-editor.ts';
import { initialCatalog, PUBLIC_OID } from './initial-catalog.ts';
import type { Table, View } from './objects.ts';

const base = { schemaOid: PUBLIC_OID, owner: 10, columns: [] };
const table = (oid: number, name: string): Table => ({
  ...base,
  kind: 'table',
  oid,
  name,
  constraints: [],
  temporary: false,
});
const view = (oid: number, name: string): View => ({
  ...base,
  kind: 'view',
  oid,
  name,
  sql: 'SELECT 1',
  searchPath: [],
});

function editorOf(catalog: Catalog): CatalogEditor {
  let next = catalog.highestOid;
  return new CatalogEditor(catalog, () => ++next);
}

test('a new database has its schemas, roles and databases', () => {
  const catalog = initialCatalog({ roles: [{ name: 'admin' }, { name: 'reader' }], databases: ['shop'] });
  assert.equal(catalog.findSchema('public')?.oid, 2200);
  assert.equal(catalog.findSchema('pg_catalog')?.oid, 11);
  assert.deepEqual([catalog.findRole('admin')?.superuser, catalog.findRole('reader')?.superuser], [true, false]);
  assert.ok(catalog.findDatabase('shop')!.oid >= 16_384);
});

test('names are unique within a schema, also after a rename', () => {
  const editor = editorOf(initialCatalog({ roles: [] }));
  editor.putRelation(table(editor.allocateOid(), 't'));
  const taken = (error: SqlError) => error.sqlstate === '42P07' && error.message === 'relation "t" already exists';
  assert.throws(() => editor.putRelation(view(editor.allocateOid(), 't')), taken);
  const other = table(editor.allocateOid(), 'u');
  editor.putRelation(other);
  assert.throws(() => editor.putRelation({ ...other, name: 't' }), taken);
  editor.putRelation({ ...other, name: 'v' });
  assert.equal(editor.current.findRelation(PUBLIC_OID, 'u'), undefined);
  assert.equal(editor.current.findRelation(PUBLIC_OID, 'v')?.oid, other.oid);
});

test('drop refuses while others depend, cascade takes them', () => {
  const editor = editorOf(initialCatalog({ roles: [] }));
  editor.putRelation(table(20_000, 't'));
  editor.putRelation(view(20_001, 'v'), { dependsOn: [20_000] });
  editor.putRelation(view(20_002, 'w'), { dependsOn: [20_001] });
  assert.throws(
    () => editor.drop([20_000], false),
    (error: SqlError) => {
      assert.equal(error.sqlstate, '2BP01');
      assert.equal(error.message, 'cannot drop table t because other objects depend on it');
      assert.equal(error.details.detail, 'view v depends on table t\nview w depends on view v');
      assert.equal(error.details.hint, 'Use DROP ... CASCADE to drop the dependent objects too.');
      return true;
    },
  );
  const mark = editor.mark();
  assert.deepEqual(editor.drop([20_000], true), ['view v', 'view w']);
  assert.equal(editor.current.relations.size, Catalog.of([]).relations.size);
  editor.rollbackTo(mark);
  assert.equal(editor.current.relations.size, Catalog.of([]).relations.size + 3);
});

test('two transactions cannot change one object, nor take one name', () => {
  const start = initialCatalog({ roles: [] }).apply({
    changes: [{ action: 'put', kind: 'relation', object: table(20_000, 't') }],
  });
  const one = editorOf(start);
  const two = editorOf(start);
  one.putRelation(table(20_000, 'renamed'));
  one.putRelation(table(20_001, 'new'));
  two.putRelation(table(20_000, 'other'));
  const latest = start.apply(one.edit());
  assert.throws(() => latest.apply(two.edit()), /tuple concurrently updated/);
  const three = editorOf(start);
  three.putRelation(table(20_002, 'new'));
  assert.throws(() => latest.apply(three.edit()), /relation "new" already exists/);
});

test('nobody drops what another transaction has come to need, nor comes to need what another has dropped', () => {
  const start = initialCatalog({ roles: [] }).apply({
    changes: [
      { action: 'put', kind: 'schema', object: { oid: 20_000, name: 's', owner: 10 } },
      { action: 'put', kind: 'relation', object: { ...table(20_001, 't'), schemaOid: 20_000 } },
      { action: 'put', kind: 'schema', object: { oid: 20_002, name: 'empty', owner: 10 } },
    ],
  });
  const makers: readonly [drop: number, make: (editor: CatalogEditor) => void][] = [
    [20_002, (editor) => editor.putRelation({ ...table(20_010, 'u'), schemaOid: 20_002 })],
    [20_001, (editor) => editor.putRelation(view(20_010, 'v'), { dependsOn: [20_001] })],
  ];
  for (const [oid, make] of makers) {
    const [maker, dropper] = [editorOf(start), editorOf(start)];
    make(maker);
    dropper.drop([oid], false);
    for (const [first, second] of [
      [maker, dropper],
      [dropper, maker],
    ] as const) {
      const latest = start.apply(first.edit());
      assert.throws(() => latest.apply(second.edit()), new RegExp(`${oid} was concurrently dropped`));
    }
  }
});

test('what a savepoint takes back conflicts with nobody', () => {
  const start = initialCatalog({ roles: [] });
  const [one, two] = [editorOf(start), editorOf(start)];
  one.putRelation(table(20_001, 'kept'));
  const mark = one.mark();
  one.putSchema({ ...start.schemas.get(PUBLIC_OID)!, owner: 11 });
  one.rollbackTo(mark);
  two.putSchema({ ...start.schemas.get(PUBLIC_OID)!, acl: [] });
  start.apply(two.edit()).apply(one.edit());
});
