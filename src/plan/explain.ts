// EXPLAIN: plans as PostgreSQL prints them, a tree of titles with "(cost=.. rows=.. width=..)", indented with arrows, details
// (conditions, keys, filters) below each title; the same tree as JSON; and what each operator really did, for ANALYZE.
import { PHYSICAL_WIDTH, physicalOf, type SqlType } from '../types/sql-type.ts';
import type { BatchPlan, ModifyPlan } from './batch.ts';
import { describeBatch, type ExplainStyle } from './explain-batch.ts';
import { describeLogical } from './explain-logical.ts';
import type { LogicalPlan } from './logical.ts';

/** What EXPLAIN says of one node. */
export interface PlanDescription {
  readonly title: string;
  /** a list is an array in JSON */
  readonly details: readonly (readonly [label: string, text: string | number | readonly string[]])[];
}

/** What an operator did; milliseconds include the operators below. */
export interface OperatorActuals {
  readonly rows: number;
  readonly batches: number;
  readonly milliseconds: number;
  /** before its first rows */
  readonly firstMilliseconds: number;
  /** rows that its own filter took out */
  readonly removed: number;
  /** how it was done, where that shows only when it runs */
  readonly details?: readonly (readonly [label: string, text: string])[];
}
export type Actuals = ReadonlyMap<BatchPlan, OperatorActuals>;

interface Tree extends PlanDescription {
  readonly figures: string;
  readonly json: Readonly<Record<string, unknown>>;
  readonly inputs: readonly Tree[];
}

/** The logical plan, without figures. */
export function explainLogical(plan: LogicalPlan): string[] {
  return render(logicalTree(plan));
}

/** What is said besides the plan itself. */
export interface ExplainSettings extends Omit<ExplainStyle, 'qualified'> {
  /** what each operator did: ANALYZE */
  readonly actuals?: Actuals;
  /** false: no estimates */
  readonly costs?: boolean;
  /** false: no times of operators */
  readonly timing?: boolean;
}

const NEVER = ' (never executed)';

/** The batch plan with estimates and, given actuals, what each operator did. */
export function explainBatch(plan: BatchPlan | ModifyPlan, settings: ExplainSettings = {}): string[] {
  return render(batchTree(plan, withNames(plan, settings)));
}

/** PostgreSQL's FORMAT JSON: Node Type, Plan Rows, Plan Width, Plans ... */
export function explainJson(
  plan: BatchPlan | ModifyPlan,
  settings: ExplainSettings = {},
): Readonly<Record<string, unknown>> {
  return json(batchTree(plan, withNames(plan, settings)));
}

type Settings = ExplainSettings & ExplainStyle;

/** Columns are shown with their tables where there is more than one. */
function withNames(plan: BatchPlan | ModifyPlan, settings: ExplainSettings): Settings {
  return { ...settings, qualified: settings.verbose === true || countTables(isModify(plan) ? plan.input : plan) > 1 };
}

function countTables(plan: BatchPlan): number {
  const own = plan.kind === 'table-scan' || plan.kind === 'index-lookup' || plan.kind === 'cte-scan' ? 1 : 0;
  return describeBatch(plan).inputs.reduce((sum, input) => sum + countTables(input), own);
}

function logicalTree(plan: LogicalPlan): Tree {
  const { description, inputs } = describeLogical(plan);
  return { ...description, figures: '', json: {}, inputs: inputs.map(logicalTree) };
}

function isModify(plan: BatchPlan | ModifyPlan): plan is ModifyPlan {
  return plan.kind === 'insert' || plan.kind === 'update' || plan.kind === 'delete';
}

function batchTree(plan: BatchPlan | ModifyPlan, settings: Settings): Tree {
  if (isModify(plan)) {
    const name = settings.relation?.(plan.relation) ?? `relation ${plan.relation}`;
    const title = `${plan.kind[0]!.toUpperCase()}${plan.kind.slice(1)} on ${name}`;
    const rows = plan.returning.expressions.length > 0 ? plan.input.rows : 0;
    const shown = estimates(plan.input, rows, plan.returning.types, settings);
    return { title, details: [], ...shown, inputs: [batchTree(plan.input, settings)] };
  }
  // columns are only put in another order
  if (plan.kind === 'project' && settings.verbose !== true && plan.expressions.every((e) => e.kind === 'input')) {
    return batchTree(plan.input, settings);
  }
  const { description, inputs } = describeBatch(plan, settings);
  const { figures, json } = estimates(plan, plan.rows, plan.types, settings);
  const { actuals } = settings;
  const actual = actuals?.get(plan);
  const children = inputs.map((input) => batchTree(input, settings));
  if (actuals === undefined) return { ...description, figures, json, inputs: children };
  if (actual === undefined) return { ...description, figures: `${figures}${NEVER}`, json, inputs: children };
  const [start, time] = [actual.firstMilliseconds, actual.milliseconds].map((each) => each.toFixed(3));
  const measured = {
    ...(settings.timing === false ? {} : { 'Actual Startup Time': Number(start), 'Actual Total Time': Number(time) }),
    'Actual Rows': actual.rows,
    'Actual Loops': 1,
  };
  return {
    ...description,
    details: [...description.details.flatMap(withRemoved(plan, actual, actuals)), ...(actual.details ?? [])],
    figures: `${figures} (actual ${settings.timing === false ? '' : `time=${start}..${time} `}rows=${actual.rows} loops=1)`,
    json: { ...json, ...measured },
    inputs: actual.details === undefined ? children : children.map(ranInside),
  };
}

type Detail = PlanDescription['details'][number];

/** What a filter took out, below it. */
function withRemoved(
  plan: BatchPlan,
  actual: OperatorActuals,
  actuals: Actuals,
): (detail: Detail) => readonly Detail[] {
  const below = plan.kind === 'filter' ? actuals.get(plan.input) : undefined;
  const removed = below === undefined ? actual.removed : below.rows - actual.rows;
  return (detail) => (detail[0] === 'Filter' && removed > 0 ? [detail, ['Rows Removed by Filter', removed]] : [detail]);
}

/** Operators below one that did their work itself. */
function ranInside(tree: Tree): Tree {
  const figures = tree.figures.replace(NEVER, ' (within the operator above)');
  return { ...tree, figures, inputs: tree.inputs.map(ranInside) };
}

function estimates(plan: BatchPlan, rows: number, types: readonly SqlType[], { costs }: Settings) {
  if (costs === false) return { figures: '', json: {} };
  const width = types.reduce((sum, type) => sum + PHYSICAL_WIDTH[physicalOf(type)], 0);
  const cost = costOf(plan).toFixed(2);
  const whole = Math.max(plan.kind === 'values' ? 0 : 1, Math.round(rows));
  const figures = `  (cost=0.00..${cost} rows=${whole} width=${width})`;
  return { figures, json: { 'Startup Cost': 0, 'Total Cost': Number(cost), 'Plan Rows': whole, 'Plan Width': width } };
}

/** Rows touched, in hundredths: enough to compare plans with. */
function costOf(plan: BatchPlan): number {
  const { inputs } = describeBatch(plan);
  const pairs = plan.kind === 'nested-loop-join' ? plan.left.rows * plan.right.rows : 0;
  return inputs.reduce((sum, input) => sum + costOf(input), plan.rows * 0.01 + pairs * 0.0025);
}

function render(root: Tree): string[] {
  const lines: string[] = [];
  const visit = (tree: Tree, depth: number): void => {
    const indent = depth === 0 ? '' : `${' '.repeat(depth * 6 - 4)}->  `;
    lines.push(`${indent}${tree.title}${tree.figures}`);
    const below = ' '.repeat(depth * 6 + 2);
    for (const [label, text] of tree.details) {
      lines.push(`${below}${label}: ${typeof text !== 'object' ? text : text.join(', ')}`);
    }
    for (const input of tree.inputs) visit(input, depth + 1);
  };
  visit(root, 0);
  return lines;
}

function json(tree: Tree): Readonly<Record<string, unknown>> {
  const [node = '', on] = tree.title.split(' on ');
  const [relation, alias = relation] = on?.split(' ') ?? [];
  return {
    'Node Type': node,
    ...(relation === undefined ? {} : { 'Relation Name': relation, Alias: alias }),
    ...tree.json,
    ...Object.fromEntries(tree.details),
    ...(tree.inputs.length === 0 ? {} : { Plans: tree.inputs.map(json) }),
  };
}
