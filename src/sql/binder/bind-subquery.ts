// Subqueries in expressions: EXISTS, scalar, IN, op ANY/ALL, ARRAY(...). They stay expressions here; the optimizer turns
// them into applies and joins.
import { sqlError } from '../../errors/sql-error.ts';
import { columnReference, type Expression } from '../../plan/expression.ts';
import type { LogicalPlan } from '../../plan/logical.ts';
import { arrayOf, BOOL, type SqlType } from '../../types/sql-type.ts';
import type * as ast from '../ast.ts';
import { freshColumn } from './bind-context.ts';
import { chooseOperator } from './bind-operator.ts';
import { coercePlan, settlePlan } from './coerce-plan.ts';
import type { ExpressionScope } from './expression-scope.ts';
import { bindExpression, bindQuery } from './recursion.ts';

type Syntax = ast.Exists | ast.ScalarSubquery | ast.InSubquery | ast.QuantifiedSubquery | ast.ArraySubquery;

export function bindSubquery(syntax: Syntax, at: ExpressionScope): Expression {
  const { state } = at;
  const { position } = syntax;
  const bound = bindQuery(syntax.query, { ...at.scope, owner: at }, state);
  const base = { kind: 'subquery', args: [], operators: [], negated: false } as const;
  switch (syntax.kind) {
    case 'exists':
      return { ...base, form: 'exists', type: BOOL, plan: settlePlan(bound, state) };
    case 'subquery': {
      const plan = settlePlan(bound, state);
      if (plan.columns.length !== 1)
        throw sqlError('syntax_error', 'subquery must return only one column', { position });
      return { ...base, form: 'scalar', type: plan.columns[0]!.type, plan };
    }
    case 'array_subquery': {
      const plan = settlePlan(bound, state);
      if (plan.columns.length !== 1)
        throw sqlError('syntax_error', 'subquery must return only one column', { position });
      const { type } = plan.columns[0]!;
      return { ...base, form: 'array', type: type.name === 'array' ? type : arrayOf(type), plan };
    }
    default:
      return compareWith(syntax, bound, at);
  }
}

/** The one row of (a, b) = (SELECT x, y ...) as a row of its fields; NULLs where there is none. */
export function bindRowSubquery(syntax: ast.ScalarSubquery, width: number, at: ExpressionScope): Expression {
  const { state } = at;
  const input = settlePlan(bindQuery(syntax.query, { ...at.scope, owner: at }, state), state);
  if (input.columns.length !== width) {
    const text = `subquery has too ${input.columns.length > width ? 'many' : 'few'} columns`;
    throw sqlError('syntax_error', text, { position: syntax.position });
  }
  const fields = input.columns.map(({ name, type }) => ({ name, type }));
  const type: SqlType = { name: 'record', fields };
  const row: Expression = { kind: 'row', type, fields: input.columns.map(columnReference) };
  const plan: LogicalPlan = {
    kind: 'project',
    columns: [freshColumn(state, 'row', type)],
    input,
    expressions: [row],
  };
  const arg: Expression = {
    kind: 'subquery',
    form: 'scalar',
    type,
    plan,
    args: [],
    operators: [],
    negated: false,
  };
  return { kind: 'row', type, fields: fields.map((field, index) => ({ kind: 'field', type: field.type, arg, index })) };
}

function compareWith(
  syntax: ast.InSubquery | ast.QuantifiedSubquery,
  bound: LogicalPlan,
  at: ExpressionScope,
): Expression {
  const { state } = at;
  const { position } = syntax;
  const left = bindExpression(syntax.kind === 'in_subquery' ? syntax.operand : syntax.left, at);
  const operands = left.kind === 'row' ? left.fields : [left];
  if (bound.columns.length !== operands.length) {
    const text =
      bound.columns.length > operands.length ? 'subquery has too many columns' : 'subquery has too few columns';
    throw sqlError('syntax_error', text, { position });
  }
  const operator = syntax.kind === 'in_subquery' ? '=' : syntax.operator;
  const types: SqlType[] = [];
  const args: Expression[] = [];
  const operators: string[] = [];
  for (const [i, operand] of operands.entries()) {
    const column = bound.columns[i]!;
    const sample: Expression = { kind: 'input', type: column.type, index: -1 };
    const chosen = chooseOperator(operator, [operand, sample], state, position);
    args.push(chosen.args[0]!);
    types.push(chosen.args[1]!.type);
    operators.push(chosen.definition.id);
  }
  const plan = coercePlan(bound, types, 'implicit', state, position);
  const all = syntax.kind === 'quantified_subquery' && syntax.quantifier === 'all';
  const form = syntax.kind === 'in_subquery' || (operator === '=' && !all) ? 'in' : 'quantified';
  const negated = syntax.kind === 'in_subquery' && syntax.negated;
  return { kind: 'subquery', type: BOOL, form, plan, args, operators, negated, all };
}
