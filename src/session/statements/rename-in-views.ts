// The text of views after something they name got another name. The binder tells which words mean the thing; those are written anew,
// and what they were called before stays as an alias, so that the rest of the text and the views' own columns do not change.
import type { MaterializedView, View } from '../../catalog/objects.ts';
import type { FromJoin, FromTable, Query, Target } from '../../sql/ast.ts';
import type { BindTrace } from '../../sql/binder/bind-context.ts';
import { bindStatement } from '../../sql/binder/bind-statement.ts';
import { parseStatements } from '../../sql/parser/parse.ts';
import { printStatement } from '../../sql/parser/print.ts';
import type { SessionState } from '../session-state.ts';
import { unsupported } from './statement-run.ts';
import { rewriteSyntax } from './stored-expressions.ts';

export interface Renaming {
  /** relation -> its new schema and name */
  readonly relations?: ReadonlyMap<number, readonly [schema: string, name: string]>;
  readonly column?: {
    readonly relation: number;
    readonly attribute: number;
    readonly before: string;
    readonly name: string;
  };
}

interface Uses {
  /** positions of table names that mean a renamed relation, and which */
  readonly tables: Map<number, number>;
  /** positions of column references that mean the renamed column */
  readonly columns: Set<number>;
}

/** To be called before the catalog has the new name. */
export function renameInViews(state: SessionState, renaming: Renaming): void {
  const editor = state.transactions.transaction.edit();
  const named = [...(renaming.relations?.keys() ?? []), ...(renaming.column ? [renaming.column.relation] : [])];
  const views: (View | MaterializedView)[] = [];
  for (const { oid, dependsOn } of state.catalog().dependencies?.values() ?? []) {
    const view = state.catalog().relations.get(oid);
    if (view?.kind !== 'view' && view?.kind !== 'materialized-view') continue;
    if (dependsOn.some((one) => named.includes(one))) views.push({ ...view, sql: renamed(state, view, renaming) });
  }
  for (const view of views) editor.putRelation(view); // once all are bound: some read others
}

function renamed(state: SessionState, view: View | MaterializedView, renaming: Renaming): string {
  const query = parseStatements(view.sql)[0]!.statement as Query;
  const uses: Uses = { tables: new Map(), columns: new Set() };
  const trace: BindTrace = {
    relation: (position, oid) => {
      if (renaming.relations?.has(oid) === true) uses.tables.set(position, oid);
    },
    column: (position, { relation, attribute }) => {
      const { column } = renaming;
      if (column?.relation === relation && column.attribute === attribute) uses.columns.add(position);
    },
    star() {},
  };
  bindStatement(query, { ...state.bindContext(), searchPath: view.searchPath, trace });
  return printStatement(rewrite(query, uses, renaming));
}

function rewrite<T>(syntax: T, uses: Uses, renaming: Renaming): T {
  return rewriteSyntax(syntax, (node) => {
    const one = node as { kind?: string; position: number };
    if (one.kind === 'from_table') return renamedTable(node as FromTable, uses, renaming);
    if (one.kind === 'column' && uses.columns.has(one.position)) {
      const { parts } = node as unknown as { parts: readonly string[] };
      return { ...node, parts: [...parts.slice(0, -1), renaming.column!.name] };
    }
    if (one.kind === 'from_join' && renaming.column !== undefined)
      refuseShared(node as FromJoin, renaming.column.before);
    return 'expression' in node && 'alias' in node ? renamedTarget(node as Target, uses, renaming) : undefined;
  });
}

function renamedTable(item: FromTable, uses: Uses, renaming: Renaming): FromTable | undefined {
  const oid = uses.tables.get(item.table.position);
  if (oid === undefined) return undefined;
  const [schema, name] = renaming.relations!.get(oid)!;
  const before = item.table.parts.at(-1)!;
  const alias = item.alias ?? (before === name ? null : { name: before, columns: [], position: item.position });
  return { ...item, table: { ...item.table, parts: [schema, name] }, alias };
}

/** An output column keeps its name. */
function renamedTarget(target: Target, uses: Uses, renaming: Renaming): Target | undefined {
  const { expression, alias } = target;
  if (alias !== null || expression.kind !== 'column' || !uses.columns.has(expression.position)) return undefined;
  return { ...target, alias: expression.parts.at(-1)!, expression: rewrite(expression, uses, renaming) };
}

function refuseShared({ using, natural }: FromJoin, before: string): void {
  if (!natural && using?.includes(before) !== true) return;
  unsupported('renaming a column that a view may join by name', 'Drop the view, rename, and create it again.');
}
