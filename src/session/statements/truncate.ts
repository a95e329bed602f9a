// TRUNCATE: every row goes at once; RESTART IDENTITY sets the sequences that the tables own back to their start.
import type { Table } from '../../catalog/objects.ts';
import { sqlError } from '../../errors/sql-error.ts';
import type { Truncate } from '../../sql/ast-utility.ts';
import { requireRelationPrivilege } from '../privileges.ts';
import { lockFound, lockRelations } from '../relation-locks.ts';
import { type StatementResult, tagOnly } from '../row-source.ts';
import type { SessionState } from '../session-state.ts';
import { requireTable } from './resolve-names.ts';
import type { RunOf } from './statement-run.ts';

export async function runTruncate({ state, statement }: RunOf<Truncate>): Promise<StatementResult> {
  state.transactions.requireWritable('TRUNCATE TABLE');
  const tables = new Map<number, Table>();
  for (const { table } of statement.tables) {
    const relation = await lockFound(state, () => requireTable(state, table));
    tables.set(relation.oid, relation);
  }
  followReferences(state, tables, statement.cascade);
  await lockRelations(state, [...tables.keys()], 'access exclusive');
  for (const table of tables.values()) requireRelationPrivilege(state, table, 'TRUNCATE');
  const { transaction } = state.transactions;
  for (const oid of tables.keys()) transaction.truncate(oid);
  if (!statement.restartIdentity) return tagOnly('TRUNCATE TABLE');
  for (const relation of state.catalog().relations.values()) {
    if (relation.kind === 'sequence' && tables.has(relation.ownedBy?.table ?? 0))
      transaction.sequences.restart(relation, relation.start);
  }
  return tagOnly('TRUNCATE TABLE');
}

/** Tables that refer to an emptied one are emptied too (CASCADE), or refuse: 0A000. */
function followReferences(state: SessionState, tables: Map<number, Table>, cascade: boolean): void {
  const catalog = state.catalog();
  for (const target of tables.values()) {
    for (const referring of catalog.relations.values()) {
      if (referring.kind !== 'table' || tables.has(referring.oid)) continue;
      if (!referring.constraints.some((one) => one.foreign?.table === target.oid)) continue;
      if (!cascade) {
        throw sqlError('feature_not_supported', 'cannot truncate a table referenced in a foreign key constraint', {
          detail: `Table "${referring.name}" references "${target.name}".`,
          hint: `Truncate table "${referring.name}" at the same time, or use TRUNCATE ... CASCADE.`,
        });
      }
      state.notice('NOTICE', sqlError('successful_completion', `truncate cascades to table "${referring.name}"`));
      tables.set(referring.oid, referring);
    }
  }
}
