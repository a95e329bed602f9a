// CREATE: dispatch on the object's word, and the small objects: schema, index, type, domain, database, role, extension.
import { sqlError } from '../../errors/sql-error.ts';
import type { Persistence } from '../ast.ts';
import type {
  CreateDatabase,
  CreateDomain,
  CreateExtension,
  CreateIndex,
  CreateRole,
  CreateSchema,
  DefinitionStatement,
  Option,
  OptionValue,
} from '../ast-definition.ts';
import type { Unsupported } from '../ast-utility.ts';
import type { Cursor } from './cursor.ts';
import {
  acceptIfNotExists,
  isColId,
  parseColId,
  parseNonReserved,
  parseQualifiedName,
  parseRole,
  parseWordOrString,
} from './names.ts';
import { parseOptionalCollation } from './parse-call.ts';
import { parseIndexElement } from './parse-change.ts';
import { parseColumnConstraints } from './parse-constraint.ts';
import { parseCreateStream, parseCreateTable } from './parse-create-table.ts';
import { parseCreateAggregate, parseCreateFunction } from './parse-function.ts';
import { parseSignedNumber, parseWithOptions } from './parse-options.ts';
import { parseCreateSequence } from './parse-sequence.ts';
import { parseTypeName } from './parse-type.ts';
import { parseUnsupported } from './parse-unsupported.ts';
import {
  parseCreateMaterializedView,
  parseCreateSink,
  parseCreateSubscription,
  parseCreateView,
} from './parse-view.ts';

export function parseCreate(c: Cursor): DefinitionStatement | Unsupported {
  const { token } = c;
  const { position } = c.advance();
  const orReplace = c.acceptWords('or', 'replace');
  if (orReplace) return parseReplaceable(c, true, position) ?? parseUnsupported(c, token);
  const persistence = parsePersistence(c);
  if (persistence !== 'permanent') return parsePersistent(c, persistence, position);
  return parseReplaceable(c, false, position) ?? parseNamed(c, position) ?? parseUnsupported(c, token);
}

function parsePersistence(c: Cursor): Persistence {
  if (c.at('local') || c.at('global')) {
    c.advance();
    c.expectOneOf('temporary', 'temp');
    return 'temporary';
  }
  if (c.accept('temporary') || c.accept('temp')) return 'temporary';
  return c.accept('unlogged') ? 'unlogged' : 'permanent';
}

/** CREATE TEMP | UNLOGGED .. */
function parsePersistent(c: Cursor, persistence: Persistence, position: number): DefinitionStatement {
  if (c.accept('table')) return parseCreateTable(c, persistence, position);
  if (c.accept('sequence')) return parseCreateSequence(c, persistence, position);
  if (persistence === 'unlogged') {
    c.expectWords('materialized', 'view');
    return parseCreateMaterializedView(c, false, true, position);
  }
  const recursive = c.accept('recursive');
  c.expect('view');
  return parseCreateView(c, { orReplace: false, persistence, recursive, position });
}

/** What OR REPLACE may stand before. */
function parseReplaceable(c: Cursor, orReplace: boolean, position: number): DefinitionStatement | null {
  switch (c.token.word) {
    case 'function':
    case 'procedure':
      return parseCreateFunction(c, c.advance().word === 'procedure', orReplace, position);
    case 'aggregate':
      c.advance();
      return parseCreateAggregate(c, orReplace, position);
    case 'view':
      c.advance();
      return parseCreateView(c, { orReplace, persistence: 'permanent', recursive: false, position });
    case 'recursive':
      c.advance();
      c.expect('view');
      return parseCreateView(c, { orReplace, persistence: 'permanent', recursive: true, position });
    case 'temp':
    case 'temporary':
    case 'local':
    case 'global': {
      const persistence = parsePersistence(c);
      const recursive = c.accept('recursive');
      c.expect('view');
      return parseCreateView(c, { orReplace, persistence, recursive, position });
    }
    case 'materialized':
      c.advance();
      c.expect('view');
      return parseCreateMaterializedView(c, orReplace, false, position);
    case 'stream':
    case 'source':
      return parseCreateStream(c, c.advance().word === 'source' ? 'source' : 'stream', orReplace, position);
    case 'sink':
      c.advance();
      return parseCreateSink(c, orReplace, position);
    default:
      return null;
  }
}

function parseNamed(c: Cursor, position: number): DefinitionStatement | null {
  switch (c.token.word) {
    case 'table':
      c.advance();
      return parseCreateTable(c, 'permanent', position);
    case 'sequence':
      c.advance();
      return parseCreateSequence(c, 'permanent', position);
    case 'schema':
      return parseCreateSchema(c, position);
    case 'unique':
    case 'index':
      return parseCreateIndex(c, position);
    case 'type':
      return parseCreateType(c, position);
    case 'domain':
      return parseCreateDomain(c, position);
    case 'database':
      return parseCreateDatabase(c, position);
    case 'role':
    case 'user':
    case 'group':
      return c.atWords('user', 'mapping') ? null : parseCreateRole(c, position);
    case 'extension':
      return parseCreateExtension(c, position);
    case 'subscription':
      // PostgreSQL's own has CONNECTION; the words behind the name tell
      if (c.peek(2).word === 'connection') return null;
      c.advance();
      return parseCreateSubscription(c, position);
    default:
      return null;
  }
}

function parseCreateSchema(c: Cursor, position: number): CreateSchema {
  c.advance();
  const ifNotExists = acceptIfNotExists(c);
  const name = c.at('authorization') ? null : parseColId(c);
  const owner = c.accept('authorization') ? parseRole(c) : null;
  if (name === null && owner === null) throw c.fail();
  const elements: DefinitionStatement[] = [];
  while (c.at('create') || c.at('grant')) elements.push(c.grammar.statement(c) as DefinitionStatement);
  return { kind: 'create_schema', name, ifNotExists, owner, elements, position };
}

function parseCreateIndex(c: Cursor, position: number): CreateIndex {
  const unique = c.accept('unique');
  c.expect('index');
  const concurrently = c.accept('concurrently');
  const ifNotExists = acceptIfNotExists(c);
  const name = c.at('on') && !ifNotExists ? null : parseColId(c);
  c.expect('on');
  const only = c.accept('only');
  const table = parseQualifiedName(c);
  const method = c.accept('using') ? parseColId(c) : 'btree';
  const elements = c.parenthesized(parseIndexElement);
  const including = c.accept('include') ? c.parenthesized(parseColId) : [];
  let nullsNotDistinct = false;
  if (c.at('nulls')) {
    c.advance();
    nullsNotDistinct = c.accept('not');
    c.expect('distinct');
  }
  const options = parseWithOptions(c);
  const tablespace = c.accept('tablespace') ? parseColId(c) : null;
  const where = c.accept('where') ? c.expression() : null;
  return {
    kind: 'create_index',
    unique,
    concurrently,
    ifNotExists,
    name,
    table,
    only,
    method,
    elements,
    including,
    nullsNotDistinct,
    options,
    tablespace,
    where,
    position,
  };
}

/** CREATE TYPE name AS ENUM (..) or AS (attributes); null for the other forms, which have no tree. */
function parseCreateType(c: Cursor, position: number): DefinitionStatement | null {
  const as = c.peek(2).word === 'as' ? 3 : c.peek(4).word === 'as' ? 5 : 0;
  const what = as === 0 ? '' : c.peek(as).word;
  if (what !== 'enum' && what !== '(') return null;
  c.advance();
  const name = parseQualifiedName(c);
  c.expect('as');
  if (c.accept('enum')) {
    c.expect('(');
    const labels = c.at(')') ? [] : c.list((at) => at.expectString());
    c.expect(')');
    return { kind: 'create_enum', name, labels, position };
  }
  c.expect('(');
  const attributes = c.at(')') ? [] : c.list(parseAttribute);
  c.expect(')');
  return { kind: 'create_composite_type', name, attributes, position };
}

function parseAttribute(c: Cursor): {
  name: string;
  type: ReturnType<typeof parseTypeName>;
  collation: readonly string[];
} {
  const name = parseColId(c);
  const type = parseTypeName(c);
  return { name, type, collation: parseOptionalCollation(c) };
}

function parseCreateDomain(c: Cursor, position: number): CreateDomain {
  c.advance();
  const name = parseQualifiedName(c);
  c.accept('as');
  const type = parseTypeName(c);
  return { kind: 'create_domain', name, type, ...parseColumnConstraints(c), position };
}

function parseCreateDatabase(c: Cursor, position: number): CreateDatabase {
  c.advance();
  const name = parseColId(c);
  c.accept('with');
  const options: Option[] = [];
  while (!c.atEnd() && !c.at(';')) options.push(parseDatabaseOption(c));
  return { kind: 'create_database', name, options, position };
}

/** `name [=] value`; CONNECTION LIMIT is connection_limit. */
export function parseDatabaseOption(c: Cursor): Option {
  const { position } = c.token;
  const name = c.acceptWords('connection', 'limit') ? 'connection_limit' : parseNonReserved(c);
  c.accept('=');
  return { name, namespace: null, value: parseDatabaseValue(c), position };
}

function parseDatabaseValue(c: Cursor): OptionValue | null {
  if (c.accept('default')) return null;
  if (c.token.type === 'string') return { kind: 'string', text: c.advance().value };
  if (c.at('true') || c.at('false') || c.at('on')) return { kind: 'boolean', value: c.advance().word !== 'false' };
  if (isColId(c.token)) return { kind: 'word', text: c.advance().value };
  return { kind: 'number', text: parseSignedNumber(c) };
}

function parseCreateRole(c: Cursor, position: number): CreateRole {
  const { word } = c.advance();
  const name = parseRole(c);
  c.accept('with');
  const options: Option[] = [];
  for (;;) {
    const option = parseRoleOption(c);
    if (option === null) break;
    options.push(option);
  }
  return { kind: 'create_role', word: word === 'user' || word === 'group' ? word : 'role', name, options, position };
}

/** One of CREATE/ALTER ROLE's options, or null at the end. */
export function parseRoleOption(c: Cursor): Option | null {
  const { position, word } = c.token;
  const option = (name: string, value: OptionValue | null): Option => ({ name, namespace: null, value, position });
  switch (word) {
    case 'password':
      c.advance();
      return option('password', c.accept('null') ? null : { kind: 'string', text: c.expectString() });
    case 'encrypted':
      c.advance();
      c.expect('password');
      return option('password', { kind: 'string', text: c.expectString() });
    case 'connection':
      c.advance();
      c.expect('limit');
      return option('connectionlimit', { kind: 'number', text: parseSignedNumber(c) });
    case 'valid':
      c.advance();
      c.expect('until');
      return option('validuntil', { kind: 'string', text: c.expectString() });
    case 'in':
      c.advance();
      c.expectOneOf('role', 'group');
      return option('inrole', { kind: 'list', items: c.list(parseRole) });
    case 'role':
    case 'user':
    case 'admin':
      c.advance();
      return option(word, { kind: 'list', items: c.list(parseRole) });
    case 'sysid':
      c.advance();
      return option('sysid', { kind: 'number', text: String(c.expectInteger()) });
    case 'inherit':
      c.advance();
      return option('inherit', null);
    default: {
      if (!ROLE_FLAGS.has(word)) {
        if (c.token.type !== 'identifier') return null;
        throw sqlError('syntax_error', `unrecognized role option "${c.token.value}"`, { position });
      }
      c.advance();
      return option(word, null);
    }
  }
}

const ROLE_FLAGS: ReadonlySet<string> = new Set(
  (
    'superuser nosuperuser createdb nocreatedb createrole nocreaterole noinherit login nologin replication ' +
    'noreplication bypassrls nobypassrls'
  ).split(' '),
);

function parseCreateExtension(c: Cursor, position: number): CreateExtension {
  c.advance();
  const ifNotExists = acceptIfNotExists(c);
  const name = parseColId(c);
  c.accept('with');
  const options: Option[] = [];
  for (;;) {
    const at = c.token.position;
    if (c.accept('cascade')) {
      options.push({ name: 'cascade', namespace: null, value: null, position: at });
    } else if (c.at('schema') || c.at('version')) {
      const option = c.advance().word;
      const text = option === 'schema' ? parseColId(c) : parseWordOrString(c);
      options.push({ name: option, namespace: null, value: { kind: 'word', text }, position: at });
    } else {
      return { kind: 'create_extension', ifNotExists, name, options, position };
    }
  }
}
