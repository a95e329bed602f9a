// Option lists: WITH (name = value, ..) of tables, views, streams and sinks, and ( name value, ..) of COPY and EXPLAIN.
import type { Option, OptionValue } from '../ast-definition.ts';
import type { Cursor } from './cursor.ts';
import { isColLabel, parseColLabel } from './names.ts';

/** WITH (..), or nothing: []. `WITHOUT OIDS` is accepted and means nothing. */
export function parseWithOptions(c: Cursor): readonly Option[] {
  if (c.acceptWords('without', 'oids')) return [];
  if (!c.accept('with')) return [];
  return c.parenthesized(parseStorageOption);
}

/** `name`, `name = value`, `namespace.name = value`, `'quoted.name' = value` */
export function parseStorageOption(c: Cursor): Option {
  const { position } = c.token;
  let namespace: string | null = null;
  let name = parseOptionName(c);
  // kafka.topic and toast.autovacuum: one step is PostgreSQL's namespace, more are part of a dotted name
  if (c.accept('.')) {
    namespace = name;
    name = parseColLabel(c);
    while (c.accept('.')) {
      name = `${namespace}.${name}.${parseColLabel(c)}`;
      namespace = null;
    }
  }
  const value = c.accept('=') ? parseOptionValue(c) : null;
  return { name, namespace, value, position };
}

function parseOptionName(c: Cursor): string {
  if (c.token.type === 'string') return c.advance().value;
  return parseColLabel(c);
}

/** `name [value]` of EXPLAIN and VACUUM (ANALYZE, FORMAT json): reserved words are no names, but for ANALYZE in both spellings. */
export function parseUtilityOption(c: Cursor): Option {
  const { keyword, word } = c.token;
  const analyze = word === 'analyze' || word === 'analyse';
  if (keyword?.category === 'reserved' && !analyze) throw c.fail();
  const option = parseGenericOption(c);
  return analyze ? { ...option, name: 'analyze' } : option;
}

/** `name [value]`, as in COPY (FORMAT csv, HEADER) */
export function parseGenericOption(c: Cursor): Option {
  const { position } = c.token;
  const name = parseColLabel(c);
  const value = c.at(',') || c.at(')') ? null : parseGenericValue(c);
  return { name, namespace: null, value, position };
}

/** Reserved words are no values here, but for ON, TRUE, FALSE and DEFAULT. */
function parseGenericValue(c: Cursor): OptionValue {
  const { word, keyword } = c.token;
  const allowed = word === 'on' || word === 'true' || word === 'false' || word === 'default';
  if (keyword?.category === 'reserved' && !allowed) throw c.fail();
  return parseOptionValue(c);
}

/** A word, string, number, boolean word, `*` or `(a, b)`. */
function parseOptionValue(c: Cursor): OptionValue {
  const { token } = c;
  if (token.type === 'string') return { kind: 'string', text: c.advance().value };
  if (c.at('*')) {
    c.advance();
    return { kind: 'star' };
  }
  if (c.at('(')) return { kind: 'list', items: c.parenthesized(parseListItem) };
  if (c.at('true') || c.at('false')) return { kind: 'boolean', value: c.advance().word === 'true' };
  if (isColLabel(token)) return { kind: 'word', text: c.advance().value };
  return { kind: 'number', text: parseSignedNumber(c) };
}

function parseListItem(c: Cursor): string {
  return c.token.type === 'string' ? c.advance().value : parseColLabel(c);
}

/** NumericOnly: a constant with an optional sign, as text. */
export function parseSignedNumber(c: Cursor): string {
  const sign = c.accept('-') ? '-' : '';
  if (sign === '') c.accept('+');
  if (c.token.type !== 'integer' && c.token.type !== 'decimal') throw c.fail();
  return sign + c.advance().value;
}
