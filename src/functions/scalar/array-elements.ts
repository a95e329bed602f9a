// Elements and slices of arrays, read and assigned: what the binder makes of a[i], a[l:u] and UPDATE ... SET a[i] = x. Indexes follow the
// array, one per dimension, or two (lower, upper; OMITTED_BOUNDS: the array's own) for slices. The rules are PostgreSQL's: reading outside gives
// NULL or an empty slice, assigning outside extends a one-dimensional array with NULLs.
import { elementForm } from '../../columns/value-bytes.ts';
import { sqlError } from '../../errors/sql-error.ts';
import { OMITTED_BOUNDS } from '../../types/array.ts';
import { type Datum, type SqlArray, sqlArray } from '../../types/datum.ts';
import type { SqlType } from '../../types/sql-type.ts';
import { type Args, fn, row } from '../define.ts';
import type { ScalarFunction } from '../function-definition.ts';

type Index = number | null;

interface Range {
  readonly lower: number;
  readonly size: number;
}

export function elementOf(type: SqlType): SqlType {
  if (type.name === 'int2vector') return { name: 'int2' };
  return type.name === 'oidvector' ? { name: 'oid' } : type.element!;
}

function subscript(array: SqlArray, indexes: readonly Index[]): Datum | null {
  if (indexes.length !== array.dimensions.length) return null;
  let at = 0;
  for (const [d, index] of indexes.entries()) {
    const offset = Number(index) - array.lowerBounds[d]!;
    if (index === null || offset < 0 || offset >= array.dimensions[d]!) return null;
    at = at * array.dimensions[d]! + offset;
  }
  return array.elements[at]!;
}

/** The part of the array inside the bounds, dimensions that are not named in full; empty where nothing is left. */
export function slice(array: SqlArray, bounds: readonly number[]): SqlArray {
  if (bounds.length > array.dimensions.length * 2) return sqlArray([]);
  const ranges = array.dimensions.map((size, d): Range => {
    const own = array.lowerBounds[d]!;
    const lower = Math.max(own, bounds[2 * d] ?? own);
    const upper = Math.min(own + size - 1, bounds[2 * d + 1] ?? own + size - 1);
    return { lower, size: upper - lower + 1 };
  });
  if (ranges.length === 0 || ranges.some((range) => range.size <= 0)) return sqlArray([]);
  return {
    kind: 'array',
    dimensions: ranges.map((range) => range.size),
    lowerBounds: ranges.map(() => 1),
    elements: offsetsIn(array, ranges).map((at) => array.elements[at]!),
  };
}

/** Where the elements of a part lie in the array, in order. */
function offsetsIn(array: SqlArray, ranges: readonly Range[]): number[] {
  let offsets = [0];
  for (const [d, { lower, size }] of ranges.entries()) {
    const first = lower - array.lowerBounds[d]!;
    offsets = offsets.flatMap((at) => Array.from({ length: size }, (_, i) => at * array.dimensions[d]! + first + i));
  }
  return offsets;
}

const wrong = (message: string, detail?: string) =>
  sqlError('array_subscript_error', message, detail === undefined ? {} : { detail });

function present(index: Index): number {
  if (index !== null) return index;
  throw sqlError('null_value_not_allowed', 'array subscript in assignment must not be null');
}

function assignElement(array: SqlArray | null, value: Datum | null, indexes: readonly Index[]): SqlArray {
  const ranges = indexes.map((index): Range => ({ lower: present(index), size: 1 }));
  return assignPart(array, [value], ranges);
}

function assignSlice(array: SqlArray | null, source: SqlArray | null, bounds: readonly Index[]): SqlArray | null {
  if (source === null) return array;
  const old = array ?? sqlArray([]);
  const ranges = Array.from({ length: bounds.length / 2 }, (_, d): Range => {
    const own = old.lowerBounds[d];
    const [from, to] = [present(bounds[2 * d]!), present(bounds[2 * d + 1]!)];
    const lower = from === OMITTED_BOUNDS.lower ? own : from;
    const upper = to !== OMITTED_BOUNDS.upper ? to : own === undefined ? undefined : own + old.dimensions[d]! - 1;
    if (lower === undefined || upper === undefined) {
      throw wrong(
        'array slice subscript must provide both boundaries',
        'When assigning to a slice of an empty array value, slice boundaries must be fully specified.',
      );
    }
    if (upper < lower) throw wrong('upper bound cannot be less than lower bound');
    return { lower, size: upper - lower + 1 };
  });
  const total = ranges.reduce((product, range) => product * range.size, 1);
  if (source.elements.length < total) throw wrong('source array too small');
  return assignPart(old, source.elements, ranges);
}

/** A copy of the array with `values` in the part. */
function assignPart(array: SqlArray | null, values: readonly (Datum | null)[], ranges: readonly Range[]): SqlArray {
  if (array === null || array.dimensions.length === 0) {
    const dimensions = ranges.map((range) => range.size);
    const elements = values.slice(
      0,
      dimensions.reduce((product, size) => product * size, 1),
    );
    return { kind: 'array', dimensions, lowerBounds: ranges.map((range) => range.lower), elements };
  }
  if (array.dimensions.length !== ranges.length) throw wrong('wrong number of array subscripts');
  const target = ranges.length === 1 ? extended(array, ranges[0]!) : array;
  const outside = ranges.some(({ lower, size }, d) => {
    const first = lower - target.lowerBounds[d]!;
    return first < 0 || first + size > target.dimensions[d]!;
  });
  if (outside) throw wrong('array subscript out of range');
  const elements = [...target.elements];
  for (const [i, at] of offsetsIn(target, ranges).entries()) elements[at] = values[i]!;
  return { ...target, elements };
}

/** A one-dimensional array that reaches over the range. */
function extended(array: SqlArray, range: Range): SqlArray {
  const lower = Math.min(array.lowerBounds[0]!, range.lower);
  const upper = Math.max(array.lowerBounds[0]! + array.dimensions[0]!, range.lower + range.size);
  const size = upper - lower;
  if (size > 134217727) {
    throw sqlError('program_limit_exceeded', 'array size exceeds the maximum allowed (134217727)');
  }
  const elements = new Array<Datum | null>(size).fill(null);
  for (const [i, element] of array.elements.entries()) elements[array.lowerBounds[0]! - lower + i] = element;
  return { kind: 'array', dimensions: [size], lowerBounds: [lower], elements };
}

const asArray = (value: Datum | null | undefined) => (value ?? null) as SqlArray | null;
const arrayResult = { resultType: ([array]: readonly SqlType[]) => array! };

/** One index into an array whose elements lie there as vectors hold them. */
const elementKernel: ScalarFunction['specialised'] = (_constants, _context, types) => {
  const form = types.length === 2 && types[0]!.name === 'array' ? elementForm(types[0]!.element!) : undefined;
  if (form === undefined) return undefined;
  const slow = ([array, ...indexes]: Args) => subscript(array as SqlArray, indexes as Index[]);
  return { kernel: 'array_element', args: [0, 1], parameters: [form], nullable: true, slow };
};

export const ARRAY_ELEMENTS: readonly ScalarFunction[] = [
  fn(
    'array_subscript',
    'anyarray,int4',
    'anyelement',
    row(([array, ...indexes]) => subscript(array as SqlArray, indexes as Index[])),
    { variadic: true, resultType: ([array]) => elementOf(array!), specialised: elementKernel },
  ),
  ...(['int2vector', 'oidvector'] as const).map((type) =>
    fn(
      'array_subscript',
      `${type},int4`,
      type === 'int2vector' ? 'int2' : 'oid',
      row(([array, index]) => subscript(array as SqlArray, [index as number])),
    ),
  ),
  fn(
    'array_slice',
    'anyarray,int4,int4',
    'anyarray',
    row(([array, ...bounds]) => slice(array as SqlArray, bounds as number[])),
    { variadic: true, ...arrayResult },
  ),
  fn(
    'array_assign',
    'anyarray,anyelement,int4',
    'anyarray',
    row(([array, value, ...indexes]) => assignElement(asArray(array), value!, indexes as Index[])),
    { strict: false, variadic: true, ...arrayResult },
  ),
  fn(
    'array_assign_slice',
    'anyarray,anyarray,int4,int4',
    'anyarray',
    row(([array, source, ...bounds]) => assignSlice(asArray(array), asArray(source), bounds as Index[])),
    { strict: false, variadic: true, ...arrayResult },
  ),
];
