// Functions of other dialects whose meaning is a different shape here: a CASE, a cast, an operator, an aggregate with an order.
// Functions that only need another name are in RENAMED; those we have under their own name are left alone, those we do not have
// are refused by the binder under the name they were written with.
import { sqlError } from '../../errors/sql-error.ts';
import type { Expression, FunctionCall, SortKey } from '../ast.ts';
import { binary, call as callOf, cast, choose, integer, isNull, text } from '../make-ast.ts';
import type { DialectProfile } from './dialect-profile.ts';
import { rewriteDateCall } from './rewrite-dates.ts';

const RENAMED: ReadonlyMap<string, string> = new Map([
  ['explode', 'unnest'],
  ['size', 'cardinality'],
  ['array_size', 'cardinality'],
  ['ucase', 'upper'],
  ['lcase', 'lower'],
  ['mean', 'avg'],
  ['std', 'stddev'],
  ['len', 'length'],
  ['char_length', 'length'],
  ['rand', 'random'],
  ['instr', 'strpos'],
  ['arbitrary', 'any_value'],
  ['arg_max', 'max_by'],
  ['arg_min', 'min_by'],
  ['startswith', 'starts_with'],
  ['array_join', 'array_to_string'],
  ['regexp_contains', 'regexp_like'],
  ['proctime', 'now'],
]);
/** Split by a regular expression in Spark and Hive, by the text itself elsewhere. */
const REGEXP_SPLIT: ReadonlySet<string> = new Set(['spark', 'databricks', 'hive']);

/** The name a function has here. */
export function renameFunction(name: readonly string[], profile: DialectProfile): readonly string[] {
  if (name.length !== 1) return name;
  if (name[0] === 'split') return [REGEXP_SPLIT.has(profile.name) ? 'regexp_split_to_array' : 'string_to_array'];
  // MySQL's length counts bytes
  if (name[0] === 'length' && profile.logicalBars) return ['octet_length'];
  return [RENAMED.get(name[0]!) ?? name[0]!];
}

/** A call as its PostgreSQL form; the call itself when it needs none. */
export function rewriteCall(call: FunctionCall, profile: DialectProfile): Expression {
  if (call.name.length !== 1 || call.star || call.over !== null) return call;
  const aggregate = rewriteAggregate(call);
  if (aggregate !== null) return aggregate;
  if (call.distinct || call.filter !== null) return call;
  const { position } = call;
  const name = call.name[0]!;
  const args = call.arguments.map((argument) => argument.value);
  refuseCall(name, args, profile, position);
  return (
    rewriteDateCall(name, args, profile, position) ??
    rewriteConditional(name, args, position) ??
    rewriteText(name, args, profile, position) ??
    call
  );
}

const TAKES_LAMBDA: ReadonlySet<string> = new Set([
  'transform', 'filter', 'forall', 'aggregate', 'reduce', 'zip_with', 'array_sort', 'map_filter', 'map_zip_with', 'transform_keys',
  'transform_values', 'any_match', 'all_match', 'none_match',
]); // biome-ignore format: a small table
const FIRST_OR_LAST: ReadonlySet<string> = new Set(['first', 'last', 'first_value', 'last_value']);

/** Throws 0A000 for what has no form here, under the name it is known by there. */
function refuseCall(name: string, args: readonly Expression[], profile: DialectProfile, position: number): void {
  if (TAKES_LAMBDA.has(name) && args.slice(1).some(isLambda)) {
    throw sqlError('feature_not_supported', `lambda functions are not supported in the ${profile.name} dialect`, {
      position,
      hint: 'Write a subquery over the elements: ARRAY(SELECT x + 1 FROM unnest(a) AS t(x) WHERE x > 0).',
    });
  }
  if (!FIRST_OR_LAST.has(name) || !REGEXP_SPLIT.has(profile.name)) return;
  throw sqlError('feature_not_supported', `aggregate ${name} is not supported in the ${profile.name} dialect`, {
    position,
    hint: 'Say which row is meant, as in min_by(value, order_column); any_value takes one of them.',
  });
}

/** `x -> ..` or `(x, y) -> ..`; an operator after the arrow that binds less has the arrow below its left side. */
function isLambda(e: Expression): boolean {
  if (e.kind !== 'binary') return false;
  return (e.operator === '->' && (e.left.kind === 'column' || e.left.kind === 'row')) || isLambda(e.left);
}

/** Aggregates keep DISTINCT, ORDER BY, FILTER. */
function rewriteAggregate(call: FunctionCall): Expression | null {
  const args = call.arguments.map((argument) => argument.value);
  const [first, second] = args;
  const { position } = call;
  switch (call.name[0]) {
    case 'approx_count_distinct':
    case 'approx_distinct':
    case 'ndv':
      // an estimate is allowed to be exact
      return first === undefined
        ? null
        : { ...call, name: ['count'], arguments: call.arguments.slice(0, 1), distinct: true };
    case 'count':
      // rows without a NULL among them
      return call.distinct && args.length > 1 ? countDistinctRows(call, args) : null;
    case 'percentile_approx':
    case 'approx_percentile': {
      if (first === undefined || second === undefined || args.length > 3) return null;
      const key: SortKey = { expression: first, direction: null, using: null, nulls: null, position };
      const { arguments: parameters } = callOf('percentile_disc', [second], position);
      return { ...call, name: ['percentile_disc'], arguments: parameters, withinGroup: [key] };
    }
    case 'median':
      if (first === undefined) return null;
      return {
        ...call,
        name: ['percentile_cont'],
        arguments: callOf('', [{ kind: 'decimal', text: '0.5', position }], position).arguments,
        withinGroup: [{ expression: first, direction: null, using: null, nulls: null, position }],
      };
    case 'countif':
    case 'count_if': {
      if (first === undefined || call.filter !== null) return null;
      return { ...call, name: ['count'], arguments: [], star: true, filter: first };
    }
    case 'group_concat':
    case 'listagg': {
      if (first === undefined || args.length > 2) return null;
      const separator = second ?? text(call.name[0] === 'listagg' ? '' : ',', position);
      const values = [cast(first, 'text', position), separator];
      const orderBy = call.withinGroup.length > 0 ? call.withinGroup : call.orderBy;
      const { arguments: parameters } = callOf('string_agg', values, position);
      return { ...call, name: ['string_agg'], arguments: parameters, orderBy, withinGroup: [] };
    }
    default:
      return null;
  }
}

function countDistinctRows(call: FunctionCall, args: readonly Expression[]): Expression {
  const { position } = call;
  const present: Expression = { kind: 'and', operands: args.map((arg) => isNull(arg, true, position)), position };
  const filter: Expression =
    call.filter === null ? present : { kind: 'and', operands: [call.filter, present], position };
  const row: Expression = { kind: 'row', explicit: true, elements: args, position };
  return { ...call, arguments: callOf('', [row], position).arguments, filter };
}

function rewriteConditional(name: string, args: readonly Expression[], at: number): Expression | null {
  const [first, second, third] = args;
  if (first === undefined) return null;
  switch (name) {
    case 'if':
    case 'iff':
    case 'iif':
      return second === undefined ? null : choose(first, second, third ?? null, at);
    case 'nvl':
    case 'ifnull':
      return { kind: 'coalesce', arguments: args, position: at };
    case 'nvl2':
      return second === undefined || third === undefined ? null : choose(isNull(first, false, at), third, second, at);
    case 'isnull':
      return second === undefined ? isNull(first, false, at) : { kind: 'coalesce', arguments: args, position: at };
    case 'isnotnull':
      return isNull(first, true, at);
    case 'zeroifnull':
      return { kind: 'coalesce', arguments: [first, integer(0, at)], position: at };
    case 'nullifzero':
      return { kind: 'nullif', left: first, right: integer(0, at), position: at };
    case 'div0':
      if (second === undefined) return null;
      return choose(
        binary('=', second, integer(0, at), at),
        integer(0, at),
        callOf('scaled_divide', [first, second, integer(6, at)], at),
        at,
      );
    case 'safe_divide':
      if (second === undefined) return null;
      return callOf('true_divide', [first, { kind: 'nullif', left: second, right: integer(0, at), position: at }], at);
    case 'equal_null':
      return second === undefined ? null : same(first, second, at);
    case 'decode':
      return args.length < 3 ? null : decode(first, args.slice(1), at);
    case 'array':
      return { kind: 'array', elements: args, position: at };
    case 'array_contains':
      return second === undefined ? null : anyElement(second, first, at);
    case 'element_at':
      return second === undefined ? null : { kind: 'subscript', operand: first, index: second, position: at };
    default:
      return null;
  }
}

function same(left: Expression, right: Expression, at: number): Expression {
  return { kind: 'is_distinct', negated: true, left, right, position: at };
}

/** DECODE(e, value, result, .. [, otherwise]): a CASE in which NULL equals NULL. */
function decode(operand: Expression, pairs: readonly Expression[], at: number): Expression {
  const branches = [];
  for (let i = 0; i + 1 < pairs.length; i += 2) {
    branches.push({ condition: same(operand, pairs[i]!, at), result: pairs[i + 1]!, position: at });
  }
  const otherwise = pairs.length % 2 === 1 ? pairs[pairs.length - 1]! : null;
  return { kind: 'case', operand: null, branches, otherwise, position: at };
}

function anyElement(left: Expression, array: Expression, at: number): Expression {
  return { kind: 'quantified_array', quantifier: 'any', operator: '=', operatorSchema: [], left, array, position: at };
}

/** The first value at a JSON path, a text without its quotes. */
function jsonPathText(json: Expression, path: Expression, at: number): Expression {
  const found = callOf('jsonb_path_query_first', [cast(json, 'jsonb', at), cast(path, 'jsonpath', at)], at);
  return binary('#>>', found, text('{}', at), at);
}

function rewriteText(
  name: string,
  args: readonly Expression[],
  profile: DialectProfile,
  at: number,
): Expression | null {
  const [first, second, third] = args;
  if (first === undefined) return name === 'array' ? { kind: 'array', elements: [], position: at } : null;
  switch (name) {
    case 'concat': {
      if (!profile.strictConcat) return null;
      const texts = args.map((arg) => cast(arg, 'text', arg.position));
      return texts.slice(1).reduce((left, right) => binary('||', left, right, at), texts[0]!);
    }
    case 'concat_ws':
      // an array among the pieces is joined too
      return args.length === 2 && isArray(second!) ? callOf('array_to_string', [second!, first], at) : null;
    case 'substr':
    case 'substring':
      return second === undefined ? null : substringFrom(args, profile, at);
    case 'locate':
    case 'charindex': {
      if (second === undefined || third !== undefined) return null;
      return callOf('strpos', [second, first], at);
    }
    case 'get_json_object':
      return second === undefined ? null : jsonPathText(first, second, at);
    case 'to_varchar':
      return args.length === 1 ? cast(first, 'text', at) : callOf('to_char', args, at);
    case 'contains':
      if (second === undefined) return null;
      if (profile.nulls === 'last') return anyElement(second, first, at);
      return binary('>', callOf('strpos', [first, second], at), integer(0, at), at);
    case 'truncate':
      return args.length === 2 ? callOf('trunc', args, at) : null;
    case 'find_in_set': {
      if (second === undefined) return null;
      const parts = callOf('string_to_array', [second, text(',', at)], at);
      return {
        kind: 'coalesce',
        arguments: [callOf('array_position', [parts, first], at), integer(0, at)],
        position: at,
      };
    }
    case 'substring_index':
      return substringIndex(args, at);
    case 'split_index':
      return second === undefined || third === undefined
        ? null
        : callOf('split_part', [first, second, binary('+', third, integer(1, at), at)], at);
    case 'regexp_extract':
    case 'regexp_substr':
      return second === undefined ? null : extractPattern(args, profile, at);
    case 'regexp_replace':
      // every match there, the first one here
      return args.length === 3 ? callOf('regexp_replace', [...args, text('g', at)], at) : null;
    default:
      return null;
  }
}

/** The text before the n-th delimiter, or for a negative n behind the n-th from the right. */
function substringIndex([source, delimiter, count]: readonly Expression[], at: number): Expression | null {
  if (source === undefined || delimiter === undefined || count === undefined) return null;
  const parts = callOf('string_to_array', [source, delimiter], at);
  const negative = count.kind === 'unary' && count.operator === '-';
  if (!negative && count.kind !== 'integer') return null;
  const all = callOf('cardinality', [parts], at);
  const lower = negative ? binary('+', binary('-', all, count.operand, at), integer(1, at), at) : null;
  const kept: Expression = { kind: 'slice', operand: parts, lower, upper: negative ? null : count, position: at };
  return callOf('array_to_string', [kept, delimiter], at);
}

const ARRAY_CALLS: ReadonlySet<string> = new Set(
  'array_agg collect_list collect_set regexp_split_to_array string_to_array'.split(' '),
);

function isArray(e: Expression): boolean {
  return e.kind === 'array' || (e.kind === 'function' && e.name.length === 1 && ARRAY_CALLS.has(e.name[0]!));
}

/** A start of 0 is 1 there, and a negative one counts from the end. */
function substringFrom(args: readonly Expression[], profile: DialectProfile, at: number): Expression | null {
  const [whole, start, length] = args;
  const negative = start!.kind === 'unary' && start!.operator === '-' && start!.operand.kind === 'integer';
  const zero = start!.kind === 'integer' && /^0+$/.test(start!.text);
  if (!negative && !zero) return null;
  if (zero && profile.name !== 'mysql' && profile.name !== 'mariadb' && profile.name !== 'sqlite') {
    return callOf('substr', [whole!, integer(1, at), ...args.slice(2)], at);
  }
  if (negative && length === undefined && profile.datePatterns === 'java') {
    return callOf('right', [whole!, (start as { readonly operand: Expression }).operand], at);
  }
  throw sqlError('feature_not_supported', `this start of substring is not supported in the ${profile.name} dialect`, {
    position: start!.position,
    hint: 'Use right(text, n), or a start that is at least 1.',
  });
}

/** The first match: its first group in Spark (where no match gives ''), the whole of it elsewhere. */
function extractPattern(args: readonly Expression[], profile: DialectProfile, at: number): Expression | null {
  const [source, pattern, group] = args;
  if (args.length > 3) return null;
  const spark = REGEXP_SPLIT.has(profile.name);
  if (profile.name === 'bigquery') return matched(source!, pattern!, integer(1, at), at);
  const index = group ?? integer(spark || profile.name === 'flink' ? 1 : 0, at);
  // a group around the whole makes it group 1
  const whole = binary('||', binary('||', text('(', at), pattern!, at), text(')', at), at);
  const found = matched(source!, whole, binary('+', index, integer(1, at), at), at);
  if (!spark) return found;
  return choose(
    isNull(source!, true, at),
    { kind: 'coalesce', arguments: [found, text('', at)], position: at },
    null,
    at,
  );
}

function matched(source: Expression, pattern: Expression, index: Expression, at: number): Expression {
  return { kind: 'subscript', operand: callOf('regexp_match', [source, pattern], at), index, position: at };
}
