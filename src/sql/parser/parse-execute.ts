// PREPARE, EXECUTE, DEALLOCATE.
import type { Deallocate, Execute, Prepare } from '../ast-utility.ts';
import type { Cursor } from './cursor.ts';
import { isColId, parseColId } from './names.ts';
import { parseDataStatement } from './parse-select.ts';
import { parseTypeName } from './parse-type.ts';

export function parsePrepare(c: Cursor): Prepare {
  const { position } = c.expect('prepare');
  const name = parseColId(c);
  const types = c.at('(') ? c.parenthesized(parseTypeName) : [];
  c.expect('as');
  return { kind: 'prepare', name, types, statement: parseDataStatement(c), position };
}

export function parseExecute(c: Cursor): Execute {
  const { position } = c.expect('execute');
  const name = parseColId(c);
  return { kind: 'execute', name, arguments: c.at('(') ? c.parenthesized((at) => at.expression()) : [], position };
}

export function parseDeallocate(c: Cursor): Deallocate {
  const { position } = c.expect('deallocate');
  if (isColId(c.peek(1)) || c.peek(1).word === 'all') c.accept('prepare');
  return { kind: 'deallocate', name: c.accept('all') ? null : parseColId(c), position };
}
