// CREATE FUNCTION, PROCEDURE and AGGREGATE, and the parameter lists that DROP, ALTER and COMMENT name them by.
import { sqlError } from '../../errors/sql-error.ts';
import type { Expression, Statement } from '../ast.ts';
import type {
  CreateAggregate,
  CreateFunction,
  FunctionColumnDefinition,
  FunctionParameter,
  Option,
  StateDefinition,
  TypeName,
} from '../ast-definition.ts';
import type { Cursor } from './cursor.ts';
import { isTypeFunctionName, parseColId, parseColLabel, parseFunctionName, parseWordOrString } from './names.ts';
import { parseSignedNumber, parseStorageOption } from './parse-options.ts';
import { parseSettingTail } from './parse-setting.ts';
import { isTypeKeyword, parseFunctionType } from './parse-type.ts';

/** Behind CREATE [OR REPLACE] FUNCTION | PROCEDURE. */
export function parseCreateFunction(
  c: Cursor,
  procedure: boolean,
  orReplace: boolean,
  position: number,
): CreateFunction {
  const name = parseFunctionName(c);
  const parameters = parseParameters(c);
  let returns: TypeName | null = null;
  let returnsTable: readonly FunctionColumnDefinition[] | null = null;
  if (!procedure && c.accept('returns')) {
    if (c.accept('table')) returnsTable = c.parenthesized(parseTableColumn);
    else returns = parseFunctionType(c);
  }
  const clauses = new FunctionClauses();
  while (parseFunctionClause(c, clauses)) {}
  if (clauses.body.length === 0 && clauses.returnExpression === null) parseRoutineBody(c, clauses);
  return {
    kind: 'create_function',
    procedure,
    orReplace,
    name,
    parameters,
    returns,
    returnsTable,
    ...clauses,
    position,
  };
}

/** The clauses behind the signature, in any order. */
class FunctionClauses {
  language: string | null = null;
  body: readonly string[] = [];
  returnExpression: Expression | null = null;
  atomicBody: readonly Statement[] | null = null;
  volatility: CreateFunction['volatility'] = null;
  strict: boolean | null = null;
  securityDefiner: boolean | null = null;
  leakproof: boolean | null = null;
  window = false;
  cost: string | null = null;
  rows: string | null = null;
  parallel: string | null = null;
  settings: readonly Option[] = [];
  options: readonly Option[] = [];
  state: readonly StateDefinition[] = [];
}

function parseFunctionClause(c: Cursor, clauses: FunctionClauses): boolean {
  const { word, position } = c.token;
  switch (word) {
    case 'as':
      if (clauses.body.length > 0) throw conflicting(position);
      c.advance();
      clauses.body = parseBody(c);
      return true;
    case 'language':
      if (clauses.language !== null) throw conflicting(position);
      c.advance();
      clauses.language = parseWordOrString(c);
      return true;
    case 'immutable':
    case 'stable':
    case 'volatile':
      if (clauses.volatility !== null) throw conflicting(position);
      c.advance();
      clauses.volatility = word;
      return true;
    case 'window':
      c.advance();
      clauses.window = true;
      return true;
    case 'cost':
    case 'rows':
      c.advance();
      clauses[word] = parseSignedNumber(c);
      return true;
    case 'parallel':
      c.advance();
      clauses.parallel = parseColId(c);
      return true;
    case 'support':
      c.advance();
      parseFunctionName(c);
      return true;
    case 'with':
      c.advance();
      clauses.options = c.parenthesized(parseStorageOption);
      return true;
    case 'state':
      c.advance();
      clauses.state = c.parenthesized(parseState);
      return true;
    case 'set':
      clauses.settings = [...clauses.settings, parseFunctionSetting(c)];
      return true;
    case 'reset':
      c.advance();
      clauses.settings = [...clauses.settings, { name: parseColId(c), namespace: 'reset', value: null, position }];
      return true;
    default:
      return parseStrictness(c, clauses);
  }
}

function parseStrictness(c: Cursor, clauses: FunctionClauses): boolean {
  if (c.accept('strict')) clauses.strict = true;
  else if (c.acceptWords('called', 'on', 'null')) {
    c.expect('input');
    clauses.strict = false;
  } else if (c.acceptWords('returns', 'null', 'on')) {
    c.expectWords('null', 'input');
    clauses.strict = true;
  } else if (c.at('security') || c.at('external')) {
    c.accept('external');
    c.expect('security');
    clauses.securityDefiner = c.expectOneOf('definer', 'invoker') === 'definer';
  } else if (c.accept('leakproof')) clauses.leakproof = true;
  else if (c.acceptWords('not', 'leakproof')) clauses.leakproof = false;
  else return false;
  return true;
}

function conflicting(position: number): Error {
  return sqlError('syntax_error', 'conflicting or redundant options', { position });
}

/** AS 'body', AS 'file', 'symbol' */
function parseBody(c: Cursor): readonly string[] {
  const first = c.expectString();
  return c.accept(',') ? [first, c.expectString()] : [first];
}

/** RETURN expression, or BEGIN ATOMIC statement; .. END */
function parseRoutineBody(c: Cursor, clauses: FunctionClauses): void {
  if (c.accept('return')) {
    clauses.returnExpression = c.expression();
  } else if (c.acceptWords('begin', 'atomic')) {
    const statements: Statement[] = [];
    while (!c.accept('end')) {
      if (!c.accept(';')) {
        statements.push(c.grammar.statement(c));
        c.expect(';');
      }
    }
    clauses.atomicBody = statements;
  }
}

/** SET name = value | FROM CURRENT, as an option with the words of the value */
function parseFunctionSetting(c: Cursor): Option {
  const { position } = c.advance();
  const setting = parseSettingTail(c);
  const items = setting.values?.map((value) => value.text) ?? [];
  return {
    name: setting.name,
    namespace: setting.fromCurrent ? 'from_current' : null,
    value: { kind: 'list', items },
    position,
  };
}

/** `name type [TTL 'interval']` */
function parseState(c: Cursor): StateDefinition {
  const { position } = c.token;
  const name = parseColId(c);
  const type = parseFunctionType(c);
  return { name, type, ttl: c.accept('ttl') ? c.expectString() : null, position };
}

function parseTableColumn(c: Cursor): FunctionColumnDefinition {
  const { position } = c.token;
  const name = parseColId(c);
  return { name, type: parseFunctionType(c), position };
}

/** `( parameters )` */
export function parseParameters(c: Cursor): readonly FunctionParameter[] {
  c.expect('(');
  const parameters = c.at(')') ? [] : c.list(parseParameter);
  c.expect(')');
  return parameters;
}

const MODES: ReadonlyMap<string, FunctionParameter['mode']> = new Map([
  ['in', 'in'],
  ['out', 'out'],
  ['inout', 'inout'],
  ['variadic', 'variadic'],
]);

/** `[mode] [name] type [DEFAULT e]`, with mode and name in either order; TABLE is a parameter that takes a relation. */
function parseParameter(c: Cursor): FunctionParameter {
  const { position } = c.token;
  let mode = parseMode(c);
  const name = nameFollows(c) ? parseColLabel(c) : null;
  mode ??= parseMode(c);
  const type = c.accept('table') ? null : parseFunctionType(c);
  const value = c.accept('default') || c.accept('=') ? c.expression() : null;
  return { mode: mode ?? 'in', name, type, default: value, position };
}

function parseMode(c: Cursor): FunctionParameter['mode'] | null {
  const mode = MODES.get(c.token.word);
  if (mode === undefined) return null;
  c.advance();
  return mode === 'in' && c.accept('out') ? 'inout' : mode;
}

/** Whether the current token names the parameter: a word with a type (or a mode) behind it. */
function nameFollows(c: Cursor): boolean {
  if (!isTypeFunctionName(c.token)) return false;
  const next = c.peek(1);
  if (MODES.has(next.word) || next.word === 'table' || next.word === 'setof') return true;
  return isTypeFunctionName(next) || isTypeKeyword(next.word);
}

/** Behind CREATE [OR REPLACE] AGGREGATE: `name (args) (options)`, or `name (args) RETURNS t LANGUAGE l AS $$..$$`. */
export function parseCreateAggregate(c: Cursor, orReplace: boolean, position: number): CreateAggregate {
  const name = parseFunctionName(c);
  const bare = { kind: 'create_aggregate', orReplace, name, position } as const;
  const plain = { returns: null, language: null, body: [] } as const;
  if (c.at('(') && c.peek(2).word === '=') {
    // the old form names its input in basetype
    return { ...bare, ...plain, parameters: [], star: false, options: c.parenthesized(parseStorageOption) };
  }
  const { parameters, star } = parseAggregateParameters(c);
  if (c.at('(')) return { ...bare, ...plain, parameters, star, options: c.parenthesized(parseDefinition) };
  c.expect('returns');
  const returns = parseFunctionType(c);
  const clauses = new FunctionClauses();
  while (parseFunctionClause(c, clauses)) {}
  if (clauses.body.length === 0) throw c.fail();
  const { language, body, options } = clauses;
  return { ...bare, parameters, star, options, returns, language, body };
}

/** `name = value` where the value may be a type, a function's name or an operator. */
function parseDefinition(c: Cursor): Option {
  const { position } = c.token;
  const name = parseColLabel(c);
  if (!c.accept('=')) return { name, namespace: null, value: null, position };
  const { token } = c;
  if (token.type === 'string')
    return { name, namespace: null, value: { kind: 'string', text: c.advance().value }, position };
  if (token.type === 'integer' || token.type === 'decimal' || c.at('-')) {
    return { name, namespace: null, value: { kind: 'number', text: parseSignedNumber(c) }, position };
  }
  if (token.type === 'operator' || token.type === 'punctuation') {
    return { name, namespace: null, value: { kind: 'word', text: c.advance().word }, position };
  }
  return { name, namespace: null, value: { kind: 'type', type: parseFunctionType(c) }, position };
}

/** `(*)`, `(args)`, `(args ORDER BY args)` */
export function parseAggregateParameters(c: Cursor): { parameters: readonly FunctionParameter[]; star: boolean } {
  c.expect('(');
  if (c.accept('*')) {
    c.expect(')');
    return { parameters: [], star: true };
  }
  const parameters = c.at('order') ? [] : c.list(parseParameter);
  if (c.acceptWords('order', 'by')) parameters.push(...c.list(parseParameter));
  c.expect(')');
  return { parameters, star: false };
}
