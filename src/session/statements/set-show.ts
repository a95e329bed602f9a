// SET, RESET, SHOW, SET TIME ZONE, SET TRANSACTION.
import { rolesOf } from '../../catalog/privileges.ts';
import { sqlError } from '../../errors/sql-error.ts';
import type { Expression } from '../../sql/ast.ts';
import type { SetSetting, SetTimeZone, SetTransaction, SettingValue, ShowSetting } from '../../sql/ast-utility.ts';
import { DatumRowSource, type StatementResult, tagOnly } from '../row-source.ts';
import type { ResultField } from '../session-contract.ts';
import type { SessionState } from '../session-state.ts';
import { displaySetting, findSetting, isListSetting, SETTINGS } from '../settings.ts';
import { plainField, type RunOf } from './statement-run.ts';

export function runSet({ state, statement }: RunOf<SetSetting>): StatementResult {
  const { settings, transactions } = state;
  const tag = statement.reset ? 'RESET' : 'SET';
  if (statement.name === 'all') {
    settings.resetAll();
    return tagOnly(tag);
  }
  if (statement.name === 'session_authorization' || statement.name === 'role') {
    setRole(state, statement);
    return tagOnly(tag);
  }
  if (statement.local && !transactions.inBlock) {
    state.notice('WARNING', sqlError('no_active_sql_transaction', 'SET LOCAL can only be used in transaction blocks'));
  }
  settings.set(
    statement.name,
    statement.values === null ? null : joinValues(statement.name, statement.values),
    statement.local,
  );
  return tagOnly(tag);
}

/** SET ROLE: to a role that the one who logged in is a member of; SET SESSION AUTHORIZATION to another is a superuser's. */
function setRole(state: SessionState, { name, values, local }: SetSetting): void {
  const wanted = values?.[0]?.text ?? 'none';
  if (wanted === 'none' || wanted === 'default') return state.setRole(state.loginRole.oid, local);
  const role = state.catalog().findRole(wanted);
  if (role === undefined) throw sqlError('invalid_parameter_value', `role "${wanted}" does not exist`);
  const login = state.catalog().roles.get(state.loginRole.oid) ?? state.loginRole;
  const allowed = login.superuser || (name === 'role' && rolesOf(state.catalog(), login.oid, false).has(role.oid));
  if (!allowed && role.oid !== login.oid) {
    const text =
      name === 'role' ? `permission denied to set role "${wanted}"` : 'permission denied to set session authorization';
    throw sqlError('insufficient_privilege', text);
  }
  state.setRole(role.oid, local);
}

/** List settings (search_path) keep each name quoted where it must be; others take one value. */
function joinValues(name: string, values: readonly SettingValue[]): string {
  if (!isListSetting(name)) {
    if (values.length > 1) throw sqlError('invalid_parameter_value', `SET ${name} takes only one argument`);
    return values[0]!.text;
  }
  const quote = (text: string) => (/^[a-z_][a-z0-9_$]*$/.test(text) ? text : `"${text.replaceAll('"', '""')}"`);
  return values
    .map((value) =>
      value.kind === 'string' && values.length === 1 && value.text.includes(',') ? value.text : quote(value.text),
    )
    .join(', ');
}

export function runSetTimeZone({ state, statement }: RunOf<SetTimeZone>): StatementResult {
  state.settings.set('TimeZone', statement.value === null ? null : timeZoneText(statement.value), statement.local);
  return tagOnly('SET');
}

function timeZoneText(value: Expression): string {
  if (value.kind === 'string') return value.value;
  if (value.kind === 'column') return value.parts.join('.');
  const hours = wholeHours(value);
  // POSIX signs of Etc/GMT names are the other way round.
  if (hours !== null) return hours === 0 ? 'UTC' : `Etc/GMT${hours > 0 ? '-' : '+'}${Math.abs(hours)}`;
  throw sqlError('feature_not_supported', 'this form of time zone is not supported', {
    hint: "Use a name such as 'Europe/Berlin' or a number of hours.",
    position: value.position,
  });
}

/** 5, -5, INTERVAL '+05:00' HOUR TO MINUTE (which is what Sequelize sends); null: something else. */
function wholeHours(value: Expression): number | null {
  if (value.kind === 'integer') return Number(value.text);
  if (value.kind === 'unary' && value.operand.kind === 'integer') return -Number(value.operand.text);
  const offset = value.kind === 'typed_literal' ? /^([+-]?\d{1,2})(?::00){0,2}$/.exec(value.value.trim()) : null;
  return offset === null ? null : Number(offset[1]);
}

export function runSetTransaction({ state, statement }: RunOf<SetTransaction>): StatementResult {
  if (statement.snapshot !== null) {
    throw sqlError('feature_not_supported', 'SET TRANSACTION SNAPSHOT is not supported');
  }
  if (statement.scope === 'session') {
    for (const mode of statement.modes) {
      if (mode.kind === 'isolation') state.settings.set('default_transaction_isolation', mode.level);
      if (mode.kind === 'read_only') state.settings.set('default_transaction_read_only', mode.value ? 'on' : 'off');
    }
    return tagOnly('SET');
  }
  state.transactions.setModes(statement.modes);
  if (!state.transactions.inBlock) {
    state.notice(
      'WARNING',
      sqlError('no_active_sql_transaction', 'SET TRANSACTION can only be used in transaction blocks'),
    );
  }
  return tagOnly('SET');
}

export function showFields(statement: ShowSetting): readonly ResultField[] {
  if (statement.name === 'all') return [plainField('name'), plainField('setting'), plainField('description')];
  return [plainField(findSetting(statement.name)?.name ?? statement.name)];
}

export function runShow({ state, statement }: RunOf<ShowSetting>): StatementResult {
  const fields = showFields(statement);
  const rows =
    statement.name === 'all'
      ? SETTINGS.map((definition) => [
          definition.name,
          displaySetting(definition, state.settings.get(definition.name)),
          definition.description,
        ])
      : [[showSetting(state.settings.get(statement.name), statement.name)]];
  return { rows: new DatumRowSource(state.services.arena, fields, rows), tag: () => 'SHOW' };
}

function showSetting(value: string, name: string): string {
  const definition = findSetting(name);
  return definition === undefined ? value : displaySetting(definition, value);
}
