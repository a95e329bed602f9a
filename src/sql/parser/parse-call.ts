// Function calls: arguments, what may follow them, and the calls with a syntax of their own (EXTRACT, TRIM, CAST, COALESCE,
// CURRENT_DATE, ..). Special syntaxes become calls of the functions they mean, as ast.ts says at FunctionCall.
import type {
  Cast,
  Expression,
  FunctionArgument,
  FunctionCall,
  SortKey,
  SpecialSyntax,
  SqlValueFunction,
  TableArgument,
} from '../ast.ts';
import { functionCall } from '../make-ast.ts';
import type { Cursor } from './cursor.ts';
import { isColId, isTypeFunctionName, parseColId, parseNameParts, parseQualifiedName } from './names.ts';
import { parseTypeName } from './parse-type.ts';
import { parseOptionalOrderBy, parseOver, parseSortKey, parseSortKeys } from './parse-window.ts';

export interface Arguments {
  readonly arguments: readonly FunctionArgument[];
  readonly star: boolean;
  readonly distinct: boolean;
  readonly variadic: boolean;
  readonly orderBy: readonly SortKey[];
}

const NO_ARGUMENTS: Arguments = { arguments: [], star: false, distinct: false, variadic: false, orderBy: [] };

function callOf(
  name: readonly string[],
  args: Arguments,
  syntax: SpecialSyntax | null,
  position: number,
): FunctionCall {
  const tail = { withinGroup: [], filter: null, nullTreatment: null, over: null };
  return { kind: 'function', name, ...args, syntax, ...tail, position };
}

/** `( .. )` behind a function's name. */
export function parseArguments(c: Cursor): Arguments {
  c.expect('(');
  if (c.accept(')')) return NO_ARGUMENTS;
  if (c.accept('*')) {
    c.expect(')');
    return { ...NO_ARGUMENTS, star: true };
  }
  const distinct = c.accept('distinct');
  const plain = !distinct && !c.accept('all');
  const args: FunctionArgument[] = [];
  let variadic = false;
  do {
    variadic = plain && c.accept('variadic');
    args.push(parseArgument(c));
  } while (!variadic && c.accept(','));
  const orderBy = parseOptionalOrderBy(c);
  c.expect(')');
  return { arguments: args, star: false, distinct, variadic, orderBy };
}

function parseArgument(c: Cursor): FunctionArgument {
  const { position } = c.token;
  const next = c.peek(1).word;
  let name: string | null = null;
  if ((next === '=>' || next === ':=') && isTypeFunctionName(c.token)) {
    name = c.advance().value;
    c.advance();
  }
  return { name, value: parseTableArgument(c) ?? parseDescriptor(c) ?? c.expression(), position };
}

/** `TABLE s [PARTITION BY ..] [ORDER BY ..]`, `TABLE (query)`, `s PARTITION BY k` */
function parseTableArgument(c: Cursor): TableArgument | null {
  const { position } = c.token;
  const named = c.at('table');
  if (!named && !(isColId(c.token) && partitionFollows(c))) return null;
  if (named) c.advance();
  let query: TableArgument['query'] = null;
  let table: TableArgument['table'] = null;
  if (c.accept('(')) {
    if (c.at('select') || c.at('with') || c.at('values') || c.at('table')) query = c.query();
    else table = parseQualifiedName(c);
    c.expect(')');
  } else {
    table = parseQualifiedName(c);
  }
  const partitionBy = c.acceptWords('partition', 'by') ? parsePartitionKeys(c) : [];
  const orderBy = named && c.acceptWords('order', 'by') ? parseTableOrder(c) : [];
  return { kind: 'table_argument', table, query, partitionBy, orderBy, position };
}

/** One key, or several in parentheses: a comma would belong to the arguments. */
function parsePartitionKeys(c: Cursor): readonly Expression[] {
  return c.at('(') ? c.parenthesized(expression) : [c.grammar.primary(c)];
}

function parseTableOrder(c: Cursor): readonly SortKey[] {
  return c.at('(') ? c.parenthesized(parseSortKey) : [parseSortKey(c)];
}

/** A name, perhaps qualified, with PARTITION BY behind. */
function partitionFollows(c: Cursor): boolean {
  let ahead = 1;
  while (c.peek(ahead).word === '.') ahead += 2;
  return c.peek(ahead).word === 'partition' && c.peek(ahead + 1).word === 'by';
}

function parseDescriptor(c: Cursor): Expression | null {
  if (!c.atWords('descriptor', '(')) return null;
  const { position } = c.advance();
  return { kind: 'descriptor', columns: c.parenthesized(parseColId), position };
}

/** A call with what can follow it: WITHIN GROUP, FILTER, IGNORE NULLS, OVER. */
export function parseCall(c: Cursor, name: readonly string[], args: Arguments, position: number): Expression {
  const { grammar } = c;
  const call = parseCallTail(c, callOf(grammar.functionName?.(name) ?? name, args, null, position));
  return grammar.call === undefined ? call : grammar.call(call);
}

function parseCallTail(c: Cursor, call: FunctionCall): FunctionCall {
  const { word } = c.token;
  // most calls have no tail
  if (word !== 'within' && word !== 'filter' && word !== 'over' && word !== 'ignore' && word !== 'respect') return call;
  let { withinGroup, filter, nullTreatment, over } = call;
  if (c.acceptPhrase('within', 'group', '(', 'order', 'by')) {
    withinGroup = parseSortKeys(c);
    c.expect(')');
  }
  if (c.acceptPhrase('filter', '(', 'where')) {
    filter = c.expression();
    c.expect(')');
  }
  if (c.atWords('ignore', 'nulls') || c.atWords('respect', 'nulls')) {
    nullTreatment = c.advance().word === 'ignore' ? 'ignore' : 'respect';
    c.advance();
  }
  if (c.at('over')) over = parseOver(c);
  return { ...call, withinGroup, filter, nullTreatment, over };
}

/** The call without a tail, for FROM. */
export function parseFromCall(c: Cursor, name: readonly string[], position: number): FunctionCall {
  return callOf(c.grammar.functionName?.(name) ?? name, parseArguments(c), null, position);
}

/** A call with its own syntax, or null if the current word starts none. */
export function parseSpecialCall(c: Cursor): Expression | null {
  const { word, position } = c.token;
  const value = parseSqlValue(c);
  if (value !== null) return value;
  if (c.peek(1).word !== '(') return word === 'collation' ? parseCollationFor(c) : null;
  switch (word) {
    case 'cast':
      return parseCast(c);
    case 'coalesce':
      c.advance();
      return { kind: 'coalesce', arguments: c.parenthesized(expression), position };
    case 'greatest':
    case 'least':
      c.advance();
      return { kind: 'minmax', form: word, arguments: c.parenthesized(expression), position };
    case 'nullif': {
      c.advance();
      c.expect('(');
      const left = c.expression();
      c.expect(',');
      const right = c.expression();
      c.expect(')');
      return { kind: 'nullif', left, right, position };
    }
    case 'extract':
      return parseCallTail(c, parseExtract(c));
    case 'position':
      return parseCallTail(c, parsePosition(c));
    case 'substring': {
      const call = parseCallTail(c, parseSubstring(c));
      return (call.syntax === null ? c.grammar.call?.(call) : null) ?? call;
    }
    case 'overlay':
      return parseCallTail(c, parseOverlay(c));
    case 'trim':
      return parseCallTail(c, parseTrim(c));
    case 'normalize':
      return parseCallTail(c, parseNormalize(c));
    default:
      // the rest of the reserved call words take ordinary arguments: json_object('a', 1), merge_action()
      if (!word.startsWith('json_') && word !== 'merge_action') return null;
      c.advance();
      return parseCall(c, ['pg_catalog', word], parseArguments(c), position);
  }
}

function expression(c: Cursor): Expression {
  return c.expression();
}

const SQL_VALUES: ReadonlyMap<string, SqlValueFunction['name']> = new Map(
  (
    [
      'current_date',
      'current_time',
      'current_timestamp',
      'localtime',
      'localtimestamp',
      'current_role',
      'current_user',
      'user',
      'session_user',
      'system_user',
      'current_catalog',
      'current_schema',
    ] as const
  ).map((name) => [name, name]),
);
const WITH_PRECISION: ReadonlySet<string> = new Set(
  'current_time current_timestamp localtime localtimestamp'.split(' '),
);

function parseSqlValue(c: Cursor): Expression | null {
  const name = SQL_VALUES.get(c.token.word);
  if (name === undefined) return null;
  // current_schema is also an ordinary function's name
  if (name === 'current_schema' && c.peek(1).word === '(') return null;
  const { position } = c.advance();
  let precision: number | null = null;
  if (WITH_PRECISION.has(name) && c.accept('(')) {
    precision = c.expectInteger();
    c.expect(')');
  }
  return { kind: 'sql_value', name, precision, position };
}

function parseCollationFor(c: Cursor): Expression | null {
  if (!c.atWords('collation', 'for', '(')) return null;
  const { position } = c.advance();
  c.advance();
  c.expect('(');
  const value = c.expression();
  c.expect(')');
  return functionCall(['pg_catalog', 'pg_collation_for'], [value], 'collation_for', position);
}

function parseCast(c: Cursor): Expression {
  const token = c.advance();
  const { position } = token;
  c.expect('(');
  const operand = c.expression();
  c.expect('as');
  const type = parseTypeName(c);
  c.expect(')');
  const cast: Cast = { kind: 'cast', operand, type, position };
  return c.grammar.cast?.(cast, token) ?? cast;
}

function parseExtract(c: Cursor): FunctionCall {
  const { position } = c.advance();
  c.expect('(');
  const { token } = c;
  const fields = 'year month day hour minute second';
  const known = token.type === 'identifier' || token.type === 'string' || fields.split(' ').includes(token.word);
  if (!known) throw c.fail();
  c.advance();
  c.expect('from');
  const field: Expression = { kind: 'string', value: token.value, position: token.position };
  const source = c.expression();
  c.expect(')');
  return functionCall(['pg_catalog', 'extract'], [field, source], 'extract', position);
}

/** POSITION(a IN b) is position(b, a). */
function parsePosition(c: Cursor): FunctionCall {
  const { position } = c.advance();
  c.expect('(');
  const part = c.grammar.restrictedExpression(c);
  c.expect('in');
  const whole = c.grammar.restrictedExpression(c);
  c.expect(')');
  return functionCall(['pg_catalog', 'position'], [whole, part], 'position', position);
}

/** SUBSTRING(s FROM a FOR n), FOR and FROM in either order or alone; SUBSTRING(s SIMILAR p ESCAPE e); or plain arguments. */
function parseSubstring(c: Cursor): FunctionCall {
  const { position } = c.advance();
  const name = ['pg_catalog', 'substring'];
  const form = argumentForm(c);
  if (form === 'plain') return callOf(['substring'], parseArguments(c), null, position);
  c.expect('(');
  // SIMILAR is also an infix operator with TO behind, so the first operand is read without those
  const text = form === 'similar' ? c.grammar.restrictedExpression(c) : c.expression();
  if (c.accept('similar')) {
    const pattern = c.expression();
    c.expect('escape');
    const mark = c.expression();
    c.expect(')');
    return functionCall(name, [text, pattern, mark], 'substring_similar', position);
  }
  let from: Expression | null = null;
  let length: Expression | null = null;
  const first = c.expectOneOf('from', 'for');
  if (first === 'from') {
    from = c.expression();
    if (c.accept('for')) length = c.expression();
  } else {
    length = c.expression();
    if (c.accept('from')) from = c.expression();
  }
  c.expect(')');
  if (from === null) {
    const int4 = { name: ['pg_catalog', 'int4'], modifiers: [], arrayBounds: [], intervalFields: null };
    const type = { ...int4, setOf: false, percentType: false, position };
    from = { kind: 'integer', text: '1', position };
    length = { kind: 'cast', operand: length!, type, position };
  }
  return functionCall(name, length === null ? [text, from] : [text, from, length], 'substring', position);
}

/** What comes first at the level of the parenthesis ahead: a comma, :=, or the end; FROM, FOR, PLACING; or SIMILAR. */
function argumentForm(c: Cursor): 'plain' | 'words' | 'similar' {
  let depth = 0;
  for (let ahead = 0; ; ahead++) {
    const token = c.peek(ahead);
    if (token.type === 'end' || token.type === 'error') return 'plain';
    const { word } = token;
    if (word === '(' || word === '[' || word === 'case') depth++;
    else if (word === ')' || word === ']' || word === 'end') depth--;
    if (depth === 0) return 'plain';
    if (depth !== 1) continue;
    if (word === ',' || word === ':=' || word === '=>') return 'plain';
    if (word === 'placing' || word === 'for') return 'words';
    if (word === 'similar' && c.peek(ahead + 1).word !== 'to') return 'similar';
    if (word === 'from' && c.peek(ahead - 1).word !== 'distinct') return 'words';
  }
}

function parseOverlay(c: Cursor): FunctionCall {
  const { position } = c.advance();
  if (argumentForm(c) === 'plain') return callOf(['overlay'], parseArguments(c), null, position);
  c.expect('(');
  const values = [c.expression()];
  c.expect('placing');
  values.push(c.expression());
  c.expect('from');
  values.push(c.expression());
  if (c.accept('for')) values.push(c.expression());
  c.expect(')');
  return functionCall(['pg_catalog', 'overlay'], values, 'overlay', position);
}

/** TRIM([BOTH | LEADING | TRAILING] [characters] [FROM] s) is btrim, ltrim or rtrim(s [, characters]). */
function parseTrim(c: Cursor): FunctionCall {
  const { position } = c.advance();
  c.expect('(');
  let name = 'btrim';
  if (c.accept('leading')) name = 'ltrim';
  else if (c.accept('trailing')) name = 'rtrim';
  else c.accept('both');
  let values: Expression[];
  if (c.accept('from')) {
    values = c.list(expression);
  } else {
    values = c.list(expression);
    if (values.length === 1 && c.accept('from')) values = [...c.list(expression), values[0]!];
  }
  c.expect(')');
  return functionCall(['pg_catalog', name], values, 'trim', position);
}

function parseNormalize(c: Cursor): FunctionCall {
  const { position } = c.advance();
  c.expect('(');
  const values = [c.expression()];
  if (c.accept(',')) {
    const form = c.token;
    c.expectOneOf('nfc', 'nfd', 'nfkc', 'nfkd');
    values.push({ kind: 'string', value: form.word.toUpperCase(), position: form.position });
  }
  c.expect(')');
  return functionCall(['pg_catalog', 'normalize'], values, 'normalize', position);
}

/** any_name behind a keyword, for COLLATE clauses outside expressions. */
export function parseOptionalCollation(c: Cursor): readonly string[] {
  return c.accept('collate') ? parseNameParts(c) : [];
}
