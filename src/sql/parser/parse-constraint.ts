// Column definitions and constraints of CREATE TABLE, CREATE STREAM, CREATE DOMAIN and ALTER TABLE.
import { sqlError } from '../../errors/sql-error.ts';
import type { Expression } from '../ast.ts';
import type {
  ColumnConstraint,
  ColumnDefinition,
  ConstraintTiming,
  Option,
  References,
  ReferentialAction,
  TableConstraint,
} from '../ast-definition.ts';
import type { Cursor } from './cursor.ts';
import { parseColId, parseNameParts, parseOptionalColumns, parseQualifiedName } from './names.ts';
import { parseIndexElement } from './parse-change.ts';
import { parseAnyOperator } from './parse-expression.ts';
import { parseStorageOption } from './parse-options.ts';
import { parseOptionalSequenceOptions } from './parse-sequence.ts';
import { parseTypeName } from './parse-type.ts';

const NO_TIMING: ConstraintTiming = {
  deferrable: false,
  initiallyDeferred: false,
  notValid: false,
  notEnforced: false,
};

/** `name type [STORAGE s] [COMPRESSION c] [COLLATE x] constraints` */
export function parseColumnDefinition(c: Cursor): ColumnDefinition {
  const { position } = c.token;
  const name = parseColId(c);
  const type = parseTypeName(c);
  const storage = c.accept('storage') ? (c.accept('default') ? 'default' : parseColId(c)) : null;
  const compression = c.accept('compression') ? (c.accept('default') ? 'default' : parseColId(c)) : null;
  return { kind: 'column_definition', name, type, storage, compression, ...parseColumnConstraints(c), position };
}

/** A column of a typed table or a partition: `name [WITH OPTIONS] constraints`. */
export function parseColumnOptions(c: Cursor): ColumnDefinition {
  const { position } = c.token;
  const name = parseColId(c);
  if (c.accept('with')) c.expect('options');
  const bare = { kind: 'column_definition', name, type: null, storage: null, compression: null } as const;
  return { ...bare, ...parseColumnConstraints(c), position };
}

/** ColQualList: constraints and a COLLATE in any order. */
export function parseColumnConstraints(c: Cursor): Pick<ColumnDefinition, 'collation' | 'constraints'> {
  const constraints: ColumnConstraint[] = [];
  let collation: readonly string[] = [];
  for (;;) {
    if (c.accept('collate')) {
      collation = parseNameParts(c);
      continue;
    }
    const constraint = parseColumnConstraint(c);
    if (constraint === null) return { collation, constraints };
    constraints.push(constraint);
  }
}

function parseColumnConstraint(c: Cursor): ColumnConstraint | null {
  const { position } = c.token;
  const named = c.accept('constraint');
  const name = named ? parseColId(c) : null;
  const body = parseColumnConstraintBody(c);
  if (body === null) {
    if (named) throw c.fail();
    return null;
  }
  return { ...body, name, ...parseTiming(c), position } as ColumnConstraint;
}

type Unplaced<T> = T extends unknown ? Omit<T, 'name' | 'position' | keyof ConstraintTiming> : never;

function parseColumnConstraintBody(c: Cursor): Unplaced<ColumnConstraint> | null {
  switch (c.token.word) {
    case 'not':
      c.advance();
      c.expect('null');
      c.acceptWords('no', 'inherit');
      return { kind: 'not_null' };
    case 'null':
      c.advance();
      return { kind: 'null' };
    case 'unique': {
      c.advance();
      const nullsNotDistinct = parseNullsDistinct(c);
      return { kind: 'unique', nullsNotDistinct, ...parseIndexTail(c) };
    }
    case 'primary':
      c.advance();
      c.expect('key');
      return { kind: 'primary_key', ...parseIndexTail(c) };
    case 'check':
      return { kind: 'check', ...parseCheck(c) };
    case 'default':
      c.advance();
      return { kind: 'default', expression: c.grammar.restrictedExpression(c) };
    case 'generated':
      return parseGenerated(c);
    case 'references':
      c.advance();
      return { kind: 'references', ...parseReferences(c) };
    case 'metadata':
      c.advance();
      c.expect('from');
      return { kind: 'metadata', from: c.expectString() };
    default:
      return null;
  }
}

function parseCheck(c: Cursor): { expression: Expression; noInherit: boolean } {
  c.advance();
  c.expect('(');
  const expression = c.expression();
  c.expect(')');
  return { expression, noInherit: c.acceptWords('no', 'inherit') };
}

/** GENERATED {ALWAYS | BY DEFAULT} AS IDENTITY [(..)], GENERATED ALWAYS AS (e) STORED | VIRTUAL */
function parseGenerated(c: Cursor): Unplaced<ColumnConstraint> {
  const { position } = c.advance();
  const always = parseGeneratedWhen(c);
  c.expect('as');
  if (c.accept('identity')) return { kind: 'identity', always, options: parseOptionalSequenceOptions(c) };
  c.expect('(');
  const expression = c.expression();
  c.expect(')');
  const stored = c.accept('stored');
  if (!stored) c.accept('virtual');
  if (!always) {
    const message = 'for a generated column, GENERATED ALWAYS must be specified';
    throw sqlError('syntax_error', message, { position });
  }
  return { kind: 'generated', expression, stored };
}

export function parseGeneratedWhen(c: Cursor): boolean {
  if (c.accept('always')) return true;
  c.expectWords('by', 'default');
  return false;
}

function parseNullsDistinct(c: Cursor): boolean {
  if (!c.at('nulls')) return false;
  c.advance();
  const not = c.accept('not');
  c.expect('distinct');
  return not;
}

/** WITH (..) and USING INDEX TABLESPACE t */
function parseIndexTail(c: Cursor): { options: readonly Option[]; tablespace: string | null } {
  let options: readonly Option[] = [];
  if (c.atWords('with', '(')) {
    c.advance();
    options = c.parenthesized(parseStorageOption);
  }
  const tablespace = c.acceptWords('using', 'index', 'tablespace') ? parseColId(c) : null;
  return { options, tablespace };
}

/** Behind a constraint: DEFERRABLE, INITIALLY .., NOT VALID, [NOT] ENFORCED. */
function parseTiming(c: Cursor): ConstraintTiming {
  let timing = NO_TIMING;
  for (;;) {
    if (c.accept('deferrable')) {
      timing = { ...timing, deferrable: true };
    } else if (c.accept('initially')) {
      const deferred = c.expectOneOf('deferred', 'immediate') === 'deferred';
      timing = { ...timing, initiallyDeferred: deferred, deferrable: timing.deferrable || deferred };
    } else if (c.acceptWords('not', 'valid')) {
      timing = { ...timing, notValid: true };
    } else if (c.acceptWords('not', 'enforced')) {
      timing = { ...timing, notEnforced: true };
    } else if (!c.accept('enforced') && !c.acceptWords('not', 'deferrable')) {
      return timing;
    }
  }
}

/** `t [(a, b)] [MATCH ..] [ON DELETE ..] [ON UPDATE ..]` */
function parseReferences(c: Cursor): References {
  const table = parseQualifiedName(c);
  const columns = parseOptionalColumns(c);
  const match = c.accept('match') ? c.expectOneOf('full', 'partial', 'simple') : 'simple';
  let onDelete: ReferentialAction = 'no_action';
  let onUpdate: ReferentialAction = 'no_action';
  let onDeleteColumns: readonly string[] = [];
  while (c.atWords('on', 'delete') || c.atWords('on', 'update')) {
    c.advance();
    const event = c.advance().word;
    const action = parseReferentialAction(c);
    if (event === 'update') {
      onUpdate = action;
    } else {
      onDelete = action;
      if (action === 'set_null' || action === 'set_default') onDeleteColumns = parseOptionalColumns(c);
    }
  }
  return { table, columns, match, onDelete, onDeleteColumns, onUpdate };
}

function parseReferentialAction(c: Cursor): ReferentialAction {
  const word = c.expectOneOf('no', 'restrict', 'cascade', 'set');
  if (word === 'restrict' || word === 'cascade') return word;
  if (word === 'no') {
    c.expect('action');
    return 'no_action';
  }
  return c.expectOneOf('null', 'default') === 'null' ? 'set_null' : 'set_default';
}

const CONSTRAINT_STARTS: ReadonlySet<string> = new Set([
  'constraint',
  'check',
  'unique',
  'primary',
  'foreign',
  'exclude',
]);

/** Whether a table constraint starts here; `exclude` can also name a column. */
export function atTableConstraint(c: Cursor): boolean {
  if (!c.atAny(CONSTRAINT_STARTS)) return c.atWords('not', 'null');
  return !c.at('exclude') || c.peek(1).word === '(' || c.peek(1).word === 'using';
}

export function parseTableConstraint(c: Cursor): TableConstraint {
  const { position } = c.token;
  const name = c.accept('constraint') ? parseColId(c) : null;
  const body = parseTableConstraintBody(c);
  c.acceptWords('not', 'enforced');
  return { ...body, name, ...parseTiming(c), position } as TableConstraint;
}

function parseTableConstraintBody(c: Cursor): Unplaced<TableConstraint> {
  switch (c.token.word) {
    case 'check':
      return { kind: 'table_check', ...parseCheck(c) };
    case 'unique': {
      c.advance();
      return parseTableKey(c, 'table_unique', parseNullsDistinct(c));
    }
    case 'primary':
      c.advance();
      c.expect('key');
      return parseTableKey(c, 'table_primary_key', false);
    case 'foreign': {
      c.advance();
      c.expect('key');
      const localColumns = c.parenthesized(parseColId);
      c.expect('references');
      return { kind: 'table_foreign_key', localColumns, ...parseReferences(c) };
    }
    case 'not': {
      c.advance();
      c.expect('null');
      const column = parseColId(c);
      return { kind: 'table_not_null', column, noInherit: c.acceptWords('no', 'inherit') };
    }
    case 'exclude':
      return parseExclusion(c);
    default:
      throw c.fail();
  }
}

function parseTableKey(
  c: Cursor,
  kind: 'table_primary_key' | 'table_unique',
  nullsNotDistinct: boolean,
): Unplaced<TableConstraint> {
  const none = { columns: [], including: [], options: [], tablespace: null };
  if (c.acceptWords('using', 'index')) return { kind, nullsNotDistinct, ...none, usingIndex: parseColId(c) };
  const columns = c.parenthesized(parseColId);
  const including = c.accept('include') ? c.parenthesized(parseColId) : [];
  return { kind, columns, nullsNotDistinct, including, ...parseIndexTail(c), usingIndex: null };
}

function parseExclusion(c: Cursor): Unplaced<TableConstraint> {
  c.advance();
  const accessMethod = c.accept('using') ? parseColId(c) : null;
  const elements = c.parenthesized((at) => {
    const element = parseIndexElement(at);
    at.expect('with');
    return { element, operator: parseAnyOperator(at).operator };
  });
  const including = c.accept('include') ? c.parenthesized(parseColId) : [];
  const tail = parseIndexTail(c);
  let where: Expression | null = null;
  if (c.accept('where')) {
    c.expect('(');
    where = c.expression();
    c.expect(')');
  }
  return { kind: 'table_exclude', accessMethod, elements, including, ...tail, where };
}
