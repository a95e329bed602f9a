// The order in which WITH RECURSIVE's queries are bound (each after those it reads) and which of them are recursive. A recursive
// one must be "base UNION [ALL] step" with one reference to itself, in the step, at a place where a round only adds rows: not
// in a subquery expression, on the null-extended side of an outer join, or where EXCEPT takes rows away. Looks at the tree only.
import { sqlError } from '../../errors/sql-error.ts';
import type * as ast from '../ast.ts';

/** Where a reference stands, as the message names it; null: where it may. */
type Place =
  | null
  | 'its non-recursive term'
  | 'a subquery'
  | 'an outer join'
  | 'INTERSECT' // ALL only
  | 'EXCEPT';

type Found = (table: ast.FromTable, place: Place) => void;
type Cte = ast.CommonTableExpression;

export interface OrderedCtes {
  readonly ctes: readonly Cte[];
  readonly recursive: ReadonlySet<Cte>;
}

/** Throws 42P19 for a recursion that has no meaning, 0A000 for queries that read each other. */
export function orderCtes(clause: ast.WithClause): OrderedCtes {
  if (!clause.recursive) return { ctes: clause.ctes, recursive: new Set() };
  const reads = new Map<Cte, Set<string>>();
  for (const cte of clause.ctes) {
    const names = new Set<string>();
    visit(cte.statement, null, new Set(), (table) => names.add(table.table.parts[0]!));
    reads.set(cte, names);
  }
  const recursive = new Set(clause.ctes.filter((cte) => reads.get(cte)!.has(cte.name)));
  const ctes: Cte[] = [];
  const left = [...clause.ctes];
  while (left.length > 0) {
    const waits = (cte: Cte) => left.some((other) => other !== cte && reads.get(cte)!.has(other.name));
    const next = left.findIndex((cte) => !waits(cte));
    if (next < 0) {
      const text = 'mutual recursion between WITH items is not implemented';
      throw sqlError('feature_not_supported', text, { position: left[0]!.position });
    }
    ctes.push(...left.splice(next, 1));
  }
  for (const cte of ctes) if (recursive.has(cte)) checkRecursion(cte);
  return { ctes, recursive };
}

function checkRecursion(cte: Cte): void {
  const { name, statement, position } = cte;
  if (statement.kind !== 'query') {
    const text = `recursive query "${name}" must not contain data-modifying statements`;
    throw sqlError('invalid_recursion', text, { position });
  }
  const { body } = statement;
  if (body.kind !== 'set_operation' || body.operator !== 'union') {
    const text = `recursive query "${name}" does not have the form non-recursive-term UNION [ALL] recursive-term`;
    throw sqlError('invalid_recursion', text, { position });
  }
  let references = 0;
  const check: Found = (table, place) => {
    if (table.table.parts[0] !== name) return;
    references += 1;
    const wrong =
      place === null ? (references > 1 ? 'must not appear more than once' : null) : `must not appear within ${place}`;
    if (wrong === null) return;
    const text = `recursive reference to query "${name}" ${wrong}`;
    throw sqlError('invalid_recursion', text, { position: table.position });
  };
  visit(body.left, 'its non-recursive term', new Set(), check);
  visit(body.right, null, new Set(), check);
  visit(statement.with, 'a subquery', new Set(), check);
  refuseDecoration(statement);
}

function refuseDecoration(query: ast.Query): void {
  const found = [
    { what: 'ORDER BY', at: query.orderBy[0]?.expression },
    { what: 'OFFSET', at: query.offset },
    { what: 'LIMIT', at: query.limit },
    { what: 'FOR UPDATE/SHARE', at: query.locking[0] },
  ].find(({ at }) => at != null);
  if (found === undefined) return;
  const text = `${found.what} in a recursive query is not implemented`;
  throw sqlError('feature_not_supported', text, { position: found.at!.position });
}

/** Calls `found` for every table whose plain name no inner WITH defines. */
function visit(node: unknown, place: Place, hidden: ReadonlySet<string>, found: Found): void {
  if (typeof node !== 'object' || node === null) return;
  if (Array.isArray(node)) {
    for (const item of node) visit(item, place, hidden, found);
    return;
  }
  const inner = node as ast.FromItem | ast.Expression | ast.Query | ast.SetOperation;
  const within = (other: Place): Place => place ?? other;
  switch (inner.kind) {
    case 'from_table': {
      const { parts } = inner.table;
      if (parts.length === 1 && !hidden.has(parts[0]!)) found(inner, place);
      return;
    }
    case 'from_join': {
      const outer = (side: 'left' | 'right') => inner.type === 'full' || inner.type === side;
      visit(inner.left, outer('right') ? within('an outer join') : place, hidden, found);
      const half = inner.type === 'semi' || inner.type === 'anti';
      const other = half ? within('a subquery') : outer('left') ? within('an outer join') : place;
      visit(inner.right, other, hidden, found);
      visit(inner.on, place, hidden, found);
      return;
    }
    case 'set_operation':
      visitOperands(inner, place, hidden, found);
      return;
    case 'exists':
    case 'subquery':
    case 'in_subquery':
    case 'quantified_subquery':
    case 'array_subquery': {
      const { query, ...rest } = inner;
      visit(query, within('a subquery'), hidden, found);
      for (const value of Object.values(rest)) visit(value, place, hidden, found);
      return;
    }
    default:
      visitParts(inner, place, hidden, found);
  }
}

function visitOperands(body: ast.SetOperation, place: Place, hidden: ReadonlySet<string>, found: Found): void {
  const except = body.operator === 'except';
  const counted = body.all && body.operator !== 'union' ? (except ? 'EXCEPT' : 'INTERSECT') : null;
  visit(body.left, place ?? counted, hidden, found);
  visit(body.right, place ?? (except ? 'EXCEPT' : counted), hidden, found);
}

/** Anything else; names of its WITH clause hide the outer ones. */
function visitParts(node: object, place: Place, hidden: ReadonlySet<string>, found: Found): void {
  const clause = 'with' in node ? (node.with as ast.WithClause | null) : null;
  const names = new Set(hidden);
  if (clause !== null) {
    if (clause.recursive) for (const cte of clause.ctes) names.add(cte.name);
    for (const cte of clause.ctes) {
      visit(cte.statement, place, names, found);
      names.add(cte.name);
    }
  }
  for (const [key, value] of Object.entries(node)) if (key !== 'with') visit(value, place, names, found);
}
