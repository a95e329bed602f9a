// INSERT, UPDATE, DELETE, MERGE.
import type { Alias, Expression, Query, Target, WithClause } from '../ast.ts';
import type {
  Assignment,
  ColumnTarget,
  Delete,
  IndexElement,
  Indirection,
  Insert,
  Merge,
  MergeClause,
  OnConflict,
  Update,
} from '../ast-change.ts';
import type { Cursor } from './cursor.ts';
import { isColId, isTypeFunctionName, parseColId, parseColLabel, parseNameParts, parseQualifiedName } from './names.ts';
import { parseOptionalCollation } from './parse-call.ts';
import { parseFromList, parseJoins, parseRelation } from './parse-from.ts';
import { parseTargets } from './parse-select.ts';
import { parseNullsOrder } from './parse-window.ts';

export function parseInsert(c: Cursor, withClause: WithClause | null): Insert {
  const { position } = c.expect('insert');
  c.expect('into');
  const table = parseQualifiedName(c);
  const alias = c.accept('as') ? parseColId(c) : null;
  const rest = parseInsertRest(c);
  const onConflict = c.at('on') ? parseOnConflict(c) : null;
  return {
    kind: 'insert',
    with: withClause,
    table,
    alias,
    ...rest,
    onConflict,
    returning: parseReturning(c),
    position,
  };
}

const QUERY_STARTS: ReadonlySet<string> = new Set(['select', 'values', 'with', 'table']);

function parseInsertRest(c: Cursor): Pick<Insert, 'columns' | 'overriding' | 'source'> {
  if (c.acceptPhrase('default', 'values')) return { columns: [], overriding: null, source: null };
  const columns = c.at('(') && !queryInParentheses(c) ? c.parenthesized(parseColumnTarget) : [];
  const overriding = parseOverriding(c);
  if (columns.length === 0 && overriding === null && c.acceptWords('default', 'values')) {
    return { columns, overriding, source: null };
  }
  const source: Query = c.query();
  return { columns, overriding, source };
}

/** `INSERT INTO t (SELECT ..)` against `INSERT INTO t (a, b) ..` */
function queryInParentheses(c: Cursor): boolean {
  const next = c.peek(1).word;
  return next === '(' || (QUERY_STARTS.has(next) && (next !== 'values' || c.peek(2).word === '('));
}

function parseOverriding(c: Cursor): 'system' | 'user' | null {
  if (!c.accept('overriding')) return null;
  const which = c.expectOneOf('system', 'user');
  c.expect('value');
  return which;
}

/** A column to store into, with `.field` and `[i]` steps. */
function parseColumnTarget(c: Cursor): ColumnTarget {
  const { position } = c.token;
  const name = parseColId(c);
  const indirection: Indirection[] = [];
  for (;;) {
    if (c.accept('.')) {
      indirection.push({ kind: 'field', field: parseColLabel(c) });
    } else if (c.accept('[')) {
      const lower = c.at(':') ? null : c.expression();
      if (c.accept(':')) indirection.push({ kind: 'slice', lower, upper: c.at(']') ? null : c.expression() });
      else indirection.push({ kind: 'index', index: lower! });
      c.expect(']');
    } else {
      return { name, indirection, position };
    }
  }
}

function parseOnConflict(c: Cursor): OnConflict {
  const { position } = c.advance();
  c.expect('conflict');
  let targets: readonly IndexElement[] = [];
  let targetWhere: Expression | null = null;
  let constraint: string | null = null;
  if (c.at('(')) {
    targets = c.parenthesized(parseIndexElement);
    if (c.accept('where')) targetWhere = c.expression();
  } else if (c.accept('on')) {
    c.expect('constraint');
    constraint = parseColId(c);
  }
  c.expect('do');
  const target = { targets, targetWhere, constraint, position };
  if (c.expectOneOf('nothing', 'update') === 'nothing') {
    return { ...target, action: 'nothing', assignments: [], where: null };
  }
  c.expect('set');
  const assignments = c.list(parseAssignment);
  return { ...target, action: 'update', assignments, where: c.accept('where') ? c.expression() : null };
}

/** index_elem: a column, a function call or a parenthesized expression, then COLLATE, operator class, ASC/DESC, NULLS. */
export function parseIndexElement(c: Cursor): IndexElement {
  const { position } = c.token;
  let column: string | null = null;
  let expression: Expression | null = null;
  const call = c.peek(1).word === '(' || (c.peek(1).word === '.' && c.peek(3).word === '(');
  if (c.at('(')) {
    c.advance();
    expression = c.expression();
    c.expect(')');
  } else if (!call && isColId(c.token)) {
    column = parseColId(c);
  } else {
    expression = c.grammar.primary(c);
    if (expression.kind === 'column' || expression.kind === 'star') throw c.fail();
  }
  const collation = parseOptionalCollation(c);
  const operatorClass = isOperatorClass(c) ? parseNameParts(c) : [];
  if (operatorClass.length > 0 && c.at('(')) skipParentheses(c);
  let direction: 'asc' | 'desc' | null = null;
  if (c.at('asc') || c.at('desc')) direction = c.advance().word === 'asc' ? 'asc' : 'desc';
  return { column, expression, collation, operatorClass, direction, nulls: parseNullsOrder(c), position };
}

function isOperatorClass(c: Cursor): boolean {
  if (c.at('nulls') && (c.peek(1).word === 'first' || c.peek(1).word === 'last')) return false;
  return !c.at('with') && isTypeFunctionName(c.token) && isColId(c.token);
}

/** Operator class parameters: accepted, without a meaning here. */
function skipParentheses(c: Cursor): void {
  c.expect('(');
  for (let depth = 1; depth > 0; c.advance()) {
    if (c.atEnd()) throw c.fail();
    if (c.at('(')) depth++;
    else if (c.at(')')) depth--;
  }
}

/** `a = e`, `(a, b) = e` */
function parseAssignment(c: Cursor): Assignment {
  const { position } = c.token;
  const multiple = c.at('(');
  const targets = multiple ? c.parenthesized(parseColumnTarget) : [parseColumnTarget(c)];
  c.expect('=');
  return { targets, multiple, value: c.expression(), position };
}

function parseReturning(c: Cursor): readonly Target[] {
  if (!c.accept('returning')) return [];
  return parseTargets(c);
}

/** relation_expr_opt_alias; SET is never an alias without AS. */
function parseTargetAlias(c: Cursor): Alias | null {
  const { position } = c.token;
  if (c.accept('as')) return { name: parseColId(c), columns: [], position };
  if (!isColId(c.token) || c.at('set')) return null;
  return { name: parseColId(c), columns: [], position };
}

export function parseUpdate(c: Cursor, withClause: WithClause | null): Update {
  const { position } = c.expect('update');
  const relation = parseRelation(c);
  const alias = parseTargetAlias(c);
  c.expect('set');
  const assignments = c.list(parseAssignment);
  const from = c.accept('from') ? parseFromList(c, false) : [];
  const where = parseWhereOrCurrent(c);
  return {
    kind: 'update',
    with: withClause,
    ...relation,
    alias,
    assignments,
    from,
    where,
    returning: parseReturning(c),
    position,
  };
}

/** WHERE condition, WHERE CURRENT OF cursor */
function parseWhereOrCurrent(c: Cursor): Expression | null {
  if (!c.accept('where')) return null;
  const { position } = c.token;
  if (c.acceptWords('current', 'of')) return { kind: 'current_of', cursor: parseColId(c), position };
  return c.expression();
}

export function parseDelete(c: Cursor, withClause: WithClause | null): Delete {
  const { position } = c.expect('delete');
  c.expect('from');
  const relation = parseRelation(c);
  const alias = parseTargetAlias(c);
  const using = c.accept('using') ? parseFromList(c, false) : [];
  const where = parseWhereOrCurrent(c);
  return { kind: 'delete', with: withClause, ...relation, alias, using, where, returning: parseReturning(c), position };
}

export function parseMerge(c: Cursor, withClause: WithClause | null): Merge {
  const { position } = c.expect('merge');
  c.expect('into');
  const relation = parseRelation(c);
  const alias = parseTargetAlias(c);
  c.expect('using');
  const source = parseJoins(c);
  c.expect('on');
  const on = c.expression();
  const clauses: MergeClause[] = [];
  do clauses.push(parseMergeClause(c));
  while (c.at('when'));
  return {
    kind: 'merge',
    with: withClause,
    ...relation,
    alias,
    source,
    on,
    clauses,
    returning: parseReturning(c),
    position,
  };
}

function parseMergeClause(c: Cursor): MergeClause {
  const { position } = c.expect('when');
  const match = parseMergeMatch(c);
  const condition = c.accept('and') ? c.expression() : null;
  c.expect('then');
  const bare = { match, condition, assignments: [], columns: [], overriding: null, values: [], position };
  const actions = ['insert', 'update', 'delete', 'do'] as const;
  const allowed = actions.filter((action) =>
    match === 'not_matched_by_target' ? action === 'insert' || action === 'do' : action !== 'insert',
  );
  switch (c.expectOneOf(...allowed)) {
    case 'do':
      c.expect('nothing');
      return { ...bare, action: 'nothing' };
    case 'delete':
      return { ...bare, action: 'delete' };
    case 'update':
      c.expect('set');
      return { ...bare, action: 'update', assignments: c.list(parseAssignment) };
    case 'insert':
      return { ...bare, action: 'insert', ...parseMergeInsert(c) };
  }
}

function parseMergeMatch(c: Cursor): MergeClause['match'] {
  if (c.accept('matched')) return 'matched';
  c.expectWords('not', 'matched');
  if (!c.accept('by')) return 'not_matched_by_target';
  return c.expectOneOf('target', 'source') === 'source' ? 'not_matched_by_source' : 'not_matched_by_target';
}

function parseMergeInsert(c: Cursor): Pick<MergeClause, 'columns' | 'overriding' | 'values'> {
  if (c.acceptPhrase('default', 'values')) return { columns: [], overriding: null, values: [] };
  const columns = c.at('(') ? c.parenthesized(parseColumnTarget) : [];
  const overriding = parseOverriding(c);
  c.expect('values');
  return { columns, overriding, values: c.parenthesized((at) => at.expression()) };
}
