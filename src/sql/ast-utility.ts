// The syntax tree of everything that is neither data nor definition: transactions, settings, prepared statements, cursors,
// COPY, EXPLAIN, subscriptions, maintenance. Conventions as in ast.ts.
import type { DataStatement, Expression, Node, Query } from './ast.ts';
import type { CreateMaterializedView, CreateTableAs, Option, QualifiedName, TypeName } from './ast-definition.ts';

export type UtilityStatement =
  | Transaction
  | SetTransaction
  | SetSetting
  | SetTimeZone
  | ShowSetting
  | ShowObjects
  | ShowColumns
  | ShowCreate
  | Prepare
  | Execute
  | Deallocate
  | DeclareCursor
  | FetchCursor
  | CloseCursor
  | Explain
  | Copy
  | Subscribe
  | Acknowledge
  | Truncate
  | LockTable
  | Listen
  | Unlisten
  | Notify
  | Discard
  | Maintenance
  | SetConstraints
  | Do
  | Call
  | RefreshMaterializedView
  | Unsupported;

// --------------------------------------------------------------------------------------------- transactions and settings
/** `name` is the savepoint's, or the transaction id of PREPARE TRANSACTION and COMMIT/ROLLBACK PREPARED. */
export interface Transaction extends Node {
  readonly kind: 'transaction';
  readonly action:
    | 'begin'
    | 'start'
    | 'commit'
    | 'rollback'
    | 'savepoint'
    | 'release'
    | 'rollback_to'
    | 'prepare'
    | 'commit_prepared'
    | 'rollback_prepared';
  readonly modes: readonly TransactionMode[];
  readonly chain: boolean;
  readonly name: string | null;
}
export type TransactionMode = Node &
  (
    | {
        readonly kind: 'isolation';
        readonly level: 'read uncommitted' | 'read committed' | 'repeatable read' | 'serializable';
      }
    | { readonly kind: 'read_only'; readonly value: boolean }
    | { readonly kind: 'deferrable'; readonly value: boolean }
  );
/** SET [LOCAL] TRANSACTION modes; SET SESSION CHARACTERISTICS AS TRANSACTION modes; SET TRANSACTION SNAPSHOT 'id'. */
export interface SetTransaction extends Node {
  readonly kind: 'set_transaction';
  readonly scope: 'transaction' | 'session';
  readonly modes: readonly TransactionMode[];
  readonly snapshot: string | null;
}
/**
 * SET name = value, .. and RESET name. `name` in lower case, 'a.b' for custom ones, 'all' for RESET ALL. SET NAMES is
 * client_encoding, SET ROLE is role, SET SESSION AUTHORIZATION is session_authorization, SET SCHEMA is search_path,
 * SET SESSION CHARACTERISTICS is set_transaction.
 */
export interface SetSetting extends Node {
  readonly kind: 'set';
  readonly name: string;
  readonly local: boolean;
  /** null: TO DEFAULT or RESET */
  readonly values: readonly SettingValue[] | null;
  readonly reset: boolean;
  /** SET name FROM CURRENT, in CREATE FUNCTION only */
  readonly fromCurrent: boolean;
}
export interface SettingValue extends Node {
  readonly kind: 'word' | 'string' | 'number';
  readonly text: string;
}
/** SET TIME ZONE value; LOCAL and DEFAULT are null; an interval is a typed literal. */
export interface SetTimeZone extends Node {
  readonly kind: 'set_time_zone';
  readonly local: boolean;
  readonly value: Expression | null;
}
/** SHOW name; 'all'; SHOW TIME ZONE is 'timezone', SHOW TRANSACTION ISOLATION LEVEL 'transaction_isolation'. */
export interface ShowSetting extends Node {
  readonly kind: 'show';
  readonly name: string;
}
/** SHOW TABLES [FROM schema] [LIKE 'pattern'], SHOW INDEXES FROM table, .. */
export interface ShowObjects extends Node {
  readonly kind: 'show_objects';
  readonly what:
    | 'queries'
    | 'streams'
    | 'sinks'
    | 'subscriptions'
    | 'tables'
    | 'views'
    | 'materialized_views'
    | 'functions'
    | 'databases'
    | 'schemas'
    | 'indexes'
    | 'roles';
  /** a schema's name, or the table of indexes */
  readonly from: QualifiedName | null;
  readonly like: string | null;
}
/** SHOW COLUMNS FROM t, DESCRIBE t */
export interface ShowColumns extends Node {
  readonly kind: 'show_columns';
  readonly relation: QualifiedName;
}
/** SHOW CREATE TABLE t; `object` is what the text says it is */
export interface ShowCreate extends Node {
  readonly kind: 'show_create';
  readonly object: 'table' | 'view' | 'materialized_view' | 'stream';
  readonly relation: QualifiedName;
}

// ---------------------------------------------------------------------------------------- prepared statements and cursors
export interface Prepare extends Node {
  readonly kind: 'prepare';
  readonly name: string;
  readonly types: readonly TypeName[];
  readonly statement: DataStatement;
}
export interface Execute extends Node {
  readonly kind: 'execute';
  readonly name: string;
  readonly arguments: readonly Expression[];
}
/** `name` null: ALL */
export interface Deallocate extends Node {
  readonly kind: 'deallocate';
  readonly name: string | null;
}
export interface DeclareCursor extends Node {
  readonly kind: 'declare_cursor';
  readonly name: string;
  readonly binary: boolean;
  readonly insensitive: boolean | null;
  readonly scroll: boolean | null;
  readonly hold: boolean;
  readonly query: Query | Subscribe;
}
/** FETCH and MOVE. `count` for forward/backward/absolute/relative; null with forward/backward is ALL. */
export interface FetchCursor extends Node {
  readonly kind: 'fetch';
  readonly move: boolean;
  readonly direction: 'forward' | 'backward' | 'absolute' | 'relative';
  readonly count: number | null;
  readonly cursor: string;
  /** WITH (timeout = '1s') */
  readonly options: readonly Option[];
}
/** `name` null: ALL */
export interface CloseCursor extends Node {
  readonly kind: 'close';
  readonly name: string | null;
}

export type ExplainableStatement =
  | DataStatement
  | DeclareCursor
  | CreateTableAs
  | CreateMaterializedView
  | RefreshMaterializedView
  | Execute
  | Subscribe;
/** EXPLAIN ANALYZE VERBOSE comes as the options analyze and verbose without values. */
export interface Explain extends Node {
  readonly kind: 'explain';
  readonly options: readonly Option[];
  readonly statement: ExplainableStatement;
}

// ------------------------------------------------------------------------------------------------- COPY and subscriptions
/** Old option syntax is translated to the new one. Exactly one of `table`, `query`. */
export interface Copy extends Node {
  readonly kind: 'copy';
  readonly table: QualifiedName | null;
  readonly columns: readonly string[];
  readonly query: DataStatement | Subscribe | null;
  readonly direction: 'from' | 'to';
  readonly endpoint:
    | { readonly kind: 'stdio' }
    | { readonly kind: 'file'; readonly path: string }
    | { readonly kind: 'program'; readonly command: string };
  readonly options: readonly Option[];
  readonly where: Expression | null;
}
/** Exactly one of `relation`, `query`. */
export interface Subscribe extends Node {
  readonly kind: 'subscribe';
  readonly relation: QualifiedName | null;
  readonly query: Query | null;
  readonly envelope: { readonly kind: 'upsert' | 'debezium'; readonly key: readonly string[] } | null;
  readonly options: readonly Option[];
  readonly asOf: Expression | null;
  readonly upTo: Expression | null;
}
export interface Acknowledge extends Node {
  readonly kind: 'acknowledge';
  readonly subscription: QualifiedName;
  readonly upTo: Expression;
}

// ----------------------------------------------------------------------------------------------------------- maintenance
export interface Truncate extends Node {
  readonly kind: 'truncate';
  readonly tables: readonly { readonly table: QualifiedName; readonly only: boolean }[];
  readonly restartIdentity: boolean;
  readonly cascade: boolean;
}
export interface LockTable extends Node {
  readonly kind: 'lock';
  readonly tables: readonly { readonly table: QualifiedName; readonly only: boolean }[];
  /** 'access share', .., 'access exclusive' */
  readonly mode: string;
  readonly nowait: boolean;
}
export interface Listen extends Node {
  readonly kind: 'listen';
  readonly channel: string;
}
/** `channel` null: * */
export interface Unlisten extends Node {
  readonly kind: 'unlisten';
  readonly channel: string | null;
}
export interface Notify extends Node {
  readonly kind: 'notify';
  readonly channel: string;
  readonly payload: string | null;
}
export interface Discard extends Node {
  readonly kind: 'discard';
  readonly what: 'all' | 'plans' | 'sequences' | 'temp';
}
/** VACUUM, ANALYZE, REINDEX, CLUSTER, CHECKPOINT */
export interface Maintenance extends Node {
  readonly kind: 'maintenance';
  readonly command: 'vacuum' | 'analyze' | 'checkpoint' | 'reindex' | 'cluster';
  readonly options: readonly Option[];
  readonly relations: readonly { readonly table: QualifiedName; readonly columns: readonly string[] }[];
}
/** `names` [] is ALL */
export interface SetConstraints extends Node {
  readonly kind: 'set_constraints';
  readonly names: readonly QualifiedName[];
  readonly deferred: boolean;
}
export interface Do extends Node {
  readonly kind: 'do';
  readonly language: string | null;
  readonly body: string;
}
export interface Call extends Node {
  readonly kind: 'call';
  readonly call: Expression;
}
export interface RefreshMaterializedView extends Node {
  readonly kind: 'refresh_materialized_view';
  readonly name: QualifiedName;
  readonly concurrently: boolean;
  readonly withData: boolean;
}
/** A command of PostgreSQL that is recognized but has no tree: CREATE TRIGGER, CREATE OPERATOR, SECURITY LABEL, .. */
export interface Unsupported extends Node {
  readonly kind: 'unsupported';
  readonly command: string;
  readonly text: string;
}
