// The table of settings (PostgreSQL's GUCs) that Headrace knows: kinds, limits, defaults and who may set them.
import { sqlError } from '../errors/sql-error.ts';
import { DIALECT_NAMES } from '../sql/dialects/dialect-profile.ts';

export interface SettingDefinition {
  readonly name: string;
  readonly kind: 'bool' | 'integer' | 'real' | 'string' | 'enum';
  readonly initial: string;
  readonly unit?: 'ms' | 's' | 'kB' | '8kB' | 'min';
  readonly values?: readonly string[];
  readonly min?: number;
  readonly max?: number;
  /** 'internal' cannot be set; 'server' only at start; 'user' by SET */
  readonly context: 'internal' | 'server' | 'user';
  /** told to the client by ParameterStatus when it changes */
  readonly reported?: boolean;
  readonly description: string;
  /** canonical value, or throws */
  readonly check?: (value: string) => string;
}

const ISOLATION_LEVELS = ['read uncommitted', 'read committed', 'repeatable read'];
const CLIENT_LEVELS = ['debug5', 'debug4', 'debug3', 'debug2', 'debug1', 'log', 'notice', 'warning', 'error'];

function checkTimeZone(value: string): string {
  const upper = value.toUpperCase();
  if (upper === 'UTC' || upper === 'GMT') return upper;
  if (upper === 'ETC/UTC') return value === 'Etc/UTC' ? value : 'UTC';
  let zone: string;
  try {
    zone = new Intl.DateTimeFormat('en-US', { timeZone: value }).resolvedOptions().timeZone;
  } catch {
    throw sqlError('invalid_parameter_value', `invalid value for parameter "TimeZone": "${value}"`);
  }
  return zone.toLowerCase() === value.toLowerCase() ? zone : value; // another name of a zone stays as it was given
}

function checkEncoding(value: string): string {
  const plain = value.toUpperCase().replace(/[^A-Z0-9]/g, '');
  if (plain === 'UTF8' || plain === 'UNICODE') return 'UTF8';
  throw sqlError('invalid_parameter_value', `invalid value for parameter "client_encoding": "${value}"`, {
    detail: 'Headrace stores and sends text as UTF8 only.',
    hint: "SET client_encoding TO 'UTF8', and convert on the client side.",
  });
}

/** SERIALIZABLE is a level to PostgreSQL; to take it and give less would be a lie. */
function checkIsolation(name: string): (value: string) => string {
  return (value) => {
    const level = value.toLowerCase();
    if (level === 'serializable') {
      const hint = 'Use REPEATABLE READ, which is snapshot isolation.';
      throw sqlError('feature_not_supported', 'isolation level serializable is not supported', { hint });
    }
    if (ISOLATION_LEVELS.includes(level)) return level;
    throw sqlError('invalid_parameter_value', `invalid value for parameter "${name}": "${value}"`, {
      hint: `Available values: ${ISOLATION_LEVELS.join(', ')}.`,
    });
  };
}

function checkDateStyle(value: string): string {
  const parts = value.split(',').map((part) => part.trim().toLowerCase());
  let style = 'ISO';
  let order = 'MDY';
  for (const part of parts) {
    if (part === 'iso' || part === 'default') style = 'ISO';
    else if (['sql', 'postgres', 'german'].includes(part))
      style = part === 'sql' ? 'SQL' : part === 'german' ? 'German' : 'Postgres';
    else if (part === 'mdy' || part === 'us' || part === 'noneuro') order = 'MDY';
    else if (part === 'dmy' || part === 'euro' || part === 'european') order = 'DMY';
    else if (part === 'ymd') order = 'YMD';
    else throw sqlError('invalid_parameter_value', `invalid value for parameter "DateStyle": "${value}"`);
  }
  if (style !== 'ISO') {
    throw sqlError('feature_not_supported', `DateStyle "${style}" is not supported`, { hint: 'Use DateStyle ISO.' });
  }
  return `${style}, ${order}`;
}

function define(
  name: string,
  kind: SettingDefinition['kind'],
  initial: string,
  context: SettingDefinition['context'],
  description: string,
  rest: Partial<SettingDefinition> = {},
): SettingDefinition {
  return { name, kind, initial, context, description, ...rest };
}

const NO_EFFECT = 'Accepted and without effect: nothing here works the way it sets.';

/** What applications and tools of PostgreSQL's set as a matter of course, for its planner or its locale. */
// biome-ignore format: one setting a line reads as the table it is
const ACCEPTED: readonly SettingDefinition[] = [
  ...['enable_bitmapscan', 'enable_hashagg', 'enable_hashjoin', 'enable_indexonlyscan', 'enable_indexscan', 'enable_material', 'enable_memoize',
    'enable_mergejoin', 'enable_nestloop', 'enable_seqscan', 'enable_sort', 'geqo', 'array_nulls', 'escape_string_warning',
  ].map((name) => define(name, 'bool', 'on', 'user', NO_EFFECT)),
  define('jit', 'bool', 'off', 'user', NO_EFFECT),
  define('plan_cache_mode', 'enum', 'auto', 'user', NO_EFFECT, { values: ['auto', 'force_generic_plan', 'force_custom_plan'] }),
  define('max_parallel_workers_per_gather', 'integer', '2', 'user', NO_EFFECT, { min: 0, max: 1024 }),
  define('join_collapse_limit', 'integer', '8', 'user', NO_EFFECT, { min: 1, max: 2147483647 }),
  define('from_collapse_limit', 'integer', '8', 'user', NO_EFFECT, { min: 1, max: 2147483647 }),
  define('maintenance_work_mem', 'integer', '65536', 'user', NO_EFFECT, { unit: 'kB', min: 1024, max: 2147483647 }),
  ...['lc_messages', 'lc_monetary', 'lc_numeric', 'lc_time'].map((name) => define(name, 'string', 'C', 'user', NO_EFFECT)),
];

// biome-ignore format: one setting a line reads as the table it is
export const SETTINGS: readonly SettingDefinition[] = [
  ...ACCEPTED,
  define('application_name', 'string', '', 'user', 'Sets the application name to be reported in statistics and logs.', { reported: true }),
  define('bytea_output', 'enum', 'hex', 'user', 'Sets the output format for bytea.', { values: ['escape', 'hex'] }),
  define('client_encoding', 'string', 'UTF8', 'user', "Sets the client's character set encoding.", { reported: true, check: checkEncoding }),
  define('client_min_messages', 'enum', 'notice', 'user', 'Sets the message levels that are sent to the client.', { values: CLIENT_LEVELS }),
  define('DateStyle', 'string', 'ISO, MDY', 'user', 'Sets the display format for date and time values.', { reported: true, check: checkDateStyle }),
  define('default_transaction_isolation', 'enum', 'read committed', 'user', 'Sets the transaction isolation level of each new transaction.', { values: ISOLATION_LEVELS, check: checkIsolation('default_transaction_isolation') }),
  define('default_transaction_read_only', 'bool', 'off', 'user', 'Sets the default read-only status of new transactions.', { reported: true }),
  define('default_transaction_deferrable', 'bool', 'off', 'user', 'Sets the default deferrable status of new transactions.'),
  define('extra_float_digits', 'integer', '1', 'user', 'Sets the number of digits displayed for floating-point values.', { min: -15, max: 3 }),
  define('idle_in_transaction_session_timeout', 'integer', '0', 'user', 'Sets the maximum allowed idle time between queries, when in a transaction.', { unit: 'ms', min: 0, max: 2147483647 }),
  define('idle_session_timeout', 'integer', '0', 'user', 'Sets the maximum allowed idle time between queries, when not in a transaction.', { unit: 'ms', min: 0, max: 2147483647 }),
  define('in_hot_standby', 'bool', 'off', 'internal', 'Shows whether hot standby is currently active.', { reported: true }),
  define('integer_datetimes', 'bool', 'on', 'internal', 'Shows whether datetimes are integer based.', { reported: true }),
  define('IntervalStyle', 'enum', 'postgres', 'user', 'Sets the display format for interval values.', { reported: true, values: ['postgres', 'postgres_verbose', 'sql_standard', 'iso_8601'] }),
  define('is_superuser', 'bool', 'on', 'internal', 'Shows whether the current user is a superuser.', { reported: true }),
  define('lc_collate', 'string', 'C', 'internal', 'Shows the collation order locale.'),
  define('lc_ctype', 'string', 'C.UTF-8', 'internal', 'Shows the character classification and case conversion locale.'),
  define('lock_timeout', 'integer', '0', 'user', 'Sets the maximum allowed duration of any wait for a lock.', { unit: 'ms', min: 0, max: 2147483647 }),
  define('max_connections', 'integer', '100', 'server', 'Sets the maximum number of concurrent connections.'),
  define('max_identifier_length', 'integer', '63', 'internal', 'Shows the maximum identifier length.'),
  define('max_index_keys', 'integer', '32', 'internal', 'Shows the maximum number of index keys.'),
  define('search_path', 'string', '"$user", public', 'user', 'Sets the schema search order for names that are not schema-qualified.'),
  define('server_encoding', 'string', 'UTF8', 'internal', 'Shows the server (database) character set encoding.', { reported: true }),
  define('server_version', 'string', '15.0 (Headrace 0.1.0)', 'internal', 'Shows the server version.', { reported: true }),
  define('server_version_num', 'integer', '150000', 'internal', 'Shows the server version as an integer.'),
  define('session_authorization', 'string', '', 'internal', 'Shows the session user name.', { reported: true }),
  define('role', 'string', 'none', 'user', 'Sets the current role.'),
  define('row_security', 'bool', 'on', 'user', 'Enables row security.'),
  define('sql_dialect', 'enum', 'postgres', 'user', 'Sets the SQL dialect in which SELECT statements are read.', { values: DIALECT_NAMES }),
  define('standard_conforming_strings', 'bool', 'on', 'user', "Causes '...' strings to treat backslashes literally.", { reported: true }),
  define('statement_timeout', 'integer', '0', 'user', 'Sets the maximum allowed duration of any statement.', { unit: 'ms', min: 0, max: 2147483647 }),
  define('synchronous_commit', 'enum', 'on', 'user', "Sets the current transaction's synchronization level.", { values: ['on', 'off', 'local', 'remote_write', 'remote_apply'] }),
  define('temp_file_limit', 'integer', '-1', 'user', 'Limits the total size of all temporary files used by each statement.', { unit: 'kB', min: -1, max: 2147483647 }),
  define('TimeZone', 'string', 'UTC', 'user', 'Sets the time zone for displaying and interpreting time stamps.', { reported: true, check: checkTimeZone }),
  define('transaction_isolation', 'enum', 'read committed', 'user', "Sets the current transaction's isolation level.", { values: ISOLATION_LEVELS, check: checkIsolation('transaction_isolation') }),
  define('transaction_read_only', 'bool', 'off', 'user', "Sets the current transaction's read-only status."),
  define('transaction_deferrable', 'bool', 'off', 'user', 'Whether to defer a read-only serializable transaction until it can be executed with no possible serialization failures.'),
  define('work_mem', 'integer', '1048576', 'user', 'Sets the maximum memory to be used by one statement.', { unit: 'kB', min: 64, max: 2147483647 }),
  define('check_function_bodies', 'bool', 'on', 'user', 'Checks routine bodies during CREATE FUNCTION.'),
  define('xmloption', 'enum', 'content', 'user', 'Sets whether XML data in implicit parsing is to be considered as documents or content fragments.', { values: ['content', 'document'] }),
  define('default_table_access_method', 'string', 'heap', 'user', 'Sets the default table access method for new tables.'),
  define('default_tablespace', 'string', '', 'user', 'Sets the default tablespace to create tables and indexes in.'),
  define('headrace.batch_rows', 'integer', '2048', 'user', 'Rows per batch at the sources of a plan; fewer than 2048 are for tests.', { min: 1, max: 2048 }),
  define('headrace.min_worker_rows', 'integer', '20000', 'user', 'Rows of a table from which on its scans are given to worker threads.', { min: 0, max: 2147483647 }),
  define('headrace.min_generated_rows', 'integer', '20000', 'user', 'Rows from which on aggregations run as code generated for them; -1: never.', { min: -1, max: 2147483647 }),
  define('headrace.spill_rows', 'integer', '0', 'user', 'Rows that an operator keeps before it writes them to a temporary file; 0: as many as memory allows.', { min: 0, max: 2147483647 }),
  define('headrace.optimizer_disabled_rules', 'string', '', 'user', 'Names optimizer rules to leave out, separated by commas.'),
  define('headrace.subscription_queue_rows', 'integer', '100000', 'user', 'Rows that may wait for a slow subscriber before it is cut off.', { min: 1, max: 100_000_000 }),
];
