// to_char of numbers: digits laid into the places of a picture. A number is given as its digits rounded to the picture's places,
// its sign and the blanks in front; what does not fit becomes #.
import { sqlError } from '../../errors/sql-error.ts';
import { type Decimal, decimal } from '../../types/datum.ts';
import { decimalToInteger, formatDecimal, multiply, round, tenTo } from '../../types/decimal.ts';
import { ordinalSuffix } from './date-pictures.ts';
import { type NumberPattern, type NumberPicture, numberPicture } from './number-pictures.ts';

/** A number ready to be laid out. */
interface Digits {
  /** without sign; may be #### or NaN */
  readonly text: string;
  readonly negative: boolean;
  /** places of the picture in front of the first digit */
  readonly blanks: number;
}

/** The last digit behind the point that is not zero; the point itself where all are; undefined without a point. */
function lastRelevant(text: string): number | undefined {
  const point = text.indexOf('.');
  if (point < 0) return undefined;
  let last = point;
  for (let i = point + 1; i < text.length; i++) if (text[i] !== '0') last = i;
  return last;
}

class Layout {
  private readonly picture: NumberPicture;
  private readonly digits: Digits;
  private readonly signPlace: 'before' | 'behind' | undefined;
  private readonly bracket: boolean;
  private readonly last: number | undefined;
  private readonly count: number;
  private signWritten: boolean;
  private place = 0;
  private next = 0;
  private inNumber = false;
  private out = '';

  constructor(picture: NumberPicture, digits: Digits) {
    this.picture = picture;
    this.digits = digits;
    const { negative, blanks, text } = digits;
    const apart = picture.plus || picture.minus;
    this.bracket = picture.bracket && (negative || !picture.fill || apart);
    this.signWritten = apart ? picture.minus : !negative && picture.fill && picture.sign === undefined;
    this.signPlace = picture.sign === 'before' && picture.pre === picture.signAt ? 'behind' : picture.sign;
    this.last = picture.fill && picture.decimal ? lastRelevant(text) : undefined;
    if (this.last !== undefined && picture.zeroEnd > blanks) {
      this.last = Math.max(this.last, Math.min(text.length - 1, picture.zeroEnd - blanks));
    }
    this.count = picture.post + picture.pre - 1 + (!this.signWritten && blanks === 0 ? 1 : 0);
  }

  run(): string {
    for (const step of this.picture.steps) {
      if (step.kind === 'text') this.out += step.text;
      else this.pattern(step.pattern);
    }
    // digits that are not there end the text
    const end = this.out.indexOf('\0');
    return end < 0 ? this.out : this.out.slice(0, end);
  }

  private pattern(pattern: NumberPattern): void {
    const { negative, text } = this.digits;
    const { fill, roman, decimal: point } = this.picture;
    switch (pattern) {
      case '9':
      case '0':
      case '.':
      case 'D':
        if (!roman) this.digit(pattern);
        return;
      case ',':
      case 'G':
        if (this.inNumber) this.out += ',';
        else if (!fill) this.out += ' ';
        return;
      case 'L':
        this.out += ' ';
        return;
      case 'MI':
        this.out += negative ? '-' : fill ? '' : ' ';
        return;
      case 'PL':
        this.out += negative ? (fill ? '' : ' ') : '+';
        return;
      case 'SG':
        this.out += negative ? '-' : '+';
        return;
      case 'TH':
      case 'th':
        if (roman || text.startsWith('#') || negative || point) return;
        if (!/\d$/.test(text)) throw sqlError('invalid_text_representation', `"${text}" is not a number`);
        this.out += ordinalSuffix(text, pattern);
        return;
      case 'RN':
        this.out += fill ? text : text.padStart(15);
        return;
      case 'rn':
        this.out += (fill ? text : text.padStart(15)).toLowerCase();
        return;
      default:
    }
  }

  /** "0.1" in the picture 9.9 shows no zero before its point. */
  private get beforePoint(): boolean {
    const { zeroStart, post } = this.picture;
    return zeroStart === undefined && this.next === 0 && this.digits.text[0] === '0' && post !== 0;
  }

  private digit(pattern: '9' | '0' | '.' | 'D'): void {
    const { picture, place } = this;
    const { blanks, text } = this.digits;
    const { zeroStart, fill } = picture;
    this.inNumber = false;
    this.writeSign();
    if (place < blanks && (zeroStart === undefined || zeroStart > place)) {
      if (!fill) this.out += ' ';
    } else if (place < blanks) {
      this.out += '0';
      this.inNumber = true;
    } else {
      this.numberPart(pattern);
      if (this.next < text.length) this.next++;
      let end = this.count + (blanks > 0 ? 1 : 0) + (picture.decimal ? 1 : 0);
      if (this.last !== undefined && this.last === this.next) end = place;
      if (place + 1 === end) this.closeSign();
    }
    this.place++;
  }

  private writeSign(): void {
    const { zeroStart, fill } = this.picture;
    const { blanks, negative, text } = this.digits;
    const starts = this.place >= blanks || zeroStart === this.place;
    const visible = !this.beforePoint || (this.last !== undefined && text[this.last] === '.');
    if (this.signWritten || !starts || !visible) return;
    if (this.signPlace !== undefined) {
      if (this.signPlace === 'behind') return;
      this.out += negative ? '-' : '+';
    } else if (this.bracket) this.out += negative ? '<' : ' ';
    else this.out += negative ? '-' : fill ? '' : ' ';
    this.signWritten = true;
  }

  private numberPart(pattern: '9' | '0' | '.' | 'D'): void {
    const { text } = this.digits;
    const { fill } = this.picture;
    const bare = this.last !== undefined && text[this.last] === '.';
    const c = text[this.next] ?? '\0';
    if (c === '.') this.out += bare && !fill ? '' : '.';
    else if (this.last !== undefined && this.next > this.last && pattern !== '0') return;
    else if (this.beforePoint) this.out += fill ? (bare ? '0' : '') : ' ';
    else {
      this.out += c;
      this.inNumber = true;
    }
  }

  private closeSign(): void {
    const { negative } = this.digits;
    if (this.signWritten && this.bracket) this.out += negative ? '>' : ' ';
    else if (this.signPlace === 'behind') this.out += negative ? '-' : '+';
  }
}

/** Digits of a rounded number under a picture with `pre` places: blanks in front, or #### where it is too long. */
function placed(text: string, negative: boolean, pre: number, post: number): Digits {
  const point = text.indexOf('.');
  const whole = point < 0 ? text.length : point;
  if (whole <= pre) return { text, negative, blanks: pre - whole };
  return { text: `${'#'.repeat(pre)}.${'#'.repeat(post)}`, negative, blanks: 0 };
}

const ROMAN: readonly (readonly [number, string])[] = [[1000, 'M'], [900, 'CM'], [500, 'D'], [400, 'CD'], [100, 'C'], [90, 'XC'], [50, 'L'], [40, 'XL'], [10, 'X'], [9, 'IX'], [5, 'V'], [4, 'IV'], [1, 'I']]; // biome-ignore format: one list

function roman(value: bigint): string {
  if (value < 1n || value > 3999n) return '#'.repeat(15);
  let rest = Number(value);
  let out = '';
  for (const [size, letters] of ROMAN) for (; rest >= size; rest -= size) out += letters;
  return out;
}

const romanDigits = (value: bigint): Digits => ({ text: roman(value), negative: false, blanks: 0 });

const noNumber = ({ pre, post }: NumberPicture) => ` ${'#'.repeat(pre)}.${'#'.repeat(post + 4)}`;

/** d.ddde+xx. The exponent is that of the exact value: 9.995 rounds to 10.00e+00, as PostgreSQL prints it. */
function scientific(value: Decimal, picture: NumberPicture): string {
  if (value.special !== undefined) return noNumber(picture);
  const negative = value.coefficient < 0n;
  const digits = (negative ? -value.coefficient : value.coefficient).toString();
  const exponent = digits === '0' ? 0 : digits.length - 1 - value.scale;
  const mantissa = formatDecimal(round(decimal(BigInt(digits), digits.length - 1), picture.post));
  return `${negative ? '-' : ' '}${mantissa}e${exponentText(exponent)}`;
}

function exponentText(exponent: number): string {
  return `${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

function decimalDigits(value: Decimal, picture: NumberPicture): Digits {
  const pre = picture.pre + picture.multiply;
  const shifted = picture.multiply === 0 ? value : multiply(value, decimal(tenTo(picture.multiply), 0));
  const text = formatDecimal(shifted.special === undefined ? round(shifted, picture.post) : shifted);
  const negative = text.startsWith('-');
  return placed(negative ? text.slice(1) : text, negative, pre, picture.post);
}

/** to_char(numeric). Throws 42601 for a bad picture. */
export function formatDecimalAs(value: Decimal, pattern: string): string {
  const picture = numberPicture(pattern);
  if (picture.exponent) return scientific(value, picture);
  if (!picture.roman) return new Layout(picture, decimalDigits(value, picture)).run();
  if (value.special !== undefined) {
    const what = value.special === 'NaN' ? 'NaN' : 'infinity';
    throw sqlError('feature_not_supported', `cannot convert ${what} to integer`);
  }
  const whole = decimalToInteger(value);
  if (whole !== BigInt.asIntN(32, whole)) throw sqlError('numeric_value_out_of_range', 'integer out of range');
  return new Layout(picture, romanDigits(whole)).run();
}

/** to_char(integer): digits behind the point are zeros. Throws 22003 where V shifts the value out of its type. */
export function formatIntegerAs(value: bigint, pattern: string, bits: 32 | 64): string {
  const picture = numberPicture(pattern);
  if (picture.exponent && bits === 32) return formatFloatAs(Number(value), pattern, 15);
  if (picture.multiply > 0 && !picture.roman) {
    const shifted = value * tenTo(picture.multiply);
    if (shifted !== BigInt.asIntN(bits, shifted)) {
      throw sqlError('numeric_value_out_of_range', `${bits === 32 ? 'integer' : 'bigint'} out of range`);
    }
  }
  return formatDecimalAs(decimal(value, 0), pattern);
}

/** Exact decimal digits of a finite double. */
function exactDecimal(value: number): Decimal {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, Math.abs(value));
  const bits = view.getBigUint64(0);
  const biased = Number(bits >> 52n);
  const fraction = bits & 0xf_ffff_ffff_ffffn;
  const exponent = (biased === 0 ? 1 : biased) - 1075;
  const mantissa = biased === 0 ? fraction : fraction | (1n << 52n);
  return exponent >= 0
    ? decimal(mantissa << BigInt(exponent), 0)
    : decimal(mantissa * 5n ** BigInt(-exponent), -exponent);
}

/** The exact value at a scale, ties to even, as C prints doubles. */
function fixedEven(exact: Decimal, scale: number): Decimal {
  if (exact.scale <= scale) return round(exact, scale);
  const unit = tenTo(exact.scale - scale);
  const quotient = exact.coefficient / unit;
  const rest = (exact.coefficient % unit) * 2n;
  return decimal(quotient + (rest > unit || (rest === unit && quotient % 2n === 1n) ? 1n : 0n), scale);
}

const fixed = (value: number, scale: number) => formatDecimal(fixedEven(exactDecimal(value), scale));

/** The digits of a double and the picture with as many places as the precision leaves behind the point. */
function floatDigits(value: number, picture: NumberPicture, precision: 6 | 15): string {
  const negative = value < 0 || Object.is(value, -0);
  const shifted = Math.abs(value) * 10 ** picture.multiply;
  const special = Number.isNaN(value) ? 'NaN' : Number.isFinite(shifted) ? undefined : 'Infinity';
  const whole = (special ?? fixed(shifted, 0)).length;
  const post = whole >= precision ? 0 : Math.min(picture.post, precision - whole);
  const text = special ?? fixed(shifted, post);
  const own = { ...picture, post };
  return new Layout(own, placed(text, negative, picture.pre + picture.multiply, post)).run();
}

function floatExponent(value: number, picture: NumberPicture): string {
  if (!Number.isFinite(value)) return noNumber(picture);
  const exact = exactDecimal(value);
  const digits = exact.coefficient.toString();
  let exponent = digits === '0' ? 0 : digits.length - 1 - exact.scale;
  let mantissa = fixedEven(decimal(exact.coefficient, digits.length - 1), picture.post);
  if (mantissa.coefficient >= 10n * tenTo(picture.post)) {
    mantissa = decimal(mantissa.coefficient / 10n, picture.post);
    exponent++;
  }
  return `${value < 0 ? '-' : ' '}${formatDecimal(mantissa)}e${exponentText(exponent)}`;
}

/** to_char(double precision) and to_char(real), which show 15 and 6 significant digits. */
export function formatFloatAs(value: number, pattern: string, precision: 6 | 15): string {
  const picture = numberPicture(pattern);
  if (picture.exponent) return floatExponent(value, picture);
  if (!picture.roman) return floatDigits(value, picture, precision);
  return new Layout(picture, romanDigits(Number.isFinite(value) ? BigInt(Math.round(value)) : 0n)).run();
}
