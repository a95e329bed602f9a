// CREATE VIEW, CREATE MATERIALIZED VIEW, REFRESH; CREATE SINK and SUBSCRIPTION, SUBSCRIBE, ACKNOWLEDGE.
import type { Persistence, Query } from '../ast.ts';
import type {
  CreateMaterializedView,
  CreateSink,
  CreateSubscription,
  CreateView,
  QualifiedName,
} from '../ast-definition.ts';
import type { Acknowledge, RefreshMaterializedView, Subscribe } from '../ast-utility.ts';
import type { Cursor } from './cursor.ts';
import { acceptIfNotExists, isColId, parseColId, parseOptionalColumns, parseQualifiedName } from './names.ts';
import { parseWithData } from './parse-create-table.ts';
import { parseFormat } from './parse-ingest.ts';
import { parseStorageOption, parseWithOptions } from './parse-options.ts';
import { parseSubquery } from './parse-primary.ts';

export interface ViewStart {
  readonly orReplace: boolean;
  readonly persistence: Persistence;
  readonly recursive: boolean;
  readonly position: number;
}

/** Behind CREATE [OR REPLACE] [TEMP] [RECURSIVE] VIEW. */
export function parseCreateView(c: Cursor, start: ViewStart): CreateView {
  const name = parseQualifiedName(c);
  const columns = start.recursive ? c.parenthesized(parseColId) : parseOptionalColumns(c);
  const options = parseWithOptions(c);
  c.expect('as');
  const query = c.query();
  let checkOption: CreateView['checkOption'] = null;
  if (c.accept('with')) {
    checkOption = c.accept('local') ? 'local' : 'cascaded';
    if (checkOption === 'cascaded') c.accept('cascaded');
    c.expectWords('check', 'option');
  }
  return { kind: 'create_view', ...start, name, columns, options, query, checkOption };
}

/** Behind CREATE [OR REPLACE] [UNLOGGED] MATERIALIZED VIEW. */
export function parseCreateMaterializedView(
  c: Cursor,
  orReplace: boolean,
  unlogged: boolean,
  position: number,
): CreateMaterializedView {
  const ifNotExists = acceptIfNotExists(c);
  const name = parseQualifiedName(c);
  const columns = parseOptionalColumns(c);
  const accessMethod = c.accept('using') ? parseColId(c) : null;
  const options = parseWithOptions(c);
  const tablespace = c.accept('tablespace') ? parseColId(c) : null;
  c.expect('as');
  const query = c.query();
  // options may also stand at the end, behind EMIT
  const late = c.atWords('with', '(') ? parseWithOptions(c) : [];
  return {
    kind: 'create_materialized_view',
    orReplace,
    ifNotExists,
    unlogged,
    name,
    columns,
    accessMethod,
    options: [...options, ...late],
    tablespace,
    query,
    withData: parseWithData(c),
    position,
  };
}

export function parseRefresh(c: Cursor): RefreshMaterializedView {
  const { position } = c.expect('refresh');
  c.expectWords('materialized', 'view');
  const concurrently = c.accept('concurrently');
  const name = parseQualifiedName(c);
  return { kind: 'refresh_materialized_view', name, concurrently, withData: parseWithData(c), position };
}

/** Behind CREATE [OR REPLACE] SINK: `name FROM v | AS query WITH (..) FORMAT .. ENCODE ..` */
export function parseCreateSink(c: Cursor, orReplace: boolean, position: number): CreateSink {
  const ifNotExists = acceptIfNotExists(c);
  const name = parseQualifiedName(c);
  let from: QualifiedName | null = null;
  let query: Query | null = null;
  if (c.expectOneOf('from', 'as') === 'from') from = parseQualifiedName(c);
  else query = c.query();
  const options = parseWithOptions(c);
  const format = c.at('format') ? parseFormat(c) : null;
  return { kind: 'create_sink', orReplace, ifNotExists, name, from, query, options, format, position };
}

/** Behind CREATE SUBSCRIPTION: `name FOR v [WITH (..)]` */
export function parseCreateSubscription(c: Cursor, position: number): CreateSubscription {
  const ifNotExists = acceptIfNotExists(c);
  const name = parseQualifiedName(c);
  c.expect('for');
  const relation = parseQualifiedName(c);
  return { kind: 'create_subscription', ifNotExists, name, relation, options: parseWithOptions(c), position };
}

/** SUBSCRIBE [TO] v | (query) [ENVELOPE ..] [WITH (..)] [AS OF e] [UP TO e] */
export function parseSubscribe(c: Cursor): Subscribe {
  const { position } = c.expect('subscribe');
  // a relation may itself be called `to` only when quoted: TO is reserved
  c.accept('to');
  let relation: QualifiedName | null = null;
  let query: Query | null = null;
  if (c.at('(')) query = parseSubquery(c);
  else relation = parseQualifiedName(c);
  let envelope: Subscribe['envelope'] = null;
  let options: Subscribe['options'] = [];
  let asOf: Subscribe['asOf'] = null;
  let upTo: Subscribe['upTo'] = null;
  for (;;) {
    if (envelope === null && c.at('envelope')) {
      envelope = parseEnvelope(c);
    } else if (options.length === 0 && c.atWords('with', '(')) {
      c.advance();
      options = c.parenthesized(parseStorageOption);
    } else if (asOf === null && c.acceptWords('as', 'of')) {
      asOf = c.grammar.restrictedExpression(c);
    } else if (upTo === null && c.acceptWords('up', 'to')) {
      upTo = c.grammar.restrictedExpression(c);
    } else {
      return { kind: 'subscribe', relation, query, envelope, options, asOf, upTo, position };
    }
  }
}

/** ENVELOPE UPSERT | DEBEZIUM (KEY (k, ..)) */
function parseEnvelope(c: Cursor): NonNullable<Subscribe['envelope']> {
  c.advance();
  const kind = c.expectOneOf('upsert', 'debezium');
  c.expectWords('(', 'key');
  const key = c.parenthesized(parseColId);
  c.expect(')');
  return { kind, key };
}

/** Whether SUBSCRIBE starts here: the word and a relation, TO or a parenthesis. */
export function atSubscribe(c: Cursor): boolean {
  if (!c.at('subscribe')) return false;
  const next = c.peek(1);
  return next.word === '(' || next.word === 'to' || isColId(next);
}

/** ACKNOWLEDGE n UP TO epoch */
export function parseAcknowledge(c: Cursor): Acknowledge {
  const { position } = c.expect('acknowledge');
  const subscription = parseQualifiedName(c);
  c.expectWords('up', 'to');
  return { kind: 'acknowledge', subscription, upTo: c.expression(), position };
}
