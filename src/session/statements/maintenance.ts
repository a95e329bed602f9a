// VACUUM, ANALYZE, CHECKPOINT, REINDEX, CLUSTER: VACUUM and CHECKPOINT do something, the rest check names.
import type { Maintenance } from '../../sql/ast-utility.ts';
import { ownsRelation, requireSuperuser } from '../privileges.ts';
import { type StatementResult, tagOnly } from '../row-source.ts';
import { requireRelation } from './resolve-names.ts';
import type { RunOf } from './statement-run.ts';
import { vacuumTable } from './vacuum.ts';

export async function runMaintenance({ state, statement }: RunOf<Maintenance>): Promise<StatementResult> {
  if (statement.command === 'checkpoint')
    requireSuperuser(state, 'must be superuser or have privileges of pg_checkpoint to do CHECKPOINT');
  const named = statement.relations.map(({ table }) => requireRelation(state, table));
  if (statement.command === 'vacuum') {
    state.transactions.forbidBlock('VACUUM');
    for (const relation of named.length > 0 ? named : state.catalog().relations.values()) {
      if (relation.kind === 'table' && ownsRelation(state, relation)) await vacuumTable(state, relation);
    }
  }
  if (statement.command === 'checkpoint') await state.services.storage.checkpoint();
  return tagOnly(statement.command.toUpperCase());
}
