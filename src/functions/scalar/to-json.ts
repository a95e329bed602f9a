// SQL values as JSON: what to_json, to_jsonb, json_agg and json_build_object make of each type.
import type { Datum, SqlArray, SqlRecord } from '../../types/datum.ts';
import { canonicalJsonb } from '../../types/json.ts';
import { quoteJson } from '../../types/json-value.ts';
import type { SqlType } from '../../types/sql-type.ts';
import { typeOperations } from '../../types/type-operations.ts';
import { settingsOf } from '../define.ts';
import type { EvaluationContext } from '../function-definition.ts';

const NUMBERS = new Set(['int2', 'int4', 'int8', 'float4', 'float8', 'numeric']);

/** The json text of a value, in json's compact spelling; `lines`: a line feed between its outermost parts. */
export function toJsonText(value: Datum | null, type: SqlType, context: EvaluationContext, lines = false): string {
  if (value === null) return 'null';
  const settings = { ...settingsOf(context), dateStyle: 'ISO, MDY' };
  switch (type.name) {
    case 'bool':
      return value ? 'true' : 'false';
    case 'json':
    case 'jsonb':
      return value as string;
    case 'array':
      return arrayJson(value as SqlArray, type.element!, context, lines ? ',\n ' : ',');
    case 'record':
      return recordJson(value as SqlRecord, type, context, lines ? ',\n ' : ',');
    case 'timestamp':
    case 'timestamptz': {
      const text = typeOperations(type).formatText(value, type, settings).replace(' ', 'T');
      return quoteJson(type.name === 'timestamptz' ? text.replace(/([+-]\d\d)$/, '$1:00') : text);
    }
    default: {
      const text = typeOperations(type).formatText(value, type, settings);
      if (NUMBERS.has(type.name) && !/[NI]/.test(text)) return text;
      return quoteJson(text);
    }
  }
}

function arrayJson(array: SqlArray, element: SqlType, context: EvaluationContext, comma: string): string {
  if (array.dimensions.length === 0) return '[]';
  let next = 0;
  const level = (depth: number): string => {
    const parts: string[] = [];
    for (let i = 0; i < array.dimensions[depth]!; i++) {
      const deeper = depth + 1 < array.dimensions.length;
      parts.push(deeper ? level(depth + 1) : toJsonText(array.elements[next++]!, element, context));
    }
    return `[${parts.join(depth === 0 ? comma : ',')}]`;
  };
  return level(0);
}

function recordJson(record: SqlRecord, type: SqlType, context: EvaluationContext, comma: string): string {
  const fields = record.values.map((value, i) => {
    const field = type.fields?.[i];
    return `${quoteJson(field?.name ?? `f${i + 1}`)}:${toJsonText(value, field?.type ?? { name: 'text' }, context)}`;
  });
  return `{${fields.join(comma)}}`;
}

export function toJsonbText(value: Datum | null, type: SqlType, context: EvaluationContext): string {
  return type.name === 'jsonb' && value !== null ? (value as string) : canonicalJsonb(toJsonText(value, type, context));
}
