// BEGIN, START TRANSACTION, COMMIT, END, ROLLBACK, ABORT, SAVEPOINT, RELEASE, PREPARE TRANSACTION.
import type { Transaction, TransactionMode } from '../ast-utility.ts';
import type { Cursor } from './cursor.ts';
import { isColId, parseColId } from './names.ts';
import { parseModes } from './parse-setting.ts';

function transaction(
  action: Transaction['action'],
  position: number,
  name: string | null = null,
  modes: readonly TransactionMode[] = [],
  chain = false,
): Transaction {
  return { kind: 'transaction', action, modes, chain, name, position };
}

/** WORK or TRANSACTION, either of which means nothing. */
function skipWork(c: Cursor): boolean {
  return c.accept('work') || c.accept('transaction');
}

export function parseBegin(c: Cursor): Transaction {
  const { position } = c.advance();
  skipWork(c);
  return transaction('begin', position, null, parseModes(c, false));
}

export function parseStart(c: Cursor): Transaction {
  const { position } = c.advance();
  c.expect('transaction');
  return transaction('start', position, null, parseModes(c, false));
}

/** COMMIT | END [WORK] [AND [NO] CHAIN], COMMIT PREPARED 'id' */
export function parseCommit(c: Cursor): Transaction {
  const { position, word } = c.advance();
  if (word === 'commit' && c.accept('prepared')) return transaction('commit_prepared', position, c.expectString());
  skipWork(c);
  return transaction('commit', position, null, [], parseChain(c));
}

/** ROLLBACK | ABORT [WORK] [AND [NO] CHAIN | TO [SAVEPOINT] s], ROLLBACK PREPARED 'id' */
export function parseRollback(c: Cursor): Transaction {
  const { position, word } = c.advance();
  if (word === 'rollback' && c.accept('prepared')) return transaction('rollback_prepared', position, c.expectString());
  skipWork(c);
  if (word === 'rollback' && c.accept('to')) {
    if (isColId(c.peek(1))) c.accept('savepoint');
    return transaction('rollback_to', position, parseColId(c));
  }
  return transaction('rollback', position, null, [], parseChain(c));
}

function parseChain(c: Cursor): boolean {
  if (!c.accept('and')) return false;
  const no = c.accept('no');
  c.expect('chain');
  return !no;
}

export function parseSavepoint(c: Cursor): Transaction {
  const { position } = c.advance();
  return transaction('savepoint', position, parseColId(c));
}

export function parseRelease(c: Cursor): Transaction {
  const { position } = c.advance();
  if (isColId(c.peek(1))) c.accept('savepoint');
  return transaction('release', position, parseColId(c));
}

/** PREPARE TRANSACTION 'id' */
export function parsePrepareTransaction(c: Cursor): Transaction {
  const { position } = c.advance();
  c.expect('transaction');
  return transaction('prepare', position, c.expectString());
}
