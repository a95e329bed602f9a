// Type names. The keyword spellings become what PostgreSQL makes of them (int -> pg_catalog.int4, ..), others stay as written.
import { sqlError } from '../../errors/sql-error.ts';
import type { Expression } from '../ast.ts';
import type { TypeName } from '../ast-definition.ts';
import type { Cursor } from './cursor.ts';
import { isTypeFunctionName, parseColLabel } from './names.ts';

interface SimpleType {
  readonly name: readonly string[];
  readonly modifiers: readonly Expression[];
  readonly intervalFields: string | null;
}

const KEYWORD_TYPES: ReadonlyMap<string, string> = new Map([
  ['int', 'int4'],
  ['integer', 'int4'],
  ['smallint', 'int2'],
  ['bigint', 'int8'],
  ['real', 'float4'],
  ['boolean', 'bool'],
]);
/** Column-name keywords that start a type. */
const TYPE_STARTS: ReadonlySet<string> = new Set(
  (
    'int integer smallint bigint real boolean float double decimal dec numeric bit character char varchar national ' +
    'nchar time timestamp interval json'
  ).split(' '),
);

/** Typename: [SETOF] type [array bounds]. */
export function parseTypeName(c: Cursor): TypeName {
  const { position } = c.token;
  const setOf = c.accept('setof');
  const simple = parseSimpleType(c, false);
  const arrayBounds: (number | null)[] = [];
  if (c.at('array')) {
    c.advance();
    arrayBounds.push(c.accept('[') ? c.expectInteger() : null);
    if (arrayBounds[0] !== null) c.expect(']');
  } else {
    while (c.accept('[')) {
      arrayBounds.push(c.at(']') ? null : c.expectInteger());
      c.expect(']');
    }
  }
  return { ...simple, arrayBounds, setOf, percentType: false, position };
}

/** func_type: also `table.column%TYPE`. */
export function parseFunctionType(c: Cursor): TypeName {
  const type = parseTypeName(c);
  if (type.arrayBounds.length > 0 || type.name.length < 2 || !c.atWords('%', 'type')) return type;
  c.advance();
  c.advance();
  return { ...type, percentType: true };
}

/** Whether a keyword type starts here that a string constant can follow: `timestamp '..'`, `interval '..'`. */
export function isTypeKeyword(word: string): boolean {
  return TYPE_STARTS.has(word);
}

/** The type before a string constant: no arrays, and char and bit without a length stay without. */
export function parseConstantType(c: Cursor): TypeName {
  const { position } = c.token;
  const simple = parseSimpleType(c, true);
  return { ...simple, arrayBounds: [], setOf: false, percentType: false, position };
}

function parseSimpleType(c: Cursor, constant: boolean): SimpleType {
  const { word } = c.token;
  if (!TYPE_STARTS.has(word)) return parseGenericType(c);
  c.advance();
  const keyword = KEYWORD_TYPES.get(word);
  if (keyword !== undefined) return system(keyword);
  switch (word) {
    case 'float':
      return parseFloatType(c);
    case 'double':
      c.expect('precision');
      return system('float8');
    case 'decimal':
    case 'dec':
    case 'numeric':
      return system('numeric', parseModifiers(c));
    case 'bit': {
      const varying = c.accept('varying');
      const length = c.at('(') ? c.parenthesized((at) => at.expression()) : null;
      if (varying) return system('varbit', length ?? []);
      return system('bit', length ?? (constant ? [] : [one()]));
    }
    case 'time':
    case 'timestamp':
      return parseTime(c, word);
    case 'interval':
      return constant ? system('interval', parsePrecision(c)) : parseIntervalType(c);
    case 'json':
      return system('json');
    default:
      return parseCharacter(c, word, constant);
  }
}

function system(name: string, modifiers: readonly Expression[] = [], intervalFields: string | null = null): SimpleType {
  return { name: ['pg_catalog', name], modifiers, intervalFields };
}

function one(): Expression {
  return { kind: 'integer', text: '1', position: 0 };
}

function parseGenericType(c: Cursor): SimpleType {
  if (!isTypeFunctionName(c.token)) throw c.fail();
  const name = [c.advance().value];
  while (c.accept('.')) name.push(parseColLabel(c));
  return { name, modifiers: parseModifiers(c), intervalFields: null };
}

function parseModifiers(c: Cursor): Expression[] {
  return c.at('(') ? c.parenthesized((at) => at.expression()) : [];
}

function parsePrecision(c: Cursor): Expression[] {
  if (!c.accept('(')) return [];
  const { position } = c.token;
  const text = String(c.expectInteger());
  c.expect(')');
  return [{ kind: 'integer', text, position }];
}

function parseFloatType(c: Cursor): SimpleType {
  if (!c.accept('(')) return system('float8');
  const { position } = c.token;
  const bits = c.expectInteger();
  c.expect(')');
  if (bits < 1) {
    throw sqlError('invalid_parameter_value', 'precision for type float must be at least 1 bit', { position });
  }
  if (bits > 53) {
    throw sqlError('invalid_parameter_value', 'precision for type float must be less than 54 bits', { position });
  }
  return system(bits <= 24 ? 'float4' : 'float8');
}

/** character, char, varchar, national character, nchar, each [varying] [(n)] */
function parseCharacter(c: Cursor, word: string, constant: boolean): SimpleType {
  if (word === 'national') c.expectOneOf('character', 'char');
  const varying = word === 'varchar' || c.accept('varying');
  const length = parsePrecision(c);
  if (varying) return system('varchar', length);
  return system('bpchar', length.length > 0 || constant ? length : [one()]);
}

function parseTime(c: Cursor, word: string): SimpleType {
  const precision = parsePrecision(c);
  if (c.atWords('with', 'time') || c.atWords('without', 'time')) {
    const zoned = c.advance().word === 'with';
    c.expectWords('time', 'zone');
    return system(zoned ? `${word}tz` : word, precision);
  }
  return system(word, precision);
}

function parseIntervalType(c: Cursor): SimpleType {
  const precision = parsePrecision(c);
  if (precision.length > 0) return system('interval', precision);
  const fields = parseIntervalFields(c);
  return system('interval', fields.precision, fields.fields);
}

const INTERVAL_ENDS: ReadonlyMap<string, readonly string[]> = new Map([
  ['year', ['month']],
  ['month', []],
  ['day', ['hour', 'minute', 'second']],
  ['hour', ['minute', 'second']],
  ['minute', ['second']],
  ['second', []],
]);

/** opt_interval: DAY TO SECOND(3) and the like; nothing there is no fields. */
export function parseIntervalFields(c: Cursor): { fields: string | null; precision: readonly Expression[] } {
  const first = c.token.word;
  const ends = INTERVAL_ENDS.get(first);
  if (ends === undefined) return { fields: null, precision: [] };
  c.advance();
  if (first === 'second') return { fields: first, precision: parsePrecision(c) };
  if (!c.at('to') || ends.length === 0) return { fields: first, precision: [] };
  c.advance();
  const end = c.expectOneOf(...ends);
  return { fields: `${first} to ${end}`, precision: end === 'second' ? parsePrecision(c) : [] };
}
