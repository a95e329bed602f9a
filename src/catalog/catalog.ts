// Catalog: the CatalogSnapshot there is: immutable maps by oid with lookups by name. `apply` makes the next one from the changes of
// a commit and refuses what contradicts it (names taken meanwhile, objects changed by others). Editing is in catalog-editor.ts.
import { sqlError } from '../errors/sql-error.ts';
import type { CatalogChange, CatalogEdit, CatalogKind, CatalogObject, Dependencies } from './catalog-change.ts';
import type { CatalogSnapshot, DatabaseObject, Relation, Role, Schema, UserFunction } from './objects.ts';
import { requireWhole } from './references.ts';
import { isSystemRelation, systemRelationObjects } from './system-relations.ts';

/** Oids below are the system's. */
export const FIRST_USER_OID = 16_384;

interface CatalogMaps {
  readonly schema: ReadonlyMap<number, Schema>;
  readonly relation: ReadonlyMap<number, Relation>;
  readonly role: ReadonlyMap<number, Role>;
  readonly database: ReadonlyMap<number, DatabaseObject>;
  readonly function: ReadonlyMap<number, UserFunction>;
  readonly dependencies: ReadonlyMap<number, Dependencies>;
}

export class Catalog implements CatalogSnapshot {
  readonly version: number;
  /** The highest oid ever given out, dropped objects included. */
  readonly highestOid: number;
  private readonly maps: CatalogMaps;
  private relationNames: Map<string, Relation> | null = null;
  private functionNames: Map<string, UserFunction[]> | null = null;
  private indexes: Map<number, Relation[]> | null = null;

  private constructor(version: number, highestOid: number, maps: CatalogMaps) {
    this.version = version;
    this.highestOid = highestOid;
    this.maps = maps;
  }

  /** A catalog of these objects (the form in which checkpoints keep it) and the system relations. */
  static of(objects: Iterable<CatalogObject>, version = 1, highestOid = FIRST_USER_OID - 1): Catalog {
    const empty = {
      schema: new Map(),
      relation: new Map<number, Relation>(systemRelationObjects().map((relation) => [relation.oid, relation])),
      role: new Map(),
      database: new Map(),
      function: new Map(),
      dependencies: new Map(),
    };
    const changes = Array.from(objects, (object) => ({ action: 'put', ...object }) as CatalogChange);
    const loaded = new Catalog(0, highestOid, empty).apply({ changes });
    return new Catalog(version, loaded.highestOid, loaded.maps);
  }

  get schemas(): ReadonlyMap<number, Schema> {
    return this.maps.schema;
  }
  get relations(): ReadonlyMap<number, Relation> {
    return this.maps.relation;
  }
  get roles(): ReadonlyMap<number, Role> {
    return this.maps.role;
  }
  get databases(): ReadonlyMap<number, DatabaseObject> {
    return this.maps.database;
  }
  get functions(): ReadonlyMap<number, UserFunction> {
    return this.maps.function;
  }
  get dependencies(): ReadonlyMap<number, Dependencies> {
    return this.maps.dependencies;
  }

  /** Everything there is, for a checkpoint; the system relations are part of the program. */
  *objects(): Generator<CatalogObject> {
    for (const kind of Object.keys(this.maps) as CatalogKind[]) {
      for (const object of this.maps[kind].values()) {
        if (!(kind === 'relation' && isSystemRelation(object as Relation))) yield { kind, object } as CatalogObject;
      }
    }
  }

  get(kind: CatalogKind, oid: number): CatalogObject['object'] | undefined {
    return this.maps[kind].get(oid);
  }

  findSchema(name: string): Schema | undefined {
    return byName(this.maps.schema, name);
  }

  findRelation(schemaOid: number, name: string): Relation | undefined {
    this.relationNames ??= new Map([...this.maps.relation.values()].map((r) => [`${r.schemaOid}/${r.name}`, r]));
    return this.relationNames.get(`${schemaOid}/${name}`);
  }

  findRole(name: string): Role | undefined {
    return byName(this.maps.role, name);
  }

  findDatabase(name: string): DatabaseObject | undefined {
    return byName(this.maps.database, name);
  }

  findFunctions(name: string): readonly UserFunction[] {
    if (this.functionNames === null) {
      this.functionNames = new Map();
      for (const one of this.maps.function.values()) {
        this.functionNames.set(one.name, [...(this.functionNames.get(one.name) ?? []), one]);
      }
    }
    return this.functionNames.get(name) ?? [];
  }

  /** The indexes on a relation, by oid. */
  indexesOf(table: number): readonly (Relation & { readonly kind: 'index' })[] {
    if (this.indexes === null) {
      this.indexes = new Map();
      for (const one of this.maps.relation.values()) {
        if (one.kind === 'index') this.indexes.set(one.table, [...(this.indexes.get(one.table) ?? []), one]);
      }
    }
    return (this.indexes.get(table) ?? []) as (Relation & { kind: 'index' })[];
  }

  /**
   * The next catalog. Throws 42P07 and its like for a name that is taken, XX000 when another transaction changed the same object, 42704 when
   * it dropped what one of these needs.
   */
  apply(edit: CatalogEdit): Catalog {
    for (const [key, seen] of edit.expected ?? []) {
      const [kind, oid] = key.split('/') as [CatalogKind, string];
      if (this.maps[kind].get(Number(oid)) !== seen) throw sqlError('internal_error', 'tuple concurrently updated');
    }
    const maps = Object.fromEntries(
      (Object.keys(this.maps) as CatalogKind[]).map((kind) => [
        kind,
        edit.changes.some((change) => change.kind === kind)
          ? new Map<number, object>(this.maps[kind])
          : this.maps[kind],
      ]),
    ) as unknown as Record<CatalogKind, Map<number, CatalogObject['object']>>;
    let highest = this.highestOid;
    for (const change of edit.changes) {
      if (change.action === 'drop') maps[change.kind].delete(change.oid);
      else {
        maps[change.kind].set(change.object.oid, change.object);
        highest = Math.max(highest, ...oidsIn(change));
      }
    }
    const next = new Catalog(this.version + 1, highest, maps as unknown as CatalogMaps);
    for (const change of edit.changes) if (change.action === 'put') next.checkName(change);
    if (edit.expected !== undefined) requireWhole(this, next, edit.changes);
    return next;
  }

  /** Throws when another object has the name of this one. */
  private checkName(put: CatalogObject): void {
    const { kind, object } = put;
    const taken = (other: { readonly oid: number } | undefined) => other !== undefined && other.oid !== object.oid;
    switch (kind) {
      case 'schema':
        if (hasNamesake(this.maps.schema, object)) {
          throw sqlError('duplicate_schema', `schema "${object.name}" already exists`);
        }
        return;
      case 'relation': {
        const current = this.maps.relation.get(object.oid);
        if (current === undefined) return; // dropped again by the same edit
        const other = this.findRelation(current.schemaOid, current.name);
        if (taken(other) || this.twinRelation(current)) {
          throw sqlError('duplicate_table', `relation "${current.name}" already exists`);
        }
        return;
      }
      case 'role':
        if (hasNamesake(this.maps.role, object)) {
          throw sqlError('duplicate_object', `role "${object.name}" already exists`);
        }
        return;
      case 'database':
        if (hasNamesake(this.maps.database, object)) {
          throw sqlError('duplicate_database', `database "${object.name}" already exists`);
        }
        return;
      case 'function':
      case 'dependencies':
        return; // functions are overloaded; the editor checks their parameter types
    }
  }

  /** findRelation keeps one of two namesakes, so a twin shows as a missing entry: the name map is smaller than the relations. */
  private twinRelation(relation: Relation): boolean {
    if (this.relationNames !== null && this.relationNames.size === this.maps.relation.size) return false;
    for (const other of this.maps.relation.values()) {
      if (other.oid !== relation.oid && other.name === relation.name && other.schemaOid === relation.schemaOid)
        return true;
    }
    return false;
  }
}

function byName<T extends { readonly name: string }>(objects: ReadonlyMap<number, T>, name: string): T | undefined {
  for (const object of objects.values()) if (object.name === name) return object;
  return undefined;
}

function hasNamesake<T extends { readonly oid: number; readonly name: string }>(
  objects: ReadonlyMap<number, T>,
  object: { readonly oid: number; readonly name: string },
): boolean {
  if (objects.get(object.oid)?.name !== object.name) return false; // dropped or renamed later in the same edit
  for (const other of objects.values()) if (other.oid !== object.oid && other.name === object.name) return true;
  return false;
}

function oidsIn(put: CatalogObject): number[] {
  if (put.kind === 'dependencies') return [];
  const own = [put.object.oid];
  if (put.kind === 'relation' && 'constraints' in put.object) own.push(...put.object.constraints.map((c) => c.oid));
  return own;
}
