// CREATE SEQUENCE, ALTER SEQUENCE's options, and the options of identity columns.
import type { Persistence } from '../ast.ts';
import type { CreateSequence, SequenceOption } from '../ast-definition.ts';
import type { Cursor } from './cursor.ts';
import { acceptIfNotExists, parseNameParts, parseQualifiedName } from './names.ts';
import { parseSignedNumber } from './parse-options.ts';
import { parseTypeName } from './parse-type.ts';

/** Behind CREATE [TEMP] SEQUENCE. */
export function parseCreateSequence(c: Cursor, persistence: Persistence, position: number): CreateSequence {
  const ifNotExists = acceptIfNotExists(c);
  const name = parseQualifiedName(c);
  return { kind: 'create_sequence', persistence, ifNotExists, name, options: parseSequenceOptions(c), position };
}

/** `( options )`, or nothing. */
export function parseOptionalSequenceOptions(c: Cursor): readonly SequenceOption[] {
  if (!c.accept('(')) return [];
  const options = parseSequenceOptions(c);
  if (options.length === 0) throw c.fail();
  c.expect(')');
  return options;
}

/** As many as there are. */
export function parseSequenceOptions(c: Cursor): readonly SequenceOption[] {
  const options: SequenceOption[] = [];
  for (;;) {
    const option = parseSequenceOption(c);
    if (option === null) return options;
    options.push(option);
  }
}

export function parseSequenceOption(c: Cursor): SequenceOption | null {
  const { position, word } = c.token;
  switch (word) {
    case 'as':
      c.advance();
      return { kind: 'as', type: parseTypeName(c), position };
    case 'increment':
      c.advance();
      c.accept('by');
      return { kind: 'increment', value: parseSignedNumber(c), position };
    case 'minvalue':
    case 'maxvalue':
    case 'cache':
      c.advance();
      return { kind: word, value: parseSignedNumber(c), position };
    case 'start':
      c.advance();
      c.accept('with');
      return { kind: 'start', value: parseSignedNumber(c), position };
    case 'restart':
      c.advance();
      return { kind: 'restart', value: parseRestart(c), position };
    case 'cycle':
    case 'logged':
      c.advance();
      return { kind: word, value: true, position };
    case 'unlogged':
      c.advance();
      return { kind: 'logged', value: false, position };
    case 'owned':
      c.advance();
      c.expect('by');
      return { kind: 'owned_by', name: parseNameParts(c), position };
    case 'sequence':
      c.advance();
      c.expect('name');
      return { kind: 'sequence_name', name: parseNameParts(c), position };
    case 'no':
      return parseNoOption(c, position);
    default:
      return null;
  }
}

function parseRestart(c: Cursor): string | null {
  const value = c.accept('with') || c.at('+') || c.at('-') || c.token.type === 'integer' || c.token.type === 'decimal';
  return value ? parseSignedNumber(c) : null;
}

function parseNoOption(c: Cursor, position: number): SequenceOption {
  c.advance();
  const word = c.expectOneOf('minvalue', 'maxvalue', 'cycle');
  if (word === 'cycle') return { kind: 'cycle', value: false, position };
  return { kind: word, value: null, position };
}
