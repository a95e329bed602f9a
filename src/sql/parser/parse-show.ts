// SHOW of settings, as PostgreSQL has it, and of objects, as Spark, Flink, MySQL and Materialize have it: SHOW TABLES, SHOW COLUMNS FROM t,
// SHOW CREATE VIEW v; and DESCRIBE.
import type { Explain, ShowColumns, ShowCreate, ShowObjects, ShowSetting } from '../ast-utility.ts';
import type { Cursor } from './cursor.ts';
import { parseQualifiedName } from './names.ts';
import { EXPLAINABLE, parseExplained } from './parse-maintenance.ts';
import { parseShownName } from './parse-setting.ts';

const OBJECTS: ReadonlyMap<string, ShowObjects['what']> = new Map([
  ['queries', 'queries'],
  ['jobs', 'queries'],
  ['streams', 'streams'],
  ['sources', 'streams'],
  ['sinks', 'sinks'],
  ['subscriptions', 'subscriptions'],
  ['tables', 'tables'],
  ['views', 'views'],
  ['functions', 'functions'],
  ['databases', 'databases'],
  ['catalogs', 'databases'],
  ['schemas', 'schemas'],
  ['indexes', 'indexes'],
  ['index', 'indexes'],
  ['keys', 'indexes'],
  ['roles', 'roles'],
  ['users', 'roles'],
]);

export function parseShow(c: Cursor): ShowSetting | ShowObjects | ShowColumns | ShowCreate {
  const { position } = c.expect('show');
  if (c.accept('create'))
    return { kind: 'show_create', object: parseCreated(c), relation: parseQualifiedName(c), position };
  if ((c.at('full') || c.at('extended')) && isColumns(c.peek(1).word)) c.advance();
  if (isColumns(c.token.word) && isFrom(c.peek(1).word)) {
    c.advance();
    c.advance();
    return { kind: 'show_columns', relation: parseQualifiedName(c), position };
  }
  const isMaterialized = c.acceptWords('materialized', 'views');
  const what = isMaterialized ? 'materialized_views' : OBJECTS.get(c.token.word);
  if (what === undefined || (!isMaterialized && c.peek(1).word === '.')) {
    return { kind: 'show', name: c.accept('all') ? 'all' : parseShownName(c), position };
  }
  if (!isMaterialized) c.advance();
  const from =
    c.accept('from') || c.accept('in') || (what === 'indexes' && c.accept('on')) ? parseQualifiedName(c) : null;
  const like = c.accept('like') || c.token.type === 'string' ? c.expectString() : null;
  return { kind: 'show_objects', what, from, like, position };
}

function isColumns(word: string): boolean {
  return word === 'columns' || word === 'fields';
}

function isFrom(word: string): boolean {
  return word === 'from' || word === 'in';
}

function parseCreated(c: Cursor): ShowCreate['object'] {
  if (c.acceptWords('materialized', 'view')) return 'materialized_view';
  const word = c.expectOneOf('table', 'view', 'stream', 'source');
  return word === 'source' ? 'stream' : word;
}

const DESCRIBED: ReadonlySet<string> = new Set('table extended formatted view stream source'.split(' '));

/** DESCRIBE [TABLE | EXTENDED | ..] t; before a query it is MySQL's EXPLAIN. */
export function parseDescribe(c: Cursor): ShowColumns | Explain {
  const { position } = c.advance();
  if (c.atAny(EXPLAINABLE) && !c.at('table')) return parseExplained(c, [], position);
  while (c.atAny(DESCRIBED) && c.peek(1).type !== 'end' && c.peek(1).word !== ';') c.advance();
  return { kind: 'show_columns', relation: parseQualifiedName(c), position };
}
