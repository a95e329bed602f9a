// The select list as bound, and what an output name or ordinal in ORDER BY and GROUP BY means.
import { sqlError } from '../../errors/sql-error.ts';
import type { Expression, PlanColumn } from '../../plan/expression.ts';
import { sameExpression } from '../../plan/walk-expression.ts';
import type * as ast from '../ast.ts';

export interface BoundTarget {
  readonly name: string;
  readonly expression: Expression;
  readonly origin?: PlanColumn['origin'];
}

/** An output name or ordinal, as ORDER BY and GROUP BY take them; undefined for other expressions. */
export function targetNamed(
  e: ast.Expression,
  targets: readonly BoundTarget[],
  clause: string,
): Expression | undefined {
  if (e.kind === 'integer') {
    const target = targets[Number(e.text) - 1];
    if (target === undefined) {
      throw sqlError('invalid_column_reference', `${clause} position ${e.text} is not in select list`, {
        position: e.position,
      });
    }
    return target.expression;
  }
  if (e.kind === 'string' || e.kind === 'decimal') {
    throw sqlError('syntax_error', `non-integer constant in ${clause}`, { position: e.position });
  }
  if (e.kind !== 'column' || e.parts.length !== 1) return undefined;
  const found = targets.filter((target) => target.name === e.parts[0]);
  const first = found[0];
  if (first !== undefined && found.some((target) => !sameExpression(target.expression, first.expression))) {
    throw sqlError('ambiguous_column', `${clause} "${e.parts[0]}" is ambiguous`, { position: e.position });
  }
  return first?.expression;
}
