// LinearQuery: a query that filters and projects the rows of one relation and cannot fail at any of them, in one form, with the constants by
// which it chooses rows taken out: `WHERE k = 5 AND n > 1` is the shape `WHERE k = ? AND n > 1` and the key (5). Its answer for a row
// depends on that row alone, so queries of one shape can be answered together (shared-queries.ts). A constant is taken out only where it is
// compared by = with what is computed from the row, and never from a query that may fail: `k = 5 AND 1 / n > 0` fails at other rows than
// `1 / n > 0` does.
import type { BatchPlan } from '../../plan/batch.ts';
import type { Expression } from '../../plan/expression.ts';
import { mayFail } from '../../plan/sure-expressions.ts';
import { conjunctsOf, expressionKey, replaceExpression, someExpression } from '../../plan/walk-expression.ts';
import type { Datum } from '../../types/datum.ts';
import type { SqlType } from '../../types/sql-type.ts';

export interface LinearQuery {
  readonly relation: number;
  /** what all queries of the same shape share */
  readonly shape: string;
  /** the result's columns, then the keys */
  readonly plan: BatchPlan;
  /** one value per key column; none: every row of the plan is the query's */
  readonly key: readonly Datum[];
}

interface Linear {
  readonly scan: Extract<BatchPlan, { kind: 'table-scan' }>;
  readonly conditions: readonly Expression[];
  /** over the scan's columns */
  readonly expressions: readonly Expression[];
}

interface Key {
  readonly expression: Expression;
  readonly value: Datum;
}

/** Kinds of nodes that no rule here knows to be sure. */
const UNSURE: readonly Expression['kind'][] = [
  'quantified-array',
  'array',
  'row',
  'field',
  'subquery',
  'parameter',
  'column',
];

/** Types whose values of one type are equal if and only if hashing finds them equal, whatever their modifiers. */
const KEY_TYPES = /^(?:bool|text|uuid|date|time|timestamp|timestamptz|bytea|float[48]|oid)$/;
const INTEGERS: Readonly<Record<string, bigint>> = { int2: 2n ** 15n, int4: 2n ** 31n, int8: 2n ** 63n };

/** Null where the query is of another kind. */
export function linearQuery(plan: BatchPlan): LinearQuery | null {
  const linear = linearOf(plan);
  if (linear === null || linear.scan.attributes.includes(0)) return null;
  const { scan, expressions } = linear;
  if ([...linear.conditions, ...expressions].some(unsure)) return null;
  const keys: Key[] = [];
  const conditions: Expression[] = [];
  const taken = new Set<string>();
  for (const condition of linear.conditions) {
    const key = keyOf(condition);
    const name = key === null ? '' : expressionKey(key.expression);
    if (key === null || taken.has(name)) conditions.push(condition);
    else {
      taken.add(name);
      keys.push(key);
    }
  }
  const keyColumns = keys.map((key) => key.expression);
  return {
    relation: scan.relation,
    shape: shapeOf(scan, conditions, expressions, keyColumns),
    plan: {
      kind: 'project',
      input: { ...scan, filters: conditions },
      expressions: [...expressions, ...keyColumns],
      types: [...plan.types, ...keyColumns.map((key) => key.type)],
      names: [...plan.names, ...keyColumns.map(() => '')],
      rows: plan.rows,
    },
    key: keys.map((key) => key.value),
  };
}

function linearOf(plan: BatchPlan): Linear | null {
  switch (plan.kind) {
    case 'table-scan':
      return {
        scan: plan,
        conditions: plan.filters.flatMap(conjunctsOf),
        expressions: plan.types.map((type, index) => ({ kind: 'input', type, index })),
      };
    case 'index-lookup':
      return linearOf(plan.scan);
    case 'sort': // the order is the reader's
      return linearOf(plan.input);
    case 'filter': {
      const below = linearOf(plan.input);
      if (below === null) return null;
      const added = conjunctsOf(plan.condition).map((condition) => over(below, condition));
      return { ...below, conditions: [...below.conditions, ...added] };
    }
    case 'project': {
      const below = linearOf(plan.input);
      if (below === null) return null;
      return { ...below, expressions: plan.expressions.map((expression) => over(below, expression)) };
    }
    default:
      return null;
  }
}

/** The expression over the scan's columns. */
function over(below: Linear, expression: Expression): Expression {
  return replaceExpression(expression, (node) => (node.kind === 'input' ? below.expressions[node.index]! : undefined));
}

/** Queries with zoned times beside others are answered by the time zone of who asks, so nobody can share them. */
function unsure(expression: Expression): boolean {
  return mayFail(expression) || someExpression(expression, (node) => UNSURE.includes(node.kind) || readsTimeZone(node));
}

function readsTimeZone(node: Expression): boolean {
  if (node.kind !== 'call') return false;
  const zoned = node.args.filter((argument) => argument.type.name === 'timestamptz').length;
  return zoned > 0 && zoned < node.args.length;
}

/** `expression = constant`, either way round, for a type whose values can be keys. */
function keyOf(condition: Expression): Key | null {
  if (condition.kind !== 'call' || condition.args.length !== 2 || !condition.function.startsWith('=(')) return null;
  const [left, right] = condition.args as [Expression, Expression];
  const [expression, constant] = right.kind === 'constant' ? [left, right] : [right, left];
  if (constant.kind !== 'constant' || constant.value === null) return null;
  if (!someExpression(expression, (node) => node.kind === 'input')) return null;
  const value = keyValue(expression.type, constant.type, constant.value);
  return value === null ? null : { expression, value };
}

function keyValue(type: SqlType, constantType: SqlType, value: Datum): Datum | null {
  const limit = INTEGERS[type.name];
  if (limit === undefined) return type.name === constantType.name && KEY_TYPES.test(type.name) ? value : null;
  if (!(constantType.name in INTEGERS)) return null;
  const number = BigInt(value as number | bigint);
  if (number >= limit || number < -limit) return null;
  return type.name === 'int8' ? number : Number(number);
}

function shapeOf(
  { relation, attributes }: Linear['scan'],
  conditions: readonly Expression[],
  expressions: readonly Expression[],
  keys: readonly Expression[],
): string {
  const texts = [conditions, expressions, keys].map((list) => list.map(expressionKey));
  return JSON.stringify([relation, attributes, ...texts]);
}
