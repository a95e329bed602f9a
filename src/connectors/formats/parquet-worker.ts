// The thread of parquet-thread.ts: parquet-wasm decodes and encodes here, so that a row group of any size stalls nobody, and a file
// that makes the library trap costs this thread only. One request at a time, one answer each.
import { closeSync, openAsBlob, openSync, writeSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import {
  Compression,
  ParquetFile,
  type RecordBatch,
  Table,
  transformParquetStream,
  WriterPropertiesBuilder,
} from 'parquet-wasm';
import type { ParquetAnswer, ParquetRequest } from './parquet-thread.ts';

/** A row group that is decoded, with the batches that are not asked for yet. */
interface Scan {
  readonly file: ParquetFile;
  batches: RecordBatch[];
}

/** A file that is being written: what `push` gets goes through the library's stream into the file. */
interface Writer {
  readonly push: (batch: RecordBatch | null) => Promise<void>;
  readonly done: Promise<void>;
}

const scans = new Map<number, Scan>();
const writers = new Map<number, Writer>();

async function answer(request: ParquetRequest): Promise<Uint8Array | null> {
  switch (request.kind) {
    case 'schema': {
      const file = await ParquetFile.fromFile(await openAsBlob(request.path));
      const bytes = file.schema().intoIPCStream();
      file.free();
      return bytes;
    }
    case 'group': {
      const { group, columns, handle, path } = request;
      const scan = scans.get(handle) ?? { file: await ParquetFile.fromFile(await openAsBlob(path)), batches: [] };
      scans.set(handle, scan);
      const table = await scan.file.read({ rowGroups: [group], columns: [...columns], batchSize: request.batchRows });
      scan.batches = table.recordBatches();
      table.free();
      return null;
    }
    case 'next':
      return nextBatch(request.handle);
    case 'close':
      closeScan(request.handle);
      return null;
    case 'create':
      writers.set(request.handle, openWriter(request.path, request.compression, request.rowGroupRows));
      return null;
    case 'append': {
      const table = Table.fromIPCStream(request.bytes);
      for (const batch of table.recordBatches()) await writers.get(request.handle)!.push(batch);
      table.free();
      return null;
    }
    case 'finish': {
      const writer = writers.get(request.handle)!;
      writers.delete(request.handle);
      await writer.push(null);
      await writer.done;
      return null;
    }
  }
}

function nextBatch(handle: number): Uint8Array | null {
  const scan = scans.get(handle);
  if (scan === undefined) throw new Error('the reader had to start again after another file; try again');
  return scan.batches.shift()?.intoIPCStream() ?? null;
}

function closeScan(handle: number): void {
  const scan = scans.get(handle);
  scans.delete(handle);
  for (const batch of scan?.batches ?? []) batch.free();
  scan?.file.free();
}

const CODECS: Readonly<Record<string, Compression>> = {
  uncompressed: Compression.UNCOMPRESSED,
  snappy: Compression.SNAPPY,
  gzip: Compression.GZIP,
  brotli: Compression.BROTLI,
  zstd: Compression.ZSTD,
  lz4: Compression.LZ4_RAW,
};

function openWriter(path: string, compression: string, rowGroupRows: number): Writer {
  let take: ((batch: RecordBatch | null) => void) | null = null;
  let waiting: (() => void) | null = null;
  const source = new ReadableStream<RecordBatch>(
    {
      async pull(controller) {
        const batch = await new Promise<RecordBatch | null>((resolve) => {
          take = resolve;
          waiting?.();
        });
        if (batch === null) controller.close();
        else controller.enqueue(batch);
      },
    },
    { highWaterMark: 0 },
  );
  const properties = new WriterPropertiesBuilder()
    .setCompression(CODECS[compression]!)
    .setMaxRowGroupSize(rowGroupRows)
    .build();
  let failed: unknown = null;
  const done = copyToFile(path, transformParquetStream(source, properties)).catch((error: unknown) => {
    failed = error;
    waiting?.();
    throw error;
  });
  done.catch(() => {});
  const push = async (batch: RecordBatch | null): Promise<void> => {
    while (take === null && failed === null) {
      await new Promise<void>((resolve) => {
        waiting = resolve;
      });
    }
    if (failed !== null) throw failed;
    const give = take!;
    take = null;
    give(batch);
  };
  return { push, done };
}

async function copyToFile(path: string, stream: Promise<ReadableStream>): Promise<void> {
  const file = openSync(path, 'w');
  try {
    for await (const chunk of await stream) {
      for (let at = 0; at < chunk.length; ) at += writeSync(file, chunk as Uint8Array, at);
    }
  } finally {
    closeSync(file);
  }
}

parentPort!.on('message', (request: ParquetRequest) => {
  answer(request).then(
    (bytes) => reply({ ok: true, bytes }, bytes),
    (error: unknown) => {
      const { code, message } = error as NodeJS.ErrnoException;
      const fatal = error instanceof Error && /^(RuntimeError|RangeError)$/.test(error.name);
      reply({ ok: false, message: message ?? String(error), code: code ?? null, fatal }, null);
    },
  );
});

function reply(answered: ParquetAnswer, bytes: Uint8Array | null): void {
  parentPort!.postMessage(answered, bytes === null ? [] : [bytes.buffer as ArrayBuffer]);
}
