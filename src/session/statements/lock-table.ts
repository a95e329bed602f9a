// LOCK TABLE: a relation lock until the end of the transaction block; a view's lock is one on what it reads too.

import { sqlError } from '../../errors/sql-error.ts';
import type { LockTable } from '../../sql/ast-utility.ts';
import type { RelationLockMode } from '../../storage/transactions/lock-modes.ts';
import { lockRelations } from '../relation-locks.ts';
import { type StatementResult, tagOnly } from '../row-source.ts';
import { requireRelation } from './resolve-names.ts';
import type { RunOf } from './statement-run.ts';

export async function runLockTable({ state, statement }: RunOf<LockTable>): Promise<StatementResult> {
  state.transactions.requireBlock('LOCK TABLE');
  const mode = statement.mode as RelationLockMode;
  if (mode !== 'access share' && mode !== 'row share') state.transactions.requireWritable('LOCK TABLE');
  for (const { table } of statement.tables) {
    const relation = requireRelation(state, table);
    if (relation.kind !== 'table' && relation.kind !== 'view' && relation.kind !== 'stream')
      throw sqlError('wrong_object_type', `cannot lock relation "${relation.name}"`);
    const below = state.catalog().dependencies?.get(relation.oid)?.dependsOn ?? [];
    const relations = below.filter((oid) => state.catalog().relations.has(oid));
    await lockRelations(
      state,
      relation.kind === 'view' ? [relation.oid, ...relations] : [relation.oid],
      mode,
      statement.nowait,
    );
  }
  return tagOnly('LOCK TABLE');
}
