// Walking and rewriting expressions: the one place that knows the children of every expression kind. Rules, binder and
// planner are written with these functions. Rewrites keep the identity of what they do not change, so callers may compare by ===.
import type { Expression, SortKey } from './expression.ts';

/** The direct sub-expressions (a subquery's compared arguments, not its plan). */
export function childExpressions(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'constant':
    case 'column':
    case 'input':
    case 'parameter':
      return [];
    case 'call':
    case 'and':
    case 'or':
    case 'coalesce':
    case 'subquery':
      return expression.args;
    case 'not':
    case 'is-null':
    case 'field':
      return [expression.arg];
    case 'is-distinct':
      return [expression.left, expression.right];
    case 'case':
      return [
        ...expression.branches.flatMap((branch) => [branch.when, branch.then]),
        ...(expression.otherwise === null ? [] : [expression.otherwise]),
      ];
    case 'in-list':
      return [expression.arg, ...expression.items];
    case 'quantified-array':
      return [expression.arg, expression.array];
    case 'array':
      return expression.elements;
    case 'row':
      return expression.fields;
  }
}

function mapList(list: readonly Expression[], change: (child: Expression) => Expression): readonly Expression[] {
  let changed = false;
  const result = list.map((item) => {
    const next = change(item);
    if (next !== item) changed = true;
    return next;
  });
  return changed ? result : list;
}

/** The same expression over changed children; the same object when no child changed. */
export function mapChildren(expression: Expression, change: (child: Expression) => Expression): Expression {
  switch (expression.kind) {
    case 'constant':
    case 'column':
    case 'input':
    case 'parameter':
      return expression;
    case 'call':
    case 'and':
    case 'or':
    case 'coalesce':
    case 'subquery': {
      const args = mapList(expression.args, change);
      return args === expression.args ? expression : { ...expression, args };
    }
    case 'not':
    case 'is-null':
    case 'field': {
      const arg = change(expression.arg);
      return arg === expression.arg ? expression : { ...expression, arg };
    }
    case 'is-distinct': {
      const left = change(expression.left);
      const right = change(expression.right);
      return left === expression.left && right === expression.right ? expression : { ...expression, left, right };
    }
    case 'case':
      return mapCase(expression, change);
    case 'in-list': {
      const arg = change(expression.arg);
      const items = mapList(expression.items, change);
      return arg === expression.arg && items === expression.items ? expression : { ...expression, arg, items };
    }
    case 'quantified-array': {
      const arg = change(expression.arg);
      const array = change(expression.array);
      return arg === expression.arg && array === expression.array ? expression : { ...expression, arg, array };
    }
    case 'array': {
      const elements = mapList(expression.elements, change);
      return elements === expression.elements ? expression : { ...expression, elements };
    }
    case 'row': {
      const fields = mapList(expression.fields, change);
      return fields === expression.fields ? expression : { ...expression, fields };
    }
  }
}

function mapCase(
  expression: Extract<Expression, { kind: 'case' }>,
  change: (child: Expression) => Expression,
): Expression {
  let changed = false;
  const branches = expression.branches.map((branch) => {
    const when = change(branch.when);
    const then = change(branch.then);
    if (when === branch.when && then === branch.then) return branch;
    changed = true;
    return { when, then };
  });
  const otherwise = expression.otherwise === null ? null : change(expression.otherwise);
  if (otherwise !== expression.otherwise) changed = true;
  return changed ? { ...expression, branches, otherwise } : expression;
}

/** Top-down replacement: where `replace` gives an expression, its result stands for the whole node. */
export function replaceExpression(
  expression: Expression,
  replace: (node: Expression) => Expression | undefined,
): Expression {
  return replace(expression) ?? mapChildren(expression, (child) => replaceExpression(child, replace));
}

/** Whether any node satisfies the test (subquery plans are not entered). */
export function someExpression(expression: Expression, test: (node: Expression) => boolean): boolean {
  return test(expression) || childExpressions(expression).some((child) => someExpression(child, test));
}

export function mapSortKeys(keys: readonly SortKey[], change: (e: Expression) => Expression): readonly SortKey[] {
  let changed = false;
  const result = keys.map((key) => {
    const expression = change(key.expression);
    if (expression === key.expression) return key;
    changed = true;
    return { ...key, expression };
  });
  return changed ? result : keys;
}

/** The top-level conjuncts of a condition; null and TRUE give none. */
export function conjunctsOf(condition: Expression | null): readonly Expression[] {
  if (condition === null) return [];
  if (condition.kind === 'and') return condition.args.flatMap(conjunctsOf);
  return condition.kind === 'constant' && condition.value === true ? [] : [condition];
}

/** The conjunction, or null for none. */
export function conjunction(conjuncts: readonly Expression[]): Expression | null {
  if (conjuncts.length === 0) return null;
  return conjuncts.length === 1 ? conjuncts[0]! : { kind: 'and', type: { name: 'bool' }, args: conjuncts };
}

/** A text that two expressions share only if they are the same (positions aside): to find duplicates in a long list. */
export function expressionKey(expression: Expression): string {
  return JSON.stringify(expression, (key, value: unknown) => {
    if (key === 'position') return undefined;
    if (typeof value === 'bigint') return `bigint ${value}`;
    const plain = typeof value !== 'number' || (Number.isFinite(value) && !Object.is(value, -0));
    return plain ? value : `number ${Object.is(value, -0) ? '-0' : value}`;
  });
}

/** Structural equality, positions aside. Columns that subqueries make for themselves may have other ids in `b` than in `a`. */
export function sameExpression(a: Expression, b: Expression): boolean {
  const ids = new Map<unknown, unknown>();
  return a.kind === b.kind && pairColumns(a, b, ids) && sameData(a, b, ids);
}

/** Notes for each column made inside `a` the id of the one in its place inside `b`; false: they make different ones. */
function pairColumns(a: unknown, b: unknown, ids: Map<unknown, unknown>): boolean {
  if (a === b || typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return true;
  const left = a as Record<string, unknown>;
  const right = b as Record<string, unknown>;
  for (const key of Object.keys(left)) {
    if (key === 'columns' && !pairIds(left[key], right[key], ids)) return false;
    if (!pairColumns(left[key], right[key], ids)) return false;
  }
  return true;
}

function pairIds(a: unknown, b: unknown, ids: Map<unknown, unknown>): boolean {
  if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
  return a.every(({ id }: { id?: unknown }, i) => {
    const other: unknown = b[i].id;
    if (ids.has(id)) return ids.get(id) === other;
    ids.set(id, other);
    return true;
  });
}

function sameData(a: unknown, b: unknown, ids: ReadonlyMap<unknown, unknown>): boolean {
  if (a === b && ids.size === 0) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return Object.is(a, b);
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const left = a as Record<string, unknown>;
  const right = b as Record<string, unknown>;
  const keys = Object.keys(left).filter((key) => key !== 'position' && left[key] !== undefined);
  const others = Object.keys(right).filter((key) => key !== 'position' && right[key] !== undefined);
  if (keys.length !== others.length) return false;
  return keys.every((key) =>
    key === 'id' && ids.has(left[key]) ? ids.get(left[key]) === right[key] : sameData(left[key], right[key], ids),
  );
}
