// What storage tests share: an arena, a table definition, rows in and out, a storage over a disk that can crash.

import { initialCatalog, PUBLIC_OID } from '../catalog/initial-catalog.ts';
import type { Index, Table } from '../catalog/objects.ts';
import type { Batch } from '../columns/batch.ts';
import { buildBatch } from '../columns/batch-builder.ts';
import { readDatum } from '../columns/datum-vector.ts';
import { Arena, SharedMemory } from '../columns/memory.ts';
import { Region } from '../columns/region.ts';
import type { RowGroup, Snapshot } from '../columns/row-group.ts';
import type { Datum } from '../types/datum.ts';
import { INT4, type SqlType, TEXT } from '../types/sql-type.ts';
import type { Disk } from './disk/disk.ts';
import { openStorage, type Storage, type StorageOptions } from './storage.ts';

export const TYPES: readonly SqlType[] = [INT4, TEXT];
export const TABLE = 20_000;
const INDEX = 20_001;

export type Row = readonly (Datum | null)[];

/** A storage with its arena; `directory` null is in memory unless a disk is given. */
export async function openTest(
  disk: Disk | undefined,
  options: Partial<StorageOptions> = {},
): Promise<{ storage: Storage; arena: Arena; region: Region }> {
  const arena = Arena.create(SharedMemory.reserve(268_435_456));
  const region = new Region(arena, arena.addOwner(134_217_728));
  const storage = await openStorage({
    directory: null,
    arena,
    initialCatalog: initialCatalog({ roles: [{ name: 'postgres' }] }),
    ...(disk === undefined ? {} : { disk }),
    ...options,
  });
  return { storage, arena, region };
}

/** CREATE TABLE t (id int PRIMARY KEY, name text), committed. */
export async function createTable(storage: Storage, keyed = true): Promise<void> {
  const transaction = storage.begin();
  const columns = ['id', 'name'].map((name, i) => ({
    name,
    attribute: i + 1,
    type: TYPES[i]!,
    notNull: i === 0,
    defaultSql: null,
    generated: null,
  }));
  const base = { schemaOid: PUBLIC_OID, owner: 10 };
  const key = {
    oid: 20_002,
    name: 't_pkey',
    kind: 'primary-key',
    columns: [1],
    checkSql: null,
    indexOid: INDEX,
  } as const;
  const table: Table = {
    ...base,
    kind: 'table',
    oid: TABLE,
    name: 't',
    columns,
    constraints: keyed ? [key] : [],
    temporary: false,
  };
  const index: Index = {
    ...base,
    kind: 'index',
    oid: INDEX,
    name: 't_pkey',
    columns: [],
    table: TABLE,
    keyAttributes: [1],
    unique: true,
    primary: true,
  };
  transaction.edit().putRelation(table);
  if (keyed) transaction.edit().putRelation(index);
  await transaction.commit();
}

export function batchOf(region: Region, rows: readonly Row[]): Batch {
  return buildBatch(region, TYPES, rows);
}

/** The rows a snapshot sees, with their ids, by scanning. */
export async function scan(snapshot: Snapshot, arena: Arena): Promise<{ rowId: number; row: Row }[]> {
  const memory = arena.shared;
  const rows: { rowId: number; row: Row }[] = [];
  for await (const group of groupsOf(snapshot)) {
    for (let i = 0; i < group.rowCount; i++) {
      const deleted = group.deleteEpochs === 0 ? 0n : memory.i64[group.deleteEpochs / 8 + i]!;
      if (deleted !== 0n && deleted <= snapshot.epoch) continue;
      rows.push({ rowId: group.rowIdBase + i, row: group.columns.map((column) => readDatum(memory, column, i)) });
    }
  }
  return rows;
}

async function* groupsOf(snapshot: Snapshot): AsyncGenerator<RowGroup> {
  const windows = snapshot.windows?.(TABLE, [1, 2]) ?? [await snapshot.rowGroups(TABLE, [1, 2])];
  for await (const groups of windows) yield* groups;
}

/** All committed rows as `id=name`, sorted. */
export async function contents(storage: Storage, arena: Arena): Promise<string[]> {
  const snapshot = storage.snapshot();
  const rows = await scan(snapshot, arena);
  snapshot.release();
  return rows.map(({ row }) => `${row[0]}=${row[1]}`).sort();
}
