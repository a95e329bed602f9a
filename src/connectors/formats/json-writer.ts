// Batches -> JSON lines: numbers with all their digits, json as it is, everything else as the text SQL prints.
import type { Batch } from '../../columns/batch.ts';
import { batchRowIndexes } from '../../columns/batch-builder.ts';
import { readDatum } from '../../columns/datum-vector.ts';
import type { SharedMemory } from '../../columns/memory.ts';
import type { Datum } from '../../types/datum.ts';
import type { SqlType } from '../../types/sql-type.ts';
import { typeOperations } from '../../types/type-operations.ts';
import type { NamedColumn } from './csv-file.ts';

const NUMBER = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const NUMBERS = new Set(['int2', 'int4', 'int8', 'float4', 'float8', 'numeric', 'oid']);

function jsonOf(value: Datum | null, type: SqlType): string {
  if (value === null) return 'null';
  if (typeof value === 'boolean') return String(value);
  const text = typeOperations(type).formatText(value, type);
  if (type.name === 'jsonb') return text;
  if (type.name === 'json')
    return JSON.stringify(JSON.parse(text)) === text ? text : text.replaceAll(/\s*[\r\n]\s*/g, ' ');
  return NUMBERS.has(type.name) && NUMBER.test(text) ? text : JSON.stringify(text);
}

/** One object per row and line. */
export function jsonLinesOf(memory: SharedMemory, batch: Batch, columns: readonly NamedColumn[]): string {
  const keys = columns.map((column) => JSON.stringify(column.name));
  let text = '';
  for (const row of batchRowIndexes(memory, batch)) {
    const members = columns.map(
      ({ type }, i) => `${keys[i]}:${jsonOf(readDatum(memory, batch.columns[i]!, row), type)}`,
    );
    text += `{${members.join(',')}}\n`;
  }
  return text;
}
