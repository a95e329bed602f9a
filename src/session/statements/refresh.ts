// REFRESH MATERIALIZED VIEW: views are kept up to date by themselves, so this waits until what is committed by now has arrived.
import { sqlError } from '../../errors/sql-error.ts';
import type { RefreshMaterializedView } from '../../sql/ast-utility.ts';
import { requireRelationOwner } from '../privileges.ts';
import { type StatementResult, tagOnly } from '../row-source.ts';
import { requireRelation } from './resolve-names.ts';
import { type RunOf, unsupported } from './statement-run.ts';

export async function runRefresh({ state, statement }: RunOf<RefreshMaterializedView>): Promise<StatementResult> {
  state.transactions.requireWritable('REFRESH MATERIALIZED VIEW');
  const view = requireRelation(state, statement.name);
  if (view.kind !== 'materialized-view')
    throw sqlError('feature_not_supported', `"${view.name}" is not a materialized view`);
  requireRelationOwner(state, view);
  if (!statement.withData)
    unsupported(
      'REFRESH ... WITH NO DATA',
      'Drop the view: it is kept up to date as long as it is there.',
      statement.position,
    );
  await state.services.streams.waitFor([view.oid], state.cancelFlag);
  return tagOnly('REFRESH MATERIALIZED VIEW');
}
