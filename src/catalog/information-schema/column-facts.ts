// How information_schema describes a type: its SQL name and the limits of its values; and which relations it knows.
import type { SqlType } from '../../types/sql-type.ts';
import { formatTypeName, typeNameInCatalog } from '../../types/type-table.ts';
import type { Column, Relation } from '../objects.ts';
import type { SystemContext } from '../system-relation.ts';

const BITS: Readonly<Record<string, number>> = { int2: 16, int4: 32, int8: 64, float4: 24, float8: 53 };
const WITH_FRACTION = new Set(['time', 'timestamp', 'timestamptz', 'interval']);

export function dataType(type: SqlType): string {
  return type.name === 'array' ? 'ARRAY' : formatTypeName(type);
}

export function udtName(type: SqlType): string {
  return typeNameInCatalog(type);
}

export function characterLength(type: SqlType): number | null {
  return type.name === 'varchar' || type.name === 'bpchar' ? (type.length ?? null) : null;
}

/** Bytes: four per character at most; text has the limit of a value. */
export function octetLength(type: SqlType): number | null {
  if (type.name === 'text') return 1_073_741_824;
  const characters = characterLength(type);
  if (characters !== null) return characters * 4;
  return type.name === 'varchar' ? 1_073_741_824 : null;
}

export function numericPrecision(type: SqlType): number | null {
  if (type.name === 'numeric') return type.declared === true ? (type.precision ?? null) : null;
  return BITS[type.name] ?? null;
}

export function numericRadix(type: SqlType): number | null {
  if (type.name === 'numeric') return 10;
  return type.name in BITS ? 2 : null;
}

export function numericScale(type: SqlType): number | null {
  if (type.name === 'numeric') return type.declared === true ? (type.scale ?? 0) : null;
  return type.name.startsWith('int') && type.name in BITS ? 0 : null;
}

export function datetimePrecision(type: SqlType): number | null {
  if (type.name === 'date') return 0;
  return WITH_FRACTION.has(type.name) ? (type.precision ?? 6) : null;
}

/** The collation's name where it is not the default. */
export function collationName(type: SqlType): string | null {
  return type.name === 'name' ? 'C' : null;
}

/** The relations that information_schema calls tables: with columns to select from. */
export function* tables(context: SystemContext): Generator<Relation> {
  for (const relation of context.catalog.relations.values()) {
    if (relation.kind !== 'index' && relation.kind !== 'sequence') yield relation;
  }
}

export interface TableColumn {
  readonly relation: Relation;
  readonly column: Column;
  readonly type: SqlType;
}

export function* tableColumns(context: SystemContext): Generator<TableColumn> {
  for (const relation of tables(context)) {
    for (const column of relation.columns) yield { relation, column, type: column.type };
  }
}

export function yesNo(value: boolean): string {
  return value ? 'YES' : 'NO';
}

/** May rows be inserted? Views here are read only. */
export function isInsertable(relation: Relation): boolean {
  if (relation.kind === 'view') return relation.updatable !== undefined;
  return relation.kind === 'table' || relation.kind === 'stream';
}

export function isUpdatable(relation: Relation): boolean {
  if (relation.kind === 'view') return relation.updatable?.insertOnly === false;
  return relation.kind === 'table';
}

export function isSettable(relation: Relation, { attribute }: Column): boolean {
  return isUpdatable(relation) && (relation.kind !== 'view' || relation.updatable!.columns.includes(attribute));
}
