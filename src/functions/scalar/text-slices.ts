// The window that SUBSTRING cuts out of characters or bytes.
import { sqlError } from '../../errors/sql-error.ts';

/** SUBSTRING's window over characters or bytes: 1-based start that may lie before the text. */
export function sliceWindow(start: number, length: number | undefined, total: number): readonly [number, number] {
  if (length !== undefined && length < 0) {
    throw sqlError('substring_error', 'negative substring length not allowed');
  }
  const from = Math.max(0, start - 1);
  const to = length === undefined ? total : Math.min(total, start - 1 + length);
  return [from, Math.max(from, to)];
}
