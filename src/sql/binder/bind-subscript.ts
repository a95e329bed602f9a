// Subscripts: a[i], a[i][j], a[l:u]; those of jsonb are bind-json-subscript.ts. A chain of them on an array is one call of array_subscript or array_slice, whose
// last arguments are the indexes; where one is a slice, a plain index i means 1:i and an omitted bound is OMITTED_BOUNDS.
import { sqlError } from '../../errors/sql-error.ts';
import type { Expression } from '../../plan/expression.ts';
import { OMITTED_BOUNDS } from '../../types/array.ts';
import { INT4 } from '../../types/sql-type.ts';
import { formatTypeName } from '../../types/type-table.ts';
import type * as ast from '../ast.ts';
import { bindJsonSubscript } from './bind-json-subscript.ts';
import { callNamed } from './call-named.ts';
import { coerce } from './coerce.ts';
import { startOf } from './expression-position.ts';
import type { ExpressionScope } from './expression-scope.ts';
import { bindExpression } from './recursion.ts';
import { canCoerce } from './type-rules.ts';

/** Throws 42804 for what has no subscripts. */
export function bindSubscript(syntax: ast.Subscript | ast.Slice, at: ExpressionScope): Expression {
  const { state } = at;
  const chain: (ast.Subscript | ast.Slice)[] = [];
  let base: ast.Expression = syntax;
  while (base.kind === 'subscript' || base.kind === 'slice') {
    chain.unshift(base);
    base = base.operand;
  }
  const operand = bindExpression(base, at);
  if (operand.type.name === 'jsonb') return bindJsonSubscript(operand, chain, at);
  if (!['array', 'int2vector', 'oidvector'].includes(operand.type.name)) {
    const text = `cannot subscript type ${formatTypeName(operand.type)} because it does not support subscripting`;
    throw sqlError('datatype_mismatch', text, { position: base.position });
  }
  const indexes = bindIndexes(chain, at);
  const name = chain.some((step) => step.kind === 'slice') ? 'array_slice' : 'array_subscript';
  return callNamed(name, [operand, ...indexes], state, syntax.position);
}

type Step = { readonly kind: 'subscript' | 'index'; readonly index: ast.Expression } | SliceStep;
interface SliceStep {
  readonly kind: 'slice';
  readonly lower: ast.Expression | null;
  readonly upper: ast.Expression | null;
}

/** One int4 per subscript; two, the bounds, where any is a slice. */
export function bindIndexes(steps: readonly Step[], at: ExpressionScope): Expression[] {
  const one = (e: ast.Expression): Expression => {
    const bound = bindExpression(e, at);
    if (!canCoerce(bound.type, INT4, 'assignment', at.state)) {
      throw sqlError('datatype_mismatch', 'array subscript must have type integer', { position: startOf(e) });
    }
    return coerce(bound, INT4, 'assignment', at.state, e.position);
  };
  const constant = (value: number): Expression => ({ kind: 'constant', type: INT4, value });
  const limit = (e: ast.Expression | null, side: 'lower' | 'upper') =>
    e === null ? constant(OMITTED_BOUNDS[side]) : one(e);
  if (!steps.some((step) => step.kind === 'slice')) return steps.map((step) => one((step as ast.Subscript).index));
  return steps.flatMap((step) =>
    step.kind === 'slice' ? [limit(step.lower, 'lower'), limit(step.upper, 'upper')] : [constant(1), one(step.index)],
  );
}
