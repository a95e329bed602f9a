// What a function is to binder, optimizer and engine: one definition per signature, with exactly one body. Ids are
// "name(argtype,argtype)" with pg_type names ("int4[]" for arrays), so that plans can name functions as plain data.
import type { Datum } from '../types/datum.ts';
import type { SqlType, TypeName } from '../types/sql-type.ts';
import type { TypeSettings } from '../types/type-settings.ts';

/** A parameter type: a type name, "int4[]"-like, or a polymorphic/pseudo class that the binder resolves. */
export type ParameterType =
  | TypeName
  | `${TypeName}[]`
  | 'any'
  | 'anyelement'
  | 'anyarray'
  | 'anynonarray'
  | 'anycompatible'
  | 'anycompatiblearray';

/** What a per-row body may ask of its statement. */
export interface EvaluationContext {
  /** statement or transaction time in microseconds since 1970 UTC, fixed per transaction as now() is */
  readonly nowMicros: bigint;
  readonly timeZone: string;
  /** how values print and parse in this session (DateStyle, IntervalStyle ...); defaults where absent */
  readonly settings?: Partial<TypeSettings>;
  /** session settings and catalog lookups behind functions such as current_schema(), pg_get_viewdef(); absent in continuous queries */
  readonly session?: SessionFunctions;
  /** Asks that the rows computed now are handed on only so much later; absent where results cannot wait. */
  readonly delay?: (milliseconds: number) => void;
}

/** Catalog- and session-dependent functions call through this (implemented by session/). */
export interface SessionFunctions {
  call(name: string, args: readonly (Datum | null)[]): Datum | null;
  /** What the functions called so far wait for: their rows are held back until then. Rejects when that cannot be had. */
  waiting?(): Promise<void> | undefined;
}

export type ScalarBody =
  /** A kernel "name" of the library with the strict value-kernel convention (kernels/README.md). Types resolved physically. */
  | {
      readonly kind: 'kernel';
      readonly kernel: string;
      /**
       * absent: `kernel` is the full name. 'scale': a base name; arguments are brought to one physical type and (numerics) one
       * scale, and `_<physical>` is appended. 'width': the same without touching scales (numeric *). 'own': numerics become ones that
       * carry their own scales, and `_numeric` is appended.
       */
      readonly align?: 'scale' | 'width' | 'own';
      /** the kernel sets null bytes itself */
      readonly nullable?: true;
      /** which error a status code stands for */
      readonly errors?: Readonly<Record<number, KernelError>>;
      /** the same for one row: where the kernel declines it, and for single values */
      readonly slow?: RowEvaluate;
    }
  /**
   * The arguments as text, one behind the other: with the first between the others (`separated`), NULLs passed over or making the
   * whole NULL. By a kernel where all are texts and integers, else row by row.
   */
  | {
      readonly kind: 'join';
      readonly separated: boolean;
      readonly passOver: boolean;
      readonly evaluate: RowEvaluate;
    }
  /** One call per row with JavaScript values; strict functions never see null. Throws SqlError. */
  | {
      readonly kind: 'row';
      readonly evaluate: RowEvaluate;
    };

export type RowEvaluate = (args: readonly (Datum | null)[], context: EvaluationContext) => Datum | null;

/** A kernel for some calls only: arguments that are constants, as the unit of date_trunc mostly is, or of handy types. */
export interface SpecialisedKernel {
  readonly kernel: string;
  /** positions of the arguments that the kernel takes */
  readonly args: readonly number[];
  /** numbers that it takes after them */
  readonly parameters?: readonly number[];
  readonly nullable?: true;
  /** what the kernel computes, where that is not the call's type: the engine converts */
  readonly type?: SqlType;
  /** over the arguments of `args`, for rows that the kernel declines */
  readonly slow?: RowEvaluate;
}

export type KernelError =
  | 'division_by_zero'
  | 'int2_range'
  | 'int4_range'
  | 'int8_range'
  | 'float_overflow'
  | 'float_underflow'
  | 'numeric_overflow'
  | 'timestamp_range'
  | 'interval_range'
  | 'infinite_dates'
  | 'date_for_timestamp';

export interface ScalarFunction {
  readonly id: string;
  readonly name: string;
  readonly parameters: readonly ParameterType[];
  /** for calls that name their arguments: f(days => 10) */
  readonly parameterNames?: readonly string[];
  /** the last parameter repeats */
  readonly variadic?: boolean;
  /** number of trailing parameters with defaults */
  readonly defaults?: readonly (Datum | null)[];
  readonly result: ParameterType;
  /** Result type from actual argument types (numeric scale, varchar length); default: `result` resolved. */
  readonly resultType?: (args: readonly SqlType[]) => SqlType;
  readonly strict: boolean;
  readonly volatility: 'immutable' | 'stable' | 'volatile';
  /** Body for the actual (physical) argument types; null: not for these. One definition may pick a kernel by scale/width. */
  readonly body: (args: readonly SqlType[], result: SqlType) => ScalarBody;
  /** A better body for these constants (undefined: not constant; none is NULL) and types. undefined: `body` it is. */
  readonly specialised?: (
    constants: readonly (Datum | undefined)[],
    context: EvaluationContext,
    types: readonly SqlType[],
  ) => SpecialisedKernel | undefined;
  /** Operators only: '+', '=' ... */
  readonly operator?: string;
  /** Operators: for = and <>, < ... the commuted and negated operator's names, used by the optimizer */
  readonly commutator?: string;
  readonly negator?: string;
  readonly oid: number;
}

/** Aggregates: state machinery lives in engine/; here is the signature and which state kind computes it. */
export interface AggregateFunction {
  readonly id: string;
  readonly name: string;
  readonly parameters: readonly ParameterType[];
  readonly variadic?: boolean;
  readonly result: ParameterType;
  readonly resultType?: (args: readonly SqlType[]) => SqlType;
  /** count, sum, min ... : name of the vectorized state in engine/aggregates; or a per-row implementation for the long tail. */
  readonly state:
    | {
        readonly kind: 'vector';
        readonly operation:
          | 'count-star'
          | 'count'
          | 'sum'
          | 'avg'
          | 'min'
          | 'max'
          | 'bool-and'
          | 'bool-or'
          | 'variance';
      }
    | {
        readonly kind: 'collect';
        readonly finish: (
          rows: readonly (readonly (Datum | null)[])[],
          context: EvaluationContext,
          argTypes: readonly SqlType[],
        ) => Datum | null;
      };
  /** ordered-set aggregates (percentile_cont ... WITHIN GROUP): rows arrive ordered, direct args first */
  readonly orderedSet?: boolean;
  /** variance: which of var_pop, var_samp, stddev_pop, stddev_samp */
  readonly variant?: string;
  readonly oid: number;
}

export interface WindowFunction {
  readonly id: string;
  readonly name: string; // row_number, rank, ...
  readonly parameters: readonly ParameterType[];
  readonly result: ParameterType;
  readonly resultType?: (args: readonly SqlType[]) => SqlType;
  readonly oid: number;
}

export interface TableFunction {
  readonly id: string;
  readonly name: string;
  readonly parameters: readonly ParameterType[];
  readonly variadic?: boolean;
  /** Output columns from actual argument types. */
  readonly outputs: (args: readonly SqlType[]) => readonly { readonly name: string; readonly type: SqlType }[];
  readonly strict: boolean;
  readonly volatility: 'immutable' | 'stable' | 'volatile';
  /** All rows for one call; may be a generator so that generate_series(1, 1e9) with LIMIT works. */
  readonly rows: (
    args: readonly (Datum | null)[],
    context: EvaluationContext,
    argTypes: readonly SqlType[],
    outputs: readonly { readonly name: string; readonly type: SqlType }[],
  ) => Iterable<readonly (Datum | null)[]>;
  /** The kernel of kernels/assembly/expand.ts that makes the same rows for these types; what it declines goes through `rows`. */
  readonly kernel?: (argTypes: readonly SqlType[], context: EvaluationContext) => string | undefined;
  /** the scalar function whose array, for the same arguments, has these rows as its elements */
  readonly elementsOf?: string;
  /** the call's own column definition list says what the outputs are: json_to_record(...) AS t(a int, b text) */
  readonly declaredColumns?: boolean;
  /** estimated rows, for constants */
  readonly estimate?: (args: readonly (Datum | null)[]) => number;
  readonly oid: number;
}

/** Casts: from -> to. 'assignment' casts apply in INSERT/UPDATE, 'implicit' anywhere, 'explicit' only when written. */
export interface CastFunction {
  readonly from: TypeName | 'array';
  readonly to: TypeName | 'array';
  readonly context: 'implicit' | 'assignment' | 'explicit';
  /** id of the scalar function doing it ("cast int4->text"); body gets the target SqlType as result. */
  readonly function: ScalarFunction | 'binary-compatible';
  /** varchar(n) and character(n): what assignments call instead; it raises 22001 where `function`, the written cast, cuts off. */
  readonly assignmentFunction?: ScalarFunction;
}
