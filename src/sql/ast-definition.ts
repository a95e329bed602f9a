// The syntax tree of definitions: types, options and CREATE. ALTER, DROP, COMMENT, GRANT are in ast-alter.ts.
// Conventions as in ast.ts.
import type { Expression, Node, Persistence, Query, Statement } from './ast.ts';
import type { AlterStatement } from './ast-alter.ts';
import type { IndexElement } from './ast-change.ts';
import type { Execute } from './ast-utility.ts';

export type DefinitionStatement =
  | CreateTable
  | CreateTableAs
  | CreateStream
  | CreateView
  | CreateMaterializedView
  | CreateSink
  | CreateSubscription
  | CreateSchema
  | CreateIndex
  | CreateSequence
  | CreateEnum
  | CreateCompositeType
  | CreateDomain
  | CreateDatabase
  | CreateRole
  | CreateExtension
  | CreateFunction
  | CreateAggregate
  | AlterMaterializedViewState
  | AlterStatement;

/** `[database.][schema.]name` as written. */
export interface QualifiedName extends Node {
  readonly parts: readonly string[];
}
/**
 * A type. The keyword spellings are resolved as PostgreSQL does: int -> ['pg_catalog','int4'], char -> bpchar with modifier
 * 1, float(24) -> float4, timestamp with time zone -> timestamptz. Others are as written: ['text'], ['myschema','mood'].
 */
export interface TypeName extends Node {
  readonly name: readonly string[];
  readonly modifiers: readonly Expression[];
  /** One entry per dimension, null for []; int[3][] is [3, null]. */
  readonly arrayBounds: readonly (number | null)[];
  readonly setOf: boolean;
  /** 'day to second', 'year', ..., of an interval type; its precision is modifiers[0] */
  readonly intervalFields: string | null;
  /** table.column%TYPE */
  readonly percentType: boolean;
}
/** An entry of WITH (...), (FORMAT csv, ...): `value` as written; words come as strings, lists as arrays, absent is null. */
export interface Option extends Node {
  readonly name: string;
  readonly namespace: string | null;
  readonly value: OptionValue | null;
}
export type OptionValue =
  | { readonly kind: 'word' | 'string' | 'number'; readonly text: string }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'star' }
  | { readonly kind: 'list'; readonly items: readonly string[] }
  | { readonly kind: 'type'; readonly type: TypeName };

// --------------------------------------------------------------------------------------------------------------- tables
export interface CreateTable extends Node {
  readonly kind: 'create_table';
  readonly table: QualifiedName;
  readonly persistence: Persistence;
  readonly ifNotExists: boolean;
  readonly elements: readonly TableElement[];
  readonly ofType: TypeName | null;
  readonly inherits: readonly QualifiedName[];
  readonly partitionOf: QualifiedName | null;
  readonly partitionBound: PartitionBound | null;
  readonly partitionBy: PartitionBy | null;
  readonly accessMethod: string | null;
  readonly options: readonly Option[];
  readonly onCommit: 'preserve' | 'delete' | 'drop' | null;
  readonly tablespace: string | null;
  readonly ingest: IngestClauses;
}
export interface PartitionBy extends Node {
  readonly strategy: string;
  readonly keys: readonly IndexElement[];
}
export type PartitionBound =
  | { readonly kind: 'default' }
  | { readonly kind: 'in'; readonly values: readonly Expression[] }
  | { readonly kind: 'range'; readonly from: readonly Expression[]; readonly to: readonly Expression[] }
  | { readonly kind: 'hash'; readonly modulus: number; readonly remainder: number };
export type TableElement = ColumnDefinition | TableConstraint | LikeClause | WatermarkDefinition;

export interface ColumnDefinition extends Node {
  readonly kind: 'column_definition';
  readonly name: string;
  /** null only for columns of a typed table or a partition (CREATE TABLE .. OF / PARTITION OF) */
  readonly type: TypeName | null;
  readonly collation: readonly string[];
  readonly storage: string | null;
  readonly compression: string | null;
  readonly constraints: readonly ColumnConstraint[];
}
export type ColumnConstraint = Node & { readonly name: string | null } & ConstraintTiming &
  (
    | { readonly kind: 'not_null' | 'null' }
    | { readonly kind: 'default'; readonly expression: Expression }
    | { readonly kind: 'generated'; readonly expression: Expression; readonly stored: boolean }
    | { readonly kind: 'identity'; readonly always: boolean; readonly options: readonly SequenceOption[] }
    | { readonly kind: 'metadata'; readonly from: string }
    | { readonly kind: 'primary_key'; readonly options: readonly Option[]; readonly tablespace: string | null }
    | {
        readonly kind: 'unique';
        readonly nullsNotDistinct: boolean;
        readonly options: readonly Option[];
        readonly tablespace: string | null;
      }
    | { readonly kind: 'check'; readonly expression: Expression; readonly noInherit: boolean }
    | ({ readonly kind: 'references' } & References)
  );
/** Only set where written. */
export interface ConstraintTiming {
  readonly deferrable: boolean;
  readonly initiallyDeferred: boolean;
  readonly notValid: boolean;
  readonly notEnforced: boolean;
}
export interface References {
  readonly table: QualifiedName;
  readonly columns: readonly string[];
  readonly match: 'simple' | 'full' | 'partial';
  readonly onDelete: ReferentialAction;
  readonly onDeleteColumns: readonly string[];
  readonly onUpdate: ReferentialAction;
}
export type ReferentialAction = 'no_action' | 'restrict' | 'cascade' | 'set_null' | 'set_default';
export type TableConstraint = Node & { readonly name: string | null } & ConstraintTiming &
  (
    | {
        readonly kind: 'table_primary_key' | 'table_unique';
        readonly columns: readonly string[];
        readonly nullsNotDistinct: boolean;
        readonly including: readonly string[];
        readonly options: readonly Option[];
        readonly tablespace: string | null;
        /** ADD CONSTRAINT .. USING INDEX */
        readonly usingIndex: string | null;
      }
    | { readonly kind: 'table_check'; readonly expression: Expression; readonly noInherit: boolean }
    | ({ readonly kind: 'table_foreign_key'; readonly localColumns: readonly string[] } & References)
    | { readonly kind: 'table_not_null'; readonly column: string; readonly noInherit: boolean }
    | {
        readonly kind: 'table_exclude';
        readonly accessMethod: string | null;
        readonly elements: readonly { readonly element: IndexElement; readonly operator: string }[];
        readonly including: readonly string[];
        readonly options: readonly Option[];
        readonly tablespace: string | null;
        readonly where: Expression | null;
      }
  );
export interface LikeClause extends Node {
  readonly kind: 'like_clause';
  readonly table: QualifiedName;
  /** In order: { including: true, what: 'defaults' | 'all' | .. } */
  readonly options: readonly { readonly including: boolean; readonly what: string }[];
}
/** WATERMARK FOR column AS expression [IDLE TIMEOUT interval] */
export interface WatermarkDefinition extends Node {
  readonly kind: 'watermark';
  readonly column: string;
  readonly expression: Expression;
  readonly idleTimeout: Expression | null;
}
/** What follows the column list of a stream, or of a table WITH (connector = ..). */
export interface IngestClauses {
  readonly format: FormatClause | null;
  readonly onLate: LateAction | null;
  readonly onError: ErrorAction | null;
}
/** FORMAT PLAIN ENCODE JSON (...); words in lower case. */
export interface FormatClause extends Node {
  readonly format: string;
  readonly encode: string;
  readonly options: readonly Option[];
}
export type LateAction =
  | { readonly kind: 'reject' | 'keep' }
  | { readonly kind: 'into'; readonly stream: QualifiedName };
export type ErrorAction =
  | { readonly kind: 'reject' | 'fail' }
  | { readonly kind: 'into'; readonly stream: QualifiedName };

export interface CreateTableAs extends Node {
  readonly kind: 'create_table_as';
  readonly table: QualifiedName;
  readonly persistence: Persistence;
  readonly ifNotExists: boolean;
  readonly columns: readonly string[];
  readonly accessMethod: string | null;
  readonly options: readonly Option[];
  readonly onCommit: 'preserve' | 'delete' | 'drop' | null;
  readonly tablespace: string | null;
  readonly source: Query | Execute;
  readonly withData: boolean;
}

// ------------------------------------------------------------------------------------------------------------ streaming
/** CREATE STREAM, CREATE SOURCE */
export interface CreateStream extends Node {
  readonly kind: 'create_stream';
  readonly word: 'stream' | 'source';
  readonly orReplace: boolean;
  readonly ifNotExists: boolean;
  readonly name: QualifiedName;
  readonly elements: readonly TableElement[];
  readonly options: readonly Option[];
  readonly ingest: IngestClauses;
}
export interface CreateMaterializedView extends Node {
  readonly kind: 'create_materialized_view';
  readonly orReplace: boolean;
  readonly ifNotExists: boolean;
  readonly unlogged: boolean;
  readonly name: QualifiedName;
  readonly columns: readonly string[];
  readonly accessMethod: string | null;
  readonly options: readonly Option[];
  readonly tablespace: string | null;
  /** Its `emit` is the view's EMIT clause. */
  readonly query: Query;
  readonly withData: boolean;
}
/** Exactly one of `from`, `query`. */
export interface CreateSink extends Node {
  readonly kind: 'create_sink';
  readonly orReplace: boolean;
  readonly ifNotExists: boolean;
  readonly name: QualifiedName;
  readonly from: QualifiedName | null;
  readonly query: Query | null;
  readonly options: readonly Option[];
  readonly format: FormatClause | null;
}
export interface CreateSubscription extends Node {
  readonly kind: 'create_subscription';
  readonly ifNotExists: boolean;
  readonly name: QualifiedName;
  readonly relation: QualifiedName;
  readonly options: readonly Option[];
}
export interface AlterMaterializedViewState extends Node {
  readonly kind: 'alter_materialized_view_state';
  readonly objectType: 'materialized view' | 'stream';
  readonly ifExists: boolean;
  readonly name: QualifiedName;
  readonly action: 'pause' | 'resume';
}

// -------------------------------------------------------------------------------------------------------- other objects
export interface CreateView extends Node {
  readonly kind: 'create_view';
  readonly orReplace: boolean;
  readonly persistence: Persistence;
  readonly recursive: boolean;
  readonly name: QualifiedName;
  readonly columns: readonly string[];
  readonly options: readonly Option[];
  readonly query: Query;
  readonly checkOption: 'local' | 'cascaded' | null;
}
export interface CreateSchema extends Node {
  readonly kind: 'create_schema';
  /** null: named after its owner */
  readonly name: string | null;
  readonly ifNotExists: boolean;
  readonly owner: string | null;
  readonly elements: readonly DefinitionStatement[];
}
export interface CreateIndex extends Node {
  readonly kind: 'create_index';
  readonly unique: boolean;
  readonly concurrently: boolean;
  readonly ifNotExists: boolean;
  readonly name: string | null;
  readonly table: QualifiedName;
  readonly only: boolean;
  readonly method: string;
  readonly elements: readonly IndexElement[];
  readonly including: readonly string[];
  readonly nullsNotDistinct: boolean;
  readonly options: readonly Option[];
  readonly tablespace: string | null;
  readonly where: Expression | null;
}
export type SequenceOption = Node &
  (
    | {
        readonly kind: 'increment' | 'minvalue' | 'maxvalue' | 'start' | 'restart' | 'cache';
        /** a signed integer; null: NO MINVALUE, NO MAXVALUE, plain RESTART */
        readonly value: string | null;
      }
    | { readonly kind: 'cycle'; readonly value: boolean }
    | { readonly kind: 'logged'; readonly value: boolean }
    | { readonly kind: 'owned_by' | 'sequence_name'; readonly name: readonly string[] }
    | { readonly kind: 'as'; readonly type: TypeName }
  );
export interface CreateSequence extends Node {
  readonly kind: 'create_sequence';
  readonly persistence: Persistence;
  readonly ifNotExists: boolean;
  readonly name: QualifiedName;
  readonly options: readonly SequenceOption[];
}
export interface CreateEnum extends Node {
  readonly kind: 'create_enum';
  readonly name: QualifiedName;
  readonly labels: readonly string[];
}
export interface CreateCompositeType extends Node {
  readonly kind: 'create_composite_type';
  readonly name: QualifiedName;
  readonly attributes: readonly {
    readonly name: string;
    readonly type: TypeName;
    readonly collation: readonly string[];
  }[];
}
export interface CreateDomain extends Node {
  readonly kind: 'create_domain';
  readonly name: QualifiedName;
  readonly type: TypeName;
  readonly collation: readonly string[];
  readonly constraints: readonly ColumnConstraint[];
}
export interface CreateDatabase extends Node {
  readonly kind: 'create_database';
  readonly name: string;
  readonly options: readonly Option[];
}
/** Options as words: superuser, nosuperuser, login, password (string or null), connectionlimit, validuntil, inrole, role, .. */
export interface CreateRole extends Node {
  readonly kind: 'create_role';
  readonly word: 'role' | 'user' | 'group';
  readonly name: string;
  readonly options: readonly Option[];
}
export interface CreateExtension extends Node {
  readonly kind: 'create_extension';
  readonly ifNotExists: boolean;
  readonly name: string;
  readonly options: readonly Option[];
}

export interface FunctionParameter extends Node {
  readonly mode: 'in' | 'out' | 'inout' | 'variadic';
  readonly name: string | null;
  /** null for a TABLE parameter */
  readonly type: TypeName | null;
  readonly default: Expression | null;
}
export interface CreateFunction extends Node {
  readonly kind: 'create_function';
  readonly procedure: boolean;
  readonly orReplace: boolean;
  readonly name: QualifiedName;
  readonly parameters: readonly FunctionParameter[];
  readonly returns: TypeName | null;
  /** RETURNS TABLE (...); null when not written */
  readonly returnsTable: readonly FunctionColumnDefinition[] | null;
  readonly language: string | null;
  /** AS 'body' or AS 'file', 'symbol' */
  readonly body: readonly string[];
  /** RETURN expression */
  readonly returnExpression: Expression | null;
  /** BEGIN ATOMIC statements END; null when not written */
  readonly atomicBody: readonly Statement[] | null;
  readonly volatility: 'immutable' | 'stable' | 'volatile' | null;
  /** true: STRICT / RETURNS NULL ON NULL INPUT; false: CALLED ON NULL INPUT */
  readonly strict: boolean | null;
  readonly securityDefiner: boolean | null;
  readonly leakproof: boolean | null;
  readonly window: boolean;
  readonly cost: string | null;
  readonly rows: string | null;
  readonly parallel: string | null;
  /** SET name ... clauses, as written */
  readonly settings: readonly Option[];
  /** WITH (vectorized, ...) */
  readonly options: readonly Option[];
  /** STATE (...) */
  readonly state: readonly StateDefinition[];
}
export interface FunctionColumnDefinition extends Node {
  readonly name: string;
  readonly type: TypeName;
}
export interface StateDefinition extends Node {
  readonly name: string;
  readonly type: TypeName;
  readonly ttl: string | null;
}
/** PostgreSQL's (sfunc = f, ..) form fills `options`; LANGUAGE .. AS $$ create_state, accumulate, .. $$ fills the rest. */
export interface CreateAggregate extends Node {
  readonly kind: 'create_aggregate';
  readonly orReplace: boolean;
  readonly name: QualifiedName;
  /** `(*)` is [] with star */
  readonly parameters: readonly FunctionParameter[];
  readonly star: boolean;
  readonly options: readonly Option[];
  readonly returns: TypeName | null;
  readonly language: string | null;
  readonly body: readonly string[];
}
