// MATCH_RECOGNIZE ( PARTITION BY .. ORDER BY .. MEASURES .. ROWS PER MATCH .. AFTER MATCH .. PATTERN (..) WITHIN .. DEFINE .. ).
import type { Alias, FromItem, Target } from '../ast.ts';
import type { FromMatchRecognize, MatchPattern } from '../ast-match.ts';
import type { Cursor } from './cursor.ts';
import { parseColId, parseColLabel } from './names.ts';
import { parseOptionalOrderBy } from './parse-window.ts';

export function parseMatchRecognize(
  c: Cursor,
  input: FromItem,
  parseAlias: (c: Cursor) => Alias | null,
): FromMatchRecognize {
  const { position } = c.advance();
  c.expect('(');
  const partitionBy = c.acceptWords('partition', 'by') ? c.list((at) => at.expression()) : [];
  const orderBy = parseOptionalOrderBy(c);
  const measures = c.accept('measures') ? c.list(parseMeasure) : [];
  const rowsPerMatch = parseRowsPerMatch(c);
  const after = parseAfterMatch(c);
  c.expect('pattern');
  c.expect('(');
  const pattern = parseAlternation(c);
  c.expect(')');
  const within = c.accept('within') ? c.grammar.restrictedExpression(c) : null;
  const define = c.accept('define') ? c.list(parseDefinition) : [];
  c.expect(')');
  return {
    kind: 'from_match_recognize',
    input,
    partitionBy,
    orderBy,
    measures,
    rowsPerMatch,
    ...after,
    pattern,
    within,
    define,
    alias: parseAlias(c),
    position,
  };
}

function parseMeasure(c: Cursor): Target {
  const { position } = c.token;
  if (c.at('final') || c.at('running')) c.advance();
  const expression = c.expression();
  c.expect('as');
  return { expression, alias: parseColLabel(c), position };
}

function parseDefinition(c: Cursor): { variable: string; condition: Target['expression'] } {
  const variable = parseColId(c);
  c.expect('as');
  return { variable, condition: c.expression() };
}

function parseRowsPerMatch(c: Cursor): FromMatchRecognize['rowsPerMatch'] {
  if (c.acceptWords('one', 'row')) {
    c.expectWords('per', 'match');
    return 'one';
  }
  if (c.acceptWords('all', 'rows')) {
    c.expectWords('per', 'match');
    return 'all';
  }
  return 'one';
}

function parseAfterMatch(c: Cursor): Pick<FromMatchRecognize, 'afterMatch' | 'afterVariable'> {
  if (!c.accept('after')) return { afterMatch: 'past_last_row', afterVariable: null };
  c.expectWords('match', 'skip');
  if (c.acceptWords('past', 'last', 'row')) return { afterMatch: 'past_last_row', afterVariable: null };
  c.expect('to');
  if (c.acceptWords('next', 'row')) return { afterMatch: 'next_row', afterVariable: null };
  const first = c.accept('first');
  if (!first) c.accept('last');
  return { afterMatch: first ? 'first_variable' : 'last_variable', afterVariable: parseColId(c) };
}

function parseAlternation(c: Cursor): MatchPattern {
  c.enter();
  const parts = [parseSequence(c)];
  while (c.accept('|')) parts.push(parseSequence(c));
  c.leave();
  return parts.length === 1 ? parts[0]! : { kind: 'alternation', parts };
}

function parseSequence(c: Cursor): MatchPattern {
  const parts: MatchPattern[] = [];
  do parts.push(parseFactor(c));
  while (!c.at(')') && !c.at('|'));
  return parts.length === 1 ? parts[0]! : { kind: 'sequence', parts };
}

/** A variable or a group, with *, +, ?, {n}, {n,m} and a reluctant ? behind (the lexer joins `+?` and `*?`). */
function parseFactor(c: Cursor): MatchPattern {
  let part: MatchPattern;
  if (c.accept('(')) {
    part = parseAlternation(c);
    c.expect(')');
  } else {
    part = { kind: 'variable', name: parseColId(c) };
  }
  const { word } = c.token;
  const bounds = QUANTIFIERS.get(word);
  if (bounds !== undefined) {
    c.advance();
    return { kind: 'repeat', part, ...bounds };
  }
  if (word !== '{') return part;
  c.advance();
  const min = c.at(',') ? 0 : c.expectInteger();
  let max: number | null = min;
  if (c.accept(',')) max = c.at('}') ? null : c.expectInteger();
  c.expect('}');
  return { kind: 'repeat', part, min, max, reluctant: c.accept('?') };
}

const QUANTIFIERS: ReadonlyMap<string, { min: number; max: number | null; reluctant: boolean }> = new Map([
  ['*', { min: 0, max: null, reluctant: false }],
  ['*?', { min: 0, max: null, reluctant: true }],
  ['+', { min: 1, max: null, reluctant: false }],
  ['+?', { min: 1, max: null, reluctant: true }],
  ['?', { min: 0, max: 1, reluctant: false }],
  ['??', { min: 0, max: 1, reluctant: true }],
]);
