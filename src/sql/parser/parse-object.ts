// The names of objects as DROP, ALTER, COMMENT and GRANT write them: an object type's words, then a name in that type's form.
import type { ObjectName, ObjectType } from '../ast-alter.ts';
import type { QualifiedName } from '../ast-definition.ts';
import type { Cursor } from './cursor.ts';
import { parseColId, parseFunctionName, parseQualifiedName } from './names.ts';
import { parseAggregateParameters, parseParameters } from './parse-function.ts';
import { parseTypeName } from './parse-type.ts';

const TWO_WORDS: readonly (readonly [string, string, ObjectType])[] = [
  ['materialized', 'view', 'materialized view'],
  ['foreign', 'table', 'foreign table'],
  ['large', 'object', 'large object'],
];
const ONE_WORD: ReadonlyMap<string, ObjectType> = new Map(
  (
    [
      'table',
      'view',
      'stream',
      'source',
      'sink',
      'subscription',
      'index',
      'sequence',
      'schema',
      'type',
      'domain',
      'function',
      'procedure',
      'routine',
      'aggregate',
      'database',
      'extension',
      'collation',
      'tablespace',
      'trigger',
      'rule',
      'policy',
    ] as const
  ).map((word) => [word, word]),
);
const ROLE_WORDS: ReadonlySet<string> = new Set(['role', 'user', 'group']);

/** Reads an object type's words; null, with nothing read, if none of those with a tree comes. */
export function acceptObjectType(c: Cursor): ObjectType | null {
  for (const [first, second, type] of TWO_WORDS) if (c.acceptWords(first, second)) return type;
  if (ROLE_WORDS.has(c.token.word)) {
    if (c.peek(1).word === 'mapping') return null;
    c.advance();
    return 'role';
  }
  const type = ONE_WORD.get(c.token.word) ?? null;
  if (type !== null) c.advance();
  return type;
}

/** A name in the form of its object type: with parameters, as a type, `name ON table`, .. */
export function parseObjectName(c: Cursor, type: ObjectType): ObjectName {
  const { position } = c.token;
  const bare = { parameters: null, star: false, type: null, on: null, position };
  switch (type) {
    case 'function':
    case 'procedure':
    case 'routine': {
      const name = parseFunctionName(c);
      return { ...bare, name, parameters: c.at('(') ? parseParameters(c) : null };
    }
    case 'aggregate': {
      const name = parseFunctionName(c);
      return { ...bare, name, ...parseAggregateParameters(c) };
    }
    case 'type':
    case 'domain': {
      const named = parseTypeName(c);
      return { ...bare, name: { parts: named.name, position }, type: named };
    }
    case 'trigger':
    case 'rule':
    case 'policy':
    case 'constraint': {
      const name = parseSingleName(c);
      c.expect('on');
      return { ...bare, name, on: parseQualifiedName(c) };
    }
    case 'role':
    case 'database':
    case 'schema':
    case 'extension':
    case 'tablespace':
      return { ...bare, name: parseSingleName(c) };
    default:
      return { ...bare, name: parseQualifiedName(c) };
  }
}

function parseSingleName(c: Cursor): QualifiedName {
  const { position, word } = c.token;
  if (word === 'current_user' || word === 'session_user' || word === 'current_role') {
    return { parts: [c.advance().word], position };
  }
  return { parts: [parseColId(c)], position };
}
