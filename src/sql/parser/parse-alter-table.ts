// The actions of ALTER TABLE, VIEW, MATERIALIZED VIEW, INDEX, SEQUENCE, STREAM, SINK.
import type { AlterAction } from '../ast-alter.ts';
import type { SequenceOption } from '../ast-definition.ts';
import type { Cursor } from './cursor.ts';
import {
  acceptCascade,
  acceptIfExists,
  acceptIfNotExists,
  parseColId,
  parseQualifiedName,
  parseRole,
} from './names.ts';
import { parseOptionalCollation } from './parse-call.ts';
import {
  atTableConstraint,
  parseColumnDefinition,
  parseGeneratedWhen,
  parseTableConstraint,
} from './parse-constraint.ts';
import { parsePartitionBound } from './parse-create-table.ts';
import { parseSignedNumber, parseStorageOption } from './parse-options.ts';
import { parseOptionalSequenceOptions, parseSequenceOption } from './parse-sequence.ts';
import { parseTypeName } from './parse-type.ts';

export function parseAlterActions(c: Cursor): readonly AlterAction[] {
  return c.list(parseAction);
}

function parseAction(c: Cursor): AlterAction {
  const { position, word } = c.token;
  switch (word) {
    case 'add':
      c.advance();
      return parseAdd(c, position);
    case 'drop':
      c.advance();
      return parseDropAction(c, position);
    case 'alter':
      c.advance();
      if (c.accept('constraint')) return parseOther(c, 'alter constraint', position);
      c.accept('column');
      return parseAlterColumn(c, position);
    case 'validate':
      c.advance();
      c.expect('constraint');
      return { kind: 'validate_constraint', constraint: parseColId(c), position };
    case 'set':
      c.advance();
      if (c.at('(')) return { kind: 'set_options', options: c.parenthesized(parseStorageOption), position };
      if (!c.atAny(SET_WORDS)) throw c.fail();
      return parseOther(c, 'set', position);
    case 'reset':
      c.advance();
      return { kind: 'reset_options', options: c.parenthesized(parseStorageOption), position };
    case 'owner':
      c.advance();
      c.expect('to');
      return { kind: 'owner_to', owner: parseRole(c), position };
    case 'inherit':
      c.advance();
      return { kind: 'inherit', parent: parseQualifiedName(c), position };
    case 'attach': {
      c.advance();
      c.expect('partition');
      const partition = parseQualifiedName(c);
      if (c.atEnd() || c.at(';'))
        return { kind: 'other', words: `attach partition ${partition.parts.join('.')}`, position };
      return { kind: 'attach_partition', partition, bound: parsePartitionBound(c), position };
    }
    case 'detach': {
      c.advance();
      c.expect('partition');
      const partition = parseQualifiedName(c);
      const concurrently = c.accept('concurrently');
      if (!concurrently) c.accept('finalize');
      return { kind: 'detach_partition', partition, concurrently, position };
    }
    case 'no':
      if (c.peek(1).word === 'inherit') {
        c.advance();
        c.advance();
        return { kind: 'no_inherit', parent: parseQualifiedName(c), position };
      }
      return parseOther(c, '', position);
    default:
      return parseOther(c, '', position);
  }
}

/** ADD [COLUMN] .., ADD constraint */
function parseAdd(c: Cursor, position: number): AlterAction {
  if (atTableConstraint(c)) return { kind: 'add_constraint', constraint: parseTableConstraint(c), position };
  c.accept('column');
  const ifNotExists = acceptIfNotExists(c);
  return { kind: 'add_column', ifNotExists, column: parseColumnDefinition(c), position };
}

/** DROP [COLUMN] .., DROP CONSTRAINT .. */
function parseDropAction(c: Cursor, position: number): AlterAction {
  if (c.accept('constraint')) {
    const ifExists = acceptIfExists(c);
    const constraint = parseColId(c);
    return { kind: 'drop_constraint', ifExists, constraint, cascade: acceptCascade(c), position };
  }
  c.accept('column');
  const ifExists = acceptIfExists(c);
  const column = parseColId(c);
  return { kind: 'drop_column', ifExists, column, cascade: acceptCascade(c), position };
}

/** Behind ALTER [COLUMN]. */
function parseAlterColumn(c: Cursor, position: number): AlterAction {
  if (c.token.type === 'integer') return parseOther(c, 'alter column', position);
  const column = parseColId(c);
  const word = c.expectOneOf('type', 'set', 'drop', 'add', 'restart', 'reset');
  switch (word) {
    case 'type':
      return parseAlterType(c, column, position);
    case 'set':
      return parseSetColumn(c, column, position);
    case 'drop':
      return parseDropFromColumn(c, column, position);
    case 'add': {
      c.expect('generated');
      const always = parseGeneratedWhen(c);
      c.expectWords('as', 'identity');
      return { kind: 'add_identity', column, always, options: parseOptionalSequenceOptions(c), position };
    }
    case 'restart':
      return parseSetIdentity(c, column, restartOption(c, position), null, position);
    case 'reset':
      return parseOther(c, `alter column ${column} reset`, position);
  }
}

function parseAlterType(c: Cursor, column: string, position: number): AlterAction {
  const type = parseTypeName(c);
  const collation = parseOptionalCollation(c);
  return { kind: 'alter_type', column, type, collation, using: c.accept('using') ? c.expression() : null, position };
}

/** SET DATA TYPE, DEFAULT, NOT NULL, GENERATED, STATISTICS, STORAGE, COMPRESSION, or a sequence option */
function parseSetColumn(c: Cursor, column: string, position: number): AlterAction {
  if (c.acceptWords('data', 'type')) return parseAlterType(c, column, position);
  if (c.accept('default')) return { kind: 'set_default', column, expression: c.expression(), position };
  if (c.acceptWords('not', 'null')) return { kind: 'set_not_null', column, position };
  if (c.accept('statistics')) {
    return { kind: 'set_statistics', column, value: Number(parseSignedNumber(c)), position };
  }
  if (c.accept('storage')) {
    return { kind: 'set_storage', column, value: c.accept('default') ? 'default' : parseColId(c), position };
  }
  if (c.accept('compression')) {
    return { kind: 'set_compression', column, value: c.accept('default') ? 'default' : parseColId(c), position };
  }
  if (c.accept('generated')) return parseSetIdentity(c, column, null, parseGeneratedWhen(c), position);
  if (c.at('(') || c.at('expression')) return parseOther(c, `alter column ${column} set`, position);
  const option = parseSequenceOption(c);
  if (option === null) throw c.fail();
  return parseSetIdentity(c, column, option, null, position);
}

/** The identity changes behind the first one: SET GENERATED .., SET INCREMENT .., RESTART .. */
function parseSetIdentity(
  c: Cursor,
  column: string,
  first: SequenceOption | null,
  firstAlways: boolean | null,
  position: number,
): AlterAction {
  const options = first === null ? [] : [first];
  let always = firstAlways;
  for (;;) {
    const at = c.token.position;
    if (c.accept('restart')) {
      options.push(restartOption(c, at));
    } else if (c.acceptWords('set', 'generated')) {
      always = parseGeneratedWhen(c);
    } else if (c.accept('set')) {
      const option = parseSequenceOption(c);
      if (option === null) throw c.fail();
      options.push(option);
    } else {
      return { kind: 'set_identity', column, always, options, position };
    }
  }
}

/** Behind RESTART. */
function restartOption(c: Cursor, position: number): SequenceOption {
  const value = c.accept('with') || c.token.type === 'integer' || c.at('-') ? parseSignedNumber(c) : null;
  return { kind: 'restart', value, position };
}

function parseDropFromColumn(c: Cursor, column: string, position: number): AlterAction {
  const word = c.expectOneOf('default', 'not', 'expression', 'identity');
  switch (word) {
    case 'default':
      return { kind: 'set_default', column, expression: null, position };
    case 'not':
      c.expect('null');
      return { kind: 'drop_not_null', column, position };
    case 'expression':
    case 'identity': {
      const kind = word === 'identity' ? 'drop_identity' : 'drop_expression';
      return { kind, column, ifExists: acceptIfExists(c), position };
    }
  }
}

const SET_WORDS: ReadonlySet<string> = new Set(['logged', 'unlogged', 'tablespace', 'without', 'access']);
const OTHER_STARTS: ReadonlySet<string> = new Set([
  'enable',
  'disable',
  'force',
  'no',
  'replica',
  'cluster',
  'of',
  'not',
]);

/** An action without a tree: its words up to the next comma or the end. */
function parseOther(c: Cursor, start: string, position: number): AlterAction {
  if (start === '' && !c.atAny(OTHER_STARTS)) throw c.fail();
  const words = start === '' ? [] : [start];
  let depth = 0;
  while (!c.atEnd() && !c.at(';') && !(depth === 0 && c.at(','))) {
    if (c.at('(')) depth++;
    if (c.at(')')) depth--;
    const { start: from, end } = c.token;
    words.push(c.text.slice(from, end).toLowerCase());
    c.advance();
  }
  if (words.length < 2) throw c.fail();
  return { kind: 'other', words: words.join(' '), position };
}
