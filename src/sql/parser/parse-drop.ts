// DROP, COMMENT ON, GRANT, REVOKE.
import { sqlError } from '../../errors/sql-error.ts';
import type { CommentOn, Drop, GrantPrivileges, GrantRole, ObjectName, ObjectType } from '../ast-alter.ts';
import type { Option } from '../ast-definition.ts';
import type { Unsupported } from '../ast-utility.ts';
import type { Cursor } from './cursor.ts';
import {
  acceptCascade,
  acceptIfExists,
  parseColId,
  parseColLabel,
  parseNonReserved,
  parseQualifiedName,
  parseRole,
} from './names.ts';
import { acceptObjectType, parseObjectName } from './parse-object.ts';
import { parseUnsupported } from './parse-unsupported.ts';

export function parseDrop(c: Cursor): Drop | Unsupported {
  const first = c.advance();
  const objectType = acceptDroppable(c);
  if (objectType === null) return parseUnsupported(c, first);
  const concurrently = objectType === 'index' && c.accept('concurrently');
  const ifExists = acceptIfExists(c);
  const single =
    objectType === 'trigger' || objectType === 'rule' || objectType === 'policy' || objectType === 'database';
  const objects = single ? [parseObjectName(c, objectType)] : c.list((at) => parseObjectName(at, objectType));
  let force = false;
  if (objectType === 'database') {
    const parenthesized = c.acceptWords('with', '(') || c.accept('(');
    if (parenthesized) {
      c.expect('force');
      c.expect(')');
      force = true;
    }
  }
  const cascade = objectType === 'database' || objectType === 'role' ? false : acceptCascade(c);
  return { kind: 'drop', objectType, ifExists, concurrently, objects, cascade, force, position: first.position };
}

function acceptDroppable(c: Cursor): ObjectType | null {
  if (c.at('collation') || c.at('tablespace') || c.atWords('large', 'object')) return null;
  return acceptObjectType(c);
}

/** COMMENT ON type name IS 'text' | NULL; for columns and constraints the last name is `part`. */
export function parseComment(c: Cursor): CommentOn | Unsupported {
  const first = c.advance();
  c.expect('on');
  if (c.accept('column')) {
    const name = parseQualifiedName(c);
    if (name.parts.length < 2) {
      // PostgreSQL reads any_name here and finds the missing table later
      return finishComment(c, 'column', plainName(name.parts, name.position), name.parts[0]!, first.position);
    }
    const object = plainName(name.parts.slice(0, -1), name.position);
    return finishComment(c, 'column', object, name.parts.at(-1)!, first.position);
  }
  if (c.accept('constraint')) {
    const part = parseColId(c);
    c.expect('on');
    const domain = c.accept('domain');
    const name = parseQualifiedName(c);
    const type = domain ? 'domain constraint' : 'constraint';
    return finishComment(c, type, plainName(name.parts, name.position), part, first.position);
  }
  const objectType = acceptObjectType(c);
  if (objectType === null) return parseUnsupported(c, first);
  return finishComment(c, objectType, parseObjectName(c, objectType), null, first.position);
}

function plainName(parts: readonly string[], position: number): ObjectName {
  return { name: { parts, position }, parameters: null, star: false, type: null, on: null, position };
}

function finishComment(
  c: Cursor,
  objectType: ObjectType,
  object: ObjectName,
  part: string | null,
  position: number,
): CommentOn {
  c.expect('is');
  const comment = c.accept('null') ? null : c.expectString();
  return { kind: 'comment', objectType, object, part, comment, position };
}

const PRIVILEGE_OBJECTS: ReadonlyMap<string, ObjectType> = new Map([
  ['tables', 'table'],
  ['sequences', 'sequence'],
  ['functions', 'function'],
  ['procedures', 'procedure'],
  ['routines', 'routine'],
]);

const OTHER_PRIVILEGE_OBJECTS: ReadonlySet<string> = new Set(['language', 'large', 'foreign', 'parameter']);

/** GRANT privileges ON objects TO grantees, or GRANT roles TO grantees; REVOKE the same with FROM. */
export function parseGrant(c: Cursor): GrantPrivileges | GrantRole {
  const { position, word } = c.advance();
  const grant = word === 'grant';
  let optionFor = false;
  const options: Option[] = [];
  if (!grant && c.acceptWords('grant', 'option', 'for')) {
    optionFor = true;
  } else if (!grant && c.peek(1).word === 'option' && c.peek(2).word === 'for') {
    options.push({ name: parseNonReserved(c), namespace: null, value: null, position });
    c.advance();
    c.advance();
  }
  const privileges = parsePrivileges(c);
  if (!c.at('on')) {
    if (privileges.length === 0) throw c.fail();
    return parseGrantRole(
      c,
      grant,
      privileges.map((item) => item.privilege),
      options,
      position,
    );
  }
  c.advance();
  const target = parseGrantTarget(c);
  c.expect(grant ? 'to' : 'from');
  const grantees = c.list(parseGrantee);
  const grantOption = grant ? c.acceptWords('with', 'grant', 'option') : optionFor;
  const grantedBy = c.acceptPhrase('granted', 'by') ? parseRole(c) : null;
  const cascade = grant ? false : acceptCascade(c);
  return {
    kind: 'grant_privileges',
    grant,
    privileges,
    ...target,
    grantees,
    grantOption,
    grantedBy,
    cascade,
    position,
  };
}

interface Privilege {
  readonly privilege: string;
  readonly columns: readonly string[];
}

/** ALL [PRIVILEGES] [(columns)] is [], or with columns one entry called 'all'. */
function parsePrivileges(c: Cursor): readonly Privilege[] {
  if (!c.accept('all')) return c.list(parsePrivilege);
  c.accept('privileges');
  return c.at('(') ? [{ privilege: 'all', columns: c.parenthesized(parseColId) }] : [];
}

function parsePrivilege(c: Cursor): Privilege {
  const { word } = c.token;
  let privilege: string;
  if (word === 'select' || word === 'references' || word === 'create') privilege = c.advance().word;
  else if (c.acceptWords('alter', 'system')) privilege = 'alter system';
  else privilege = parseColId(c);
  return { privilege, columns: c.at('(') ? c.parenthesized(parseColId) : [] };
}

function parseGrantTarget(c: Cursor): Pick<GrantPrivileges, 'objectType' | 'allInSchema' | 'objects'> {
  const plural = c.at('all') ? PRIVILEGE_OBJECTS.get(c.peek(1).word) : undefined;
  if (plural !== undefined) {
    c.advance();
    c.advance();
    c.expectWords('in', 'schema');
    return { objectType: plural, allInSchema: true, objects: c.list((at) => parseObjectName(at, 'schema')) };
  }
  if (OTHER_PRIVILEGE_OBJECTS.has(c.token.word) && !['to', 'from', ',', '.'].includes(c.peek(1).word)) {
    const { word, position } = c.token;
    throw sqlError('feature_not_supported', `GRANT and REVOKE ON ${word.toUpperCase()} are not supported`, {
      position,
    });
  }
  const objectType = acceptGrantObject(c);
  return { objectType, allInSchema: false, objects: c.list((at) => parseObjectName(at, objectType)) };
}

function acceptGrantObject(c: Cursor): ObjectType {
  // a table may be called like an unreserved object word: GRANT .. ON schema TO x
  const next = c.peek(1).word;
  if (next === 'to' || next === 'from' || next === ',' || next === '.') return 'table';
  return acceptObjectType(c) ?? 'table';
}

function parseGrantee(c: Cursor): string {
  c.accept('group');
  return parseRole(c);
}

function parseGrantRole(
  c: Cursor,
  grant: boolean,
  roles: readonly string[],
  before: readonly Option[],
  position: number,
): GrantRole {
  c.expect(grant ? 'to' : 'from');
  const grantees = c.list(parseRole);
  const options = [...before];
  if (grant && c.accept('with')) options.push(...c.list(parseGrantRoleOption));
  const grantedBy = c.acceptPhrase('granted', 'by') ? parseRole(c) : null;
  const cascade = grant ? false : acceptCascade(c);
  return { kind: 'grant_role', grant, roles, grantees, options, grantedBy, cascade, position };
}

function parseGrantRoleOption(c: Cursor): Option {
  const { position } = c.token;
  const name = parseColLabel(c);
  const word = c.expectOneOf('option', 'true', 'false');
  return { name, namespace: null, value: { kind: 'boolean', value: word !== 'false' }, position };
}
