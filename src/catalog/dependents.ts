// What goes when an object goes: the parts that belong to it, and the objects that need it. An object is a relation, schema or
// function by its oid, or a part of a relation: a column, a column's default, a constraint. Found as PostgreSQL finds it, so that
// messages list the same things in the same order: depth first, the newest first, printed in reverse.
import type { Catalog } from './catalog.ts';
import type { ForeignReference, Relation, Sequence } from './objects.ts';

export interface ObjectReference {
  readonly oid: number;
  /** of the relation `oid`; id: attnum, or the constraint's oid */
  readonly part?: { readonly kind: 'column' | 'default' | 'constraint'; readonly id: number };
}

export interface Dependent {
  readonly object: ObjectReference;
  /** what it needs */
  readonly on: ObjectReference;
}

export interface DropPlan {
  /** everything that goes, what was asked for included */
  readonly objects: readonly ObjectReference[];
  /** those among them that are neither asked for nor parts of others */
  readonly dependents: readonly Dependent[];
}

type Link = ObjectReference & { readonly owned: boolean };

/** A catalog, and what all of its relations are looked through for, found once. */
interface Links {
  readonly catalog: Catalog;
  readonly ownedSequences: readonly Sequence[];
  readonly foreignKeys: readonly { readonly table: number; readonly oid: number; readonly foreign: ForeignReference }[];
}

function linksOf(catalog: Catalog): Links {
  const relations = [...catalog.relations.values()];
  return {
    catalog,
    ownedSequences: relations.filter((one): one is Sequence => one.kind === 'sequence' && one.ownedBy !== null),
    foreignKeys: relations.flatMap((one) =>
      constraintsOf(one).flatMap(({ oid, foreign }) =>
        foreign === undefined ? [] : [{ table: one.oid, oid, foreign }],
      ),
    ),
  };
}

/** Everything that goes with `roots`. */
export function planDrop(catalog: Catalog, roots: readonly ObjectReference[]): DropPlan {
  const all = linksOf(catalog);
  const seen = new Set<string>();
  const found: { object: ObjectReference; on: ObjectReference | null }[] = [];
  const visit = (object: ObjectReference, on: ObjectReference | null) => {
    if (seen.has(keyOf(object))) return;
    seen.add(keyOf(object));
    const links = [...ownedBy(all, object), ...neededBy(all, object)];
    for (const link of links.sort(newestFirst)) visit(link, link.owned ? null : object);
    found.push({ object, on });
  };
  const rootKeys = new Set(roots.map(keyOf));
  for (const root of roots) visit(root, null);
  found.reverse();
  const whole = new Set(found.filter(({ object }) => object.part === undefined).map(({ object }) => object.oid));
  const columns = new Set(found.map(({ object }) => keyOf(object)));
  const isPart = ({ oid, part }: ObjectReference) =>
    part !== undefined &&
    (whole.has(oid) || (part.kind === 'default' && columns.has(keyOf({ oid, part: { kind: 'column', id: part.id } }))));
  return {
    objects: found.map(({ object }) => object).filter((object) => !isPart(object)),
    dependents: found.flatMap(({ object, on }) =>
      on === null || rootKeys.has(keyOf(object)) || isPart(object) ? [] : [{ object, on }],
    ),
  };
}

function keyOf({ oid, part }: ObjectReference): string {
  return part === undefined ? String(oid) : `${oid}/${part.kind}/${part.id}`;
}

function newestFirst(a: ObjectReference, b: ObjectReference): number {
  const age = ({ oid, part }: ObjectReference) => (part?.kind === 'constraint' ? part.id : oid);
  return age(b) - age(a) || (b.part?.id ?? 0) - (a.part?.id ?? 0);
}

/** What belongs to an object and goes silently with it. */
function ownedBy({ catalog, ownedSequences }: Links, { oid, part }: ObjectReference): Link[] {
  const relation = catalog.relations.get(oid);
  if (relation === undefined) return [];
  const owned = (one: ObjectReference): Link => ({ ...one, owned: true });
  const ownSequences = (attribute?: number) =>
    ownedSequences.filter(
      (one) => one.ownedBy?.table === oid && (attribute === undefined || one.ownedBy.attribute === attribute),
    );
  if (part === undefined) return [...catalog.indexesOf(oid), ...ownSequences()].map((one) => owned({ oid: one.oid }));
  if (part.kind === 'default') return [];
  if (part.kind === 'constraint') {
    const index = constraintsOf(relation).find((one) => one.oid === part.id)?.indexOid ?? null;
    return index === null ? [] : [owned({ oid: index })];
  }
  const constraints = constraintsOf(relation).filter((one) => one.columns.includes(part.id));
  const backing = new Set(constraints.map((one) => one.indexOid));
  const indexes = catalog.indexesOf(oid).filter((one) => one.keyAttributes.includes(part.id) && !backing.has(one.oid));
  return [
    ...constraints.map((one) => owned({ oid, part: { kind: 'constraint', id: one.oid } })),
    ...[...indexes, ...ownSequences(part.id)].map((one) => owned({ oid: one.oid })),
  ];
}

/** What cannot be without an object. */
function neededBy(links: Links, object: ObjectReference): Link[] {
  const { catalog } = links;
  const { oid, part } = object;
  const found: ObjectReference[] = [];
  if (part?.kind === 'default') return [];
  if (part === undefined || part.kind === 'column') {
    for (const needs of catalog.dependencies.values()) {
      const columns = needs.columns?.filter(([relation]) => relation === oid);
      const uses =
        part === undefined || columns === undefined || columns.some(([, attribute]) => attribute === part.id);
      if (needs.dependsOn.includes(oid) && uses) found.push({ oid: needs.oid });
    }
    found.push(...foreignKeysTo(links, object));
  }
  const relation = catalog.relations.get(oid);
  if (part?.kind === 'column' && relation !== undefined) {
    for (const column of relation.columns) {
      if (column.generatedFrom?.includes(part.id)) found.push({ oid, part: { kind: 'column', id: column.attribute } });
    }
  }
  if (part === undefined && relation?.kind === 'sequence') found.push(...defaultsFrom(catalog, oid));
  if (part === undefined && catalog.functions.has(oid)) found.push(...callersOf(catalog, oid));
  if (part === undefined && catalog.schemas.has(oid)) found.push(...contentsOf(catalog, oid));
  return found.map((one) => ({ ...one, owned: false }));
}

/** Defaults, generated columns and checks that call a user function. */
function* callersOf(catalog: Catalog, called: number): Generator<ObjectReference> {
  for (const relation of catalog.relations.values()) {
    const { oid } = relation;
    for (const { calls, generated, attribute } of relation.columns)
      if (calls?.includes(called) === true)
        yield { oid, part: { kind: generated === 'stored' ? 'column' : 'default', id: attribute } };
    for (const { calls, oid: id } of constraintsOf(relation))
      if (calls?.includes(called) === true) yield { oid, part: { kind: 'constraint', id } };
  }
}

/** Foreign keys that refer to a table, a column of it or a unique index. */
function* foreignKeysTo({ foreignKeys }: Links, { oid, part }: ObjectReference): Generator<ObjectReference> {
  for (const { table, oid: constraint, foreign } of foreignKeys) {
    const refers =
      part === undefined
        ? foreign.table === oid || foreign.indexOid === oid
        : foreign.columns.includes(part.id) && foreign.table === oid;
    if (refers) yield { oid: table, part: { kind: 'constraint', id: constraint } };
  }
}

/** Column defaults that draw from a sequence: they name it by oid. */
function* defaultsFrom(catalog: Catalog, sequence: number): Generator<ObjectReference> {
  for (const relation of catalog.relations.values()) {
    for (const column of relation.columns) {
      if (column.defaultSql?.includes(`'${sequence}'::regclass`) !== true) continue;
      yield { oid: relation.oid, part: { kind: 'default', id: column.attribute } };
    }
  }
}

function* contentsOf(catalog: Catalog, schema: number): Generator<ObjectReference> {
  for (const relation of catalog.relations.values()) {
    const isPart = relation.kind === 'index' || (relation.kind === 'sequence' && relation.ownedBy !== null);
    if (relation.schemaOid === schema && !isPart) yield { oid: relation.oid };
  }
  for (const one of catalog.functions.values()) if (one.schemaOid === schema) yield { oid: one.oid };
}

function constraintsOf(relation: Relation) {
  return 'constraints' in relation ? relation.constraints : [];
}
