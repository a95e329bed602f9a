// One statement: dispatch on its first word. PostgreSQL's commands that have no tree here come back as `unsupported`.
import type { DataStatement, Statement } from '../ast.ts';
import type { Cursor } from './cursor.ts';
import { parseAlter } from './parse-alter.ts';
import { parseDelete, parseInsert, parseMerge, parseUpdate } from './parse-change.ts';
import { parseCopy } from './parse-copy.ts';
import { parseCreate } from './parse-create.ts';
import { parseClose, parseDeclare, parseFetch } from './parse-cursor.ts';
import { parseComment, parseDrop, parseGrant } from './parse-drop.ts';
import { parseDeallocate, parseExecute, parsePrepare } from './parse-execute.ts';
import {
  parseCallStatement,
  parseCheckpoint,
  parseCluster,
  parseDiscard,
  parseDo,
  parseExplain,
  parseListen,
  parseLock,
  parseNotify,
  parseReindex,
  parseTruncate,
  parseUnlisten,
  parseVacuum,
} from './parse-maintenance.ts';
import { parseQuery, parseQueryBody, parseWith } from './parse-select.ts';
import { parseReset, parseSet } from './parse-setting.ts';
import { parseDescribe, parseShow } from './parse-show.ts';
import {
  parseBegin,
  parseCommit,
  parsePrepareTransaction,
  parseRelease,
  parseRollback,
  parseSavepoint,
  parseStart,
} from './parse-transaction.ts';
import { parseUnsupported } from './parse-unsupported.ts';
import { parseAcknowledge, parseRefresh, parseSubscribe } from './parse-view.ts';

const PARSERS: ReadonlyMap<string, (c: Cursor) => Statement> = new Map<string, (c: Cursor) => Statement>([
  ['select', parseQuery],
  ['values', parseQuery],
  ['table', parseQuery],
  ['(', parseQuery],
  ['with', parseWithStatement],
  ['insert', (c) => parseInsert(c, null)],
  ['update', (c) => parseUpdate(c, null)],
  ['delete', (c) => parseDelete(c, null)],
  ['merge', (c) => parseMerge(c, null)],
  ['create', parseCreate],
  ['alter', parseAlter],
  ['drop', parseDrop],
  ['comment', parseComment],
  ['grant', parseGrant],
  ['revoke', parseGrant],
  ['truncate', parseTruncate],
  ['copy', parseCopy],
  ['refresh', parseRefresh],
  ['subscribe', parseSubscribe],
  ['acknowledge', parseAcknowledge],
  ['begin', parseBegin],
  ['start', parseStart],
  ['commit', parseCommit],
  ['end', parseCommit],
  ['rollback', parseRollback],
  ['abort', parseRollback],
  ['savepoint', parseSavepoint],
  ['release', parseRelease],
  ['set', parseSet],
  ['reset', parseReset],
  ['show', parseShow],
  ['describe', parseDescribe],
  ['desc', parseDescribe],
  ['prepare', (c) => (c.peek(1).word === 'transaction' ? parsePrepareTransaction(c) : parsePrepare(c))],
  ['execute', parseExecute],
  ['deallocate', parseDeallocate],
  ['declare', parseDeclare],
  ['fetch', parseFetch],
  ['move', parseFetch],
  ['close', parseClose],
  ['explain', parseExplain],
  ['vacuum', parseVacuum],
  ['analyze', parseVacuum],
  ['analyse', parseVacuum],
  ['checkpoint', parseCheckpoint],
  ['reindex', parseReindex],
  ['cluster', parseCluster],
  ['listen', parseListen],
  ['unlisten', parseUnlisten],
  ['notify', parseNotify],
  ['discard', parseDiscard],
  ['lock', parseLock],
  ['do', parseDo],
  ['call', parseCallStatement],
]);

export function parseStatement(c: Cursor): Statement {
  c.enter();
  const parse = PARSERS.get(c.token.word);
  const statement = parse === undefined ? parseUnsupported(c, c.token) : parse(c);
  c.leave();
  return statement;
}

/** WITH .. before any of the data statements. */
function parseWithStatement(c: Cursor): DataStatement {
  const withClause = parseWith(c);
  switch (c.token.word) {
    case 'insert':
      return parseInsert(c, withClause);
    case 'update':
      return parseUpdate(c, withClause);
    case 'delete':
      return parseDelete(c, withClause);
    case 'merge':
      return parseMerge(c, withClause);
    default:
      return parseQueryBody(c, withClause);
  }
}
