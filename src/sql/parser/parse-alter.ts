// ALTER: dispatch on the object's word; what every object shares (RENAME, SET SCHEMA, OWNER TO); sequences, enums, roles,
// databases, materialized views' PAUSE and RESUME. The actions of ALTER TABLE are in parse-alter-table.ts.
import type {
  AlterEnum,
  AlterRelation,
  AlterRole,
  AlterStatement,
  ObjectName,
  ObjectType,
  SettingChange,
} from '../ast-alter.ts';
import type { DefinitionStatement, Option } from '../ast-definition.ts';
import type { Unsupported } from '../ast-utility.ts';
import type { Cursor } from './cursor.ts';
import { acceptIfExists, acceptIfNotExists, parseColId, parseRole } from './names.ts';
import { parseAlterActions } from './parse-alter-table.ts';
import { parseDatabaseOption, parseRoleOption } from './parse-create.ts';
import { acceptObjectType, parseObjectName } from './parse-object.ts';
import { parseStorageOption } from './parse-options.ts';
import { parseSequenceOptions } from './parse-sequence.ts';
import { parseReset, parseSettingTail } from './parse-setting.ts';
import { parseUnsupported } from './parse-unsupported.ts';

const RELATIONS: ReadonlySet<ObjectType> = new Set([
  'table',
  'view',
  'materialized view',
  'stream',
  'source',
  'sink',
  'index',
  'sequence',
  'foreign table',
]);

export function parseAlter(c: Cursor): DefinitionStatement | Unsupported {
  const first = c.advance();
  const { position } = first;
  if (c.acceptWords('system', 'set')) return { kind: 'alter_system', setting: settingChange(c), position };
  if (c.atWords('system', 'reset')) {
    c.advance();
    return { kind: 'alter_system', setting: resetChange(c), position };
  }
  const word = c.token.word;
  const objectType = acceptObjectType(c);
  if (objectType === null) return parseUnsupported(c, first);
  if (objectType === 'role') return parseAlterRole(c, word === 'user' ? 'user' : 'role', position);
  const ifExists = acceptIfExists(c);
  if (c.atWords('all', 'in')) return parseUnsupported(c, first); // .. IN TABLESPACE
  if (RELATIONS.has(objectType)) return parseAlterRelation(c, objectType, ifExists, position);
  const object = parseObjectName(c, objectType);
  const shared = parseShared(c, objectType, object, ifExists, position);
  if (shared !== null) return shared;
  if (objectType === 'type') return parseAlterType(c, object, position) ?? parseUnsupported(c, first);
  if (
    objectType === 'database' ||
    (objectType === 'subscription' && c.atWords('set', '(')) ||
    (objectType === 'function' && c.atWords('set', '('))
  ) {
    return parseObjectOptions(c, objectType, object, position);
  }
  return parseUnsupported(c, first);
}

/** RENAME TO, SET SCHEMA, OWNER TO: the same for every object. */
function parseShared(
  c: Cursor,
  objectType: ObjectType,
  object: ObjectName,
  ifExists: boolean,
  position: number,
): AlterStatement | null {
  const whole = objectType === 'role' || objectType === 'schema' || objectType === 'database';
  if (whole ? c.acceptPhrase('rename', 'to') : c.acceptWords('rename', 'to')) {
    const newName = objectType === 'role' ? parseRole(c) : parseColId(c);
    return { kind: 'rename', objectType, relationType: null, ifExists, object, part: null, newName, position };
  }
  if (c.acceptWords('set', 'schema')) {
    return { kind: 'set_schema', objectType, ifExists, object, schema: parseColId(c), position };
  }
  if (c.acceptWords('owner', 'to')) return { kind: 'alter_owner', objectType, object, owner: parseRole(c), position };
  return null;
}

function parseAlterRelation(
  c: Cursor,
  objectType: ObjectType,
  ifExists: boolean,
  position: number,
): DefinitionStatement {
  const tableLike = objectType === 'table' || objectType === 'foreign table';
  const only = tableLike && c.accept('only');
  const object = parseObjectName(c, objectType);
  c.accept('*');
  const { name } = object;
  if ((objectType === 'materialized view' || objectType === 'stream') && (c.at('pause') || c.at('resume'))) {
    const action = c.advance().word === 'pause' ? 'pause' : 'resume';
    return { kind: 'alter_materialized_view_state', objectType, ifExists, name, action, position };
  }
  // an owner is one of ALTER TABLE's actions, and can stand among others
  const shared = c.at('owner') ? null : parseShared(c, objectType, object, ifExists, position);
  if (shared !== null) return shared;
  if ((objectType === 'index' || objectType === 'sequence') && c.acceptPhrase('rename', 'to')) throw c.fail();
  if (c.accept('rename')) return parseRenamePart(c, objectType, object, ifExists, position);
  if (objectType === 'sequence' && !c.at('owner')) {
    const options = parseSequenceOptions(c);
    if (options.length > 0) return { kind: 'alter_sequence', ifExists, name, options, position };
  }
  const relationType = objectType as AlterRelation['objectType'];
  return {
    kind: 'alter_relation',
    objectType: relationType,
    ifExists,
    only,
    name,
    actions: parseAlterActions(c),
    position,
  };
}

/** RENAME [COLUMN] a TO b, RENAME CONSTRAINT a TO b */
function parseRenamePart(
  c: Cursor,
  relationType: ObjectType,
  object: ObjectName,
  ifExists: boolean,
  position: number,
): AlterStatement {
  const objectType = c.accept('constraint') ? 'constraint' : 'column';
  if (objectType === 'column') c.accept('column');
  const part = parseColId(c);
  c.expect('to');
  return { kind: 'rename', objectType, relationType, ifExists, object, part, newName: parseColId(c), position };
}

/** ADD VALUE, RENAME VALUE, RENAME ATTRIBUTE */
function parseAlterType(c: Cursor, object: ObjectName, position: number): AlterStatement | null {
  const { name } = object;
  if (c.acceptWords('add', 'value')) return { kind: 'alter_enum', name, action: parseAddValue(c), position };
  if (c.acceptWords('rename', 'value')) {
    const from = c.expectString();
    c.expect('to');
    return { kind: 'alter_enum', name, action: { kind: 'rename_value', from, to: c.expectString() }, position };
  }
  if (!c.acceptWords('rename', 'attribute')) return null;
  const part = parseColId(c);
  c.expect('to');
  const newName = parseColId(c);
  if (!c.accept('cascade')) c.accept('restrict');
  return {
    kind: 'rename',
    objectType: 'attribute',
    relationType: 'type',
    ifExists: false,
    object,
    part,
    newName,
    position,
  };
}

function parseAddValue(c: Cursor): AlterEnum['action'] {
  const ifNotExists = acceptIfNotExists(c);
  const value = c.expectString();
  const place = c.at('before') || c.at('after') ? c.advance().word : null;
  if (place !== 'before' && place !== 'after') {
    return { kind: 'add_value', ifNotExists, value, place: null, neighbour: null };
  }
  return { kind: 'add_value', ifNotExists, value, place, neighbour: c.expectString() };
}

/** Behind ALTER ROLE | USER. */
function parseAlterRole(c: Cursor, word: AlterRole['word'], position: number): AlterStatement {
  const object = c.at('all') ? null : parseObjectName(c, 'role');
  if (object === null) c.advance();
  const name = object?.name.parts[0] ?? null;
  if (object !== null) {
    const shared = parseShared(c, 'role', object, false, position);
    if (shared !== null) return shared;
  }
  const inDatabase = c.acceptWords('in', 'database') ? parseColId(c) : null;
  const bare = { kind: 'alter_role', word, name, inDatabase, options: [], position } as const;
  if (c.accept('set')) return { ...bare, setting: settingChange(c) };
  if (c.at('reset')) return { ...bare, setting: resetChange(c) };
  if (name === null || inDatabase !== null) throw c.fail();
  c.accept('with');
  const options: Option[] = [];
  for (;;) {
    const option = parseRoleOption(c);
    if (option === null) return { ...bare, options, setting: null };
    options.push(option);
  }
}

/** Behind SET. */
function settingChange(c: Cursor): SettingChange {
  const { name, values } = parseSettingTail(c);
  return { name, values: values?.map((value) => value.text) ?? null };
}

function resetChange(c: Cursor): SettingChange {
  return { name: parseReset(c).name, values: null };
}

/** SET (options), SET name = value, RESET name, [WITH] options of a database */
function parseObjectOptions(c: Cursor, objectType: ObjectType, object: ObjectName, position: number): AlterStatement {
  const bare = { kind: 'alter_object_options', objectType, name: object.name, setting: null, position } as const;
  if (c.acceptWords('set', '(')) {
    const options = c.list(parseStorageOption);
    c.expect(')');
    return { ...bare, options };
  }
  if (c.accept('set')) {
    if (c.accept('tablespace'))
      return { ...bare, options: [{ ...TABLESPACE, value: { kind: 'word', text: parseColId(c) }, position }] };
    return { ...bare, options: [], setting: settingChange(c) };
  }
  if (c.at('reset')) return { ...bare, options: [], setting: resetChange(c) };
  if (objectType !== 'database') throw c.fail();
  c.accept('with');
  const options: Option[] = [];
  while (!c.atEnd() && !c.at(';')) options.push(parseDatabaseOption(c));
  return { ...bare, options };
}

const TABLESPACE = { name: 'tablespace', namespace: null };
