// The text that the package is given: strings, numbers, parameters and quoted identifiers are lifted out and replaced by
// placeholders that name their token, so that none is altered (the package reads big numbers as doubles, undoes escapes its own
// way and forgets quotes) and each can be found again in its tree.
import type { Token } from '../lexer/token.ts';

const NUMBER_BASE = 900_000_000;

/** The tokens' text for the package; blanks and comments become one blank. */
export function liftLiterals(text: string, tokens: readonly Token[]): string {
  const parts: string[] = [];
  let end = tokens[0]?.start ?? 0;
  for (const [index, token] of tokens.entries()) {
    if (token.type === 'end') break;
    // the parts of a quoted path are at the same place
    if (token.start > end) parts.push(' ');
    parts.push(placeholder(token, index) ?? (token.value === '.' ? '.' : text.slice(token.start, token.end)));
    end = token.end;
  }
  return parts.join('');
}

function placeholder(token: Token, index: number): string | null {
  switch (token.type) {
    case 'string':
    case 'bit_string':
      return `'hq${index}'`;
    case 'integer':
    case 'decimal':
    case 'parameter':
      return String(NUMBER_BASE + index);
    case 'identifier':
      return token.word === '' ? `hq_${index}_` : null;
    default:
      return null;
  }
}

/** The index of the token that a piece of the package's tree stands for; -1 when it stands for itself. */
export function liftedIndex(value: string): number {
  const match = /^hq_(\d+)_$|^hq(\d+)$/i.exec(value);
  if (match !== null) return Number(match[1] ?? match[2]);
  const number = /^\d+$/.test(value) ? Number(value) - NUMBER_BASE : -1;
  return number >= 0 ? number : -1;
}
