// Function calls: the chosen function (choose-call.ts) as an expression, and what the clauses around a call allow.
import { sqlError } from '../../errors/sql-error.ts';
import type { Expression } from '../../plan/expression.ts';
import type { FunctionCall } from '../ast.ts';
import { bindAggregateCall } from './bind-aggregate.ts';
import { bindWindowCall } from './bind-window-call.ts';
import { sparkWindowValue } from './bind-window-function.ts';
import { CAST_MARKER, callablesNamed, chooseCall, tableCall } from './choose-call.ts';
import { isUnknownLiteral } from './coerce.ts';
import { startOf } from './expression-position.ts';
import { addSet, type ExpressionScope } from './expression-scope.ts';
import { inlineScalar } from './inline-function.ts';
import { bindExpression } from './recursion.ts';

/** pg_type.oid of the type unknown */
const UNKNOWN_OID = 705;

export function bindCall(call: FunctionCall, at: ExpressionScope): Expression {
  const { state } = at;
  const name = call.name.at(-1)!;
  const candidates = callablesNamed(call.name, state);
  const kinds = new Set(candidates.map((candidate) => candidate.callable.kind));
  checkArgumentNames(call);
  if (call.over !== null) return bindWindowCall(call, at);
  if (kinds.has('aggregate')) return bindAggregateCall(call, at);
  const args = call.arguments.map((argument) => bindExpression(argument.value, at));
  if (name === 'pg_typeof' && args.length === 1 && isUnknownLiteral(args[0]!)) {
    return { kind: 'constant', type: { name: 'regtype' }, value: UNKNOWN_OID }; // before it becomes text
  }
  const window = sparkWindowValue(call, args, at.scope);
  if (window !== undefined) return window;
  const chosen = chooseCall(call, args, state);
  rejectDecorations(call, name, kinds.has('window'));
  switch (chosen.callable.kind) {
    case 'table':
      return addSet(at, tableCall(chosen), call.position);
    case 'window':
      throw sqlError('wrong_object_type', `window function ${name} requires an OVER clause`, {
        position: call.position,
      });
    case 'aggregate':
      return bindAggregateCall(call, at);
    case 'sql':
      return inlineScalar(chosen.callable.function, chosen.args, state);
    case 'scalar': {
      const { definition } = chosen.callable;
      if (definition.id === CAST_MARKER.id) return chosen.args[0]!;
      const { args: values, type } = chosen;
      const bound: Expression = { kind: 'call', type, function: definition.id, args: values, position: call.position };
      return call.syntax === 'is_not_normalized' ? { kind: 'not', type, arg: bound } : bound;
    }
  }
}

function checkArgumentNames(call: FunctionCall): void {
  const seen = new Set<string>();
  for (const { name, position, value } of call.arguments) {
    if (name === null && seen.size > 0) {
      throw sqlError('syntax_error', 'positional argument cannot follow named argument', { position: startOf(value) });
    }
    if (name !== null && seen.has(name)) {
      throw sqlError('syntax_error', `argument name "${name}" used more than once`, { position });
    }
    if (name !== null) seen.add(name);
  }
}

function rejectDecorations(call: FunctionCall, name: string, window: boolean): void {
  if (window) return;
  const wrong = (text: string) => sqlError('wrong_object_type', text, { position: call.position });
  if (call.star) throw wrong(`${name}(*) specified, but ${name} is not an aggregate function`);
  if (call.distinct) throw wrong(`DISTINCT specified, but ${name} is not an aggregate function`);
  if (call.orderBy.length > 0) throw wrong(`ORDER BY specified, but ${name} is not an aggregate function`);
  if (call.withinGroup.length > 0) throw wrong(`WITHIN GROUP specified, but ${name} is not an aggregate function`);
  if (call.filter !== null) throw wrong(`FILTER specified, but ${name} is not an aggregate function`);
}
