// Builds the dataflow of a continuous query: one incremental operator per plan node, inputs first; what has no incremental form is
// recomputed over its arranged inputs. Sort order is the reader's business.

import { unreachable } from '../../base/unreachable.ts';
import type { Batch } from '../../columns/batch.ts';
import { sqlError } from '../../errors/sql-error.ts';
import type { BatchPlan } from '../../plan/batch.ts';
import type { Expression } from '../../plan/expression.ts';
import { sessionWindows } from '../../plan/session-windows.ts';
import { BOOL } from '../../types/sql-type.ts';
import { AggregateOperator } from './aggregate.ts';
import { inputScan, type RecomputeDoors } from './arranged-snapshot.ts';
import { checkFunctions } from './check-functions.ts';
import { ClosedGate, type ClosedTimes, closedTimes } from './closed-windows.ts';
import { DistinctOperator, SetOperator } from './distinct.ts';
import { eventTimes, type WatermarkAttribute, windowEnd } from './event-times.ts';
import { type JoinDefinition, JoinOperator } from './join.ts';
import { joinExpiry } from './join-bounds.ts';
import { FilterOperator, PassOperator, ProjectOperator } from './linear.ts';
import { type Flow, type JobContext, type Operator, Outlet, type Work } from './operator.ts';
import { PartitionRecomputeOperator } from './partition-recompute.ts';
import { ProjectSetOperator } from './project-set.ts';
import { RecomputeOperator } from './recompute.ts';
import { TopNOperator } from './top-n.ts';
import { WindowAssignOperator } from './window-assign.ts';
import type { WindowEnd } from './window-close.ts';

/** One scan of a relation: the job pushes batches of the asked-for attributes. */
export interface Source {
  readonly relation: number;
  readonly attributes: readonly number[];
  push(batch: Batch): Work;
}

export interface SourceFacts {
  /** a stream: rows never leave */
  appendOnly(relation: number): boolean;
  readonly watermark: WatermarkAttribute;
  /** the watermark is exact: late rows are no part of the stream */
  exact(relation: number): boolean;
}

export interface Dataflow {
  readonly sources: readonly Source[];
  /** inputs before the operators that read them */
  readonly operators: readonly Operator[];
  /** in front of operators that forget closed windows; to be advanced with them */
  readonly gates: readonly ClosedGate[];
  readonly flow: Flow;
  /** plan kinds that are recomputed at each step, for EXPLAIN and headrace.queries */
  readonly recomputed: readonly string[];
}

/** `end`: what the result's windows close by, where each of its rows goes out once, then. */
export function buildDataflow(
  context: JobContext,
  plan: BatchPlan,
  facts: SourceFacts,
  doors: RecomputeDoors,
  end: WindowEnd | null,
): Dataflow {
  checkFunctions(
    plan,
    context.functions,
    scansOf(plan).every((relation) => facts.appendOnly(relation)),
  );
  const builder = new DataflowBuilder(context, facts, doors, closedTimes(plan, end));
  const flow = builder.build(plan);
  const { sources, operators, gates, recomputed } = builder;
  return { sources, operators, gates, flow, recomputed };
}

type Join = Extract<BatchPlan, { kind: 'hash-join' | 'nested-loop-join' }>;

class DataflowBuilder {
  readonly sources: Source[] = [];
  readonly operators: Operator[] = [];
  readonly recomputed: string[] = [];
  readonly gates: ClosedGate[] = [];
  private readonly closed: ClosedTimes;
  private readonly context: JobContext;
  private readonly facts: SourceFacts;
  private readonly doors: RecomputeDoors;
  private readonly ctes = new Map<number, Flow>();

  constructor(context: JobContext, facts: SourceFacts, doors: RecomputeDoors, closed: ClosedTimes) {
    this.closed = closed;
    this.context = context;
    this.facts = facts;
    this.doors = doors;
  }

  build(plan: BatchPlan): Flow {
    switch (plan.kind) {
      case 'table-scan':
        return this.scan(plan);
      case 'index-lookup':
        return this.scan(plan.scan);
      case 'filter':
        return this.linear(plan, plan.input, (outlet) => new FilterOperator(this.context, outlet, plan.condition));
      case 'project':
        return this.linear(plan, plan.input, (outlet) => new ProjectOperator(this.context, outlet, plan.expressions));
      case 'project-set':
        return this.linear(plan, plan.input, (outlet) => new ProjectSetOperator(this.context, outlet, plan));
      case 'window-assign': {
        const { window } = plan;
        if (window.kind === 'session') return this.session(plan);
        return this.linear(
          plan,
          plan.input,
          (outlet) => new WindowAssignOperator(this.context, outlet, plan.types, window, plan.time),
        );
      }
      case 'sort':
        return this.build(plan.input);
      case 'union-all': {
        const inputs = plan.inputs.map((input) => this.build(input));
        return this.operator(plan, inputs, inputs.every((input) => input.appendOnly), (outlet) => new PassOperator(outlet)); // biome-ignore format: one line
      }
      case 'aggregate':
        return plan.groupingSets === null ? this.aggregate(plan) : this.byPartition(plan, []);
      case 'distinct-on':
        return this.distinct(plan);
      case 'set-difference': {
        const inputs = [this.input(plan.left), this.input(plan.right)];
        const { types, operation, all } = plan;
        const end = this.closed.get(plan) ?? null;
        return this.operator(plan, inputs, false, (outlet) => new SetOperator(this.context, outlet, types, operation, all, end)); // biome-ignore format: one line
      }
      case 'hash-join':
      case 'nested-loop-join':
        return this.join(plan);
      case 'cte':
        this.ctes.set(plan.id, this.build(plan.definition));
        return this.build(plan.body);
      case 'cte-scan':
        return this.ctes.get(plan.id) ?? unknownCte(plan.name);
      case 'top-n':
        return plan.withTies ? this.byPartition(plan, []) : this.topN(plan);
      case 'limit':
        return this.limit(plan);
      case 'single-check':
        return this.byPartition(plan, []);
      case 'window':
        return this.byPartition(plan, plan.partitionBy);
      case 'udf-project':
        return this.byPartition(plan, plan.input.types.map((type, index) => ({ kind: 'input', type, index }))); // biome-ignore format: one call
      case 'values':
      case 'table-function-scan':
        return this.recompute(plan, [], plan);
      case 'apply':
      case 'recursive-cte':
        return this.recomputeWhole(plan);
      default:
        return unreachable(plan);
    }
  }

  /** The input of a node that keeps rows: changes of what it has forgotten, because its windows have closed, stop before it. */
  private input(plan: BatchPlan): Flow {
    const flow = this.build(plan);
    const end = this.closed.get(plan);
    if (end === undefined || flow.appendOnly) return flow;
    const outlet = new Outlet();
    const gate = new ClosedGate(this.context, outlet, end);
    flow.outlet.to(gate, 0);
    this.gates.push(gate);
    return { ...flow, outlet };
  }

  private operator(
    plan: BatchPlan,
    inputs: readonly Flow[],
    appendOnly: boolean,
    make: (outlet: Outlet) => Operator,
  ): Flow {
    const outlet = new Outlet();
    const operator = make(outlet);
    inputs.forEach((input, port) => {
      input.outlet.to(operator, port);
    });
    this.operators.push(operator);
    return { outlet, types: plan.types, appendOnly };
  }

  private linear(plan: BatchPlan, child: BatchPlan, make: (outlet: Outlet) => Operator): Flow {
    const input = this.build(child);
    return this.operator(plan, [input], input.appendOnly, make);
  }

  private scan(plan: Extract<BatchPlan, { kind: 'table-scan' }>): Flow {
    if (plan.attributes.includes(0))
      throw sqlError('feature_not_supported', 'row identifiers are not supported in continuous queries');
    const outlet = new Outlet();
    const { relation, attributes } = plan;
    this.sources.push({ relation, attributes, push: (batch) => outlet.emit(batch) });
    const flow: Flow = { outlet, types: plan.types, appendOnly: this.facts.appendOnly(relation) };
    const [first, ...rest] = plan.filters;
    if (first === undefined) return flow;
    const condition: Expression =
      rest.length === 0 ? first : { kind: 'and', type: { name: 'bool' }, args: plan.filters };
    return this.operator(plan, [flow], flow.appendOnly, (out) => new FilterOperator(this.context, out, condition));
  }

  private aggregate(plan: Extract<BatchPlan, { kind: 'aggregate' }>): Flow {
    const input = this.input(plan.input);
    let end = this.closed.has(plan.input) ? (this.closed.get(plan) ?? null) : null;
    if (this.forgets(input, plan.input)) {
      const times = eventTimes(plan, this.facts.watermark);
      end = windowEnd({ ...times, roles: times.roles.slice(0, plan.groupBy.length) }) ?? end;
    }
    return this.operator(plan, [input], false, (outlet) => {
      return new AggregateOperator(this.context, outlet, plan.groupBy, plan.aggregates, input.appendOnly, end);
    });
  }

  private distinct(plan: Extract<BatchPlan, { kind: 'distinct-on' }>): Flow {
    const keys = new Set(plan.keys.map((key) => (key.kind === 'input' ? key.index : -1)));
    const whole = plan.types.every((_, i) => keys.has(i));
    if (!whole) return this.byPartition(plan, plan.keys);
    const input = this.input(plan.input);
    const exact = this.forgets(input, plan.input) ? windowEnd(eventTimes(plan.input, this.facts.watermark)) : null;
    const end = exact ?? this.closed.get(plan.input) ?? null;
    return this.operator(
      plan,
      [input],
      input.appendOnly,
      (outlet) => new DistinctOperator(this.context, outlet, plan.types, end),
    );
  }

  private join(plan: Join): Flow {
    const { type } = plan;
    if (type === 'null-aware-anti') return this.notIn(plan);
    const inputs = [this.input(plan.left), this.input(plan.right)];
    const hash = plan.kind === 'hash-join';
    const residual = hash ? plan.residual : plan.condition;
    const never = { left: null, right: null };
    const bounded = inputs.every((input, i) => this.forgets(input, i === 0 ? plan.left : plan.right));
    const times = (input: BatchPlan) => eventTimes(input, this.facts.watermark);
    const expiry = !bounded
      ? never
      : joinExpiry(
          times(plan.left),
          times(plan.right),
          hash ? plan.leftKeys : [],
          hash ? plan.rightKeys : [],
          residual,
        );
    const definition = {
      type,
      leftTypes: plan.left.types,
      rightTypes: plan.right.types,
      leftKeys: hash ? plan.leftKeys : [],
      rightKeys: hash ? plan.rightKeys : [],
      nullsEqual: hash ? plan.nullsEqual : [],
      residual,
      expiry,
      closed: { left: this.closed.get(plan.left) ?? null, right: this.closed.get(plan.right) ?? null },
    };
    const appendOnly = type === 'inner' && inputs.every((input) => input.appendOnly);
    return this.operator(plan, inputs, appendOnly, (outlet) => new JoinOperator(this.context, outlet, definition));
  }

  /**
   * x NOT IN (y, ...): an anti join by x = y, then one with no keys that takes the rest away where a y is NULL, and rows whose x is NULL where
   * there is any y. The right side of that one is DISTINCT y IS NULL, two rows at most; where they change, all left rows are looked at.
   */
  private notIn(plan: Join): Flow {
    const [x, y] = plan.kind === 'hash-join' && plan.residual === null ? [plan.leftKeys, plan.rightKeys] : [[], []];
    if (x.length !== 1) {
      const [left, right] = [scanOf(plan.left, 0), scanOf(plan.right, 1)];
      return this.recompute(plan, [plan.left, plan.right], { ...plan, left, right });
    }
    const [left, right] = [this.input(plan.left), this.build(plan.right)];
    const isNull = (arg: Expression): Expression => ({ kind: 'is-null', type: BOOL, arg, negated: false });
    const closed = { left: this.closed.get(plan.left) ?? null, right: null };
    const anti: JoinDefinition = {
      type: 'anti', leftTypes: plan.left.types, rightTypes: plan.right.types, leftKeys: x, rightKeys: y, nullsEqual: [false],
      residual: null, expiry: { left: null, right: null }, closed,
    }; // biome-ignore format: one join
    const unlike = this.operator(plan, [left, right], false, (outlet) => new JoinOperator(this.context, outlet, anti));
    const nulls = this.operator(plan, [right], false, (outlet) => new ProjectOperator(this.context, outlet, [isNull(y[0]!)])); // biome-ignore format: one line
    const kinds = this.operator(plan, [nulls], false, (outlet) => new DistinctOperator(this.context, outlet, [BOOL], null)); // biome-ignore format: one line
    const isAny: Expression = { kind: 'input', type: BOOL, index: plan.left.types.length };
    const residual: Expression = { kind: 'or', type: BOOL, args: [isAny, isNull(x[0]!)] };
    const rest: JoinDefinition = { ...anti, rightTypes: [BOOL], leftKeys: [], rightKeys: [], nullsEqual: [], residual };
    return this.operator(plan, [unlike, kinds], false, (outlet) => new JoinOperator(this.context, outlet, rest));
  }

  private topN(plan: Extract<BatchPlan, { kind: 'top-n' }>): Flow {
    const input = this.build(plan.input);
    return this.operator(plan, [input], false, (outlet) => {
      return new TopNOperator(this.context, outlet, plan, input.appendOnly, this.doors);
    });
  }

  /** OFFSET, and LIMIT that is no top-n, cut what the sort below puts in order, so that is run with it. */
  private limit(plan: Extract<BatchPlan, { kind: 'limit' }>): Flow {
    const below = belowOrder(plan.input);
    if (below === null) return this.byPartition(plan, []);
    const input = this.build(below);
    this.recomputed.push(plan.kind);
    return this.partitioned(plan, input, { ...plan, input: overScan(plan.input, below) }, [], null);
  }

  /** A node whose result for a row depends on the rows with the same keys only. */
  private byPartition(plan: Extract<BatchPlan, { readonly input: BatchPlan }>, keys: readonly Expression[]): Flow {
    const keeps = plan.kind === 'window' || plan.kind === 'udf-project';
    const input = keeps ? this.input(plan.input) : this.build(plan.input);
    if (keys.length === 0) this.recomputed.push(plan.kind);
    let expiry = (keeps && this.closed.get(plan.input)) || null;
    if (this.forgets(input, plan.input) && plan.kind === 'window') {
      const times = eventTimes(plan.input, this.facts.watermark);
      const isKey = (index: number) => keys.some((key) => key.kind === 'input' && key.index === index);
      expiry = windowEnd({ ...times, roles: times.roles.map((role, i) => (isKey(i) ? role : null)) }) ?? expiry;
    }
    return this.partitioned(plan, input, { ...plan, input: scanOf(plan.input, 0) }, keys, expiry);
  }

  private session(plan: Extract<BatchPlan, { kind: 'window-assign' }>): Flow {
    const input = this.build(plan.input);
    const expiry = this.forgets(input, plan.input) ? windowEnd(eventTimes(plan, this.facts.watermark)) : null;
    const run = sessionWindows({ ...plan, input: scanOf(plan.input, 0) });
    return this.partitioned(plan, input, run, plan.partitionBy, expiry);
  }

  private partitioned(
    plan: BatchPlan,
    input: Flow,
    run: BatchPlan,
    keys: readonly Expression[],
    expiry: WindowEnd | null,
  ): Flow {
    const definition = { plan: run, inputTypes: input.types, keys, expiry };
    return this.operator(
      plan,
      [input],
      false,
      (outlet) => new PartitionRecomputeOperator(this.context, outlet, definition, this.doors),
    );
  }

  /** Whether nothing of a closed window can change any more: no row leaves, none comes late. */
  private forgets(input: Flow, plan: BatchPlan): boolean {
    return input.appendOnly && scansOf(plan).every((relation) => this.facts.exact(relation));
  }

  /** `run`: the node over scans of its arranged inputs. */
  private recompute(plan: BatchPlan, children: readonly BatchPlan[], run: BatchPlan): Flow {
    const inputs = children.map((child) => this.build(child));
    this.recomputed.push(plan.kind);
    const types = inputs.map((input) => input.types);
    return this.operator(
      plan,
      inputs,
      false,
      (outlet) => new RecomputeOperator(this.context, outlet, run, types, this.doors),
    );
  }

  /** A whole subtree: its scans, of relations and of CTEs around it, are the inputs. */
  private recomputeWhole(plan: BatchPlan): Flow {
    const leaves: BatchPlan[] = [];
    const inner = new Set<number>();
    const run = replaceLeaves(plan, inner, (leaf) => {
      leaves.push(leaf);
      return scanOf(leaf, leaves.length - 1);
    });
    return this.recompute(plan, leaves, run);
  }
}

/** The input of the sort or top-n that orders a plan's rows, or null. */
function belowOrder(plan: BatchPlan): BatchPlan | null {
  switch (plan.kind) {
    case 'sort':
    case 'top-n':
      return plan.input;
    case 'project':
    case 'filter':
    case 'project-set':
      return belowOrder(plan.input);
    default:
      return null;
  }
}

/** The plan over a scan in the place of `below`. */
function overScan(plan: BatchPlan, below: BatchPlan): BatchPlan {
  if (plan === below) return scanOf(below, 0);
  return 'input' in plan ? { ...plan, input: overScan(plan.input, below) } : plan;
}

function scanOf(plan: BatchPlan, port: number): BatchPlan {
  return inputScan(port, plan.types, plan.names);
}

function unknownCte(name: string): never {
  throw new Error(`cte ${name} is read before it is built`);
}

/** Replaces table scans and scans of CTEs that are defined outside. */
function replaceLeaves(plan: BatchPlan, inner: Set<number>, leaf: (plan: BatchPlan) => BatchPlan): BatchPlan {
  const into = (child: BatchPlan) => replaceLeaves(child, inner, leaf);
  switch (plan.kind) {
    case 'table-scan': {
      // Filters may speak of an apply's left row, so they stay with the plan that is run again.
      if (plan.filters.length === 0) return leaf(plan);
      const condition: Expression = { kind: 'and', type: { name: 'bool' }, args: plan.filters };
      const input = leaf({ ...plan, filters: [] });
      const { types, names, rows } = plan;
      return {
        kind: 'filter',
        types,
        names,
        rows,
        input,
        condition: plan.filters.length === 1 ? plan.filters[0]! : condition,
      };
    }
    case 'index-lookup':
      return into(plan.scan);
    case 'cte-scan':
      return inner.has(plan.id) ? plan : leaf(plan);
    case 'values':
    case 'table-function-scan':
      return plan;
    case 'hash-join':
    case 'nested-loop-join':
    case 'set-difference':
    case 'apply':
      return { ...plan, left: into(plan.left), right: into(plan.right) };
    case 'union-all':
      return { ...plan, inputs: plan.inputs.map(into) };
    case 'cte':
      inner.add(plan.id);
      return { ...plan, definition: into(plan.definition), body: into(plan.body) };
    case 'recursive-cte':
      inner.add(plan.id);
      return { ...plan, base: into(plan.base), step: into(plan.step) };
    default:
      return { ...plan, input: into(plan.input) };
  }
}

/** Relations that the plan scans. */
export function scansOf(plan: BatchPlan): number[] {
  const found: number[] = [];
  replaceLeaves(plan, new Set(), (leaf) => {
    if (leaf.kind === 'table-scan') found.push(leaf.relation);
    return leaf;
  });
  return found;
}
