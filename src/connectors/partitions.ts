// Columns that are in the path of a file and not in the file: .../year=2024/month=1/data.parquet (Hive's form, which Spark and DuckDB write).
import type { Datum } from '../types/datum.ts';
import { DATE, INT8, type SqlType, TEXT } from '../types/sql-type.ts';
import { typeOperations } from '../types/type-operations.ts';
import type { NamedColumn } from './formats/csv-file.ts';

export const NULL_PARTITION = '__HIVE_DEFAULT_PARTITION__';

/** name -> text of the folders of a path, in order; null where the value is NULL. */
export function partitionOf(path: string): Map<string, string | null> {
  const values = new Map<string, string | null>();
  for (const folder of path.split('/').slice(0, -1)) {
    const at = folder.indexOf('=');
    if (at < 1) continue;
    const text = decode(folder.slice(at + 1));
    values.set(decode(folder.slice(0, at)), text === NULL_PARTITION ? null : text);
  }
  return values;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The columns that all of the paths have; bigint, date or text by all their values. */
export function partitionColumns(paths: readonly string[]): NamedColumn[] {
  const all = paths.map(partitionOf);
  const names = [...(all[0]?.keys() ?? [])].filter((name) => all.every((values) => values.has(name)));
  return names.map((name) => ({ name, type: typeOf(all.map((values) => values.get(name) ?? null)) }));
}

function typeOf(values: readonly (string | null)[]): SqlType {
  const present = values.filter((value) => value !== null);
  if (present.length === 0) return TEXT;
  if (present.every((value) => /^-?(0|[1-9]\d{0,17})$/.test(value))) return INT8;
  return present.every((value) => /^\d{4}-\d{2}-\d{2}$/.test(value)) ? DATE : TEXT;
}

export function partitionValue(path: string, column: NamedColumn): Datum | null {
  const text = partitionOf(path).get(column.name) ?? null;
  return text === null ? null : typeOperations(column.type).parseText(text, column.type);
}
