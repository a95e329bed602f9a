// Term: an expression brought into the few forms that generated code knows, with everything decided: how values are represented, what
// range they can have, where an overflow must be watched for. `lower-expression.ts` makes terms, `emit-term.ts` makes code of them.
import type { Physical } from '../../types/sql-type.ts';
import type { Bounds } from './bounds.ts';

/** int: any integer, date, time or scaled numeric in 64 bits; wide: an i128; text: a 16-byte view. */
export type Representation = 'int' | 'float' | 'bool' | 'text' | 'wide';
export type Comparison = 'equal' | 'not_equal' | 'less' | 'less_equal' | 'greater' | 'greater_equal';
export type Arithmetic = 'add' | 'subtract' | 'multiply';

interface Facts {
  readonly representation: Representation;
  readonly nullable: boolean;
  /** int: what it can be */
  readonly bounds: Bounds;
  /** int: decimal digits after the point */
  readonly scale: number;
}

export type Term = Facts &
  (
    | { readonly kind: 'column'; readonly column: number; readonly physical: Physical }
    | { readonly kind: 'constant'; readonly value: ConstantValue }
    /** int: gives the block up where the result leaves `bits` bits (0: proven not to) */
    | {
        readonly kind: 'arithmetic';
        readonly operation: Arithmetic;
        readonly left: Term;
        readonly right: Term;
        readonly bits: 0 | 16 | 32 | 64;
      }
    /** gives the block up where a finite operation overflows or underflows */
    | { readonly kind: 'float-arithmetic'; readonly operation: Arithmetic; readonly left: Term; readonly right: Term }
    | { readonly kind: 'compare'; readonly operation: Comparison; readonly left: Term; readonly right: Term }
    | { readonly kind: 'and' | 'or'; readonly args: readonly Term[] }
    | { readonly kind: 'not'; readonly arg: Term }
    | { readonly kind: 'is-null'; readonly arg: Term; readonly negated: boolean }
    | { readonly kind: 'case'; readonly branches: readonly Branch[]; readonly otherwise: Term | null }
    | { readonly kind: 'to-float'; readonly arg: Term }
  );

export interface Branch {
  readonly when: Term;
  readonly then: Term;
}

/** text: the two words of an inline view */
export type ConstantValue =
  | { readonly kind: 'int'; readonly value: bigint }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'bool'; readonly value: boolean }
  | { readonly kind: 'text'; readonly low: bigint; readonly high: bigint };

const NO_BOUNDS: Bounds = { low: 0n, high: 0n };

export function boolFacts(nullable: boolean): Facts {
  return { representation: 'bool', nullable, bounds: NO_BOUNDS, scale: 0 };
}

export function floatFacts(nullable: boolean): Facts {
  return { representation: 'float', nullable, bounds: NO_BOUNDS, scale: 0 };
}

export function factsOf(representation: Representation, nullable: boolean, bounds = NO_BOUNDS, scale = 0): Facts {
  return { representation, nullable, bounds, scale };
}

/** The terms right below. */
export function children(term: Term): readonly Term[] {
  switch (term.kind) {
    case 'column':
    case 'constant':
      return [];
    case 'arithmetic':
    case 'float-arithmetic':
    case 'compare':
      return [term.left, term.right];
    case 'and':
    case 'or':
      return term.args;
    case 'not':
    case 'is-null':
    case 'to-float':
      return [term.arg];
    case 'case': {
      const branches = term.branches.flatMap((branch) => [branch.when, branch.then]);
      return term.otherwise === null ? branches : [...branches, term.otherwise];
    }
  }
}

/** Numbers of the columns a term reads. */
export function columnsOf(term: Term): ReadonlySet<number> {
  if (term.kind === 'column') return new Set([term.column]);
  return new Set(children(term).flatMap((child) => [...columnsOf(child)]));
}
