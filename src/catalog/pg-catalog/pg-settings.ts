// pg_settings: the session's settings. What a session changed is called "session" as source.

import { sqlArray } from '../../types/datum.ts';
import { systemRelation } from '../define-system-relation.ts';
import type { SettingRow } from '../system-relation.ts';

const CATEGORIES: readonly (readonly [RegExp, string])[] = [
  [/^(server_|block_size|max_identifier|integer_datetimes|data_checksums)/, 'Preset Options'],
  [
    /timeout$|isolation|read_only|search_path|default_|row_security|bytea_output|check_function/,
    'Client Connection Defaults / Statement Behavior',
  ],
  [
    /^(datestyle|intervalstyle|timezone|lc_|client_encoding|extra_float)/i,
    'Client Connection Defaults / Locale and Formatting',
  ],
  [/mem$|memory|buffers/, 'Resource Usage / Memory'],
  [/^(enable_|random_page|seq_page|cpu_|effective|jit|geqo)/, 'Query Tuning / Planner Method Configuration'],
  [/^log_|client_min|application_name/, 'Reporting and Logging / What to Log'],
  [/listen|port|max_connections|ssl|password|superuser/, 'Connections and Authentication / Connection Settings'],
  [/standard_conforming|escape_string|backslash|transform_null|array_nulls/, 'Version and Platform Compatibility'],
];

function categoryOf(setting: SettingRow): string {
  return CATEGORIES.find(([pattern]) => pattern.test(setting.name))?.[1] ?? 'Customized Options';
}

export const PG_SETTINGS = systemRelation(
  ['pg_catalog', 'pg_settings', 12104, 'view'],
  (context) => context.session.settings,
  [
    ['name', 'text', (s) => s.name],
    ['setting', 'text', (s) => s.value],
    ['unit', 'text', (s) => s.unit],
    ['category', 'text', categoryOf],
    ['short_desc', 'text', (s) => s.description],
    ['extra_desc', 'text'],
    ['context', 'text', (s) => s.context],
    ['vartype', 'text', (s) => s.kind],
    [
      'source',
      'text',
      (s) => (s.value === s.defaultValue ? 'default' : s.context === 'user' ? 'session' : 'command line'),
    ],
    ['min_val', 'text', (s) => s.min],
    ['max_val', 'text', (s) => s.max],
    ['enumvals', 'text[]', (s) => (s.values === null ? null : sqlArray(s.values))],
    ['boot_val', 'text', (s) => s.defaultValue],
    ['reset_val', 'text', (s) => s.defaultValue],
    ['sourcefile', 'text'],
    ['sourceline', 'int4'],
    ['pending_restart', 'bool', false],
  ],
);
