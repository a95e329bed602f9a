// uuid: text in any of the spellings PostgreSQL reads, printed in the canonical one; 16 raw bytes in binary.
import { sqlError } from '../errors/sql-error.ts';
import { expectLength } from './binary-format.ts';
import { compareText } from './text.ts';
import type { TypeOperations } from './type-settings.ts';

const UUID = /^(?:[0-9a-f]{4}-?){8}$/;

function dashed(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

export const UUID_OPERATIONS: TypeOperations = {
  parseText: (text) => {
    let body = text.toLowerCase();
    if (body.startsWith('{') && body.endsWith('}')) body = body.slice(1, -1);
    if (!UUID.test(body) || body.endsWith('-')) {
      throw sqlError('invalid_text_representation', `invalid input syntax for type uuid: "${text}"`);
    }
    return dashed(body.replaceAll('-', ''));
  },
  formatText: (datum) => datum as string,
  encodeBinary: (datum) => Uint8Array.from(Buffer.from((datum as string).replaceAll('-', ''), 'hex')),
  decodeBinary: (bytes) => {
    expectLength(bytes, 16);
    return dashed(Buffer.from(bytes).toString('hex'));
  },
  compare: (a, b) => compareText(a as string, b as string),
};
