// DuckDB as an oracle for .slt queries: runs the same statements and brings its values into PostgreSQL's text where the two print alike things
// differently (booleans, lists, structs, intervals, floats). What it is asked, and where it means something else: conformance/duckdb.
import {
  DuckDBArrayValue,
  DuckDBBlobValue,
  DuckDBInstance,
  DuckDBIntervalValue,
  DuckDBListValue,
  DuckDBStructValue,
  type DuckDBValue,
} from '@duckdb/node-api';
import { interval } from '../types/datum.ts';
import { FLOAT4, FLOAT8, INTERVAL } from '../types/sql-type.ts';
import { typeOperations } from '../types/type-operations.ts';
import { type SltTarget, TargetError, type TargetResult } from './slt-run.ts';

const SETTINGS =
  "SET TimeZone = 'UTC'; SET default_null_order = 'nulls_last_on_asc_first_on_desc'; SET integer_division = true";
/** For statements that nobody has tried: DuckDB follows recursions that a LIMIT would end. */
export const DUCKDB_LIMITS = { statementMs: 3_000, memory: '1GB' } as const;

function quoted(text: string | null, special: RegExp): string {
  if (text === null) return 'NULL';
  return text === '' || special.test(text) || /^null$/i.test(text) ? `"${text.replace(/["\\]/g, '\\$&')}"` : text;
}

function asText(value: DuckDBValue | undefined, typeName: string): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'boolean') return value ? 't' : 'f';
  if (value instanceof DuckDBListValue || value instanceof DuckDBArrayValue) {
    const items = value.items.map((item) => {
      const text = asText(item, typeName.replace(/\[\d*\]$/, ''));
      return item instanceof DuckDBListValue ? text : quoted(text, /[\s{}",\\]/);
    });
    return `{${items.join(',')}}`;
  }
  if (value instanceof DuckDBStructValue) {
    const fields = Object.values(value.entries).map((field) => asText(field, ''));
    return `(${fields.map((text) => (text === null ? '' : quoted(text, /[\s(),"\\]/))).join(',')})`;
  }
  if (value instanceof DuckDBIntervalValue) {
    return typeOperations(INTERVAL).formatText(interval(value.months, value.days, value.micros), INTERVAL);
  }
  if (value instanceof DuckDBBlobValue) return `\\x${Buffer.from(value.bytes).toString('hex')}`;
  const float = /^(DOUBLE|FLOAT)/.exec(typeName);
  if (typeof value === 'number' && float !== null) {
    const type = float[1] === 'FLOAT' ? FLOAT4 : FLOAT8;
    return typeOperations(type).formatText(value, type);
  }
  const text = String(value);
  return /^TIMESTAMP WITH TIME ZONE/.test(typeName) ? text.replace(/\+00(:00)?$/, '+00') : text;
}

export async function duckdbTarget(limits?: typeof DUCKDB_LIMITS): Promise<SltTarget> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run(SETTINGS);
  if (limits !== undefined) await connection.run(`SET memory_limit = '${limits.memory}'`);
  return {
    engine: 'duckdb',
    async execute(sql: string): Promise<TargetResult> {
      const watchdog = limits && setTimeout(() => connection.interrupt(), limits.statementMs);
      try {
        const reader = await connection.runAndReadAll(sql);
        const types = reader.columnTypes().map((type) => type.toString());
        const rows = reader.getRows().map((row) => row.map((value, i) => asText(value, types[i]!)));
        return { rows: reader.columnCount > 0 ? rows : null };
      } catch (error) {
        throw new TargetError((error as Error).message, null);
      } finally {
        clearTimeout(watchdog);
      }
    },
    async close() {
      connection.closeSync();
      instance.closeSync();
    },
  };
}
