// SELECT ... FOR UPDATE below the top of a statement: in WITH, FROM, a subquery, INSERT's source. Before the statement runs, each of them is run by
// itself, which locks its rows, and their values take its place in the tree: the job queues that take `(SELECT id ... LIMIT 1 FOR UPDATE SKIP
// LOCKED)` lock exactly the rows that they then change. What refers to the query around it cannot be run by itself: 0A000.
import { SqlError } from '../../errors/sql-error.ts';
import { quoteIdentifier, quoteLiteral } from '../../functions/scalar/quoting.ts';
import type { CommonTableExpression, DataStatement, Query, WithClause } from '../../sql/ast.ts';
import { parseStatements } from '../../sql/parser/parse.ts';
import { typeOperations } from '../../types/type-operations.ts';
import { formatType } from '../../types/type-table.ts';
import { planStatement } from './plan-statement.ts';
import { lockedRows } from './select-locked.ts';
import { type RunOf, unsupported } from './statement-run.ts';

type Run = RunOf<DataStatement>;
type Tree = Readonly<Record<string, unknown>>;

/** The statement with the rows of its locked subqueries in their places; null: it has none. Throws as SELECT FOR UPDATE does. */
export function withLockedSubqueries<S extends DataStatement>(run: RunOf<S>): Promise<S> | null {
  const { statement, prepared } = run;
  if (!/\bfor\b/i.test(prepared.text)) return null;
  const below = Object.entries(statement).filter(([key]) => key !== 'locking');
  return below.some(([, value]) => locks(value)) ? (replaced(statement, [], run as Run, true) as Promise<S>) : null;
}

function locks(node: unknown): boolean {
  if (node === null || typeof node !== 'object') return false;
  if (Array.isArray(node)) return node.some(locks);
  const { kind, locking } = node as { kind?: string; locking?: readonly unknown[] };
  return (kind === 'query' && locking!.length > 0) || Object.values(node).some(locks);
}

/** `outer`: the WITH queries that are seen at this place. */
async function replaced(
  node: unknown,
  outer: readonly CommonTableExpression[],
  run: Run,
  isTop = false,
): Promise<unknown> {
  if (!locks(node)) return node;
  if (Array.isArray(node)) {
    const items: unknown[] = [];
    for (const item of node) items.push(await replaced(item, outer, run));
    return items;
  }
  const tree = node as Tree;
  const clause = (tree.with ?? null) as WithClause | null;
  const ctes: CommonTableExpression[] = [];
  const seen = () => [...outer, ...ctes.filter(({ statement }) => statement.kind === 'query')];
  for (const cte of clause?.ctes ?? []) ctes.push((await replaced(cte, seen(), run)) as CommonTableExpression);
  const copy: Record<string, unknown> = { ...tree, ...(clause !== null && { with: { ...clause, ctes } }) };
  for (const [key, value] of Object.entries(tree)) if (key !== 'with') copy[key] = await replaced(value, seen(), run);
  const locked = tree.kind === 'query' && (tree.locking as Query['locking']).length > 0;
  return locked && !isTop ? rowsOf(copy as unknown as Query, outer, clause?.recursive === true, run) : copy;
}

/** Runs a query by itself and gives its rows as a query. */
async function rowsOf(
  query: Query,
  outer: readonly CommonTableExpression[],
  recursive: boolean,
  run: Run,
): Promise<Query> {
  const { state, prepared } = run;
  const ctes = [...outer, ...(query.with?.ctes ?? [])];
  const alone: Query = ctes.length === 0 ? query : { ...query, with: { ctes, recursive, position: query.position } };
  const planned = await planStatement(state, alone, prepared.parameterTypes).catch((error: unknown) => {
    if (!(error instanceof SqlError) || !['42703', '42P01'].includes(error.sqlstate)) throw error;
    const hint = 'Lock the rows by a WITH query, or lock the tables of the outer query.';
    return unsupported('a locking clause in a subquery that refers to the query around it', hint, query.position);
  });
  const rows = await lockedRows({ ...run, statement: alone }, planned);
  const settings = state.typeSettings();
  const types = planned.fields.map(({ type }) => formatType(type));
  const names = planned.fields.map(({ name }) => quoteIdentifier(name)).join(', ');
  const literals = rows.map((row) =>
    row.map((value, i) => {
      const { type } = planned.fields[i]!;
      const text = value === null ? 'NULL' : quoteLiteral(typeOperations(type).formatText(value, type, settings));
      return `${text}::${types[i]}`;
    }),
  );
  const none = `SELECT ${types.map((type) => `NULL::${type}`).join(', ')} WHERE false`;
  const body = rows.length === 0 ? none : `VALUES ${literals.map((row) => `(${row.join(', ')})`).join(', ')}`;
  return parseStatements(`SELECT * FROM (${body}) AS locked (${names})`)[0]!.statement as Query;
}
