// What several catalogs say about a relation: its letter in pg_class, its keys, access method, the indexes on it.
import type { Constraint, Index, MaterializedView, Relation, Sequence, View } from '../objects.ts';
import type { SystemContext } from '../system-relation.ts';

/** pg_class.relkind. A stream is a foreign table: its rows come from outside, through the server named like its connector. */
export const RELATION_LETTERS: Readonly<Record<Relation['kind'], string>> = {
  table: 'r',
  index: 'i',
  sequence: 'S',
  view: 'v',
  stream: 'f',
  'materialized-view': 'm',
  'system-table': 'r',
  'system-view': 'v',
};

export function allRelations(context: SystemContext): Iterable<Relation> {
  return context.catalog.relations.values();
}

export function constraintsOf(relation: Relation): readonly Constraint[] {
  return 'constraints' in relation ? relation.constraints : [];
}

export interface RelationConstraint {
  readonly relation: Relation;
  readonly constraint: Constraint;
}

export function* allConstraints(context: SystemContext): Generator<RelationConstraint> {
  for (const relation of allRelations(context)) {
    for (const constraint of constraintsOf(relation)) yield { relation, constraint };
  }
}

export function* allIndexes(context: SystemContext): Generator<Index> {
  for (const relation of allRelations(context)) if (relation.kind === 'index') yield relation;
}

/** The oids of the tables that have an index. */
const indexedTables = new WeakMap<object, ReadonlySet<number>>();
export function hasIndex(relation: Relation, context: SystemContext): boolean {
  let found = indexedTables.get(context.catalog);
  if (found === undefined) {
    found = new Set([...allIndexes(context)].map((index) => index.table));
    indexedTables.set(context.catalog, found);
  }
  return found.has(relation.oid);
}

/** The oids of the tables that refer to others or are referred to. */
const linkedTables = new WeakMap<object, ReadonlySet<number>>();
export function hasForeignKeys(relation: Relation, context: SystemContext): boolean {
  let found = linkedTables.get(context.catalog);
  if (found === undefined) {
    const links = [...allConstraints(context)].filter(({ constraint }) => constraint.foreign !== undefined);
    found = new Set(links.flatMap((link) => [link.relation.oid, link.constraint.foreign!.table]));
    linkedTables.set(context.catalog, found);
  }
  return found.has(relation.oid);
}

export function schemaName(context: SystemContext, schemaOid: number): string {
  return context.catalog.schemas.get(schemaOid)?.name ?? '';
}

export function roleName(context: SystemContext, oid: number): string {
  return context.catalog.roles.get(oid)?.name ?? `unknown (OID=${oid})`;
}

/** Bytes as pages of 8 kB. */
export function pagesOf(context: SystemContext, relation: number): number {
  return Math.ceil(context.statistics.sizeBytes(relation) / 8192);
}

export function* sequences(context: SystemContext): Generator<Sequence> {
  for (const relation of allRelations(context)) if (relation.kind === 'sequence') yield relation;
}

/** Views and materialized views of users; the system's have no text. */
export function* views(context: SystemContext): Generator<View | MaterializedView> {
  for (const relation of allRelations(context)) {
    if (relation.kind === 'view' || relation.kind === 'materialized-view') yield relation;
  }
}

export function* tables(context: SystemContext): Generator<Relation> {
  for (const relation of allRelations(context)) {
    if (relation.kind === 'table' || relation.kind === 'system-table') yield relation;
  }
}

export function userTables(context: SystemContext): Relation[] {
  return [...tables(context)].filter((table) => table.kind === 'table');
}

export function systemTables(context: SystemContext): Relation[] {
  return [...tables(context)].filter((table) => table.kind === 'system-table');
}
