// SET, RESET, and the transaction modes that SET TRANSACTION shares with BEGIN.
import { sqlError } from '../../errors/sql-error.ts';
import type { Expression } from '../ast.ts';
import type {
  SetConstraints,
  SetSetting,
  SetTimeZone,
  SetTransaction,
  SettingValue,
  TransactionMode,
} from '../ast-utility.ts';
import type { Cursor } from './cursor.ts';
import { isNonReserved, parseColId, parseQualifiedName, parseWordOrString } from './names.ts';
import { parseSignedNumber } from './parse-options.ts';
import { parseConstantType, parseIntervalFields } from './parse-type.ts';

/** SET [SESSION | LOCAL] .. in all its forms. */
export function parseSet(c: Cursor): SetSetting | SetTransaction | SetTimeZone | SetConstraints {
  const { position } = c.expect('set');
  if (c.at('constraints') && !isAssignment(c)) return parseSetConstraints(c, position);
  let local = false;
  if (c.at('local') && !isAssignment(c)) {
    c.advance();
    local = true;
  } else if (c.at('session') && c.peek(1).word !== 'authorization' && !isAssignment(c)) {
    c.advance();
    if (c.acceptWords('characteristics', 'as', 'transaction')) {
      return { kind: 'set_transaction', scope: 'session', modes: parseModes(c, true), snapshot: null, position };
    }
  }
  if (c.at('transaction') && !isAssignment(c)) {
    c.advance();
    const snapshot = c.accept('snapshot') ? c.expectString() : null;
    const modes = snapshot === null ? parseModes(c, true) : [];
    return { kind: 'set_transaction', scope: 'transaction', modes, snapshot, position };
  }
  if (c.acceptWords('time', 'zone')) return { kind: 'set_time_zone', local, value: parseZone(c), position };
  return { ...parseSettingTail(c), local, position };
}

function isAssignment(c: Cursor): boolean {
  const next = c.peek(1).word;
  return next === '=' || next === 'to' || next === '.';
}

/** Behind SET [LOCAL]: `name = values` and the spellings that mean one. */
export function parseSettingTail(c: Cursor): SetSetting {
  const { position } = c.token;
  const make = (name: string, values: readonly SettingValue[] | null): SetSetting => ({
    kind: 'set',
    name,
    local: false,
    values,
    reset: false,
    fromCurrent: false,
    position,
  });
  if (!isAssignment(c)) {
    if (c.acceptWords('session', 'authorization')) return make('session_authorization', parseRoleValue(c, 'default'));
    if (c.accept('role')) return make('role', parseRoleValue(c, null));
    if (c.accept('names')) {
      if (c.token.type !== 'string') {
        c.accept('default');
        return make('client_encoding', null);
      }
      return make('client_encoding', [parseStringValue(c)]);
    }
    if (c.accept('schema')) return make('search_path', [parseStringValue(c)]);
    if (c.accept('catalog')) {
      parseStringValue(c);
      throw sqlError('feature_not_supported', 'current database cannot be changed', { position });
    }
    if (c.acceptWords('xml', 'option')) {
      return make('xmloption', [{ kind: 'word', text: c.expectOneOf('document', 'content'), position }]);
    }
  }
  const name = parseSettingName(c);
  if (c.acceptPhrase('from', 'current')) return { ...make(name, null), fromCurrent: true };
  if (!c.accept('=')) c.expect('to');
  return make(name, c.accept('default') ? null : c.list(parseSettingValue));
}

function parseSettingName(c: Cursor): string {
  const parts = [parseColId(c)];
  while (c.accept('.')) parts.push(parseColId(c));
  return parts.join('.').toLowerCase();
}

function parseStringValue(c: Cursor): SettingValue {
  const { position } = c.token;
  return { kind: 'string', text: c.expectString(), position };
}

/** A role; the word `none` is given as it is, DEFAULT (where it is allowed) as null. */
function parseRoleValue(c: Cursor, defaultWord: string | null): readonly SettingValue[] | null {
  if (defaultWord !== null && c.accept(defaultWord)) return null;
  const { position } = c.token;
  return [{ kind: 'string', text: parseWordOrString(c), position }];
}

/** var_value: true, on, a word, a string or a number */
function parseSettingValue(c: Cursor): SettingValue {
  const { position, type } = c.token;
  if (type === 'string') return { kind: 'string', text: c.advance().value, position };
  if (c.at('true') || c.at('false') || c.at('on')) return { kind: 'word', text: c.advance().word, position };
  if (isNonReserved(c.token)) return { kind: 'word', text: c.advance().value, position };
  return { kind: 'number', text: parseSignedNumber(c), position };
}

/** zone_value; LOCAL and DEFAULT are null. */
function parseZone(c: Cursor): Expression | null {
  const { token } = c;
  const { position } = token;
  if (c.accept('local') || c.accept('default')) return null;
  if (c.at('interval')) {
    const type = parseConstantType(c);
    const literal = c.token;
    const value = c.expectString();
    const { fields, precision } = parseIntervalFields(c);
    const intervalType = { ...type, intervalFields: fields, modifiers: [...type.modifiers, ...precision] };
    return { kind: 'typed_literal', type: intervalType, value, position: literal.position };
  }
  if (token.type === 'string' || token.type === 'identifier') {
    return { kind: 'string', value: c.advance().value, position };
  }
  const text = parseSignedNumber(c);
  const kind = /^-?\d+$/.test(text) ? 'integer' : 'decimal';
  if (!text.startsWith('-')) return { kind, text, position };
  const operand: Expression = { kind, text: text.slice(1), position };
  return { kind: 'unary', operator: '-', operatorSchema: [], operand, position };
}

export function parseReset(c: Cursor): SetSetting {
  const { position } = c.expect('reset');
  const make = (name: string): SetSetting => ({
    kind: 'set',
    name,
    local: false,
    values: null,
    reset: true,
    fromCurrent: false,
    position,
  });
  if (c.accept('all')) return make('all');
  return make(parseShownName(c));
}

export function parseShownName(c: Cursor): string {
  if (c.acceptWords('time', 'zone')) return 'timezone';
  if (c.acceptWords('session', 'authorization')) return 'session_authorization';
  if (c.acceptWords('transaction', 'isolation')) {
    c.expect('level');
    return 'transaction_isolation';
  }
  return parseSettingName(c);
}

/** transaction_mode_list, with or without commas; `required`: at least one. */
export function parseModes(c: Cursor, required: boolean): readonly TransactionMode[] {
  const modes: TransactionMode[] = [];
  for (let needed = required; ; needed = c.accept(',')) {
    const mode = parseMode(c);
    if (mode !== null) modes.push(mode);
    else if (needed) throw c.fail();
    else return modes;
  }
}

function parseMode(c: Cursor): TransactionMode | null {
  const { position } = c.token;
  if (c.accept('isolation')) {
    c.expect('level');
    return { kind: 'isolation', level: parseIsolationLevel(c), position };
  }
  if (c.accept('read')) return { kind: 'read_only', value: c.expectOneOf('only', 'write') === 'only', position };
  if (c.accept('deferrable')) return { kind: 'deferrable', value: true, position };
  if (c.acceptWords('not', 'deferrable')) return { kind: 'deferrable', value: false, position };
  return null;
}

function parseIsolationLevel(c: Cursor): 'read uncommitted' | 'read committed' | 'repeatable read' | 'serializable' {
  const first = c.expectOneOf('read', 'repeatable', 'serializable');
  if (first === 'serializable') return first;
  if (first === 'read') {
    return c.expectOneOf('uncommitted', 'committed') === 'committed' ? 'read committed' : 'read uncommitted';
  }
  c.expect('read');
  return 'repeatable read';
}

function parseSetConstraints(c: Cursor, position: number): SetConstraints {
  c.advance();
  const names = c.accept('all') ? [] : c.list(parseQualifiedName);
  return { kind: 'set_constraints', names, deferred: c.expectOneOf('deferred', 'immediate') === 'deferred', position };
}
