// The syntax tree: what the parser makes of a statement's text and the binder reads. Readonly discriminated unions on `kind`.
// This file has expressions and queries; ast-match.ts MATCH_RECOGNIZE, ast-change.ts INSERT/UPDATE/DELETE/MERGE,
// ast-definition.ts CREATE/ALTER/DROP, ast-utility.ts the rest.
// Identifiers are resolved (lower-cased unless quoted, cut to 63 bytes). `position` is 1-based, in code points of the
// whole query text, at the place PostgreSQL would point to in an error (an operator's own place for operator nodes).
// Absent clauses are null, absent lists are []. Spellings that mean the same are one node, as in PostgreSQL.

import type { Delete, Insert, Merge, Update } from './ast-change.ts';
import type { DefinitionStatement, QualifiedName, TypeName } from './ast-definition.ts';
import type { FromMatchRecognize } from './ast-match.ts';
import type { UtilityStatement } from './ast-utility.ts';

export type Statement = DataStatement | DefinitionStatement | UtilityStatement;
export type DataStatement = Query | DataChange;
export type DataChange = Insert | Update | Delete | Merge;

/** One statement of a query string. `start`/`end` are UTF-16 offsets: `text === source.slice(start, end)`. */
export interface ParsedStatement {
  readonly statement: Statement;
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

export interface Node {
  readonly position: number;
}

// ---------------------------------------------------------------------------------------------------------- expressions
export type Expression =
  | NullLiteral
  | BooleanLiteral
  | IntegerLiteral
  | DecimalLiteral
  | StringLiteral
  | BitStringLiteral
  | TypedLiteral
  | ColumnReference
  | Star
  | Parameter
  | UnaryExpression
  | BinaryExpression
  | AndExpression
  | OrExpression
  | NotExpression
  | IsTest
  | IsDistinct
  | Between
  | InList
  | InSubquery
  | Like
  | QuantifiedArray
  | QuantifiedSubquery
  | Exists
  | ScalarSubquery
  | ArrayExpression
  | ArraySubquery
  | RowExpression
  | CaseExpression
  | Coalesce
  | NullIf
  | MinMax
  | Cast
  | Collate
  | FunctionCall
  | Subscript
  | Slice
  | FieldSelection
  | FieldStar
  | SqlValueFunction
  | Grouping
  | DefaultMarker
  | CurrentOf
  | TableArgument
  | Descriptor;

export interface NullLiteral extends Node {
  readonly kind: 'null';
}
export interface BooleanLiteral extends Node {
  readonly kind: 'boolean';
  readonly value: boolean;
}
/** Digits in base 10 without separators, any size, never negative (minus is a unary operator). */
export interface IntegerLiteral extends Node {
  readonly kind: 'integer';
  readonly text: string;
}
/** As written but without separators: '1.50', '.5', '1e10'. */
export interface DecimalLiteral extends Node {
  readonly kind: 'decimal';
  readonly text: string;
}
/** Escapes undone. Its type is unknown until the binder decides. */
export interface StringLiteral extends Node {
  readonly kind: 'string';
  readonly value: string;
}
export interface BitStringLiteral extends Node {
  readonly kind: 'bit_string';
  readonly radix: 2 | 16;
  readonly digits: string;
}
/** `date '2020-01-01'`, `interval '1' day to second`, `mytype 'x'`: a cast of a string constant. */
export interface TypedLiteral extends Node {
  readonly kind: 'typed_literal';
  readonly type: TypeName;
  readonly value: string;
}
/** `a`, `t.a`, `s.t.a`; a later part may turn out to be a field of a composite column. */
export interface ColumnReference extends Node {
  readonly kind: 'column';
  readonly parts: readonly string[];
}
/** `*` (qualifier []) or `s.t.*`. */
export interface Star extends Node {
  readonly kind: 'star';
  readonly qualifier: readonly string[];
  /** other dialects' * EXCEPT (a, b) */
  readonly except?: readonly string[];
}
export interface Parameter extends Node {
  readonly kind: 'parameter';
  readonly index: number;
}
/** Prefix operator. `operatorSchema` is [] unless OPERATOR(schema.op) was written. */
export interface UnaryExpression extends Node {
  readonly kind: 'unary';
  readonly operator: string;
  readonly operatorSchema: readonly string[];
  readonly operand: Expression;
}
/** Includes comparisons; `!=` is spelled `<>`. Position is the operator's. */
export interface BinaryExpression extends Node {
  readonly kind: 'binary';
  readonly operator: string;
  readonly operatorSchema: readonly string[];
  readonly left: Expression;
  readonly right: Expression;
}
/** Flattened: two or more operands. */
export interface AndExpression extends Node {
  readonly kind: 'and';
  readonly operands: readonly Expression[];
}
export interface OrExpression extends Node {
  readonly kind: 'or';
  readonly operands: readonly Expression[];
}
export interface NotExpression extends Node {
  readonly kind: 'not';
  readonly operand: Expression;
}
export interface IsTest extends Node {
  readonly kind: 'is';
  readonly test: 'null' | 'true' | 'false' | 'unknown' | 'json' | 'json object' | 'json array' | 'json scalar';
  readonly negated: boolean;
  readonly operand: Expression;
}
/** `negated`: IS NOT DISTINCT FROM. */
export interface IsDistinct extends Node {
  readonly kind: 'is_distinct';
  readonly negated: boolean;
  readonly left: Expression;
  readonly right: Expression;
}
export interface Between extends Node {
  readonly kind: 'between';
  readonly negated: boolean;
  readonly symmetric: boolean;
  readonly operand: Expression;
  readonly low: Expression;
  readonly high: Expression;
}
export interface InList extends Node {
  readonly kind: 'in_list';
  readonly negated: boolean;
  readonly operand: Expression;
  readonly list: readonly Expression[];
}
export interface InSubquery extends Node {
  readonly kind: 'in_subquery';
  readonly negated: boolean;
  readonly operand: Expression;
  readonly query: Query;
}
/** LIKE is operator ~~, ILIKE ~~*, SIMILAR TO ~ after similar_to_escape; `escape` null means the default backslash. */
export interface Like extends Node {
  readonly kind: 'like';
  readonly form: 'like' | 'ilike' | 'similar';
  readonly negated: boolean;
  readonly operand: Expression;
  readonly pattern: Expression;
  readonly escape: Expression | null;
}
/** `left op ANY|ALL (array)`. LIKE ANY comes as operator `~~`, NOT LIKE `!~~`, ILIKE `~~*`, NOT ILIKE `!~~*`. */
export interface QuantifiedArray extends Node {
  readonly kind: 'quantified_array';
  readonly quantifier: 'any' | 'all';
  readonly operator: string;
  readonly operatorSchema: readonly string[];
  readonly left: Expression;
  readonly array: Expression;
}
export interface QuantifiedSubquery extends Node {
  readonly kind: 'quantified_subquery';
  readonly quantifier: 'any' | 'all';
  readonly operator: string;
  readonly operatorSchema: readonly string[];
  readonly left: Expression;
  readonly query: Query;
}
export interface Exists extends Node {
  readonly kind: 'exists';
  readonly query: Query;
}
export interface ScalarSubquery extends Node {
  readonly kind: 'subquery';
  readonly query: Query;
}
/** ARRAY[...]; the inner brackets of ARRAY[[1,2],[3,4]] are elements of this kind too. */
export interface ArrayExpression extends Node {
  readonly kind: 'array';
  readonly elements: readonly Expression[];
}
export interface ArraySubquery extends Node {
  readonly kind: 'array_subquery';
  readonly query: Query;
}
/** ROW(...) when explicit, (a, b) when not. */
export interface RowExpression extends Node {
  readonly kind: 'row';
  readonly explicit: boolean;
  readonly elements: readonly Expression[];
}
export interface CaseExpression extends Node {
  readonly kind: 'case';
  readonly operand: Expression | null;
  readonly branches: readonly CaseBranch[];
  readonly otherwise: Expression | null;
}
export interface CaseBranch extends Node {
  readonly condition: Expression;
  readonly result: Expression;
}
export interface Coalesce extends Node {
  readonly kind: 'coalesce';
  readonly arguments: readonly Expression[];
}
export interface NullIf extends Node {
  readonly kind: 'nullif';
  readonly left: Expression;
  readonly right: Expression;
}
export interface MinMax extends Node {
  readonly kind: 'minmax';
  readonly form: 'greatest' | 'least';
  readonly arguments: readonly Expression[];
}
/** CAST(a AS t), a::t. */
export interface Cast extends Node {
  readonly kind: 'cast';
  readonly operand: Expression;
  readonly type: TypeName;
}
export interface Collate extends Node {
  readonly kind: 'collate';
  readonly operand: Expression;
  readonly collation: readonly string[];
}
/**
 * A call. SQL's special syntaxes arrive as the functions they mean, name `['pg_catalog', f]` and `syntax` saying how they
 * were written: EXTRACT(f FROM x) = extract('f', x); POSITION(a IN b) = position(b, a); SUBSTRING(s FROM a FOR n) =
 * substring(s, a, n); TRIM(BOTH c FROM s) = btrim(s, c), LEADING ltrim, TRAILING rtrim; OVERLAY = overlay(s, r, from, for);
 * x AT TIME ZONE z = timezone(z, x); AT LOCAL = timezone(x); COLLATION FOR (x) = pg_collation_for(x);
 * a OVERLAPS b = overlaps(4 arguments); x IS NORMALIZED = is_normalized.
 */
export interface FunctionCall extends Node {
  readonly kind: 'function';
  readonly name: readonly string[];
  readonly arguments: readonly FunctionArgument[];
  readonly syntax: SpecialSyntax | null;
  /** count(*) */
  readonly star: boolean;
  readonly distinct: boolean;
  /** The last argument is VARIADIC. */
  readonly variadic: boolean;
  readonly orderBy: readonly SortKey[];
  readonly withinGroup: readonly SortKey[];
  readonly filter: Expression | null;
  readonly nullTreatment: 'ignore' | 'respect' | null;
  readonly over: WindowDefinition | WindowName | null;
}
export type SpecialSyntax =
  | 'extract'
  | 'position'
  | 'substring'
  | 'substring_similar'
  | 'trim'
  | 'overlay'
  | 'at_time_zone'
  | 'at_local'
  | 'collation_for'
  | 'overlaps'
  | 'normalize'
  | 'is_normalized'
  | 'is_not_normalized';
export interface FunctionArgument extends Node {
  readonly name: string | null;
  readonly value: Expression;
}
export interface Subscript extends Node {
  readonly kind: 'subscript';
  readonly operand: Expression;
  readonly index: Expression;
}
export interface Slice extends Node {
  readonly kind: 'slice';
  readonly operand: Expression;
  readonly lower: Expression | null;
  readonly upper: Expression | null;
}
/** `(expr).field`, `a[1].field`, `$1.field` */
export interface FieldSelection extends Node {
  readonly kind: 'field';
  readonly operand: Expression;
  readonly field: string;
}
/** `(expr).*` */
export interface FieldStar extends Node {
  readonly kind: 'field_star';
  readonly operand: Expression;
}
export interface SqlValueFunction extends Node {
  readonly kind: 'sql_value';
  readonly name:
    | 'current_date'
    | 'current_time'
    | 'current_timestamp'
    | 'localtime'
    | 'localtimestamp'
    | 'current_role'
    | 'current_user'
    | 'user'
    | 'session_user'
    | 'system_user'
    | 'current_catalog'
    | 'current_schema';
  readonly precision: number | null;
}
export interface Grouping extends Node {
  readonly kind: 'grouping';
  readonly arguments: readonly Expression[];
}
/** DEFAULT in VALUES and SET; an error anywhere else. */
export interface DefaultMarker extends Node {
  readonly kind: 'default';
}
/** WHERE CURRENT OF cursor */
export interface CurrentOf extends Node {
  readonly kind: 'current_of';
  readonly cursor: string;
}
/** `TABLE s [PARTITION BY ..] [ORDER BY ..]`, `TABLE (query)` or `s PARTITION BY k` as a function argument. */
export interface TableArgument extends Node {
  readonly kind: 'table_argument';
  readonly table: QualifiedName | null;
  readonly query: Query | null;
  readonly partitionBy: readonly Expression[];
  readonly orderBy: readonly SortKey[];
}
export interface Descriptor extends Node {
  readonly kind: 'descriptor';
  readonly columns: readonly string[];
}

export interface SortKey extends Node {
  readonly expression: Expression;
  /** null: not said, the same as asc */
  readonly direction: 'asc' | 'desc' | null;
  /** ORDER BY x USING operator */
  readonly using: string | null;
  readonly nulls: 'first' | 'last' | null;
}
export interface WindowName extends Node {
  readonly kind: 'window_name';
  readonly name: string;
}
/** In a WINDOW clause `name` is set; `base` is the window that it extends. */
export interface WindowDefinition extends Node {
  readonly kind: 'window';
  readonly name: string | null;
  readonly base: string | null;
  readonly partitionBy: readonly Expression[];
  readonly orderBy: readonly SortKey[];
  readonly frame: WindowFrame | null;
}
export interface WindowFrame extends Node {
  readonly mode: 'rows' | 'range' | 'groups';
  readonly start: FrameBound;
  /** null: not said, means current row */
  readonly end: FrameBound | null;
  readonly exclude: 'current_row' | 'group' | 'ties' | null;
}
export interface FrameBound extends Node {
  readonly kind: 'unbounded_preceding' | 'preceding' | 'current_row' | 'following' | 'unbounded_following';
  readonly offset: Expression | null;
}

// -------------------------------------------------------------------------------------------------------------- queries
/** WITH .. body ORDER BY .. LIMIT ..; the order and limit are over the whole body, a set operation included. */
export interface Query extends Node {
  readonly kind: 'query';
  readonly with: WithClause | null;
  readonly body: QueryBody;
  readonly orderBy: readonly SortKey[];
  /** null: no limit (LIMIT ALL and LIMIT NULL are a null literal) */
  readonly limit: Expression | null;
  readonly withTies: boolean;
  readonly offset: Expression | null;
  readonly locking: readonly LockingClause[];
  readonly emit: EmitClause | null;
}
/** A Query inside a body is a parenthesised operand of a set operation with its own WITH, ORDER BY or LIMIT. */
export type QueryBody = Select | Values | SetOperation | Query;

export interface Select extends Node {
  readonly kind: 'select';
  readonly distinct: Distinct | null;
  readonly targets: readonly Target[];
  readonly into: IntoClause | null;
  /** comma-separated items */
  readonly from: readonly FromItem[];
  readonly where: Expression | null;
  readonly groupBy: readonly GroupingElement[];
  readonly groupByDistinct: boolean;
  readonly having: Expression | null;
  readonly windows: readonly WindowDefinition[];
  /** other dialects' QUALIFY: a condition over the windows' results */
  readonly qualify?: Expression;
}
/** `on` is [] for plain DISTINCT. */
export interface Distinct extends Node {
  readonly on: readonly Expression[];
}
/** `*` is a target whose expression is a star. */
export interface Target extends Node {
  readonly expression: Expression;
  readonly alias: string | null;
}
export interface IntoClause extends Node {
  readonly table: QualifiedName;
  readonly persistence: Persistence;
}
export type Persistence = 'permanent' | 'temporary' | 'unlogged';
export interface Values extends Node {
  readonly kind: 'values';
  readonly rows: readonly (readonly Expression[])[];
}
export interface SetOperation extends Node {
  readonly kind: 'set_operation';
  readonly operator: 'union' | 'intersect' | 'except';
  readonly all: boolean;
  readonly left: QueryBody;
  readonly right: QueryBody;
}
export interface WithClause extends Node {
  readonly recursive: boolean;
  readonly ctes: readonly CommonTableExpression[];
}
export interface CommonTableExpression extends Node {
  readonly name: string;
  readonly columns: readonly string[];
  readonly materialized: boolean | null;
  readonly statement: DataStatement;
  readonly search: SearchClause | null;
  readonly cycle: CycleClause | null;
}
export interface SearchClause extends Node {
  readonly depthFirst: boolean;
  readonly columns: readonly string[];
  readonly sequenceColumn: string;
}
export interface CycleClause extends Node {
  readonly columns: readonly string[];
  readonly markColumn: string;
  readonly markValue: Expression | null;
  readonly markDefault: Expression | null;
  readonly pathColumn: string;
}
export interface LockingClause extends Node {
  readonly strength: 'update' | 'no_key_update' | 'share' | 'key_share';
  readonly of: readonly QualifiedName[];
  readonly wait: 'block' | 'nowait' | 'skip_locked';
}
/** EMIT FINAL is on_window_close. */
export interface EmitClause extends Node {
  readonly mode: 'changes' | 'on_window_close' | 'complete';
  readonly delay: Expression | null;
  readonly timeout: Expression | null;
}

export type GroupingElement = GroupingExpression | GroupingEmpty | GroupingSets | GroupingRollup;
export interface GroupingExpression extends Node {
  readonly kind: 'grouping_expression';
  readonly expression: Expression;
}
export interface GroupingEmpty extends Node {
  readonly kind: 'grouping_empty';
}
export interface GroupingSets extends Node {
  readonly kind: 'grouping_sets';
  readonly elements: readonly GroupingElement[];
}
/** An implicit row among the elements is one unit: ROLLUP ((a, b), c). */
export interface GroupingRollup extends Node {
  readonly kind: 'grouping_rollup' | 'grouping_cube';
  readonly elements: readonly Expression[];
}

// ----------------------------------------------------------------------------------------------------------- from items
export type FromItem = FromTable | FromSubquery | FromFunction | FromJoin | FromMatchRecognize;

export interface Alias extends Node {
  readonly name: string;
  readonly columns: readonly string[];
}
export interface FromTable extends Node {
  readonly kind: 'from_table';
  readonly table: QualifiedName;
  readonly only: boolean;
  readonly alias: Alias | null;
  readonly sample: TableSample | null;
  /** FOR SYSTEM_TIME AS OF e */
  readonly systemTime: Expression | null;
}
export interface TableSample extends Node {
  readonly method: readonly string[];
  readonly arguments: readonly Expression[];
  readonly repeatable: Expression | null;
}
export interface FromSubquery extends Node {
  readonly kind: 'from_subquery';
  readonly query: Query;
  readonly lateral: boolean;
  readonly alias: Alias | null;
}
/** f(..) or ROWS FROM (f(..), ..) when `rowsFrom`; window functions such as TUMBLE(..) and TABLE(f(..)) come here too. */
export interface FromFunction extends Node {
  readonly kind: 'from_function';
  readonly functions: readonly RowsFromItem[];
  readonly rowsFrom: boolean;
  readonly lateral: boolean;
  readonly withOrdinality: boolean;
  readonly alias: Alias | null;
}
/** `call` is a function, or what looks like one: sql_value, coalesce, cast, minmax, nullif, ... */
export interface RowsFromItem extends Node {
  readonly call: Expression;
  readonly columnDefinitions: readonly FunctionColumn[];
}
export interface FunctionColumn extends Node {
  readonly name: string;
  readonly type: TypeName;
  readonly collation: readonly string[];
}
/** CROSS JOIN is type inner without on/using. `using` null: no USING clause. */
export interface FromJoin extends Node {
  readonly kind: 'from_join';
  /** semi and anti: LEFT SEMI JOIN, LEFT ANTI JOIN; they show the left side only */
  readonly type: 'inner' | 'left' | 'right' | 'full' | 'semi' | 'anti';
  readonly asof: boolean;
  readonly natural: boolean;
  readonly left: FromItem;
  readonly right: FromItem;
  readonly on: Expression | null;
  readonly using: readonly string[] | null;
  readonly usingAlias: string | null;
  /** (a JOIN b ..) AS x */
  readonly alias: Alias | null;
}
