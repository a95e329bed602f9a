// Queries: WITH, set operations by precedence (INTERSECT binds tighter), SELECT, VALUES, TABLE, ORDER BY, LIMIT, locking, EMIT.
import { sqlError } from '../../errors/sql-error.ts';
import type {
  CommonTableExpression,
  CycleClause,
  DataStatement,
  Distinct,
  EmitClause,
  Expression,
  GroupingElement,
  IntoClause,
  LockingClause,
  Persistence,
  Query,
  QueryBody,
  SearchClause,
  Select,
  SortKey,
  Target,
  WindowDefinition,
  WithClause,
} from '../ast.ts';
import { select } from '../make-ast.ts';
import type { Cursor } from './cursor.ts';
import { isBareLabel, parseColId, parseColLabel, parseOptionalColumns, parseQualifiedName } from './names.ts';
import { parseFromList } from './parse-from.ts';
import { atEmit, atWindowName } from './parse-primary.ts';
import { parseStar } from './parse-star.ts';
import { parseSortKeys, parseWindow } from './parse-window.ts';

/** SelectStmt, parenthesized or not. */
export function parseQuery(c: Cursor): Query {
  const withClause = c.at('with') ? parseWith(c) : null;
  return parseQueryBody(c, withClause);
}

/** A query whose WITH, if any, is already read. */
export function parseQueryBody(c: Cursor, withClause: WithClause | null): Query {
  const position = withClause?.position ?? c.token.position;
  c.enter();
  const body = parseSetOperation(c, 1);
  c.leave();
  return parseQueryTail(c, withClause, body, position);
}

/** Behind a parenthesized query: the set operations and clauses that make it part of a bigger one. */
export function continueQuery(c: Cursor, first: Query): Query {
  const body = parseSetTail(c, bodyOf(first), 1);
  return parseQueryTail(c, null, body, first.position);
}

/** A query without clauses of its own is just its body. */
function bodyOf(query: Query): QueryBody {
  const plain =
    query.with === null &&
    query.orderBy.length === 0 &&
    query.limit === null &&
    query.offset === null &&
    query.locking.length === 0 &&
    query.emit === null;
  return plain ? query.body : query;
}

const SET_PRECEDENCE: ReadonlyMap<string, number> = new Map([
  ['union', 1],
  ['except', 1],
  ['intersect', 2],
]);
const MAX_SET_OPERATIONS = 1000;

function parseSetOperation(c: Cursor, minimum: number): QueryBody {
  return parseSetTail(c, parseSetOperand(c), minimum);
}

function parseSetTail(c: Cursor, first: QueryBody, minimum: number): QueryBody {
  let left = first;
  for (let count = 0; ; count++) {
    const { word, position } = c.token;
    const precedence = SET_PRECEDENCE.get(word) ?? 0;
    if (precedence < minimum) return left;
    if (count > MAX_SET_OPERATIONS) {
      throw sqlError('statement_too_complex', 'stack depth limit exceeded', {
        hint: `The statement has more than ${MAX_SET_OPERATIONS} set operations in a row.`,
      });
    }
    c.advance();
    const all = c.accept('all');
    if (!all) c.accept('distinct');
    const right = parseSetOperation(c, precedence + 1);
    const operator = word === 'except' ? 'except' : word === 'intersect' ? 'intersect' : 'union';
    left = { kind: 'set_operation', operator, all, left, right, position };
  }
}

function parseSetOperand(c: Cursor): QueryBody {
  const { position } = c.token;
  if (c.at('select')) return parseSelect(c);
  if (c.accept('values')) {
    const rows = c.list((at) => at.parenthesized((inner) => inner.expression()));
    return { kind: 'values', rows, position };
  }
  if (c.accept('table')) return parseTableCommand(c, position);
  if (!c.at('(')) throw c.fail();
  c.enter();
  c.advance();
  const inner = parseQuery(c);
  c.expect(')');
  c.leave();
  return bodyOf(inner);
}

/** TABLE t is SELECT * FROM t. */
function parseTableCommand(c: Cursor, position: number): Select {
  const from = parseFromList(c, true);
  return select([], from, position);
}

function parseSelect(c: Cursor): Select {
  const { position } = c.expect('select');
  let distinct: Distinct | null = null;
  if (c.at('distinct')) distinct = parseDistinct(c);
  else c.accept('all');
  const targets = distinct === null && atTargetsEnd(c) ? [] : parseTargets(c);
  const into = c.at('into') ? parseInto(c) : null;
  const from = c.accept('from') ? parseFromList(c, false) : [];
  const where = c.accept('where') ? c.expression() : null;
  let groupByDistinct = false;
  let groupBy: readonly GroupingElement[] = [];
  if (c.accept('group')) {
    c.expect('by');
    groupByDistinct = c.accept('distinct');
    if (!groupByDistinct) c.accept('all');
    groupBy = c.list(parseGroupingElement);
  }
  const having = c.accept('having') ? c.expression() : null;
  const windows = c.accept('window') ? c.list(parseNamedWindow) : [];
  const qualify = c.accept('qualify') ? { qualify: c.expression() } : {};
  const head = { kind: 'select', distinct, targets, into, from, where } as const;
  const select: Select = { ...head, groupBy, groupByDistinct, having, windows, ...qualify, position };
  return c.grammar.select?.(select) ?? select;
}

/** What may follow an empty target list. */
const AFTER_TARGETS: ReadonlySet<string> = new Set(
  'into from where group having window union intersect except order limit offset fetch for ) ;'.split(' '),
);

function atTargetsEnd(c: Cursor): boolean {
  return c.atEnd() || (c.atAny(AFTER_TARGETS) && !atWindowName(c));
}

function parseDistinct(c: Cursor): Distinct {
  const { position } = c.advance();
  return { on: c.accept('on') ? c.parenthesized((at) => at.expression()) : [], position };
}

export function parseTargets(c: Cursor): readonly Target[] {
  return c.list(parseTarget);
}

function parseTarget(c: Cursor): Target {
  const { position } = c.token;
  if (c.accept('*')) return { expression: parseStar(c, [], position), alias: null, position };
  const expression = c.expression();
  let alias: string | null = null;
  if (c.accept('as')) alias = parseColLabel(c);
  else if (isBareLabel(c.token) && !atEmit(c)) alias = c.advance().value;
  return { expression, alias, position };
}

function parseInto(c: Cursor): IntoClause {
  const { position } = c.advance();
  let persistence: Persistence = 'permanent';
  if (c.at('local') || c.at('global')) {
    c.advance();
    c.expectOneOf('temporary', 'temp');
    persistence = 'temporary';
  } else if (c.accept('temporary') || c.accept('temp')) {
    persistence = 'temporary';
  } else if (c.accept('unlogged')) {
    persistence = 'unlogged';
  }
  c.accept('table');
  return { table: parseQualifiedName(c), persistence, position };
}

function parseGroupingElement(c: Cursor): GroupingElement {
  const { position } = c.token;
  if (c.atWords('(', ')')) {
    c.advance();
    c.advance();
    return { kind: 'grouping_empty', position };
  }
  if (c.atWords('grouping', 'sets')) {
    c.advance();
    c.advance();
    c.enter();
    const elements = c.parenthesized(parseGroupingElement);
    c.leave();
    return { kind: 'grouping_sets', elements, position };
  }
  if (c.atWords('rollup', '(') || c.atWords('cube', '(')) {
    const kind = c.advance().word === 'rollup' ? 'grouping_rollup' : 'grouping_cube';
    return { kind, elements: c.parenthesized((at) => at.expression()), position };
  }
  return { kind: 'grouping_expression', expression: c.expression(), position };
}

function parseNamedWindow(c: Cursor): WindowDefinition {
  const name = parseColId(c);
  c.expect('as');
  return parseWindow(c, name);
}

// ------------------------------------------------------------------------------------------------ ORDER BY, LIMIT, FOR, EMIT
interface Tail {
  orderBy: readonly SortKey[];
  limit: Expression | null;
  withTies: boolean;
  offset: Expression | null;
  locking: LockingClause[];
  emit: EmitClause | null;
}

/** The clauses behind a body. A parenthesized body that has its own is merged with them, as PostgreSQL does. */
function parseQueryTail(c: Cursor, withClause: WithClause | null, body: QueryBody, position: number): Query {
  const inner = body.kind === 'query' ? body : null;
  const tail: Tail = { orderBy: [], limit: null, withTies: false, offset: null, locking: [], emit: null };
  if (c.at('order')) {
    c.advance();
    c.expect('by');
    tail.orderBy = parseSortKeys(c);
    if (inner !== null && inner.orderBy.length > 0) throw repeated('ORDER BY', tail.orderBy[0]!.position);
  }
  while (parseLimitOrLocking(c, tail, inner)) {}
  if (inner !== null && inner.with !== null && withClause !== null) throw repeated('WITH', inner.with.position);
  if (atEmit(c)) tail.emit = parseEmit(c);
  if (inner === null) return { kind: 'query', with: withClause, body, ...tail, position };
  return {
    kind: 'query',
    with: inner.with ?? withClause,
    body: inner.body,
    orderBy: inner.orderBy.length > 0 ? inner.orderBy : tail.orderBy,
    limit: inner.limit ?? tail.limit,
    withTies: inner.withTies || tail.withTies,
    offset: inner.offset ?? tail.offset,
    locking: [...inner.locking, ...tail.locking],
    emit: tail.emit ?? inner.emit,
    position,
  };
}

function repeated(clause: string, position: number): Error {
  return sqlError('syntax_error', `multiple ${clause} clauses not allowed`, { position });
}

function parseLimitOrLocking(c: Cursor, tail: Tail, inner: Query | null): boolean {
  const { position, word } = c.token;
  switch (word) {
    case 'limit':
      c.advance();
      if (tail.limit !== null || (inner?.limit ?? null) !== null) throw repeatedLimit(c, tail, 'LIMIT', position);
      tail.limit = parseLimitValue(c, position);
      return true;
    case 'fetch':
      c.advance();
      if (tail.limit !== null || (inner?.limit ?? null) !== null) throw repeatedLimit(c, tail, 'LIMIT', position);
      parseFetchFirst(c, tail, tail.orderBy.length > 0 || (inner?.orderBy.length ?? 0) > 0);
      return true;
    case 'offset':
      c.advance();
      if (tail.offset !== null || (inner?.offset ?? null) !== null) throw repeatedLimit(c, tail, 'OFFSET', position);
      tail.offset = c.expression();
      if (!c.accept('row')) c.accept('rows');
      return true;
    case 'for':
      c.advance();
      parseLocking(c, tail, position);
      return true;
    default:
      return false;
  }
}

/** Twice in one query is a syntax error; inside and outside of a parenthesis is a repeated clause. */
function repeatedLimit(c: Cursor, tail: Tail, clause: 'LIMIT' | 'OFFSET', position: number): Error {
  const here = clause === 'LIMIT' ? tail.limit : tail.offset;
  return here === null ? repeated(clause, position) : c.fail(c.peek(-1));
}

function parseLimitValue(c: Cursor, position: number): Expression {
  const at = c.token.position;
  const value: Expression = c.accept('all') ? { kind: 'null', position: at } : c.expression();
  if (c.at(',')) {
    throw sqlError('syntax_error', 'LIMIT #,# syntax is not supported', {
      hint: 'Use separate LIMIT and OFFSET clauses.',
      position,
    });
  }
  return value;
}

function parseFetchFirst(c: Cursor, tail: Tail, ordered: boolean): void {
  c.expectOneOf('first', 'next');
  const { position } = c.token;
  if (c.at('row') || c.at('rows')) {
    tail.limit = { kind: 'integer', text: '1', position };
  } else if (c.at('+') || c.at('-')) {
    const operator = c.advance().word;
    const { token } = c;
    if (token.type !== 'integer' && token.type !== 'decimal') throw c.fail();
    c.advance();
    const operand: Expression = { kind: token.type, text: token.value, position: token.position };
    tail.limit = operator === '+' ? operand : { kind: 'unary', operator, operatorSchema: [], operand, position };
  } else {
    tail.limit = c.grammar.primary(c);
  }
  c.expectOneOf('row', 'rows');
  if (c.accept('only')) return;
  const { position: at } = c.token;
  c.expectWords('with', 'ties');
  tail.withTies = true;
  if (!ordered) {
    throw sqlError('syntax_error', 'WITH TIES cannot be specified without ORDER BY clause', { position: at });
  }
}

function parseLocking(c: Cursor, tail: Tail, position: number): void {
  if (c.acceptWords('read', 'only')) return;
  const first = c.expectOneOf('update', 'share', 'no', 'key');
  let strength: LockingClause['strength'];
  if (first === 'no') {
    c.expectWords('key', 'update');
    strength = 'no_key_update';
  } else if (first === 'key') {
    c.expect('share');
    strength = 'key_share';
  } else {
    strength = first;
  }
  const of = c.accept('of') ? c.list(parseQualifiedName) : [];
  let wait: LockingClause['wait'] = 'block';
  if (c.accept('nowait')) wait = 'nowait';
  else if (c.acceptPhrase('skip', 'locked')) wait = 'skip_locked';
  tail.locking.push({ strength, of, wait, position });
}

/** EMIT CHANGES | FINAL | COMPLETE | ON WINDOW CLOSE [WITH DELAY i] [AND TIMEOUT i] */
function parseEmit(c: Cursor): EmitClause {
  const { position } = c.advance();
  const word = c.expectOneOf('changes', 'final', 'complete', 'on');
  if (word === 'changes' || word === 'complete') return { mode: word, delay: null, timeout: null, position };
  if (word === 'on') c.expectWords('window', 'close');
  let delay: Expression | null = null;
  let timeout: Expression | null = null;
  if (c.acceptWords('with', 'delay')) {
    delay = c.grammar.restrictedExpression(c);
    if (c.accept('and')) {
      c.expect('timeout');
      timeout = c.grammar.restrictedExpression(c);
    }
  } else if (c.acceptWords('and', 'timeout') || c.acceptWords('with', 'timeout')) {
    timeout = c.grammar.restrictedExpression(c);
  }
  return { mode: 'on_window_close', delay, timeout, position };
}

// ----------------------------------------------------------------------------------------------------------------- WITH
export function parseWith(c: Cursor): WithClause {
  const { position } = c.expect('with');
  const recursive = c.peek(1).word !== 'as' && c.accept('recursive');
  return { recursive, ctes: c.list(parseCommonTable), position };
}

const QUERY_WORDS: ReadonlySet<string> = new Set(['select', 'values', 'with', 'table', '(']);
const CHANGE_WORDS: ReadonlySet<string> = new Set(['insert', 'update', 'delete', 'merge']);

function parseCommonTable(c: Cursor): CommonTableExpression {
  const { position } = c.token;
  const name = parseColId(c);
  const columns = parseOptionalColumns(c);
  c.expect('as');
  let materialized: boolean | null = null;
  if (c.accept('materialized')) materialized = true;
  else if (c.acceptPhrase('not', 'materialized')) materialized = false;
  c.expect('(');
  c.enter();
  const statement = parseDataStatement(c);
  c.leave();
  c.expect(')');
  const search = c.at('search') ? parseSearch(c) : null;
  const cycle = c.at('cycle') ? parseCycle(c) : null;
  return { name, columns, materialized, statement, search, cycle, position };
}

/** PreparableStmt: a query or a data change. */
export function parseDataStatement(c: Cursor): DataStatement {
  if (!c.atAny(QUERY_WORDS) && !c.atAny(CHANGE_WORDS)) throw c.fail();
  return c.grammar.statement(c) as DataStatement;
}

function parseSearch(c: Cursor): SearchClause {
  const { position } = c.advance();
  const depthFirst = c.expectOneOf('depth', 'breadth') === 'depth';
  c.expectWords('first', 'by');
  const columns = c.list(parseColId);
  c.expect('set');
  return { depthFirst, columns, sequenceColumn: parseColId(c), position };
}

function parseCycle(c: Cursor): CycleClause {
  const { position } = c.advance();
  const columns = c.list(parseColId);
  c.expect('set');
  const markColumn = parseColId(c);
  let markValue: Expression | null = null;
  let markDefault: Expression | null = null;
  if (c.accept('to')) {
    markValue = c.grammar.primary(c);
    c.expect('default');
    markDefault = c.grammar.primary(c);
  }
  c.expect('using');
  return { columns, markColumn, markValue, markDefault, pathColumn: parseColId(c), position };
}
