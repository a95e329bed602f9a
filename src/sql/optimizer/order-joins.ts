// The order of inner joins: a tree of them is taken apart into its relations and conditions and put together again so that the
// estimated intermediate results are smallest (the sum of their rows, C_out): by dynamic programming over connected subsets up to
// 9 relations, greedily beyond. Cross products only where no condition connects two parts. The larger side goes left, because the
// right side of a hash join is the one that is built.
import type { Expression } from '../../plan/expression.ts';
import type { LogicalPlan } from '../../plan/logical.ts';
import { childPlans, columnsIn, withChildren } from '../../plan/walk.ts';
import { conjunctsOf } from '../../plan/walk-expression.ts';
import { filterOf, joinOf, select } from './build-plan.ts';
import { baseRows, estimatePlan, selectivityOf, valuesOf } from './estimate-plan.ts';
import { isEquality, isVolatile } from './expression-facts.ts';
import type { Rule, RuleContext } from './rule.ts';

const MAX_EXHAUSTIVE = 9;
/** A bit per relation in a 32-bit mask. */
const MAX_RELATIONS = 30;

export const ORDER_JOINS: Rule = {
  name: 'order-joins',
  reason:
    'joining in the order of FROM may build huge intermediate results or cross products that another order avoids',
  apply: order,
};

function order(plan: LogicalPlan, context: RuleContext): LogicalPlan {
  if (plan.kind === 'join' && plan.type === 'inner') {
    const parts: LogicalPlan[] = [];
    const conditions: Expression[] = [];
    takeApart(plan, parts, conditions, context);
    const inputs = parts.map((part) => order(part, context));
    if (inputs.length > 1 && inputs.length <= MAX_RELATIONS) {
      return select(new JoinOrder(inputs, conditions, context).best(), plan.columns);
    }
  }
  return withChildren(
    plan,
    childPlans(plan).map((input) => order(input, context)),
  );
}

function takeApart(plan: LogicalPlan, parts: LogicalPlan[], conditions: Expression[], context: RuleContext): void {
  const movable = (condition: Expression | null) =>
    conjunctsOf(condition).every((c) => !isVolatile(c, context.functions));
  if (plan.kind === 'join' && plan.type === 'inner' && movable(plan.condition)) {
    conditions.push(...conjunctsOf(plan.condition));
    takeApart(plan.left, parts, conditions, context);
    takeApart(plan.right, parts, conditions, context);
  } else parts.push(plan);
}

interface Edge {
  readonly condition: Expression;
  /** relations it reads */
  readonly mask: number;
  selectivity: number;
}

interface Joined {
  readonly mask: number;
  readonly rows: number;
  /** sum of the rows of all intermediate results */
  readonly cost: number;
  readonly plan: LogicalPlan;
}

class JoinOrder {
  private readonly leaves: readonly Joined[];
  private readonly edges: readonly Edge[];

  constructor(inputs: readonly LogicalPlan[], conditions: readonly Expression[], context: RuleContext) {
    const owner = new Map<number, number>();
    for (const [i, input] of inputs.entries()) for (const column of input.columns) owner.set(column.id, i);
    const edges = conditions.map((condition) => {
      let mask = 0;
      for (const id of columnsIn(condition)) mask |= owner.has(id) ? 1 << owner.get(id)! : 0;
      return { condition, mask, selectivity: selectivityOf(condition) };
    });
    const keys = new Map<number, Edge[]>();
    for (const edge of edges) {
      if (!isEquality(edge.condition) || countBits(edge.mask) !== 2) continue;
      keys.set(edge.mask, [...(keys.get(edge.mask) ?? []), edge]);
    }
    for (const parts of keys.values()) {
      for (const [i, edge] of parts.entries())
        edge.selectivity = i > 0 ? 1 : keySelectivity(parts, owner, inputs, context);
    }
    this.edges = edges;
    this.leaves = inputs.map((plan, i) => {
      const mask = 1 << i;
      const own = this.edges.filter((edge) => edge.mask === mask);
      const local = filterOf(
        plan,
        own.map((edge) => edge.condition),
      );
      return { mask, rows: estimatePlan(local, context), cost: 0, plan: local };
    });
  }

  best(): LogicalPlan {
    const components = this.components().map((leaves) =>
      leaves.length <= MAX_EXHAUSTIVE ? this.exhaustive(leaves) : this.greedy(leaves),
    );
    // What no condition connects is multiplied, smallest first.
    components.sort((a, b) => a.rows - b.rows);
    const all = components.reduce((left, right) => this.join(left, right));
    // Conditions over no relation at all (constants, outer columns) hold or fail for the whole tree.
    return filterOf(
      all.plan,
      this.edges.filter((edge) => edge.mask === 0).map((edge) => edge.condition),
    );
  }

  private components(): Joined[][] {
    const rest = new Set(this.leaves);
    const result: Joined[][] = [];
    for (const start of this.leaves) {
      if (!rest.delete(start)) continue;
      const component = [start];
      let mask = start.mask;
      for (let grown = true; grown; ) {
        grown = false;
        for (const leaf of rest) {
          if (!this.edges.some((edge) => (edge.mask & mask) !== 0 && (edge.mask & leaf.mask) !== 0)) continue;
          component.push(leaf);
          mask |= leaf.mask;
          rest.delete(leaf);
          grown = true;
        }
      }
      result.push(component);
    }
    return result;
  }

  /** Edges that become checkable when the two parts meet. */
  private between(a: number, b: number): Edge[] {
    const both = a | b;
    return this.edges.filter((edge) => (edge.mask & a) !== 0 && (edge.mask & b) !== 0 && (edge.mask & ~both) === 0);
  }

  private join(a: Joined, b: Joined): Joined {
    const edges = this.between(a.mask, b.mask);
    const rows = Math.max(
      1,
      edges.reduce((left, edge) => left * edge.selectivity, a.rows * b.rows),
    );
    const [left, right] = a.rows >= b.rows ? [a, b] : [b, a];
    const conditions = edges.map((edge) => edge.condition);
    return {
      mask: a.mask | b.mask,
      rows,
      cost: a.cost + b.cost + rows,
      plan: { ...joinOf('inner', left.plan, right.plan, conditions), rows },
    };
  }

  /** Best tree of every connected subset, from its splits into two connected parts. */
  private exhaustive(leaves: readonly Joined[]): Joined {
    const n = leaves.length;
    const best: (Joined | undefined)[] = new Array(1 << n);
    for (const [i, leaf] of leaves.entries()) best[1 << i] = leaf;
    for (let subset = 1; subset < 1 << n; subset++) {
      if (best[subset] !== undefined) continue;
      let chosen: Joined | undefined;
      for (let part = (subset - 1) & subset; part > 0; part = (part - 1) & subset) {
        const other = subset ^ part;
        if (part < other) break; // every split once
        const a = best[part];
        const b = best[other];
        if (a === undefined || b === undefined || this.between(a.mask, b.mask).length === 0) continue;
        const joined = this.join(a, b);
        if (chosen === undefined || joined.cost < chosen.cost) chosen = joined;
      }
      best[subset] = chosen;
    }
    return best[(1 << n) - 1] ?? this.greedy(leaves);
  }

  /** Always the pair with the smallest result, connected pairs first. */
  private greedy(leaves: readonly Joined[]): Joined {
    const parts = [...leaves];
    while (parts.length > 1) {
      let chosen: { a: Joined; b: Joined; joined: Joined; connected: boolean } | undefined;
      for (const [i, a] of parts.entries()) {
        for (const b of parts.slice(i + 1)) {
          const connected = this.between(a.mask, b.mask).length > 0;
          if (chosen?.connected === true && !connected) continue;
          const joined = this.join(a, b);
          if (chosen === undefined || (connected && !chosen.connected) || joined.rows < chosen.joined.rows) {
            chosen = { a, b, joined, connected };
          }
        }
      }
      const { a, b, joined } = chosen!;
      parts.splice(parts.indexOf(a), 1);
      parts.splice(parts.indexOf(b), 1, joined);
    }
    return parts[0]!;
  }
}

/**
 * The part of all pairs in which equalities between two relations hold: one by the number of values of the key that has more; several
 * are mostly the parts of a key of one side, so they have as many values as the smaller side has rows.
 */
function keySelectivity(
  parts: readonly Edge[],
  owner: ReadonlyMap<number, number>,
  inputs: readonly LogicalPlan[],
  context: RuleContext,
): number {
  const sides = new Map<number, number>();
  for (const { condition } of parts) {
    for (const arg of condition.kind === 'call' ? condition.args : []) {
      const [id] = columnsIn(arg);
      const side = id === undefined ? undefined : owner.get(id);
      if (id === undefined || side === undefined) continue;
      const input = inputs[side]!;
      const values = arg.kind === 'column' ? valuesOf(input, id, context) : baseRows(input, context);
      sides.set(side, Math.min((sides.get(side) ?? 1) * values, baseRows(input, context)));
    }
  }
  const counts = [...sides.values()];
  return 1 / Math.max(1, parts.length === 1 ? Math.max(...counts) : Math.min(...counts));
}

function countBits(mask: number): number {
  let count = 0;
  for (let rest = mask; rest !== 0; rest &= rest - 1) count++;
  return count;
}
