// SQL functions: the body takes the place of the call when it is bound, so that no other stage knows of them and a continuous query can
// use them. A scalar one becomes its expression, or a scalar subquery over its first row; one that returns a set becomes a plan in FROM.
// An argument stands in the body as it is; where that would compute it twice and that costs or counts, all arguments are computed first,
// as a row under the body.
import type { UserFunction } from '../../catalog/objects.ts';
import { SqlError, sqlError } from '../../errors/sql-error.ts';
import { columnReference, type Expression, type PlanColumn } from '../../plan/expression.ts';
import type { LogicalPlan } from '../../plan/logical.ts';
import { conjunction, someExpression } from '../../plan/walk-expression.ts';
import { BOOL, INT8, type SqlType } from '../../types/sql-type.ts';
import { formatTypeName } from '../../types/type-table.ts';
import type * as ast from '../ast.ts';
import { parseStatements } from '../parser/parse.ts';
import { type BindState, freshColumn, newState } from './bind-context.ts';
import { coercePlan } from './coerce-plan.ts';
import { bindQuery } from './recursion.ts';
import { canCoerce } from './type-rules.ts';

const ONE_ROW: LogicalPlan = { kind: 'values', columns: [], rows: [[]] };

/** The call of a function that returns one value; `args` are of its parameters' types. */
export function inlineScalar(one: UserFunction, args: readonly Expression[], state: BindState): Expression {
  if (one.returnsSet === true) {
    const hint = `Call it in FROM: SELECT ... FROM t, ${one.name}(t.x).`;
    throw sqlError('feature_not_supported', `set-returning SQL function ${one.name} in a select list`, { hint });
  }
  const plan = bodyOver(one, args, state);
  const type = plan.columns[0]!.type;
  const value = plainValue(plan) ?? {
    kind: 'subquery',
    form: 'scalar',
    type,
    plan: firstRow(plan),
    args: [],
    operators: [],
    negated: false,
  };
  if (!one.strict || args.length === 0) return value;
  const branch = { when: anyMissing(args), then: { kind: 'constant', type, value: null } as const };
  return { kind: 'case', type, branches: [branch], otherwise: value };
}

/** The call of a set-returning function in FROM; the plan reads what the arguments read. */
export function inlineSet(one: UserFunction, args: readonly Expression[], state: BindState): LogicalPlan {
  const plan = bodyOver(one, args, state);
  const names = resultColumns(one).map(({ name }) => name);
  const columns = plan.columns.map((column, i) => freshColumn(state, names[i]!, column.type));
  const renamed: LogicalPlan = {
    kind: 'project',
    columns,
    input: plan,
    expressions: plan.columns.map(columnReference),
  };
  if (!one.strict || args.length === 0) return renamed;
  const condition: Expression = { kind: 'not', type: BOOL, arg: anyMissing(args) };
  return { kind: 'filter', columns, input: renamed, condition };
}

/** Checks a body before its function is kept. Throws what binding throws, and 42P13 where it does not give the result. */
export function checkFunctionBody(one: UserFunction, state: BindState): void {
  bindBody(
    one,
    one.parameterTypes.map((type, i) => columnReference(freshColumn(state, one.parameterNames[i]!, type))),
    state,
  );
}

/** The query a body consists of. Throws 42P13, 0A000. */
function functionQuery({ source }: Pick<UserFunction, 'source'>): ast.Query {
  const statements = parseStatements(source);
  const statement = statements.at(-1)?.statement;
  if (statement?.kind === 'query' && statements.length === 1) return statement;
  if (statement === undefined)
    throw sqlError('invalid_function_definition', 'a SQL function needs a query', { hint: 'Write SELECT ...' });
  throw sqlError('feature_not_supported', 'a SQL function is one query here', {
    hint: 'Send statements that change data from the client; join queries by WITH.',
  });
}

/** What a set-returning function's rows are made of. */
export function resultColumns({ name, resultType, resultColumns: columns }: UserFunction): readonly ResultColumn[] {
  return columns ?? [{ name, type: resultType }];
}

interface ResultColumn {
  readonly name: string;
  readonly type: SqlType;
}

/** A body that reads nothing is an expression. */
function plainValue(plan: LogicalPlan): Expression | undefined {
  if (plan.kind !== 'project' || plan.input.kind !== 'values') return undefined;
  const { rows, columns } = plan.input;
  return rows.length === 1 && columns.length === 0 ? plan.expressions[0]! : undefined;
}

function firstRow(plan: LogicalPlan): LogicalPlan {
  if (plan.kind === 'aggregate' && plan.groupBy.length === 0 && plan.groupingSets === null) return plan;
  if (plan.kind === 'project' && firstRow(plan.input) === plan.input) return plan;
  const limit: Expression = { kind: 'constant', type: INT8, value: 1n };
  return { kind: 'limit', columns: plan.columns, input: plan, limit, offset: null, withTies: null };
}

function anyMissing(args: readonly Expression[]): Expression {
  const tests = args.map((arg): Expression => ({ kind: 'is-null', type: BOOL, arg, negated: true }));
  return { kind: 'not', type: BOOL, arg: conjunction(tests)! };
}

function bodyOver(one: UserFunction, args: readonly Expression[], state: BindState): LogicalPlan {
  const { plan, uses } = bindBody(one, args, state);
  const again = args.some((arg, i) => uses[i]! + (one.strict ? 1 : 0) > 1 && !isCheap(arg, state));
  if (!again) return plan;
  const columns = args.map((arg, i) => freshColumn(state, one.parameterNames[i]!, arg.type));
  const left: LogicalPlan = { kind: 'project', columns, input: ONE_ROW, expressions: args };
  const right = bindBody(one, columns.map(columnReference), state).plan;
  const all: readonly PlanColumn[] = [...columns, ...right.columns];
  const both: LogicalPlan = { kind: 'apply', columns: all, type: 'inner', left, right, condition: null };
  return { kind: 'project', columns: right.columns, input: both, expressions: right.columns.map(columnReference) };
}

/** May stand more than once: no subquery, and nothing that differs or costs. */
function isCheap(arg: Expression, { context }: BindState): boolean {
  return !someExpression(
    arg,
    (node) =>
      node.kind === 'subquery' ||
      (node.kind === 'call' &&
        (node.function.startsWith('udf:') || context.functions.findScalar(node.function)?.volatility === 'volatile')),
  );
}

function bindBody(one: UserFunction, values: readonly Expression[], state: BindState) {
  if (state.expanding.includes(one.oid)) {
    const hint = 'Use WITH RECURSIVE, or a function in JavaScript.';
    throw sqlError('feature_not_supported', `SQL function ${one.name} calls itself`, { hint });
  }
  const uses = values.map(() => 0);
  const inner: BindState = {
    ...newState({ ...state.context, parameterTypes: [], rowIds: false, trace: state.context.trace?.bodies }),
    nextId: state.nextId,
    read: state.read,
    origins: state.origins,
    functions: state.functions,
    expanding: [...state.expanding, one.oid],
    arguments: { function: one.name, names: one.parameterNames, values, uses },
  };
  try {
    const bound = bindQuery(functionQuery(one), null, inner);
    const types = resultColumns(one).map(({ type }) => type);
    checkResult(bound, types, one, inner);
    const plan = coercePlan(bound, types, 'assignment', inner, undefined);
    state.nextId = inner.nextId;
    return { plan, uses };
  } catch (error) {
    throw inBody(error, one);
  }
}

function checkResult(bound: LogicalPlan, types: readonly SqlType[], one: UserFunction, state: BindState): void {
  const wrong = (detail: string) => {
    const text = `return type mismatch in function declared to return ${formatTypeName(one.resultType)}`;
    return sqlError('invalid_function_definition', text, { detail });
  };
  const { columns } = bound;
  if (columns.length !== types.length) {
    if (one.resultColumns === undefined) throw wrong('Final statement must return exactly one column.');
    throw wrong(`Final statement returns too ${columns.length > types.length ? 'many' : 'few'} columns.`);
  }
  for (const [i, { type }] of columns.entries()) {
    if (type.name === 'unknown' || canCoerce(type, types[i]!, 'assignment', state)) continue;
    if (one.resultColumns === undefined) throw wrong(`Actual return type is ${formatTypeName(type)}.`);
    const [is, wanted] = [formatTypeName(type), formatTypeName(types[i]!)];
    throw wrong(`Final statement returns ${is} instead of ${wanted} at column ${i + 1}.`);
  }
}

/** A position in the body means nothing in the statement that calls. */
function inBody(error: unknown, one: UserFunction): unknown {
  if (!(error instanceof SqlError)) return error;
  const { position: _, ...details } = error.details;
  const context = [details.context, `SQL function "${one.name}"`].filter((line) => line !== undefined).join('\n');
  return new SqlError(error.condition, error.message, { ...details, context });
}
