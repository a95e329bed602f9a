// The columns that pg_stat_all_tables, pg_stat_sys_tables and pg_stat_user_tables share: they differ in which tables they list. Scans and
// changes are not counted by table.

import type { SystemColumn } from '../define-system-relation.ts';
import type { Relation } from '../objects.ts';
import { schemaName } from './relation-facts.ts';

export const TABLE_STATISTICS: readonly SystemColumn<Relation>[] = [
  ['relid', 'oid', (t) => t.oid],
  ['schemaname', 'name', (t, c) => schemaName(c, t.schemaOid)],
  ['relname', 'name', (t) => t.name],
  ['seq_scan', 'int8'],
  ['seq_tup_read', 'int8'],
  ['idx_scan', 'int8'],
  ['idx_tup_fetch', 'int8'],
  ['n_tup_ins', 'int8'],
  ['n_tup_upd', 'int8'],
  ['n_tup_del', 'int8'],
  ['n_tup_hot_upd', 'int8'],
  ['n_live_tup', 'int8', (t, c) => BigInt(Math.round(c.statistics.rowCount(t.oid)))],
  ['n_dead_tup', 'int8'],
  ['n_mod_since_analyze', 'int8'],
  ['n_ins_since_vacuum', 'int8'],
  ['last_vacuum', 'timestamptz'],
  ['last_autovacuum', 'timestamptz'],
  ['last_analyze', 'timestamptz'],
  ['last_autoanalyze', 'timestamptz'],
  ['vacuum_count', 'int8'],
  ['autovacuum_count', 'int8'],
  ['analyze_count', 'int8'],
  ['autoanalyze_count', 'int8'],
];
