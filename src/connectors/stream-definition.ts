// CREATE STREAM ... WITH (connector = ...): which connectors there are, that their options make sense, and the columns of a stream
// that declares none.
import type { Column } from '../catalog/objects.ts';
import { sqlError } from '../errors/sql-error.ts';
import { optionKey } from './connector-options.ts';
import { readDatagenOptions } from './datagen/datagen-options.ts';
import { inferFilesColumns, readFilesOptions, requireDirectory } from './files/files-options.ts';
import { placeBehind } from './files/files-source.ts';
import type { NamedColumn } from './formats/csv-file.ts';
import { RATE_COLUMNS, rateOptions } from './rate/rate-source.ts';
import { requireServerFiles } from './server-files.ts';
import type { SourcePlace } from './source.ts';

export interface StreamDefinition {
  readonly connector: string;
  readonly options: Readonly<Record<string, string>>;
  readonly encode: string | null;
  readonly columns: readonly Column[];
}

const CONNECTORS = ['internal', 'datagen', 'files', 'rate'];
const RETENTION = new Set(['retention', 'retention_bytes']);

/** The options that are the connector's, not the stream's own. */
export function connectorOptions(options: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(options).filter(([name]) => !RETENTION.has(name)));
}

/** The definition's options with the rate that a generator of rows has by default, so that everybody can see it. */
export function completeOptions(definition: StreamDefinition): Readonly<Record<string, string>> {
  const { connector, options } = definition;
  const given = connectorOptions(options);
  if (connector !== 'datagen' && connector !== 'rate') return options;
  if (Object.keys(given).some((name) => optionKey(name) === 'rowspersecond')) return options;
  const { rowsPerSecond } = connector === 'rate' ? rateOptions(given) : readDatagenOptions(given, definition.columns);
  return { ...options, 'rows-per-second': String(rowsPerSecond) };
}

/** Where the source of a stream that is being made begins; null: with the first of what there is. */
export async function firstPlace({ connector, options, encode }: StreamDefinition): Promise<SourcePlace | null> {
  if (connector !== 'files') return null;
  const files = readFilesOptions(connectorOptions(options), encode);
  return files.earliest ? null : placeBehind(files);
}

/** The stream's columns. Throws 22023 for a bad option, 42501 without access to files, 0A000 for a connector that does not run here. */
export async function checkStreamDefinition(
  definition: StreamDefinition,
  serverFiles: boolean,
): Promise<readonly Column[]> {
  const options = connectorOptions(definition.options);
  switch (definition.connector) {
    case 'internal':
      checkInternal(options);
      return definition.columns;
    case 'datagen':
      readDatagenOptions(options, definition.columns);
      if (definition.columns.length > 0) return definition.columns;
      throw sqlError('invalid_table_definition', 'a stream of connector "datagen" has no columns', {
        hint: 'Name its columns and their types.',
      });
    case 'files': {
      requireServerFiles(serverFiles);
      const files = readFilesOptions(options, definition.encode);
      await requireDirectory(files);
      return definition.columns.length > 0 ? definition.columns : declaredOr([], await inferFilesColumns(files));
    }
    case 'rate':
      rateOptions(options);
      checkRateColumns(definition.columns);
      return declaredOr(definition.columns, RATE_COLUMNS);
    default:
      throw sqlError('feature_not_supported', `connector "${definition.connector}" is not supported`, {
        hint: `Connectors are ${CONNECTORS.join(', ')}; without WITH (connector = ...) a stream is fed by INSERT and COPY.`,
        option: 'connector',
      });
  }
}

function checkInternal(options: Readonly<Record<string, string>>): void {
  const [name] = Object.keys(options);
  if (name === undefined) return;
  throw sqlError('invalid_parameter_value', `unrecognized option "${name}" of a stream`, {
    hint: `Options are ${[...RETENTION].join(', ')}.`,
    option: name,
  });
}

/** Columns that a rate stream declares are its own two or generated from them. */
function checkRateColumns(columns: readonly Column[]): void {
  for (const { name, type, generated } of columns) {
    const own = RATE_COLUMNS.find((column) => column.name === name);
    if (generated !== null || own?.type.name === type.name) continue;
    throw sqlError('invalid_table_definition', `connector "rate" gives no column "${name}" of type ${type.name}`, {
      hint: 'Its columns are "timestamp" timestamptz and "value" bigint; leave the list out to have both.',
    });
  }
}

function declaredOr(declared: readonly Column[], own: readonly NamedColumn[]): readonly Column[] {
  if (declared.length > 0) return declared;
  return own.map(({ name, type }, i) => ({
    name,
    type,
    attribute: i + 1,
    notNull: false,
    defaultSql: null,
    generated: null,
  }));
}
