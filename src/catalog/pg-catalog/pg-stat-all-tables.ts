// pg_stat_all_tables: row counts of all tables.
import { systemRelation } from '../define-system-relation.ts';
import { tables } from './relation-facts.ts';
import { TABLE_STATISTICS } from './table-statistics.ts';

export const PG_STAT_ALL_TABLES = systemRelation(
  ['pg_catalog', 'pg_stat_all_tables', 12142, 'view'],
  tables,
  TABLE_STATISTICS,
);
