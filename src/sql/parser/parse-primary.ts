// c_expr: constants, columns, parameters, parentheses, CASE, arrays, rows, subqueries; calls are in parse-call.ts.
// A parenthesis may open a subquery, a row or just an expression, and `((select 1) union ..)` against `((select 1) + 1)`
// shows only behind the inner one: parseRow reads it once and goes on with whatever it turned out to be.
import { sqlError } from '../../errors/sql-error.ts';
import type { CaseBranch, Expression, Query } from '../ast.ts';
import type { Token } from '../lexer/token.ts';
import { functionCall } from '../make-ast.ts';
import { type Cursor, MAX_DEPTH, tooDeep } from './cursor.ts';
import { isColId, isTypeFunctionName, parseColLabel } from './names.ts';
import { parseArguments, parseCall, parseSpecialCall } from './parse-call.ts';
import { parseStar } from './parse-star.ts';
import { isTypeKeyword, parseConstantType, parseIntervalFields } from './parse-type.ts';

export type Parenthesized =
  | { readonly kind: 'query'; readonly query: Query }
  | { readonly kind: 'list'; readonly expressions: readonly Expression[]; readonly comma: Token | null };

const QUERY_STARTS: ReadonlySet<string> = new Set(['select', 'values', 'with', 'table']);
/** What can follow a parenthesized query only if it is an operand of a bigger one. */
const QUERY_CONTINUES: ReadonlySet<string> = new Set('union intersect except order limit offset fetch for'.split(' '));

export function parsePrimary(c: Cursor): Expression {
  const { token } = c;
  const { position } = token;
  switch (token.type) {
    case 'integer':
    case 'decimal':
      c.advance();
      return { kind: token.type, text: token.value, position };
    case 'string':
      c.advance();
      return { kind: 'string', value: token.value, position };
    case 'bit_string':
      c.advance();
      return { kind: 'bit_string', radix: token.value[0] === 'b' ? 2 : 16, digits: token.value.slice(1), position };
    case 'parameter':
      c.advance();
      return parseIndirection(c, { kind: 'parameter', index: Number(token.value), position });
    case 'identifier':
      return parseName(c);
    case 'keyword':
      return parseKeyword(c);
    case 'punctuation':
      if (token.word === '(') return parseParenthesis(c);
      throw c.fail();
    default:
      throw c.fail();
  }
}

/** XMLELEMENT(..) and its kin have syntaxes of their own. */
export function refuseXml(c: Cursor): void {
  const { word, position } = c.token;
  if (!XML_WORDS.has(word) || c.peek(1).word !== '(') return;
  throw sqlError('feature_not_supported', `${word.toUpperCase()} is not supported`, { position });
}

const XML_WORDS: ReadonlySet<string> = new Set(
  'xmlconcat xmlelement xmlexists xmlforest xmlparse xmlpi xmlroot xmlserialize xmltable'.split(' '),
);

function parseKeyword(c: Cursor): Expression {
  const { position, word } = c.token;
  switch (word) {
    case 'null':
      c.advance();
      return { kind: 'null', position };
    case 'true':
    case 'false':
      c.advance();
      return { kind: 'boolean', value: word === 'true', position };
    case 'case':
      return parseCase(c);
    case 'exists': {
      if (c.peek(1).word !== '(') break;
      c.advance();
      return { kind: 'exists', query: parseSubquery(c), position };
    }
    case 'array':
      return parseArray(c);
    case 'row':
      if (c.peek(1).word === '(') return parseExplicitRow(c);
      break;
    case 'default':
      c.advance();
      return { kind: 'default', position };
    case 'grouping': {
      if (c.peek(1).word !== '(') break;
      c.advance();
      return { kind: 'grouping', arguments: c.parenthesized((at) => at.expression()), position };
    }
    case 'window':
      if (atWindowName(c)) return parseWindowName(c);
      break;
    default: {
      refuseXml(c);
      const special = parseSpecialCall(c);
      if (special !== null) return special;
    }
  }
  return isTypeKeyword(word) ? parseTypedLiteral(c) : parseName(c);
}

/** Spark's window(ts, size) and its column `window`; WINDOW w AS starts PostgreSQL's clause. */
export function atWindowName(c: Cursor): boolean {
  return c.at('window') && !(isColId(c.peek(1)) && c.peek(2).word === 'as');
}

function parseWindowName(c: Cursor): Expression {
  const { position } = c.advance();
  if (c.at('(')) return parseCall(c, ['window'], parseArguments(c), position);
  const parts = ['window'];
  while (c.accept('.')) {
    if (c.accept('*')) return parseStar(c, parts, position);
    parts.push(parseColLabel(c));
  }
  return { kind: 'column', parts, position };
}

/** `timestamp '..'`, `interval '1' day`; or a column that is named like the type. */
function parseTypedLiteral(c: Cursor): Expression {
  const type = startsTypedLiteral(c) ? parseConstantType(c) : null;
  if (type === null) return parseName(c);
  const { position } = c.token;
  const value = c.expectString();
  if (type.name[1] !== 'interval' || type.modifiers.length > 0) return { kind: 'typed_literal', type, value, position };
  const { fields, precision } = parseIntervalFields(c);
  return { kind: 'typed_literal', type: { ...type, intervalFields: fields, modifiers: precision }, value, position };
}

/** Looks past the type's words, to tell `numeric(3,1) '1'` and `time '..'` from a column called `time`. */
function startsTypedLiteral(c: Cursor): boolean {
  const next = c.peek(1);
  if (next.type === 'string' || next.word === '(') return true;
  return next.type === 'keyword' && ['varying', 'precision', 'with', 'without', 'character', 'char'].includes(next.word)
    ? literalFollows(c)
    : !isColId(c.token);
}

function literalFollows(c: Cursor): boolean {
  for (let ahead = 1; ahead < 8; ahead++) {
    const token = c.peek(ahead);
    if (token.type === 'string') return true;
    if (token.type !== 'keyword' && token.type !== 'integer' && token.word !== '(' && token.word !== ')') return false;
  }
  return false;
}

/** A column, a function call, or `typename '..'`. */
function parseName(c: Cursor): Expression {
  const first = c.token;
  const { position } = first;
  if (!isColId(first) && !isTypeFunctionName(first)) throw c.fail();
  c.advance();
  if (!isColId(first) && c.token.type !== 'string' && !c.at('(') && !c.at('.')) throw c.fail();
  const parts = [first.value];
  while (c.at('.')) {
    c.advance();
    if (c.accept('*')) return parseStar(c, parts, position);
    parts.push(parseColLabel(c));
  }
  const callable = parts.length > 1 ? isColId(first) : isTypeFunctionName(first);
  if (c.at('(') && callable) return parseCallOrLiteral(c, parts, position);
  if (c.token.type === 'string' && callable) {
    const type = { name: parts, modifiers: [], arrayBounds: [], setOf: false, intervalFields: null };
    const literal = c.advance();
    const typeName = { ...type, percentType: false, position };
    return { kind: 'typed_literal', type: typeName, value: literal.value, position: literal.position };
  }
  if (!isColId(first)) throw c.fail();
  return parseIndirection(c, { kind: 'column', parts, position });
}

/** f(..), or `typename(3) '..'`. */
function parseCallOrLiteral(c: Cursor, name: readonly string[], position: number): Expression {
  const args = parseArguments(c);
  if (c.token.type !== 'string') return parseCall(c, name, args, position);
  if (args.star || args.distinct || args.variadic || args.orderBy.length > 0) throw c.fail();
  const literal = c.advance();
  const modifiers = args.arguments.map((argument) => argument.value);
  const base = { arrayBounds: [], setOf: false, intervalFields: null, percentType: false };
  return {
    kind: 'typed_literal',
    type: { ...base, name, modifiers, position },
    value: literal.value,
    position: literal.position,
  };
}

/** [i], [a:b], .field, .* behind an operand that allows them. */
function parseIndirection(c: Cursor, first: Expression): Expression {
  let operand = first;
  for (let length = 0; ; length++) {
    if (length > MAX_DEPTH) throw tooDeep();
    const { position } = c.token;
    if (c.accept('[')) {
      operand = parseSubscript(c, operand, position);
    } else if (c.accept('.')) {
      if (c.accept('*')) return { kind: 'field_star', operand, position: first.position };
      operand = { kind: 'field', operand, field: parseColLabel(c), position };
    } else {
      return operand;
    }
  }
}

function parseSubscript(c: Cursor, operand: Expression, position: number): Expression {
  const lower = c.at(':') ? null : c.expression();
  if (!c.accept(':')) {
    c.expect(']');
    return { kind: 'subscript', operand, index: lower!, position };
  }
  const upper = c.at(']') ? null : c.expression();
  c.expect(']');
  return { kind: 'slice', operand, lower, upper, position };
}

function parseCase(c: Cursor): Expression {
  const { position } = c.advance();
  const operand = c.at('when') ? null : c.expression();
  const branches: CaseBranch[] = [];
  do {
    const at = c.expect('when').position;
    const condition = c.expression();
    c.expect('then');
    branches.push({ condition, result: c.expression(), position: at });
  } while (c.at('when'));
  const otherwise = c.accept('else') ? c.expression() : null;
  c.expect('end');
  return { kind: 'case', operand, branches, otherwise, position };
}

function parseArray(c: Cursor): Expression {
  const { position } = c.advance();
  if (c.at('(')) return { kind: 'array_subquery', query: parseSubquery(c), position };
  return parseArrayElements(c, position);
}

/** `[a, b]` or `[[a, b], [c, d]]` or `[]` */
function parseArrayElements(c: Cursor, position: number): Expression {
  c.enter();
  c.expect('[');
  const elements: Expression[] = [];
  if (!c.at(']')) {
    const nested = c.at('[');
    do {
      if (nested && !c.at('[')) throw c.fail();
      elements.push(nested ? parseArrayElements(c, c.token.position) : c.expression());
    } while (c.accept(','));
  }
  c.expect(']');
  c.leave();
  return { kind: 'array', elements, position };
}

function parseExplicitRow(c: Cursor): Expression {
  const { position } = c.advance();
  c.expect('(');
  const elements = c.at(')') ? [] : c.list((at) => at.expression());
  c.expect(')');
  return parseOverlaps(c, { kind: 'row', explicit: true, elements, position });
}

/** (a, b) OVERLAPS (c, d) */
function parseOverlaps(c: Cursor, left: Expression): Expression {
  if (!c.at('overlaps') || left.kind !== 'row') return left;
  const { position } = c.advance();
  const right = c.at('row') ? parseExplicitRow(c) : parseParenthesis(c);
  if (right.kind !== 'row') throw c.fail();
  const values = [...left.elements, ...right.elements];
  return functionCall(['pg_catalog', 'overlaps'], values, 'overlaps', position);
}

/** A subquery, a row of two or more, or one expression in parentheses; then its subscripts and fields. */
function parseParenthesis(c: Cursor): Expression {
  const { position } = c.token;
  return parseIndirectionOf(c, parseRow(c), position);
}

function parseIndirectionOf(c: Cursor, inner: Parenthesized, position: number): Expression {
  if (inner.kind === 'query') return parseIndirection(c, { kind: 'subquery', query: inner.query, position });
  const { expressions } = inner;
  if (expressions.length === 1) return parseIndirection(c, expressions[0]!);
  return parseOverlaps(c, { kind: 'row', explicit: false, elements: expressions, position });
}

/** `( query )` or `( a, b, .. )`, from the opening to the closing parenthesis. */
export function parseRow(c: Cursor): Parenthesized {
  c.expect('(');
  const inner = parseInside(c);
  c.expect(')');
  return inner;
}

function parseInside(c: Cursor): Parenthesized {
  if (c.atAny(QUERY_STARTS)) return { kind: 'query', query: c.query() };
  if (!c.at('(') || !queryBehindParentheses(c)) return parseRest(c, c.expression());
  const { position } = c.token;
  c.enter();
  const inner = parseRow(c);
  c.leave();
  if (inner.kind === 'query' && (c.at(')') || c.atAny(QUERY_CONTINUES) || atEmit(c))) {
    return { kind: 'query', query: c.grammar.continueQuery(c, inner.query) };
  }
  return parseRest(c, c.grammar.continueExpression(c, parseIndirectionOf(c, inner, position)));
}

function parseRest(c: Cursor, first: Expression): Parenthesized {
  const comma = c.at(',') ? c.token : null;
  const expressions = [first];
  while (c.accept(',')) expressions.push(c.expression());
  return { kind: 'list', expressions, comma };
}

/** Whether the run of parentheses here ends at a query's first word. */
export function queryBehindParentheses(c: Cursor): boolean {
  let ahead = 0;
  while (ahead <= MAX_DEPTH && c.peek(ahead).word === '(') ahead++;
  return QUERY_STARTS.has(c.peek(ahead).word);
}

/** A parenthesis that must hold a query: EXISTS, ARRAY. */
export function parseSubquery(c: Cursor): Query {
  if (!c.at('(')) throw c.fail();
  if (!queryBehindParentheses(c)) {
    c.advance();
    throw c.fail();
  }
  const inner = parseRow(c);
  if (inner.kind !== 'query') throw c.fail();
  return inner.query;
}

/** EMIT CHANGES | FINAL | COMPLETE | ON WINDOW CLOSE; `emit` alone is an ordinary name. */
export function atEmit(c: Cursor): boolean {
  if (!c.at('emit')) return false;
  const next = c.peek(1).word;
  return (
    next === 'changes' || next === 'final' || next === 'complete' || (next === 'on' && c.peek(2).word === 'window')
  );
}
