// Date/time pictures such as 'YYYY-MM-DD HH24:MI:SS', parsed once per picture into steps for to_char (date-format.ts) and
// to_date/to_timestamp (date-read.ts). A field may have the prefixes FM (no padding) and TM and the suffixes TH/th; text in
// double quotes is literal.

export type Calendar = 'gregorian' | 'iso';

export interface DateField {
  readonly kind: 'field';
  /** canonical name: 'YYYY', 'HH24', 'AM' ... */
  readonly name: string;
  /** as the user spelled it: decides the case of names, and is what errors show */
  readonly spelled: string;
  readonly fill: boolean;
  readonly ordinal: '' | 'TH' | 'th';
  readonly numeric: boolean;
  readonly calendar: Calendar | undefined;
}
export type DateStep =
  | DateField
  | { readonly kind: 'separator'; readonly text: string }
  | { readonly kind: 'space'; readonly text: string }
  | { readonly kind: 'text'; readonly text: string };

const NAMED = [
  'A.D.',
  'A.M.',
  'AD',
  'AM',
  'B.C.',
  'BC',
  'DAY',
  'DY',
  'FX',
  'MONTH',
  'MON',
  'OF',
  'P.M.',
  'PM',
  'RM',
  'TZH',
  'TZ',
];
const ISO = ['IDDD', 'ID', 'IW', 'IYYY', 'IYY', 'IY', 'I'];
// biome-ignore format: a table
const GREGORIAN = ['DDD', 'DD', 'D', 'MONTH', 'MON', 'MM', 'RM', 'WW', 'W', 'Y,YYY', 'YYYY', 'YYY', 'YY', 'Y'];
// biome-ignore format: a table
const OTHERS = ['CC', 'FF1', 'FF2', 'FF3', 'FF4', 'FF5', 'FF6', 'HH24', 'HH12', 'HH', 'J', 'MI', 'MS', 'Q', 'SSSSS', 'SSSS', 'SS', 'TZM', 'US'];

const NAMES: readonly string[] = [...new Set([...NAMED, ...ISO, ...GREGORIAN, ...OTHERS])];
/** Every accepted spelling, longest first: upper, lower, and capitalised where the field is a name. */
const SPELLINGS: readonly (readonly [spelled: string, name: string])[] = NAMES.flatMap((name) => {
  const spellings: [string, string][] = [
    [name, name],
    [name.toLowerCase(), name],
  ];
  if (['DAY', 'DY', 'MONTH', 'MON'].includes(name)) spellings.push([name[0] + name.slice(1).toLowerCase(), name]);
  return spellings;
}).sort((a, b) => b[0].length - a[0].length);

function isSeparator(c: string): boolean {
  return c > ' ' && c < '\x7f' && !/[A-Za-z0-9]/.test(c);
}

function fieldAt(picture: string, at: number, fill: boolean): { field: DateField; end: number } | undefined {
  const found = SPELLINGS.find(([spelled]) => picture.startsWith(spelled, at));
  if (found === undefined) return undefined;
  const [spelled, name] = found;
  let end = at + spelled.length;
  const suffix = picture.slice(end, end + 2);
  const ordinal = suffix === 'TH' || suffix === 'th' ? suffix : '';
  if (ordinal !== '' || suffix === 'SP') end += 2;
  const calendar = ISO.includes(name) ? 'iso' : GREGORIAN.includes(name) ? 'gregorian' : undefined;
  return { field: { kind: 'field', name, spelled, fill, ordinal, numeric: !NAMED.includes(name), calendar }, end };
}

function parse(picture: string): DateStep[] {
  const steps: DateStep[] = [];
  for (let at = 0; at < picture.length; ) {
    const prefix = /^(?:FM|fm|TM|tm)/.exec(picture.slice(at, at + 2))?.[0];
    if (prefix !== undefined) at += 2;
    const found = fieldAt(picture, at, prefix !== undefined);
    if (found !== undefined) {
      steps.push(found.field);
      at = found.end;
      continue;
    }
    if (at >= picture.length) break;
    if (picture[at] === '"') {
      for (at++; at < picture.length && picture[at] !== '"'; at++) {
        if (picture[at] === '\\' && at + 1 < picture.length) at++;
        const text = String.fromCodePoint(picture.codePointAt(at)!);
        steps.push({ kind: 'text', text });
        at += text.length - 1;
      }
      at++;
      continue;
    }
    if (picture[at] === '\\' && picture[at + 1] === '"') at++;
    const text = String.fromCodePoint(picture.codePointAt(at)!);
    steps.push({ kind: isSeparator(text) ? 'separator' : /\s/.test(text) ? 'space' : 'text', text });
    at += text.length;
  }
  return steps;
}

const PARSED = new Map<string, readonly DateStep[]>();

/** The steps of a picture; the last few hundred pictures are remembered. Never fails: unknown letters are literal text. */
export function datePicture(picture: string): readonly DateStep[] {
  let steps = PARSED.get(picture);
  if (steps === undefined) {
    steps = parse(picture);
    if (PARSED.size > 500) PARSED.clear();
    PARSED.set(picture, steps);
  }
  return steps;
}

/** "st", "nd", "rd" or "th" for the digits of a number. */
export function ordinalSuffix(digits: string, style: 'TH' | 'th'): string {
  const last = digits.at(-2) === '1' ? '' : digits.at(-1)!;
  const suffix = last === '1' ? 'st' : last === '2' ? 'nd' : last === '3' ? 'rd' : 'th';
  return style === 'TH' ? suffix.toUpperCase() : suffix;
}

export const ROMAN_MONTHS = ['I', 'II', 'III', 'IV', 'V', 'VI', 'VII', 'VIII', 'IX', 'X', 'XI', 'XII'] as const;
