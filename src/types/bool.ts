// boolean: PostgreSQL accepts any unique prefix of true, false, yes, no, on, off, and 1 and 0.
import { sqlError } from '../errors/sql-error.ts';
import { expectLength } from './binary-format.ts';
import type { TypeOperations } from './type-settings.ts';
import { trimSpace } from './white-space.ts';

/** true, false, or undefined where the word is neither. */
function readBool(text: string): boolean | undefined {
  const word = trimSpace(text).toLowerCase();
  if (word === '') return undefined;
  if ('true'.startsWith(word) || 'yes'.startsWith(word) || word === 'on' || word === '1') return true;
  if ('false'.startsWith(word) || 'no'.startsWith(word) || word === 'off' || word === 'of' || word === '0')
    return false;
  return undefined;
}

export const BOOL_OPERATIONS: TypeOperations = {
  parseText: (text) => {
    const value = readBool(text);
    if (value === undefined) {
      throw sqlError('invalid_text_representation', `invalid input syntax for type boolean: "${text}"`);
    }
    return value;
  },
  formatText: (datum) => (datum ? 't' : 'f'),
  encodeBinary: (datum) => Uint8Array.of(datum ? 1 : 0),
  decodeBinary: (bytes) => {
    expectLength(bytes, 1);
    return bytes[0] !== 0;
  },
  compare: (a, b) => Number(a) - Number(b),
};
