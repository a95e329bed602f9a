// Our parser's grammar with a dialect's meanings: calls, division, casts, the place of NULLs, Flink's windows in GROUP BY. Both
// roads of a dialect's text end in it.
import { sqlError } from '../../errors/sql-error.ts';
import type { BinaryExpression, Cast, Expression, FunctionCall, GroupingElement, Select, SortKey } from '../ast.ts';
import type { Token } from '../lexer/token.ts';
import { call, cast as castTo, choose, integer } from '../make-ast.ts';
import type { Grammar } from '../parser/cursor.ts';
import { GRAMMAR } from '../parser/parse.ts';
import type { DialectProfile } from './dialect-profile.ts';
import { renameFunction, rewriteCall } from './rewrite-call.ts';

export function dialectGrammar(profile: DialectProfile): Grammar {
  return {
    ...GRAMMAR,
    functionName: (name) => renameFunction(name, profile),
    call: (found) => windowBound(found) ?? rewriteCall(found, profile),
    cast: (cast, token) => rewriteCast(cast, token, profile),
    operator: (expression, token) => rewriteOperator(expression, token, profile),
    sortKey: (key) => placeNulls(key, profile),
    select: groupWindow,
  };
}

/** a / b with a fraction; the word DIV is integer division everywhere. */
function rewriteOperator(expression: BinaryExpression, token: Token, profile: DialectProfile): Expression {
  const { operator, left, position } = expression;
  if (operator === '^' && profile.caretIsXor) {
    throw sqlError('feature_not_supported', `operator ^ is not supported in the ${profile.name} dialect`, {
      position,
      hint: 'It is exclusive or there and power here; write power(a, b), or a # b.',
    });
  }
  if (operator !== '/') return expression;
  const right: Expression = profile.nullDivision
    ? { kind: 'nullif', left: expression.right, right: integer(0, position), position }
    : expression.right;
  if (token.value === 'div' || profile.division === 'integer') return { ...expression, right };
  if (profile.division === 'double') return call('true_divide', [left, right], position);
  return call('scaled_divide', [left, right, integer(profile.division, position)], position);
}

const INTEGERS: ReadonlyMap<string, number> = new Map([
  ['int2', 16],
  ['int4', 32],
  ['int8', 64],
]);

/** CAST(3.7 AS int) is 3 there and 4 here; TRY_CAST gives NULL for what CAST refuses. */
function rewriteCast(cast: Cast, token: Token, profile: DialectProfile): Expression {
  const { operand, type, position } = cast;
  const integer = INTEGERS.get(type.name.at(-1)!);
  const whole = integer !== undefined && type.arrayBounds.length === 0;
  if (token.value === 'try_cast') return tryCast(cast, whole ? integer : null, profile);
  if (!profile.truncatingCasts || !whole || operand.kind === 'integer') return cast;
  return { ...cast, operand: call('whole_part', [operand], position) };
}

function tryCast(cast: Cast, integerBits: number | null, profile: DialectProfile): Expression {
  const { operand, type, position } = cast;
  if (integerBits !== null) {
    const truncate: Expression = { kind: 'boolean', value: profile.truncatingCasts, position };
    return { ...cast, operand: call('try_integer', [operand, truncate, integer(integerBits, position)], position) };
  }
  if (type.modifiers.length > 0 || type.arrayBounds.length > 0) {
    throw sqlError('feature_not_supported', 'TRY_CAST to this type is not supported', {
      position: type.position,
      hint: 'Cast to the type without its length, precision or brackets.',
    });
  }
  const written = castTo(operand, 'text', position);
  const name: Expression = { kind: 'string', value: type.name.at(-1)!, position };
  const valid = call('pg_input_is_valid', [written, name], position);
  // around the CASE, not inside of it: a constant's cast would be made, and refused, ahead of the test
  return { ...cast, operand: choose(valid, written, null, position) };
}

function placeNulls(key: SortKey, profile: DialectProfile): SortKey {
  if (key.nulls !== null || key.using !== null || profile.nulls === 'largest') return key;
  return { ...key, nulls: profile.nulls === 'smallest' && key.direction !== 'desc' ? 'first' : 'last' };
}

// ------------------------------------------------------------------------------------------------ windows in GROUP BY
const WINDOWS: ReadonlySet<string> = new Set(['tumble', 'hop', 'cumulate', 'session']);
const BOUNDS: ReadonlyMap<string, string> = new Map([
  ['start', 'window_start'],
  ['end', 'window_end'],
  ['rowtime', 'window_time'],
  ['proctime', 'window_time'],
]);

/** TUMBLE_START(ts, ..) is the column window_start of the group's window. */
function windowBound(found: FunctionCall): Expression | null {
  const [window, bound] = found.name.length === 1 ? found.name[0]!.split('_') : [];
  const column = WINDOWS.has(window ?? '') ? BOUNDS.get(bound ?? '') : undefined;
  if (column === undefined) return null;
  return { kind: 'column', parts: [column], position: found.position };
}

/** SELECT .. FROM s GROUP BY TUMBLE(ts, i) reads TUMBLE(TABLE s, DESCRIPTOR(ts), i) and groups by the window's bounds. */
function groupWindow(select: Select): Select {
  const at = select.groupBy.findIndex((element) => windowOf(element) !== null);
  if (at < 0) return select;
  const window = windowOf(select.groupBy[at]!)!;
  const { position } = window;
  const [source] = select.from;
  const time = window.arguments[0]?.value;
  if (select.from.length !== 1 || source?.kind !== 'from_table' || time?.kind !== 'column') {
    throw sqlError(
      'feature_not_supported',
      `${window.name[0]!} in GROUP BY needs one table in FROM and a column of it`,
      {
        position,
        hint: 'Use the window function in FROM: TUMBLE(TABLE s, DESCRIPTOR(ts), interval).',
      },
    );
  }
  const table = {
    kind: 'table_argument',
    table: source.table,
    query: null,
    partitionBy: [],
    orderBy: [],
    position,
  } as const;
  const values: Expression[] = [table, { kind: 'descriptor', columns: [time.parts.at(-1)!], position }];
  const windowed = call(window.name[0]!, [...values, ...window.arguments.slice(1).map((one) => one.value)], position);
  const alias = source.alias ?? { name: source.table.parts.at(-1)!, columns: [], position };
  const bounds = ['window_start', 'window_end'].map((name): GroupingElement => {
    return { kind: 'grouping_expression', expression: { kind: 'column', parts: [name], position }, position };
  });
  return {
    ...select,
    from: [
      {
        kind: 'from_function',
        functions: [{ call: windowed, columnDefinitions: [], position }],
        rowsFrom: false,
        lateral: false,
        withOrdinality: false,
        alias,
        position,
      },
    ],
    groupBy: [...select.groupBy.slice(0, at), ...bounds, ...select.groupBy.slice(at + 1)],
  };
}

function windowOf(element: GroupingElement): FunctionCall | null {
  const e = element.kind === 'grouping_expression' ? element.expression : null;
  return e?.kind === 'function' && e.name.length === 1 && WINDOWS.has(e.name[0]!) ? e : null;
}
