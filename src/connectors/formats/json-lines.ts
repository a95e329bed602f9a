// JSON lines: one object per line, or one array of objects. Numbers keep their digits: they are read as text and parsed by the column's type.
import { Pieces } from '../../base/pieces.ts';
import { type SqlError, sqlError, toSqlError } from '../../errors/sql-error.ts';
import type { Datum } from '../../types/datum.ts';
import { BOOL, DATE, FLOAT8, INT8, JSONB, type SqlType, TEXT, TIMESTAMP } from '../../types/sql-type.ts';
import { decodeUtf8 } from '../../types/text.ts';
import { typeOperations } from '../../types/type-operations.ts';
import type { NamedColumn } from './csv-file.ts';
import { inferType } from './infer-types.ts';
import { jsonTexts } from './json-texts.ts';

type JsonObject = Record<string, unknown>;

interface RawNumber {
  readonly rawJSON: string;
}

interface ExactJson {
  parse(text: string, reviver: (key: string, value: unknown, context: { source?: string }) => unknown): unknown;
  rawJSON(text: string): RawNumber;
}

const EXACT = JSON as unknown as ExactJson;

/** A line as an object whose numbers are their source text. Throws 22P02. */
function parseJsonLine(line: string): JsonObject {
  let value: unknown;
  try {
    value = EXACT.parse(line, (_key, item, { source }) =>
      typeof item === 'number' && source !== undefined ? EXACT.rawJSON(source) : item,
    );
  } catch (error) {
    throw sqlError('invalid_text_representation', 'invalid input syntax for type json', {
      detail: (error as Error).message,
    });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw sqlError('invalid_text_representation', 'a line of JSON must be an object');
  }
  return value as JsonObject;
}

function isRaw(value: unknown): value is RawNumber {
  return typeof value === 'object' && value !== null && 'rawJSON' in value && Object.getPrototypeOf(value) === null;
}

/** A JSON value as a value of the type. */
function jsonDatum(value: unknown, type: SqlType): Datum | null {
  if (value === null || value === undefined) return null;
  const isJson = type.name === 'json' || type.name === 'jsonb';
  const text = isJson
    ? JSON.stringify(value)
    : isRaw(value)
      ? value.rawJSON
      : typeof value === 'object'
        ? JSON.stringify(value)
        : String(value);
  return typeOperations(type).parseText(text, type);
}

/** One row; an error of a value names its column. */
function jsonRow(line: string, columns: readonly NamedColumn[]): (Datum | null)[] {
  const object = parseJsonLine(line);
  return columns.map(({ name, type }) => {
    try {
      return jsonDatum(object[name], type);
    } catch (error) {
      const cause = toSqlError(error);
      throw sqlError(cause.condition, cause.message, { ...cause.details, detail: `The value is in column "${name}".` });
    }
  });
}

function typeOfValues(values: readonly unknown[]): SqlType {
  const present = values.filter((value) => value !== null && value !== undefined);
  if (present.length === 0) return TEXT;
  if (present.every((value) => typeof value === 'boolean')) return BOOL;
  if (present.every(isRaw))
    return present.every((value) => /^-?\d{1,18}$/.test((value as RawNumber).rawJSON)) ? INT8 : FLOAT8;
  if (present.some((value) => typeof value !== 'string')) return JSONB;
  const type = inferType(present as string[]);
  return type.name === DATE.name || type.name === TIMESTAMP.name ? type : TEXT;
}

const SAMPLE_LINES = 2048;
/** Lines between two looks at the clock. */
const LINES_PER_LOOK = 32;

function objectAt(bytes: Uint8Array, path: string, line: number): JsonObject {
  try {
    return parseJsonLine(decodeUtf8(bytes));
  } catch (error) {
    throw withPlace(toSqlError(error), path, line);
  }
}

function withPlace(cause: SqlError, path: string, line: number): SqlError {
  return sqlError(cause.condition, cause.message, { ...cause.details, context: `file ${path}, line ${line}` });
}

/** Columns from the first lines of a file, in the order of their first appearance. */
export async function inspectJson(path: string): Promise<NamedColumn[]> {
  const values = new Map<string, unknown[]>();
  const pieces = new Pieces();
  let count = 0;
  for await (const { bytes, line } of jsonTexts(path)) {
    for (const [name, value] of Object.entries(objectAt(bytes, path, line))) {
      const known = values.get(name);
      if (known === undefined) values.set(name, [value]);
      else known.push(value);
    }
    if (++count === SAMPLE_LINES) break;
    if (count % LINES_PER_LOOK === 0) await pieces.next();
  }
  return [...values].map(([name, found]) => ({ name, type: typeOfValues(found) }));
}

/** The rows of a file; a bad line is an error value with its text. */
export async function* readJson(
  path: string,
  columns: readonly NamedColumn[],
  bytes = Number.POSITIVE_INFINITY,
): AsyncGenerator<{ readonly row: (Datum | null)[] } | { readonly raw: string; readonly error: SqlError }> {
  for await (const { bytes: text, line } of jsonTexts(path, bytes)) {
    try {
      yield { row: jsonRow(decodeUtf8(text), columns) };
    } catch (error) {
      const cause = toSqlError(error);
      yield {
        raw: text.toString('utf8'),
        error: withPlace(cause, path, line),
      };
    }
  }
}
