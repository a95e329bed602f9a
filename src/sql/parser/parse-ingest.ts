// What streams have beyond tables: WATERMARK, FORMAT .. ENCODE .., ON LATE, ON ERROR.
import type { ErrorAction, FormatClause, IngestClauses, LateAction, WatermarkDefinition } from '../ast-definition.ts';
import type { Cursor } from './cursor.ts';
import { parseColId, parseColLabel, parseQualifiedName } from './names.ts';
import { parseStorageOption } from './parse-options.ts';

/** `watermark` alone can name a column; WATERMARK FOR starts a definition. */
export function atWatermark(c: Cursor): boolean {
  return c.atWords('watermark', 'for');
}

/** WATERMARK FOR column AS expression [IDLE TIMEOUT interval] */
export function parseWatermark(c: Cursor): WatermarkDefinition {
  const { position } = c.advance();
  c.advance();
  const column = parseColId(c);
  c.expect('as');
  const expression = c.expression();
  const idleTimeout = c.acceptWords('idle', 'timeout') ? c.expression() : null;
  return { kind: 'watermark', column, expression, idleTimeout, position };
}

/** The clauses behind WITH (..), in any order. */
export function parseIngest(c: Cursor): IngestClauses {
  let format: FormatClause | null = null;
  let onLate: LateAction | null = null;
  let onError: ErrorAction | null = null;
  for (;;) {
    if (format === null && c.at('format')) {
      format = parseFormat(c);
    } else if (onLate === null && c.acceptWords('on', 'late')) {
      onLate = parseLateAction(c);
    } else if (onError === null && c.acceptWords('on', 'error')) {
      onError = parseErrorAction(c);
    } else {
      return { format, onLate, onError };
    }
  }
}

/** FORMAT f ENCODE e [(options)] */
export function parseFormat(c: Cursor): FormatClause {
  const { position } = c.advance();
  const format = parseColLabel(c);
  c.expect('encode');
  const encode = parseColLabel(c);
  const options = c.at('(') ? c.parenthesized(parseStorageOption) : [];
  return { format, encode, options, position };
}

function parseLateAction(c: Cursor): LateAction {
  const kind = c.expectOneOf('reject', 'keep', 'into');
  return kind === 'into' ? { kind, stream: parseQualifiedName(c) } : { kind };
}

function parseErrorAction(c: Cursor): ErrorAction {
  const kind = c.expectOneOf('reject', 'fail', 'into');
  return kind === 'into' ? { kind, stream: parseQualifiedName(c) } : { kind };
}
