// Which tables a SELECT ... FOR UPDATE locks rows of, and the queries whose rows are not those of tables: refused as PostgreSQL does.
import { sqlError } from '../../errors/sql-error.ts';
import type { LogicalPlan } from '../../plan/logical.ts';
import type { FromItem, LockingClause, Query } from '../../sql/ast.ts';
import type { RowLockMode } from '../../storage/transactions/lock-modes.ts';
import type { SessionState } from '../session-state.ts';
import { findRelation } from './resolve-names.ts';
import { unsupported } from './statement-run.ts';

export interface LockTarget {
  readonly alias: string;
  readonly relation: number;
  /** the relation's, for messages */
  readonly name: string;
  readonly mode: RowLockMode;
  readonly wait: LockingClause['wait'];
}

interface Candidate {
  readonly alias: string;
  readonly item: FromItem;
  /** on the side of an outer join that may be absent */
  readonly nullable: boolean;
}

/** FOR NO KEY UPDATE, as messages say it. */
export function lockWords({ strength }: LockingClause): string {
  return `FOR ${strength.toUpperCase().replaceAll('_', ' ')}`;
}

/** Throws 0A000 and 42P01. */
export function lockTargets(state: SessionState, statement: Query, plan: LogicalPlan): LockTarget[] {
  const words = lockWords(statement.locking[0]!);
  refuseGrouped(statement, plan, words);
  if (statement.body.kind !== 'select') return [];
  const candidates = statement.body.from.flatMap((item) => candidatesIn(item, false));
  const targets = new Map<string, LockTarget>();
  for (const clause of statement.locking) {
    for (const candidate of chosen(clause, candidates, words)) {
      const target = targetOf(state, statement, candidate, clause, words);
      if (target !== null) targets.set(candidate.alias, stronger(targets.get(candidate.alias), target));
    }
  }
  return [...targets.values()];
}

const RANK: Readonly<Record<RowLockMode, number>> = { key_share: 1, share: 2, no_key_update: 3, update: 4 };

/** Of two clauses for one table the stronger holds, and the less patient. */
function stronger(before: LockTarget | undefined, next: LockTarget): LockTarget {
  if (before === undefined) return next;
  const mode = RANK[before.mode] > RANK[next.mode] ? before.mode : next.mode;
  const waits = [before.wait, next.wait];
  const wait = waits.includes('nowait') ? 'nowait' : waits.includes('skip_locked') ? 'skip_locked' : 'block';
  return { ...next, mode, wait };
}

function refuseGrouped({ body }: Query, plan: LogicalPlan, words: string): void {
  const refuse = (what: string) => {
    throw sqlError('feature_not_supported', `${words} is not allowed with ${what}`);
  };
  if (body.kind === 'set_operation') refuse('UNION/INTERSECT/EXCEPT');
  if (body.kind === 'values') throw sqlError('feature_not_supported', `${words} cannot be applied to VALUES`);
  if (body.kind !== 'select') return;
  if (body.distinct !== null) refuse('DISTINCT clause');
  if (body.groupBy.length > 0) refuse('GROUP BY clause');
  if (body.having !== null) refuse('HAVING clause');
  for (let node = plan; ; ) {
    if (node.kind === 'aggregate') refuse('aggregate functions');
    if (node.kind === 'window') refuse('window functions');
    if (node.kind === 'project-set') refuse('set-returning functions in the target list');
    if (node.kind !== 'project' && node.kind !== 'sort' && node.kind !== 'limit') return;
    node = node.input;
  }
}

function candidatesIn(item: FromItem, nullable: boolean): Candidate[] {
  if (item.kind !== 'from_join') {
    const name = item.kind === 'from_table' ? item.table.parts.at(-1)! : '';
    return [{ alias: item.alias?.name ?? name, item, nullable }];
  }
  return [
    ...candidatesIn(item.left, nullable || item.type === 'right' || item.type === 'full'),
    ...candidatesIn(item.right, nullable || item.type === 'left' || item.type === 'full'),
  ];
}

function chosen(clause: LockingClause, candidates: readonly Candidate[], words: string): readonly Candidate[] {
  if (clause.of.length === 0) return candidates;
  return clause.of.map((name) => {
    const found = candidates.find(({ alias }) => alias === name.parts.at(-1));
    if (found !== undefined) return found;
    const text = `relation "${name.parts.at(-1)}" in ${words} clause not found in FROM clause`;
    throw sqlError('undefined_table', text, { position: name.position });
  });
}

/** null: rows of this item are not a table's and were not asked for by name. */
function targetOf(
  state: SessionState,
  statement: Query,
  { alias, item, nullable }: Candidate,
  clause: LockingClause,
  words: string,
): LockTarget | null {
  const named = clause.of.length > 0;
  if (item.kind === 'from_function') {
    if (named) throw sqlError('feature_not_supported', `${words} cannot be applied to a function`);
    return null;
  }
  const isCte =
    item.kind === 'from_table' &&
    item.table.parts.length === 1 &&
    statement.with?.ctes.some((cte) => cte.name === item.table.parts[0]) === true;
  if (isCte) {
    if (named) throw sqlError('feature_not_supported', `${words} cannot be applied to a WITH query`);
    return null;
  }
  const relation = item.kind === 'from_table' ? findRelation(state, item.table) : undefined;
  if (relation?.kind !== 'table') {
    const what = relation === undefined ? 'a subquery' : `${relation.kind.replace('-', ' ')} "${relation.name}"`;
    return unsupported(`${words} of ${what}`, `Name the tables to lock: ${words} OF table.`, clause.position);
  }
  if (nullable) {
    throw sqlError('feature_not_supported', `${words} cannot be applied to the nullable side of an outer join`);
  }
  return { alias, relation: relation.oid, name: relation.name, mode: clause.strength, wait: clause.wait };
}
