// What the binder is given (BindContext), what it hands back (BoundStatement), and the state of one bind call (BindState):
// fresh column ids, inferred parameter types, relations seen, and where bound columns came from, for error messages.
import type { CatalogSnapshot, EmitMode } from '../../catalog/objects.ts';
import type { EvaluationContext } from '../../functions/function-definition.ts';
import type { FunctionRegistry } from '../../functions/registry.ts';
import type { Expression, PlanColumn } from '../../plan/expression.ts';
import type { LogicalPlan } from '../../plan/logical.ts';
import type { SqlType } from '../../types/sql-type.ts';
import type { FunctionArgument } from '../ast.ts';

export interface BindContext {
  readonly catalog: CatalogSnapshot;
  readonly functions: FunctionRegistry;
  /** Schema names in order; pg_catalog is searched first unless it is named. */
  readonly searchPath: readonly string[];
  /** Types of $1, $2, ... ; entries that are undefined or missing are inferred and filled in place. */
  readonly parameterTypes: (SqlType | undefined)[];
  /** Columns of a read_parquet/read_csv/read_json call, as the session knows them; it may throw to look at the file and bind again. */
  readonly externalSchema?: (
    functionName: string,
    args: readonly FunctionArgument[],
  ) => readonly { readonly name: string; readonly type: SqlType }[] | undefined;
  /** Schema of this session's temporary tables, searched before everything. */
  readonly temporarySchema?: string;
  readonly currentUser: string;
  readonly database: string;
  /** Scans of tables under FROM have a hidden column `_row_id`, reached by `alias._row_id`: for row locks. */
  readonly rowIds?: boolean;
  /** Told what the text means, for those who keep it or write it anew. */
  readonly trace?: BindTrace | undefined;
  /** Clock, time zone and catalog lookups for constants that are converted while binding ('now'::timestamptz). */
  readonly evaluation?: EvaluationContext;
}

/** Positions are those of the syntax nodes; views inside are not entered. */
export interface BindTrace {
  relation(position: number, oid: number): void;
  column(position: number, origin: { readonly relation: number; readonly attribute: number }): void;
  /** what * stands for; table null: a column that USING merged */
  star(position: number, columns: readonly { readonly table: string | null; readonly name: string }[]): void;
  /** told of the bodies of SQL functions, whose positions are of another text */
  readonly bodies?: BindTrace;
}

export interface BoundStatement {
  readonly kind: 'query' | 'insert' | 'update' | 'delete' | 'merge';
  readonly plan: LogicalPlan;
  /** Result columns; none for a data change without RETURNING. */
  readonly columns: readonly PlanColumn[];
  readonly parameterTypes: readonly SqlType[];
  readonly relations: { readonly read: readonly number[]; readonly written: readonly number[] };
  /** The user functions called, by oid: what a view needs, and what its role must be allowed to execute. */
  readonly functions: readonly number[];
  readonly emit?: EmitMode;
  /** SELECT ... FOR UPDATE / SHARE was said. */
  readonly locking?: 'update' | 'share';
}

/** The arguments of a call of a SQL function, by position as its parameters. */
export interface FunctionArguments {
  readonly function: string;
  readonly names: readonly string[];
  readonly values: readonly Expression[];
  /** how often the body names each; counted while it is bound */
  readonly uses: number[];
}

export interface BindState {
  readonly context: BindContext;
  nextId: number;
  readonly read: Set<number>;
  readonly written: Set<number>;
  /** The user functions called, by oid; those in views and in bodies of SQL functions too. */
  readonly functions: Set<number>;
  /** Oids of the views and SQL functions being expanded, against cycles. */
  readonly expanding: readonly number[];
  /** In the body of a SQL function: what its parameters stand for. */
  readonly arguments: FunctionArguments | null;
  /** Where a bound column reference stands in the text. */
  readonly positions: WeakMap<Expression, number>;
  /** "t.a" for messages about a column, by id. */
  readonly columnNames: Map<number, string>;
  /** Relation of a base table's columns and their attnums, by id, for functional dependency in GROUP BY. */
  readonly origins: Map<number, { readonly relation: number; readonly attribute: number; readonly scan: number }>;
}

export function newState(context: BindContext): BindState {
  return {
    context,
    nextId: 1,
    read: new Set(),
    written: new Set(),
    functions: new Set(),
    expanding: [],
    arguments: null,
    positions: new WeakMap(),
    columnNames: new Map(),
    origins: new Map(),
  };
}

export function freshColumn(state: BindState, name: string, type: SqlType, origin?: PlanColumn['origin']): PlanColumn {
  const id = state.nextId;
  state.nextId += 1;
  return origin === undefined ? { id, name, type } : { id, name, type, origin };
}
