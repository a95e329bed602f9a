// For tests: SQL text over a small catalog to bound and optimized plans, verified after every rule, and a compact text of plans.
import type { Catalog } from '../../catalog/catalog.ts';
import { CatalogEditor } from '../../catalog/catalog-editor.ts';
import { initialCatalog } from '../../catalog/initial-catalog.ts';
import type { Column } from '../../catalog/objects.ts';
import { builtinFunctions } from '../../functions/registry.ts';
import type { Expression } from '../../plan/expression.ts';
import type { LogicalPlan } from '../../plan/logical.ts';
import { childPlans } from '../../plan/walk.ts';
import { childExpressions } from '../../plan/walk-expression.ts';
import { INT4, type SqlType, TEXT } from '../../types/sql-type.ts';
import { bindStatement } from '../binder/bind-statement.ts';
import { parseStatements } from '../parser/parse.ts';
import { type OptimizeOptions, optimize } from './optimize.ts';

const TABLES: Readonly<Record<string, { readonly rows: number; readonly columns: Readonly<Record<string, SqlType>> }>> =
  {
    t: { rows: 1000, columns: { a: INT4, b: INT4, c: TEXT } },
    u: { rows: 100, columns: { a: INT4, d: INT4 } },
    v: { rows: 10, columns: { d: INT4, e: INT4 } },
    w: { rows: 100_000, columns: { e: INT4, f: INT4, tags: { name: 'array', element: INT4 } } },
  };

const PUBLIC_OID = 2200;
const rowsOf = new Map<number, number>();

function buildCatalog(): Catalog {
  const base = initialCatalog({ roles: [] });
  let next = 20_000;
  const editor = new CatalogEditor(base, () => next++);
  for (const [name, table] of Object.entries(TABLES)) {
    const oid = editor.allocateOid();
    rowsOf.set(oid, table.rows);
    const columns = Object.entries(table.columns).map(
      ([column, type], i): Column => ({
        name: column,
        attribute: i + 1,
        type,
        notNull: false,
        defaultSql: null,
        generated: null,
      }),
    );
    editor.putRelation({
      kind: 'table',
      oid,
      name,
      schemaOid: PUBLIC_OID,
      owner: 10,
      columns,
      constraints: [],
      temporary: false,
    });
  }
  return editor.current;
}

const catalog = buildCatalog();

export function bound(sql: string): LogicalPlan {
  const [parsed] = parseStatements(sql);
  const { statement } = parsed!;
  if (
    statement.kind !== 'query' &&
    statement.kind !== 'update' &&
    statement.kind !== 'delete' &&
    statement.kind !== 'insert'
  ) {
    throw new Error(`not a data statement: ${sql}`);
  }
  return bindStatement(statement, {
    catalog,
    functions: builtinFunctions(),
    searchPath: ['public'],
    parameterTypes: [],
    currentUser: 'postgres',
    database: 'postgres',
  }).plan;
}

/** Integer arithmetic and comparisons, enough to see folding at work. */
function fold(expression: Expression): Expression | undefined {
  if (expression.kind !== 'call') return undefined;
  const [a, b] = expression.args.map((arg) => (arg.kind === 'constant' ? arg.value : undefined));
  if (typeof a !== 'number' || typeof b !== 'number') return undefined;
  const { type } = expression;
  switch (expression.function) {
    case '+(int4,int4)':
      return { kind: 'constant', type, value: a + b };
    case '=(int4,int4)':
      return { kind: 'constant', type, value: a === b };
    case '<(int4,int4)':
      return { kind: 'constant', type, value: a < b };
    default:
      return undefined;
  }
}

export function optionsFor(options: Partial<OptimizeOptions> = {}): OptimizeOptions {
  return {
    functions: builtinFunctions(),
    statistics: (relation) => rowsOf.get(relation) ?? 1000,
    fold,
    verify: true,
    ...options,
  };
}

export function optimized(sql: string, options: Partial<OptimizeOptions> = {}): LogicalPlan {
  return optimize(bound(sql), optionsFor(options));
}

/** One line per node, indented. */
export function textOf(plan: LogicalPlan, indent = ''): string {
  const lines = [`${indent}${describe(plan)}`];
  for (const input of childPlans(plan)) lines.push(textOf(input, `${indent}  `));
  return lines.join('\n');
}

const list = (expressions: readonly Expression[]): string => expressions.map(expressionText).join(', ');
const where = (condition: Expression | null): string => (condition === null ? '' : ` on ${expressionText(condition)}`);

function describe(plan: LogicalPlan): string {
  const columns = `[${plan.columns.map((column) => column.name).join(' ')}]`;
  switch (plan.kind) {
    case 'scan':
      return `scan ${plan.alias}${columns}${plan.filters.length > 0 ? ` where ${list(plan.filters)}` : ''}`;
    case 'filter':
      return `filter ${expressionText(plan.condition)}`;
    case 'project':
      return `project ${list(plan.expressions)}`;
    case 'join':
    case 'apply':
      return `${plan.type} ${plan.kind}${where(plan.condition)}`;
    case 'mark':
      return `mark${where(plan.condition)}`;
    case 'aggregate':
      return `aggregate by (${list(plan.groupBy)}) ${plan.aggregates.map((call) => `${call.function}{${list(call.args)}}`).join(' ')}`.trimEnd();
    case 'limit':
      return `limit ${plan.limit === null ? 'all' : expressionText(plan.limit)}`;
    case 'sort':
      return `sort ${list(plan.keys.map((key) => key.expression))}`;
    case 'values':
      return `values ${plan.rows.length}`;
    case 'window':
      return `window ${plan.calls.map((call) => call.function).join(' ')} by (${list(plan.partitionBy)})`;
    case 'set-operation':
      return `${plan.operation}${plan.all ? ' all' : ''}`;
    case 'cte':
    case 'cte-reference':
      return `${plan.kind} ${plan.name}`;
    default:
      return plan.kind;
  }
}

export function expressionText(expression: Expression): string {
  const args = (): string => list(childExpressions(expression));
  switch (expression.kind) {
    case 'constant':
      return expression.value === null ? 'null' : String(expression.value);
    case 'column':
      return expression.name;
    case 'call': {
      const name = expression.function.slice(0, expression.function.indexOf('('));
      if (expression.args.length !== 2 || /\w/.test(name)) return `${name}(${args()})`;
      return `${expressionText(expression.args[0]!)} ${name} ${expressionText(expression.args[1]!)}`;
    }
    case 'and':
    case 'or':
      return `(${expression.args.map(expressionText).join(` ${expression.kind} `)})`;
    case 'is-null':
      return `${expressionText(expression.arg)} is ${expression.negated ? 'not ' : ''}null`;
    default:
      return `${expression.kind}(${args()})`;
  }
}
