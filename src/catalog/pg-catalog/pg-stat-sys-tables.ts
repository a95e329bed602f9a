// pg_stat_sys_tables: row counts of the tables of the system.
import { systemRelation } from '../define-system-relation.ts';
import { systemTables } from './relation-facts.ts';
import { TABLE_STATISTICS } from './table-statistics.ts';

export const PG_STAT_SYS_TABLES = systemRelation(
  ['pg_catalog', 'pg_stat_sys_tables', 12152, 'view'],
  systemTables,
  TABLE_STATISTICS,
);
