// A view's query as the catalog keeps it: what * stands for is written out, relations named by 'x'::regclass are oids, so that
// it means the same for ever; and the columns and functions it needs, for DROP and ALTER.
import type { Dependencies } from '../../catalog/catalog-change.ts';
import type { Expression } from '../../plan/expression.ts';
import type { LogicalPlan } from '../../plan/logical.ts';
import { childPlans, expressionsOf } from '../../plan/walk.ts';
import { childExpressions } from '../../plan/walk-expression.ts';
import type { Query, Select, Target } from '../../sql/ast.ts';
import type { BindTrace } from '../../sql/binder/bind-context.ts';
import { printStatement } from '../../sql/parser/print.ts';
import type { SessionState } from '../session-state.ts';
import { type PlannedStatement, planStatement } from './plan-statement.ts';
import { eachNode, rewriteSyntax, withOids } from './stored-expressions.ts';

export interface ViewDefinition {
  readonly planned: PlannedStatement;
  readonly sql: string;
  readonly needs: Omit<Dependencies, 'oid'>;
}

type StarColumns = Parameters<BindTrace['star']>[1];

export async function defineView(state: SessionState, query: Query): Promise<ViewDefinition> {
  const stars = new Map<number, StarColumns>();
  const relations = new Set<number>();
  const columns = new Map<string, readonly [relation: number, attribute: number]>();
  const trace: BindTrace = {
    relation: (_position, oid) => relations.add(oid),
    column: (_position, { relation, attribute }) => columns.set(`${relation}/${attribute}`, [relation, attribute]),
    star: (position, meaning) => stars.set(position, meaning),
  };
  const planned = await planStatement(state, query, [], { trace });
  if (joinsByName(query)) {
    for (const [relation, attribute] of scannedColumns(planned.bound.plan))
      columns.set(`${relation}/${attribute}`, [relation, attribute]);
  }
  return {
    planned,
    sql: printStatement(withOids(state, writeOutStars(query, stars))),
    needs: {
      dependsOn: [...relations, ...planned.bound.functions],
      columns: [...columns.values()].filter(([relation]) => relations.has(relation)),
    },
  };
}

/** USING and NATURAL read columns that the text does not name as such: then all that the plan reads count. */
function joinsByName(query: Query): boolean {
  let found = false;
  eachNode(query, (node) => {
    const { using, natural } = node as { using?: unknown; natural?: unknown };
    if (node.kind === 'from_join' && (using != null || natural === true)) found = true;
  });
  return found;
}

/** SELECT * and TABLE t with the columns they had when they were bound. */
function writeOutStars(query: Query, stars: ReadonlyMap<number, StarColumns>): Query {
  return rewriteSyntax(query, (node) => {
    if (node.kind !== 'select') return undefined;
    const select = node as Select;
    if (!select.targets.some((target) => meaningOf(target, stars) !== undefined)) return undefined;
    const targets = select.targets.flatMap((target) => {
      const meaning = meaningOf(target, stars);
      return meaning === undefined ? [target] : meaning.map((column) => columnTarget(column, target.position));
    });
    return writeOutStars({ ...select, targets } as unknown as Query, stars);
  });
}

function meaningOf({ expression }: Target, stars: ReadonlyMap<number, StarColumns>): StarColumns | undefined {
  return expression.kind === 'star' ? stars.get(expression.position) : undefined;
}

function columnTarget({ table, name }: StarColumns[number], position: number): Target {
  return {
    expression: { kind: 'column', parts: table === null ? [name] : [table, name], position },
    alias: null,
    position,
  };
}

/** Columns of relations that the plan's expressions read. */
function scannedColumns(plan: LogicalPlan): (readonly [relation: number, attribute: number])[] {
  const used = new Set<number>();
  const origins = new Map<number, readonly [number, number]>();
  const enter = (expression: Expression) => {
    if (expression.kind === 'column') used.add(expression.id);
    if ('plan' in expression) visit(expression.plan as LogicalPlan);
    for (const child of childExpressions(expression)) enter(child);
  };
  const visit = (node: LogicalPlan) => {
    if (node.kind === 'scan') {
      for (const [i, column] of node.columns.entries()) origins.set(column.id, [node.relation, node.attributes[i]!]);
    }
    for (const expression of expressionsOf(node)) enter(expression);
    for (const child of childPlans(node)) visit(child);
  };
  visit(plan);
  for (const column of plan.columns) used.add(column.id);
  return [...used].flatMap((id) => {
    const origin = origins.get(id);
    return origin === undefined ? [] : [origin];
  });
}
