// ORDER BY keys and window specifications.
import { sqlError } from '../../errors/sql-error.ts';
import type { FrameBound, SortKey, WindowDefinition, WindowFrame, WindowName } from '../ast.ts';
import type { Cursor } from './cursor.ts';
import { isColId, parseColId } from './names.ts';

export function parseOptionalOrderBy(c: Cursor): readonly SortKey[] {
  if (!c.at('order')) return [];
  c.advance();
  c.expect('by');
  return parseSortKeys(c);
}

export function parseSortKeys(c: Cursor): readonly SortKey[] {
  return c.list(parseSortKey);
}

export function parseSortKey(c: Cursor): SortKey {
  const { position } = c.token;
  const expression = c.expression();
  let direction: SortKey['direction'] = null;
  let using: string | null = null;
  if (c.accept('using')) {
    using = parseSortOperator(c);
  } else if (c.at('asc') || c.at('desc')) {
    direction = c.advance().word === 'asc' ? 'asc' : 'desc';
  }
  const key: SortKey = { expression, direction, using, nulls: parseNullsOrder(c), position };
  return c.grammar.sortKey?.(key) ?? key;
}

function parseSortOperator(c: Cursor): string {
  if (c.acceptWords('operator', '(')) {
    while (c.peek(1).word === '.') {
      c.advance();
      c.advance();
    }
    const { word } = c.advance();
    c.expect(')');
    return word;
  }
  const { type, word } = c.token;
  if (type !== 'operator' && !(type === 'punctuation' && '+-*/%^<>='.includes(word))) throw c.fail();
  return c.advance().word;
}

export function parseNullsOrder(c: Cursor): 'first' | 'last' | null {
  if (!c.at('nulls')) return null;
  const next = c.peek(1).word;
  if (next !== 'first' && next !== 'last') return null;
  c.advance();
  c.advance();
  return next;
}

/** OVER name, OVER (..) */
export function parseOver(c: Cursor): WindowName | WindowDefinition {
  c.expect('over');
  const { position } = c.token;
  if (c.at('(')) return parseWindow(c, null);
  return { kind: 'window_name', name: parseColId(c), position };
}

const CLAUSE_STARTS: ReadonlySet<string> = new Set(['partition', 'range', 'rows', 'groups']);

/** `( [base] [PARTITION BY ..] [ORDER BY ..] [frame] )` */
export function parseWindow(c: Cursor, name: string | null): WindowDefinition {
  const { position } = c.expect('(');
  const base = isColId(c.token) && !c.atAny(CLAUSE_STARTS) ? parseColId(c) : null;
  const partitionBy = c.at('partition') ? parsePartitionBy(c) : [];
  const orderBy = parseOptionalOrderBy(c);
  const frame = c.at('range') || c.at('rows') || c.at('groups') ? parseFrame(c) : null;
  c.expect(')');
  return { kind: 'window', name, base, partitionBy, orderBy, frame, position };
}

function parsePartitionBy(c: Cursor): WindowDefinition['partitionBy'] {
  c.advance();
  c.expect('by');
  return c.list((at) => at.expression());
}

function parseFrame(c: Cursor): WindowFrame {
  const { position, word } = c.advance();
  const mode = word === 'rows' || word === 'groups' ? word : 'range';
  let end: FrameBound | null = null;
  let start: FrameBound;
  if (c.accept('between')) {
    start = parseBound(c);
    c.expect('and');
    end = parseBound(c);
  } else {
    start = parseBound(c);
  }
  checkFrame(start, end);
  return { mode, start, end, exclude: parseExclusion(c), position };
}

/** A frame must not end before it starts; PostgreSQL finds that while parsing. */
function checkFrame(start: FrameBound, end: FrameBound | null): void {
  const bad = (message: string, at: FrameBound): never => {
    throw sqlError('windowing_error', message, { position: at.position });
  };
  if (start.kind === 'unbounded_following') bad('frame start cannot be UNBOUNDED FOLLOWING', start);
  if (end === null) {
    if (start.kind === 'following') bad('frame starting from following row cannot end with current row', start);
    return;
  }
  if (end.kind === 'unbounded_preceding') bad('frame end cannot be UNBOUNDED PRECEDING', end);
  if (start.kind === 'current_row' && end.kind === 'preceding') {
    bad('frame starting from current row cannot have preceding rows', end);
  }
  if (start.kind === 'following' && (end.kind === 'preceding' || end.kind === 'current_row')) {
    bad('frame starting from following row cannot have preceding rows', end);
  }
}

function parseBound(c: Cursor): FrameBound {
  const { position } = c.token;
  if (c.acceptWords('unbounded', 'preceding')) return { kind: 'unbounded_preceding', offset: null, position };
  if (c.acceptWords('unbounded', 'following')) return { kind: 'unbounded_following', offset: null, position };
  if (c.acceptWords('current', 'row')) return { kind: 'current_row', offset: null, position };
  const offset = c.expression();
  const kind = c.expectOneOf('preceding', 'following');
  return { kind, offset, position };
}

function parseExclusion(c: Cursor): WindowFrame['exclude'] {
  if (!c.accept('exclude')) return null;
  const what = c.expectOneOf('current', 'group', 'ties', 'no');
  if (what === 'current') {
    c.expect('row');
    return 'current_row';
  }
  if (what === 'no') {
    c.expect('others');
    return null;
  }
  return what;
}
