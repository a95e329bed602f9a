// CREATE STREAM (and SOURCE): columns, watermark, connector, what becomes of late and malformed rows.
import type { Column, Stream, Watermark } from '../../catalog/objects.ts';
import { placeMetadata } from '../../engine/jobs/source-place.ts';
import { retentionOf } from '../../engine/stream/retention.ts';
import { checkStream } from '../../engine/stream/stream-definition.ts';
import { sqlError } from '../../errors/sql-error.ts';
import type { Expression } from '../../sql/ast.ts';
import type { CreateStream, ErrorAction, LateAction, WatermarkDefinition } from '../../sql/ast-definition.ts';
import { requireRelationPrivilege, requireSuperuser } from '../privileges.ts';
import { type StatementResult, tagOnly } from '../row-source.ts';
import type { SessionState } from '../session-state.ts';
import { addElements } from './column-definitions.ts';
import { intervalMicros } from './interval-option.ts';
import { claimPlace, qualifiedText, requireRelation } from './resolve-names.ts';
import { type RunOf, unsupported } from './statement-run.ts';
import { newDraft } from './table-draft.ts';
import { atOptions, optionMap } from './with-options.ts';

const TIME_OF_NUMBER =
  'Make one of it: time timestamptz GENERATED ALWAYS AS (to_timestamp(milliseconds / 1000.0)) STORED, and its WATERMARK.';

export function runCreateStream(run: RunOf<CreateStream>): Promise<StatementResult> {
  const { options, ingest } = run.statement;
  return atOptions([...options, ...(ingest.format?.options ?? [])], () => createStream(run));
}

async function createStream({ state, statement }: RunOf<CreateStream>): Promise<StatementResult> {
  const tag = tagOnly(statement.word === 'stream' ? 'CREATE STREAM' : 'CREATE SOURCE');
  state.transactions.requireWritable('CREATE STREAM');
  if (statement.orReplace)
    unsupported('CREATE OR REPLACE STREAM', 'DROP STREAM first: its rows go with it.', statement.position);
  const { schemaOid, name } = await claimPlace(state, statement.name);
  if (state.catalog().findRelation(schemaOid, name) !== undefined) {
    if (!statement.ifNotExists) throw sqlError('duplicate_table', `relation "${name}" already exists`);
    state.notice('NOTICE', sqlError('duplicate_table', `relation "${name}" already exists, skipping`));
    return tag;
  }
  const options = optionMap(statement.options);
  retentionOf(options); // throws for values that mean nothing
  const connector = options.connector ?? 'internal';
  delete options.connector;
  if (connector === 'files') requireSuperuser(state, 'permission denied to create a stream over files of the server');
  const format = statement.ingest.format;
  if (format !== null && format.format !== 'plain') {
    unsupported(`FORMAT ${format.format.toUpperCase()}`, 'A stream is append-only: use FORMAT PLAIN.', format.position);
  }
  const editor = state.transactions.transaction.edit();
  const oid = editor.allocateOid();
  const parts = newDraft(state, { oid, name, schemaOid });
  refuseKeys(statement);
  addElements(parts, statement.elements);
  const definition = {
    connector,
    options: { ...options, ...optionMap(format?.options ?? []) },
    encode: format?.encode ?? null,
  };
  const { connectors } = state.services;
  const columns = await connectors.checkStream({ ...definition, columns: parts.columns }, state.services.options);
  if (columns.length === 0) {
    throw sqlError('invalid_table_definition', `stream "${name}" has no columns`, {
      hint: 'Name its columns and their types.',
    });
  }
  const stream: Stream = {
    kind: 'stream',
    oid,
    name,
    schemaOid,
    owner: state.role.oid,
    columns,
    ...definition,
    options: connectors.streamOptions({ ...definition, columns }),
    format: format?.format ?? null,
    watermark: watermarkOf(state, statement, columns),
    onLate: action(state, statement.ingest.onLate),
    onError: action(state, statement.ingest.onError),
    constraints: parts.constraints.filter((constraint) => constraint.kind === 'check'),
  };
  checkStream(stream, state.catalog().relations);
  const place = await connectors.firstPlace(stream);
  if (place !== null)
    for (const [key, value] of placeMetadata(oid, place.offsets, [...place.items]))
      state.transactions.transaction.setMetadata(key, value);
  editor.putRelation(stream, { dependsOn: intoTargets(stream) });
  for (const sequence of parts.sequences) editor.putRelation(sequence);
  return tag;
}

/** A PRIMARY KEY tells what a row is about, and is not enforced; what would have to be is refused. */
function refuseKeys({ elements }: CreateStream): void {
  type Placed = { readonly kind: string; readonly position: number };
  const constraints = elements.flatMap<Placed>((one) => (one.kind === 'column_definition' ? one.constraints : [one]));
  for (const { kind, position } of constraints) {
    if (kind === 'unique' || kind === 'table_unique')
      unsupported(
        'UNIQUE in a stream',
        'Rows are only ever added: a view with DISTINCT ON has the newest of a key.',
        position,
      );
    if (kind === 'references' || kind === 'table_foreign_key')
      unsupported('REFERENCES in a stream', 'Join the stream with the table in a view.', position);
  }
}

function intoTargets(stream: Stream): number[] {
  return [stream.onLate, stream.onError].flatMap((what) => ('relation' in what ? [what.relation] : []));
}

function watermarkOf(state: SessionState, statement: CreateStream, columns: readonly Column[]): Watermark | null {
  const definitions = statement.elements.filter(
    (element): element is WatermarkDefinition => element.kind === 'watermark',
  );
  const [definition, second] = definitions;
  if (definition === undefined) return null;
  if (second !== undefined)
    throw sqlError('invalid_table_definition', 'a stream has at most one WATERMARK', { position: second.position });
  const column = columns.find((one) => one.name === definition.column);
  if (column === undefined) {
    throw sqlError('undefined_column', `column "${definition.column}" of the watermark does not exist`, {
      position: definition.position,
    });
  }
  if (column.type.name !== 'timestamp' && column.type.name !== 'timestamptz') {
    throw sqlError(
      'datatype_mismatch',
      `the watermark column "${column.name}" must be of type timestamp or timestamp with time zone`,
      { position: definition.position, hint: TIME_OF_NUMBER },
    );
  }
  const idle = definition.idleTimeout === null ? null : intervalMicros(state, definition.idleTimeout);
  return {
    attribute: column.attribute,
    delayMicros: delayMicros(state, definition.expression, column.name),
    idleTimeoutMicros: idle,
  };
}

/** The watermark's expression is the column itself, or the column minus a constant interval. */
function delayMicros(state: SessionState, expression: Expression, column: string): bigint {
  const isColumn = (e: Expression) => e.kind === 'column' && e.parts.at(-1) === column;
  if (isColumn(expression)) return 0n;
  if (expression.kind === 'binary' && expression.operator === '-' && isColumn(expression.left)) {
    if (expression.right.kind === 'integer') throw noWatermark(column, expression.right.position);
    const delay = intervalMicros(state, expression.right);
    if (delay < 0n)
      throw sqlError('invalid_parameter_value', 'the delay of a watermark must not be negative', {
        position: expression.position,
      });
    return delay;
  }
  throw noWatermark(column, expression.position);
}

function noWatermark(column: string, position: number) {
  return sqlError('feature_not_supported', 'this watermark expression is not supported', {
    hint: `Write WATERMARK FOR ${column} AS ${column} - INTERVAL '5 seconds'.`,
    position,
  });
}

function action<A extends LateAction | ErrorAction>(
  state: SessionState,
  clause: A | null,
): { kind: 'into'; relation: number } | Exclude<A, { kind: 'into' }> | { kind: 'reject' } {
  if (clause === null) return { kind: 'reject' };
  if (clause.kind !== 'into') return clause as Exclude<A, { kind: 'into' }>;
  const target = requireRelation(state, clause.stream);
  if (target.kind !== 'stream') {
    throw sqlError('wrong_object_type', `"${qualifiedText(clause.stream)}" is not a stream`, {
      position: clause.stream.position,
    });
  }
  requireRelationPrivilege(state, target, 'INSERT');
  return { kind: 'into', relation: target.oid };
}
