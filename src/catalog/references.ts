// What an object of the catalog cannot be without: the oids of its schema, its owner, those it grants something to, the tables, functions
// and sequences it uses. Two transactions may each be right alone and leave an object that refers to nothing together: one creates a table
// in a schema, the other drops it. Locks keep most of that apart; `requireWhole` is for all the rest, when the second one commits.
import { sqlError } from '../errors/sql-error.ts';
import type { Catalog } from './catalog.ts';
import type { CatalogChange, CatalogKind, CatalogObject } from './catalog-change.ts';
import type { Relation } from './objects.ts';

/** The kinds that others refer to; dependencies are told apart from the object they belong to by nothing but their kind. */
const REFERRED: readonly CatalogKind[] = ['relation', 'schema', 'role', 'function'];

function* ofRelation(relation: Relation): Generator<number> {
  if (relation.kind === 'index') yield relation.table;
  if (relation.kind === 'sequence' && relation.ownedBy !== null) yield relation.ownedBy.table;
  for (const { calls, defaultSql } of relation.columns) {
    yield* calls ?? [];
    for (const [, sequence] of defaultSql?.matchAll(/'(\d+)'::regclass/g) ?? []) yield Number(sequence);
  }
  for (const { calls, foreign } of 'constraints' in relation ? relation.constraints : []) {
    yield* calls ?? [];
    if (foreign !== undefined) yield* [foreign.table, foreign.indexOid];
  }
}

function* referencesOf({ kind, object }: CatalogObject): Generator<number> {
  if (kind === 'dependencies') yield* object.dependsOn;
  if (kind === 'role') yield* object.memberOf ?? [];
  if (kind !== 'relation' && kind !== 'schema' && kind !== 'function') return;
  yield object.owner;
  for (const { grantee } of object.acl ?? []) if (grantee !== 0) yield grantee;
  if (kind !== 'schema') yield object.schemaOid;
  if (kind === 'relation') yield* ofRelation(object);
}

/** Throws 42704 where `after`, made of `before` by the changes of one transaction, has an object that refers to one that is not there. */
export function requireWhole(before: Catalog, after: Catalog, changes: readonly CatalogChange[]): void {
  const exists = (catalog: Catalog, oid: number) => REFERRED.some((kind) => catalog.get(kind, oid) !== undefined);
  const refuse = (oid: number): never => {
    const kind = REFERRED.find((one) => before.get(one, oid) !== undefined) ?? 'object';
    throw sqlError('undefined_object', `${kind} ${oid} was concurrently dropped`);
  };
  for (const change of changes) {
    if (change.action === 'drop' || after.get(change.kind, change.object.oid) !== change.object) continue;
    const known = before.get(change.kind, change.object.oid);
    const had = new Set(known === undefined ? [] : referencesOf({ kind: change.kind, object: known } as CatalogObject));
    for (const oid of referencesOf(change)) if (!had.has(oid) && !exists(after, oid)) refuse(oid);
  }
  const dropped = new Set(changes.flatMap((one) => (one.action === 'drop' ? [one.oid] : [])));
  for (const oid of dropped) if (exists(after, oid) || !exists(before, oid)) dropped.delete(oid);
  if (dropped.size === 0) return;
  for (const object of after.objects()) for (const oid of referencesOf(object)) if (dropped.has(oid)) refuse(oid);
}
