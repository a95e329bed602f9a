// Event-time windows: TUMBLE, HOP, CUMULATE and SESSION over a stream in FROM, positional, with DESCRIPTOR or with named arguments, and
// Spark's window() and session_window() in GROUP BY. All become one window-assign node; window_start, window_end and window_time are new columns.
import { sqlError } from '../../errors/sql-error.ts';
import { columnReference, type Expression, type PlanColumn } from '../../plan/expression.ts';
import type { EventWindow, LogicalPlan } from '../../plan/logical.ts';
import { sameExpression } from '../../plan/walk-expression.ts';
import { INTERVAL } from '../../types/sql-type.ts';
import { formatTypeName } from '../../types/type-table.ts';
import type * as ast from '../ast.ts';
import { type BindState, freshColumn } from './bind-context.ts';
import type { BoundFrom } from './bind-from.ts';
import { coerce } from './coerce.ts';
import { settlePlan } from './coerce-plan.ts';
import { plainScope } from './expression-scope.ts';
import { bindExpression, bindFromTable, bindQuery } from './recursion.ts';
import { namedTable, type Scope, scopeOf } from './scope.ts';

const KINDS = new Set(['tumble', 'hop', 'cumulate', 'session']);

/** The call, when a FROM function is TUMBLE, HOP, CUMULATE or SESSION over a relation. */
export function windowCall(item: ast.FromFunction): ast.FunctionCall | undefined {
  const call = item.functions[0]?.call;
  if (call?.kind !== 'function' || item.functions.length !== 1 || !KINDS.has(call.name.at(-1)!)) return undefined;
  return call;
}

/** An interval constant in microseconds. Throws 22023 for months, which have no fixed length. */
export function intervalMicros(syntax: ast.Expression, state: BindState, scope: Scope, what: string): bigint {
  const { position } = syntax;
  const at = plainScope(state, scope, what);
  const bound = coerce(bindExpression(syntax, at), INTERVAL, 'assignment', state, position);
  const value = bound.kind === 'constant' ? bound.value : null;
  if (value === null || typeof value !== 'object' || !('kind' in value) || value.kind !== 'interval') {
    throw sqlError('invalid_parameter_value', `${what} must be a constant interval`, { position });
  }
  if (value.months !== 0)
    throw sqlError('invalid_parameter_value', `${what} must not contain months or years`, { position });
  return BigInt(value.days) * 86_400_000_000n + value.micros;
}

function assign(
  input: LogicalPlan,
  time: Expression,
  window: EventWindow,
  partitionBy: readonly Expression[],
  state: BindState,
): { plan: LogicalPlan; added: PlanColumn[] } {
  const added = ['window_start', 'window_end', 'window_time'].map((name) =>
    freshColumn(state, name, { name: time.type.name }),
  );
  const columns = [...input.columns, ...added];
  return { plan: { kind: 'window-assign', columns, input, window, time, partitionBy }, added };
}

function checkTime(time: Expression, position: number): Expression {
  if (time.type.name === 'timestamp' || time.type.name === 'timestamptz') return time;
  const text = `the time column of a window must be a timestamp, not ${formatTypeName(time.type)}`;
  throw sqlError('datatype_mismatch', text, { position });
}

function makeWindow(kind: string, slide: bigint | null, size: bigint, offset: bigint, position: number): EventWindow {
  if (size <= 0n || (slide !== null && slide <= 0n)) {
    throw sqlError('invalid_parameter_value', 'window size and slide must be positive', { position });
  }
  if (kind === 'session') return { kind, gapMicros: size };
  if (kind === 'cumulate' && slide !== null) {
    if (size % slide !== 0n)
      throw sqlError('invalid_parameter_value', 'the size of a CUMULATE window must be a multiple of its step', {
        position,
      });
    if (size / slide > 10000n)
      throw sqlError('invalid_parameter_value', 'a row would fall into too many windows', { position });
    return { kind, stepMicros: slide, sizeMicros: size, offsetMicros: offset };
  }
  if (kind === 'tumble' || slide === null) return { kind: 'tumble', sizeMicros: size, offsetMicros: offset };
  if (size / slide > 10000n)
    throw sqlError('invalid_parameter_value', 'a row would fall into too many windows', { position });
  return { kind: 'hop', slideMicros: slide, sizeMicros: size, offsetMicros: offset };
}

const NAMES: Readonly<Record<string, readonly string[]>> = {
  tumble: ['data', 'timecol', 'size', 'offset'],
  hop: ['data', 'timecol', 'slide', 'size', 'offset'],
  cumulate: ['data', 'timecol', 'step', 'size', 'offset'],
  session: ['data', 'timecol', 'gap'],
};

const CALLS: Readonly<Record<string, string>> = {
  tumble: 'TUMBLE(stream, time, size [, offset])',
  hop: 'HOP(stream, time, slide, size [, offset])',
  cumulate: 'CUMULATE(stream, time, step, size [, offset])',
  session: 'SESSION(stream [PARTITION BY key], time, gap)',
};

export function bindWindowFunction(
  item: ast.FromFunction,
  call: ast.FunctionCall,
  scope: Scope,
  state: BindState,
): BoundFrom {
  const kind = call.name.at(-1)!;
  const { position } = call;
  const names = NAMES[kind]!;
  const given = new Map<string, ast.Expression>();
  call.arguments.forEach((argument, i) => {
    const name = argument.name?.toLowerCase() ?? names[i];
    if (name === undefined || !names.includes(name)) {
      throw sqlError('undefined_function', `${kind.toUpperCase()} has no argument ${argument.name ?? i + 1}`, {
        position: argument.position,
        hint: CALLS[kind],
      });
    }
    given.set(name, argument.value);
  });
  const need = (name: string): ast.Expression => {
    const found = given.get(name);
    if (found !== undefined) return found;
    throw sqlError('undefined_function', `${kind.toUpperCase()} lacks its argument ${name}`, {
      position,
      hint: CALLS[kind],
    });
  };
  const data = need('data');
  const source = bindSource(data, scope, state);
  const inner = scopeOf(source.from.namespace, scope);
  const time = timeColumn(need('timecol'), inner, state);
  const step = kind === 'hop' ? 'slide' : kind === 'cumulate' ? 'step' : null;
  const slide = step === null ? null : intervalMicros(need(step), state, scope, `the ${step} of a window`);
  const length = kind === 'session' ? 'gap' : 'size';
  const size = intervalMicros(need(length), state, scope, `the ${length} of a window`);
  const offsetSyntax = given.get('offset');
  const offset = offsetSyntax === undefined ? 0n : intervalMicros(offsetSyntax, state, scope, 'the offset of a window');
  const keys = data.kind === 'table_argument' && kind === 'session' ? data.partitionBy : [];
  const partitionBy = keys.map((key) => bindExpression(key, plainScope(state, inner, 'PARTITION BY')));
  const window = makeWindow(kind, slide, size, offset, position);
  const { plan, added } = assign(source.from.plan, time, window, partitionBy, state);
  const columns = [...source.from.namespace.columns, ...added];
  const alias = item.alias?.name ?? source.alias;
  return { plan, namespace: namedTable(alias, columns, item.alias?.columns ?? [], state) };
}

function bindSource(data: ast.Expression, scope: Scope, state: BindState): { from: BoundFrom; alias: string } {
  const { position } = data;
  if (data.kind === 'table_argument' && data.query !== null) {
    const plan = settlePlan(bindQuery(data.query, scope, state), state);
    return { from: { plan, namespace: namedTable('input', plan.columns, [], state) }, alias: 'input' };
  }
  const parts = data.kind === 'column' ? data.parts : data.kind === 'table_argument' ? data.table?.parts : undefined;
  if (parts === undefined) {
    throw sqlError('syntax_error', 'the first argument of a window function must name a stream or table', { position });
  }
  const table = { parts, position };
  const from = bindFromTable(
    { kind: 'from_table', table, only: false, alias: null, sample: null, systemTime: null, position },
    scope,
    state,
  );
  return { from, alias: parts.at(-1)! };
}

function timeColumn(syntax: ast.Expression, scope: Scope, state: BindState): Expression {
  const column: ast.Expression =
    syntax.kind === 'descriptor' ? { kind: 'column', parts: [syntax.columns[0]!], position: syntax.position } : syntax;
  return checkTime(bindExpression(column, plainScope(state, scope, 'window functions')), syntax.position);
}

/** Spark's window(time, size [, slide [, start]]) or session_window(time, gap) in GROUP BY: assigns windows below, and names them after it. */
export function assignSparkWindow(syntax: ast.Select, from: BoundFrom, outer: Scope, state: BindState): BoundFrom {
  const call = syntax.groupBy
    .flatMap((element) => (element.kind === 'grouping_expression' ? [element.expression] : []))
    .find(
      (e): e is ast.FunctionCall =>
        e.kind === 'function' && e.name.length === 1 && (e.name[0] === 'window' || e.name[0] === 'session_window'),
    );
  if (call === undefined || state.context.catalog.findFunctions(call.name[0]!).length > 0) return from;
  const { position } = call;
  const name = call.name[0]!;
  const session = name === 'session_window';
  const [time, size, slide, start] = call.arguments.map((argument) => argument.value);
  if (time === undefined || size === undefined || (session && slide !== undefined)) {
    throw sqlError('undefined_function', `${name}() needs a time and a ${session ? 'gap' : 'size'}`, {
      position,
      hint: session ? "session_window(ts, '5 minutes')" : "window(ts, '10 minutes' [, '5 minutes' [, offset]])",
    });
  }
  const scope = scopeOf(from.namespace, outer);
  const bound = checkTime(bindExpression(time, plainScope(state, scope, 'GROUP BY')), time.position);
  const sizeMicros = intervalMicros(size, state, scope, 'the size of a window');
  const slideMicros = slide === undefined ? null : intervalMicros(slide, state, scope, 'the slide of a window');
  const offset = start === undefined ? 0n : intervalMicros(start, state, scope, 'the offset of a window');
  const same = slideMicros === null || slideMicros === sizeMicros;
  const kind = session ? 'session' : same ? 'tumble' : 'hop';
  const window = makeWindow(kind, same ? null : slideMicros, sizeMicros, offset, position);
  const keys = session ? otherGroupKeys(syntax, call, scope, state) : [];
  const { plan, added } = assign(from.plan, bound, window, keys, state);
  const [first, last] = added as [PlanColumn, PlanColumn, PlanColumn];
  const table = {
    alias: name,
    columns: [
      { ...first, name: 'start' },
      { ...last, name: 'end' },
    ],
    windowTime: bound,
  };
  return { plan, namespace: { tables: [...from.namespace.tables, table], columns: from.namespace.columns } };
}

/** What a session belongs to: the other keys of the GROUP BY, columns or expressions over columns. */
function otherGroupKeys(syntax: ast.Select, call: ast.FunctionCall, scope: Scope, state: BindState): Expression[] {
  return syntax.groupBy.flatMap((element) => {
    if (element.kind !== 'grouping_expression') {
      throw sqlError('feature_not_supported', 'session_window() is not supported among grouping sets', {
        position: call.position,
        hint: 'Group by plain keys, or use SESSION(stream PARTITION BY key, time, gap) in FROM.',
      });
    }
    const { expression } = element;
    if (expression === call) return [];
    const named = targetOf(expression, syntax);
    return [bindExpression(named, plainScope(state, scope, 'GROUP BY'))];
  });
}

/** GROUP BY 1 and GROUP BY alias mean a target. */
function targetOf(expression: ast.Expression, syntax: ast.Select): ast.Expression {
  if (expression.kind === 'integer') return syntax.targets[Number(expression.text) - 1]?.expression ?? expression;
  if (expression.kind !== 'column' || expression.parts.length > 1) return expression;
  const target = syntax.targets.find((one) => one.alias === expression.parts[0]);
  return target?.expression ?? expression;
}

/** window(...) above or in the GROUP BY that assigned it: the record of its bounds. */
export function sparkWindowValue(
  call: ast.FunctionCall,
  bound: readonly Expression[],
  scope: Scope,
): Expression | undefined {
  const name = call.name[0];
  if (call.name.length !== 1 || (name !== 'window' && name !== 'session_window') || bound[0] === undefined)
    return undefined;
  const table = scope.namespace.tables.find(
    (t) => t.alias === name && t.windowTime !== undefined && sameExpression(t.windowTime, bound[0]!),
  );
  if (table === undefined) return undefined;
  const fields = table.columns.map(({ name, type }) => ({ name, type }));
  return { kind: 'row', type: { name: 'record', fields }, fields: table.columns.map(columnReference) };
}
