// VACUUM, ANALYZE, CHECKPOINT, REINDEX, CLUSTER: VACUUM and CHECKPOINT do something, the rest check names.
import { sqlError } from '../../errors/sql-error.ts';
import type { Maintenance } from '../../sql/ast-utility.ts';
import { ownsRelation, requireSuperuser } from '../privileges.ts';
import { type StatementResult, tagOnly } from '../row-source.ts';
import { requireRelation } from './resolve-names.ts';
import type { RunOf } from './statement-run.ts';
import { vacuumTable } from './vacuum.ts';

/** What PostgreSQL takes in parentheses, and the words of a statement that the parser gives as options. */
const OPTIONS: Readonly<Record<Maintenance['command'], string>> = {
  vacuum: 'full freeze verbose analyze disable_page_skipping skip_locked index_cleanup process_toast truncate parallel',
  analyze: 'verbose skip_locked',
  reindex: 'verbose concurrently tablespace index table schema database system',
  cluster: 'verbose using',
  checkpoint: '',
};

export async function runMaintenance({ state, statement }: RunOf<Maintenance>): Promise<StatementResult> {
  if (statement.command === 'checkpoint')
    requireSuperuser(state, 'must be superuser or have privileges of pg_checkpoint to do CHECKPOINT');
  checkOptions(statement);
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

function checkOptions({ command, options }: Maintenance): void {
  const known = OPTIONS[command].split(' ');
  const foreign = options.find(({ name }) => !known.includes(name));
  if (foreign === undefined) return;
  const text = `unrecognized ${command.toUpperCase()} option "${foreign.name}"`;
  throw sqlError('syntax_error', text, { position: foreign.position });
}
