// Functions in FROM: set-returning ones, ROWS FROM in lockstep, WITH ORDINALITY, scalar functions as one row, read_parquet
// and its kin over files, and window functions of streams. LATERAL is implied.
import { sqlError } from '../../errors/sql-error.ts';
import type { Expression, PlanColumn } from '../../plan/expression.ts';
import type { LogicalPlan, TableFunctionCall } from '../../plan/logical.ts';
import { INT8, TEXT } from '../../types/sql-type.ts';
import type * as ast from '../ast.ts';
import { type BindState, freshColumn } from './bind-context.ts';
import type { BoundFrom } from './bind-from.ts';
import { bindWindowFunction, windowCall } from './bind-window-function.ts';
import { callablesNamed, chooseCall, tableCall } from './choose-call.ts';
import { settle } from './coerce.ts';
import { type ExpressionScope, plainScope } from './expression-scope.ts';
import { inlineSet } from './inline-function.ts';
import { bindExpression } from './recursion.ts';
import { namedTable, type Scope } from './scope.ts';
import { columnName } from './target-name.ts';
import { resolveTypeName } from './type-names.ts';

const EXTERNAL = new Set([
  'read_parquet',
  'read_csv',
  'read_json',
  'read_csv_auto',
  'read_json_auto',
  'read_ndjson',
  'read_arrow',
]);

function isExternalFunction(name: string): boolean {
  return EXTERNAL.has(name);
}

export function bindFromFunction(item: ast.FromFunction, lateral: Scope, outer: Scope, state: BindState): BoundFrom {
  const window = windowCall(item);
  if (window !== undefined) return bindWindowFunction(item, window, outer, state);
  const first = item.functions[0]!.call;
  if (first.kind === 'function' && first.name.length === 1 && isExternalFunction(first.name[0]!)) {
    return bindExternal(item, first, state);
  }
  const at = plainScope(state, lateral, 'functions in FROM');
  const ofUser = bindSqlFunction(item, at);
  if (ofUser !== undefined) return ofUser;
  const calls: TableFunctionCall[] = [];
  const values: { readonly expression: Expression; readonly name: string }[] = [];
  for (const { call, columnDefinitions } of item.functions) {
    for (const single of splitUnnest(call)) {
      const bound = withDeclaredColumns(bindSource(single, at), columnDefinitions, state, item.position);
      if ('outputs' in bound) calls.push(bound);
      else values.push({ expression: bound, name: columnName(single) });
    }
  }
  if (calls.length > 0 && values.length > 0) {
    throw sqlError('feature_not_supported', 'ROWS FROM with functions that return one value is not supported', {
      position: item.position,
    });
  }
  return calls.length > 0 ? setSource(item, calls, state) : valueSource(item, values, state);
}

/** The call with the outputs of its column definition list, which functions returning bare records must have. */
function withDeclaredColumns(
  bound: TableFunctionCall | Expression,
  columns: readonly ast.FunctionColumn[],
  state: BindState,
  position: number,
): TableFunctionCall | Expression {
  const declares = 'outputs' in bound && state.context.functions.tableFunction(bound.function).declaredColumns === true;
  if (declares !== columns.length > 0) {
    const which = declares ? 'is required' : 'is only allowed';
    const text = `a column definition list ${which} for functions returning "record"`;
    throw sqlError('syntax_error', text, { position: columns[0]?.position ?? position });
  }
  if (!declares) return bound;
  return { ...bound, outputs: columns.map(({ name, type }) => ({ name, type: resolveTypeName(type) })) };
}

/** unnest(a, b) is ROWS FROM (unnest(a), unnest(b)). */
function splitUnnest(call: ast.Expression): ast.Expression[] {
  if (call.kind !== 'function' || call.name.at(-1) !== 'unnest' || call.arguments.length < 2) return [call];
  return call.arguments.map((argument) => ({ ...call, arguments: [argument] }));
}

function bindSource(call: ast.Expression, at: ExpressionScope): TableFunctionCall | Expression {
  if (call.kind !== 'function' || call.over !== null) return settle(bindExpression(call, at), at.state);
  if (at.state.context.functions.tableFunctionsNamed(call.name.at(-1)!).length === 0) {
    return settle(bindExpression(call, at), at.state);
  }
  const args = call.arguments.map((argument) => bindExpression(argument.value, at));
  const chosen = chooseCall(call, args, at.state);
  if (chosen.callable.kind === 'table') return tableCall(chosen);
  return settle(bindExpression(call, at), at.state);
}

/** A set-returning function of LANGUAGE sql: its query in place of the call. */
function bindSqlFunction(item: ast.FromFunction, at: ExpressionScope): BoundFrom | undefined {
  const { call } = item.functions[0]!;
  const { state } = at;
  if (item.functions.length > 1 || call.kind !== 'function' || call.over !== null) return undefined;
  const inQuestion = callablesNamed(call.name, state).some(
    ({ callable }) => callable.kind === 'sql' && callable.function.returnsSet === true,
  );
  if (!inQuestion) return undefined;
  const args = call.arguments.map((argument) => bindExpression(argument.value, at));
  const { callable, args: values } = chooseCall(call, args, state);
  if (callable.kind !== 'sql' || callable.function.returnsSet !== true) return undefined;
  if (item.withOrdinality) {
    const hint = 'Number the rows by row_number() OVER () in the function.';
    const { position } = item;
    throw sqlError('feature_not_supported', 'WITH ORDINALITY of a SQL function is not supported', { position, hint });
  }
  const plan = inlineSet(callable.function, values, state);
  const [only] = plan.columns;
  const scalar = callable.function.resultColumns === undefined;
  const columns = scalar ? [{ ...only!, name: item.alias?.name ?? only!.name }] : plan.columns;
  return named(item, { ...plan, columns }, columns, scalar, state);
}

/** A single unnamed output takes the alias as its column's name. */
function outputName(item: ast.FromFunction, call: TableFunctionCall, output: string): string {
  const own = item.functions[0]!.call;
  const functionName = own.kind === 'function' ? own.name.at(-1)! : output;
  const single = call.outputs.length === 1 && item.functions.length === 1;
  return single && output === functionName && item.alias !== null ? item.alias.name : output;
}

function setSource(item: ast.FromFunction, calls: readonly TableFunctionCall[], state: BindState): BoundFrom {
  const columns = calls.flatMap((call) =>
    call.outputs.map((output) => freshColumn(state, outputName(item, call, output.name), output.type)),
  );
  const scalar = columns.length === 1;
  if (item.withOrdinality) columns.push(freshColumn(state, 'ordinality', INT8));
  const input: LogicalPlan = { kind: 'values', columns: [], rows: [[]] };
  const plan: LogicalPlan = {
    kind: 'project-set',
    columns,
    input,
    functions: calls,
    ordinality: item.withOrdinality,
    outer: false,
  };
  return named(item, plan, columns, scalar, state);
}

function valueSource(
  item: ast.FromFunction,
  values: readonly { readonly expression: Expression; readonly name: string }[],
  state: BindState,
): BoundFrom {
  const single = values.length === 1 && item.alias !== null ? item.alias.name : undefined;
  const only = values[0]!.expression;
  const record = values.length === 1 && only.type.name === 'record' ? only.type.fields : undefined;
  const expressions: Expression[] =
    record === undefined
      ? values.map((value) => value.expression)
      : record.map((field, index) => ({ kind: 'field', type: field.type, arg: only, index }));
  const columns = expressions.map((e, i) => freshColumn(state, record?.[i]?.name ?? single ?? values[i]!.name, e.type));
  if (item.withOrdinality) {
    columns.push(freshColumn(state, 'ordinality', INT8));
    expressions.push({ kind: 'constant', type: INT8, value: 1n });
  }
  const plan: LogicalPlan = {
    kind: 'project',
    columns,
    input: { kind: 'values', columns: [], rows: [[]] },
    expressions,
  };
  return named(item, plan, columns, record === undefined && columns.length === 1, state);
}

function named(
  item: ast.FromFunction,
  plan: LogicalPlan,
  columns: readonly PlanColumn[],
  scalar: boolean,
  state: BindState,
): BoundFrom {
  const own = item.functions[0]!.call;
  const alias = item.alias?.name ?? columnName(own);
  return { plan, namespace: namedTable(alias, columns, item.alias?.columns ?? [], state, { scalar }) };
}

/** `delim = ';'`, as DuckDB writes options, is `delim => ';'`: there are no columns that could be compared. */
function withOptionName(argument: ast.FunctionArgument): ast.FunctionArgument {
  const { name, value } = argument;
  if (name !== null || value.kind !== 'binary' || value.operator !== '=') return argument;
  const { left, right } = value;
  if (left.kind !== 'column' || left.parts.length !== 1) return argument;
  return { ...argument, name: left.parts[0]!, value: right };
}

/** A file function: constant arguments, columns that the session has read from the files. */
function bindExternal(item: ast.FromFunction, call: ast.FunctionCall, state: BindState): BoundFrom {
  const name = call.name[0]!;
  const given = call.arguments.map(withOptionName);
  const schema = state.context.externalSchema?.(name, given);
  if (schema === undefined) {
    throw sqlError('feature_not_supported', `${name} is not available here`, { position: call.position });
  }
  const options: Record<string, unknown> = {};
  const args: Expression[] = [];
  const at = plainScope(
    state,
    { parent: null, namespace: { tables: [], columns: [] }, ctes: new Map() },
    'file functions',
  );
  for (const argument of given) {
    const bound = settle(bindExpression(argument.value, at), state);
    if (bound.kind !== 'constant' && bound.kind !== 'array') {
      throw sqlError('feature_not_supported', `${name} takes constant arguments only`, { position: argument.position });
    }
    if (argument.name === null) args.push(bound.type.name === 'unknown' ? { ...bound, type: TEXT } : bound);
    else options[argument.name] = bound.kind === 'constant' ? bound.value : bound;
  }
  const columns = schema.map((column) => freshColumn(state, column.name, column.type));
  const plan: LogicalPlan = {
    kind: 'table-function',
    columns,
    call: { function: name, args, outputs: schema },
    options,
    filters: [],
    attributes: columns.map((_, i) => i),
  };
  return named(item, plan, columns, false, state);
}
