// A hint for keywords with a slip of the finger: SELCT, FORM, WEHRE. Only where the text cannot be read anyway, and only for the words that
// hold statements together: whoever misses one of the others looks it up.
import type { Token } from '../lexer/token.ts';

const WORDS = (
  'select from where group order having limit offset join left right inner outer cross using union values insert into update ' +
  'delete create table view materialized stream drop alter column index returning between distinct subscribe watermark interval ' +
  'primary references default unique check constraint begin commit rollback explain analyze with window partition changes close ' +
  'exists replace function returns language schema sequence rename truncate declare cursor fetch'
).split(' ');

/** `near`: the token that cannot be read, then the one before it, which was perhaps taken for a name. */
export function misspelledHint(near: readonly (Token | undefined)[]): string | undefined {
  for (const token of near) {
    if (token === undefined || token.type !== 'identifier' || token.word.length < 4) continue;
    const slips = token.word.length < 6 ? 1 : 2;
    const meant = WORDS.find((word) => distance(token.word, word) <= slips);
    if (meant !== undefined) return `Perhaps you meant ${meant.toUpperCase()}.`;
  }
  return undefined;
}

/** Letters to add, to leave out, to change, or neighbours to swap, until `a` is `b`. */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      row[j] = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + same);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) row[j] = Math.min(row[j]!, before[j - 2]! + 1);
    }
    before = last;
    last = row;
  }
  return last[b.length]!;
}
