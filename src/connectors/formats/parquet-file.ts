// Parquet files: row groups one at a time, only the columns asked for, through parquet-wasm (its own memory, copied out as Arrow).
import { openAsBlob } from 'node:fs';
import { tableFromIPC } from 'apache-arrow';
import type { ParquetFile } from 'parquet-wasm';
import type { Batch } from '../../columns/batch.ts';
import type { Arena } from '../../columns/memory.ts';
import { Region } from '../../columns/region.ts';
import { SqlError, sqlError } from '../../errors/sql-error.ts';
import type { KernelLibrary } from '../../kernels/kernel-library.ts';
import { importBatch, typeOfField } from './arrow-columns.ts';
import type { NamedColumn } from './csv-file.ts';

/** Any failure of the library names the file. */
function brokenFile(path: string, error: unknown): SqlError {
  if (error instanceof SqlError) return error;
  const detail = error instanceof Error ? error.message : String(error);
  return sqlError('data_corrupted', `file "${path}" is not a readable Parquet file`, { detail });
}

async function openParquet(path: string): Promise<ParquetFile> {
  const { ParquetFile: Library } = await import('parquet-wasm');
  return await Library.fromFile(await openAsBlob(path));
}

/** Columns of a file. Throws XX001 for a broken one. */
export async function inspectParquet(path: string): Promise<NamedColumn[]> {
  try {
    const file = await openParquet(path);
    const { schema } = tableFromIPC(file.schema().intoIPCStream());
    file.free();
    return schema.fields.map((field) => ({ name: field.name, type: typeOfField(field) }));
  } catch (error) {
    throw brokenFile(path, error);
  }
}

/** The rows of the columns wanted (indexes into `columns`), in their order. Batches of up to 65,536 rows, each valid until the next. */
export async function* readParquetFile(
  arena: Arena,
  kernels: KernelLibrary,
  path: string,
  columns: readonly NamedColumn[],
  attributes: readonly number[],
): AsyncGenerator<Batch> {
  const owner = arena.addOwner(1024 * 1024 * 1024);
  const region = new Region(arena, owner, 4_194_304);
  try {
    const file = await openParquet(path);
    const groups = file
      .metadata()
      .rowGroups()
      .map((group) => group.numRows());
    const names = attributes.map((attribute) => columns[attribute]!.name);
    for (const [group, rows] of groups.entries()) {
      if (names.length === 0) {
        yield { columns: [], count: rows, selection: 0, weights: 0 };
        continue;
      }
      const table = await file.read({ rowGroups: [group], columns: [...new Set(names)], batchSize: 65_536 });
      for (const batch of tableFromIPC(table.intoIPCStream()).batches) {
        const order = names.map((name) => batch.schema.fields.findIndex((field) => field.name === name));
        const types = batch.schema.fields.map((field) => typeOfField(field));
        region.reset();
        const all = importBatch(region, kernels, batch, types);
        yield { ...all, columns: order.map((index) => all.columns[index]!) };
      }
    }
    file.free();
  } catch (error) {
    throw brokenFile(path, error);
  } finally {
    arena.freeOwner(owner);
  }
}
