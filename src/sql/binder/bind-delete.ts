// DELETE: USING, WHERE, RETURNING.
import type { LogicalPlan } from '../../plan/logical.ts';
import type * as change from '../ast-change.ts';
import type { BindState } from './bind-context.ts';
import { bindReturning, targetTable } from './bind-target-table.ts';
import { bindChangeInput } from './bind-update.ts';
import { bindWith } from './bind-with.ts';
import type { Scope } from './scope.ts';

export function bindDelete(syntax: change.Delete, outer: Scope | null, state: BindState): LogicalPlan {
  const table = targetTable(syntax.table, 'delete from', state);
  const { scope, wrap } = bindWith(syntax.with, outer, state);
  const bound = bindChangeInput(table, syntax.alias, syntax.using, syntax.where, scope, state);
  const { columns, returning } = bindReturning(syntax.returning, bound.names, bound.level, state);
  return {
    kind: 'delete',
    columns,
    relation: table.relation.oid,
    input: wrap(bound.input),
    oldColumns: bound.oldColumns,
    returning,
  };
}
