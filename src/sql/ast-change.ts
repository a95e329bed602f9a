// The syntax tree of data changes: INSERT, UPDATE, DELETE, MERGE. Conventions as in ast.ts.
import type { Alias, Expression, FromItem, Node, Query, Target, WithClause } from './ast.ts';
import type { QualifiedName } from './ast-definition.ts';

export interface Insert extends Node {
  readonly kind: 'insert';
  readonly with: WithClause | null;
  readonly table: QualifiedName;
  readonly alias: string | null;
  /** [] when no list was written */
  readonly columns: readonly ColumnTarget[];
  readonly overriding: 'system' | 'user' | null;
  /** null: DEFAULT VALUES */
  readonly source: Query | null;
  readonly onConflict: OnConflict | null;
  readonly returning: readonly Target[];
}
/** A column to store into: `name`, then `[i]` or `.field` steps (rare). */
export interface ColumnTarget extends Node {
  readonly name: string;
  readonly indirection: readonly Indirection[];
}
export type Indirection =
  | { readonly kind: 'field'; readonly field: string }
  | { readonly kind: 'index'; readonly index: Expression }
  | { readonly kind: 'slice'; readonly lower: Expression | null; readonly upper: Expression | null };
export interface OnConflict extends Node {
  readonly targets: readonly IndexElement[];
  readonly targetWhere: Expression | null;
  readonly constraint: string | null;
  readonly action: 'nothing' | 'update';
  readonly assignments: readonly Assignment[];
  readonly where: Expression | null;
}
/** A key of an index or a conflict target: exactly one of column, expression is set. */
export interface IndexElement extends Node {
  readonly column: string | null;
  readonly expression: Expression | null;
  readonly collation: readonly string[];
  readonly operatorClass: readonly string[];
  readonly direction: 'asc' | 'desc' | null;
  readonly nulls: 'first' | 'last' | null;
}
/** `a = e` has one target; `(a, b) = row or subquery` is `multiple` and its value a row, a subquery or another expression. */
export interface Assignment extends Node {
  readonly targets: readonly ColumnTarget[];
  readonly multiple: boolean;
  readonly value: Expression;
}
export interface Update extends Node {
  readonly kind: 'update';
  readonly with: WithClause | null;
  readonly table: QualifiedName;
  readonly only: boolean;
  readonly alias: Alias | null;
  readonly assignments: readonly Assignment[];
  readonly from: readonly FromItem[];
  readonly where: Expression | null;
  readonly returning: readonly Target[];
}
export interface Delete extends Node {
  readonly kind: 'delete';
  readonly with: WithClause | null;
  readonly table: QualifiedName;
  readonly only: boolean;
  readonly alias: Alias | null;
  readonly using: readonly FromItem[];
  readonly where: Expression | null;
  readonly returning: readonly Target[];
}
export interface Merge extends Node {
  readonly kind: 'merge';
  readonly with: WithClause | null;
  readonly table: QualifiedName;
  readonly only: boolean;
  readonly alias: Alias | null;
  readonly source: FromItem;
  readonly on: Expression;
  readonly clauses: readonly MergeClause[];
  readonly returning: readonly Target[];
}
export interface MergeClause extends Node {
  readonly match: 'matched' | 'not_matched_by_target' | 'not_matched_by_source';
  readonly condition: Expression | null;
  readonly action: 'insert' | 'update' | 'delete' | 'nothing';
  readonly assignments: readonly Assignment[];
  readonly columns: readonly ColumnTarget[];
  readonly overriding: 'system' | 'user' | null;
  /** of an insert; [] is DEFAULT VALUES */
  readonly values: readonly Expression[];
}
