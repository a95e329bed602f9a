// Whether the rows of a table satisfy constraints that are new to it: NOT NULL, CHECK, keys, foreign keys. With PostgreSQL's errors.

import type { Column, Constraint, Index, Table } from '../../catalog/objects.ts';
import { quoteName } from '../../catalog/pg-catalog/index-definition.ts';
import { sqlError } from '../../errors/sql-error.ts';
import type { Datum } from '../../types/datum.ts';
import { typeOperations } from '../../types/type-operations.ts';
import type { SessionState } from '../session-state.ts';
import { internalRows, relationSql } from './internal-query.ts';

/** Throws 23502. */
export async function requireNoNulls(state: SessionState, table: Table, column: Column): Promise<void> {
  const sql = `SELECT 1 FROM ${relationSql(state, table)} WHERE ${quoteName(column.name)} IS NULL LIMIT 1`;
  if ((await internalRows(state, sql)).length === 0) return;
  const text = `column "${column.name}" of relation "${table.name}" contains null values`;
  throw sqlError('not_null_violation', text, { relation: table.oid, column: column.name });
}

/** Throws 23514, 23503. */
export async function requireConstraint(state: SessionState, table: Table, constraint: Constraint): Promise<void> {
  if (constraint.kind === 'check') {
    const sql = `SELECT 1 FROM ${relationSql(state, table)} WHERE NOT (${constraint.checkSql}) LIMIT 1`;
    if ((await internalRows(state, sql)).length === 0) return;
    const text = `check constraint "${constraint.name}" of relation "${table.name}" is violated by some row`;
    throw sqlError('check_violation', text, { relation: table.oid, constraint: constraint.name });
  }
  if (constraint.kind === 'foreign-key') await requireReferences(state, table, constraint);
}

/** Throws 23505. */
export async function requireUnique(state: SessionState, table: Table, index: Index): Promise<void> {
  const columns = index.keyAttributes.map((key) => table.columns.find((one) => one.attribute === key)!);
  const names = columns.map((column) => quoteName(column.name)).join(', ');
  const given = columns.map((column) => `${quoteName(column.name)} IS NOT NULL`).join(' AND ');
  const where = index.nullsNotDistinct === true ? '' : ` WHERE ${given}`;
  const sql = `SELECT ${names} FROM ${relationSql(state, table)}${where} GROUP BY ${names} HAVING count(*) > 1 LIMIT 1`;
  const [row] = await internalRows(state, sql);
  if (row === undefined) return;
  const key = columns.map((column) => column.name).join(', ');
  throw sqlError('unique_violation', `could not create unique index "${index.name}"`, {
    detail: `Key (${key})=(${valuesText(state, columns, row)}) is duplicated.`,
    relation: table.oid,
    constraint: index.name,
  });
}

async function requireReferences(state: SessionState, table: Table, constraint: Constraint): Promise<void> {
  const foreign = constraint.foreign!;
  const target = state.catalog().relations.get(foreign.table)!;
  const columns = constraint.columns.map((key) => table.columns.find((one) => one.attribute === key)!);
  const keys = foreign.columns.map((key) => target.columns.find((one) => one.attribute === key)!);
  const equal = columns.map((column, i) => `r.${quoteName(column.name)} = k.${quoteName(keys[i]!.name)}`).join(' AND ');
  const given = columns.map((column) => `r.${quoteName(column.name)} IS NOT NULL`).join(' AND ');
  const names = columns.map((column) => `r.${quoteName(column.name)}`).join(', ');
  const sql = `SELECT ${names} FROM ${relationSql(state, table)} r WHERE ${given} AND NOT EXISTS (SELECT 1 FROM ${relationSql(state, target)} k WHERE ${equal}) LIMIT 1`;
  const [row] = await internalRows(state, sql);
  if (row === undefined) return;
  const text = `insert or update on table "${table.name}" violates foreign key constraint "${constraint.name}"`;
  const key = columns.map((column) => column.name).join(', ');
  throw sqlError('foreign_key_violation', text, {
    detail: `Key (${key})=(${valuesText(state, columns, row)}) is not present in table "${target.name}".`,
    relation: table.oid,
    constraint: constraint.name,
  });
}

/** Values as messages print them. */
export function valuesText(state: SessionState, columns: readonly Column[], values: readonly (Datum | null)[]): string {
  const settings = state.typeSettings();
  return columns
    .map(({ type }, i) => (values[i] == null ? 'null' : typeOperations(type).formatText(values[i], type, settings)))
    .join(', ');
}
