// pg_stat_all_indexes, pg_stat_user_indexes and pg_stat_sys_indexes: the indexes; how often each is used is not counted.
import { type SystemColumn, systemRelation } from '../define-system-relation.ts';
import type { Index } from '../objects.ts';
import { allIndexes, schemaName } from './relation-facts.ts';

const COLUMNS: readonly SystemColumn<Index>[] = [
  ['relid', 'oid', (i) => i.table],
  ['indexrelid', 'oid', (i) => i.oid],
  ['schemaname', 'name', (i, c) => schemaName(c, i.schemaOid)],
  ['relname', 'name', (i, c) => c.catalog.relations.get(i.table)?.name ?? null],
  ['indexrelname', 'name', (i) => i.name],
  ['idx_scan', 'int8'],
  ['idx_tup_read', 'int8'],
  ['idx_tup_fetch', 'int8'],
];

export const PG_STAT_ALL_INDEXES = systemRelation(
  ['pg_catalog', 'pg_stat_all_indexes', 12183, 'view'],
  allIndexes,
  COLUMNS,
);
export const PG_STAT_USER_INDEXES = systemRelation(
  ['pg_catalog', 'pg_stat_user_indexes', 12192, 'view'],
  allIndexes,
  COLUMNS,
);
/** system relations have no indexes */
export const PG_STAT_SYS_INDEXES = systemRelation(
  ['pg_catalog', 'pg_stat_sys_indexes', 12188, 'view'],
  () => [],
  COLUMNS,
);
