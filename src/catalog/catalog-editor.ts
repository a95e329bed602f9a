// CatalogEditor: the DDL of one transaction: puts and drops over a base catalog, seen at once by the transaction itself, handed
// to the commit as a CatalogEdit. Checks names and dependencies with PostgreSQL's texts. Marks serve savepoints.
import { sqlError } from '../errors/sql-error.ts';
import type { Catalog } from './catalog.ts';
import type { CatalogChange, CatalogEdit, CatalogKind, CatalogObject } from './catalog-change.ts';
import { describeObject, functionSignature } from './object-names.ts';
import type { DatabaseObject, Relation, Role, Schema, UserFunction } from './objects.ts';

export interface CatalogMark {
  readonly catalog: Catalog;
  readonly changes: number;
}

export class CatalogEditor {
  private catalog: Catalog;
  private readonly allocate: () => number;
  private readonly changes: CatalogChange[] = [];
  private readonly expected = new Map<string, object | undefined>();

  /** `allocate` gives out oids no one else gets; they are lost when the transaction rolls back. */
  constructor(base: Catalog, allocate: () => number) {
    this.catalog = base;
    this.allocate = allocate;
  }

  /** The catalog as this transaction sees it. */
  get current(): Catalog {
    return this.catalog;
  }

  get isEmpty(): boolean {
    return this.changes.length === 0;
  }

  allocateOid(): number {
    return this.allocate();
  }

  edit(): CatalogEdit {
    return { changes: this.changes, expected: this.expected };
  }

  mark(): CatalogMark {
    return { catalog: this.catalog, changes: this.changes.length };
  }

  rollbackTo(mark: CatalogMark): void {
    this.catalog = mark.catalog;
    this.changes.length = mark.changes;
  }

  /** A transaction that has changed nothing yet goes on from a newer catalog. */
  rebase(base: Catalog): void {
    if (this.isEmpty) this.catalog = base;
  }

  putSchema(schema: Schema): void {
    this.apply([{ action: 'put', kind: 'schema', object: schema }]);
  }

  /** Creates or replaces; `dependsOn`: oids it needs (a view's tables), undefined keeps what is recorded. */
  putRelation(relation: Relation, dependsOn?: readonly number[]): void {
    this.apply([{ action: 'put', kind: 'relation', object: relation }, ...this.depend(relation.oid, dependsOn)]);
  }

  putRole(role: Role): void {
    this.apply([{ action: 'put', kind: 'role', object: role }]);
  }

  putDatabase(database: DatabaseObject): void {
    this.apply([{ action: 'put', kind: 'database', object: database }]);
  }

  /** Throws 42723 when another function has the same name and parameter types. */
  putFunction(one: UserFunction, dependsOn?: readonly number[]): void {
    const signature = functionSignature(one);
    for (const other of this.catalog.findFunctions(one.name)) {
      if (other.oid !== one.oid && other.schemaOid === one.schemaOid && functionSignature(other) === signature) {
        throw sqlError('duplicate_function', `function "${one.name}" already exists with same argument types`);
      }
    }
    this.apply([{ action: 'put', kind: 'function', object: one }, ...this.depend(one.oid, dependsOn)]);
  }

  /**
   * Drops relations, functions or schemas with what belongs to them (indexes, owned sequences). Others that depend on them are
   * dropped too with `cascade`, else it throws 2BP01. Returns the oids that the cascade took besides, in words.
   */
  drop(oids: readonly number[], cascade: boolean): readonly string[] {
    const dropped = new Set<number>();
    const taken: { oid: number; on: number }[] = [];
    const queue = [...oids];
    for (const oid of queue) dropped.add(oid);
    for (let oid = queue.shift(); oid !== undefined; oid = queue.shift()) {
      for (const part of this.partsOf(oid)) if (!dropped.has(part)) queue.push(dropped.add(part) && part);
      for (const dependent of this.dependentsOf(oid)) {
        if (dropped.has(dependent)) continue;
        dropped.add(dependent);
        taken.push({ oid: dependent, on: oid });
        queue.push(dependent);
      }
    }
    if (taken.length > 0 && !cascade) throw this.stillNeeded(oids, taken);
    const words = taken.map(({ oid }) => describeObject(this.catalog, oid));
    this.apply([...dropped].flatMap((oid) => this.dropOne(oid)));
    return words;
  }

  /** Throws 2BP01 while the role owns something. */
  dropRole(oid: number): void {
    const owned = [
      ...this.catalog.relations.values(),
      ...this.catalog.schemas.values(),
      ...this.catalog.functions.values(),
    ]
      .filter((object) => object.owner === oid)
      .map((object) => `owner of ${describeObject(this.catalog, object.oid)}`);
    if (owned.length > 0) {
      const name = this.catalog.roles.get(oid)?.name;
      throw sqlError(
        'dependent_objects_still_exist',
        `role "${name}" cannot be dropped because some objects depend on it`,
        {
          detail: owned.join('\n'),
        },
      );
    }
    this.apply([{ action: 'drop', kind: 'role', oid }]);
  }

  dropDatabase(oid: number): void {
    this.apply([{ action: 'drop', kind: 'database', oid }]);
  }

  /** What goes silently with an object: a table's indexes, the sequences its columns own. */
  private partsOf(oid: number): number[] {
    const parts: number[] = this.catalog.indexesOf(oid).map((index) => index.oid);
    for (const relation of this.catalog.relations.values()) {
      if (relation.kind === 'sequence' && relation.ownedBy?.table === oid) parts.push(relation.oid);
    }
    return parts;
  }

  /** Oids of what needs this object, and of what a schema contains. */
  dependentsOf(oid: number): number[] {
    const dependents: number[] = [];
    for (const { oid: dependent, dependsOn } of this.catalog.dependencies.values()) {
      if (dependsOn.includes(oid)) dependents.push(dependent);
    }
    if (this.catalog.schemas.has(oid)) {
      for (const relation of this.catalog.relations.values()) {
        const isPart = relation.kind === 'index' || (relation.kind === 'sequence' && relation.ownedBy !== null);
        if (relation.schemaOid === oid && !isPart) dependents.push(relation.oid);
      }
      for (const one of this.catalog.functions.values()) if (one.schemaOid === oid) dependents.push(one.oid);
    }
    return dependents.sort((a, b) => a - b);
  }

  private stillNeeded(oids: readonly number[], taken: readonly { oid: number; on: number }[]): Error {
    const [what, them] =
      oids.length === 1 ? [describeObject(this.catalog, oids[0]!), 'it'] : ['desired object(s)', 'them'];
    const lines = taken.map(
      ({ oid, on }) => `${describeObject(this.catalog, oid)} depends on ${describeObject(this.catalog, on)}`,
    );
    return sqlError('dependent_objects_still_exist', `cannot drop ${what} because other objects depend on ${them}`, {
      detail: lines.join('\n'),
      hint: 'Use DROP ... CASCADE to drop the dependent objects too.',
    });
  }

  private dropOne(oid: number): CatalogChange[] {
    const kinds: CatalogKind[] = ['relation', 'schema', 'function', 'dependencies'];
    return kinds
      .filter((kind) => this.catalog.get(kind, oid) !== undefined)
      .map((kind) => ({ action: 'drop', kind, oid }));
  }

  private depend(oid: number, dependsOn: readonly number[] | undefined): CatalogChange[] {
    if (dependsOn === undefined) return [];
    if (dependsOn.length > 0) return [{ action: 'put', kind: 'dependencies', object: { oid, dependsOn } }];
    return this.catalog.dependencies.has(oid) ? [{ action: 'drop', kind: 'dependencies', oid }] : [];
  }

  private apply(changes: readonly CatalogChange[]): void {
    const before = this.catalog;
    this.catalog = before.apply({ changes });
    for (const change of changes) {
      const oid = change.action === 'drop' ? change.oid : (change as CatalogObject).object.oid;
      const key = `${change.kind}/${oid}`;
      if (!this.expected.has(key)) this.expected.set(key, before.get(change.kind, oid));
    }
    this.changes.push(...changes);
  }
}
