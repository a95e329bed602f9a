// Data changes, as statements and in WITH: which it is.
import type { LogicalPlan } from '../../plan/logical.ts';
import type * as ast from '../ast.ts';
import type { BindState } from './bind-context.ts';
import { bindDelete } from './bind-delete.ts';
import { bindInsert } from './bind-insert.ts';
import { bindMerge } from './bind-merge.ts';
import { bindUpdate } from './bind-update.ts';
import { entries } from './recursion.ts';
import type { Scope } from './scope.ts';

/** `outer`: names that the WITH around it has defined; null for a statement of its own. */
export function bindChange(statement: ast.DataChange, outer: Scope | null, state: BindState): LogicalPlan {
  switch (statement.kind) {
    case 'insert':
      return bindInsert(statement, outer, state);
    case 'update':
      return bindUpdate(statement, outer, state);
    case 'delete':
      return bindDelete(statement, outer, state);
    case 'merge':
      return bindMerge(statement, outer, state);
  }
}

entries.change = bindChange;
