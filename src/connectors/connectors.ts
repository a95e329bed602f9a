// The door to the outside world: files as tables (read_csv, read_json, read_parquet), files written by COPY TO, and the definitions of
// streams that have a connector.

import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import type { Column, Stream } from '../catalog/objects.ts';
import { BATCH_ROWS, type Batch } from '../columns/batch.ts';
import { BatchBuilder } from '../columns/batch-builder.ts';
import type { Arena } from '../columns/memory.ts';
import { Region } from '../columns/region.ts';
import { sqlError } from '../errors/sql-error.ts';
import type { KernelLibrary } from '../kernels/kernel-library.ts';
import type { Datum } from '../types/datum.ts';
import { CopyWriter } from './formats/copy-writer.ts';
import { inspectCsv, type NamedColumn, readCsv } from './formats/csv-file.ts';
import { readDelimitedOptions } from './formats/delimited-options.ts';
import { inspectJson, readJson } from './formats/json-lines.ts';
import { jsonLinesOf } from './formats/json-writer.ts';
import { inspectParquet, readParquetFile } from './formats/parquet-file.ts';
import { openSource } from './open-source.ts';
import { namedFiles, requireServerFiles } from './server-files.ts';
import type { Source, SourceOptions, SourceSink } from './source.ts';
import { checkStreamDefinition, type StreamDefinition } from './stream-definition.ts';

export interface ConnectorParts {
  readonly arena: Arena;
  readonly kernels: KernelLibrary;
}

/** A call of a file function as a plan holds it: constant arguments. */
export interface ExternalCall {
  readonly function: string;
  readonly args: readonly { readonly kind: string }[];
  readonly outputs: readonly NamedColumn[];
}

type FileFormat = 'csv' | 'json' | 'parquet';

function formatOf(functionName: string): FileFormat {
  if (functionName === 'read_parquet') return 'parquet';
  return functionName.startsWith('read_csv') ? 'csv' : 'json';
}

/** A constant, or an array of constants, as a plain value. */
function constantOf(argument: unknown): unknown {
  const node = argument as { kind?: string; value?: unknown; args?: readonly unknown[]; elements?: readonly unknown[] };
  if (node.kind === 'constant') {
    const value = node.value as { kind?: string; elements?: readonly unknown[] } | null;
    return value !== null && typeof value === 'object' && value.kind === 'array' ? value.elements : value;
  }
  return (node.elements ?? node.args ?? []).map(constantOf);
}

export class Connectors {
  private readonly parts: ConnectorParts;

  constructor(parts: ConnectorParts) {
    this.parts = parts;
  }

  /** Columns of a file function's first file. `args[0]`: path, pattern or a list of them. Throws 42501 without access to files, 58P01. */
  async externalSchema(
    functionName: string,
    args: readonly unknown[],
    serverFiles: boolean,
  ): Promise<readonly NamedColumn[]> {
    requireServerFiles(serverFiles);
    const [first] = await namedFiles(args[0]);
    switch (formatOf(functionName)) {
      case 'parquet':
        return inspectParquet(first!);
      case 'csv':
        return (await inspectCsv(first!)).columns;
      case 'json':
        return inspectJson(first!);
    }
  }

  /** How plans read files: BatchContext.externalTables. Filters are not used: the scan applies them. */
  externalTables(serverFiles: boolean) {
    return {
      open: (
        call: ExternalCall,
        options: Readonly<Record<string, unknown>>,
        attributes: readonly number[],
      ): AsyncIterable<Batch> => this.readFiles(call, options, attributes, serverFiles),
    };
  }

  private async *readFiles(
    call: ExternalCall,
    options: Readonly<Record<string, unknown>>,
    attributes: readonly number[],
    serverFiles: boolean,
  ): AsyncGenerator<Batch> {
    requireServerFiles(serverFiles);
    const { arena, kernels } = this.parts;
    for (const path of await namedFiles(constantOf(call.args[0]))) {
      switch (formatOf(call.function)) {
        case 'parquet':
          yield* readParquetFile(arena, kernels, path, call.outputs, attributes);
          break;
        case 'csv': {
          const shape = await inspectCsv(path, options);
          yield* readCsv(arena, kernels, path, { ...shape, columns: call.outputs }, attributes);
          break;
        }
        case 'json':
          yield* this.jsonBatches(
            path,
            attributes.map((attribute) => call.outputs[attribute]!),
          );
      }
    }
  }

  private async *jsonBatches(path: string, columns: readonly NamedColumn[]): AsyncGenerator<Batch> {
    const { arena } = this.parts;
    const owner = arena.addOwner(256 * 1024 * 1024);
    try {
      const heap = new Region(arena, owner);
      const types = columns.map((column) => column.type);
      const builder = new BatchBuilder(new Region(arena, owner), types, { heap, capacity: BATCH_ROWS });
      for await (const item of readJson(path, columns)) {
        if ('error' in item) throw item.error;
        builder.append(item.row as (Datum | null)[]);
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

  /** COPY TO a file in a format that is not COPY's own. Returns the number of rows. */
  async writeFile(
    format: string,
    path: string,
    columns: readonly NamedColumn[],
    rows: { next(): Promise<Batch | null> | Batch | null },
  ): Promise<number> {
    const { arena, kernels } = this.parts;
    if (format !== 'csv' && format !== 'text' && format !== 'json') {
      throw sqlError('feature_not_supported', `COPY TO a file with FORMAT ${format} is not supported`, {
        hint: 'Use FORMAT csv or json.',
      });
    }
    const owner = arena.addOwner(256 * 1024 * 1024);
    const file = createWriteStream(path);
    try {
      await once(file, 'open');
      const options = readDelimitedOptions(
        { format: format === 'text' ? 'text' : 'csv', header: format === 'csv' },
        'to',
      );
      const names = columns.map((column) => column.name);
      const writer = new CopyWriter(new Region(arena, owner), kernels, names, options);
      const header = format === 'csv' ? writer.header() : null;
      if (header !== null) file.write(header);
      let count = 0;
      for (let batch = await rows.next(); batch !== null; batch = await rows.next()) {
        if (format === 'json') {
          if (!file.write(jsonLinesOf(arena.shared, batch, columns))) await once(file, 'drain');
        } else {
          for (const { bytes } of writer.write(batch)) if (!file.write(Buffer.from(bytes))) await once(file, 'drain');
        }
        count += batch.count;
      }
      file.end();
      await once(file, 'finish');
      return count;
    } finally {
      file.destroy();
      arena.freeOwner(owner);
    }
  }

  /** Checks a stream's connector and options, and gives its columns: those declared, or the connector's own. */
  async checkStream(
    definition: StreamDefinition,
    server: { readonly serverFiles: boolean },
  ): Promise<readonly Column[]> {
    return checkStreamDefinition(definition, server.serverFiles);
  }

  /**
   * The source of a stream's rows, not yet started; `fromOffsets` is what its last commit carried, null at first. It feeds `sink`
   * until stopped. Throws 0A000 for a connector without a source, 42501 where it needs files it may not read.
   */
  startSource(stream: Stream, sink: SourceSink, fromOffsets: unknown | null, options: SourceOptions): Source {
    return openSource(this.parts, stream, sink, fromOffsets, options);
  }
}
