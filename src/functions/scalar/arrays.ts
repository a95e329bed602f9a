// Array functions and operators; subscripts and slices are array-elements.ts.
import { sqlError } from '../../errors/sql-error.ts';
import { OMITTED_BOUNDS } from '../../types/array.ts';
import { type Datum, type SqlArray, sqlArray } from '../../types/datum.ts';
import type { SqlType } from '../../types/sql-type.ts';
import { typeOperations } from '../../types/type-operations.ts';
import { castToText } from '../casts/text-casts.ts';
import { type BodyFor, type Evaluate, fn, kernel, nullableKernel, op, row, rowFor } from '../define.ts';
import type { ScalarFunction } from '../function-definition.ts';
import { ARRAY_ELEMENTS, elementOf, slice } from './array-elements.ts';

const arrayResult = {
  resultType: (args: readonly SqlType[]) => args.find((type) => type.name === 'array') ?? args[0]!,
};

function append(array: SqlArray | null, element: Datum | null): SqlArray {
  if (array === null || array.dimensions.length === 0) return sqlArray([element]);
  if (array.dimensions.length > 1) throw sqlError('data_exception', 'argument must be empty or one-dimensional array');
  return { ...array, dimensions: [array.dimensions[0]! + 1], elements: [...array.elements, element] };
}

function prepend(element: Datum | null, array: SqlArray | null): SqlArray {
  if (array === null || array.dimensions.length === 0) return sqlArray([element]);
  if (array.dimensions.length > 1) throw sqlError('data_exception', 'argument must be empty or one-dimensional array');
  return { ...array, dimensions: [array.dimensions[0]! + 1], elements: [element, ...array.elements] };
}

function concatenate(a: SqlArray | null, b: SqlArray | null): SqlArray | null {
  if (a === null || b === null) return a ?? b;
  if (a.dimensions.length === 0) return b;
  if (b.dimensions.length === 0) return a;
  const [outer, inner] = a.dimensions.length >= b.dimensions.length ? [a, b] : [b, a];
  const difference = outer.dimensions.length - inner.dimensions.length;
  if (difference > 1 || outer.dimensions.slice(1).join() !== inner.dimensions.slice(1 - difference).join()) {
    throw sqlError('array_subscript_error', 'cannot concatenate incompatible arrays');
  }
  const added = difference === 1 ? 1 : inner.dimensions[0]!;
  return {
    ...outer,
    dimensions: [outer.dimensions[0]! + added, ...outer.dimensions.slice(1)],
    elements: [...a.elements, ...b.elements],
  };
}

/** Equality of elements of the first argument's element type; NULL equals nothing (or NULL where `nulls`). */
function elementEquality(types: readonly SqlType[], nulls: boolean): (a: Datum | null, b: Datum | null) => boolean {
  const type = elementOf(types[0]!);
  const { compare } = typeOperations(type);
  return (a, b) => (a === null || b === null ? nulls && a === b : compare(a, b, type) === 0);
}

const withEquality = (
  nulls: boolean,
  f: (same: (a: Datum | null, b: Datum | null) => boolean, ...args: (Datum | null)[]) => Datum | null,
): BodyFor =>
  rowFor((types): Evaluate => {
    const same = elementEquality(types, nulls);
    return (args) => f(same, ...args);
  });

const items = (array: Datum | null | undefined) => (array as SqlArray).elements;

function positions(
  same: (a: Datum | null, b: Datum | null) => boolean,
  array: SqlArray,
  element: Datum | null,
  from = Number.NEGATIVE_INFINITY,
): number[] {
  if (array.dimensions.length > 1)
    throw sqlError('feature_not_supported', 'searching for elements in multidimensional arrays is not supported');
  const low = array.lowerBounds[0] ?? 1;
  return array.elements.flatMap((item, i) => (i + low >= from && same(item, element) ? [i + low] : []));
}

const joined = (withNull: boolean): BodyFor =>
  rowFor((types) => ([array, separator, none], context) => {
    if (array === null || separator === null) return null;
    const shown = items(array).map((item) =>
      item === null
        ? withNull
          ? (none as string | null)
          : null
        : types[0]!.element?.name === 'bool'
          ? item
            ? 't'
            : 'f'
          : castToText(item, elementOf(types[0]!), context),
    );
    return shown.filter((text) => text !== null).join(separator as string);
  });

const dimensionOf =
  (f: (array: SqlArray, d: number) => number): Evaluate =>
  ([array, d]) => {
    const index = (d as number) - 1;
    const a = array as SqlArray;
    return index < 0 || index >= a.dimensions.length ? null : f(a, index);
  };
const sizeOf = dimensionOf((a, d) => a.dimensions[d]!);
const lowerOf = dimensionOf((a, d) => a.lowerBounds[d]!);
const upperOf = dimensionOf((a, d) => a.lowerBounds[d]! + a.dimensions[d]! - 1);

/** The numbers of a one-dimensional array of sizes or lower bounds. */
function numbersOf(array: Datum | null): number[] {
  if (array === null) {
    throw sqlError('null_value_not_allowed', 'dimension array or low bound array cannot be null');
  }
  const { dimensions, elements } = array as SqlArray;
  if (dimensions.length > 1) {
    const detail = 'Dimension array must be one dimensional.';
    throw sqlError('array_subscript_error', 'wrong number of array subscripts', { detail });
  }
  if (elements.includes(null)) throw sqlError('null_value_not_allowed', 'dimension values cannot be null');
  return elements.map(Number);
}

const MOST_ELEMENTS = 134217727;

function fill(value: Datum | null, sizes: Datum | null, bounds?: Datum | null): SqlArray {
  const dimensions = numbersOf(sizes);
  const lowerBounds = bounds === undefined ? dimensions.map(() => 1) : numbersOf(bounds);
  if (dimensions.length > 6) {
    const text = `number of array dimensions (${dimensions.length}) exceeds the maximum allowed (6)`;
    throw sqlError('program_limit_exceeded', text);
  }
  if (lowerBounds.length !== dimensions.length) {
    const detail = 'Low bound array has different size than dimensions array.';
    throw sqlError('array_subscript_error', 'wrong number of array subscripts', { detail });
  }
  const total = dimensions.reduce((product, n) => product * n, dimensions.length === 0 ? 0 : 1);
  if (total > MOST_ELEMENTS || dimensions.some((n) => n < 0)) {
    throw sqlError('program_limit_exceeded', `array size exceeds the maximum allowed (${MOST_ELEMENTS})`);
  }
  if (total === 0) return sqlArray([]);
  return { kind: 'array', dimensions, lowerBounds, elements: new Array<Datum | null>(total).fill(value) };
}

/** Without the elements that are the same; the first index stays. */
function removed(array: SqlArray, drop: (element: Datum | null) => boolean): SqlArray {
  if (array.dimensions.length > 1) {
    throw sqlError('feature_not_supported', 'removing elements from multidimensional arrays is not supported');
  }
  const elements = array.elements.filter((element) => !drop(element));
  return elements.length === 0 ? sqlArray([]) : { ...array, dimensions: [elements.length], elements };
}

const loose = { strict: false } as const;
const asArray = (value: Datum | null | undefined) => (value ?? null) as SqlArray | null;

/** Each under its name and as ||. */
const JOINING: readonly (readonly [name: string, parameters: string, body: BodyFor])[] = [
  ['array_append', 'anycompatiblearray,anycompatible', row(([a, b]) => append(asArray(a), b!))],
  ['array_prepend', 'anycompatible,anycompatiblearray', row(([a, b]) => prepend(a!, asArray(b)))],
  ['array_cat', 'anycompatiblearray,anycompatiblearray', row(([a, b]) => concatenate(asArray(a), asArray(b)))],
];

export const ARRAYS: readonly ScalarFunction[] = [
  ...ARRAY_ELEMENTS,
  ...JOINING.flatMap(([name, parameters, body]) => [
    fn(name, parameters, 'anycompatiblearray', body, { ...loose, ...arrayResult }),
    op('||', parameters, 'anycompatiblearray', body, { ...loose, ...arrayResult }),
  ]),
  op(
    '@>',
    'anyarray,anyarray',
    'bool',
    withEquality(false, (same, a, b) => items(b).every((x) => items(a).some((y) => same(y, x)))),
    { commutator: '<@' },
  ),
  op(
    '<@',
    'anyarray,anyarray',
    'bool',
    withEquality(false, (same, a, b) => items(a).every((x) => items(b).some((y) => same(y, x)))),
    { commutator: '@>' },
  ),
  op(
    '&&',
    'anyarray,anyarray',
    'bool',
    withEquality(false, (same, a, b) => items(a).some((x) => items(b).some((y) => same(y, x)))),
    { commutator: '&&' },
  ),
  fn('array_length', 'anyarray,int4', 'int4', nullableKernel('array_length', sizeOf)),
  ...(['int2vector', 'oidvector'] as const).map((type) => fn('array_length', `${type},int4`, 'int4', row(sizeOf))),
  ...(['anyarray', 'int2vector', 'oidvector'] as const).flatMap((type) => [
    fn('array_lower', `${type},int4`, 'int4', row(lowerOf)),
    fn('array_upper', `${type},int4`, 'int4', row(upperOf)),
  ]),
  fn(
    'array_ndims',
    'anyarray',
    'int4',
    row(([a]) => (a as SqlArray).dimensions.length || null),
  ),
  fn(
    'array_dims',
    'anyarray',
    'text',
    row(([a]) => {
      const { dimensions, lowerBounds } = a as SqlArray;
      return dimensions.length === 0
        ? null
        : dimensions.map((n, i) => `[${lowerBounds[i]}:${lowerBounds[i]! + n - 1}]`).join('');
    }),
  ),
  fn('cardinality', 'anyarray', 'int4', kernel('array_cardinality')),
  fn(
    'array_position',
    'anycompatiblearray,anycompatible',
    'int4',
    withEquality(true, (same, a, b) => (a === null ? null : (positions(same, a as SqlArray, b!)[0] ?? null))),
    loose,
  ),
  fn(
    'array_position',
    'anycompatiblearray,anycompatible,int4',
    'int4',
    withEquality(true, (same, a, b, from) => {
      if (a === null) return null;
      const { length } = (a as SqlArray).dimensions;
      if (from === null && length === 1) {
        throw sqlError('null_value_not_allowed', 'initial position must not be null');
      }
      return positions(same, a as SqlArray, b!, from as number)[0] ?? null;
    }),
    loose,
  ),
  fn(
    'array_positions',
    'anycompatiblearray,anycompatible',
    'int4[]',
    withEquality(true, (same, a, b) => (a === null ? null : sqlArray(positions(same, a as SqlArray, b!)))),
    loose,
  ),
  fn(
    'array_remove',
    'anycompatiblearray,anycompatible',
    'anycompatiblearray',
    withEquality(true, (same, a, b) => (a === null ? null : removed(a as SqlArray, (x) => same(x, b!)))),
    { ...loose, ...arrayResult },
  ),
  fn(
    'array_replace',
    'anycompatiblearray,anycompatible,anycompatible',
    'anycompatiblearray',
    withEquality(true, (same, a, from, to) =>
      a === null ? null : { ...(a as SqlArray), elements: items(a).map((x) => (same(x, from!) ? to! : x)) },
    ),
    { ...loose, ...arrayResult },
  ),
  fn('array_to_string', 'anyarray,text', 'text', joined(false), { ...loose, volatility: 'stable' }),
  fn('array_to_string', 'anyarray,text,text', 'text', joined(true), { ...loose, volatility: 'stable' }),
  fn(
    'array_fill',
    'anyelement,int4[]',
    'anyarray',
    row(([value, sizes]) => fill(value!, sizes!)),
    loose,
  ),
  fn(
    'array_fill',
    'anyelement,int4[],int4[]',
    'anyarray',
    row(([value, sizes, bounds]) => fill(value!, sizes!, bounds!)),
    loose,
  ),
  fn(
    'trim_array',
    'anyarray,int4',
    'anyarray',
    row(([a, n]) => {
      const size = (a as SqlArray).dimensions[0] ?? 0;
      const count = n as number;
      if (count < 0 || count > size)
        throw sqlError('array_subscript_error', `number of elements to trim must be between 0 and ${size}`);
      return slice(a as SqlArray, [OMITTED_BOUNDS.lower, ((a as SqlArray).lowerBounds[0] ?? 1) + size - count - 1]);
    }),
    arrayResult,
  ),
];
