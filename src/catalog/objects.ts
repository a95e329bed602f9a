// The catalog's objects: readonly data that binder, planner, engine, pg_catalog and psql's \d all read. A CatalogSnapshot is
// immutable; DDL builds the next one (transactionally, see catalog.ts).

import type { Datum } from '../types/datum.ts';
import type { SqlType } from '../types/sql-type.ts';
import type { Dependencies } from './catalog-change.ts';

export interface Column {
  readonly name: string;
  /** attnum, 1-based, never reused within the relation */
  readonly attribute: number;
  readonly type: SqlType;
  readonly notNull: boolean;
  /** Default as SQL text (canonical), bound at each use; or generated column expression. */
  readonly defaultSql: string | null;
  readonly generated: 'stored' | 'identity-always' | 'identity-default' | null;
  /** oids of the user functions that the default calls */
  readonly calls?: readonly number[];
  /** attnums of the columns that a generated column reads */
  readonly generatedFrom?: readonly number[];
  /** value in rows from before the column was added; absent: NULL */
  readonly missing?: Datum;
  readonly comment?: string | undefined;
}

export interface Constraint {
  readonly oid: number;
  readonly name: string;
  readonly kind: 'primary-key' | 'unique' | 'check' | 'foreign-key';
  /** attnums */
  readonly columns: readonly number[];
  readonly checkSql: string | null;
  /** oids of the user functions that the check calls */
  readonly calls?: readonly number[];
  /** oid of the index relation that backs a key */
  readonly indexOid: number | null;
  readonly nullsNotDistinct?: boolean;
  /** of a foreign key */
  readonly foreign?: ForeignReference;
  readonly comment?: string | undefined;
}

export type ReferentialAction = 'no_action' | 'restrict' | 'cascade' | 'set_null' | 'set_default';

/** What a foreign key's columns refer to, and what becomes of them when that changes. */
export interface ForeignReference {
  readonly table: number;
  /** attnums of the referenced key, in the order of the constraint's columns */
  readonly columns: readonly number[];
  /** the unique index over them */
  readonly indexOid: number;
  readonly match: 'simple' | 'full';
  readonly onDelete: ReferentialAction;
  readonly onUpdate: ReferentialAction;
  /** the columns that ON DELETE SET NULL or SET DEFAULT sets; [] all */
  readonly onDeleteColumns: readonly number[];
}

/** Privileges that one role has given another; see privileges.ts. */
export interface AclItem {
  /** 0: PUBLIC */
  readonly grantee: number;
  readonly grantor: number;
  /** upper case: SELECT, ... */
  readonly privileges: readonly string[];
  /** those among them that the grantee may pass on */
  readonly grantable: readonly string[];
}

interface RelationBase {
  readonly oid: number;
  readonly name: string;
  readonly schemaOid: number;
  readonly owner: number;
  /** absent: the default of its kind */
  readonly acl?: readonly AclItem[] | undefined;
  readonly columns: readonly Column[];
  readonly comment?: string | undefined;
}

export interface Table extends RelationBase {
  readonly kind: 'table';
  readonly constraints: readonly Constraint[];
  readonly temporary: boolean;
  /** the highest attnum ever given out, where dropped columns had it */
  readonly lastAttribute?: number;
  /** of a temporary table; default: its rows are kept */
  readonly onCommit?: 'delete' | 'drop';
}

/** An index as psql shows it; unique ones are enforced. */
export interface Index extends RelationBase {
  readonly kind: 'index';
  readonly table: number;
  readonly keyAttributes: readonly number[];
  readonly unique: boolean;
  readonly primary: boolean;
  readonly nullsNotDistinct?: boolean;
  /** pg_index.indoption by key: 1 DESC, 2 NULLS FIRST; for what shows it: no index is read in order */
  readonly keyOptions?: readonly number[];
}

export interface Sequence extends RelationBase {
  readonly kind: 'sequence';
  readonly start: bigint;
  readonly increment: bigint;
  readonly minimum: bigint;
  readonly maximum: bigint;
  readonly cycle: boolean;
  readonly ownedBy: { readonly table: number; readonly attribute: number } | null;
  /** default: int8 */
  readonly dataType?: 'int2' | 'int4' | 'int8';
}

export interface View extends RelationBase {
  readonly kind: 'view';
  /** canonical SELECT text; names inside are bound with `searchPath` */
  readonly sql: string;
  readonly searchPath: readonly string[];
  readonly checkOption?: 'local' | 'cascaded';
  /** what changes through it PostgreSQL would call automatic; columns: attnums that can be set */
  readonly updatable?: { readonly insertOnly: boolean; readonly columns: readonly number[] };
}

export interface Watermark {
  readonly attribute: number;
  /** watermark = max(event time) - delay */
  readonly delayMicros: bigint;
  readonly idleTimeoutMicros: bigint | null;
}

export interface Stream extends RelationBase {
  readonly kind: 'stream';
  readonly connector: string; // 'internal', 'files', 'datagen', 'rate', ...
  readonly options: Readonly<Record<string, string>>;
  readonly format: string | null; // 'plain', 'upsert', ...
  readonly encode: string | null; // 'json', 'csv', ...
  readonly watermark: Watermark | null;
  readonly onLate: { readonly kind: 'reject' | 'keep' } | { readonly kind: 'into'; readonly relation: number };
  readonly onError: { readonly kind: 'reject' | 'fail' } | { readonly kind: 'into'; readonly relation: number };
  readonly constraints: readonly Constraint[];
  /** ALTER ... PAUSE; absent: no */
  readonly paused?: boolean;
  /** how often ALTER ... RESUME was said; absent: never */
  readonly resumed?: number;
}

export interface MaterializedView extends RelationBase {
  readonly kind: 'materialized-view';
  readonly sql: string;
  readonly searchPath: readonly string[];
  /** of the session that created it; absent: UTC */
  readonly timeZone?: string;
  readonly emit: EmitMode;
  readonly options: Readonly<Record<string, string>>;
  /** ALTER ... PAUSE; absent: no */
  readonly paused?: boolean;
  /** how often ALTER ... RESUME was said; absent: never */
  readonly resumed?: number;
}

export type EmitMode =
  | { readonly kind: 'changes' }
  /** each row once: as changes where nothing is taken back, else when its window closes */
  | { readonly kind: 'append' }
  | { readonly kind: 'window-close'; readonly delayMicros: bigint; readonly timeoutMicros: bigint | null }
  | { readonly kind: 'complete' };

/** A relation of pg_catalog, information_schema or headrace, computed on demand. */
export interface SystemRelation extends RelationBase {
  readonly kind: 'system-table' | 'system-view';
}

export type Relation = Table | Index | Sequence | View | Stream | MaterializedView | SystemRelation;

export interface Schema {
  readonly oid: number;
  readonly name: string;
  readonly owner: number;
  readonly acl?: readonly AclItem[] | undefined;
  readonly comment?: string | undefined;
}

export interface Role {
  readonly oid: number;
  readonly name: string;
  readonly superuser: boolean;
  readonly login: boolean;
  readonly createRole: boolean;
  readonly createDatabase: boolean;
  readonly inherit: boolean;
  readonly replication: boolean;
  readonly connectionLimit: number;
  /** SCRAM-SHA-256$... or null */
  readonly verifier: string | null;
  /** oids of the roles that it is a member of, and of those it may give to others */
  readonly memberOf?: readonly number[];
  readonly adminOf?: readonly number[];
  readonly comment?: string | undefined;
}

export interface DatabaseObject {
  readonly oid: number;
  readonly name: string;
  readonly owner: number;
  readonly acl?: readonly AclItem[] | undefined;
  readonly comment?: string | undefined;
}

export interface UserFunction {
  readonly acl?: readonly AclItem[] | undefined;
  readonly comment?: string | undefined;
  readonly oid: number;
  readonly name: string;
  readonly schemaOid: number;
  readonly owner: number;
  readonly language: string;
  readonly parameterNames: readonly string[];
  readonly parameterTypes: readonly SqlType[];
  readonly resultType: SqlType;
  readonly source: string;
  readonly strict: boolean;
  readonly volatility: 'immutable' | 'stable' | 'volatile';
  readonly vectorized: boolean;
  /** gives any number of rows; in LANGUAGE sql */
  readonly returnsSet?: boolean;
  /** of RETURNS TABLE, and of SETOF a table's rows */
  readonly resultColumns?: readonly { readonly name: string; readonly type: SqlType }[];
}

/** Everything, at one catalog version. Lookups by oid and by name. */
export interface CatalogSnapshot {
  readonly version: number;
  readonly schemas: ReadonlyMap<number, Schema>;
  readonly relations: ReadonlyMap<number, Relation>;
  readonly roles: ReadonlyMap<number, Role>;
  readonly databases: ReadonlyMap<number, DatabaseObject>;
  readonly functions: ReadonlyMap<number, UserFunction>;
  /** what each object needs to exist, by its oid */
  readonly dependencies?: ReadonlyMap<number, Dependencies>;
  findSchema(name: string): Schema | undefined;
  /** Relations share one name space per schema. */
  findRelation(schemaOid: number, name: string): Relation | undefined;
  /** The indexes of a table. */
  indexesOf(table: number): readonly Index[];
  findRole(name: string): Role | undefined;
  findFunctions(name: string): readonly UserFunction[];
}
