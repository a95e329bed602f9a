// Constant folding and the algebra of expressions, bottom up: calls over constants are computed (by the function's own body; an
// error is left for run time, where it belongs to the rows that reach it), strict calls of NULL are NULL, AND/OR/NOT are flattened
// and shortened in three-valued logic, CASE and COALESCE lose branches that cannot be taken. A filter that is never true empties
// its input.

import { SqlError } from '../../errors/sql-error.ts';
import type { Expression } from '../../plan/expression.ts';
import type { LogicalPlan } from '../../plan/logical.ts';
import { mapExpressions, rewritePlan } from '../../plan/walk.ts';
import {
  childExpressions,
  conjunctsOf,
  expressionKey,
  mapChildren,
  sameExpression,
} from '../../plan/walk-expression.ts';
import { BOOL, DATE, sameType } from '../../types/sql-type.ts';
import { FALSE, filterOf, nullOf, TRUE } from './build-plan.ts';
import { isVolatile } from './expression-facts.ts';
import type { Rule, RuleContext } from './rule.ts';

export const SIMPLIFY_EXPRESSIONS: Rule = {
  name: 'simplify-expressions',
  reason: 'what is the same for every row is computed once; shorter conditions are recognized by the rules that follow',
  apply: (plan, context) => rewritePlan(plan, (node) => simplifyNode(node, context)),
};

type Of<K extends Expression['kind']> = Extract<Expression, { readonly kind: K }>;

function simplifyNode(plan: LogicalPlan, context: RuleContext): LogicalPlan {
  const node = mapExpressions(plan, (expression) => simplify(expression, context));
  if (node.kind === 'filter') {
    const conjuncts = conjunctsOf(node.condition);
    if (conjuncts.some(isNeverTrue)) return { kind: 'values', columns: node.columns, rows: [] };
    return filterOf(node.input, conjuncts);
  }
  if (node.kind === 'join' && node.condition !== null && isConstant(node.condition, true))
    return { ...node, condition: null };
  return node;
}

const isNullConstant = (e: Expression): boolean => e.kind === 'constant' && e.value === null;
const isConstant = (e: Expression, value: boolean): boolean => e.kind === 'constant' && e.value === value;
const isNeverTrue = (e: Expression): boolean => isConstant(e, false) || isNullConstant(e);

export function simplify(expression: Expression, context: RuleContext): Expression {
  // Arms of CASE and COALESCE are folded too: a folding error leaves the call, which then only runs where its arm is taken.
  const node = mapChildren(expression, (child) => simplify(child, context));
  switch (node.kind) {
    case 'call':
      return simplifyCall(node, context);
    case 'and':
    case 'or':
      return simplifyJunction(node, context);
    case 'not':
      return simplifyNot(node, context);
    case 'is-null':
      return simplifyIsNull(node);
    case 'case':
      return simplifyCase(node);
    case 'coalesce':
      return simplifyCoalesce(node);
    case 'in-list':
      return simplifyInList(node);
    default:
      return node;
  }
}

function simplifyCall(node: Of<'call'>, context: RuleContext): Expression {
  const definition = context.functions.findScalar(node.function);
  if (definition === undefined || definition.volatility === 'volatile' || node.function.startsWith('udf:')) return node;
  if (definition.strict && node.args.some(isNullConstant)) {
    return node.args.every((arg) => !isVolatile(arg, context.functions)) ? nullOf(node.type) : node;
  }
  if (definition.volatility === 'stable' && !context.foldStable) return node;
  return node.args.every((arg) => arg.kind === 'constant') ? foldConstant(node, context) : compareDates(node);
}

const DATE_COMPARISON = /^(<|<=|>|>=|=|<>)\(date,timestamp\)$/;
const DAY_MICROS = 86_400_000_000n;

/** date < timestamp at midnight, which `date '..' + interval '..'` gives, compares dates: ranges of chunks and generated code know those. */
function compareDates(node: Of<'call'>): Expression {
  const operator = DATE_COMPARISON.exec(node.function)?.[1];
  const [date, timestamp] = node.args;
  if (operator === undefined || date === undefined || timestamp?.kind !== 'constant') return node;
  const { value } = timestamp;
  if (
    typeof value !== 'bigint' ||
    value % DAY_MICROS !== 0n ||
    value / DAY_MICROS !== BigInt.asIntN(32, value / DAY_MICROS)
  )
    return node;
  const day: Expression = { kind: 'constant', type: DATE, value: Number(value / DAY_MICROS) };
  return { ...node, function: `${operator}(date,date)`, args: [date, day] };
}

function foldConstant(node: Expression, context: RuleContext): Expression {
  try {
    const folded = context.fold(node);
    return folded?.kind === 'constant' ? { ...folded, type: node.type } : node;
  } catch (error) {
    if (error instanceof SqlError) return node;
    throw error;
  }
}

function simplifyJunction(node: Of<'and' | 'or'>, context: RuleContext): Expression {
  const deciding = node.kind === 'or';
  const args: Expression[] = [];
  const known = new Set<string>();
  for (const arg of node.args.flatMap((one) => (one.kind === node.kind ? one.args : [one]))) {
    if (isConstant(arg, deciding)) return deciding ? TRUE : FALSE;
    if (isConstant(arg, !deciding)) continue;
    const size = known.size;
    if (!isVolatile(arg, context.functions) && known.add(expressionKey(arg)).size === size) continue;
    args.push(arg);
  }
  if (args.length === 0) return deciding ? FALSE : TRUE;
  if (args.length === 1) return args[0]!;
  return node.kind === 'or' ? factorOut({ ...node, args }, context) : { ...node, args };
}

/** (a and b) or (a and c) is a and (b or c): so that a can be a join condition or go down. */
function factorOut(node: Of<'and' | 'or'>, context: RuleContext): Expression {
  const branches = node.args.map((arg) => conjunctsOf(arg));
  const [first, ...others] = branches;
  const shared = first!.filter(
    (conjunct) =>
      !isVolatile(conjunct, context.functions) &&
      others.every((branch) => branch.some((other) => sameExpression(other, conjunct))),
  );
  if (shared.length === 0) return node;
  const rests = branches.map((branch) => branch.filter((c) => !shared.some((s) => sameExpression(s, c))));
  const all = (args: readonly Expression[]): Expression =>
    args.length === 1 ? args[0]! : { kind: 'and', type: BOOL, args };
  if (rests.some((rest) => rest.length === 0)) return all(shared);
  return all([...shared, { kind: 'or', type: BOOL, args: rests.map(all) }]);
}

function simplifyNot(node: Of<'not'>, context: RuleContext): Expression {
  const { arg } = node;
  if (isConstant(arg, true)) return FALSE;
  if (isConstant(arg, false)) return TRUE;
  if (isNullConstant(arg)) return nullOf(BOOL);
  if (arg.kind === 'not') return arg.arg;
  if (arg.kind === 'is-null' || arg.kind === 'in-list' || arg.kind === 'is-distinct')
    return { ...arg, negated: !arg.negated };
  if (arg.kind === 'call') return negateComparison(arg, context) ?? node;
  return node;
}

/** NOT (a < b) is a >= b, NULL where it was NULL. */
function negateComparison(call: Of<'call'>, context: RuleContext): Expression | null {
  const definition = context.functions.findScalar(call.function);
  if (definition?.negator === undefined || definition.operator === undefined) return null;
  const id = call.function.replace(definition.operator, definition.negator);
  return context.functions.findScalar(id) === undefined ? null : { ...call, function: id };
}

function simplifyIsNull(node: Of<'is-null'>): Expression {
  const { arg, negated } = node;
  if (arg.kind === 'constant') return (arg.value === null) !== negated ? TRUE : FALSE;
  // A row is null by its fields; only the expressions that never are can be decided.
  return arg.kind === 'is-null' || arg.kind === 'is-distinct' || arg.kind === 'array' ? (negated ? TRUE : FALSE) : node;
}

function simplifyCase(node: Of<'case'>): Expression {
  const branches: { readonly when: Expression; readonly then: Expression }[] = [];
  let otherwise = node.otherwise;
  for (const branch of node.branches) {
    if (isNeverTrue(branch.when)) continue;
    if (isConstant(branch.when, true)) {
      otherwise = branch.then;
      break;
    }
    branches.push(branch);
  }
  if (branches.length > 0) {
    const same = branches.length === node.branches.length && otherwise === node.otherwise;
    return same ? node : { ...node, branches, otherwise };
  }
  if (otherwise === null) return nullOf(node.type);
  return sameType(otherwise.type, node.type) ? otherwise : node;
}

function simplifyCoalesce(node: Of<'coalesce'>): Expression {
  const args: Expression[] = [];
  for (const arg of node.args) {
    if (isNullConstant(arg)) continue;
    args.push(arg);
    if (arg.kind === 'constant') break;
  }
  if (args.length === 0) return nullOf(node.type);
  if (args.length === 1 && sameType(args[0]!.type, node.type)) return args[0]!;
  return args.length === node.args.length ? node : { ...node, args };
}

/** x IN (y) is x = y. */
function simplifyInList(node: Of<'in-list'>): Expression {
  if (node.items.length !== 1 || node.negated) return node;
  return { kind: 'call', type: BOOL, function: node.equals, args: [node.arg, node.items[0]!] };
}

/**
 * Whether a NULL in one of these columns makes the condition NULL or false, so that rows padded by an outer join never pass.
 * Only shapes that are sure: strict calls, comparisons, IS NOT NULL, and their conjunctions and disjunctions.
 */
export function rejectsNull(condition: Expression, columns: ReadonlySet<number>, context: RuleContext): boolean {
  switch (condition.kind) {
    case 'and':
      return condition.args.some((arg) => rejectsNull(arg, columns, context));
    case 'or':
      return condition.args.every((arg) => rejectsNull(arg, columns, context));
    case 'is-null':
      return condition.negated && isNullFor(condition.arg, columns, context);
    default:
      return isNullFor(condition, columns, context);
  }
}

/** Whether the expression is NULL when all these columns are. */
export function isNullFor(expression: Expression, columns: ReadonlySet<number>, context: RuleContext): boolean {
  switch (expression.kind) {
    case 'column':
      return columns.has(expression.id);
    case 'call':
      return (
        context.functions.findScalar(expression.function)?.strict === true &&
        expression.args.some((arg) => isNullFor(arg, columns, context))
      );
    case 'not':
      return isNullFor(expression.arg, columns, context);
    case 'in-list':
      return isNullFor(expression.arg, columns, context) && expression.items.length > 0;
    case 'coalesce':
      return childExpressions(expression).every((arg) => isNullFor(arg, columns, context));
    default:
      return isNullConstant(expression);
  }
}
