// The records of one file as batches of a stream's columns: by name from JSON, Parquet and CSV with a header, by position from other CSV.
// A column that the file lacks is NULL. Malformed records come with the batch before which they were found; a file that cannot be read on
// (cut off, of another format, gone) ends with its name as one.
import type { Column } from '../../catalog/objects.ts';
import { allocateVector, BATCH_ROWS, type Batch, type Vector } from '../../columns/batch.ts';
import { BatchBuilder } from '../../columns/batch-builder.ts';
import type { Arena } from '../../columns/memory.ts';
import { Region } from '../../columns/region.ts';
import { type SqlError, toSqlError } from '../../errors/sql-error.ts';
import type { KernelLibrary } from '../../kernels/kernel-library.ts';
import type { Datum } from '../../types/datum.ts';
import { PHYSICAL_WIDTH } from '../../types/sql-type.ts';
import { decodeUtf8 } from '../../types/text.ts';
import { typeOperations } from '../../types/type-operations.ts';
import { convertVector } from '../formats/convert-vector.ts';
import { CopyReader } from '../formats/copy-reader.ts';
import { inspectCsv, type NamedColumn } from '../formats/csv-file.ts';
import { readJson } from '../formats/json-lines.ts';
import { inspectParquet, readParquetFile } from '../formats/parquet-file.ts';
import { openText } from '../formats/text-file.ts';
import { textLines } from '../formats/text-lines.ts';
import type { RejectedText } from '../source.ts';
import type { FileIdentity } from './directory-scan.ts';
import type { FilesOptions } from './files-options.ts';

export interface RecordBatchOfFile {
  /** valid until the next is asked for; may have no rows */
  readonly batch: Batch;
  /** up to BATCH_ROWS */
  readonly rejected: readonly RejectedText[];
}

export interface RecordParts {
  readonly arena: Arena;
  readonly kernels: KernelLibrary;
  readonly owner: number;
  readonly columns: readonly Column[];
}

/** Whether it is the file that is wrong, rather than the server or the disk for a while: then the other files are read. */
function isOfTheFile({ condition, sqlstate }: SqlError): boolean {
  return condition === 'undefined_file' || !/^(?:53|57|58|42501|XX000)/.test(sqlstate);
}

/** Throws what may pass: too little memory, an error of the disk, a file that may not be read. */
export async function* readRecords(
  parts: RecordParts,
  file: FileIdentity,
  options: FilesOptions,
): AsyncGenerator<RecordBatchOfFile> {
  try {
    yield* recordsOf(parts, file, options);
  } catch (error) {
    const cause = toSqlError(error);
    if (!isOfTheFile(cause)) throw cause;
    const region = new Region(parts.arena, parts.owner);
    try {
      const rejected = [{ raw: file.path, reason: reasonOf(cause) }];
      yield { batch: emptyBatch(region, parts.columns), rejected };
    } finally {
      region.release();
    }
  }
}

function recordsOf(parts: RecordParts, file: FileIdentity, options: FilesOptions): AsyncGenerator<RecordBatchOfFile> {
  switch (options.format) {
    case 'json':
      return jsonRecords(parts, file);
    case 'csv':
      return csvRecords(parts, file, options);
    case 'parquet':
      return parquetRecords(parts, file);
    case 'text':
      return textRecords(parts, file);
  }
}

function reasonOf(error: SqlError): string {
  return error.details.detail === undefined ? error.message : `${error.message}: ${error.details.detail}`;
}

function jsonRecords(parts: RecordParts, file: FileIdentity): AsyncGenerator<RecordBatchOfFile> {
  return rowRecords(parts, readJson(file.path, parts.columns, file.size));
}

/** A line is the value of the first column that is not generated. */
function textRecords(parts: RecordParts, file: FileIdentity): AsyncGenerator<RecordBatchOfFile> {
  return rowRecords(parts, lineRows(parts.columns, file));
}

async function* lineRows(columns: readonly Column[], file: FileIdentity): AsyncGenerator<RowOrError> {
  const target = columns.findIndex((column) => column.generated === null);
  for await (const { bytes } of textLines(file.path, file.size)) {
    try {
      const text = decodeUtf8(bytes);
      const { type } = columns[target]!;
      yield { row: columns.map((_, i) => (i === target ? typeOperations(type).parseText(text, type) : null)) };
    } catch (error) {
      yield { raw: bytes.toString('utf8'), error: toSqlError(error) };
    }
  }
}

type RowOrError = { readonly row: (Datum | null)[] } | { readonly raw: string; readonly error: SqlError };

async function* rowRecords(
  { arena, owner, columns }: RecordParts,
  rows: AsyncIterable<RowOrError>,
): AsyncGenerator<RecordBatchOfFile> {
  const heap = new Region(arena, owner);
  const region = new Region(arena, owner);
  const builder = new BatchBuilder(
    region,
    columns.map((column) => column.type),
    { heap },
  );
  let rejected: RejectedText[] = [];
  try {
    for await (const item of rows) {
      if ('error' in item) rejected.push({ raw: item.raw, reason: reasonOf(item.error) });
      else builder.append(item.row);
      if (!builder.full && rejected.length < BATCH_ROWS) continue;
      yield { batch: builder.batch(), rejected };
      builder.reset();
      heap.reset();
      rejected = [];
    }
    if (builder.count > 0 || rejected.length > 0) yield { batch: builder.batch(), rejected };
  } finally {
    heap.release();
    region.release();
  }
}

async function* csvRecords({ arena, kernels, owner, columns }: RecordParts, file: FileIdentity, options: FilesOptions) {
  const region = new Region(arena, owner);
  const plan = await csvPlan(file.path, columns, options);
  const missing = columns.map((column, i) => (plan.order[i]! < 0 ? nullVector(region, column) : null));
  const rejected: RejectedText[] = [];
  const reader = new CopyReader(region, kernels, plan.fields, plan.options, {
    relation: file.path,
    lenient: true,
    endMarker: false,
    reject: ({ raw, reason }) => {
      rejected.push({ raw: Buffer.from(raw).toString('utf8'), reason: reasonOf(reason) });
      return true;
    },
  });
  const none = emptyBatch(region, columns);
  function* take(batches: Iterable<Batch>): Generator<RecordBatchOfFile> {
    for (const batch of batches) {
      while (rejected.length > BATCH_ROWS) yield { batch: none, rejected: rejected.splice(0, BATCH_ROWS) };
      const vectors = plan.order.map((at, i) => missing[i] ?? batch.columns[at]!);
      yield { batch: { ...batch, columns: vectors }, rejected: rejected.splice(0) };
    }
    while (rejected.length > 0) yield { batch: none, rejected: rejected.splice(0, BATCH_ROWS) };
  }
  try {
    for await (const chunk of openText(file.path, 0, file.size)) yield* take(reader.push(chunk));
    yield* take(reader.end());
  } finally {
    reader.close();
    region.release();
  }
}

/** Which field of the file feeds which column: fields named like none are read past. */
async function csvPlan(path: string, columns: readonly Column[], given: FilesOptions) {
  const asData = await inspectCsv(path, { ...given.csv, header: true });
  const names = asData.columns.map((column) => column.name);
  const fed = columns.filter((column) => column.generated === null);
  const named = names.every((name) => fed.some((c) => c.name === name)) || fed.every((c) => names.includes(c.name));
  const header = given.csv.header ?? named;
  const width = header ? names.length : fed.length;
  const targets = Array.from({ length: width }, (_, i) =>
    header ? fed.find((column) => column.name === names[i]) : fed[i],
  );
  const fields = targets.map((column, i) => ({
    name: column?.name ?? names[i]!,
    type: column?.type ?? asData.columns[i]!.type,
    skipped: column === undefined,
  }));
  const read = targets.filter((column) => column !== undefined);
  return { fields, options: { ...asData.options, header }, order: columns.map((column) => read.indexOf(column)) };
}

function nullVector(region: Region, { type }: NamedColumn): Vector {
  const vector = allocateVector(region, type);
  region.arena.shared.u8.fill(0, vector.data, vector.data + BATCH_ROWS * PHYSICAL_WIDTH[vector.physical]);
  region.arena.shared.u8.fill(1, vector.nullsRoom, vector.nullsRoom + BATCH_ROWS);
  return { type, physical: vector.physical, data: vector.data, nulls: vector.nullsRoom };
}

function emptyBatch(region: Region, columns: readonly NamedColumn[]): Batch {
  return { columns: columns.map((column) => nullVector(region, column)), count: 0, selection: 0, weights: 0 };
}

async function* parquetRecords(
  { arena, kernels, owner, columns }: RecordParts,
  file: FileIdentity,
): AsyncGenerator<RecordBatchOfFile> {
  const region = new Region(arena, owner);
  const heap = new Region(arena, owner);
  try {
    const stored = await inspectParquet(file.path);
    const places = columns.map((column) => stored.findIndex(({ name }) => name === column.name));
    const wanted = places.filter((place) => place >= 0);
    const missing = columns.map((column) => nullVector(region, column));
    for await (const large of readParquetFile(arena, kernels, file.path, stored, wanted)) {
      for (let from = 0; from < large.count; from += BATCH_ROWS) {
        const part = slice(large, from, Math.min(BATCH_ROWS, large.count - from));
        heap.reset();
        let next = 0;
        const vectors = columns.map((column, i) =>
          places[i]! < 0 ? missing[i]! : convertVector(heap, part.columns[next++]!, column.type, part),
        );
        yield { batch: { ...part, columns: vectors }, rejected: [] };
      }
    }
  } finally {
    heap.release();
    region.release();
  }
}

/** Rows from..from+count of a batch without a selection; `from` is a multiple of 16. */
function slice(batch: Batch, from: number, count: number): Batch {
  const columns = batch.columns.map((vector) => ({
    type: vector.type,
    physical: vector.physical,
    data: vector.data + from * PHYSICAL_WIDTH[vector.physical],
    nulls: vector.nulls === 0 ? 0 : vector.nulls + from,
  }));
  return { columns, count, selection: 0, weights: 0 };
}
