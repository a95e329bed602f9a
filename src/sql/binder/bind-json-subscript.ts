// Subscripts of jsonb: j['a'][0] is j #> ARRAY['a', '0'], and in SET a call of jsonb_assign. Each is an int4 or a text; a number finds the
// key of an object, too, which -> does not, so -> serves only keys that cannot be numbers.
import { sqlError } from '../../errors/sql-error.ts';
import type { Expression } from '../../plan/expression.ts';
import { arrayOf, INT4, JSONB, TEXT } from '../../types/sql-type.ts';
import { formatTypeName } from '../../types/type-table.ts';
import type * as ast from '../ast.ts';
import { bindOperator } from './bind-operator.ts';
import { callNamed } from './call-named.ts';
import { coerce } from './coerce.ts';
import { startOf } from './expression-position.ts';
import type { ExpressionScope } from './expression-scope.ts';
import { bindExpression } from './recursion.ts';
import { canCoerce } from './type-rules.ts';

type Step =
  | { readonly kind: 'subscript' | 'index'; readonly index: ast.Expression }
  | { readonly kind: 'slice'; readonly lower: ast.Expression | null; readonly upper: ast.Expression | null };

interface BoundStep {
  readonly text: Expression;
  readonly isNumber: boolean;
}

/** Throws 42804 for slices and for subscripts of other types. */
function bindStep(step: Step, at: ExpressionScope, position: number): BoundStep {
  if (step.kind === 'slice') {
    const text = 'jsonb subscript does not support slices';
    throw sqlError('datatype_mismatch', text, { position: (step.upper ?? step.lower)?.position ?? position });
  }
  const { state } = at;
  const bound = bindExpression(step.index, at);
  const places = { position: startOf(step.index) };
  if (bound.type.name === 'unknown') {
    return { text: coerce(bound, TEXT, 'implicit', state, places.position), isNumber: false };
  }
  const isNumber = canCoerce(bound.type, INT4, 'implicit', state);
  if (!isNumber && !canCoerce(bound.type, TEXT, 'implicit', state)) {
    throw sqlError('datatype_mismatch', `subscript type ${formatTypeName(bound.type)} is not supported`, {
      ...places,
      hint: 'jsonb subscript must be coercible to either integer or text.',
    });
  }
  return { text: coerce(bound, TEXT, isNumber ? 'explicit' : 'implicit', state, places.position), isNumber };
}

function path(steps: readonly BoundStep[]): Expression {
  return { kind: 'array', type: arrayOf(TEXT), elements: steps.map((step) => step.text) };
}

function isPlainKey({ text }: BoundStep): boolean {
  return text.kind === 'constant' && typeof text.value === 'string' && !/^\s*[+-]?\d/.test(text.value);
}

export function bindJsonSubscript(
  operand: Expression,
  chain: readonly (ast.Subscript | ast.Slice)[],
  at: ExpressionScope,
): Expression {
  const steps = chain.map((step) => bindStep(step, at, step.position));
  const { position } = chain[0]!;
  if (!steps.every(isPlainKey)) return bindOperator('#>', [operand, path(steps)], at.state, position);
  return steps.reduce((value, step) => bindOperator('->', [value, step.text], at.state, position), operand);
}

/** SET j[..] = value, a jsonb: over NULL it makes an array if the first subscript is a number, else an object. */
export function bindJsonAssignment(
  old: Expression,
  value: Expression,
  steps: readonly Step[],
  at: ExpressionScope,
  position: number,
): Expression {
  const bound = steps.map((step) => bindStep(step, at, position));
  const empty: Expression = { kind: 'constant', type: JSONB, value: bound[0]!.isNumber ? '[]' : '{}' };
  const target: Expression = { kind: 'coalesce', type: JSONB, args: [old, empty] };
  return callNamed('jsonb_assign', [target, value, path(bound)], at.state, position);
}
