// CREATE TABLE in all its forms, CREATE TABLE AS, CREATE STREAM.
import type { Persistence, Query } from '../ast.ts';
import type {
  CreateStream,
  CreateTable,
  CreateTableAs,
  LikeClause,
  Option,
  PartitionBound,
  PartitionBy,
  QualifiedName,
  TableElement,
} from '../ast-definition.ts';
import type { Execute } from '../ast-utility.ts';
import type { Cursor } from './cursor.ts';
import { acceptIfNotExists, parseColId, parseQualifiedName } from './names.ts';
import { parseIndexElement } from './parse-change.ts';
import {
  atTableConstraint,
  parseColumnDefinition,
  parseColumnOptions,
  parseTableConstraint,
} from './parse-constraint.ts';
import { parseExecute } from './parse-execute.ts';
import { atWatermark, parseIngest, parseWatermark } from './parse-ingest.ts';
import { parseWithOptions } from './parse-options.ts';

interface TableTail {
  readonly partitionBy: PartitionBy | null;
  readonly accessMethod: string | null;
  readonly options: readonly Option[];
  readonly onCommit: CreateTable['onCommit'];
  readonly tablespace: string | null;
}

/** Behind CREATE [TEMP | UNLOGGED] TABLE. */
export function parseCreateTable(c: Cursor, persistence: Persistence, position: number): CreateTable | CreateTableAs {
  const ifNotExists = acceptIfNotExists(c);
  const table = parseQualifiedName(c);
  const head = { table, persistence, ifNotExists, position } as const;
  if (c.at('as') || c.at('with') || c.at('using') || c.at('on') || c.at('tablespace') || isColumnNames(c)) {
    const columns = c.at('(') ? c.parenthesized(parseColId) : [];
    const { partitionBy, ...tail } = parseTableTail(c);
    if (partitionBy !== null) throw c.fail();
    return parseTableAs(c, { ...head, columns, ...tail });
  }
  const none = { ofType: null, inherits: [], partitionOf: null, partitionBound: null } as const;
  if (c.accept('of')) {
    const type = parseQualifiedName(c);
    const plain = { modifiers: [], arrayBounds: [], setOf: false, intervalFields: null, percentType: false };
    const ofType = { ...plain, name: type.parts, position: type.position };
    const elements = c.at('(') ? c.parenthesized(parseTypedElement) : [];
    return finishTable(c, { ...head, ...none, ofType, elements });
  }
  if (c.acceptWords('partition', 'of')) {
    const partitionOf = parseQualifiedName(c);
    const elements = c.at('(') ? c.parenthesized(parseTypedElement) : [];
    return finishTable(c, { ...head, ...none, partitionOf, elements, partitionBound: parsePartitionBound(c) });
  }
  const elements = parseTableElements(c);
  const inherits = c.accept('inherits') ? c.parenthesized(parseQualifiedName) : [];
  return finishTable(c, { ...head, ...none, elements, inherits });
}

type TableHead = Omit<CreateTable, 'kind' | 'ingest' | keyof TableTail>;

function finishTable(c: Cursor, head: TableHead): CreateTable {
  const tail = parseTableTail(c);
  return { kind: 'create_table', ...head, ...tail, ingest: parseIngest(c) };
}

function parseTableTail(c: Cursor): TableTail {
  const partitionBy = c.atWords('partition', 'by') ? parsePartitionBy(c) : null;
  const accessMethod = c.accept('using') ? parseColId(c) : null;
  const options = parseWithOptions(c);
  let onCommit: CreateTable['onCommit'] = null;
  if (c.acceptWords('on', 'commit')) {
    const action = c.expectOneOf('preserve', 'delete', 'drop');
    if (action !== 'drop') c.expect('rows');
    onCommit = action;
  }
  const tablespace = c.accept('tablespace') ? parseColId(c) : null;
  return { partitionBy, accessMethod, options, onCommit, tablespace };
}

/** `(a, b) ..` with nothing but names inside: the columns of CREATE TABLE AS. */
function isColumnNames(c: Cursor): boolean {
  return c.at('(') && (c.peek(2).word === ',' || c.peek(2).word === ')') && c.peek(1).word !== ')';
}

function parseTableAs(c: Cursor, head: Omit<CreateTableAs, 'kind' | 'source' | 'withData'>): CreateTableAs {
  c.expect('as');
  const source: Query | Execute = c.at('execute') ? parseExecute(c) : c.query();
  return { kind: 'create_table_as', ...head, source, withData: parseWithData(c) };
}

/** WITH DATA, WITH NO DATA, or nothing: whether data is wanted. */
export function parseWithData(c: Cursor): boolean {
  if (!c.accept('with')) return true;
  const none = c.accept('no');
  c.expect('data');
  return !none;
}

/** `( columns, constraints, LIKE, WATERMARK )`, perhaps empty */
function parseTableElements(c: Cursor): readonly TableElement[] {
  c.expect('(');
  const elements = c.at(')') ? [] : c.list(parseTableElement);
  c.expect(')');
  return elements;
}

function parseTableElement(c: Cursor): TableElement {
  if (c.at('like')) return parseLikeClause(c);
  if (atTableConstraint(c)) return parseTableConstraint(c);
  if (atWatermark(c)) return parseWatermark(c);
  return parseColumnDefinition(c);
}

function parseTypedElement(c: Cursor): TableElement {
  return atTableConstraint(c) ? parseTableConstraint(c) : parseColumnOptions(c);
}

function parseLikeClause(c: Cursor): LikeClause {
  const { position } = c.advance();
  const table = parseQualifiedName(c);
  const options: { including: boolean; what: string }[] = [];
  while (c.at('including') || c.at('excluding')) {
    const including = c.advance().word === 'including';
    const what = c.expectOneOf(
      'all',
      'comments',
      'compression',
      'constraints',
      'defaults',
      'identity',
      'generated',
      'indexes',
      'statistics',
      'storage',
    );
    options.push({ including, what });
  }
  return { kind: 'like_clause', table, options, position };
}

function parsePartitionBy(c: Cursor): PartitionBy {
  const { position } = c.advance();
  c.expect('by');
  const strategy = parseColId(c);
  return { strategy, keys: c.parenthesized(parseIndexElement), position };
}

/** DEFAULT | FOR VALUES IN (..) | FROM (..) TO (..) | WITH (MODULUS m, REMAINDER r) */
export function parsePartitionBound(c: Cursor): PartitionBound {
  if (c.accept('default')) return { kind: 'default' };
  c.expectWords('for', 'values');
  const word = c.expectOneOf('in', 'from', 'with');
  if (word === 'in') return { kind: 'in', values: c.parenthesized((at) => at.expression()) };
  if (word === 'from') {
    const from = c.parenthesized((at) => at.expression());
    c.expect('to');
    return { kind: 'range', from, to: c.parenthesized((at) => at.expression()) };
  }
  c.expectWords('(', 'modulus');
  const modulus = c.expectInteger();
  c.expectWords(',', 'remainder');
  const remainder = c.expectInteger();
  c.expect(')');
  return { kind: 'hash', modulus, remainder };
}

/** Behind CREATE [OR REPLACE] STREAM | SOURCE. */
export function parseCreateStream(
  c: Cursor,
  word: CreateStream['word'],
  orReplace: boolean,
  position: number,
): CreateStream {
  const ifNotExists = acceptIfNotExists(c);
  const name: QualifiedName = parseQualifiedName(c);
  const elements = c.at('(') ? parseTableElements(c) : [];
  const options = parseWithOptions(c);
  const ingest = parseIngest(c);
  return { kind: 'create_stream', word, orReplace, ifNotExists, name, elements, options, ingest, position };
}
