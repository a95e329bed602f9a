// Parquet files: the row groups that can hold rows asked for, one at a time, only the columns asked for. Decoded by parquet-wasm in
// its thread (parquet-thread.ts), which gives Arrow batches to copy in; the footer is read here (parquet-footer.ts).
import { tableFromIPC } from 'apache-arrow';
import type { Batch } from '../../columns/batch.ts';
import type { Arena } from '../../columns/memory.ts';
import { Region } from '../../columns/region.ts';
import { SqlError, sqlError } from '../../errors/sql-error.ts';
import type { KernelLibrary } from '../../kernels/kernel-library.ts';
import { type RowComparison, rangeMayMatch } from '../row-comparison.ts';
import { importBatch, typeOfField } from './arrow-columns.ts';
import type { NamedColumn } from './csv-file.ts';
import { type RowGroupFacts, readFooter } from './parquet-footer.ts';
import { PARQUET_THREAD } from './parquet-thread.ts';

/** A batch is copied in one go on the main thread. */
const BATCH_ROWS = 16_384;

/** Any failure of the library names the file. */
function brokenFile(path: string, error: unknown): SqlError {
  if (error instanceof SqlError) return error;
  const { message, code } = error as NodeJS.ErrnoException;
  if (code === 'EACCES')
    return sqlError('insufficient_privilege', `could not open file "${path}" for reading: ${message}`);
  return sqlError('data_corrupted', `file "${path}" is not a readable Parquet file`, {
    detail: message ?? String(error),
    hint: 'It may be another format, cut off, or still being written.',
  });
}

/** Columns of a file. Throws XX001 for a broken one. */
export async function inspectParquet(path: string): Promise<NamedColumn[]> {
  try {
    await readFooter(path);
    const bytes = await PARQUET_THREAD.ask({ kind: 'schema', path });
    const { schema } = tableFromIPC(bytes!);
    return schema.fields.map((field) => ({ name: field.name, type: typeOfField(field) }));
  } catch (error) {
    throw brokenFile(path, error);
  }
}

/**
 * The rows of the columns wanted (indexes into `columns`, which are the file's own), in their order, without the row groups that cannot
 * meet `comparisons`. Batches of up to 16,384 rows, each valid until the next.
 */
export async function* readParquetFile(
  arena: Arena,
  kernels: KernelLibrary,
  path: string,
  columns: readonly NamedColumn[],
  attributes: readonly number[],
  comparisons: readonly RowComparison[] = [],
): AsyncGenerator<Batch> {
  const handle = PARQUET_THREAD.newHandle();
  const owner = arena.addOwner(1024 * 1024 * 1024);
  const region = new Region(arena, owner, 4_194_304);
  let open = false;
  try {
    const names = attributes.map((attribute) => columns[attribute]!.name);
    const wanted = [...new Set(names)];
    for (const [group, facts] of (await readFooter(path)).entries()) {
      if (!groupMayMatch(facts, comparisons, columns)) continue;
      if (names.length === 0) {
        if (facts.rows > 0) yield { columns: [], count: facts.rows, selection: 0, weights: 0 };
        continue;
      }
      open = true;
      await PARQUET_THREAD.ask({ kind: 'group', handle, path, group, columns: wanted, batchRows: BATCH_ROWS });
      for (;;) {
        const bytes = await PARQUET_THREAD.ask({ kind: 'next', handle });
        if (bytes === null) break;
        yield* importIpc(region, kernels, bytes, names);
      }
    }
  } catch (error) {
    throw brokenFile(path, error);
  } finally {
    if (open) void PARQUET_THREAD.ask({ kind: 'close', handle }).catch(() => {});
    arena.freeOwner(owner);
  }
}

/** The columns `names` of the record batches of an IPC stream, in that order. `region` is reset for each. */
function* importIpc(
  region: Region,
  kernels: KernelLibrary,
  bytes: Uint8Array,
  names: readonly string[],
): Generator<Batch> {
  for (const batch of tableFromIPC(bytes).batches) {
    const order = names.map((name) => batch.schema.fields.findIndex((field) => field.name === name));
    region.reset();
    yield importBatch(region, kernels, batch, order);
  }
}

function groupMayMatch(
  facts: RowGroupFacts,
  comparisons: readonly RowComparison[],
  columns: readonly NamedColumn[],
): boolean {
  return comparisons.every((comparison) => {
    const column = columns[comparison.column];
    if (column === undefined || column.type.name !== comparison.type.name) return true;
    if (facts.nulls.get(column.name) === facts.rows) return false;
    const range = facts.ranges.get(column.name);
    return range === undefined || rangeMayMatch(comparison, range.min, range.max);
  });
}
