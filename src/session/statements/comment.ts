// COMMENT ON relations and their columns.
import { sqlError } from '../../errors/sql-error.ts';
import type { CommentOn } from '../../sql/ast-alter.ts';
import { requireRelationOwner } from '../privileges.ts';
import { type StatementResult, tagOnly } from '../row-source.ts';
import { requireRelation } from './resolve-names.ts';
import { type RunOf, unsupported } from './statement-run.ts';

export function runComment({ state, statement }: RunOf<CommentOn>): StatementResult {
  state.transactions.requireWritable('COMMENT');
  if (!['table', 'view', 'materialized view', 'stream', 'index', 'sequence', 'column'].includes(statement.objectType)) {
    unsupported(
      `COMMENT ON ${statement.objectType.toUpperCase()}`,
      'Comments are kept for relations and columns.',
      statement.position,
    );
  }
  const relation = requireRelation(state, statement.object.name);
  requireRelationOwner(state, relation);
  const editor = state.transactions.transaction.edit();
  const comment = statement.comment === null || statement.comment === '' ? undefined : statement.comment;
  if (statement.objectType !== 'column') {
    editor.putRelation({ ...relation, comment });
    return tagOnly('COMMENT');
  }
  if (!relation.columns.some((column) => column.name === statement.part)) {
    throw sqlError('undefined_column', `column "${statement.part}" of relation "${relation.name}" does not exist`);
  }
  const columns = relation.columns.map((column) => (column.name === statement.part ? { ...column, comment } : column));
  editor.putRelation({ ...relation, columns });
  return tagOnly('COMMENT');
}
