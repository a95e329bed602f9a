// TableDraft: a table while CREATE TABLE, LIKE or ALTER TABLE builds it: its columns, constraints, indexes and owned sequences.
import type { Column, Constraint, Index, Sequence, Table } from '../../catalog/objects.ts';
import { sqlError } from '../../errors/sql-error.ts';
import type { SessionState } from '../session-state.ts';

export interface TablePlace {
  readonly oid: number;
  readonly name: string;
  readonly schemaOid: number;
}

export interface TableDraft {
  readonly state: SessionState;
  readonly place: TablePlace;
  readonly temporary: boolean;
  readonly columns: Column[];
  readonly constraints: Constraint[];
  /** new ones */
  readonly indexes: Index[];
  /** new ones */
  readonly sequences: Sequence[];
}

export function newDraft(state: SessionState, place: TablePlace, temporary = false): TableDraft {
  return { state, place, temporary, columns: [], constraints: [], indexes: [], sequences: [] };
}

export function draftOf(state: SessionState, table: Table): TableDraft {
  const { columns, constraints, temporary } = table;
  return {
    state,
    place: table,
    temporary,
    columns: [...columns],
    constraints: [...constraints],
    indexes: [],
    sequences: [],
  };
}

/** An oid for a part of the table. */
export function allocateOid({ state }: TableDraft): number {
  return state.transactions.transaction.edit().allocateOid();
}

/** 42703 if there is none. */
export function columnNamed(draft: TableDraft, name: string): Column {
  const column = draft.columns.find((one) => one.name === name);
  if (column === undefined) throw sqlError('undefined_column', `column "${name}" named in key does not exist`);
  return column;
}

export function replaceColumn(draft: TableDraft, column: Column): void {
  draft.columns[draft.columns.findIndex((one) => one.attribute === column.attribute)] = column;
}

/** A name that no other constraint of the table has: the parts joined, then numbered; or the given one, 42710 if it is taken. */
export function constraintName(draft: TableDraft, given: string | null, parts: readonly string[]): string {
  const taken = (name: string) => draft.constraints.some((constraint) => constraint.name === name);
  if (given !== null) {
    if (!taken(given)) return given;
    throw sqlError('duplicate_object', `constraint "${given}" for relation "${draft.place.name}" already exists`);
  }
  const base = parts.join('_');
  for (let i = 0; ; i++) {
    const name = i === 0 ? base : `${base}${i}`;
    if (!taken(name)) return name;
  }
}
