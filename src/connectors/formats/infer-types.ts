// Types for columns of text from a sample of their values: the narrowest of bool, int8, float8, date, timestamp that every value fits, else text.
import { BOOL, DATE, FLOAT8, INT8, type SqlType, TEXT, TIMESTAMP } from '../../types/sql-type.ts';

const FORMS: readonly (readonly [SqlType, RegExp])[] = [
  [BOOL, /^(?:true|false)$/i],
  [INT8, /^[+-]?\d{1,18}$/],
  [FLOAT8, /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/],
  [DATE, /^\d{4}-\d{2}-\d{2}$/],
  [TIMESTAMP, /^\d{4}-\d{2}-\d{2}(?:[ T]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?)?$/],
];

export function inferType(values: readonly (string | null)[]): SqlType {
  const present = values.filter((value) => value !== null && value !== '') as string[];
  if (present.length === 0) return TEXT;
  return FORMS.find(([, form]) => present.every((value) => form.test(value)))?.[0] ?? TEXT;
}
