// The right side of UPDATE ... SET and ON CONFLICT DO UPDATE SET: what each column of the new row is computed from.
import type { Column } from '../../catalog/objects.ts';
import { sqlError } from '../../errors/sql-error.ts';
import { columnReference, type Expression, type PlanColumn } from '../../plan/expression.ts';
import { replaceDeep } from '../../plan/walk.ts';
import { formatTypeName } from '../../types/type-table.ts';
import type * as ast from '../ast.ts';
import type * as change from '../ast-change.ts';
import type { BindState } from './bind-context.ts';
import { bindJsonAssignment } from './bind-json-subscript.ts';
import { bindIndexes } from './bind-subscript.ts';
import {
  assignTo,
  defaultOf,
  generatedValue,
  refuseGenerated,
  rowColumns,
  type TargetTable,
  targetColumn,
} from './bind-target-table.ts';
import { callNamed } from './call-named.ts';
import { coerce } from './coerce.ts';
import { columnPosition } from './expression-position.ts';
import { type ExpressionScope, plainScope } from './expression-scope.ts';
import { bindExpression } from './recursion.ts';
import type { Scope } from './scope.ts';
import { canCoerce } from './type-rules.ts';

/** A value as written, or a column of a joined subquery and where that column is written. */
type Given =
  | { readonly syntax: ast.Expression; readonly bound?: undefined }
  | { readonly syntax: null; readonly bound: Expression; readonly position: number };

/** The new row in attnum order: assigned values, the old ones elsewhere, generated columns over the result. */
export function bindAssignments(
  assignments: readonly change.Assignment[],
  table: TargetTable,
  oldColumns: readonly PlanColumn[],
  names: Scope,
  state: BindState,
  applied: ReadonlyMap<change.Assignment, readonly PlanColumn[]> = new Map(),
): Expression[] {
  const at = plainScope(state, names, 'UPDATE');
  const values: Expression[] = oldColumns.map(columnReference);
  const seen = new Set<number>();
  const partly = new Set<number>();
  const set = (target: change.ColumnTarget, make: () => Given): void => {
    const index = targetColumn(table, target);
    const partial = target.indirection.length > 0;
    if (seen.has(index) && !(partial && partly.has(index))) {
      throw sqlError('syntax_error', `multiple assignments to same column "${target.name}"`);
    }
    seen.add(index);
    if (partial) partly.add(index);
    const column = table.columns[index]!;
    const given = make();
    if (given.syntax?.kind === 'default') {
      values[index] = defaultOf(column, state);
      return;
    }
    refuseGenerated(column, 'update');
    const value = given.bound ?? bindExpression(given.syntax, at);
    values[index] = partial
      ? assignElement(column, values[index]!, target, value, given, at)
      : assignTo(column, value, state, given.syntax ?? given);
  };
  for (const assignment of assignments) {
    const { value, targets } = assignment;
    const joined = applied.get(assignment);
    if (!assignment.multiple) set(targets[0]!, () => ({ syntax: value }));
    else if (joined !== undefined && value.kind === 'subquery') {
      for (const [i, target] of targets.entries()) {
        const position = columnPosition(value.query.body, i);
        set(target, () => ({ syntax: null, bound: columnReference(joined[i]!), position }));
      }
    } else if (value.kind === 'row') {
      if (value.elements.length !== targets.length) {
        throw sqlError('syntax_error', 'number of columns does not match number of values', {
          position: assignment.value.position,
        });
      }
      for (const [i, target] of targets.entries()) set(target, () => ({ syntax: value.elements[i]! }));
    } else {
      const text = 'source for a multiple-column UPDATE item must be a sub-SELECT or ROW() expression';
      throw sqlError('feature_not_supported', text, { position: value.position });
    }
  }
  return withGenerated(table, values, state);
}

/** SET a[i] = x, SET a[l:u] = y, SET j['k'] = z: the old value with the element or slice replaced. */
function assignElement(
  column: Column,
  old: Expression,
  target: change.ColumnTarget,
  value: Expression,
  given: Given,
  at: ExpressionScope,
): Expression {
  const { position } = target;
  const element = column.type.element;
  const steps = target.indirection.filter((step) => step.kind !== 'field');
  const isJson = column.type.name === 'jsonb';
  if ((element === undefined && !isJson) || steps.length < target.indirection.length) {
    const text = `cannot subscript type ${formatTypeName(column.type)} because it does not support subscripting`;
    throw sqlError('datatype_mismatch', text, { position });
  }
  const slices = steps.some((step) => step.kind === 'slice');
  const type = slices || element === undefined ? column.type : element;
  if (!canCoerce(value.type, type, 'assignment', at.state)) {
    const text = `subscripted assignment to "${column.name}" requires type ${formatTypeName(type)} but expression is of type ${formatTypeName(value.type)}`;
    throw sqlError('datatype_mismatch', text, {
      position,
      hint: 'You will need to rewrite or cast the expression.',
    });
  }
  const part = coerce(value, type, 'assignment', at.state, given.syntax?.position ?? position);
  if (isJson) return bindJsonAssignment(old, part, steps, at, position);
  const name = slices ? 'array_assign_slice' : 'array_assign';
  const changed = callNamed(name, [old, part, ...bindIndexes(steps, at)], at.state, position);
  return coerce(changed, column.type, 'assignment', at.state, position);
}

/** Generated columns are computed from the new values of the others. */
function withGenerated(table: TargetTable, values: readonly Expression[], state: BindState): Expression[] {
  if (!table.columns.some((column) => column.generated === 'stored')) return [...values];
  const row = rowColumns(table, state);
  return table.columns.map((column, i) => {
    if (column.generated !== 'stored') return values[i]!;
    return replaceDeep(generatedValue(table, column, row, state), (e) => {
      const at = e.kind === 'column' ? row.findIndex((candidate) => candidate.id === e.id) : -1;
      return at < 0 ? undefined : values[at];
    });
  });
}
