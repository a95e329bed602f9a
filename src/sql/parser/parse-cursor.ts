// DECLARE, FETCH, MOVE, CLOSE.
import type { CloseCursor, DeclareCursor, FetchCursor } from '../ast-utility.ts';
import type { Cursor } from './cursor.ts';
import { isColId, parseColId } from './names.ts';
import { parseStorageOption } from './parse-options.ts';
import { atSubscribe, parseSubscribe } from './parse-view.ts';

/** DECLARE c [BINARY] [INSENSITIVE | ASENSITIVE] [[NO] SCROLL] CURSOR [WITH | WITHOUT HOLD] FOR query | SUBSCRIBE .. */
export function parseDeclare(c: Cursor): DeclareCursor {
  const { position } = c.expect('declare');
  const name = parseColId(c);
  let binary = false;
  let insensitive: boolean | null = null;
  let scroll: boolean | null = null;
  for (;;) {
    if (c.accept('binary')) binary = true;
    else if (c.accept('insensitive')) insensitive = true;
    else if (c.accept('asensitive')) insensitive = false;
    else if (c.accept('scroll')) scroll = true;
    else if (c.acceptPhrase('no', 'scroll')) scroll = false;
    else break;
  }
  c.expect('cursor');
  const hold = c.acceptPhrase('with', 'hold');
  if (!hold) c.acceptPhrase('without', 'hold');
  c.expect('for');
  const query = atSubscribe(c) ? parseSubscribe(c) : c.query();
  return { kind: 'declare_cursor', name, binary, insensitive, scroll, hold, query, position };
}

interface Movement {
  readonly direction: FetchCursor['direction'];
  readonly count: number | null;
}

/** FETCH | MOVE [direction] [FROM | IN] cursor [WITH (timeout = '1s')] */
export function parseFetch(c: Cursor): FetchCursor {
  const { position, word } = c.advance();
  const movement = parseMovement(c) ?? { direction: 'forward', count: 1 };
  if (!c.accept('from')) c.accept('in');
  const cursor = parseColId(c);
  let options: FetchCursor['options'] = [];
  if (c.accept('with')) options = c.parenthesized(parseStorageOption);
  return { kind: 'fetch', move: word === 'move', ...movement, cursor, options, position };
}

/** Null when no direction is written. The words are not reserved: one that ends the statement is the cursor's name. */
function parseMovement(c: Cursor): Movement | null {
  const { token } = c;
  if (token.type === 'integer' || c.at('-') || c.at('+')) return { direction: 'forward', count: parseSignedInteger(c) };
  if (c.accept('all')) return { direction: 'forward', count: null };
  const next = c.peek(1);
  if (next.type === 'end' || next.word === ';' || next.word === 'with') return null;
  switch (token.word) {
    case 'next':
      c.advance();
      return { direction: 'forward', count: 1 };
    case 'prior':
      c.advance();
      return { direction: 'backward', count: 1 };
    case 'first':
      c.advance();
      return { direction: 'absolute', count: 1 };
    case 'last':
      c.advance();
      return { direction: 'absolute', count: -1 };
    case 'absolute':
    case 'relative':
      c.advance();
      return { direction: token.word, count: parseSignedInteger(c) };
    case 'forward':
    case 'backward':
      c.advance();
      if (c.accept('all')) return { direction: token.word, count: null };
      if (isColId(c.token) || c.at('from') || c.at('in')) return { direction: token.word, count: 1 };
      return { direction: token.word, count: parseSignedInteger(c) };
    default:
      return null;
  }
}

function parseSignedInteger(c: Cursor): number {
  const negative = c.accept('-');
  if (!negative) c.accept('+');
  const value = c.expectInteger();
  return negative ? -value : value;
}

export function parseClose(c: Cursor): CloseCursor {
  const { position } = c.expect('close');
  return { kind: 'close', name: c.accept('all') ? null : parseColId(c), position };
}
