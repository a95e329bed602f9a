// FROM items: tables, subqueries, functions, joins, and what streaming adds: window functions over TABLE s, TABLE(f(..)),
// FOR SYSTEM_TIME AS OF, ASOF JOIN, MATCH_RECOGNIZE (parse-match.ts). Joins are left-deep; parentheses make a unit.
import type {
  Alias,
  Expression,
  FromItem,
  FromJoin,
  FunctionColumn,
  Query,
  RowsFromItem,
  TableSample,
} from '../ast.ts';
import type { QualifiedName } from '../ast-definition.ts';
import { type Cursor, tooDeep } from './cursor.ts';
import { isColId, isTypeFunctionName, parseColId, parseColLabel, parseFunctionName, parseNameParts } from './names.ts';
import { parseFromCall, parseOptionalCollation, parseSpecialCall } from './parse-call.ts';
import { parseMatchRecognize } from './parse-match.ts';
import { atEmit, parseSubquery, queryBehindParentheses, refuseXml } from './parse-primary.ts';
import { parseTypeName } from './parse-type.ts';

/** `single`: the operand of TABLE t, a relation without an alias. */
export function parseFromList(c: Cursor, single: boolean): readonly FromItem[] {
  if (!single) return c.list(parseJoins);
  const { position } = c.token;
  const relation = parseRelation(c);
  return [{ kind: 'from_table', ...relation, alias: null, sample: null, systemTime: null, position }];
}

const JOIN_STARTS: ReadonlySet<string> = new Set('join inner left right full cross natural asof'.split(' '));
const QUERY_CONTINUES: ReadonlySet<string> = new Set('union intersect except order limit offset fetch for'.split(' '));
const MAX_JOINS = 1000;

/** table_ref: an item and the joins behind it. */
export function parseJoins(c: Cursor): FromItem {
  c.enter();
  const item = parseJoinTail(c, parseItem(c));
  c.leave();
  return item;
}

function parseJoinTail(c: Cursor, first: FromItem): FromItem {
  let left = first;
  while (c.atWords('lateral', 'view')) left = parseLateralView(c, left);
  for (let count = 0; c.atAny(JOIN_STARTS) && (!c.at('asof') || atAsof(c)); count++) {
    if (count > MAX_JOINS) throw tooDeep();
    left = parseJoin(c, left);
  }
  return left;
}

function atAsof(c: Cursor): boolean {
  if (!c.at('asof')) return false;
  const next = c.peek(1).word;
  return next === 'join' || next === 'left' || next === 'inner' || next === 'right' || next === 'full';
}

function parseJoin(c: Cursor, left: FromItem): FromJoin {
  const { position } = c.token;
  const asof = c.accept('asof');
  const natural = !asof && c.accept('natural');
  const cross = !asof && !natural && c.accept('cross');
  let type: FromJoin['type'] = 'inner';
  if (!cross && (c.at('left') || c.at('right') || c.at('full'))) {
    const { word } = c.advance();
    type = word === 'left' || word === 'right' ? word : 'full';
    if (type === 'left' && !natural && !asof && (c.at('semi') || c.at('anti'))) {
      type = c.advance().word === 'semi' ? 'semi' : 'anti';
    } else {
      c.accept('outer');
    }
  } else if (!cross) {
    c.accept('inner');
  }
  c.expect('join');
  const bare = { kind: 'from_join', type, asof, natural, left, alias: null, position } as const;
  if (cross || natural) return { ...bare, right: parseItem(c), on: null, using: null, usingAlias: null };
  // a JOIN b JOIN c ON .. ON ..: the right side takes its own joins first
  const right = parseNestedRight(c);
  if (c.accept('on')) return { ...bare, right, on: c.expression(), using: null, usingAlias: null };
  if (!c.accept('using'))
    throw c.fail(c.token, 'A JOIN has ON condition, or USING (columns), behind it; CROSS JOIN has none.');
  const using = c.parenthesized(parseColId);
  return { ...bare, right, on: null, using, usingAlias: c.accept('as') ? parseColId(c) : null };
}

function parseNestedRight(c: Cursor): FromItem {
  c.enter();
  let right = parseItem(c);
  while (c.atAny(JOIN_STARTS) && (!c.at('asof') || atAsof(c))) right = parseJoin(c, right);
  c.leave();
  return right;
}

/** Spark's `t LATERAL VIEW [OUTER] explode(a) alias AS column, ..`: a join with a lateral function. */
function parseLateralView(c: Cursor, left: FromItem): FromItem {
  const { position } = c.advance();
  c.advance();
  const outer = c.accept('outer');
  const functions = [parseFunction(c)];
  const at = c.token.position;
  const name = parseColId(c);
  const columns = c.accept('as') ? c.list(parseColId) : [];
  const alias = { name, columns, position: at };
  const lateral = { rowsFrom: false, lateral: true, withOrdinality: false, alias, position } as const;
  const right: FromItem = { kind: 'from_function', functions, ...lateral };
  const on: Expression | null = outer ? { kind: 'boolean', value: true, position } : null;
  const none = { asof: false, natural: false, using: null, usingAlias: null, alias: null } as const;
  return { kind: 'from_join', type: outer ? 'left' : 'inner', ...none, left, right, on, position };
}

/** One item without joins. */
function parseItem(c: Cursor): FromItem {
  if (c.at('(')) {
    const inner = parseParenthesis(c);
    if (inner.kind !== 'query') return inner;
    return subqueryItem(c, inner, false, inner.position);
  }
  const { position } = c.token;
  if (c.accept('lateral')) {
    if (c.at('(')) return subqueryItem(c, parseSubquery(c), true, position);
    refuseXml(c);
    return parseFunctionItem(c, true, position);
  }
  refuseXml(c);
  if (c.atWords('rows', 'from', '(')) return parseFunctionItem(c, false, position);
  if (c.atWords('table', '(')) return parseTableFunction(c, position);
  if (c.at('only')) return parseTable(c, position);
  if (callFollows(c)) return parseFunctionItem(c, false, position);
  // a word that can only be a function's name: what is missing is its parenthesis
  if (!isColId(c.token) && isTypeFunctionName(c.token)) throw c.fail(c.peek(1));
  return parseTable(c, position);
}

function subqueryItem(c: Cursor, query: Query, lateral: boolean, position: number): FromItem {
  return wrapMatch(c, { kind: 'from_subquery', query, lateral, alias: parseAlias(c), position });
}

/** `( query )`, or `( joined table ) [alias]`. */
function parseParenthesis(c: Cursor): FromItem | Query {
  const { position } = c.token;
  c.enter();
  c.advance();
  let item: FromItem;
  if (c.at('(') && queryBehindParentheses(c)) {
    const inner = parseParenthesis(c);
    if (inner.kind === 'query' && (c.at(')') || c.atAny(QUERY_CONTINUES) || atEmit(c))) {
      return closeQuery(c, c.grammar.continueQuery(c, inner));
    }
    const first = inner.kind === 'query' ? subqueryItem(c, inner, false, inner.position) : inner;
    item = parseJoinTail(c, first);
  } else if (queryBehindParentheses(c)) {
    return closeQuery(c, c.query());
  } else {
    item = parseJoins(c);
  }
  if (item.kind !== 'from_join') throw c.fail();
  c.expect(')');
  c.leave();
  const alias = parseAlias(c);
  return alias === null ? item : { ...item, alias, position };
}

function closeQuery(c: Cursor, query: Query): Query {
  c.expect(')');
  c.leave();
  return query;
}

/** Whether a name and a parenthesis come: a function. A name in a table's place with a parenthesis cannot be anything else. */
function callFollows(c: Cursor): boolean {
  const { token } = c;
  if (token.type === 'keyword' && SPECIAL_FROM.has(token.word)) return true;
  let ahead = 1;
  while (c.peek(ahead).word === '.') ahead += 2;
  return c.peek(ahead).word === '(';
}

/** Words that look like no call but may stand in FROM. */
const SPECIAL_FROM: ReadonlySet<string> = new Set(
  (
    'current_date current_time current_timestamp localtime localtimestamp current_role current_user user session_user ' +
    'system_user current_catalog current_schema'
  ).split(' '),
);

/** TABLE(f(..)), the standard's way to write a table function. */
function parseTableFunction(c: Cursor, position: number): FromItem {
  c.advance();
  c.expect('(');
  const functions = [parseFunction(c)];
  c.expect(')');
  return finishFunction(c, { functions, rowsFrom: false, lateral: false, position });
}

function parseFunctionItem(c: Cursor, lateral: boolean, position: number): FromItem {
  if (!c.atWords('rows', 'from', '(')) {
    return finishFunction(c, { functions: [parseFunction(c)], rowsFrom: false, lateral, position });
  }
  c.advance();
  c.advance();
  const functions = c.parenthesized((at) => {
    const item = parseFunction(at);
    if (!at.accept('as')) return item;
    return { ...item, columnDefinitions: at.parenthesized(parseFunctionColumn) };
  });
  return finishFunction(c, { functions, rowsFrom: true, lateral, position });
}

interface FunctionStart {
  readonly functions: readonly RowsFromItem[];
  readonly rowsFrom: boolean;
  readonly lateral: boolean;
  readonly position: number;
}

/** WITH ORDINALITY, the alias, the column definitions. */
function finishFunction(c: Cursor, start: FunctionStart): FromItem {
  const withOrdinality = c.acceptWords('with', 'ordinality');
  const item = { kind: 'from_function', ...start, withOrdinality } as const;
  const { position } = c.token;
  const as = c.accept('as');
  if (as && c.at('(')) return { ...item, alias: null, functions: defineColumns(c, start.functions) };
  if (!as && !atAlias(c)) return { ...item, alias: null };
  const name = parseColId(c);
  if (c.at('(') && definitionsFollow(c)) {
    return { ...item, alias: { name, columns: [], position }, functions: defineColumns(c, start.functions) };
  }
  const columns = c.at('(') ? c.parenthesized(parseColId) : [];
  return wrapMatch(c, { ...item, alias: { name, columns, position } });
}

function defineColumns(c: Cursor, functions: readonly RowsFromItem[]): readonly RowsFromItem[] {
  const columnDefinitions = c.parenthesized(parseFunctionColumn);
  return functions.map((item) => ({ ...item, columnDefinitions }));
}

/** `(name type ..` rather than `(name, ..` or `(name)`. */
function definitionsFollow(c: Cursor): boolean {
  const next = c.peek(2).word;
  return next !== ',' && next !== ')';
}

function parseFunctionColumn(c: Cursor): FunctionColumn {
  const { position } = c.token;
  const name = parseColId(c);
  const type = parseTypeName(c);
  return { name, type, collation: parseOptionalCollation(c), position };
}

function parseFunction(c: Cursor): RowsFromItem {
  const { position } = c.token;
  return { call: parseTableCall(c), columnDefinitions: [], position };
}

function parseTableCall(c: Cursor): Expression {
  const special = c.token.type === 'keyword' ? parseSpecialCall(c) : null;
  if (special !== null) return special;
  const { token } = c;
  const { position } = token;
  if (token.type !== 'identifier' && token.type !== 'keyword') throw c.fail();
  if (token.keyword?.category === 'reserved') throw c.fail();
  if (token.keyword?.category === 'column_name' && c.peek(1).word !== '.') throw c.fail(c.peek(1));
  const parts = [c.advance().value];
  while (c.accept('.')) parts.push(parseColLabel(c));
  if (!c.at('(')) throw c.fail();
  return parseFromCall(c, parts, position);
}

/** relation_expr: `t`, `t *`, `ONLY t`, `ONLY (t)` */
export function parseRelation(c: Cursor): { table: QualifiedName; only: boolean } {
  const { position } = c.token;
  if (!c.accept('only')) {
    const parts = parseNameParts(c);
    c.accept('*');
    return { table: { parts, position }, only: false };
  }
  const wrapped = c.accept('(');
  const at = c.token.position;
  const parts = parseNameParts(c);
  if (wrapped) c.expect(')');
  return { table: { parts, position: at }, only: true };
}

function parseTable(c: Cursor, position: number): FromItem {
  const { table, only } = parseRelation(c);
  const timeBefore = parseSystemTime(c);
  const alias = parseAlias(c);
  const systemTime = timeBefore ?? parseSystemTime(c);
  const sample = c.at('tablesample') ? parseSample(c) : null;
  return wrapMatch(c, { kind: 'from_table', table, only, alias, sample, systemTime, position });
}

/** FOR SYSTEM_TIME AS OF e */
function parseSystemTime(c: Cursor): Expression | null {
  if (!c.atWords('for', 'system_time')) return null;
  c.advance();
  c.advance();
  c.expectWords('as', 'of');
  return c.expression();
}

function parseSample(c: Cursor): TableSample {
  const { position } = c.advance();
  const method = parseFunctionName(c).parts;
  const args = c.parenthesized((at) => at.expression());
  let repeatable: Expression | null = null;
  if (c.accept('repeatable')) {
    c.expect('(');
    repeatable = c.expression();
    c.expect(')');
  }
  return { method, arguments: args, repeatable, position };
}

/** [AS] name [(columns)] */
export function parseAlias(c: Cursor): Alias | null {
  const { position } = c.token;
  if (!c.accept('as') && !atAlias(c)) return null;
  const name = parseColId(c);
  return { name, columns: c.at('(') ? c.parenthesized(parseColId) : [], position };
}

/** Whether the current token is an alias rather than the start of a streaming clause. */
function atAlias(c: Cursor): boolean {
  return isColId(c.token) && !atEmit(c) && !atAsof(c) && !c.atWords('match_recognize', '(');
}

function wrapMatch(c: Cursor, item: FromItem): FromItem {
  return c.atWords('match_recognize', '(') ? parseMatchRecognize(c, item, parseAlias) : item;
}
