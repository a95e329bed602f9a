// COPY TO files: one file, or with PARTITION_BY a directory of files by the values of columns (year=2024/month=1/data.parquet). Everything
// is written under another name first and takes its own when it is whole, so that readers see the old or the new, never half.
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Batch } from '../columns/batch.ts';
import { batchRowIndexes } from '../columns/batch-builder.ts';
import { readDatum } from '../columns/datum-vector.ts';
import type { Arena } from '../columns/memory.ts';
import { Region } from '../columns/region.ts';
import { sqlError } from '../errors/sql-error.ts';
import type { KernelLibrary } from '../kernels/kernel-library.ts';
import { typeOperations } from '../types/type-operations.ts';
import { FILE_FORMATS, type FileFormat, type FileSink, type FileSinkOptions, openFileSink } from './file-sink.ts';
import type { NamedColumn } from './formats/csv-file.ts';
import { NULL_PARTITION } from './partitions.ts';

export interface FileOutput extends FileSinkOptions {
  readonly format: FileFormat;
  readonly path: string;
  readonly overwrite: boolean;
  /** names of columns */
  readonly partitionBy: readonly string[];
}

const MEMORY = 256 * 1024 * 1024;
/** Files open at a time: each holds up to one chunk of rows. */
const MAX_PARTITIONS = 256;
const CODECS = ['snappy', 'gzip', 'zstd', 'brotli', 'lz4', 'uncompressed'];
const OPTIONS = ['format', 'compression', 'row_group_size', 'overwrite', 'partition_by'];

/** The options of COPY TO a file in a format that is not COPY's own. Throws 22023 with the values there are. */
export function readFileOutput(path: string, given: Readonly<Record<string, unknown>>): FileOutput {
  const unknown = Object.keys(given).find((name) => !OPTIONS.includes(name));
  if (unknown !== undefined) {
    throw sqlError('invalid_parameter_value', `option "${unknown}" not recognized`, {
      hint: `Options are ${OPTIONS.join(', ')}.`,
    });
  }
  const format = FILE_FORMATS.find((name) => name === String(given.format).toLowerCase());
  if (format === undefined) {
    throw sqlError('invalid_parameter_value', `COPY format "${String(given.format)}" not recognized`, {
      hint: `Formats are ${FILE_FORMATS.join(', ')}.`,
    });
  }
  const compression = String(given.compression ?? 'snappy').toLowerCase();
  if (!CODECS.includes(compression) || (given.compression !== undefined && format !== 'parquet')) {
    const hint = format === 'parquet' ? `Codecs are ${CODECS.join(', ')}.` : 'Only Parquet files are compressed.';
    throw sqlError('invalid_parameter_value', `compression "${compression}" is not supported with FORMAT ${format}`, {
      hint,
    });
  }
  const rowGroupRows = Number(given.row_group_size ?? 122_880);
  if (!Number.isInteger(rowGroupRows) || rowGroupRows < 1) {
    throw sqlError('invalid_parameter_value', `row_group_size must be a positive number of rows`);
  }
  const partitionBy = given.partition_by === undefined ? [] : [given.partition_by].flat().map(String);
  const overwrite = given.overwrite === undefined || /^(true|on|1)$/i.test(String(given.overwrite));
  return { format, path, compression, rowGroupRows, overwrite, partitionBy };
}

/** Writes all rows; returns their number. */
export async function writeFiles(
  parts: { readonly arena: Arena; readonly kernels: KernelLibrary },
  output: FileOutput,
  columns: readonly NamedColumn[],
  rows: { next(): Promise<Batch | null> | Batch | null },
): Promise<number> {
  const owner = parts.arena.addOwner(MEMORY);
  const temporary = `${output.path}.part-${process.pid}`;
  await requireFree(output);
  const sink =
    output.partitionBy.length === 0
      ? openFileSink(output.format, temporary, columns, output, { ...parts, owner })
      : new PartitionedSink(temporary, output, columns, { ...parts, owner });
  try {
    let count = 0;
    for (let batch = await rows.next(); batch !== null; batch = await rows.next()) {
      await sink.append(batch);
      count += batch.count;
    }
    await sink.finish();
    await replace(temporary, output.path);
    return count;
  } catch (error) {
    sink.abandon();
    await rm(temporary, { force: true, recursive: true });
    throw error;
  } finally {
    parts.arena.freeOwner(owner);
  }
}

async function requireFree({ path, overwrite, partitionBy }: FileOutput): Promise<void> {
  const about = await stat(path).catch(() => null);
  if (about === null) return;
  if (about.isDirectory() !== partitionBy.length > 0) {
    const what = about.isDirectory() ? 'a directory' : 'a file';
    throw sqlError('wrong_object_type', `"${path}" is ${what}`, {
      hint: about.isDirectory() ? 'PARTITION_BY writes into a directory.' : 'PARTITION_BY needs a directory.',
    });
  }
  if (overwrite || (about.isDirectory() && (await readdir(path)).length === 0)) return;
  throw sqlError('duplicate_file', `"${path}" exists already`, { hint: 'Use OVERWRITE true to replace it.' });
}

/** A directory cannot be renamed over another: the old one steps aside first. */
async function replace(from: string, to: string): Promise<void> {
  const about = await stat(to).catch(() => null);
  if (about === null || !about.isDirectory()) {
    await rename(from, to);
    return;
  }
  const aside = `${to}.old-${process.pid}`;
  await rename(to, aside);
  await rename(from, to);
  await rm(aside, { recursive: true, force: true });
}

class PartitionedSink implements FileSink {
  private readonly root: string;
  private readonly output: FileOutput;
  private readonly keys: readonly number[];
  private readonly kept: readonly number[];
  private readonly columns: readonly NamedColumn[];
  private readonly parts: Parameters<typeof openFileSink>[4];
  private readonly selection: Region;
  private readonly sinks = new Map<string, FileSink>();

  constructor(
    root: string,
    output: FileOutput,
    columns: readonly NamedColumn[],
    parts: Parameters<typeof openFileSink>[4],
  ) {
    this.root = root;
    this.output = output;
    this.columns = columns;
    this.parts = parts;
    this.keys = output.partitionBy.map((name) => {
      const index = columns.findIndex((column) => column.name === name);
      if (index >= 0) return index;
      throw sqlError('undefined_column', `column "${name}" of PARTITION_BY does not exist`);
    });
    this.kept = columns.map((_, i) => i).filter((i) => !this.keys.includes(i));
    this.selection = new Region(parts.arena, parts.owner);
  }

  async append(batch: Batch): Promise<void> {
    const memory = this.parts.arena.shared;
    const groups = new Map<string, number[]>();
    for (const row of batchRowIndexes(memory, batch)) {
      const folder = this.keys.map((key) => this.segment(batch, key, row)).join('/');
      const rows = groups.get(folder);
      if (rows === undefined) groups.set(folder, [row]);
      else rows.push(row);
    }
    for (const [folder, rows] of groups) {
      this.selection.reset();
      const selection = this.selection.allocate(rows.length * 4);
      memory.u32.set(rows, selection >>> 2);
      const columns = this.kept.map((i) => batch.columns[i]!);
      await (await this.sinkOf(folder)).append({ ...batch, columns, count: rows.length, selection });
    }
  }

  async finish(): Promise<void> {
    await mkdir(this.root, { recursive: true });
    for (const sink of this.sinks.values()) await sink.finish();
  }

  abandon(): void {
    for (const sink of this.sinks.values()) sink.abandon();
  }

  private segment(batch: Batch, key: number, row: number): string {
    const { name, type } = this.columns[key]!;
    const value = readDatum(this.parts.arena.shared, batch.columns[key]!, row);
    const text = value === null ? NULL_PARTITION : typeOperations(type).formatText(value, type);
    return `${encodeURIComponent(name)}=${encodeURIComponent(text)}`;
  }

  private async sinkOf(folder: string): Promise<FileSink> {
    const known = this.sinks.get(folder);
    if (known !== undefined) return known;
    if (this.sinks.size >= MAX_PARTITIONS) {
      throw sqlError('program_limit_exceeded', `PARTITION_BY makes more than ${MAX_PARTITIONS} partitions`);
    }
    const path = join(this.root, folder, `data.${this.output.format}`);
    await mkdir(dirname(path), { recursive: true });
    const columns = this.kept.map((i) => this.columns[i]!);
    const sink = openFileSink(this.output.format, path, columns, this.output, this.parts);
    this.sinks.set(folder, sink);
    return sink;
  }
}
