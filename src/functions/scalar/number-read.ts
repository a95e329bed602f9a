// to_number: the text read along a number picture. Digits count as far as the picture has places; separators and currency signs of
// the picture step over one character of the text, signs are found before or behind the digits.
import { sqlError } from '../../errors/sql-error.ts';
import { type Decimal, decimal } from '../../types/datum.ts';
import { divide, fitDecimal, parseDecimal, tenTo } from '../../types/decimal.ts';
import { type NumberPattern, type NumberPicture, numberPicture } from './number-pictures.ts';

const isDigit = (c: string | undefined) => c !== undefined && c >= '0' && c <= '9';

class NumberReader {
  private readonly text: string;
  private readonly picture: NumberPicture;
  private at = 0;
  private sign = ' ';
  private digits = '';
  private pre = 0;
  private post = 0;
  private point = false;

  constructor(text: string, picture: NumberPicture) {
    this.text = text;
    this.picture = picture;
  }

  /** The number's text, sign first. */
  read(): { readonly text: string; readonly post: number } {
    for (const step of this.picture.steps) {
      if (this.at >= this.text.length) break;
      if (step.kind === 'text') this.at += this.width();
      else this.pattern(step.pattern);
    }
    const digits = this.digits.endsWith('.') ? this.digits.slice(0, -1) : this.digits;
    return { text: this.sign + digits, post: this.post };
  }

  private width(): number {
    return (this.text.codePointAt(this.at) ?? 0) > 0xffff ? 2 : 1;
  }

  private pattern(pattern: NumberPattern): void {
    switch (pattern) {
      case '9':
      case '0':
      case '.':
      case 'D':
        this.digit(pattern);
        this.at++;
        return;
      case ',':
        if (this.text[this.at] === ',') this.at++;
        return;
      case 'G':
        if (this.text[this.at] === ',') this.at++;
        return;
      case 'MI':
      case 'PL':
      case 'SG':
        this.signPattern(pattern);
        return;
      case 'L':
        this.skip(1);
        return;
      case 'TH':
      case 'th':
        this.skip(2);
        return;
      case 'RN':
      case 'rn':
        throw sqlError('feature_not_supported', '"RN" not supported for input');
      default:
    }
  }

  private signPattern(pattern: 'MI' | 'PL' | 'SG'): void {
    const c = this.text[this.at];
    if ((c === '-' && pattern !== 'PL') || (c === '+' && pattern !== 'MI')) {
      this.sign = c;
      this.at++;
    } else this.skip(1);
  }

  /** Steps over characters that cannot be part of a number. */
  private skip(count: number): void {
    for (let i = 0; i < count && this.at < this.text.length; i++) {
      if ('0123456789.,+-'.includes(this.text[this.at]!)) return;
      this.at += this.width();
    }
  }

  private digit(pattern: '9' | '0' | '.' | 'D'): void {
    const { text, picture } = this;
    if (text[this.at] === ' ') this.at++;
    if (this.at >= text.length) return;
    if (this.sign === ' ' && (pattern === '0' || pattern === '9') && this.pre + this.post === 0) this.leadingSign();
    if (this.at >= text.length) return;
    let read = false;
    if (isDigit(text[this.at])) {
      if (this.point && this.post === picture.post) return;
      this.digits += text[this.at];
      if (this.point) this.post++;
      else this.pre++;
      read = true;
    } else if (picture.decimal && !this.point && text[this.at] === '.') {
      this.digits += '.';
      this.point = true;
      read = true;
    }
    if (this.sign === ' ' && this.pre + this.post > 0) this.trailingSign(read);
  }

  private leadingSign(): void {
    const { sign, bracket, pre, signAt } = this.picture;
    const c = this.text[this.at];
    const anchored = sign === 'before' && pre !== signAt;
    if (sign !== undefined && !anchored) return;
    if (c === '-' || c === '+' || (bracket && c === '<')) {
      this.sign = c === '+' ? '+' : '-';
      this.at++;
    }
  }

  private trailingSign(read: boolean): void {
    const { sign, plus, minus } = this.picture;
    const next = this.text[this.at + 1];
    if (sign !== undefined) {
      if (!read || next === undefined || isDigit(next)) return;
      if (next !== '-' && next !== '+') return;
      this.sign = next;
      this.at++;
    } else if (!read && (plus || minus)) {
      const c = this.text[this.at];
      if (c === '-' || c === '+') this.sign = c;
    }
  }
}

/** to_number; null for an empty picture. Throws 22P02 for text without a number. */
export function readNumber(text: string, pattern: string): Decimal | null {
  if (pattern === '') return null;
  const picture = numberPicture(pattern);
  if (picture.exponent) throw sqlError('feature_not_supported', '"EEEE" not supported for input');
  const found = new NumberReader(text, picture).read();
  const precision = picture.pre + picture.multiply + found.post;
  const exact = parseDecimal(found.text);
  const value = precision > 0 ? fitDecimal(exact, precision, found.post) : exact;
  return picture.multiply === 0 ? value : divide(value, decimal(tenTo(picture.multiply), 0));
}
