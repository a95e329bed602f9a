// The syntax tree of MATCH_RECOGNIZE. Conventions as in ast.ts.
import type { Alias, Expression, FromItem, Node, SortKey, Target } from './ast.ts';

export interface FromMatchRecognize extends Node {
  readonly kind: 'from_match_recognize';
  readonly input: FromItem;
  readonly partitionBy: readonly Expression[];
  readonly orderBy: readonly SortKey[];
  readonly measures: readonly Target[];
  readonly rowsPerMatch: 'one' | 'all';
  readonly afterMatch: 'past_last_row' | 'next_row' | 'first_variable' | 'last_variable';
  readonly afterVariable: string | null;
  readonly pattern: MatchPattern;
  readonly within: Expression | null;
  readonly define: readonly { readonly variable: string; readonly condition: Expression }[];
  readonly alias: Alias | null;
}
export type MatchPattern =
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'sequence' | 'alternation'; readonly parts: readonly MatchPattern[] }
  | {
      readonly kind: 'repeat';
      readonly part: MatchPattern;
      readonly min: number;
      readonly max: number | null;
      readonly reluctant: boolean;
    };
