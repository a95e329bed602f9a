// read_parquet, read_csv, read_json and read_arrow: one or many files as a table. The columns are those of the first file, or with
// union_by_name of all; then those that the folders of the path name (year=2024/), then the file's own name if asked for.
import { Pieces } from '../base/pieces.ts';
import { BATCH_ROWS, type Batch, type Vector } from '../columns/batch.ts';
import { BatchBuilder } from '../columns/batch-builder.ts';
import type { Arena } from '../columns/memory.ts';
import { Region } from '../columns/region.ts';
import { sqlError } from '../errors/sql-error.ts';
import type { KernelLibrary } from '../kernels/kernel-library.ts';
import type { Datum } from '../types/datum.ts';
import { FLOAT8, type SqlType, sameType, TEXT } from '../types/sql-type.ts';
import { inspectArrow, readArrowFile } from './formats/arrow-file.ts';
import { constantVector, convertVector } from './formats/convert-vector.ts';
import { type CsvGiven, declaredColumns, inspectCsv, type NamedColumn, readCsv } from './formats/csv-file.ts';
import { inspectJson, readJson } from './formats/json-lines.ts';
import { inspectParquet, readParquetFile } from './formats/parquet-file.ts';
import { partitionColumns, partitionValue } from './partitions.ts';
import { type RowComparison, rangeMayMatch } from './row-comparison.ts';

type TableFormat = 'csv' | 'json' | 'parquet' | 'arrow';

/** The named arguments of a file function, checked. */
export interface TableOptions extends CsvGiven {
  readonly unionByName: boolean;
  readonly hivePartitioning: boolean;
  readonly filename: boolean;
}

export interface FileTableParts {
  readonly arena: Arena;
  readonly kernels: KernelLibrary;
}

function formatOfFunction(name: string): TableFormat {
  if (name === 'read_parquet') return 'parquet';
  if (name === 'read_arrow') return 'arrow';
  return name.startsWith('read_csv') ? 'csv' : 'json';
}

const COMMON = ['union_by_name', 'hive_partitioning', 'filename'];
const CSV = [
  'header',
  'delim',
  'sep',
  'delimiter',
  'quote',
  'escape',
  'nullstr',
  'columns',
  'names',
  'skip',
  'sample_size',
  'all_varchar',
];

/** Throws 22023 naming an option that the function does not have, or its value. */
export function readTableOptions(functionName: string, given: Readonly<Record<string, unknown>>): TableOptions {
  const own = { csv: CSV, json: ['columns'], parquet: [], arrow: [] };
  const known = [...COMMON, ...own[formatOfFunction(functionName)]];
  for (const name of Object.keys(given)) {
    if (known.includes(name)) continue;
    throw sqlError('invalid_parameter_value', `${functionName} has no option "${name}"`, {
      hint: `Options are ${known.join(', ')}.`,
    });
  }
  const flag = (name: string, otherwise: boolean): boolean => {
    const value = given[name] ?? otherwise;
    if (typeof value === 'boolean') return value;
    if (/^(true|on|1)$/i.test(String(value))) return true;
    if (/^(false|off|0)$/i.test(String(value))) return false;
    throw wrongValue(name, value);
  };
  const text = (...names: string[]): string | undefined => {
    const name = names.find((one) => given[one] !== undefined && given[one] !== null);
    return name === undefined ? undefined : String(given[name]);
  };
  const count = (name: string): number | undefined => {
    if (given[name] === undefined) return undefined;
    const value = Number(given[name]);
    if (Number.isInteger(value) && value >= -1) return value;
    throw wrongValue(name, given[name]);
  };
  const mark = (...names: string[]): string | undefined => {
    const value = text(...names);
    if (value !== undefined && Buffer.byteLength(value) > 1) throw wrongValue(names[0]!, value);
    return value;
  };
  return {
    unionByName: flag('union_by_name', false),
    hivePartitioning: flag('hive_partitioning', true),
    filename: flag('filename', false),
    header: given.header === undefined ? undefined : flag('header', true),
    delimiter: mark('delim', 'sep', 'delimiter'),
    quote: mark('quote'),
    escape: mark('escape'),
    nullText: text('nullstr'),
    columns: given.columns ?? given.names,
    skip: count('skip') ?? 0,
    sampleRows: count('sample_size'),
    allText: flag('all_varchar', false),
  };
}

function wrongValue(name: string, value: unknown): Error {
  return sqlError('invalid_parameter_value', `invalid value for option "${name}": "${String(value)}"`);
}

async function inspectFile(format: TableFormat, path: string, options: TableOptions): Promise<readonly NamedColumn[]> {
  switch (format) {
    case 'parquet':
      return inspectParquet(path);
    case 'arrow':
      return inspectArrow(path);
    case 'csv':
      return (await inspectCsv(path, options)).columns;
    case 'json':
      return declaredColumns(options.columns) ?? inspectJson(path);
  }
}

/** Columns of the table that the files make. */
export async function fileTableColumns(
  functionName: string,
  paths: readonly string[],
  options: TableOptions,
): Promise<readonly NamedColumn[]> {
  const format = formatOfFunction(functionName);
  const stored: NamedColumn[] = [];
  for (const path of options.unionByName ? paths : paths.slice(0, 1)) {
    for (const column of await inspectFile(format, path, options)) {
      const at = stored.findIndex((one) => one.name === column.name);
      if (at < 0) stored.push(column);
      else stored[at] = { name: column.name, type: widerType(stored[at]!.type, column.type) };
    }
  }
  const folders = options.hivePartitioning ? partitionColumns(paths) : [];
  const own = stored.filter((column) => folders.every((folder) => folder.name !== column.name));
  return [...own, ...folders, ...(options.filename ? [{ name: 'filename', type: TEXT }] : [])];
}

const INTEGERS: readonly string[] = ['int2', 'int4', 'int8'];

/** A type that holds the values of both; text if nothing else does. */
function widerType(a: SqlType, b: SqlType): SqlType {
  if (sameType(a, b)) return a;
  const integers = INTEGERS.includes(a.name) && INTEGERS.includes(b.name);
  if (integers) return INTEGERS.indexOf(a.name) > INTEGERS.indexOf(b.name) ? a : b;
  const number = (type: SqlType): boolean => INTEGERS.includes(type.name) || /^float/.test(type.name);
  return number(a) && number(b) ? FLOAT8 : TEXT;
}

/**
 * The rows of the columns wanted (indexes into `columns`, which `fileTableColumns` gave), in their order; each batch is valid until
 * the next. Files and row groups that cannot meet `comparisons` are left out. A file without one of the columns: 42703 unless union_by_name.
 */
export async function* readFileTable(
  parts: FileTableParts,
  functionName: string,
  paths: readonly string[],
  options: TableOptions,
  columns: readonly NamedColumn[],
  attributes: readonly number[],
  comparisons: readonly RowComparison[],
): AsyncGenerator<Batch> {
  const format = formatOfFunction(functionName);
  const folders = options.hivePartitioning ? partitionColumns(paths) : [];
  const owner = parts.arena.addOwner(256 * 1024 * 1024);
  const region = new Region(parts.arena, owner);
  const isFolder = (column: NamedColumn): boolean => folders.some((folder) => folder.name === column.name);
  const isName = (at: number): boolean => options.filename && at === columns.length - 1;
  const constantOf = (path: string, at: number): Datum | null =>
    isName(at) ? path : partitionValue(path, columns[at]!);
  try {
    for (const path of paths) {
      if (!partitionMayMatch(path, columns, comparisons, isFolder)) continue;
      const stored = await inspectFile(format, path, options);
      const places = attributes.map((at) => {
        const constant = isName(at) || isFolder(columns[at]!);
        const place = constant ? -1 : stored.findIndex((column) => column.name === columns[at]!.name);
        if (place < 0 && !constant && !options.unionByName) throw missingColumn(path, columns[at]!.name);
        return place;
      });
      const wanted = [...new Set(places.filter((place) => place >= 0))];
      // comparisons by the file's own columns
      const inFile = comparisons.flatMap((comparison) => {
        const column = stored.findIndex((one) => one.name === columns[comparison.column]?.name);
        return column < 0 ? [] : [{ ...comparison, column }];
      });
      for await (const batch of readOne(parts, format, path, options, stored, wanted, inFile)) {
        region.reset();
        const vectors = attributes.map((at, i): Vector => {
          const { type } = columns[at]!;
          const place = places[i]!;
          if (place >= 0) return convertVector(region, batch.columns[wanted.indexOf(place)]!, type, batch);
          const value = isName(at) || isFolder(columns[at]!) ? constantOf(path, at) : null;
          return constantVector(region, type, value, batch.count);
        });
        yield { ...batch, columns: vectors };
      }
    }
  } finally {
    parts.arena.freeOwner(owner);
  }
}

function missingColumn(path: string, name: string): Error {
  return sqlError('undefined_column', `file "${path}" has no column "${name}"`, {
    hint: 'Use union_by_name => true for files with different columns.',
  });
}

function partitionMayMatch(
  path: string,
  columns: readonly NamedColumn[],
  comparisons: readonly RowComparison[],
  isFolder: (column: NamedColumn) => boolean,
): boolean {
  return comparisons.every((comparison) => {
    const column = columns[comparison.column];
    if (column === undefined || !isFolder(column) || column.type.name !== comparison.type.name) return true;
    const value = partitionValue(path, column);
    return value !== null && rangeMayMatch(comparison, value, value);
  });
}

async function* readOne(
  { arena, kernels }: FileTableParts,
  format: TableFormat,
  path: string,
  options: TableOptions,
  stored: readonly NamedColumn[],
  wanted: readonly number[],
  comparisons: readonly RowComparison[],
): AsyncGenerator<Batch> {
  switch (format) {
    case 'parquet':
      yield* readParquetFile(arena, kernels, path, stored, wanted, comparisons);
      break;
    case 'arrow':
      yield* readArrowFile(arena, kernels, path, wanted);
      break;
    case 'csv':
      yield* readCsv(arena, kernels, path, await inspectCsv(path, options), wanted);
      break;
    case 'json':
      yield* jsonBatches(
        arena,
        path,
        wanted.map((place) => stored[place]!),
      );
  }
}

/** Lines between two looks at the clock. */
const LINES_PER_LOOK = 32;

async function* jsonBatches(arena: Arena, path: string, columns: readonly NamedColumn[]): AsyncGenerator<Batch> {
  const owner = arena.addOwner(256 * 1024 * 1024);
  try {
    const heap = new Region(arena, owner);
    const types = columns.map((column) => column.type);
    const builder = new BatchBuilder(new Region(arena, owner), types, { heap, capacity: BATCH_ROWS });
    const pieces = new Pieces();
    for await (const item of readJson(path, columns)) {
      if ('error' in item) throw item.error;
      builder.append(item.row);
      if (builder.count % LINES_PER_LOOK === 0) await pieces.next();
      if (!builder.full) continue;
      yield builder.batch();
      builder.reset();
      heap.reset();
    }
    if (builder.count > 0) yield builder.batch();
  } finally {
    arena.freeOwner(owner);
  }
}
