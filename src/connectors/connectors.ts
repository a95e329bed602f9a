// The door to the outside world: files as tables (file-tables.ts), files written by COPY TO (file-output.ts), and the definitions and
// sources of streams that have a connector.
import type { Column, Stream } from '../catalog/objects.ts';
import type { Batch } from '../columns/batch.ts';
import type { Arena } from '../columns/memory.ts';
import type { KernelLibrary } from '../kernels/kernel-library.ts';
import { readFileOutput, writeFiles } from './file-output.ts';
import { fileTableColumns, readFileTable, readTableOptions } from './file-tables.ts';
import type { NamedColumn } from './formats/csv-file.ts';
import { openSource } from './open-source.ts';
import type { RowComparison } from './row-comparison.ts';
import { namedFiles, requireServerFiles } from './server-files.ts';
import type { Source, SourceOptions, SourcePlace, SourceSink } from './source.ts';
import { checkStreamDefinition, completeOptions, firstPlace, type StreamDefinition } from './stream-definition.ts';

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

/** A constant, or an array of constants, as a plain value. */
function constantOf(argument: unknown): unknown {
  const node = argument as { kind?: string; value?: unknown; args?: readonly unknown[]; elements?: readonly unknown[] };
  if (node.kind === 'constant') {
    const value = node.value as { kind?: string; elements?: readonly unknown[] } | null;
    return value !== null && typeof value === 'object' && value.kind === 'array' ? value.elements : value;
  }
  return (node.elements ?? node.args ?? []).map(constantOf);
}

/** An option's value as the binder gives it: a value, or an expression of constants. */
function plainOption(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if ('coefficient' in value) return Number((value as { coefficient: bigint }).coefficient);
  return constantOf('elements' in value && !('args' in value) ? { kind: 'constant', value } : value);
}

export class Connectors {
  private readonly parts: ConnectorParts;

  constructor(parts: ConnectorParts) {
    this.parts = parts;
  }

  /**
   * Columns of a file function. `args[0]`: path, pattern or a list of them; `named`: its other arguments. Throws 42501 without access to
   * files, 58P01 without a file, 22023 for an option it does not have.
   */
  async externalSchema(
    functionName: string,
    args: readonly unknown[],
    serverFiles: boolean,
    named: Readonly<Record<string, unknown>> = {},
  ): Promise<readonly NamedColumn[]> {
    requireServerFiles(serverFiles);
    const options = readTableOptions(functionName, named);
    return fileTableColumns(functionName, await namedFiles(args[0]), options);
  }

  /** How plans read files: BatchContext.externalTables. `comparisons` help to leave parts out; the scan tests every row again. */
  externalTables(serverFiles: boolean) {
    return {
      open: (
        call: ExternalCall,
        options: Readonly<Record<string, unknown>>,
        attributes: readonly number[],
        comparisons: readonly RowComparison[] = [],
      ): AsyncIterable<Batch> => this.readFiles(call, options, attributes, comparisons, serverFiles),
    };
  }

  private async *readFiles(
    call: ExternalCall,
    named: Readonly<Record<string, unknown>>,
    attributes: readonly number[],
    comparisons: readonly RowComparison[],
    serverFiles: boolean,
  ): AsyncGenerator<Batch> {
    requireServerFiles(serverFiles);
    const given = Object.fromEntries(Object.entries(named).map(([name, value]) => [name, plainOption(value)]));
    const options = readTableOptions(call.function, given);
    const paths = await namedFiles(constantOf(call.args[0]));
    yield* readFileTable(this.parts, call.function, paths, options, call.outputs, attributes, comparisons);
  }

  /** COPY TO files in a format that is not COPY's own; `options` are the statement's. Returns the number of rows. */
  async writeFile(
    path: string,
    options: Readonly<Record<string, unknown>>,
    columns: readonly NamedColumn[],
    rows: { next(): Promise<Batch | null> | Batch | null },
  ): Promise<number> {
    return writeFiles(this.parts, readFileOutput(path, options), columns, rows);
  }

  /** A checked stream's options with the defaults that are worth knowing. */
  streamOptions(definition: StreamDefinition): Readonly<Record<string, string>> {
    return completeOptions(definition);
  }

  /** Checks a stream's connector and options, and gives its columns: those declared, or the connector's own. */
  async checkStream(
    definition: StreamDefinition,
    server: { readonly serverFiles: boolean },
  ): Promise<readonly Column[]> {
    return checkStreamDefinition(definition, server.serverFiles);
  }

  /** Where the source of a stream that is being made begins, to be committed with it; null: with the first of what there is. */
  firstPlace(definition: StreamDefinition): Promise<SourcePlace | null> {
    return firstPlace(definition);
  }

  /**
   * The source of a stream's rows, not yet started; `from` is what its commits have left, null before the first. It feeds `sink`
   * until stopped. Throws 0A000 for a connector without a source, 42501 where it needs files it may not read.
   */
  startSource(stream: Stream, sink: SourceSink, from: SourcePlace | null, options: SourceOptions): Source {
    return openSource(this.parts, stream, sink, from, options);
  }
}
