// DuckDB as an oracle for .slt queries: runs the same statements and brings its values into PostgreSQL's text where the two
// print alike things differently (booleans, whole floats). Known differences in meaning are marked `skipif duckdb` in the files.
import { DuckDBInstance } from '@duckdb/node-api';
import { type SltTarget, TargetError, type TargetResult } from './slt-run.ts';

function asText(value: unknown, typeName: string): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'boolean') return value ? 't' : 'f';
  const text = String(value);
  if (/^(DOUBLE|FLOAT)/.test(typeName)) {
    if (text === 'inf') return 'Infinity';
    if (text === '-inf') return '-Infinity';
    return String(Number(text)) === 'NaN' ? 'NaN' : String(Number(text)).replace(/e\+?(-?)(\d)$/, 'e$1$2');
  }
  if (/^TIMESTAMP WITH TIME ZONE/.test(typeName)) return text.replace(/\+00(:00)?$/, '+00');
  return text;
}

export async function duckdbTarget(): Promise<SltTarget> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run("SET TimeZone = 'UTC'; SET default_null_order = 'nulls_last'; SET integer_division = false");
  return {
    engine: 'duckdb',
    async execute(sql: string): Promise<TargetResult> {
      try {
        const reader = await connection.runAndReadAll(sql);
        const types = reader.columnTypes().map((type) => type.toString());
        const rows = reader.getRows().map((row) => row.map((value, i) => asText(value, types[i]!)));
        return { rows: reader.columnCount > 0 ? rows : null };
      } catch (error) {
        throw new TargetError((error as Error).message, null);
      }
    },
    async close() {
      connection.closeSync();
    },
  };
}
