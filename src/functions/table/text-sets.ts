// Texts as rows: split at separators or patterns, all matches of a pattern, and the key words of the grammar.
import type { Datum } from '../../types/datum.ts';
import { arrayOf, TEXT } from '../../types/sql-type.ts';
import type { TableFunction } from '../function-definition.ts';
import { matchesOf, splitBy } from '../scalar/regexp-functions.ts';
import { splitText } from '../scalar/strings.ts';
import { tableFunction } from './series.ts';

type Values = readonly (Datum | null)[];
/** A row when it is asked for: a long text has very many. */
function* column(values: Iterable<Datum | null>): Generator<Values> {
  for (const value of values) yield [value];
}
const split = ([text, separator, none = null]: Values) =>
  text === null ? [] : column(splitText(text as string, separator as string | null, none as string | null));
const TEXT_ARRAY = arrayOf(TEXT);

// biome-ignore format: one function a paragraph
export const TEXT_SETS: readonly TableFunction[] = [
  tableFunction('string_to_table', 'text,text', TEXT, split, { strict: false, elementsOf: 'string_to_array(text,text)' }),
  tableFunction('string_to_table', 'text,text,text', TEXT, split, { strict: false, elementsOf: 'string_to_array(text,text,text)' }),
  tableFunction('regexp_split_to_table', 'text,text', TEXT, ([text, pattern]) =>
    column(splitBy('regexp_split_to_table', text as string, pattern as string))),
  tableFunction('regexp_split_to_table', 'text,text,text', TEXT, ([text, pattern, flags]) =>
    column(splitBy('regexp_split_to_table', text as string, pattern as string, flags as string))),
  tableFunction('regexp_matches', 'text,text', TEXT_ARRAY, ([text, pattern]) =>
    column(matchesOf(text as string, pattern as string))),
  tableFunction('regexp_matches', 'text,text,text', TEXT_ARRAY, ([text, pattern, flags]) =>
    column(matchesOf(text as string, pattern as string, flags as string))),
];
