// ALTER MATERIALIZED VIEW (or STREAM) ... PAUSE | RESUME, and SET (...) of a view's options. The catalog says what shall be; the stream engine
// and the source runner follow it. RESUME also starts what has failed, and gives a view with trigger 'once' its next run.
import type { MaterializedView, Stream } from '../../catalog/objects.ts';
import { emissionOf } from '../../engine/stream/emission.ts';
import { retentionOf } from '../../engine/stream/retention.ts';
import { sqlError } from '../../errors/sql-error.ts';
import type { AlterMaterializedViewState, Option, QualifiedName } from '../../sql/ast-definition.ts';
import { type StatementResult, tagOnly } from '../row-source.ts';
import type { SessionState } from '../session-state.ts';
import { qualifiedText, requireRelation } from './resolve-names.ts';
import { optionMap } from './with-options.ts';

export function alterQueryState(state: SessionState, statement: AlterMaterializedViewState): StatementResult {
  const word = statement.objectType;
  const tag = tagOnly(`ALTER ${word.toUpperCase()}`);
  const relation = requireRelation(state, statement.name);
  if (relation.kind !== (word === 'stream' ? 'stream' : 'materialized-view')) throw notA(statement.name, word);
  const object = relation as Extract<typeof relation, { kind: 'stream' | 'materialized-view' }>;
  const paused = statement.action === 'pause';
  const resumed = (object.resumed ?? 0) + (paused ? 0 : 1);
  state.transactions.transaction.edit().putRelation({ ...object, paused, resumed });
  return tag;
}

/** New options beside the old ones; how results are made known cannot change under those who read them. */
export function setQueryOptions(state: SessionState, name: QualifiedName, options: readonly Option[]): void {
  const relation = requireRelation(state, name);
  if (relation.kind !== 'materialized-view') throw notA(name, 'materialized view');
  const changed = optionMap(options);
  if ('output_mode' in changed) {
    throw sqlError('feature_not_supported', 'the output mode of a materialized view cannot be changed', {
      hint: 'DROP the view and create it with the other mode.',
      option: 'output_mode',
    });
  }
  const view: MaterializedView = { ...relation, options: { ...relation.options, ...changed } };
  emissionOf(view); // throws for what means nothing
  state.transactions.transaction.edit().putRelation(view);
}

/** How long a stream's rows are kept is what may change of it. */
export function setStreamOptions(state: SessionState, name: QualifiedName, options: readonly Option[]): void {
  const relation = requireRelation(state, name);
  if (relation.kind !== 'stream') throw notA(name, 'stream');
  const changed = optionMap(options);
  const other = Object.keys(changed).find((option) => option !== 'retention' && option !== 'retention_bytes');
  if (other !== undefined) {
    throw sqlError('feature_not_supported', `option "${other}" of a stream cannot be changed`, {
      hint: 'Only retention and retention_bytes can.',
      option: other,
    });
  }
  const stream: Stream = { ...relation, options: { ...relation.options, ...changed } };
  retentionOf(stream.options); // throws for values that mean nothing
  state.transactions.transaction.edit().putRelation(stream);
}

function notA(name: QualifiedName, word: string) {
  return sqlError('wrong_object_type', `"${qualifiedText(name)}" is not a ${word}`, { position: name.position });
}
