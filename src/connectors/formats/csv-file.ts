// CSV files: the dialect and the columns from a sample of the file, rows by CopyReader.

import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Batch } from '../../columns/batch.ts';
import type { Arena } from '../../columns/memory.ts';
import { Region } from '../../columns/region.ts';
import { SqlError } from '../../errors/sql-error.ts';
import type { KernelLibrary } from '../../kernels/kernel-library.ts';
import type { SqlType } from '../../types/sql-type.ts';
import { CopyReader } from './copy-reader.ts';
import { CSV_DEFAULTS, type DelimitedOptions } from './delimited-options.ts';
import { splitRecord } from './delimited-record.ts';
import { inferType } from './infer-types.ts';

export interface NamedColumn {
  readonly name: string;
  readonly type: SqlType;
}

export interface CsvShape {
  readonly options: DelimitedOptions;
  readonly columns: readonly NamedColumn[];
}

const SAMPLE_BYTES = 262_144;
const SAMPLE_ROWS = 2048;

/** What a CSV file holds. Of the options given, delim (sep, delimiter), quote, escape, nullstr and header are obeyed, the rest is found out. */
export async function inspectCsv(path: string, given: Readonly<Record<string, unknown>> = {}): Promise<CsvShape> {
  const file = await open(path);
  const bytes = Buffer.alloc(SAMPLE_BYTES);
  const { bytesRead } = await file.read(bytes, 0, SAMPLE_BYTES, 0).finally(() => file.close());
  const sample = bytes.subarray(0, bytesRead);
  const text = (...names: string[]) =>
    names.map((name) => given[name]).find((value) => typeof value === 'string') as string | undefined;
  const quote = text('quote') ?? '"';
  const base = { ...CSV_DEFAULTS, quote, escape: text('escape') ?? quote, nullText: text('nullstr', 'null') ?? '' };
  const whole = bytesRead < SAMPLE_BYTES;
  const delimiter = text('delim', 'sep', 'delimiter') ?? likelyDelimiter(sample, base, whole);
  const records = sampleRecords(sample, { ...base, delimiter }, whole);
  const width = records[0]?.length ?? 0;
  const body = records.slice(1).filter((record) => record.length === width);
  const types = Array.from({ length: width }, (_, i) => inferType(body.map((record) => record[i]!)));
  const header =
    given.header === undefined ? looksLikeHeader(records, types) : given.header === true || given.header === 'true';
  const rows = header ? body : records.filter((record) => record.length === width);
  const columns = Array.from({ length: width }, (_, i) => ({
    name: (header ? records[0]![i] : null) ?? `column${i}`,
    type: header ? types[i]! : inferType(rows.map((record) => record[i]!)),
  }));
  return { options: { ...base, delimiter, header }, columns };
}

function sampleRecords(sample: Uint8Array, options: DelimitedOptions, whole: boolean): (readonly (string | null)[])[] {
  const records: (readonly (string | null)[])[] = [];
  for (let at = 0; at < sample.length && records.length < SAMPLE_ROWS; ) {
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
    const records = sampleRecords(sample, { ...base, delimiter }, whole).slice(0, 50);
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
    const settings = { relation: path, lenient: true, endMarker: false };
    const reader = new CopyReader(new Region(arena, owner), kernels, columns, shape.options, settings);
    const arranged = (batch: Batch): Batch => ({
      ...batch,
      columns: attributes.map((a) => batch.columns[order.indexOf(a)]!),
    });
    for await (const chunk of createReadStream(path, { highWaterMark: 1_048_576 })) {
      for (const batch of reader.push(chunk as Buffer)) yield arranged(batch);
    }
    for (const batch of reader.end()) yield arranged(batch);
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
