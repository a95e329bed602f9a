// Functions about the server, the session and the catalog, and the few that look at types: the session's SessionFunctions
// answers all that depend on it, by name.
import { SqlError, sqlError } from '../../errors/sql-error.ts';
import type { Datum, Interval } from '../../types/datum.ts';
import { intervalSpan } from '../../types/interval.ts';
import { typeNameOfOid } from '../../types/pseudo-types.ts';
import type { SqlType } from '../../types/sql-type.ts';
import { typeOperations } from '../../types/type-operations.ts';
import { formatType, typeFromName, typeFromOid, typeOid } from '../../types/type-table.ts';
import { type Args, type BodyFor, fn, row, rowFor, settingsOf } from '../define.ts';
import type { EvaluationContext, ParameterType, ScalarFunction } from '../function-definition.ts';

/** Waiting is the engine's business: the rows of this call come later, nothing else does. */
function sleeping(milliseconds: (args: Args) => number): BodyFor {
  return row((args, { delay }) => {
    if (delay === undefined) {
      throw sqlError('feature_not_supported', 'functions that wait are not available here', {
        hint: 'Call them in a query of their own.',
      });
    }
    const wait = milliseconds(args);
    if (wait > 0) delay(Math.min(wait, Number.MAX_SAFE_INTEGER));
    return '';
  });
}

/** What PostgreSQL has and this server has no use for: said by name, so that nobody takes it for a misspelling. */
const refused = (what: string, hint: string): BodyFor =>
  row(() => {
    throw sqlError('feature_not_supported', what, { hint });
  });

function bySession(name: string): BodyFor {
  return row((args, context) => {
    if (context.session === undefined) {
      throw sqlError('feature_not_supported', `function ${name} is not available here`, {
        hint: 'It depends on a session and cannot be part of a continuous query.',
      });
    }
    return context.session.call(name, args);
  });
}

/** has_x_privilege([role,] object, privilege), with roles and objects by name or oid. */
const PRIVILEGE_FUNCTIONS = [
  'has_table_privilege', 'has_any_column_privilege', 'has_schema_privilege', 'has_database_privilege', 'has_function_privilege',
  'has_sequence_privilege', 'has_type_privilege', 'has_language_privilege', 'has_tablespace_privilege', 'has_server_privilege',
  'has_foreign_data_wrapper_privilege',
].flatMap((name) => withRoles(name, ['text', 'oid'])) // biome-ignore format: a list of names
  .concat(withRoles('has_column_privilege', ['text,text', 'text,int2', 'oid,text', 'oid,int2']))
  .concat(withRoles('pg_has_role', ['name', 'oid']));

/** Of one number, or of two. */
const ADVISORY_FUNCTIONS = ['lock', 'xact_lock', 'unlock']
  .flatMap((what) => [`pg_advisory_${what}`, `pg_advisory_${what}_shared`, `pg_try_advisory_${what}`, `pg_try_advisory_${what}_shared`])
  .filter((name) => !name.includes('try_advisory_unlock'))
  .flatMap((name) => ['int8', 'int4,int4'].map((numbers): [string, string, ParameterType] => [
    name, numbers, /^pg_advisory.*[^n]lock/.test(name) ? 'void' : 'bool',
  ])); // biome-ignore format: a list of names

function withRoles(name: string, objects: readonly string[]): [string, string, ParameterType][] {
  return ['', 'name,', 'oid,'].flatMap((role) =>
    objects.map((object): [string, string, ParameterType] => [name, `${role}${object},text`, 'bool']),
  );
}

// name(parameters) -> result
const SESSION: readonly (readonly [name: string, parameters: string, result: ParameterType])[] = [
  ['version', '', 'text'],
  ['current_database', '', 'name'],
  ['current_catalog', '', 'name'],
  ['current_schema', '', 'name'],
  ['current_schemas', 'bool', 'name[]'],
  ['current_user', '', 'name'],
  ['session_user', '', 'name'],
  ['current_role', '', 'name'],
  ['user', '', 'name'],
  ['current_setting', 'text', 'text'],
  ['current_setting', 'text,bool', 'text'],
  ['set_config', 'text,text,bool', 'text'],
  ['pg_backend_pid', '', 'int4'],
  ['pg_cancel_backend', 'int4', 'bool'],
  ['pg_terminate_backend', 'int4', 'bool'],
  ['pg_blocking_pids', 'int4', 'int4[]'],
  ['pg_postmaster_start_time', '', 'timestamptz'],
  ['pg_conf_load_time', '', 'timestamptz'],
  ['pg_is_in_recovery', '', 'bool'],
  ['pg_get_userbyid', 'oid', 'name'],
  ['pg_encoding_to_char', 'int4', 'name'],
  ['getdatabaseencoding', '', 'name'],
  ['pg_client_encoding', '', 'name'],
  ['pg_get_expr', 'pg_node_tree,oid', 'text'],
  ['pg_get_expr', 'pg_node_tree,oid,bool', 'text'],
  ['pg_get_viewdef', 'oid', 'text'],
  ['pg_get_viewdef', 'oid,bool', 'text'],
  ['pg_get_viewdef', 'text', 'text'],
  ['pg_get_indexdef', 'oid', 'text'],
  ['pg_get_indexdef', 'oid,int4,bool', 'text'],
  ['pg_get_constraintdef', 'oid', 'text'],
  ['pg_get_constraintdef', 'oid,bool', 'text'],
  ['pg_get_functiondef', 'oid', 'text'],
  ['pg_get_function_result', 'oid', 'text'],
  ['pg_get_function_arguments', 'oid', 'text'],
  ['pg_get_function_identity_arguments', 'oid', 'text'],
  ['pg_get_function_sqlbody', 'oid', 'text'],
  ['pg_get_triggerdef', 'oid', 'text'],
  ['pg_get_triggerdef', 'oid,bool', 'text'],
  ['pg_get_ruledef', 'oid', 'text'],
  ['pg_get_ruledef', 'oid,bool', 'text'],
  ['pg_get_partkeydef', 'oid', 'text'],
  ['pg_get_serial_sequence', 'text,text', 'text'],
  ['pg_get_statisticsobjdef_columns', 'oid', 'text'],
  ['pg_table_is_visible', 'oid', 'bool'],
  ['pg_type_is_visible', 'oid', 'bool'],
  ['pg_function_is_visible', 'oid', 'bool'],
  ['pg_collation_is_visible', 'oid', 'bool'],
  ['pg_opclass_is_visible', 'oid', 'bool'],
  ['pg_operator_is_visible', 'oid', 'bool'],
  ['pg_statistics_obj_is_visible', 'oid', 'bool'],
  ['pg_opfamily_is_visible', 'oid', 'bool'],
  ['pg_conversion_is_visible', 'oid', 'bool'],
  ['pg_ts_config_is_visible', 'oid', 'bool'],
  ['pg_ts_dict_is_visible', 'oid', 'bool'],
  ['pg_ts_parser_is_visible', 'oid', 'bool'],
  ['pg_ts_template_is_visible', 'oid', 'bool'],
  ['pg_char_to_encoding', 'name', 'int4'],
  ['pg_tablespace_size', 'oid', 'int8'],
  ['pg_tablespace_size', 'name', 'int8'],
  ['obj_description', 'oid', 'text'],
  ['obj_description', 'oid,name', 'text'],
  ['shobj_description', 'oid,name', 'text'],
  ['col_description', 'oid,int4', 'text'],
  ['pg_relation_size', 'regclass', 'int8'],
  ['pg_total_relation_size', 'regclass', 'int8'],
  ['pg_table_size', 'regclass', 'int8'],
  ['pg_indexes_size', 'regclass', 'int8'],
  ['pg_database_size', 'name', 'int8'],
  ['pg_database_size', 'oid', 'int8'],
  ['pg_tablespace_location', 'oid', 'text'],
  ['pg_relation_is_publishable', 'regclass', 'bool'],
  ['to_regclass', 'text', 'regclass'],
  ['to_regtype', 'text', 'regtype'],
  ['to_regproc', 'text', 'regproc'],
  ['to_regnamespace', 'text', 'regnamespace'],
  ['to_regrole', 'text', 'regrole'],
  ...PRIVILEGE_FUNCTIONS,
  ['nextval', 'regclass', 'int8'],
  ['currval', 'regclass', 'int8'],
  ['lastval', '', 'int8'],
  ['setval', 'regclass,int8', 'int8'],
  ['setval', 'regclass,int8,bool', 'int8'],
  ['pg_sequence_last_value', 'regclass', 'int8'],
  ['txid_current', '', 'int8'],
  ['pg_current_xact_id', '', 'int8'],
  ['pg_stat_get_numscans', 'oid', 'int8'],
  ['age', 'xid', 'int4'],
  ['pg_notify', 'text,text', 'void'],
  ...ADVISORY_FUNCTIONS,
  ['pg_advisory_unlock_all', '', 'void'],
  ['inet_server_port', '', 'int4'],
];

const VOLATILE = /^(?:nextval|setval|currval|lastval|set_config|pg_notify|pg_cancel|pg_terminate|pg_.*advisory)/;

/** greatest and least ignore NULLs; all arguments have the common type. */
function extreme(direction: 1 | -1): BodyFor {
  return rowFor((types) => {
    const type = types[0]!;
    const { compare } = typeOperations(type);
    return (args) => {
      let best: Datum | null = null;
      for (const value of args) {
        if (value !== null && (best === null || compare(value, best, type) * direction > 0)) best = value;
      }
      return best;
    };
  });
}

function formatTypeOf(oid: number, typmod: number | null): string {
  if (oid === 0) return '-';
  const type = typeFromOid(oid, typmod ?? -1);
  if (type === undefined) return typeNameOfOid(oid) ?? '???';
  // with a NULL modifier bare character prints by its SQL name
  return type.name === 'bpchar' && type.length === undefined && typmod === null ? 'character' : formatType(type);
}

/** Whether the type's input function takes the text; bad text is no error here, an unknown type is. */
function isValidInput(text: string, typeName: string, context: EvaluationContext): boolean {
  const [, spelled, modifiers] = /^([^(]*?)\s*(?:\(([^)]*)\)\s*)?$/.exec(typeName) ?? [];
  const sizes = modifiers === undefined ? [] : modifiers.split(',').map(Number);
  const type = typeFromName([(spelled ?? typeName).trim().toLowerCase()], sizes);
  if (type === undefined) throw sqlError('undefined_object', `type "${typeName}" does not exist`);
  try {
    typeOperations(type).parseText(text, type, settingsOf(context));
    return true;
  } catch (error) {
    if (error instanceof SqlError) return false;
    throw error;
  }
}

const first = { resultType: ([type]: readonly SqlType[]) => type! };
const loose = { strict: false } as const;

export const SYSTEM: readonly ScalarFunction[] = [
  fn(
    'setseed',
    'float8',
    'void',
    refused('random() has no seed', 'Use a hash of a key, such as md5(id::text), for numbers that can be had again.'),
    { volatility: 'volatile' },
  ),
  fn(
    'pg_reload_conf',
    '',
    'bool',
    refused('there is no configuration file to read again', 'Use SET, or start the server with other options.'),
    { volatility: 'volatile' },
  ),
  ...SESSION.map(([name, parameters, result]) =>
    fn(name, parameters, result, bySession(name), { volatility: VOLATILE.test(name) ? 'volatile' : 'stable' }),
  ),
  fn('greatest', 'anycompatible', 'anycompatible', extreme(1), { ...loose, variadic: true, ...first }),
  fn('least', 'anycompatible', 'anycompatible', extreme(-1), { ...loose, variadic: true, ...first }),
  fn(
    'pg_typeof',
    'any',
    'regtype',
    rowFor((types) => () => typeOid(types[0]!)),
    { ...loose, volatility: 'stable' },
  ),
  fn(
    'format_type',
    'oid,int4',
    'text',
    row(([oid, typmod]) => (oid === null ? null : formatTypeOf((oid as number) >>> 0, typmod as number | null))),
    {
      ...loose,
      volatility: 'stable',
    },
  ),
  fn(
    'pg_column_size',
    'any',
    'int4',
    rowFor(
      (types) =>
        ([value]) =>
          typeOperations(types[0]!).encodeBinary(value!, types[0]!).length,
    ),
    {
      volatility: 'stable',
    },
  ),
  fn(
    'pg_input_is_valid',
    'text,text',
    'bool',
    row(([text, type], context) => isValidInput(text as string, type as string, context)),
    { volatility: 'stable' },
  ),
  fn(
    'pg_sleep',
    'float8',
    'void',
    sleeping(([seconds]) => (seconds as number) * 1000),
    { volatility: 'volatile' },
  ),
  fn(
    'pg_sleep_for',
    'interval',
    'void',
    sleeping(([span]) => Number(intervalSpan(span as Interval) / 1000n)),
    {
      volatility: 'volatile',
    },
  ),
  fn(
    'pg_sleep_until',
    'timestamptz',
    'void',
    sleeping(([moment]) => Number((moment as bigint) / 1000n) - Date.now()),
    { volatility: 'volatile' },
  ),
  fn(
    'num_nulls',
    'any',
    'int4',
    row((args) => args.filter((arg) => arg === null).length),
    { ...loose, variadic: true },
  ),
  fn(
    'num_nonnulls',
    'any',
    'int4',
    row((args) => args.filter((arg) => arg !== null).length),
    { ...loose, variadic: true },
  ),
];
