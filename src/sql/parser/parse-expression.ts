// Expressions by precedence climbing (Pratt) over PostgreSQL's own table. a_expr is the whole language, b_expr ("restricted")
// leaves out what could swallow a following AND, IN, NOT, .. (BETWEEN's lower bound, DEFAULT, POSITION's operands).
// Loops, not recursion, take chains like a + b + c; their length is bounded too, because later passes recurse over them.
import { sqlError } from '../../errors/sql-error.ts';
import type { BinaryExpression, Cast, Expression, IsTest, Like } from '../ast.ts';
import { functionCall, text } from '../make-ast.ts';
import { type Cursor, tooDeep } from './cursor.ts';
import { parseColLabel, parseNameParts } from './names.ts';
import { parseRow } from './parse-primary.ts';
import { parseTypeName } from './parse-type.ts';

const OR = 1;
const AND = 2;
const NOT = 3;
const IS = 4;
const COMPARISON = 5;
const PATTERN = 6;
const OPERATOR = 9;
const ADDITIVE = 10;
const MULTIPLICATIVE = 11;
const POWER = 12;
const AT = 13;
const COLLATE = 14;
const SIGN = 15;
const TYPECAST = 18;

/** How many operators may follow each other at one level (a || b || ..). */
const MAX_CHAIN = 1000;

/** Precedence of infix and postfix words; NOT needs a look ahead. */
const INFIX: ReadonlyMap<string, number> = new Map([
  ['or', OR],
  ['and', AND],
  ['is', IS],
  ['isnull', IS],
  ['notnull', IS],
  ['<', COMPARISON],
  ['>', COMPARISON],
  ['=', COMPARISON],
  ['<=', COMPARISON],
  ['>=', COMPARISON],
  ['<>', COMPARISON],
  ['between', PATTERN],
  ['in', PATTERN],
  ['like', PATTERN],
  ['ilike', PATTERN],
  ['similar', PATTERN],
  ['operator', OPERATOR],
  ['+', ADDITIVE],
  ['-', ADDITIVE],
  ['*', MULTIPLICATIVE],
  ['/', MULTIPLICATIVE],
  ['%', MULTIPLICATIVE],
  ['^', POWER],
  ['at', AT],
  ['collate', COLLATE],
  ['::', TYPECAST],
]);
const PATTERN_WORDS: ReadonlySet<string> = new Set(['between', 'in', 'like', 'ilike', 'similar']);
/** Not in b_expr. */
const UNRESTRICTED: ReadonlySet<string> = new Set(
  'or and isnull notnull between in like ilike similar not at collate'.split(' '),
);

export function parseExpression(c: Cursor): Expression {
  return parseBinary(c, OR, false);
}

export function parseRestrictedExpression(c: Cursor): Expression {
  return parseBinary(c, OR, true);
}

/** Goes on after a first operand that is already read, as after `(subquery)`. */
export function continueExpression(c: Cursor, first: Expression): Expression {
  return parseInfix(c, first, OR, false);
}

function parseBinary(c: Cursor, minimum: number, restricted: boolean): Expression {
  c.enter();
  const first = parsePrefix(c, restricted);
  const result = parseInfix(c, first, minimum, restricted);
  c.leave();
  return result;
}

function parsePrefix(c: Cursor, restricted: boolean): Expression {
  const { word, position, type } = c.token;
  if (type === 'punctuation' && (word === '-' || word === '+')) {
    c.advance();
    const operand = parseBinary(c, SIGN, restricted);
    return { kind: 'unary', operator: word, operatorSchema: [], operand, position };
  }
  if (word === 'not' && !restricted) {
    c.advance();
    return { kind: 'not', operand: parseBinary(c, NOT, false), position };
  }
  if ((type === 'operator' && isUserOperator(word)) || c.atWords('operator', '(')) {
    const { operator, operatorSchema } = parseAnyOperator(c);
    const operand = parseBinary(c, OPERATOR + 1, restricted);
    return { kind: 'unary', operator, operatorSchema, operand, position };
  }
  return c.grammar.primary(c);
}

function isUserOperator(word: string): boolean {
  return word !== '<=' && word !== '>=' && word !== '<>' && word !== '=>';
}

/** The precedence of the current token as an infix or postfix operator; 0 if it is none. */
function infixPrecedence(c: Cursor, restricted: boolean): number {
  const { word, type } = c.token;
  if (word === '') return 0;
  if (restricted && UNRESTRICTED.has(word)) return 0;
  if (word === 'not') return PATTERN_WORDS.has(c.peek(1).word) ? PATTERN : 0;
  if (word === 'operator' && c.peek(1).word !== '(') return 0;
  if (word === 'at' && c.peek(1).word !== 'time' && c.peek(1).word !== 'local') return 0;
  const known = INFIX.get(word);
  if (known !== undefined) return known;
  return type === 'operator' && isUserOperator(word) ? OPERATOR : 0;
}

/**
 * Infix and postfix operators of at least precedence `minimum` after `left`. IS, comparisons and patterns with a right
 * operand do not associate: another operator of that level right behind one is a syntax error (1 < 2 < 3).
 */
function parseInfix(c: Cursor, first: Expression, minimum: number, restricted: boolean): Expression {
  let left = first;
  let closed = 0;
  for (let length = 0; ; length++) {
    const precedence = infixPrecedence(c, restricted);
    if (precedence === 0 || precedence < minimum) return left;
    if (precedence === closed) throw c.fail();
    if (length > MAX_CHAIN) throw tooDeep();
    closed = 0;
    switch (precedence) {
      case OR:
      case AND:
        left = parseLogical(c, left, precedence);
        break;
      case IS:
        left = parseIs(c, left, restricted);
        if (left.kind === 'is_distinct') closed = IS;
        break;
      case COMPARISON:
        left = parseOperator(c, left, precedence, restricted);
        if (left.kind === 'binary') closed = COMPARISON;
        break;
      case PATTERN:
        left = parsePattern(c, left);
        if (left.kind === 'like' || left.kind === 'between') closed = PATTERN;
        break;
      case AT:
        left = parseAt(c, left);
        break;
      case COLLATE: {
        const { position } = c.advance();
        left = { kind: 'collate', operand: left, collation: parseNameParts(c), position };
        break;
      }
      case TYPECAST: {
        const token = c.advance();
        const { position } = token;
        const cast: Cast = { kind: 'cast', operand: left, type: parseTypeName(c), position };
        left = c.grammar.cast?.(cast, token) ?? cast;
        break;
      }
      default:
        left = parseOperator(c, left, precedence, restricted);
    }
  }
}

/** AND and OR: a list of operands, however long; a left operand of the same kind is taken in, as PostgreSQL does. */
function parseLogical(c: Cursor, left: Expression, precedence: number): Expression {
  const word = precedence === OR ? 'or' : 'and';
  const { position } = c.token;
  const flat = left.kind === word;
  const operands: Expression[] = flat ? [...left.operands] : [left];
  while (c.accept(word)) operands.push(parseBinary(c, precedence + 1, false));
  return { kind: word, operands, position: flat ? left.position : position };
}

function parseIs(c: Cursor, operand: Expression, restricted: boolean): Expression {
  const { position, word } = c.advance();
  if (word === 'isnull') return { kind: 'is', test: 'null', negated: false, operand, position };
  if (word === 'notnull') return { kind: 'is', test: 'null', negated: true, operand, position };
  const negated = c.accept('not');
  if (c.accept('distinct')) {
    c.expect('from');
    const right = parseBinary(c, IS + 1, restricted);
    return { kind: 'is_distinct', negated, left: operand, right, position };
  }
  if (restricted) throw c.fail();
  const normal = c.token.word;
  if (normal === 'normalized' || /^nfk?[cd]$/.test(normal)) return parseIsNormalized(c, operand, negated, position);
  if (normal === 'document') throw sqlError('feature_not_supported', 'IS DOCUMENT is not supported', { position });
  const test = c.expectOneOf('null', 'true', 'false', 'unknown', 'json');
  if (test !== 'json') return { kind: 'is', test, negated, operand, position };
  return { kind: 'is', test: parseJsonTest(c), negated, operand, position };
}

function parseIsNormalized(c: Cursor, operand: Expression, negated: boolean, position: number): Expression {
  const args = [operand];
  if (!c.at('normalized')) {
    const form = c.advance();
    args.push(text(form.word.toUpperCase(), form.position));
  }
  c.expect('normalized');
  const syntax = negated ? 'is_not_normalized' : 'is_normalized';
  return functionCall(['pg_catalog', 'is_normalized'], args, syntax, position);
}

function parseJsonTest(c: Cursor): IsTest['test'] {
  const item = c.token.word;
  if (item === 'object' || item === 'array' || item === 'scalar') {
    c.advance();
    return `json ${item}`;
  }
  c.accept('value');
  return 'json';
}

/** [NOT] BETWEEN, IN, LIKE, ILIKE, SIMILAR TO */
function parsePattern(c: Cursor, operand: Expression): Expression {
  const { position } = c.token;
  const negated = c.accept('not');
  const { word } = c.advance();
  switch (word) {
    case 'between': {
      const symmetric = c.accept('symmetric');
      if (!symmetric) c.accept('asymmetric');
      const low = parseRestrictedExpression(c);
      c.expect('and');
      const high = parseBinary(c, PATTERN + 1, false);
      return { kind: 'between', negated, symmetric, operand, low, high, position };
    }
    case 'in':
      return parseIn(c, operand, negated, position);
    case 'similar':
      c.expect('to');
      return parseLikePattern(c, 'similar', operand, negated, position);
    default: {
      const form = word === 'ilike' ? 'ilike' : 'like';
      if (c.at('any') || c.at('some') || c.at('all')) {
        const operator = `${negated ? '!' : ''}~~${form === 'ilike' ? '*' : ''}`;
        return parseQuantified(c, operator, [], operand, position);
      }
      return parseLikePattern(c, form, operand, negated, position);
    }
  }
}

function parseLikePattern(
  c: Cursor,
  form: Like['form'],
  operand: Expression,
  negated: boolean,
  position: number,
): Expression {
  const pattern = parseBinary(c, PATTERN + 1, false);
  const mark = c.accept('escape') ? parseBinary(c, PATTERN + 1, false) : null;
  return { kind: 'like', form, negated, operand, pattern, escape: mark, position };
}

function parseIn(c: Cursor, operand: Expression, negated: boolean, position: number): Expression {
  const inner = parseRow(c);
  if (inner.kind === 'query') return { kind: 'in_subquery', negated, operand, query: inner.query, position };
  return { kind: 'in_list', negated, operand, list: inner.expressions, position };
}

/** A comparison or any other operator with its right operand, or ANY, ALL, SOME behind. */
function parseOperator(c: Cursor, left: Expression, precedence: number, restricted: boolean): Expression {
  const { token } = c;
  const { position } = token;
  const { operator, operatorSchema } = parseAnyOperator(c);
  if (!restricted && (c.at('any') || c.at('some') || c.at('all'))) {
    return parseQuantified(c, operator, operatorSchema, left, position);
  }
  const right = parseBinary(c, precedence + 1, restricted);
  const result: BinaryExpression = { kind: 'binary', operator, operatorSchema, left, right, position };
  return c.grammar.operator?.(result, token) ?? result;
}

function parseQuantified(
  c: Cursor,
  operator: string,
  operatorSchema: readonly string[],
  left: Expression,
  position: number,
): Expression {
  const quantifier = c.advance().word === 'all' ? 'all' : 'any';
  const inner = parseRow(c);
  if (inner.kind === 'query') {
    return { kind: 'quantified_subquery', quantifier, operator, operatorSchema, left, query: inner.query, position };
  }
  if (inner.expressions.length !== 1) throw c.fail(inner.comma ?? c.token);
  const array = inner.expressions[0]!;
  return { kind: 'quantified_array', quantifier, operator, operatorSchema, left, array, position };
}

/** AT TIME ZONE zone, AT LOCAL: the function timezone(). */
function parseAt(c: Cursor, operand: Expression): Expression {
  const { position } = c.advance();
  const args = [operand];
  const local = c.accept('local');
  if (!local) {
    c.expectWords('time', 'zone');
    args.unshift(parseBinary(c, AT + 1, false));
  }
  return functionCall(['pg_catalog', 'timezone'], args, local ? 'at_local' : 'at_time_zone', position);
}

interface OperatorName {
  readonly operator: string;
  readonly operatorSchema: readonly string[];
}

/** An operator token or OPERATOR(schema.op); the current token must be one. */
export function parseAnyOperator(c: Cursor): OperatorName {
  if (!c.at('operator')) return { operator: c.advance().word, operatorSchema: [] };
  c.advance();
  c.expect('(');
  const operatorSchema: string[] = [];
  while (c.token.type === 'identifier' || c.token.type === 'keyword') {
    operatorSchema.push(parseColLabel(c));
    c.expect('.');
  }
  if (!isOperatorToken(c)) throw c.fail();
  const operator = c.advance().word;
  c.expect(')');
  return { operator, operatorSchema };
}

/** all_Op: any operator, the single characters of arithmetic and comparison included. */
function isOperatorToken(c: Cursor): boolean {
  const { type, word } = c.token;
  if (type === 'operator') return word !== '=>';
  return type === 'punctuation' && word.length === 1 && '+-*/%^<>='.includes(word);
}
