// TRUNCATE.
import type { Truncate } from '../../sql/ast-utility.ts';
import { type StatementResult, tagOnly } from '../row-source.ts';
import { requireTable } from './resolve-names.ts';
import type { RunOf } from './statement-run.ts';

export function runTruncate({ state, statement }: RunOf<Truncate>): StatementResult {
  state.transactions.requireWritable('TRUNCATE');
  for (const { table } of statement.tables) {
    const relation = requireTable(state, table);
    state.transactions.transaction.truncate(relation.oid);
  }
  return tagOnly('TRUNCATE TABLE');
}
