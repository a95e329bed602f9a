// Patterns of dates and times: Java's (yyyy-MM-dd, of Spark and Flink) and MySQL's (%Y-%m-%d, also Trino's) as pictures of to_char
// and to_date. A letter that has no picture here is refused: null.
import type { DialectProfile } from './dialect-profile.ts';

const JAVA: ReadonlyMap<string, string> = new Map([
  ['yyyy', 'YYYY'],
  ['y', 'YYYY'],
  ['yy', 'YY'],
  ['M', 'FMMM'],
  ['MM', 'MM'],
  ['MMM', 'Mon'],
  ['MMMM', 'FMMonth'],
  ['d', 'FMDD'],
  ['dd', 'DD'],
  ['D', 'FMDDD'],
  ['DDD', 'DDD'],
  ['H', 'FMHH24'],
  ['HH', 'HH24'],
  ['h', 'FMHH12'],
  ['hh', 'HH12'],
  ['m', 'FMMI'],
  ['mm', 'MI'],
  ['s', 'FMSS'],
  ['ss', 'SS'],
  ['SSS', 'MS'],
  ['SSSSSS', 'US'],
  ['a', 'AM'],
  ['E', 'Dy'],
  ['EEE', 'Dy'],
  ['EEEE', 'FMDay'],
  ['Q', 'Q'],
]);
const PERCENT: ReadonlyMap<string, string> = new Map([
  ['Y', 'YYYY'],
  ['y', 'YY'],
  ['m', 'MM'],
  ['c', 'FMMM'],
  ['b', 'Mon'],
  ['M', 'FMMonth'],
  ['d', 'DD'],
  ['e', 'FMDD'],
  ['j', 'DDD'],
  ['H', 'HH24'],
  ['k', 'FMHH24'],
  ['h', 'HH12'],
  ['I', 'HH12'],
  ['i', 'MI'],
  ['s', 'SS'],
  ['S', 'SS'],
  ['f', 'US'],
  ['p', 'AM'],
  ['a', 'Dy'],
  ['W', 'FMDay'],
  ['T', 'HH24:MI:SS'],
  ['r', 'HH12:MI:SS AM'],
  ['%', '%'],
]);

/** The picture of a pattern, null if it has a letter we have no picture for. */
export function datePicture(pattern: string, kind: DialectProfile['datePatterns']): string | null {
  if (kind === 'ours') return pattern;
  return kind === 'java' ? javaPicture(pattern) : percentPicture(pattern);
}

function javaPicture(pattern: string): string | null {
  let picture = '';
  // a quoted text, a run of one letter, anything else
  for (const [piece] of pattern.matchAll(/'(?:[^']|'')*'|([A-Za-z])\1*|[^A-Za-z']+|'/g)) {
    if (piece === "''") picture += "'";
    else if (piece.startsWith("'")) {
      if (piece.length < 2) return null;
      picture += quoted(piece.slice(1, -1).replaceAll("''", "'"));
    } else if (/^[A-Za-z]/.test(piece)) {
      const known = JAVA.get(piece);
      if (known === undefined) return null;
      picture += known;
    } else picture += quoted(piece);
  }
  return picture;
}

function percentPicture(pattern: string): string | null {
  let picture = '';
  for (const [piece] of pattern.matchAll(/%.|[^%]+|%/gs)) {
    if (!piece.startsWith('%')) {
      picture += quoted(piece);
      continue;
    }
    const known = PERCENT.get(piece.slice(1));
    if (known === undefined) return null;
    picture += known;
  }
  return picture;
}

/** Literal text of a picture; marks and digits need no quotes. */
function quoted(text: string): string {
  return /^[-/.,:; ]*$/.test(text) ? text : `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
