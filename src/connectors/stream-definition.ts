// CREATE STREAM ... WITH (connector = ...): which connectors there are, and that their options make sense.
import type { Column } from '../catalog/objects.ts';
import { sqlError } from '../errors/sql-error.ts';

export interface StreamDefinition {
  readonly connector: string;
  readonly options: Readonly<Record<string, string>>;
  readonly encode: string | null;
  readonly columns: readonly Column[];
}

const INTERNAL_OPTIONS = new Set(['retention', 'retention_bytes']);

/** The stream's columns. Throws 22023 for an unknown option, 0A000 for a connector that does not run here. */
export function checkStreamDefinition(definition: StreamDefinition, _serverFiles: boolean): readonly Column[] {
  const { connector, options, columns } = definition;
  if (connector !== 'internal') {
    throw sqlError('feature_not_supported', `connector "${connector}" is not supported`, {
      hint: 'Leave WITH (connector = ...) out and feed the stream with INSERT or COPY.',
    });
  }
  for (const name of Object.keys(options)) {
    if (INTERNAL_OPTIONS.has(name)) continue;
    throw sqlError('invalid_parameter_value', `unrecognized option "${name}" of a stream`, {
      hint: `Options are ${[...INTERNAL_OPTIONS].join(', ')}.`,
    });
  }
  return columns;
}
