// CatalogEditor: the DDL of one transaction: puts and drops over a base catalog, seen at once by the transaction itself, handed
// to the commit as a CatalogEdit. Checks names and dependencies with PostgreSQL's texts. Marks serve savepoints.
import { sqlError } from '../errors/sql-error.ts';
import type { Catalog } from './catalog.ts';
import type { CatalogChange, CatalogEdit, CatalogKind, CatalogObject, Dependencies } from './catalog-change.ts';
import { type Dependent, type ObjectReference, planDrop } from './dependents.ts';
import { describeObject, describeReference, functionSignature } from './object-names.ts';
import type { DatabaseObject, Relation, Role, Schema, UserFunction } from './objects.ts';

export interface CatalogMark {
  readonly changes: number;
  /** objects touched */
  readonly expected: number;
}

const MAX_COLUMNS = 1600;

type Needs = Omit<Dependencies, 'oid'>;

export class CatalogEditor {
  private base: Catalog;
  private catalog: Catalog;
  private readonly allocate: () => number;
  private readonly changes: CatalogChange[] = [];
  private readonly expected = new Map<string, object | undefined>();

  /** `allocate` gives out oids no one else gets; they are lost when the transaction rolls back. */
  constructor(base: Catalog, allocate: () => number) {
    this.base = base;
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
    return { changes: this.changes.length, expected: this.expected.size };
  }

  rollbackTo(mark: CatalogMark): void {
    if (this.changes.length === mark.changes) return;
    this.changes.length = mark.changes;
    for (const key of [...this.expected.keys()].slice(mark.expected)) this.expected.delete(key);
    this.catalog = this.isEmpty ? this.base : this.base.apply({ changes: this.changes });
  }

  /** Others have committed DDL: the transaction goes on from the newer catalog, its own changes on top. */
  rebase(base: Catalog): void {
    if (base === this.base) return;
    this.catalog = this.isEmpty ? base : base.apply(this.edit());
    this.base = base;
  }

  putSchema(schema: Schema): void {
    this.apply([{ action: 'put', kind: 'schema', object: schema }]);
  }

  /** Creates or replaces; `needs`: what it depends on (a view's tables), undefined keeps what is recorded. */
  putRelation(relation: Relation, needs?: Needs): void {
    if (relation.columns.length > MAX_COLUMNS)
      throw sqlError('too_many_columns', `tables can have at most ${MAX_COLUMNS} columns`);
    this.apply([{ action: 'put', kind: 'relation', object: relation }, ...this.depend(relation.oid, needs)]);
  }

  putRole(role: Role): void {
    this.apply([{ action: 'put', kind: 'role', object: role }]);
  }

  putDatabase(database: DatabaseObject): void {
    this.apply([{ action: 'put', kind: 'database', object: database }]);
  }

  /** Throws 42723 when another function has the same name and parameter types. */
  putFunction(one: UserFunction, needs?: Needs): void {
    const signature = functionSignature(one);
    for (const other of this.catalog.findFunctions(one.name)) {
      if (other.oid !== one.oid && other.schemaOid === one.schemaOid && functionSignature(other) === signature) {
        throw sqlError('duplicate_function', `function "${one.name}" already exists with same argument types`);
      }
    }
    this.apply([{ action: 'put', kind: 'function', object: one }, ...this.depend(one.oid, needs)]);
  }

  /**
   * Drops relations, functions, schemas, or parts of relations, with what belongs to them (indexes, owned sequences). Others that
   * depend on them are dropped too with `cascade`, else it throws 2BP01. Returns what the cascade took besides, in words; names
   * of schemas that are not `visible` are qualified.
   */
  drop(roots: readonly (number | ObjectReference)[], cascade: boolean, visible?: readonly number[]): readonly string[] {
    const references = roots.map((root) => (typeof root === 'number' ? { oid: root } : root));
    const { objects, dependents } = planDrop(this.catalog, references);
    if (dependents.length > 0 && !cascade) throw this.stillNeeded(references, dependents, visible);
    const words = dependents.map(({ object }) => describeReference(this.catalog, object, visible));
    const parts = objects.filter((object) => object.part !== undefined);
    for (const oid of new Set(parts.map((object) => object.oid))) this.dropParts(oid, parts);
    this.apply(objects.filter(({ part }) => part === undefined).flatMap(({ oid }) => this.dropOne(oid)));
    return words;
  }

  /** The oids of all objects that a drop would take or change. */
  goingWith(roots: readonly (number | ObjectReference)[]): number[] {
    const references = roots.map((root) => (typeof root === 'number' ? { oid: root } : root));
    return [...new Set(planDrop(this.catalog, references).objects.map(({ oid }) => oid))];
  }

  /** The relations that need this one, over others too: views on views. */
  allDependentsOf(oid: number): readonly Relation[] {
    return planDrop(this.catalog, [{ oid }])
      .dependents.filter(({ object }) => object.part === undefined)
      .flatMap(({ object }) => this.catalog.relations.get(object.oid) ?? []);
  }

  /** The first of what needs this object, in words; null: nothing does. */
  neededBy(oid: number): string | null {
    const [first] = planDrop(this.catalog, [{ oid }]).dependents;
    return first === undefined ? null : describeReference(this.catalog, first.object);
  }

  /** Gives a relation a new oid, so that whoever follows the catalog makes it anew; what depends on it goes on doing so. */
  renew(relation: Relation): void {
    const oid = this.allocateOid();
    const own = this.catalog.dependencies.get(relation.oid);
    const moved = (one: number) => (one === relation.oid ? oid : one);
    const users = [...this.catalog.dependencies.values()].filter(({ dependsOn }) => dependsOn.includes(relation.oid));
    this.apply([...this.dropOne(relation.oid), { action: 'put', kind: 'relation', object: { ...relation, oid } }]);
    if (own !== undefined) this.apply([{ action: 'put', kind: 'dependencies', object: { ...own, oid } }]);
    for (const user of users) {
      const dependsOn = user.dependsOn.map(moved);
      const columns = user.columns?.map(([of, attribute]) => [moved(of), attribute] as const);
      const object = columns === undefined ? { ...user, dependsOn } : { ...user, dependsOn, columns };
      this.apply([{ action: 'put', kind: 'dependencies', object }]);
    }
  }

  private dropParts(oid: number, parts: readonly ObjectReference[]): void {
    const relation = this.catalog.relations.get(oid)!;
    const gone = (kind: string, id: number) =>
      parts.some(({ oid: of, part }) => of === oid && part?.kind === kind && part.id === id);
    const columns = relation.columns
      .filter(({ attribute }) => !gone('column', attribute))
      .map((column) =>
        gone('default', column.attribute) ? { ...column, defaultSql: null, generated: null, calls: [] } : column,
      );
    if (relation.kind !== 'table' && relation.kind !== 'stream') return;
    const constraints = relation.constraints.filter((constraint) => !gone('constraint', constraint.oid));
    const last = Math.max(...relation.columns.map(({ attribute }) => attribute), lastAttributeOf(relation));
    const table = { ...relation, columns, constraints };
    const shrunk = table.kind === 'table' && columns.length < relation.columns.length;
    this.putRelation(shrunk ? { ...table, lastAttribute: last } : table);
  }

  /** Throws 2BP01 while the role owns something. */
  dropRole(oid: number, visible?: readonly number[]): void {
    const objects = [
      ...this.catalog.relations.values(),
      ...this.catalog.schemas.values(),
      ...this.catalog.functions.values(),
    ];
    const owned = objects.flatMap((object) => {
      const words = describeObject(this.catalog, object.oid, visible);
      if (object.owner === oid) return [`owner of ${words}`];
      return object.acl?.some(({ grantee }) => grantee === oid) === true ? [`privileges for ${words}`] : [];
    });
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
    for (const role of this.catalog.roles.values()) {
      if (role.memberOf?.includes(oid) !== true) continue;
      const without = (oids: readonly number[] | undefined) => (oids ?? []).filter((one) => one !== oid);
      this.putRole({ ...role, memberOf: without(role.memberOf), adminOf: without(role.adminOf) });
    }
    this.apply([{ action: 'drop', kind: 'role', oid }]);
  }

  dropDatabase(oid: number): void {
    this.apply([{ action: 'drop', kind: 'database', oid }]);
  }

  private stillNeeded(
    roots: readonly ObjectReference[],
    dependents: readonly Dependent[],
    visible: readonly number[] | undefined,
  ): Error {
    const words = (object: ObjectReference) => describeReference(this.catalog, object, visible);
    const [what, them] = roots.length === 1 ? [words(roots[0]!), 'it'] : ['desired object(s)', 'them'];
    return sqlError('dependent_objects_still_exist', `cannot drop ${what} because other objects depend on ${them}`, {
      detail: dependents.map(({ object, on }) => `${words(object)} depends on ${words(on)}`).join('\n'),
      hint: 'Use DROP ... CASCADE to drop the dependent objects too.',
    });
  }

  private dropOne(oid: number): CatalogChange[] {
    const kinds: CatalogKind[] = ['relation', 'schema', 'function', 'dependencies'];
    return kinds
      .filter((kind) => this.catalog.get(kind, oid) !== undefined)
      .map((kind) => ({ action: 'drop', kind, oid }));
  }

  private depend(oid: number, needs: Needs | undefined): CatalogChange[] {
    if (needs === undefined) return [];
    const { dependsOn } = needs;
    if (dependsOn.length > 0) return [{ action: 'put', kind: 'dependencies', object: { oid, ...needs } }];
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

function lastAttributeOf(relation: Relation): number {
  return relation.kind === 'table' ? (relation.lastAttribute ?? 0) : 0;
}
