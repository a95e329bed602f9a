// The select list as bound, and what an output name or ordinal in ORDER BY and GROUP BY means.
import { sqlError } from '../../errors/sql-error.ts';
import type { Expression, PlanColumn } from '../../plan/expression.ts';
import { sameExpression } from '../../plan/walk-expression.ts';
import type * as ast from '../ast.ts';

const MAX_INTEGER = 2147483647;

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
  const ordinal = ordinalOf(e, clause);
  if (ordinal !== undefined) {
    const target = targets[ordinal - 1];
    if (target === undefined) throw noSuchPosition(e, ordinal, clause);
    return target.expression;
  }
  if (e.kind !== 'column' || e.parts.length !== 1) return undefined;
  const found = targets.filter((target) => target.name === e.parts[0]);
  const first = found[0];
  if (first !== undefined && found.some((target) => !sameExpression(target.expression, first.expression))) {
    throw sqlError('ambiguous_column', `${clause} "${e.parts[0]}" is ambiguous`, { position: e.position });
  }
  return first?.expression;
}

/** The number that an integer constant is, a minus before it being part of it; undefined: no constant. Throws 42601 for other constants. */
export function ordinalOf(e: ast.Expression, clause: string): number | undefined {
  const isNegated = e.kind === 'unary' && e.operator === '-' && e.operatorSchema.length === 0;
  const number = isNegated ? e.operand : e;
  const { kind } = number;
  if (number.kind === 'integer' && Number(number.text) <= MAX_INTEGER)
    return Number(number.text) * (isNegated ? -1 : 1);
  const isOther = kind === 'integer' || kind === 'decimal' || (!isNegated && CONSTANTS.has(kind));
  if (isOther) throw sqlError('syntax_error', `non-integer constant in ${clause}`, { position: e.position });
  return undefined;
}

const CONSTANTS: ReadonlySet<ast.Expression['kind']> = new Set(['string', 'bit_string', 'boolean', 'null']);

export function noSuchPosition(e: ast.Expression, ordinal: number, clause: string): Error {
  const text = `${clause} position ${ordinal} is not in select list`;
  return sqlError('invalid_column_reference', text, { position: e.position });
}
