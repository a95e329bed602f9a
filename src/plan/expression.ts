// Expressions of every plan: typed, readonly, structured-cloneable data. Columns are named by plan-wide unique ids in logical
// plans (`column`) and by position in the input batch in batch and stream plans (`input`).
import type { Datum } from '../types/datum.ts';
import { type SqlType, sameType } from '../types/sql-type.ts';

/** A column that some plan node produces. Ids are unique within one statement. */
export interface PlanColumn {
  readonly id: number;
  readonly name: string;
  readonly type: SqlType;
  /** Where a result column comes straight from a table column (RowDescription, updatable results). */
  readonly origin?: { readonly relation: number; readonly attribute: number };
}

export type Expression =
  | { readonly kind: 'constant'; readonly type: SqlType; readonly value: Datum | null }
  | { readonly kind: 'column'; readonly type: SqlType; readonly id: number; readonly name: string }
  | { readonly kind: 'input'; readonly type: SqlType; readonly index: number }
  | { readonly kind: 'parameter'; readonly type: SqlType; readonly index: number } // 0-based; replaced by constants before running
  | CallExpression
  | { readonly kind: 'and' | 'or'; readonly type: SqlType; readonly args: readonly Expression[] }
  | { readonly kind: 'not'; readonly type: SqlType; readonly arg: Expression }
  | { readonly kind: 'is-null'; readonly type: SqlType; readonly arg: Expression; readonly negated: boolean }
  | {
      readonly kind: 'is-distinct';
      readonly type: SqlType;
      readonly left: Expression;
      readonly right: Expression;
      readonly negated: boolean;
      readonly equals: string;
    }
  | {
      readonly kind: 'case';
      readonly type: SqlType;
      readonly branches: readonly { readonly when: Expression; readonly then: Expression }[];
      readonly otherwise: Expression | null;
    }
  | { readonly kind: 'coalesce'; readonly type: SqlType; readonly args: readonly Expression[] }
  /** arg = any of items (constants or expressions of one type), SQL's three-valued IN. `equals` is the function id of `=`. */
  | {
      readonly kind: 'in-list';
      readonly type: SqlType;
      readonly arg: Expression;
      readonly items: readonly Expression[];
      readonly negated: boolean;
      readonly equals: string;
    }
  /** arg op ANY/ALL (array). `operator` is the function id for (element, element). */
  | {
      readonly kind: 'quantified-array';
      readonly type: SqlType;
      readonly arg: Expression;
      readonly array: Expression;
      readonly operator: string;
      readonly all: boolean;
    }
  | { readonly kind: 'array'; readonly type: SqlType; readonly elements: readonly Expression[] }
  | { readonly kind: 'row'; readonly type: SqlType; readonly fields: readonly Expression[] }
  | { readonly kind: 'field'; readonly type: SqlType; readonly arg: Expression; readonly index: number }
  /** Only between binder and decorrelation: a subquery whose plan may refer to columns of the outer query by id. */
  | SubqueryExpression;

/** A call of a registered scalar function. `function` is its id in the function registry, e.g. "int4pl(int4,int4)" or "udf:16401". */
export interface CallExpression {
  readonly kind: 'call';
  readonly type: SqlType;
  readonly function: string;
  readonly args: readonly Expression[];
  /** 1-based character position in the statement, for errors raised at run time or planning. */
  readonly position?: number;
}

export interface SubqueryExpression {
  readonly kind: 'subquery';
  readonly type: SqlType;
  readonly form: 'scalar' | 'exists' | 'in' | 'quantified' | 'array';
  readonly plan: import('./logical.ts').LogicalPlan;
  /** in/quantified: compared expressions of the outer row, with the subquery's columns in order. */
  readonly args: readonly Expression[];
  /** function ids of the comparison per arg ('in' uses equality). */
  readonly operators: readonly string[];
  readonly negated: boolean;
  readonly all?: boolean;
}

/** One aggregate call inside an aggregate or window node. `function` is an id of the aggregate registry, e.g. "sum(int4)". */
export interface AggregateCall {
  readonly function: string;
  readonly type: SqlType;
  readonly args: readonly Expression[];
  readonly distinct: boolean;
  readonly filter: Expression | null;
  readonly orderBy: readonly SortKey[];
}

export interface SortKey {
  readonly expression: Expression;
  readonly descending: boolean;
  readonly nullsFirst: boolean;
}

/**
 * Same bytes under another type. What a cast makes depends on its own type (varchar(2), regclass), and a column put in the place of another
 * brings its own type along, which matters where it prints as a name. Both stay inside: a COALESCE of one argument has a type of its own and
 * computes nothing.
 */
export function relabel(expression: Expression, type: SqlType): Expression {
  if (expression.type === type) return expression;
  const converts = expression.kind === 'call' && expression.function.startsWith('cast(');
  const prints = expression.kind === 'column' && type.name.startsWith('reg');
  if (!(converts || prints) || sameType(expression.type, type)) return { ...expression, type } as Expression;
  return { kind: 'coalesce', type, args: [expression] };
}

export function columnReference(column: PlanColumn): Expression {
  return { kind: 'column', type: column.type, id: column.id, name: column.name };
}
