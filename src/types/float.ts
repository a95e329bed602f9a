// real and double precision: shortest round-trip text as PostgreSQL prints it, IEEE big-endian binary, NaN sorts last.
import { sqlError } from '../errors/sql-error.ts';
import { expectLength } from './binary-format.ts';
import type { Datum } from './datum.ts';
import { bigEndian, DEFAULT_SETTINGS, type TypeOperations, viewOf } from './type-settings.ts';
import { trimSpace } from './white-space.ts';

const FLOAT = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const HEX_FLOAT = /^([+-]?)0[xX]([0-9a-fA-F]+)$/;

function parseFloatText(source: string, typeName: string): number {
  const text = trimSpace(source);
  if (FLOAT.test(text)) {
    const value = typeName === 'real' ? Math.fround(Number(text)) : Number(text);
    const zero = value === 0 && /[1-9]/.test(text.split(/[eE]/)[0]!);
    if (!Number.isFinite(value) || zero) {
      throw sqlError('numeric_value_out_of_range', `"${source}" is out of range for type ${typeName}`);
    }
    return value;
  }
  const hex = HEX_FLOAT.exec(text);
  if (hex !== null) return Number(`0x${hex[2]}`) * (hex[1] === '-' ? -1 : 1);
  switch (text.toLowerCase()) {
    case 'nan':
      return Number.NaN;
    case 'inf':
    case '+inf':
    case 'infinity':
    case '+infinity':
      return Number.POSITIVE_INFINITY;
    case '-inf':
    case '-infinity':
      return Number.NEGATIVE_INFINITY;
    default:
      throw sqlError('invalid_text_representation', `invalid input syntax for type ${typeName}: "${source}"`);
  }
}

/** Digits and decimal exponent of a finite non-zero number in the given toExponential text. */
function layOut(exponential: string, fixedLimit: number): string {
  const [mantissa, exponentText] = exponential.split('e') as [string, string];
  const exponent = Number(exponentText);
  const sign = mantissa.startsWith('-') ? '-' : '';
  const digits = mantissa.replace('-', '').replace('.', '');
  if (exponent < -4 || exponent >= fixedLimit) {
    const tail = digits.length > 1 ? `.${digits.slice(1)}` : '';
    const size = String(Math.abs(exponent)).padStart(2, '0');
    return `${sign}${digits[0]}${tail}e${exponent < 0 ? '-' : '+'}${size}`;
  }
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  if (digits.length <= exponent + 1) return sign + digits.padEnd(exponent + 1, '0');
  return `${sign}${digits.slice(0, exponent + 1)}.${digits.slice(exponent + 1)}`;
}

function special(value: number): string | undefined {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity';
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  return undefined;
}

/** C's %.<digits>g. */
export function formatGeneral(value: number, digits: number): string {
  const known = special(value);
  if (known !== undefined) return known;
  const [mantissa, exponent] = value.toExponential(Math.max(digits, 1) - 1).split('e') as [string, string];
  const trimmed = mantissa.includes('.') ? mantissa.replace(/\.?0+$/, '') : mantissa;
  return layOut(`${trimmed}e${exponent}`, Math.max(digits, 1));
}

function formatFloat8(value: number, extraDigits = 1): string {
  if (extraDigits <= 0) return formatGeneral(value, 15 + extraDigits);
  const known = special(value);
  if (known !== undefined) return known;
  let text = value.toExponential();
  for (let digits = 0; digits <= 16 && isHalfway(text, value); digits++) text = value.toExponential(digits);
  return layOut(text, 15);
}

const BITS = new DataView(new ArrayBuffer(8));

/** Whether the text lies halfway to another double, or farther: it reads back as this one only where ties go to it, which PostgreSQL does not rely on. */
function isHalfway(text: string, value: number): boolean {
  if (Math.abs(value) < 2 ** 53) return false; // halves have more digits there than the shortest text has
  const [mantissa, exponent] = text.split('e') as [string, string];
  const digits = mantissa.replace(/[-.]/g, '');
  const zeros = Number(exponent) - digits.length + 1;
  if (zeros < 0) return false;
  const distance = BigInt(digits) * 10n ** BigInt(zeros) - BigInt(Math.abs(value));
  BITS.setFloat64(0, value);
  const step = 2n ** BigInt(((BITS.getUint16(0) >> 4) & 0x7ff) - 1075);
  const isPower = (BITS.getBigUint64(0) & 0xf_ffff_ffff_ffffn) === 0n; // the double below is half as far away
  return distance < 0n ? -distance * (isPower ? 4n : 2n) >= step : distance * 2n >= step;
}

/** toExponential, but an exact half goes to the even digit. */
function roundedEven(value: number, digits: number): string {
  const [mantissa, exponent] = value.toExponential(digits + 1).split('e') as [string, string];
  const isHalf = mantissa.endsWith('5') && Number(`${mantissa}e${exponent}`) === value;
  const down = mantissa.slice(0, -1);
  return isHalf && /[02468]\.?$/.test(down) ? `${down}e${exponent}` : value.toExponential(digits);
}

function formatFloat4(value: number, extraDigits = 1): string {
  if (extraDigits <= 0) return formatGeneral(value, 6 + extraDigits);
  const known = special(value);
  if (known !== undefined) return known;
  BITS.setFloat32(0, Math.abs(value));
  const at = BITS.getInt32(0);
  const halfTo = (bits: number) => {
    BITS.setInt32(0, bits);
    return (Math.abs(value) + BITS.getFloat32(0)) / 2;
  };
  const low = halfTo(at - 1);
  const above = halfTo(at + 1);
  const high = above === Number.POSITIVE_INFINITY ? 2 * Math.abs(value) - low : above;
  for (let digits = 0; digits < 8; digits++) {
    const text = roundedEven(value, digits);
    const read = Math.abs(Number(text));
    if (low < read && read < high) return layOut(text, 6);
  }
  return layOut(value.toExponential(8), 6);
}

/** NaN equals NaN and is larger than everything; -0 = 0. */
export function compareFloats(a: Datum, b: Datum): number {
  const x = a as number;
  const y = b as number;
  if (x < y) return -1;
  if (x > y) return 1;
  if (x === y) return 0;
  return Number.isNaN(x) ? (Number.isNaN(y) ? 0 : 1) : -1;
}

/** The nearest whole number, ties to even, with the sign of a zero. */
export function roundEven(x: number): number {
  const floor = Math.floor(x);
  if (x - floor !== 0.5) return x < 0 && x >= -0.5 ? -0 : Math.round(x);
  if (floor % 2 === 0) return floor;
  return floor === -1 ? -0 : floor + 1;
}

export const FLOAT8_OPERATIONS: TypeOperations = {
  parseText: (text) => parseFloatText(text, 'double precision'),
  formatText: (datum, _type, settings = DEFAULT_SETTINGS) => formatFloat8(datum as number, settings.extraFloatDigits),
  encodeBinary: (datum) => bigEndian(8, (view) => view.setFloat64(0, datum as number)),
  decodeBinary: (data) => {
    expectLength(data, 8);
    return viewOf(data).getFloat64(0);
  },
  compare: compareFloats,
};

export const FLOAT4_OPERATIONS: TypeOperations = {
  parseText: (text) => parseFloatText(text, 'real'),
  formatText: (datum, _type, settings = DEFAULT_SETTINGS) => formatFloat4(datum as number, settings.extraFloatDigits),
  encodeBinary: (datum) => bigEndian(4, (view) => view.setFloat32(0, datum as number)),
  decodeBinary: (data) => {
    expectLength(data, 4);
    return viewOf(data).getFloat32(0);
  },
  compare: compareFloats,
};
