// Views of pg_catalog about what this server does not do or count (replication, vacuum, write-ahead statistics ...): every
// column, no rows.
import { emptyRelation } from '../define-system-relation.ts';
import type { SystemRelationDefinition } from '../system-relation.ts';

// biome-ignore format: columns fill the lines
export const EMPTY_VIEWS: readonly SystemRelationDefinition[] = [
  emptyRelation(['pg_catalog', 'pg_available_extension_versions', 12085, 'view'], `
    name:name version:text installed:bool superuser:bool trusted:bool relocatable:bool schema:name
    requires:name[] comment:text`),
  emptyRelation(['pg_catalog', 'pg_available_extensions', 12081, 'view'], `
    name:name default_version:text installed_version:text comment:text`),
  emptyRelation(['pg_catalog', 'pg_backend_memory_contexts', 12138, 'view'], `
    name:text ident:text parent:text level:int4 total_bytes:int8 total_nblocks:int8 free_bytes:int8
    free_chunks:int8 used_bytes:int8`),
  emptyRelation(['pg_catalog', 'pg_config', 12130, 'view'], `
    name:text setting:text`),
  emptyRelation(['pg_catalog', 'pg_file_settings', 12110, 'view'], `
    sourcefile:text sourceline:int4 seqno:int4 name:text setting:text applied:bool error:text`),
  emptyRelation(['pg_catalog', 'pg_hba_file_rules', 12114, 'view'], `
    line_number:int4 type:text database:text[] user_name:text[] address:text netmask:text auth_method:text
    options:text[] error:text`),
  emptyRelation(['pg_catalog', 'pg_ident_file_mappings', 12118, 'view'], `
    line_number:int4 map_name:text sys_name:text pg_username:text error:text`),
  emptyRelation(['pg_catalog', 'pg_locks', 12073, 'view'], `
    locktype:text database:oid relation:oid page:int4 tuple:int2 virtualxid:text transactionid:xid classid:oid
    objid:oid objsubid:int2 virtualtransaction:text pid:int4 mode:text granted:bool fastpath:bool
    waitstart:timestamptz`),
  emptyRelation(['pg_catalog', 'pg_policies', 12018, 'view'], `
    schemaname:name tablename:name policyname:name permissive:text roles:name[] cmd:text qual:text
    with_check:text`),
  emptyRelation(['pg_catalog', 'pg_prepared_xacts', 12090, 'view'], `
    transaction:xid gid:text prepared:timestamptz owner:name database:name`),
  emptyRelation(['pg_catalog', 'pg_publication_tables', 12068, 'view'], `
    pubname:name schemaname:name tablename:name attnames:name[] rowfilter:text`),
  emptyRelation(['pg_catalog', 'pg_replication_origin_status', 12332, 'view'], `
    local_id:oid external_id:text remote_lsn:text local_lsn:text`),
  emptyRelation(['pg_catalog', 'pg_replication_slots', 12257, 'view'], `
    slot_name:name plugin:name slot_type:text datoid:oid database:name temporary:bool active:bool
    active_pid:int4 xmin:xid catalog_xmin:xid restart_lsn:text confirmed_flush_lsn:text wal_status:text
    safe_wal_size:int8 two_phase:bool`),
  emptyRelation(['pg_catalog', 'pg_rules', 12023, 'view'], `
    schemaname:name tablename:name rulename:name definition:text`),
  emptyRelation(['pg_catalog', 'pg_seclabels', 12099, 'view'], `
    objoid:oid classoid:oid objsubid:int4 objtype:text objnamespace:oid objname:text provider:text label:text`),
  emptyRelation(['pg_catalog', 'pg_shmem_allocations', 12134, 'view'], `
    name:text off:int8 size:int8 allocated_size:int8`),
  emptyRelation(['pg_catalog', 'pg_stat_archiver', 12285, 'view'], `
    archived_count:int8 last_archived_wal:text last_archived_time:timestamptz failed_count:int8
    last_failed_wal:text last_failed_time:timestamptz stats_reset:timestamptz`),
  emptyRelation(['pg_catalog', 'pg_stat_bgwriter', 12289, 'view'], `
    checkpoints_timed:int8 checkpoints_req:int8 checkpoint_write_time:float8 checkpoint_sync_time:float8
    buffers_checkpoint:int8 buffers_clean:int8 maxwritten_clean:int8 buffers_backend:int8
    buffers_backend_fsync:int8 buffers_alloc:int8 stats_reset:timestamptz`),
  emptyRelation(['pg_catalog', 'pg_stat_database_conflicts', 12271, 'view'], `
    datid:oid datname:name confl_tablespace:int8 confl_lock:int8 confl_snapshot:int8 confl_bufferpin:int8
    confl_deadlock:int8`),
  emptyRelation(['pg_catalog', 'pg_stat_progress_analyze', 12297, 'view'], `
    pid:int4 datid:oid datname:name relid:oid phase:text sample_blks_total:int8 sample_blks_scanned:int8
    ext_stats_total:int8 ext_stats_computed:int8 child_tables_total:int8 child_tables_done:int8
    current_child_table_relid:oid`),
  emptyRelation(['pg_catalog', 'pg_stat_progress_basebackup', 12317, 'view'], `
    pid:int4 phase:text backup_total:int8 backup_streamed:int8 tablespaces_total:int8 tablespaces_streamed:int8`),
  emptyRelation(['pg_catalog', 'pg_stat_progress_cluster', 12307, 'view'], `
    pid:int4 datid:oid datname:name relid:oid command:text phase:text cluster_index_relid:oid
    heap_tuples_scanned:int8 heap_tuples_written:int8 heap_blks_total:int8 heap_blks_scanned:int8
    index_rebuild_count:int8`),
  emptyRelation(['pg_catalog', 'pg_stat_progress_copy', 12322, 'view'], `
    pid:int4 datid:oid datname:name relid:oid command:text type:text bytes_processed:int8 bytes_total:int8
    tuples_processed:int8 tuples_excluded:int8`),
  emptyRelation(['pg_catalog', 'pg_stat_progress_create_index', 12312, 'view'], `
    pid:int4 datid:oid datname:name relid:oid index_relid:oid command:text phase:text lockers_total:int8
    lockers_done:int8 current_locker_pid:int8 blocks_total:int8 blocks_done:int8 tuples_total:int8
    tuples_done:int8 partitions_total:int8 partitions_done:int8`),
  emptyRelation(['pg_catalog', 'pg_stat_progress_vacuum', 12302, 'view'], `
    pid:int4 datid:oid datname:name relid:oid phase:text heap_blks_total:int8 heap_blks_scanned:int8
    heap_blks_vacuumed:int8 index_vacuum_count:int8 max_dead_tuples:int8 num_dead_tuples:int8`),
  emptyRelation(['pg_catalog', 'pg_stat_recovery_prefetch', 12240, 'view'], `
    stats_reset:timestamptz prefetch:int8 hit:int8 skip_init:int8 skip_new:int8 skip_fpw:int8 skip_rep:int8
    wal_distance:int4 block_distance:int4 io_depth:int4`),
  emptyRelation(['pg_catalog', 'pg_stat_replication', 12227, 'view'], `
    pid:int4 usesysid:oid usename:name application_name:text client_addr:text client_hostname:text
    client_port:int4 backend_start:timestamptz backend_xmin:xid state:text sent_lsn:text write_lsn:text
    flush_lsn:text replay_lsn:text write_lag:interval flush_lag:interval replay_lag:interval sync_priority:int4
    sync_state:text reply_time:timestamptz`),
  emptyRelation(['pg_catalog', 'pg_stat_replication_slots', 12262, 'view'], `
    slot_name:text spill_txns:int8 spill_count:int8 spill_bytes:int8 stream_txns:int8 stream_count:int8
    stream_bytes:int8 total_txns:int8 total_bytes:int8 stats_reset:timestamptz`),
  emptyRelation(['pg_catalog', 'pg_stat_slru', 12232, 'view'], `
    name:text blks_zeroed:int8 blks_hit:int8 blks_read:int8 blks_written:int8 blks_exists:int8 flushes:int8
    truncates:int8 stats_reset:timestamptz`),
  emptyRelation(['pg_catalog', 'pg_stat_subscription', 12244, 'view'], `
    subid:oid subname:name pid:int4 relid:oid received_lsn:text last_msg_send_time:timestamptz
    last_msg_receipt_time:timestamptz latest_end_lsn:text latest_end_time:timestamptz`),
  emptyRelation(['pg_catalog', 'pg_stat_subscription_stats', 12336, 'view'], `
    subid:oid subname:name apply_error_count:int8 sync_error_count:int8 stats_reset:timestamptz`),
  emptyRelation(['pg_catalog', 'pg_stat_user_functions', 12275, 'view'], `
    funcid:oid schemaname:name funcname:name calls:int8 total_time:float8 self_time:float8`),
  emptyRelation(['pg_catalog', 'pg_stat_wal', 12293, 'view'], `
    wal_records:int8 wal_fpi:int8 wal_bytes:numeric wal_buffers_full:int8 wal_write:int8 wal_sync:int8
    wal_write_time:float8 wal_sync_time:float8 stats_reset:timestamptz`),
  emptyRelation(['pg_catalog', 'pg_stat_wal_receiver', 12236, 'view'], `
    pid:int4 status:text receive_start_lsn:text receive_start_tli:int4 written_lsn:text flushed_lsn:text
    received_tli:int4 last_msg_send_time:timestamptz last_msg_receipt_time:timestamptz latest_end_lsn:text
    latest_end_time:timestamptz slot_name:text sender_host:text sender_port:int4 conninfo:text`),
  emptyRelation(['pg_catalog', 'pg_stat_xact_all_tables', 12147, 'view'], `
    relid:oid schemaname:name relname:name seq_scan:int8 seq_tup_read:int8 idx_scan:int8 idx_tup_fetch:int8
    n_tup_ins:int8 n_tup_upd:int8 n_tup_del:int8 n_tup_hot_upd:int8`),
  emptyRelation(['pg_catalog', 'pg_stat_xact_sys_tables', 12157, 'view'], `
    relid:oid schemaname:name relname:name seq_scan:int8 seq_tup_read:int8 idx_scan:int8 idx_tup_fetch:int8
    n_tup_ins:int8 n_tup_upd:int8 n_tup_del:int8 n_tup_hot_upd:int8`),
  emptyRelation(['pg_catalog', 'pg_stat_xact_user_functions', 12280, 'view'], `
    funcid:oid schemaname:name funcname:name calls:int8 total_time:float8 self_time:float8`),
  emptyRelation(['pg_catalog', 'pg_stat_xact_user_tables', 12166, 'view'], `
    relid:oid schemaname:name relname:name seq_scan:int8 seq_tup_read:int8 idx_scan:int8 idx_tup_fetch:int8
    n_tup_ins:int8 n_tup_upd:int8 n_tup_del:int8 n_tup_hot_upd:int8`),
  emptyRelation(['pg_catalog', 'pg_statio_all_indexes', 12196, 'view'], `
    relid:oid indexrelid:oid schemaname:name relname:name indexrelname:name idx_blks_read:int8 idx_blks_hit:int8`),
  emptyRelation(['pg_catalog', 'pg_statio_all_sequences', 12209, 'view'], `
    relid:oid schemaname:name relname:name blks_read:int8 blks_hit:int8`),
  emptyRelation(['pg_catalog', 'pg_statio_all_tables', 12170, 'view'], `
    relid:oid schemaname:name relname:name heap_blks_read:int8 heap_blks_hit:int8 idx_blks_read:int8
    idx_blks_hit:int8 toast_blks_read:int8 toast_blks_hit:int8 tidx_blks_read:int8 tidx_blks_hit:int8`),
  emptyRelation(['pg_catalog', 'pg_statio_sys_indexes', 12201, 'view'], `
    relid:oid indexrelid:oid schemaname:name relname:name indexrelname:name idx_blks_read:int8 idx_blks_hit:int8`),
  emptyRelation(['pg_catalog', 'pg_statio_sys_sequences', 12214, 'view'], `
    relid:oid schemaname:name relname:name blks_read:int8 blks_hit:int8`),
  emptyRelation(['pg_catalog', 'pg_statio_sys_tables', 12175, 'view'], `
    relid:oid schemaname:name relname:name heap_blks_read:int8 heap_blks_hit:int8 idx_blks_read:int8
    idx_blks_hit:int8 toast_blks_read:int8 toast_blks_hit:int8 tidx_blks_read:int8 tidx_blks_hit:int8`),
  emptyRelation(['pg_catalog', 'pg_statio_user_indexes', 12205, 'view'], `
    relid:oid indexrelid:oid schemaname:name relname:name indexrelname:name idx_blks_read:int8 idx_blks_hit:int8`),
  emptyRelation(['pg_catalog', 'pg_statio_user_sequences', 12218, 'view'], `
    relid:oid schemaname:name relname:name blks_read:int8 blks_hit:int8`),
  emptyRelation(['pg_catalog', 'pg_statio_user_tables', 12179, 'view'], `
    relid:oid schemaname:name relname:name heap_blks_read:int8 heap_blks_hit:int8 idx_blks_read:int8
    idx_blks_hit:int8 toast_blks_read:int8 toast_blks_hit:int8 tidx_blks_read:int8 tidx_blks_hit:int8`),
  emptyRelation(['pg_catalog', 'pg_stats', 12053, 'view'], `
    schemaname:name tablename:name attname:name inherited:bool null_frac:float4 avg_width:int4 n_distinct:float4
    most_common_vals:text[] most_common_freqs:float4[] histogram_bounds:text[] correlation:float4
    most_common_elems:text[] most_common_elem_freqs:float4[] elem_count_histogram:float4[]`),
  emptyRelation(['pg_catalog', 'pg_stats_ext', 12058, 'view'], `
    schemaname:name tablename:name statistics_schemaname:name statistics_name:name statistics_owner:name
    attnames:name[] exprs:text[] kinds:char[] inherited:bool n_distinct:text dependencies:text
    most_common_vals:text[] most_common_val_nulls:bool[] most_common_freqs:float8[]
    most_common_base_freqs:float8[]`),
  emptyRelation(['pg_catalog', 'pg_stats_ext_exprs', 12063, 'view'], `
    schemaname:name tablename:name statistics_schemaname:name statistics_name:name statistics_owner:name
    expr:text inherited:bool null_frac:float4 avg_width:int4 n_distinct:float4 most_common_vals:text[]
    most_common_freqs:float4[] histogram_bounds:text[] correlation:float4 most_common_elems:text[]
    most_common_elem_freqs:float4[] elem_count_histogram:float4[]`),
  emptyRelation(['pg_catalog', 'pg_timezone_abbrevs', 12122, 'view'], `
    abbrev:text utc_offset:interval is_dst:bool`),
  emptyRelation(['pg_catalog', 'pg_user_mappings', 12327, 'view'], `
    umid:oid srvid:oid srvname:name umuser:oid usename:name umoptions:text[]`),
];
