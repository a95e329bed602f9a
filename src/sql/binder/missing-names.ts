// Errors for names that mean nothing here, with PostgreSQL's guesses: a column with nearly that name, a table that is in the query but
// out of sight, a table that goes by its alias.
import { type SqlError, type SqlErrorDetails, sqlError } from '../../errors/sql-error.ts';
import type { Scope, ScopeTable } from './scope.ts';

const MAX_DISTANCE = 3;

/** 42703 for `name`, or `table.name`, with a hint. */
export function missingColumn(scope: Scope, table: string | undefined, name: string, position: number): SqlError {
  const shown = table === undefined ? `"${name}"` : `${table}.${name}`;
  const hint = columnHint(scope, name, table);
  const details: SqlErrorDetails = hint === undefined ? { position } : { position, hint };
  return sqlError('undefined_column', `column ${shown} does not exist`, details);
}

/** 42P01 for the table of a qualified name. */
export function missingTable(scope: Scope, qualifier: readonly string[], position: number): SqlError {
  const name = qualifier.at(-1)!;
  const hidden = tablesOf(scope).find((table) => table.realName === name || table.alias === name);
  if (hidden === undefined) {
    return sqlError('undefined_table', `missing FROM-clause entry for table "${name}"`, { position });
  }
  const aliased = hidden.alias !== name && isVisible(scope, hidden);
  return sqlError('undefined_table', `invalid reference to FROM-clause entry for table "${name}"`, {
    position,
    hint: aliased
      ? `Perhaps you meant to reference the table alias "${hidden.alias}".`
      : `There is an entry for table "${hidden.alias}", but it cannot be referenced from this part of the query.`,
  });
}

/** All tables of the query and those around it, visible from here or not. */
function tablesOf(scope: Scope): readonly ScopeTable[] {
  const found: ScopeTable[] = [];
  for (let at: Scope | null = scope; at !== null; at = at.parent) found.push(...(at.rangeTable ?? []));
  return found;
}

function isVisible(scope: Scope, table: ScopeTable): boolean {
  for (let at: Scope | null = scope; at !== null; at = at.parent) if (at.namespace.tables.includes(table)) return true;
  return false;
}

/** PostgreSQL's search: the one or two nearest columns, a wrong table name counting as wrong letters. */
function columnHint(scope: Scope, name: string, alias: string | undefined): string | undefined {
  let bar = MAX_DISTANCE + 1;
  let best: string[] = [];
  for (const table of tablesOf(scope)) {
    const penalty = alias === undefined ? 0 : editDistance(alias, table.alias);
    if (penalty === 0 && table.columns.some((column) => column.name === name)) {
      return `There is a column named "${name}" in table "${table.alias}", but it cannot be referenced from this part of the query.`;
    }
    for (const column of table.columns) {
      const letters = editDistance(name, column.name);
      const distance = letters + penalty;
      if (distance > bar || letters > name.length / 2) continue;
      const shown = `"${table.alias}.${column.name}"`;
      if (distance < bar) best = [shown];
      else if (best.length === 2) best = [];
      else if (distance <= MAX_DISTANCE) best.push(shown);
      // three of a kind are no help, and nothing as far away is
      bar = best.length === 0 ? distance - 1 : distance;
    }
  }
  return best.length === 0 ? undefined : `Perhaps you meant to reference the column ${best.join(' or the column ')}.`;
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i += 1) {
    const current = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const swap = a[i - 1] === b[j - 1] ? 0 : 1;
      current.push(Math.min(previous[j]! + 1, current[j - 1]! + 1, previous[j - 1]! + swap));
    }
    previous = current;
  }
  return previous[b.length]!;
}
