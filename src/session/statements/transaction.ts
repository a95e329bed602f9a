// BEGIN, COMMIT, ROLLBACK, SAVEPOINT and their kin.
import type { Transaction } from '../../sql/ast-utility.ts';
import { type StatementResult, tagOnly } from '../row-source.ts';
import { type RunOf, unsupported } from './statement-run.ts';

export async function runTransaction({ state, statement }: RunOf<Transaction>): Promise<StatementResult> {
  const { transactions } = state;
  switch (statement.action) {
    case 'begin':
    case 'start':
      transactions.begin(statement.modes);
      return tagOnly(statement.action === 'begin' ? 'BEGIN' : 'START TRANSACTION');
    case 'commit': {
      const next = statement.chain ? transactions.modesToChain('COMMIT') : null;
      const tag = await transactions.commit();
      if (next !== null) transactions.chain(next);
      return tagOnly(tag);
    }
    case 'rollback': {
      const next = statement.chain ? transactions.modesToChain('ROLLBACK') : null;
      await transactions.rollback();
      if (next !== null) transactions.chain(next);
      return tagOnly('ROLLBACK');
    }
    case 'savepoint':
      transactions.savepoint(statement.name!);
      return tagOnly('SAVEPOINT');
    case 'release':
      transactions.release(statement.name!);
      return tagOnly('RELEASE');
    case 'rollback_to':
      await transactions.rollbackTo(statement.name!);
      return tagOnly('ROLLBACK');
    default:
      return unsupported('two-phase commit', 'Use COMMIT.', statement.position);
  }
}
