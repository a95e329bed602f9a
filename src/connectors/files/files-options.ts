// Options of the `files` connector: a directory (or one file of it), which of its files, and how they are read.
import { stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { z } from 'zod';
import { sqlError } from '../../errors/sql-error.ts';
import { TEXT } from '../../types/sql-type.ts';
import { readOptions } from '../connector-options.ts';
import { type CsvGiven, inspectCsv, type NamedColumn } from '../formats/csv-file.ts';
import { inspectJson } from '../formats/json-lines.ts';
import { inspectParquet } from '../formats/parquet-file.ts';
import { listFiles } from './directory-scan.ts';

export interface FilesOptions {
  readonly directory: string;
  readonly pattern: string;
  readonly format: 'json' | 'csv' | 'parquet' | 'text';
  /** read the files that are there when the stream is created */
  readonly earliest: boolean;
  readonly csv: CsvGiven;
}

const truth = z.enum(['true', 'false', 'on', 'off']).transform((word) => word === 'true' || word === 'on');
const OPTIONS = z.strictObject({
  path: z
    .string()
    .min(1)
    .transform((path) => path.replace(/^file:\/\//, '')),
  format: z.string().optional(),
  encode: z.string().optional(),
  pattern: z.string().min(1).optional(),
  scanstartupmode: z
    .enum(['latest', 'earliest', 'latest-offset', 'earliest-offset'])
    .default('latest')
    .describe('scan.startup.mode'),
  header: truth.optional(),
  delimiter: z.string().length(1).optional(),
  quote: z.string().length(1).optional(),
  escape: z.string().length(1).optional(),
  null: z.string().optional(),
});

/** What a line of text is when the stream names no columns. */
const TEXT_COLUMNS: readonly NamedColumn[] = [{ name: 'value', type: TEXT }];

const FORMATS: Readonly<Record<string, FilesOptions['format']>> = {
  json: 'json',
  jsonl: 'json',
  ndjson: 'json',
  csv: 'csv',
  tsv: 'csv',
  parquet: 'parquet',
  text: 'text',
  txt: 'text',
};

/** Throws 22023, and 0A000 for a format that is not read. */
export function readFilesOptions(options: Readonly<Record<string, string>>, encode: string | null): FilesOptions {
  const given = readOptions(OPTIONS, 'files', options);
  const named = /[*?[{]/.test(basename(given.path));
  const ending = /\.(\w+)$/.exec(given.pattern ?? given.path)?.[1]?.toLowerCase() ?? '';
  const word = (encode ?? given.encode ?? given.format ?? (ending in FORMATS ? ending : 'json')).toLowerCase();
  const format = FORMATS[word];
  if (format === undefined) {
    throw sqlError('feature_not_supported', `connector "files" does not read ${word}`, {
      hint: 'Formats are json, csv, parquet and text.',
    });
  }
  const { header, delimiter, quote, null: nullText } = given;
  const csv = {
    header,
    quote,
    escape: given.escape,
    delimiter: delimiter ?? (word === 'tsv' ? '\t' : undefined),
    nullText,
  };
  return {
    directory: named ? dirname(given.path) : given.path,
    pattern: given.pattern ?? (named ? basename(given.path) : '*'),
    format,
    earliest: given.scanstartupmode.startsWith('earliest'),
    csv,
  };
}

export async function isDirectory(path: string): Promise<boolean> {
  const about = await stat(path).catch(() => null);
  return about?.isDirectory() === true;
}

/** Throws 58P01 when the directory is not there. */
export async function requireDirectory({ directory }: FilesOptions): Promise<void> {
  if (await isDirectory(directory)) return;
  const about = await stat(directory).catch(() => null);
  throw sqlError(
    'undefined_file',
    `could not open directory "${directory}": ${about === null ? 'No such file or directory' : 'Not a directory'}`,
  );
}

/** Columns of the first file there. Throws 42P16 when there is none. */
export async function inferFilesColumns(options: FilesOptions): Promise<readonly NamedColumn[]> {
  if (options.format === 'text') return TEXT_COLUMNS;
  const [first] = (await listFiles(options)).filter((file) => file.size > 0);
  if (first === undefined) {
    throw sqlError('invalid_table_definition', `no files in "${options.directory}" to find the columns of the stream`, {
      hint: 'Name its columns and their types, or put a first file there.',
    });
  }
  switch (options.format) {
    case 'json':
      return inspectJson(first.path);
    case 'parquet':
      return inspectParquet(first.path);
    case 'csv':
      return (await inspectCsv(first.path, options.csv)).columns;
  }
}
