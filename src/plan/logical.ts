// The logical algebra: what a bound statement means, before any choice of algorithm. Pure, readonly data in one file. A node's
// expressions refer to columns of its inputs by id (and, inside a correlated subquery or the right side of an apply, to columns of the
// outer side, until decorrelation has removed them).

import type { SqlType } from '../types/sql-type.ts';
import type { AggregateCall, Expression, PlanColumn, SortKey } from './expression.ts';

export type JoinType = 'inner' | 'left' | 'right' | 'full' | 'semi' | 'anti' | 'null-aware-anti';

interface Columns {
  /** what the node produces */
  readonly columns: readonly PlanColumn[];
}

export type LogicalPlan = QueryPlan | InsertPlan | UpdatePlan | DeletePlan;

type QueryPlan = Columns &
  (
    | {
        readonly kind: 'scan';
        /** a table, stream, materialized view or system relation */
        readonly relation: number;
        /** attributes[i] (attnum, 1-based; 0 = hidden row id) feeds columns[i] */
        readonly attributes: readonly number[];
        readonly alias: string;
        /** pushed-down conjuncts, over columns */
        readonly filters: readonly Expression[];
      }
    /** One row, no columns when `rows` is [[]]. */
    | {
        readonly kind: 'values';
        readonly rows: readonly (readonly Expression[])[];
      }
    | {
        readonly kind: 'filter';
        readonly input: LogicalPlan;
        readonly condition: Expression;
      }
    /** columns[i] = expressions[i]; a plain column reference may keep its id. */
    | {
        readonly kind: 'project';
        readonly input: LogicalPlan;
        readonly expressions: readonly Expression[];
      }
    | {
        readonly kind: 'join';
        readonly type: JoinType;
        readonly left: LogicalPlan;
        readonly right: LogicalPlan;
        readonly condition: Expression | null;
        /** estimated, where the join order was chosen */
        readonly rows?: number;
      }
    /** For each left row, the right plan with the left's columns in scope: LATERAL and un-nested subqueries, until decorrelation.
     *  'single' = scalar subquery: at most one row (21000 otherwise), NULLs when none. */
    | {
        readonly kind: 'apply';
        readonly type: 'inner' | 'left' | 'semi' | 'anti' | 'single';
        readonly left: LogicalPlan;
        readonly right: LogicalPlan;
        readonly condition: Expression | null;
        /** Over the left row: where it is not true the right plan is not run and counts as empty, so that no error of it is raised. */
        readonly guard?: Expression | null;
      }
    /** columns = left's, then one bool: whether the condition holds for some right row; NULL where for none but NULL for some. Only in the
     *  optimizer: a mark becomes joins, or an aggregate under an apply. */
    | {
        readonly kind: 'mark';
        readonly left: LogicalPlan;
        readonly right: LogicalPlan;
        readonly condition: Expression | null;
        readonly guard: Expression | null;
        /** false will do for NULL, as in WHERE */
        readonly nullAsFalse: boolean;
      }
    /** columns = groupBy columns, then one per aggregate (then, with groupingSets, an int4 grouping-set ordinal). groupBy empty: one row. */
    | {
        readonly kind: 'aggregate';
        readonly input: LogicalPlan;
        readonly groupBy: readonly Expression[];
        readonly aggregates: readonly AggregateCall[];
        /** each set lists indexes into groupBy */
        readonly groupingSets: readonly (readonly number[])[] | null;
      }
    /** DISTINCT, or DISTINCT ON (keys) keeping the first row by `orderBy`. */
    | {
        readonly kind: 'distinct';
        readonly input: LogicalPlan;
        readonly on: readonly Expression[] | null;
        readonly orderBy: readonly SortKey[];
      }
    | {
        readonly kind: 'sort';
        readonly input: LogicalPlan;
        readonly keys: readonly SortKey[];
      }
    | {
        readonly kind: 'limit';
        readonly input: LogicalPlan;
        readonly limit: Expression | null;
        readonly offset: Expression | null;
        readonly withTies: readonly SortKey[] | null;
      }
    /** columns have fresh ids; inputs are matched by position and have equal types. */
    | {
        readonly kind: 'set-operation';
        readonly operation: 'union' | 'intersect' | 'except';
        readonly all: boolean;
        readonly left: LogicalPlan;
        readonly right: LogicalPlan;
      }
    /** columns = input's, then one per call. */
    | {
        readonly kind: 'window';
        readonly input: LogicalPlan;
        readonly partitionBy: readonly Expression[];
        readonly orderBy: readonly SortKey[];
        readonly frame: WindowFrame;
        readonly calls: readonly WindowCall[];
      }
    /** columns = input's, then the set-returning functions' output, advanced in lockstep (NULL-padded); then ordinality if asked. */
    | {
        readonly kind: 'project-set';
        readonly input: LogicalPlan;
        readonly functions: readonly TableFunctionCall[];
        readonly ordinality: boolean;
        /** keep input rows with no output rows */
        readonly outer: boolean;
      }
    /** A table function with constant arguments that is a source of its own: read_parquet(...), headrace system functions. */
    | {
        readonly kind: 'table-function';
        readonly call: TableFunctionCall;
        readonly options: Readonly<Record<string, unknown>>;
        readonly filters: readonly Expression[];
        /** index of each column in the function's full row */
        readonly attributes: readonly number[];
      }
    /** Event-time window assignment; columns = input's, then window_start, window_end, window_time. */
    | {
        readonly kind: 'window-assign';
        readonly input: LogicalPlan;
        readonly window: EventWindow;
        readonly time: Expression;
        /** whose sessions they are; empty for other windows */
        readonly partitionBy: readonly Expression[];
      }
    /** WITH: `definition` is evaluated once, `body` reads it through cte-reference. */
    | {
        readonly kind: 'cte';
        readonly id: number;
        readonly name: string;
        /** WITH x AS [NOT] MATERIALIZED, where written */
        readonly materialized?: boolean;
        readonly definition: LogicalPlan;
        readonly body: LogicalPlan;
      }
    | {
        readonly kind: 'cte-reference';
        readonly id: number;
        readonly name: string;
      }
    /** WITH RECURSIVE: `step` reads the working table through cte-reference `id`; unionAll false = UNION (duplicates dropped). */
    | {
        readonly kind: 'recursive-cte';
        readonly id: number;
        readonly name: string;
        readonly base: LogicalPlan;
        readonly step: LogicalPlan;
        readonly unionAll: boolean;
      }
  );

export interface TableFunctionCall {
  /** id in the table-function registry */
  readonly function: string;
  readonly args: readonly Expression[];
  readonly outputs: readonly { readonly name: string; readonly type: SqlType }[];
}

export interface WindowCall {
  /** id in the window-function registry or, with `aggregate`, the aggregate registry */
  readonly function: string;
  readonly aggregate: boolean;
  readonly type: SqlType;
  readonly args: readonly Expression[];
  readonly filter: Expression | null;
  readonly ignoreNulls: boolean;
}

export type FrameBound =
  | { readonly kind: 'unbounded-preceding' | 'current-row' | 'unbounded-following' }
  | { readonly kind: 'preceding' | 'following'; readonly offset: Expression };

export interface WindowFrame {
  readonly mode: 'rows' | 'range' | 'groups';
  readonly start: FrameBound;
  readonly end: FrameBound;
  readonly exclude: 'no others' | 'current row' | 'group' | 'ties';
}

/**
 * Microseconds. tumble: size; hop: slide then size; windows start at multiples of slide plus offset (from 1970-01-01 UTC). cumulate: windows
 * that start with each `size` and end at each multiple of `step` in it. session: rows less than `gap` apart, the gap behind the last.
 */
export type EventWindow =
  | { readonly kind: 'tumble'; readonly sizeMicros: bigint; readonly offsetMicros: bigint }
  | { readonly kind: 'hop'; readonly slideMicros: bigint; readonly sizeMicros: bigint; readonly offsetMicros: bigint }
  | {
      readonly kind: 'cumulate';
      readonly stepMicros: bigint;
      readonly sizeMicros: bigint;
      readonly offsetMicros: bigint;
    }
  | { readonly kind: 'session'; readonly gapMicros: bigint };

/** Root of INSERT. `input` yields the table's columns in attnum order. columns = RETURNING output (empty: none). */
export interface InsertPlan {
  readonly kind: 'insert';
  readonly columns: readonly PlanColumn[];
  readonly relation: number;
  readonly input: LogicalPlan;
  /** Ids by which checks, returning and conflict expressions name the new row's columns (attnum order). */
  readonly rowColumns: readonly PlanColumn[];
  readonly checks: readonly RowCheck[];
  readonly onConflict: OnConflict | null;
  readonly returning: readonly Expression[];
}

export interface RowCheck {
  readonly constraint: string;
  /** null: NOT NULL of `attribute`; else the row violates unless it is true or NULL */
  readonly condition: Expression | null;
  readonly attribute: number;
  /** WITH CHECK OPTION of the view `constraint` */
  readonly ofView?: true;
}

export interface OnConflict {
  /** attnums of the arbiter's key, or null for any unique constraint (DO NOTHING only) */
  readonly target: readonly number[] | null;
  /** DO UPDATE: new values in attnum order over rowColumns of the existing row (`existingColumns`) and of the excluded row */
  readonly update: {
    readonly existingColumns: readonly PlanColumn[];
    readonly values: readonly Expression[];
    readonly where: Expression | null;
  } | null;
}

/** Root of UPDATE. `input` yields the row id (column 0, int8), the old row's columns in attnum order, then anything FROM adds. */
export interface UpdatePlan {
  readonly kind: 'update';
  readonly columns: readonly PlanColumn[];
  readonly relation: number;
  readonly input: LogicalPlan;
  readonly oldColumns: readonly PlanColumn[];
  /** new row in attnum order, over input's columns */
  readonly values: readonly Expression[];
  readonly newColumns: readonly PlanColumn[];
  readonly checks: readonly RowCheck[];
  /** over newColumns and input's columns */
  readonly returning: readonly Expression[];
}

/** Root of DELETE. `input` yields the row id (column 0, int8), the old row's columns in attnum order, then what USING adds. */
export interface DeletePlan {
  readonly kind: 'delete';
  readonly columns: readonly PlanColumn[];
  readonly relation: number;
  readonly input: LogicalPlan;
  readonly oldColumns: readonly PlanColumn[];
  readonly returning: readonly Expression[];
}
