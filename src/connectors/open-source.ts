// From a stream's definition to its running source: one line per connector.
import { realClock } from '../base/clock.ts';
import type { Stream } from '../catalog/objects.ts';
import type { Arena } from '../columns/memory.ts';
import { sqlError } from '../errors/sql-error.ts';
import type { KernelLibrary } from '../kernels/kernel-library.ts';
import { datagenSource } from './datagen/datagen-source.ts';
import { filesSource } from './files/files-source.ts';
import { rateSource } from './rate/rate-source.ts';
import type { Source, SourceOptions, SourcePlace, SourceSink } from './source.ts';
import type { SourceParts } from './source-loop.ts';
import { connectorOptions } from './stream-definition.ts';

/** Throws 0A000 for a connector that has no source, 42501 for files that may not be read. */
export function openSource(
  memory: { readonly arena: Arena; readonly kernels: KernelLibrary },
  stream: Stream,
  sink: SourceSink,
  from: SourcePlace | null,
  options: SourceOptions,
): Source {
  const definition = { ...stream, options: connectorOptions(stream.options) };
  const parts: SourceParts = { ...memory, stream: definition, sink, from, clock: options.clock ?? realClock };
  switch (stream.connector) {
    case 'datagen':
      return datagenSource(parts);
    case 'files':
      return filesSource(parts, options.serverFiles);
    case 'rate':
      return rateSource(parts);
    default:
      throw sqlError('feature_not_supported', `connector "${stream.connector}" has no source`);
  }
}
