// EXPLAIN, TRUNCATE, LOCK, VACUUM, ANALYZE, LISTEN, NOTIFY, DISCARD, DO, CALL and the like.
import type { QualifiedName } from '../ast-definition.ts';
import type {
  Call,
  Discard,
  Do,
  Explain,
  ExplainableStatement,
  Listen,
  LockTable,
  Maintenance,
  Notify,
  Truncate,
  Unlisten,
} from '../ast-utility.ts';
import type { Cursor } from './cursor.ts';
import {
  acceptCascade,
  parseColId,
  parseFunctionName,
  parseOptionalColumns,
  parseQualifiedName,
  parseWordOrString,
} from './names.ts';
import { parseFromCall } from './parse-call.ts';
import { parseRelation } from './parse-from.ts';
import { parseUtilityOption } from './parse-options.ts';

export const EXPLAINABLE: ReadonlySet<string> = new Set(
  'select insert update delete merge values with table ( declare create refresh execute subscribe'.split(' '),
);

export function parseExplain(c: Cursor): Explain {
  const { position } = c.expect('explain');
  let options: Explain['options'] = [];
  if (c.at('(') && !EXPLAINABLE.has(c.peek(1).word)) {
    options = c.parenthesized(parseUtilityOption);
  } else {
    const words = [];
    if (c.at('analyze') || c.at('analyse')) words.push({ ...c.advance(), word: 'analyze' });
    if (c.at('verbose')) words.push(c.advance());
    options = words.map((word) => ({ name: word.word, namespace: null, value: null, position: word.position }));
  }
  return parseExplained(c, options, position);
}

export function parseExplained(c: Cursor, options: Explain['options'], position: number): Explain {
  if (!c.atAny(EXPLAINABLE)) throw c.fail();
  // what EXPLAIN cannot take shows behind CREATE
  const at = c.at('create') ? c.peek(1) : c.token;
  const statement = c.grammar.statement(c);
  if (!isExplainable(statement.kind)) throw c.fail(at);
  return { kind: 'explain', options, statement: statement as ExplainableStatement, position };
}

const EXPLAINABLE_KINDS: ReadonlySet<string> = new Set([
  'query',
  'insert',
  'update',
  'delete',
  'merge',
  'declare_cursor',
  'create_table_as',
  'create_materialized_view',
  'refresh_materialized_view',
  'execute',
  'subscribe',
]);

function isExplainable(kind: string): boolean {
  return EXPLAINABLE_KINDS.has(kind);
}

export function parseTruncate(c: Cursor): Truncate {
  const { position } = c.expect('truncate');
  c.accept('table');
  const tables = c.list(parseRelation);
  const restartIdentity = c.acceptPhrase('restart', 'identity');
  if (!restartIdentity) c.acceptPhrase('continue', 'identity');
  return { kind: 'truncate', tables, restartIdentity, cascade: acceptCascade(c), position };
}

export function parseLock(c: Cursor): LockTable {
  const { position } = c.expect('lock');
  c.accept('table');
  const tables = c.list(parseRelation);
  const mode = c.accept('in') ? parseLockMode(c) : 'access exclusive';
  return { kind: 'lock', tables, mode, nowait: c.accept('nowait'), position };
}

/** [ACCESS | ROW] SHARE | EXCLUSIVE, SHARE [UPDATE | ROW] EXCLUSIVE, then MODE */
function parseLockMode(c: Cursor): string {
  const words = [c.expectOneOf('access', 'row', 'share', 'exclusive')];
  if (words[0] === 'access' || words[0] === 'row') {
    words.push(c.expectOneOf('share', 'exclusive'));
  } else if (words[0] === 'share' && !c.at('mode')) {
    const mode = c.expectOneOf('update', 'row');
    c.expect('exclusive');
    c.expect('mode');
    return `share ${mode} exclusive`;
  }
  c.expect('mode');
  return words.join(' ');
}

export function parseListen(c: Cursor): Listen {
  const { position } = c.expect('listen');
  return { kind: 'listen', channel: parseColId(c), position };
}

export function parseUnlisten(c: Cursor): Unlisten {
  const { position } = c.expect('unlisten');
  return { kind: 'unlisten', channel: c.accept('*') ? null : parseColId(c), position };
}

export function parseNotify(c: Cursor): Notify {
  const { position } = c.expect('notify');
  const channel = parseColId(c);
  return { kind: 'notify', channel, payload: c.accept(',') ? c.expectString() : null, position };
}

export function parseDiscard(c: Cursor): Discard {
  const { position } = c.expect('discard');
  const word = c.expectOneOf('all', 'plans', 'sequences', 'temp', 'temporary');
  return { kind: 'discard', what: word === 'temporary' ? 'temp' : word, position };
}

/** VACUUM and ANALYZE [(options)] [VERBOSE ..] [table [(columns)], ..] */
export function parseVacuum(c: Cursor): Maintenance {
  const { position, word } = c.advance();
  const command = word === 'vacuum' ? 'vacuum' : 'analyze';
  let options: Maintenance['options'] = [];
  if (c.at('(')) {
    options = c.parenthesized(parseUtilityOption);
  } else {
    const words = command === 'vacuum' ? ['full', 'freeze', 'verbose', 'analyze'] : ['verbose'];
    const found = [];
    for (const name of words) {
      const at = c.token.position;
      if (c.accept(name) || (name === 'analyze' && c.accept('analyse'))) found.push({ name, at });
    }
    options = found.map(({ name, at }) => ({ name, namespace: null, value: null, position: at }));
  }
  const relations = c.atEnd() || c.at(';') ? [] : c.list(parseVacuumRelation);
  return { kind: 'maintenance', command, options, relations, position };
}

function parseVacuumRelation(c: Cursor): { table: QualifiedName; columns: readonly string[] } {
  const { table } = parseRelation(c);
  return { table, columns: parseOptionalColumns(c) };
}

export function parseCheckpoint(c: Cursor): Maintenance {
  const { position } = c.expect('checkpoint');
  const options = c.at('(') ? c.parenthesized(parseUtilityOption) : [];
  return { kind: 'maintenance', command: 'checkpoint', options, relations: [], position };
}

/** REINDEX [(options)] {INDEX | TABLE | SCHEMA | DATABASE | SYSTEM} [CONCURRENTLY] [name]; what it rebuilds is an option. */
export function parseReindex(c: Cursor): Maintenance {
  const { position } = c.expect('reindex');
  const given = c.at('(') ? c.parenthesized(parseUtilityOption) : [];
  const what = c.expectOneOf('index', 'table', 'schema', 'database', 'system');
  const target = { name: what, namespace: null, value: null, position };
  const concurrent = c.at('concurrently') ? [{ ...target, name: c.advance().word }] : [];
  const optional = what === 'database' || what === 'system';
  const relations =
    optional && (c.atEnd() || c.at(';')) ? [] : [{ table: parseQualifiedName(c), columns: [] as readonly string[] }];
  return { kind: 'maintenance', command: 'reindex', options: [...given, target, ...concurrent], relations, position };
}

/** CLUSTER [(options)] [VERBOSE] [table [USING index]] */
export function parseCluster(c: Cursor): Maintenance {
  const { position } = c.expect('cluster');
  let options = c.at('(') ? c.parenthesized(parseUtilityOption) : [];
  if (c.at('verbose')) options = [{ name: c.advance().word, namespace: null, value: null, position }];
  if (c.atEnd() || c.at(';')) return { kind: 'maintenance', command: 'cluster', options, relations: [], position };
  const table = parseQualifiedName(c);
  if (c.accept('using')) {
    options = [...options, { name: 'using', namespace: null, value: { kind: 'word', text: parseColId(c) }, position }];
  }
  return { kind: 'maintenance', command: 'cluster', options, relations: [{ table, columns: [] }], position };
}

/** DO [LANGUAGE l] 'body', in either order */
export function parseDo(c: Cursor): Do {
  const { position } = c.expect('do');
  let language: string | null = null;
  let body: string | null = null;
  for (;;) {
    if (c.accept('language')) language = parseWordOrString(c);
    else if (c.token.type === 'string' && body === null) body = c.advance().value;
    else break;
  }
  if (body === null) throw c.fail();
  return { kind: 'do', language, body, position };
}

export function parseCallStatement(c: Cursor): Call {
  const { position } = c.expect('call');
  const name = parseFunctionName(c);
  if (!c.at('(')) throw c.fail();
  return { kind: 'call', call: parseFromCall(c, name.parts, name.position), position };
}
