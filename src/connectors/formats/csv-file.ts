// CSV files: the dialect and the columns from a sample of the file, rows by CopyReader.
import { pace } from '../../base/pace.ts';
import { Pieces } from '../../base/pieces.ts';
import { BATCH_ROWS, type Batch } from '../../columns/batch.ts';
import type { Arena } from '../../columns/memory.ts';
import { Region } from '../../columns/region.ts';
import { SqlError, sqlError } from '../../errors/sql-error.ts';
import type { KernelLibrary } from '../../kernels/kernel-library.ts';
import { type SqlType, TEXT } from '../../types/sql-type.ts';
import { typeFromName } from '../../types/type-table.ts';
import { CopyReader } from './copy-reader.ts';
import { CSV_DEFAULTS, type DelimitedOptions } from './delimited-options.ts';
import { splitRecord } from './delimited-record.ts';
import { inferType } from './infer-types.ts';
import { openText } from './text-file.ts';

export interface NamedColumn {
  readonly name: string;
  readonly type: SqlType;
}

export interface CsvShape {
  readonly options: DelimitedOptions;
  readonly columns: readonly NamedColumn[];
  readonly skip: number;
}

/** What the caller says about a file; the rest is found out. */
export interface CsvGiven {
  readonly header?: boolean | undefined;
  readonly delimiter?: string | undefined;
  readonly quote?: string | undefined;
  readonly escape?: string | undefined;
  readonly nullText?: string | undefined;
  /** 'a int, b text', or a list of such: all columns, by position */
  readonly columns?: unknown;
  /** lines to leave out at the start */
  readonly skip?: number | undefined;
  /** rows that types are inferred from; -1: all that the sample of the file holds */
  readonly sampleRows?: number | undefined;
  /** every column is text */
  readonly allText?: boolean | undefined;
}

const SAMPLE_BYTES = 262_144;
const SAMPLE_ROWS = 2048;
const DELIMITER_ROWS = 50;

/** What a CSV file holds. Throws 22P04 when the columns given are not as many as the file's. */
export async function inspectCsv(path: string, given: CsvGiven): Promise<CsvShape> {
  const { sample, whole } = await readSample(path, given.skip ?? 0);
  const pieces = new Pieces();
  const quote = given.quote ?? '"';
  const base = { ...CSV_DEFAULTS, quote, escape: given.escape ?? quote, nullText: given.nullText ?? '' };
  const delimiter = given.delimiter ?? likelyDelimiter(sample, base, whole);
  const wanted = given.sampleRows === undefined || given.sampleRows < 0 ? SAMPLE_ROWS : given.sampleRows + 1;
  await pieces.next();
  const records = sampleRecords(sample, { ...base, delimiter }, whole, wanted);
  const width = records[0]?.length ?? 0;
  const body = records.slice(1).filter((record) => record.length === width);
  const types: SqlType[] = [];
  for (let i = 0; i < width; i++) {
    await pieces.next();
    types.push(inferType(body.map((record) => record[i]!)));
  }
  const declared = declaredColumns(given.columns);
  const header =
    given.header ?? (declared === null ? looksLikeHeader(records, types) : namesMatch(records[0], declared));
  const options = { ...base, delimiter, header };
  if (declared !== null) {
    if (width > 0 && declared.length !== width) {
      throw sqlError('bad_copy_file_format', `file "${path}" has ${width} columns, not ${declared.length}`);
    }
    return { options, columns: declared, skip: given.skip ?? 0 };
  }
  const first = header || records.length === 0 ? [] : [records[0]!];
  const columns: NamedColumn[] = [];
  for (let i = 0; i < width; i++) {
    await pieces.next();
    const values = [...first, ...body].map((record) => record[i]!);
    const type = given.allText === true ? TEXT : header ? types[i]! : inferType(values);
    columns.push({ name: (header ? records[0]![i] : null) ?? `column${i}`, type });
  }
  return { options, columns, skip: given.skip ?? 0 };
}

/** The first bytes of a file's text, without its byte order mark and the lines to skip. */
async function readSample(path: string, skip: number): Promise<{ sample: Uint8Array; whole: boolean }> {
  const chunks: Buffer[] = [];
  let size = 0;
  let whole = true;
  const input = openText(path, skip);
  for await (const chunk of input) {
    chunks.push(chunk);
    size += chunk.length;
    if (size < SAMPLE_BYTES) continue;
    whole = false;
    break;
  }
  return { sample: Buffer.concat(chunks).subarray(0, SAMPLE_BYTES), whole };
}

/** 'a int, b text' or a list of such; null when nothing is given. Throws 22023. */
export function declaredColumns(given: unknown): NamedColumn[] | null {
  if (given === undefined || given === null) return null;
  const items = [given].flat().flatMap((item) => String(item).split(/,(?![^(]*\))/));
  return items.map((item) => {
    const [, name, type, modifiers] = /^\s*("?[^"\s]+"?)\s+([\w ]+?)\s*(?:\(([\d, ]*)\))?\s*$/.exec(item) ?? [];
    const found =
      type === undefined
        ? undefined
        : typeFromName(
            [TYPE_WORDS.get(type.toLowerCase()) ?? type.toLowerCase()],
            (modifiers ?? '')
              .split(',')
              .filter((text) => text.trim() !== '')
              .map(Number),
          );
    if (found !== undefined) return { name: name!.replaceAll('"', ''), type: found };
    throw sqlError('invalid_parameter_value', `invalid value for option "columns": "${item.trim()}"`, {
      hint: "Write names and types, for example columns => 'id int, name text'.",
    });
  });
}

/** Spellings that are not in the catalog. */
const TYPE_WORDS: ReadonlyMap<string, string> = new Map([
  ['int', 'int4'],
  ['integer', 'int4'],
  ['smallint', 'int2'],
  ['bigint', 'int8'],
  ['real', 'float4'],
  ['double', 'float8'],
  ['double precision', 'float8'],
  ['float', 'float8'],
  ['boolean', 'bool'],
  ['decimal', 'numeric'],
  ['string', 'text'],
  ['char', 'bpchar'],
  ['timestamp with time zone', 'timestamptz'],
  ['timestamp without time zone', 'timestamp'],
]);

function namesMatch(first: readonly (string | null)[] | undefined, declared: readonly NamedColumn[]): boolean {
  return first !== undefined && declared.every(({ name }, i) => first[i]?.toLowerCase() === name.toLowerCase());
}

function sampleRecords(
  sample: Uint8Array,
  options: DelimitedOptions,
  whole: boolean,
  most: number,
): (readonly (string | null)[])[] {
  const records: (readonly (string | null)[])[] = [];
  for (let at = 0; at < sample.length && records.length < most; ) {
    const record = splitRecord(sample, at, options, whole);
    if (record === null) break;
    if (record.fields.length > 1 || record.fields[0] !== null) records.push(record.fields);
    at = record.end;
  }
  return records;
}

/** The delimiter that gives the first rows the same number of fields, and the most. */
function likelyDelimiter(sample: Uint8Array, base: DelimitedOptions, whole: boolean): string {
  let best = { delimiter: ',', width: 1 };
  for (const delimiter of [',', '\t', ';', '|']) {
    const records = sampleRecords(sample, { ...base, delimiter }, whole, DELIMITER_ROWS);
    const width = records[0]?.length ?? 0;
    if (width > best.width && records.every((record) => record.length === width)) best = { delimiter, width };
  }
  return best.delimiter;
}

/** The first line is a header when a column's other values have a type that its first does not fit, or all are text and it has no NULLs. */
function looksLikeHeader(records: readonly (readonly (string | null)[])[], types: readonly SqlType[]): boolean {
  const [first] = records;
  if (first === undefined || first.some((name) => name === null) || new Set(first).size !== first.length) return false;
  if (types.every((type) => type.name === 'text')) return true;
  return first.some((name, i) => types[i]!.name !== 'text' && inferType([name]).name === 'text');
}

/** The rows of the columns wanted (indexes), in their order. Each batch is valid until the next. */
export async function* readCsv(
  arena: Arena,
  kernels: KernelLibrary,
  path: string,
  shape: CsvShape,
  attributes: readonly number[],
): AsyncGenerator<Batch> {
  const owner = arena.addOwner(1024 * 1024 * 1024);
  try {
    const wanted = new Set(attributes);
    const columns = shape.columns.map((column, i) => ({ ...column, skipped: !wanted.has(i) }));
    const order = [...wanted].sort((a, b) => a - b);
    const { pause, rows } = pace(BATCH_ROWS);
    const settings = { relation: path, lenient: true, endMarker: false, rows };
    const reader = new CopyReader(new Region(arena, owner), kernels, columns, shape.options, settings);
    const arranged = (batch: Batch): Batch => ({
      ...batch,
      columns: attributes.map((a) => batch.columns[order.indexOf(a)]!),
    });
    for await (const chunk of openText(path, shape.skip)) {
      for (const batch of reader.push(chunk)) {
        await pause();
        yield arranged(batch);
      }
    }
    for (const batch of reader.end()) {
      await pause();
      yield arranged(batch);
    }
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    const context = error.details.context?.replace(/^COPY /, 'file ');
    throw new SqlError(error.condition, error.message, {
      ...error.details,
      ...(context === undefined ? {} : { context }),
    });
  } finally {
    arena.freeOwner(owner);
  }
}
