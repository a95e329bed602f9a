// Event-time windows: TUMBLE and HOP over a stream in FROM, positional, with DESCRIPTOR or with named arguments, and Spark's
// window() in GROUP BY. All become one window-assign node; window_start, window_end and window_time are new columns.
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
  state: BindState,
): { plan: LogicalPlan; added: PlanColumn[] } {
  const added = ['window_start', 'window_end', 'window_time'].map((name) =>
    freshColumn(state, name, { name: time.type.name }),
  );
  return { plan: { kind: 'window-assign', columns: [...input.columns, ...added], input, window, time }, added };
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
  if (kind === 'tumble' || slide === null) return { kind: 'tumble', sizeMicros: size, offsetMicros: offset };
  if (size / slide > 10000n)
    throw sqlError('invalid_parameter_value', 'a row would fall into too many windows', { position });
  return { kind: 'hop', slideMicros: slide, sizeMicros: size, offsetMicros: offset };
}

const NAMES: Readonly<Record<string, readonly string[]>> = {
  tumble: ['data', 'timecol', 'size', 'offset'],
  hop: ['data', 'timecol', 'slide', 'size', 'offset'],
};

export function bindWindowFunction(
  item: ast.FromFunction,
  call: ast.FunctionCall,
  scope: Scope,
  state: BindState,
): BoundFrom {
  const kind = call.name.at(-1)!;
  const { position } = call;
  const names = NAMES[kind];
  if (names === undefined) {
    throw sqlError('feature_not_supported', `${kind.toUpperCase()} windows are not supported yet`, {
      position,
      hint: 'TUMBLE and HOP are.',
    });
  }
  const given = new Map<string, ast.Expression>();
  call.arguments.forEach((argument, i) => {
    const name = argument.name?.toLowerCase() ?? names[i];
    if (name === undefined || !names.includes(name)) {
      throw sqlError('undefined_function', `${kind.toUpperCase()} has no argument ${argument.name ?? i + 1}`, {
        position: argument.position,
        hint: kind === 'tumble' ? 'TUMBLE(stream, time, size [, offset])' : 'HOP(stream, time, slide, size [, offset])',
      });
    }
    given.set(name, argument.value);
  });
  const need = (name: string): ast.Expression => {
    const found = given.get(name);
    if (found !== undefined) return found;
    throw sqlError('undefined_function', `${kind.toUpperCase()} lacks its argument ${name}`, {
      position,
      hint: kind === 'tumble' ? 'TUMBLE(stream, time, size [, offset])' : 'HOP(stream, time, slide, size [, offset])',
    });
  };
  const source = bindSource(need('data'), scope, state);
  const inner = scopeOf(source.from.namespace, scope);
  const time = timeColumn(need('timecol'), inner, state);
  const slide = kind === 'hop' ? intervalMicros(need('slide'), state, scope, 'the slide of a window') : null;
  const size = intervalMicros(need('size'), state, scope, 'the size of a window');
  const offsetSyntax = given.get('offset');
  const offset = offsetSyntax === undefined ? 0n : intervalMicros(offsetSyntax, state, scope, 'the offset of a window');
  const { plan, added } = assign(source.from.plan, time, makeWindow(kind, slide, size, offset, position), state);
  const columns = [...source.from.namespace.columns, ...added];
  const alias = item.alias?.name ?? source.alias;
  return { plan, namespace: namedTable(alias, columns, item.alias?.columns ?? [], state, item.position) };
}

function bindSource(data: ast.Expression, scope: Scope, state: BindState): { from: BoundFrom; alias: string } {
  const { position } = data;
  if (data.kind === 'table_argument' && data.query !== null) {
    const plan = settlePlan(bindQuery(data.query, scope, state), state);
    return { from: { plan, namespace: namedTable('input', plan.columns, [], state, position) }, alias: 'input' };
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

/** Spark's window(time, size [, slide [, start]]) in GROUP BY: assigns windows below, and names them `window`. */
export function assignSparkWindow(syntax: ast.Select, from: BoundFrom, outer: Scope, state: BindState): BoundFrom {
  const call = syntax.groupBy
    .flatMap((element) => (element.kind === 'grouping_expression' ? [element.expression] : []))
    .find(
      (e): e is ast.FunctionCall =>
        e.kind === 'function' && e.name.length === 1 && (e.name[0] === 'window' || e.name[0] === 'session_window'),
    );
  if (call === undefined || state.context.catalog.findFunctions(call.name[0]!).length > 0) return from;
  const { position } = call;
  if (call.name[0] === 'session_window') {
    throw sqlError('feature_not_supported', 'session windows are not supported yet', {
      position,
      hint: 'Use window(time, size) or TUMBLE.',
    });
  }
  const [time, size, slide, start] = call.arguments.map((argument) => argument.value);
  if (time === undefined || size === undefined) {
    throw sqlError('undefined_function', 'window() needs a time and a size', {
      position,
      hint: "window(ts, '10 minutes' [, '5 minutes' [, offset]])",
    });
  }
  const scope = scopeOf(from.namespace, outer);
  const bound = checkTime(bindExpression(time, plainScope(state, scope, 'GROUP BY')), time.position);
  const sizeMicros = intervalMicros(size, state, scope, 'the size of a window');
  const slideMicros = slide === undefined ? null : intervalMicros(slide, state, scope, 'the slide of a window');
  const offset = start === undefined ? 0n : intervalMicros(start, state, scope, 'the offset of a window');
  const same = slideMicros === null || slideMicros === sizeMicros;
  const window = makeWindow(same ? 'tumble' : 'hop', same ? null : slideMicros, sizeMicros, offset, position);
  const { plan, added } = assign(from.plan, bound, window, state);
  const [first, last] = added as [PlanColumn, PlanColumn, PlanColumn];
  const table = {
    alias: 'window',
    columns: [
      { ...first, name: 'start' },
      { ...last, name: 'end' },
    ],
    windowTime: bound,
  };
  return { plan, namespace: { tables: [...from.namespace.tables, table], columns: from.namespace.columns } };
}

/** window(...) above or in the GROUP BY that assigned it: the record of its bounds. */
export function sparkWindowValue(
  call: ast.FunctionCall,
  bound: readonly Expression[],
  scope: Scope,
): Expression | undefined {
  if (call.name.length !== 1 || call.name[0] !== 'window' || bound[0] === undefined) return undefined;
  const table = scope.namespace.tables.find(
    (t) => t.windowTime !== undefined && sameExpression(t.windowTime, bound[0]!),
  );
  if (table === undefined) return undefined;
  const fields = table.columns.map(({ name, type }) => ({ name, type }));
  return { kind: 'row', type: { name: 'record', fields }, fields: table.columns.map(columnReference) };
}
