// What EXPLAIN says of each batch operator: PostgreSQL's node names where it has them. Input positions are shown by the
// names of the columns they come from (explain-names.ts).
import type { BatchPlan } from './batch.ts';
import type { PlanDescription } from './explain.ts';
import { aggregateText, expressionText, functionName, type Namer, sortKeyText } from './explain-expression.ts';
import { inputNamer, outputName } from './explain-names.ts';
import type { Expression } from './expression.ts';
import type { JoinType, TableFunctionCall } from './logical.ts';

export interface Described<P> {
  readonly description: PlanDescription;
  readonly inputs: readonly P[];
}

type Detail = PlanDescription['details'][number];

/** How much EXPLAIN says, and what the plan itself does not know. */
export interface ExplainStyle {
  /** columns with their tables */
  readonly qualified?: boolean;
  /** what each operator puts out */
  readonly verbose?: boolean;
  /** a relation's name; with `verbose`, with its schema */
  readonly relation?: (oid: number) => string | undefined;
}

const JOINS: Readonly<Record<JoinType, string>> = {
  inner: '',
  left: ' Left',
  right: ' Right',
  full: ' Full',
  semi: ' Semi',
  anti: ' Anti',
  'null-aware-anti': ' Null-Aware Anti',
};

export const joinTitle = (algorithm: string, type: JoinType): string => {
  if (type === 'inner') return algorithm === 'Hash' ? 'Hash Join' : algorithm;
  return `${algorithm}${JOINS[type]} Join`;
};

const texts = (expressions: readonly Expression[], name: Namer): string[] =>
  expressions.map((e) => expressionText(e, name));

const list = (expressions: readonly Expression[], name: Namer): string => texts(expressions, name).join(', ');

const detail = (label: string, expression: Expression | null, name: Namer): Detail[] =>
  expression === null ? [] : [[label, expressionText(expression, name)]];

const filters = (expressions: readonly Expression[], name: Namer): Detail[] =>
  expressions.length === 0 ? [] : [['Filter', expressions.map((e) => expressionText(e, name)).join(' AND ')]];

export const functionText = (call: TableFunctionCall, name: Namer): string =>
  `${functionName(call.function)}(${list(call.args, name)})`;

function leaf(title: string, details: readonly Detail[]): Described<BatchPlan> {
  return { description: { title, details }, inputs: [] };
}

function node(title: string, details: readonly Detail[], ...inputs: BatchPlan[]): Described<BatchPlan> {
  return { description: { title, details }, inputs };
}

export function describeBatch(plan: BatchPlan, style: ExplainStyle = {}): Described<BatchPlan> {
  const described = describe(plan, style);
  if (style.verbose !== true || plan.kind === 'project' || plan.types.length === 0) return described;
  const output = plan.types.map((_, i) => outputName(plan, i, style.qualified === true));
  const { title, details } = described.description;
  return { ...described, description: { title, details: [['Output', output], ...details] } };
}

/** `orders o`, or the name alone where it is the alias too. */
function tableName(scan: Extract<BatchPlan, { kind: 'table-scan' }>, style: ExplainStyle): string {
  const name = style.relation?.(scan.relation) ?? scan.alias;
  return name === scan.alias || name.endsWith(`.${scan.alias}`) ? name : `${name} ${scan.alias}`;
}

function describe(plan: BatchPlan, style: ExplainStyle): Described<BatchPlan> {
  const namer = inputNamer(style.qualified === true);
  switch (plan.kind) {
    case 'table-scan':
      return leaf(`Seq Scan on ${tableName(plan, style)}`, filters(plan.filters, namer(plan)));
    case 'index-lookup': {
      const name = namer(plan);
      const [byKey, others] = [true, false].map((is) =>
        plan.scan.filters.filter((_, i) => plan.conditions.includes(i) === is),
      ) as [Expression[], Expression[]];
      const condition = byKey.map((e) => expressionText(e, name)).join(' AND ');
      const details: Detail[] = [['Index Cond', condition], ...filters(others, name)];
      return leaf(`Index Scan using ${plan.index.name} on ${tableName(plan.scan, style)}`, details);
    }
    case 'table-function-scan':
      return leaf(`Function Scan on ${functionName(plan.call.function)}`, [
        ['Function Call', functionText(plan.call, namer())],
        ...filters(plan.filters, namer(plan)),
      ]);
    case 'values':
      return leaf(plan.rowsOf.length === 1 ? 'Result' : 'Values Scan', []);
    case 'cte-scan':
      return leaf(`CTE Scan on ${plan.name}`, []);
    case 'hash-join':
    case 'nested-loop-join':
    case 'apply':
      return describeJoin(plan, namer);
    case 'union-all':
      return node('Append', [], ...plan.inputs);
    case 'set-difference': {
      const name = plan.operation === 'intersect' ? 'Intersect' : 'Except';
      return node(`HashSetOp ${name}${plan.all ? ' All' : ''}`, [], plan.left, plan.right);
    }
    case 'cte':
      return node(`CTE ${plan.name}`, [], plan.definition, plan.body);
    case 'recursive-cte':
      return node('Recursive Union', [], plan.base, plan.step);
    default:
      return describeUnary(plan, namer);
  }
}

type InputNamer = ReturnType<typeof inputNamer>;

function describeJoin(
  plan: Extract<BatchPlan, { kind: 'hash-join' | 'nested-loop-join' | 'apply' }>,
  namer: InputNamer,
): Described<BatchPlan> {
  const both = namer(plan.left, plan.right);
  switch (plan.kind) {
    case 'hash-join': {
      const left = namer(plan.left);
      const right = namer(plan.right);
      const keys = plan.leftKeys.map((key, i) => {
        const operator = plan.nullsEqual[i] === true ? 'IS NOT DISTINCT FROM' : '=';
        return `(${expressionText(key, left)} ${operator} ${expressionText(plan.rightKeys[i]!, right)})`;
      });
      const details: Detail[] = [['Hash Cond', keys.join(' AND ')], ...detail('Join Filter', plan.residual, both)];
      return node(joinTitle('Hash', plan.type), details, plan.left, plan.right);
    }
    case 'nested-loop-join':
      return node(
        joinTitle('Nested Loop', plan.type),
        detail('Join Filter', plan.condition, both),
        plan.left,
        plan.right,
      );
    case 'apply':
      return node(
        `Apply ${plan.type}`,
        [
          ['Bindings', list(plan.bindings, namer(plan.left))],
          ...detail('Guard', plan.guard, namer(plan.left)),
          ...detail('Join Filter', plan.condition, both),
        ],
        plan.left,
        plan.right,
      );
  }
}

type Unary = Extract<BatchPlan, { readonly input: BatchPlan }>;

function describeUnary(plan: Unary, namer: InputNamer): Described<BatchPlan> {
  const { input } = plan;
  const name = namer(input);
  switch (plan.kind) {
    case 'filter':
      return node('Filter', detail('Filter', plan.condition, name), input);
    case 'project':
      return node('Projection', [['Output', texts(plan.expressions, name)]], input);
    case 'single-check':
      return node('Single Row', [], input);
    case 'aggregate':
      return describeAggregate(plan, name);
    case 'distinct-on':
      return node('Unique', [['Key', list(plan.keys, name)]], input);
    case 'sort':
      return node('Sort', [['Sort Key', plan.keys.map((key) => sortKeyText(key, name))]], input);
    case 'top-n': {
      const offset = plan.offset === 0 ? '' : ` offset ${plan.offset}`;
      return node(
        `Top-N Sort`,
        [
          ['Sort Key', plan.keys.map((key) => sortKeyText(key, name))],
          ['Limit', `${plan.limit}${offset}${plan.withTies ? ' with ties' : ''}`],
        ],
        input,
      );
    }
    case 'limit':
      return node('Limit', [...detail('Count', plan.limit, name), ...detail('Offset', plan.offset, name)], input);
    case 'window': {
      const calls = plan.calls.map((call) => `${functionName(call.function)}(${list(call.args, name)})`);
      return node('WindowAgg', [['Calls', calls.join(', ')], ...windowDetails(plan, name)], input);
    }
    case 'project-set':
      return node(
        'ProjectSet',
        [['Functions', plan.functions.map((call) => functionText(call, name)).join(', ')]],
        input,
      );
    case 'window-assign': {
      const window: Detail = ['Window', eventWindowText(plan.window, expressionText(plan.time, name))];
      const partition: Detail[] = plan.partitionBy.length === 0 ? [] : [['Partition By', list(plan.partitionBy, name)]];
      return node('Window Assign', [window, ...partition], input);
    }
    case 'udf-project':
      return node('Sandbox', [['Calls', list(plan.calls, name)]], input);
  }
}

function windowDetails(plan: Extract<BatchPlan, { kind: 'window' }>, name: Namer): Detail[] {
  const partition: Detail[] = plan.partitionBy.length === 0 ? [] : [['Partition By', list(plan.partitionBy, name)]];
  const order: Detail[] =
    plan.orderBy.length === 0 ? [] : [['Order By', plan.orderBy.map((key) => sortKeyText(key, name)).join(', ')]];
  return [...partition, ...order];
}

function describeAggregate(plan: Extract<BatchPlan, { kind: 'aggregate' }>, name: Namer): Described<BatchPlan> {
  const calls: Detail[] =
    plan.aggregates.length === 0
      ? []
      : [['Aggregates', plan.aggregates.map((call) => aggregateText(call, name)).join(', ')]];
  if (plan.groupBy.length === 0) return node('Aggregate', calls, plan.input);
  const sets = plan.groupingSets?.map(
    (set) =>
      `(${list(
        set.map((i) => plan.groupBy[i]!),
        name,
      )})`,
  );
  const key: Detail =
    sets === undefined ? ['Group Key', texts(plan.groupBy, name)] : ['Grouping Sets', sets.join(', ')];
  return node('HashAggregate', [key, ...calls], plan.input);
}

export function eventWindowText(window: Extract<BatchPlan, { kind: 'window-assign' }>['window'], time: string): string {
  const seconds = (micros: bigint): string => `${Number(micros) / 1e6} s`;
  if (window.kind === 'session') return `SESSION over ${time}: gap ${seconds(window.gapMicros)}`;
  const offset = window.offsetMicros === 0n ? '' : ` offset ${seconds(window.offsetMicros)}`;
  if (window.kind === 'tumble') return `TUMBLE over ${time}: size ${seconds(window.sizeMicros)}${offset}`;
  if (window.kind === 'cumulate')
    return `CUMULATE over ${time}: step ${seconds(window.stepMicros)}, size ${seconds(window.sizeMicros)}${offset}`;
  return `HOP over ${time}: slide ${seconds(window.slideMicros)}, size ${seconds(window.sizeMicros)}${offset}`;
}
