// VACUUM, ANALYZE, CHECKPOINT, REINDEX, CLUSTER: Headrace keeps itself tidy; CHECKPOINT really takes one, the rest check names.
import type { Maintenance } from '../../sql/ast-utility.ts';
import { requireSuperuser } from '../privileges.ts';
import { type StatementResult, tagOnly } from '../row-source.ts';
import { requireRelation } from './resolve-names.ts';
import type { RunOf } from './statement-run.ts';

export async function runMaintenance({ state, statement }: RunOf<Maintenance>): Promise<StatementResult> {
  if (statement.command === 'checkpoint')
    requireSuperuser(state, 'must be superuser or have privileges of pg_checkpoint to do CHECKPOINT');
  for (const { table } of statement.relations) requireRelation(state, table);
  if (statement.command === 'vacuum') state.transactions.forbidBlock('VACUUM');
  if (statement.command === 'checkpoint') await state.services.storage.checkpoint();
  return tagOnly(statement.command.toUpperCase());
}
