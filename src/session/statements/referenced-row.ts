// The row that a foreign key refers to: found by its unique index in the newest state, and locked FOR KEY SHARE, so that nobody
// takes it away before this transaction ends.
import type { Constraint, ForeignReference } from '../../catalog/objects.ts';
import { buildBatch } from '../../columns/batch-builder.ts';
import { Region } from '../../columns/region.ts';
import type { Datum } from '../../types/datum.ts';
import type { SqlType } from '../../types/sql-type.ts';
import type { SessionState } from '../session-state.ts';

const REGION_BYTES = 1024 * 1024;

/** Whether there is one. Waits for transactions that are changing it. */
export async function referencedRow(
  state: SessionState,
  { constraint }: { readonly constraint: Constraint & { readonly foreign: ForeignReference } },
  key: readonly (Datum | null)[],
): Promise<boolean> {
  const { foreign } = constraint;
  const target = state.catalog().relations.get(foreign.table)!;
  const index = state.catalog().relations.get(foreign.indexOid)!;
  if (index.kind !== 'index') return false;
  // In the order of the index's columns, and in their types.
  const types = index.keyAttributes.map((one) => target.columns.find((column) => column.attribute === one)!.type);
  const values = index.keyAttributes.map((one) => key[foreign.columns.indexOf(one)]!);
  const converted = values.map((value, i) => asType(value, types[i]!));
  if (converted.includes(null)) return false;
  const { arena } = state.services;
  const owner = arena.addOwner(REGION_BYTES);
  try {
    const { columns } = buildBatch(new Region(arena, owner), types, [converted]);
    return await state.transactions.transaction.lockKey(foreign.table, foreign.indexOid, columns);
  } finally {
    arena.freeOwner(owner);
  }
}

const LIMITS: Readonly<Record<string, bigint>> = {
  int2: 32_768n,
  int4: 2_147_483_648n,
  int8: 9_223_372_036_854_775_808n,
};

/** Between integers of different width; null: no such value. */
function asType(value: Datum, type: SqlType): Datum | null {
  const limit = LIMITS[type.name];
  if (limit === undefined || (typeof value !== 'number' && typeof value !== 'bigint')) return value;
  const wide = BigInt(value);
  if (wide >= limit || wide < -limit) return null;
  return type.name === 'int8' ? wide : Number(wide);
}
