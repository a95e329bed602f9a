// One layout per column: a derived numeric (the binder keeps 1::numeric a scaled integer) becomes its column's own numeric where
// rows are stored, united, or listed in VALUES; expressions in between keep the narrow form.
import type { FunctionRegistry } from '../../functions/registry.ts';
import type { BatchPlan } from '../../plan/batch.ts';
import type { Expression } from '../../plan/expression.ts';
import { physicalOf, type SqlType } from '../../types/sql-type.ts';

function sameLayout(a: SqlType, b: SqlType): boolean {
  const physical = physicalOf(a);
  if (physical !== physicalOf(b)) return false;
  return a.name !== 'numeric' || physical === 'view' || a.scale === b.scale;
}

/** The expression in the layout of `type`. */
export function inLayout(expression: Expression, type: SqlType, functions: FunctionRegistry): Expression {
  if (sameLayout(expression.type, type)) return expression;
  if (expression.kind === 'constant' && expression.value === null) return { ...expression, type };
  const cast = functions.cast(expression.type, type);
  if (cast === undefined || cast.function === 'binary-compatible') return expression;
  return { kind: 'call', type, function: cast.function.id, args: [expression] };
}

/** The plan with every column in the layout of `types`. */
export function rowsInLayout(plan: BatchPlan, types: readonly SqlType[], functions: FunctionRegistry): BatchPlan {
  if (plan.types.every((type, i) => types[i] === undefined || sameLayout(type, types[i]))) return plan;
  const expressions = plan.types.map((type, index) =>
    inLayout({ kind: 'input', type, index }, types[index] ?? type, functions),
  );
  return { kind: 'project', types: [...types], names: plan.names, rows: plan.rows, input: plan, expressions };
}
