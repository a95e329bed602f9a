// CatalogChange: DDL as data. It travels inside a commit's write set, is logged as JSON, and turns one Catalog into the next.
import type { DatabaseObject, Relation, Role, Schema, UserFunction } from './objects.ts';

/** What an object needs to exist: the oids of others. An object that goes takes its dependents along or is kept by them. */
export interface Dependencies {
  readonly oid: number;
  readonly dependsOn: readonly number[];
  /** which columns of relations among these; absent: all of them */
  readonly columns?: readonly (readonly [relation: number, attribute: number])[];
}

export type CatalogObject =
  | { readonly kind: 'schema'; readonly object: Schema }
  | { readonly kind: 'relation'; readonly object: Relation }
  | { readonly kind: 'role'; readonly object: Role }
  | { readonly kind: 'database'; readonly object: DatabaseObject }
  | { readonly kind: 'function'; readonly object: UserFunction }
  | { readonly kind: 'dependencies'; readonly object: Dependencies };

export type CatalogKind = CatalogObject['kind'];

export type CatalogChange =
  | ({ readonly action: 'put' } & CatalogObject)
  | { readonly action: 'drop'; readonly kind: CatalogKind; readonly oid: number };

/** A transaction's DDL. `expected`: for each object it touched (key `kind/oid`) what it saw first; another's change since is a conflict. */
export interface CatalogEdit {
  readonly changes: readonly CatalogChange[];
  readonly expected?: ReadonlyMap<string, object | undefined>;
}
