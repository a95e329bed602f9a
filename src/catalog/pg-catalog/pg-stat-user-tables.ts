// pg_stat_user_tables: row counts of the tables users made.
import { systemRelation } from '../define-system-relation.ts';
import { userTables } from './relation-facts.ts';
import { TABLE_STATISTICS } from './table-statistics.ts';

export const PG_STAT_USER_TABLES = systemRelation(
  ['pg_catalog', 'pg_stat_user_tables', 12161, 'view'],
  userTables,
  TABLE_STATISTICS,
);
