// Interval arithmetic over integers: what values an expression can have, given what its columns can have. It proves that sums and
// products stay within 64 bits, so that generated code need not check them row by row.
import { type CodeBytes, codeBytesFor, DICTIONARY_CODE_BYTES } from '../../columns/encoding.ts';
import type { RowGroup } from '../../columns/row-group.ts';
import { type Physical, physicalOf, type SqlType } from '../../types/sql-type.ts';

/** Both ends belong to it. */
export interface Bounds {
  readonly low: bigint;
  readonly high: bigint;
}

const LOW_64 = -(2n ** 63n);
const HIGH_64 = 2n ** 63n - 1n;

export function bitsBounds(bits: number): Bounds {
  return { low: -(2n ** BigInt(bits - 1)), high: 2n ** BigInt(bits - 1) - 1n };
}

export function isWithin(inner: Bounds, outer: Bounds): boolean {
  return inner.low >= outer.low && inner.high <= outer.high;
}

export function fits64(bounds: Bounds): boolean {
  return bounds.low >= LOW_64 && bounds.high <= HIGH_64;
}

export function joined(a: Bounds, b: Bounds): Bounds {
  let { low, high } = a; // Math.min is not for bigints
  if (b.low < low) low = b.low;
  if (b.high > high) high = b.high;
  return { low, high };
}

export function sumOf(a: Bounds, b: Bounds): Bounds {
  return { low: a.low + b.low, high: a.high + b.high };
}

export function differenceOf(a: Bounds, b: Bounds): Bounds {
  return { low: a.low - b.high, high: a.high - b.low };
}

export function productOf(a: Bounds, b: Bounds): Bounds {
  const corners = [a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high];
  return corners.map((corner) => ({ low: corner, high: corner })).reduce(joined);
}

/** Whether the sum of so many values fits 64 bits. */
export function sumFits64(bounds: Bounds, rows: number): boolean {
  return fits64(productOf(bounds, { low: 0n, high: BigInt(rows) }));
}

/** Everything a value of this type can be, in units of its scale; for integers up to 64 bits, dates and times. */
export function typeBounds(type: SqlType): Bounds {
  if (type.name === 'int2') return bitsBounds(16);
  if (type.name === 'numeric' && type.precision !== undefined && type.precision <= 18) {
    const limit = 10n ** BigInt(type.precision) - 1n;
    return { low: -limit, high: limit };
  }
  return bitsBounds(physicalOf(type) === 'i32' ? 32 : 64);
}

/** What a table's column holds in these row groups. */
export interface ColumnFacts {
  readonly bounds: Bounds;
  readonly nullable: boolean;
  /** width of the codes that a scan can give instead of its values; null: values are as good */
  readonly codeBytes: CodeBytes | null;
}

export function columnFacts(type: SqlType, groups: readonly RowGroup[], stored: number): ColumnFacts {
  const nullable = groups.some((group) => group.columns[stored]!.nulls !== 0);
  let bounds: Bounds | null = null;
  const isInteger = ['i32', 'i64'].includes(physicalOf(type));
  for (const group of groups) {
    const { min, max } = group.columns[stored]!;
    if (!isInteger || min === undefined || max === undefined)
      return { bounds: typeBounds(type), nullable, codeBytes: codesOf(groups, stored) };
    const own = { low: BigInt(min), high: BigInt(max) };
    bounds = bounds === null ? own : joined(bounds, own);
  }
  return { bounds: bounds ?? typeBounds(type), nullable, codeBytes: codesOf(groups, stored) };
}

/** The widest codes that a group needs; groups of values are turned into codes too, so there must be less of them. */
function codesOf(groups: readonly RowGroup[], stored: number): CodeBytes | null {
  let widest: CodeBytes = 1;
  let encoded = 0;
  let rows = 0;
  for (const { columns, rowCount } of groups) {
    const { physical, encoding, min, max } = columns[stored]!;
    const needed = encoding?.codeBytes ?? neededBytes(physical, min, max);
    if (needed === null) return null;
    if (needed > widest) widest = needed;
    if (encoding) encoded += rowCount;
    rows += rowCount;
  }
  return encoded * 2 > rows ? widest : null;
}

function neededBytes(physical: Physical, min: number | bigint | undefined, max: typeof min): CodeBytes | null {
  if (physical === 'view') return DICTIONARY_CODE_BYTES;
  return min === undefined || max === undefined ? null : codeBytesFor(physical, min, max);
}
