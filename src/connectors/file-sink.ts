// FileSink: rows into one file of a format. The file is written under the path given, by the caller's choice a temporary one.
import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import type { Batch } from '../columns/batch.ts';
import type { Arena } from '../columns/memory.ts';
import { Region } from '../columns/region.ts';
import { sqlError } from '../errors/sql-error.ts';
import type { KernelLibrary } from '../kernels/kernel-library.ts';
import { ArrowChunk } from './formats/arrow-export.ts';
import { ArrowWriter } from './formats/arrow-file.ts';
import { CopyWriter } from './formats/copy-writer.ts';
import type { NamedColumn } from './formats/csv-file.ts';
import { CSV_DEFAULTS, TEXT_DEFAULTS } from './formats/delimited-options.ts';
import { jsonLinesOf } from './formats/json-writer.ts';
import { PARQUET_THREAD } from './formats/parquet-thread.ts';

export const FILE_FORMATS = ['csv', 'text', 'json', 'parquet', 'arrow'] as const;
export type FileFormat = (typeof FILE_FORMATS)[number];

export interface FileSink {
  /** The batch is the caller's again when it settles. */
  append(batch: Batch): Promise<void>;
  finish(): Promise<void>;
  /** Stops writing; the file is left as it is. */
  abandon(): void;
}

export interface FileSinkOptions {
  /** Parquet: snappy unless said */
  readonly compression: string;
  /** Parquet: rows per row group */
  readonly rowGroupRows: number;
}

export interface FileSinkParts {
  readonly arena: Arena;
  readonly kernels: KernelLibrary;
  /** memory of the caller's statement */
  readonly owner: number;
}

export function openFileSink(
  format: FileFormat,
  path: string,
  columns: readonly NamedColumn[],
  options: FileSinkOptions,
  parts: FileSinkParts,
): FileSink {
  switch (format) {
    case 'parquet':
      return parquetSink(path, columns, options, parts);
    case 'arrow':
      return arrowSink(path, columns, parts);
    case 'json':
      return jsonSink(path, columns, parts);
    default:
      return delimitedSink(format, path, columns, parts);
  }
}

function parquetSink(
  path: string,
  columns: readonly NamedColumn[],
  { compression, rowGroupRows }: FileSinkOptions,
  { arena }: FileSinkParts,
): FileSink {
  const handle = PARQUET_THREAD.newHandle();
  const chunk = new ArrowChunk(arena.shared, columns);
  const ask = (request: Parameters<typeof PARQUET_THREAD.ask>[0]): Promise<unknown> =>
    PARQUET_THREAD.ask(request).catch((error: NodeJS.ErrnoException) => {
      throw writeError(path, error);
    });
  let created: Promise<unknown> | null = null;
  const flush = async (): Promise<void> => {
    created ??= ask({ kind: 'create', handle, path, compression, rowGroupRows });
    await created;
    await ask({ kind: 'append', handle, bytes: chunk.takeIpc() });
  };
  return {
    async append(batch) {
      chunk.append(batch);
      if (chunk.full) await flush();
    },
    async finish() {
      // an empty chunk still brings the schema
      if (chunk.rows > 0 || created === null) await flush();
      await ask({ kind: 'finish', handle });
    },
    abandon() {
      if (created !== null) void PARQUET_THREAD.ask({ kind: 'finish', handle }).catch(() => {});
    },
  };
}

function arrowSink(path: string, columns: readonly NamedColumn[], { arena }: FileSinkParts): FileSink {
  const file = new OutputFile(path);
  const chunk = new ArrowChunk(arena.shared, columns);
  const writer = new ArrowWriter(chunk, 'file', (bytes) => file.write(bytes));
  return {
    async append(batch) {
      chunk.append(batch);
      if (chunk.full) await writer.flush();
    },
    async finish() {
      await writer.finish();
      await file.end();
    },
    abandon: () => file.destroy(),
  };
}

function jsonSink(path: string, columns: readonly NamedColumn[], { arena }: FileSinkParts): FileSink {
  const file = new OutputFile(path);
  return {
    append: (batch) => file.write(Buffer.from(jsonLinesOf(arena.shared, batch, columns))),
    finish: () => file.end(),
    abandon: () => file.destroy(),
  };
}

function delimitedSink(
  format: 'csv' | 'text',
  path: string,
  columns: readonly NamedColumn[],
  { arena, kernels, owner }: FileSinkParts,
): FileSink {
  const file = new OutputFile(path);
  const options = format === 'csv' ? { ...CSV_DEFAULTS, header: true } : TEXT_DEFAULTS;
  const names = columns.map((column) => column.name);
  const writer = new CopyWriter(new Region(arena, owner), kernels, names, options);
  let header = writer.header();
  return {
    async append(batch) {
      if (header !== null) await file.write(header);
      header = null;
      for (const { bytes } of writer.write(batch)) await file.write(Buffer.from(bytes));
    },
    async finish() {
      if (header !== null) await file.write(header);
      await file.end();
    },
    abandon: () => file.destroy(),
  };
}

/** A stream into a file whose errors come out of `write` and `end`. */
class OutputFile {
  private readonly path: string;
  private readonly stream: WriteStream;
  private failure: NodeJS.ErrnoException | null = null;

  constructor(path: string) {
    this.path = path;
    this.stream = createWriteStream(path);
    this.stream.on('error', (error) => {
      this.failure = error;
    });
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.check();
    if (!this.stream.write(bytes)) await once(this.stream, 'drain').catch(() => {}); // an error is kept above
    this.check();
  }

  async end(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.stream.once('error', () => resolve());
      this.stream.end(resolve);
    });
    this.check();
  }

  destroy(): void {
    this.stream.destroy();
  }

  private check(): void {
    if (this.failure !== null) throw writeError(this.path, this.failure);
  }
}

function writeError(path: string, error: NodeJS.ErrnoException): Error {
  const condition =
    error.code === 'ENOSPC' ? 'disk_full' : error.code === 'EACCES' ? 'insufficient_privilege' : 'io_error';
  const reason = error.code === 'ENOENT' ? 'No such file or directory' : error.message;
  return sqlError(
    error.code === 'ENOENT' ? 'undefined_file' : condition,
    `could not write to file "${path}": ${reason}`,
  );
}
