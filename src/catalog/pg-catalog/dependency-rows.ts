// The rows of pg_depend, from what the catalog's objects say of each other.
import type { Relation } from '../objects.ts';
import { CATALOG_CLASS } from '../system-oids.ts';
import type { SystemContext } from '../system-relation.ts';
import { defaultOid, ruleOid } from './derived-oids.ts';
import { hasDefault } from './pg-attrdef.ts';
import { allConstraints, allRelations } from './relation-facts.ts';

export interface DependencyRow {
  readonly catalog: number;
  readonly object: number;
  readonly onCatalog: number;
  readonly on: number;
  /** column number; 0: the object as a whole */
  readonly part: number;
  /** n normal, a auto, i internal */
  readonly type: 'n' | 'a' | 'i';
}

const { relation: RELATION, constraint: CONSTRAINT, rewrite: REWRITE, attributeDefault: DEFAULT } = CATALOG_CLASS;

function onColumns(catalog: number, object: number, table: number, columns: readonly number[]): DependencyRow[] {
  return columns.map((part) => ({ catalog, object, onCatalog: RELATION, on: table, part, type: 'a' }));
}

function* ofRelation(relation: Relation, constraintOf: ReadonlyMap<number, number>): Generator<DependencyRow> {
  for (const column of relation.columns) {
    if (hasDefault(column)) {
      yield* onColumns(DEFAULT, defaultOid(relation.oid, column.attribute), relation.oid, [column.attribute]);
    }
  }
  if (relation.kind === 'index') {
    const constraint = constraintOf.get(relation.oid);
    if (constraint === undefined) yield* onColumns(RELATION, relation.oid, relation.table, relation.keyAttributes);
    else yield { catalog: RELATION, object: relation.oid, onCatalog: CONSTRAINT, on: constraint, part: 0, type: 'i' };
  }
}

function* ofSequences(context: SystemContext): Generator<DependencyRow> {
  for (const relation of allRelations(context)) {
    if (relation.kind !== 'sequence' || relation.ownedBy === null) continue;
    const { table, attribute } = relation.ownedBy;
    const column = context.catalog.relations.get(table)?.columns.find((one) => one.attribute === attribute);
    const type = column?.generated?.startsWith('identity') === true ? 'i' : 'a';
    yield { catalog: RELATION, object: relation.oid, onCatalog: RELATION, on: table, part: attribute, type };
  }
}

/** A view's rule belongs to the view and needs what the view reads. */
function* ofViews(context: SystemContext): Generator<DependencyRow> {
  const { catalog } = context;
  for (const relation of allRelations(context)) {
    if (relation.kind !== 'view' && relation.kind !== 'materialized-view') continue;
    const rule = { catalog: REWRITE, object: ruleOid(relation.oid), onCatalog: RELATION, part: 0 } as const;
    yield { ...rule, on: relation.oid, type: 'i' };
    for (const on of catalog.dependencies?.get(relation.oid)?.dependsOn ?? []) {
      if (catalog.relations.has(on)) yield { ...rule, on, type: 'n' };
    }
  }
}

export function* dependencies(context: SystemContext): Generator<DependencyRow> {
  const constraintOf = new Map<number, number>();
  for (const { relation, constraint } of allConstraints(context)) {
    if (constraint.indexOid !== null) constraintOf.set(constraint.indexOid, constraint.oid);
    yield* onColumns(CONSTRAINT, constraint.oid, relation.oid, constraint.columns);
  }
  for (const relation of allRelations(context)) yield* ofRelation(relation, constraintOf);
  yield* ofSequences(context);
  yield* ofViews(context);
}
