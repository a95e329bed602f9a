// Values of one field by row number: a sequence, or random ones. Random bits come from a hash of (seed, row), not from a generator with
// state, so any row can be made at any time. Random times are the time at which the row is due, unless bounds are given.
import { sqlError } from '../../errors/sql-error.ts';
import { type Datum, type Decimal, decimal } from '../../types/datum.ts';
import type { SqlType } from '../../types/sql-type.ts';
import { typeOperations } from '../../types/type-operations.ts';
import type { FieldOptions } from './datagen-options.ts';

/** The value of row `row`, due at `time` (microseconds since 1970). */
export type FieldGenerator = (row: number, time: bigint) => Datum | null;

/** 32 bits that depend on all bits of the three numbers. */
function hash(seed: number, row: number, salt: number): number {
  let h = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(row | 0, 0xc2b2ae35) ^ Math.imul(salt + 1, 0x27d4eb2f);
  h ^= Math.imul(Math.floor(row / 4_294_967_296), 0x165667b1);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** 0 <= x < 1 */
function fraction(seed: number, row: number, salt = 0): number {
  return (hash(seed, row, salt) * 2_097_152 + (hash(seed, row, salt + 1) >>> 11)) / 9_007_199_254_740_992;
}

/** low <= x <= high, any of them */
function whole(seed: number, row: number, low: bigint, high: bigint): bigint {
  const bits = (BigInt(hash(seed, row, 0)) << 32n) | BigInt(hash(seed, row, 1));
  return low + ((bits * (high - low + 1n)) >> 64n);
}

const RANGES: Readonly<Record<string, readonly [bigint, bigint]>> = {
  int2: [-32_768n, 32_767n],
  int4: [-2_147_483_648n, 2_147_483_647n],
  int8: [-(1n << 63n), (1n << 63n) - 1n],
  date: [0n, 20_000n],
  timestamp: [0n, 0n],
  timestamptz: [0n, 0n],
};

/** Throws 22023 for bounds that are no values of the type, 0A000 for a type that cannot be made. */
export function generatorOf(type: SqlType, options: FieldOptions, seed: number): FieldGenerator {
  const make = options.kind === 'sequence' ? sequence(type, options) : random(type, options, seed);
  if (options.nullrate === 0) return make;
  return (row, time) => (fraction(seed, row, 77) < options.nullrate ? null : make(row, time));
}

function sequence(type: SqlType, options: FieldOptions): FieldGenerator {
  const start = BigInt(options.start ?? '0');
  const { parseText } = typeOperations(type);
  if (!['int2', 'int4', 'int8', 'numeric', 'float4', 'float8', 'text', 'varchar', 'bpchar'].includes(type.name)) {
    throw sqlError('feature_not_supported', `connector "datagen" makes no sequence of type ${type.name}`);
  }
  return (row) => parseText(String(start + BigInt(row)), type);
}

function random(type: SqlType, options: FieldOptions, seed: number): FieldGenerator {
  switch (type.name) {
    case 'bool':
      return (row) => (hash(seed, row, 0) & 1) === 1;
    case 'int2':
    case 'int4':
    case 'date': {
      const [low, high] = bounds(type, options);
      return (row) => Number(whole(seed, row, low, high));
    }
    case 'int8': {
      const [low, high] = bounds(type, options);
      return (row) => whole(seed, row, low, high);
    }
    case 'timestamp':
    case 'timestamptz': {
      if (options.min === undefined && options.max === undefined) {
        const past = microsOf(options.maxpast);
        return (row, time) => time - (past === 0n ? 0n : whole(seed, row, 0n, past));
      }
      const [low, high] = bounds(type, options);
      return (row) => whole(seed, row, low, high);
    }
    case 'float4':
    case 'float8': {
      const low = Number(bound(type, 'min', options.min) ?? 0);
      const high = Number(bound(type, 'max', options.max) ?? low + 1);
      const round = type.name === 'float4' ? Math.fround : (x: number) => x;
      return (row) => round(low + fraction(seed, row) * (high - low));
    }
    case 'numeric':
      return randomNumeric(type, options, seed);
    case 'text':
    case 'varchar':
    case 'bpchar': {
      const length = Math.min(options.length, type.length ?? options.length);
      if (options.varlen === 'false') return (row) => hexDigits(seed, row, length);
      return (row) => hexDigits(seed, row, Number(whole(seed, row, 1n, BigInt(Math.max(1, length)))));
    }
    case 'uuid':
      return (row) => {
        const hex = hexDigits(seed, row, 32);
        const variant = '89ab'[hash(seed, row, 99) & 3];
        return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
      };
    default:
      throw sqlError('feature_not_supported', `connector "datagen" makes no values of type ${type.name}`);
  }
}

/** Milliseconds, or a number with a unit. */
export const DURATION = /^(\d{1,12})\s*(ms|s|sec|min|m|h|d)?$/;
const UNIT_MICROS: Readonly<Record<string, bigint>> = {
  ms: 1000n,
  s: 1_000_000n,
  sec: 1_000_000n,
  m: 60_000_000n,
  min: 60_000_000n,
  h: 3_600_000_000n,
  d: 86_400_000_000n,
};

/** max-past: how far back a time may lie. */
function microsOf(text: string | undefined): bigint {
  const [, count, unit] = DURATION.exec(text ?? '0') ?? [];
  return BigInt(count ?? 0) * UNIT_MICROS[unit ?? 'ms']!;
}

function bound(type: SqlType, name: string, text: string | undefined): Datum | undefined {
  if (text === undefined) return undefined;
  try {
    return typeOperations(type).parseText(text, type);
  } catch (error) {
    throw sqlError('invalid_parameter_value', `invalid value for option "${name}" of a field: "${text}"`, {
      detail: (error as Error).message,
    });
  }
}

function bounds(type: SqlType, options: FieldOptions): readonly [bigint, bigint] {
  const [lowest, highest] = RANGES[type.name]!;
  const low = bound(type, 'min', options.min);
  const high = bound(type, 'max', options.max);
  const from = low === undefined ? lowest : BigInt(low as number | bigint);
  const to = high === undefined ? highest : BigInt(high as number | bigint);
  if (from <= to) return [from, to];
  throw sqlError('invalid_parameter_value', 'option "min" of a field is greater than its "max"');
}

/** With the type's scale; without one, hundredths. */
function randomNumeric(type: SqlType, options: FieldOptions, seed: number): FieldGenerator {
  const scale = type.precision === undefined ? 2 : (type.scale ?? 0);
  const coefficient = (name: 'min' | 'max', otherwise: bigint): bigint => {
    const value = bound(type, name, options[name]) as Decimal | undefined;
    if (value === undefined) return otherwise;
    return (value.coefficient * 10n ** BigInt(scale)) / 10n ** BigInt(value.scale);
  };
  const low = coefficient('min', 0n);
  const high = coefficient('max', 10n ** BigInt(Math.min(type.precision ?? 8, 18)) - 1n);
  if (low > high) throw sqlError('invalid_parameter_value', 'option "min" of a field is greater than its "max"');
  return (row) => decimal(whole(seed, row, low, high), scale);
}

function hexDigits(seed: number, row: number, length: number): string {
  let text = '';
  for (let salt = 0; text.length < length; salt++) text += hash(seed, row, salt).toString(16).padStart(8, '0');
  return text.slice(0, length);
}
