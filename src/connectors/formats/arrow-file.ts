// Arrow IPC: files (with a footer) and streams, read and written through the apache-arrow package.
import { open } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { RecordBatchFileWriter, RecordBatchReader, RecordBatchStreamWriter } from 'apache-arrow';
import type { Batch } from '../../columns/batch.ts';
import type { Arena } from '../../columns/memory.ts';
import { Region } from '../../columns/region.ts';
import { SqlError, sqlError } from '../../errors/sql-error.ts';
import type { KernelLibrary } from '../../kernels/kernel-library.ts';
import { importBatch, typeOfField } from './arrow-columns.ts';
import type { ArrowChunk } from './arrow-export.ts';
import type { NamedColumn } from './csv-file.ts';

function brokenFile(path: string, error: unknown): SqlError {
  if (error instanceof SqlError) return error;
  const detail = error instanceof Error ? error.message : String(error);
  return sqlError('data_corrupted', `file "${path}" is not a readable Arrow file`, {
    detail,
    hint: 'It must be an Arrow IPC file or stream (Feather version 2).',
  });
}

/** Columns of a file. Throws XX001 for a broken one. */
export async function inspectArrow(path: string): Promise<NamedColumn[]> {
  const file = await open(path);
  try {
    const reader = await RecordBatchReader.from(file);
    await reader.open();
    const columns = reader.schema.fields.map((field) => ({ name: field.name, type: typeOfField(field) }));
    await reader.cancel();
    return columns;
  } catch (error) {
    throw brokenFile(path, error);
  } finally {
    await file.close().catch(() => {});
  }
}

/** The rows of the columns wanted (indexes into the file's), in their order; each batch is valid until the next. */
export async function* readArrowFile(
  arena: Arena,
  kernels: KernelLibrary,
  path: string,
  attributes: readonly number[],
): AsyncGenerator<Batch> {
  const owner = arena.addOwner(1024 * 1024 * 1024);
  const region = new Region(arena, owner, 4_194_304);
  const file = await open(path);
  try {
    for await (const batch of await RecordBatchReader.from(file)) {
      if (attributes.length === 0) {
        yield { columns: [], count: batch.numRows, selection: 0, weights: 0 };
        continue;
      }
      region.reset();
      yield importBatch(region, kernels, batch, attributes);
    }
  } catch (error) {
    throw brokenFile(path, error);
  } finally {
    await file.close().catch(() => {});
    arena.freeOwner(owner);
  }
}

/** Writes an Arrow file or stream; `send` gets its bytes in order and is awaited before more rows are encoded. */
export class ArrowWriter {
  private readonly writer: RecordBatchFileWriter | RecordBatchStreamWriter;
  private readonly chunk: ArrowChunk;
  private readonly sent: Promise<void>;
  private sending: Promise<void> | null = null;

  constructor(chunk: ArrowChunk, form: 'file' | 'stream', send: (bytes: Uint8Array) => Promise<void>) {
    this.chunk = chunk;
    this.writer = form === 'file' ? new RecordBatchFileWriter() : new RecordBatchStreamWriter();
    this.writer.reset(undefined, chunk.schema);
    this.sent = this.pump(send);
    this.sent.catch(() => {});
  }

  /** Encodes the rows that the chunk has collected. */
  async flush(): Promise<void> {
    if (this.chunk.rows > 0) this.writer.write(this.chunk.takeBatch());
    do {
      await setImmediate();
      await this.sending;
    } while (this.sending !== null);
  }

  async finish(): Promise<void> {
    await this.flush();
    this.writer.finish();
    await this.sent;
  }

  private async pump(send: (bytes: Uint8Array) => Promise<void>): Promise<void> {
    for await (const bytes of this.writer) {
      this.sending = send(bytes as Uint8Array);
      await this.sending;
      this.sending = null;
    }
  }
}
