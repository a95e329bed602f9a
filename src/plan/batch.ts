// The batch algebra: the algorithm for every step, chosen by the planner and run by engine/batch. Expressions refer to input
// columns by position (`input`). Plain data that is copied to workers.

import type { SqlType } from '../types/sql-type.ts';
import type { AggregateCall, CallExpression, Expression, SortKey } from './expression.ts';
import type { EventWindow, JoinType, RowCheck, TableFunctionCall, WindowCall, WindowFrame } from './logical.ts';

/** Output row shape of every node. */
export interface Shape {
  readonly types: readonly SqlType[];
  readonly names: readonly string[];
  /** Estimated rows, for EXPLAIN and for the choice of inline against workers. */
  readonly rows: number;
}

/** An index that storage can look keys up in. */
export interface IndexKey {
  readonly oid: number;
  readonly name: string;
  readonly attributes: readonly number[];
  readonly types: readonly SqlType[];
  readonly unique: boolean;
}

/** Values that are known before the plan's rows are read: expressions over nothing. */
export type KeyValues =
  | { readonly kind: 'items'; readonly items: readonly Expression[] }
  | { readonly kind: 'array'; readonly array: Expression };

export type BatchPlan = Shape &
  (
    | {
        readonly kind: 'table-scan';
        readonly relation: number;
        readonly alias: string;
        readonly attributes: readonly number[];
        /** conjuncts over the output */
        readonly filters: readonly Expression[];
      }
    /** Rows of a table under keys of an index: what `scan` does, found by its `conditions`. */
    | {
        readonly kind: 'index-lookup';
        readonly index: IndexKey;
        /** per key attribute: the values it may have; every combination is looked up */
        readonly key: readonly KeyValues[];
        /** which of the scan's filters the keys stand for */
        readonly conditions: readonly number[];
        readonly scan: Extract<BatchPlan, { readonly kind: 'table-scan' }>;
      }
    | {
        readonly kind: 'table-function-scan';
        readonly call: TableFunctionCall;
        readonly options: Readonly<Record<string, unknown>>;
        readonly attributes: readonly number[];
        readonly filters: readonly Expression[];
      }
    | { readonly kind: 'values'; readonly rowsOf: readonly (readonly Expression[])[] }
    | { readonly kind: 'filter'; readonly input: BatchPlan; readonly condition: Expression }
    | { readonly kind: 'project'; readonly input: BatchPlan; readonly expressions: readonly Expression[] }
    /** Equality keys (hash) plus a residual over (left columns, right columns). The right side is built, the left side probes. */
    | {
        readonly kind: 'hash-join';
        readonly type: JoinType;
        readonly left: BatchPlan;
        readonly right: BatchPlan;
        readonly leftKeys: readonly Expression[];
        readonly rightKeys: readonly Expression[];
        readonly nullsEqual: readonly boolean[];
        readonly residual: Expression | null;
      }
    /** No equality: every pair is tested. */
    | {
        readonly kind: 'nested-loop-join';
        readonly type: JoinType;
        readonly left: BatchPlan;
        readonly right: BatchPlan;
        readonly condition: Expression | null;
      }
    /** `single`: more than one match per left row raises 21000. */
    | { readonly kind: 'single-check'; readonly input: BatchPlan }
    | {
        readonly kind: 'aggregate';
        readonly input: BatchPlan;
        readonly groupBy: readonly Expression[];
        readonly aggregates: readonly AggregateCall[];
        readonly groupingSets: readonly (readonly number[])[] | null;
      }
    | {
        readonly kind: 'distinct-on';
        readonly input: BatchPlan;
        readonly keys: readonly Expression[];
        readonly orderBy: readonly SortKey[];
      }
    | { readonly kind: 'sort'; readonly input: BatchPlan; readonly keys: readonly SortKey[] }
    /** ORDER BY with LIMIT: keeps limit + offset rows. */
    | {
        readonly kind: 'top-n';
        readonly input: BatchPlan;
        readonly keys: readonly SortKey[];
        readonly limit: number;
        readonly offset: number;
        readonly withTies: boolean;
      }
    | {
        readonly kind: 'limit';
        readonly input: BatchPlan;
        readonly limit: Expression | null;
        readonly offset: Expression | null;
      }
    | { readonly kind: 'union-all'; readonly inputs: readonly BatchPlan[] }
    /** INTERSECT / EXCEPT [ALL] by counting. */
    | {
        readonly kind: 'set-difference';
        readonly operation: 'intersect' | 'except';
        readonly all: boolean;
        readonly left: BatchPlan;
        readonly right: BatchPlan;
      }
    | {
        readonly kind: 'window';
        readonly input: BatchPlan;
        readonly partitionBy: readonly Expression[];
        readonly orderBy: readonly SortKey[];
        readonly frame: WindowFrame;
        readonly calls: readonly WindowCall[];
      }
    | {
        readonly kind: 'project-set';
        readonly input: BatchPlan;
        readonly functions: readonly TableFunctionCall[];
        readonly ordinality: boolean;
        readonly outer: boolean;
      }
    | {
        readonly kind: 'window-assign';
        readonly input: BatchPlan;
        readonly window: EventWindow;
        readonly time: Expression;
        readonly partitionBy: readonly Expression[];
      }
    | {
        readonly kind: 'cte';
        readonly id: number;
        readonly name: string;
        readonly definition: BatchPlan;
        readonly body: BatchPlan;
      }
    | { readonly kind: 'cte-scan'; readonly id: number; readonly name: string }
    | {
        readonly kind: 'recursive-cte';
        readonly id: number;
        readonly name: string;
        readonly base: BatchPlan;
        readonly step: BatchPlan;
        readonly unionAll: boolean;
      }
    /** Calls of user-defined functions, which run in child processes: appends one column per call. The planner lifts them out of expressions. */
    | { readonly kind: 'udf-project'; readonly input: BatchPlan; readonly calls: readonly CallExpression[] }
    /** What decorrelation could not remove: `right` is run per distinct left row, its parameters (index from parameterBase) bound to `bindings`. */
    | {
        readonly kind: 'apply';
        readonly type: 'inner' | 'left' | 'semi' | 'anti' | 'single';
        readonly left: BatchPlan;
        readonly right: BatchPlan;
        readonly parameterBase: number;
        readonly bindings: readonly Expression[];
        readonly condition: Expression | null;
        /** over the left row: where it is not true, `right` is not run and counts as empty */
        readonly guard: Expression | null;
      }
  );

/** A data-changing root; rows it returns have the shape of `returning`. Run by session/statements with engine/batch underneath. */
export type ModifyPlan =
  | {
      readonly kind: 'insert';
      readonly relation: number;
      readonly input: BatchPlan;
      /** over the new row (attnum order) */
      readonly checks: readonly RowCheck[];
      readonly onConflict: {
        readonly target: readonly number[] | null;
        /** over (existing row, excluded row) */
        readonly update: { readonly values: readonly Expression[]; readonly where: Expression | null } | null;
      } | null;
      readonly returning: Shape & { readonly expressions: readonly Expression[] }; // over the new row
    }
  | {
      readonly kind: 'update';
      readonly relation: number;
      /** row id, old row, FROM columns */
      readonly input: BatchPlan;
      readonly values: readonly Expression[]; // over input
      readonly checks: readonly RowCheck[]; // over the new row
      readonly returning: Shape & { readonly expressions: readonly Expression[] }; // over (new row, input)
    }
  | {
      readonly kind: 'delete';
      readonly relation: number;
      readonly input: BatchPlan;
      readonly returning: Shape & { readonly expressions: readonly Expression[] }; // over input
    };
