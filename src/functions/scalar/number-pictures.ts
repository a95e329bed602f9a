// Number pictures such as 'FM9,999.00' parsed once per picture into steps and counts, for to_char (number-format.ts) and to_number
// (number-read.ts). Text in double quotes and letters that are no pattern are literal. Errors are 42601 as PostgreSQL words them.
import { sqlError } from '../../errors/sql-error.ts';

export type NumberPattern =
  | '9'
  | '0'
  | '.'
  | 'D'
  | ','
  | 'G'
  | 'L'
  | 'B'
  | 'FM'
  | 'MI'
  | 'PL'
  | 'SG'
  | 'S'
  | 'PR'
  | 'RN'
  | 'rn'
  | 'TH'
  | 'th'
  | 'V'
  | 'EEEE'
  | 'C'
  | 'SP';
export type NumberStep =
  | { readonly kind: 'pattern'; readonly pattern: NumberPattern }
  | { readonly kind: 'text'; readonly text: string };

export interface NumberPicture {
  readonly steps: readonly NumberStep[];
  /** digits before and behind the point, digits that V shifts */
  readonly pre: number;
  readonly post: number;
  readonly multiply: number;
  /** where forced zeros start (digits before the first 0) and end; undefined: the picture has no 0 */
  readonly zeroStart: number | undefined;
  readonly zeroEnd: number;
  readonly decimal: boolean;
  readonly fill: boolean;
  readonly bracket: boolean;
  readonly minus: boolean;
  readonly plus: boolean;
  /** S: a sign anchored to the digits, before or behind them */
  readonly sign: 'before' | 'behind' | undefined;
  readonly signAt: number;
  readonly roman: boolean;
  readonly exponent: boolean;
}

const PATTERNS: readonly NumberPattern[] = ['EEEE', 'FM', 'MI', 'PL', 'PR', 'RN', 'SG', 'SP', 'TH', 'S', 'G', 'L', 'D', 'B', 'C', 'V', '9', '0', '.', ',']; // biome-ignore format: one list
const SPELLINGS: readonly (readonly [string, NumberPattern])[] = PATTERNS.flatMap((pattern) => {
  const small = pattern.toLowerCase();
  const other = pattern === 'RN' || pattern === 'TH' ? (small as NumberPattern) : pattern;
  return small === pattern ? [[pattern, pattern] as const] : [[pattern, pattern] as const, [small, other] as const];
});

type Draft = { -readonly [K in keyof NumberPicture]: NumberPicture[K] };

const wrong = (message: string, detail?: string) =>
  sqlError('syntax_error', message, detail === undefined ? {} : { detail });

function addDigit(draft: Draft, pattern: '9' | '0'): void {
  if (draft.bracket) throw wrong(`"${pattern}" must be ahead of "PR"`);
  if (pattern === '9' && draft.multiply >= 0 && shifting.has(draft)) {
    draft.multiply++;
    return;
  }
  if (pattern === '0' && draft.zeroStart === undefined && !draft.decimal) draft.zeroStart = draft.pre;
  if (draft.decimal) draft.post++;
  else draft.pre++;
  if (pattern === '0') draft.zeroEnd = draft.pre + draft.post;
}

/** Pictures that have met their V. */
const shifting = new WeakSet<Draft>();

function addSign(draft: Draft, pattern: 'S' | 'MI' | 'PL' | 'SG' | 'PR'): void {
  const anchored = draft.sign !== undefined;
  switch (pattern) {
    case 'S':
      if (anchored) throw wrong('cannot use "S" twice');
      if (draft.plus || draft.minus || draft.bracket) {
        throw wrong('cannot use "S" and "PL"/"MI"/"SG"/"PR" together');
      }
      draft.sign = draft.decimal ? 'behind' : 'before';
      draft.signAt = draft.pre;
      return;
    case 'PR':
      if (anchored || draft.plus || draft.minus) throw wrong('cannot use "PR" and "S"/"PL"/"MI"/"SG" together');
      draft.bracket = true;
      return;
    default:
      if (anchored) throw wrong(`cannot use "S" and "${pattern}" together`);
      draft.minus ||= pattern !== 'PL';
      draft.plus ||= pattern !== 'MI';
  }
}

function addExponent(draft: Draft): void {
  if (draft.exponent) throw wrong('cannot use "EEEE" twice');
  const others = draft.fill || draft.sign !== undefined || draft.bracket || draft.minus || draft.plus;
  if (others || draft.roman || shifting.has(draft)) {
    const detail = '"EEEE" may only be used together with digit and decimal point patterns.';
    throw wrong('"EEEE" is incompatible with other formats', detail);
  }
  draft.exponent = true;
}

function add(draft: Draft, pattern: NumberPattern): void {
  if (draft.exponent && pattern !== 'EEEE') throw wrong('"EEEE" must be the last pattern used');
  switch (pattern) {
    case '9':
    case '0':
      return addDigit(draft, pattern);
    case 'D':
    case '.':
      if (draft.decimal) throw wrong('multiple decimal points');
      if (shifting.has(draft)) throw wrong('cannot use "V" and decimal point together');
      draft.decimal = true;
      return;
    case 'FM':
      draft.fill = true;
      return;
    case 'S':
    case 'MI':
    case 'PL':
    case 'SG':
    case 'PR':
      return addSign(draft, pattern);
    case 'RN':
    case 'rn':
      draft.roman = true;
      return;
    case 'V':
      if (draft.decimal) throw wrong('cannot use "V" and decimal point together');
      shifting.add(draft);
      return;
    case 'EEEE':
      return addExponent(draft);
    default:
  }
}

function parse(picture: string): NumberPicture {
  const steps: NumberStep[] = [];
  // biome-ignore format: the empty picture
  const draft: Draft = {
    steps, pre: 0, post: 0, multiply: 0, zeroStart: undefined, zeroEnd: 0, decimal: false, fill: false, bracket: false, minus: false,
    plus: false, sign: undefined, signAt: 0, roman: false, exponent: false,
  };
  for (let at = 0; at < picture.length; ) {
    const found = SPELLINGS.find(([spelled]) => picture.startsWith(spelled, at));
    if (found !== undefined) {
      add(draft, found[1]);
      steps.push({ kind: 'pattern', pattern: found[1] });
      at += found[0].length;
      continue;
    }
    const quoted = /^"((?:[^"\\]|\\[\s\S])*)(?:"|$)/.exec(picture.slice(at));
    if (quoted !== null) {
      for (const text of quoted[1]!.replace(/\\([\s\S])/g, '$1')) steps.push({ kind: 'text', text });
      at += quoted[0].length;
      continue;
    }
    if (picture[at] === '\\' && picture[at + 1] === '"') at++;
    const text = String.fromCodePoint(picture.codePointAt(at)!);
    steps.push({ kind: 'text', text });
    at += text.length;
  }
  return draft;
}

const PARSED = new Map<string, NumberPicture>();

/** The parts of a picture; the last few hundred pictures are remembered. Throws 42601 for patterns that exclude each other. */
export function numberPicture(picture: string): NumberPicture {
  let parsed = PARSED.get(picture);
  if (parsed === undefined) {
    parsed = parse(picture);
    if (PARSED.size > 500) PARSED.clear();
    PARSED.set(picture, parsed);
  }
  return parsed;
}
