// What a stream's definition may say, asked when it is created and again when its source opens: what fills it, and where late and malformed
// rows go, must be able to take every row.
import type { Column, Relation, Stream } from '../../catalog/objects.ts';
import { sqlError } from '../../errors/sql-error.ts';
import { sameType } from '../../types/sql-type.ts';
import { formatTypeName } from '../../types/type-table.ts';

type Relations = ReadonlyMap<number, Relation>;

/** Throws 0A000 and 42804. */
export function checkStream(stream: Stream, relations: Relations): void {
  if (stream.connector !== 'internal') requireFillable(stream);
  if (stream.onLate.kind === 'into' && lateTarget(stream, relations) === null) throw unfit(stream, relations);
  if (stream.onError.kind === 'into') requireDeadLetters(relations.get(stream.onError.relation));
}

/** The stream that late rows go into; null: there is none, or it cannot take them. */
export function lateTarget({ columns, onLate }: Stream, relations: Relations): Relation | null {
  const target = onLate.kind === 'into' ? relations.get(onLate.relation) : undefined;
  if (target?.kind !== 'stream' || target.constraints.length > 0) return null;
  const takes = (column: Column, from: Column) =>
    sameType(column.type, from.type) && column.generated === null && (from.notNull || !column.notNull);
  const fits = target.columns.length === columns.length && target.columns.every((one, i) => takes(one, columns[i]!));
  return fits ? target : null;
}

function unfit(stream: Stream, relations: Relations) {
  const target = stream.onLate.kind === 'into' ? relations.get(stream.onLate.relation) : undefined;
  const columns = stream.columns.map(({ name, type }) => `${name} ${formatTypeName(type)}`).join(', ');
  return sqlError(
    'datatype_mismatch',
    `stream "${target?.name}" cannot take the late rows of stream "${stream.name}"`,
    {
      detail: `A late row has the columns ${columns}.`,
      hint: 'Give it columns of the same types in the same order, without CHECK, generated values and further NOT NULL.',
    },
  );
}

/** What only a session can compute is refused rather than left out. */
function requireFillable(stream: Stream): void {
  if (stream.columns.some((column) => column.generated !== null)) {
    throw sqlError('feature_not_supported', 'generated columns are not supported in streams with a connector', {
      hint: 'Compute the value in a materialized view over the stream.',
    });
  }
  if (stream.constraints.length > 0) {
    throw sqlError('feature_not_supported', 'CHECK is not supported in streams with a connector', {
      hint: 'Filter the rows in a materialized view over the stream.',
    });
  }
}

function requireDeadLetters(target: Relation | undefined): void {
  if (target?.columns.some((column) => column.name === 'raw' && column.type.name === 'text') === true) return;
  throw sqlError('feature_not_supported', `stream "${target?.name}" has no text column "raw" for malformed rows`, {
    hint: 'Columns raw, reason and stream of type text receive malformed rows.',
  });
}
