// Session settings (PostgreSQL's GUCs): one table of definitions, and the values of one session with SET LOCAL and
// transactional SET: a rollback restores what the transaction changed. Units and texts as PostgreSQL has them.
import { type SqlError, sqlError } from '../errors/sql-error.ts';
import { SETTINGS, type SettingDefinition } from './settings-table.ts';

const BY_NAME = new Map(SETTINGS.map((definition) => [definition.name.toLowerCase(), definition]));
const KEYS = new Map(SETTINGS.map((definition) => [definition.name, definition.name.toLowerCase()]));
const NOTHING: readonly [string, string][] = [];

/** The key a name is kept under; names as they are defined cost no new string. */
function keyOf(name: string): string {
  return KEYS.get(name) ?? name.toLowerCase();
}

export function findSetting(name: string): SettingDefinition | undefined {
  return BY_NAME.get(name.toLowerCase());
}

function unknownSetting(name: string): SqlError {
  return sqlError('undefined_object', `unrecognized configuration parameter "${name}"`);
}

const TIME_UNITS: Readonly<Record<string, number>> = {
  us: 0.001,
  ms: 1,
  s: 1000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
const MEMORY_UNITS: Readonly<Record<string, number>> = {
  B: 1 / 1024,
  kB: 1,
  MB: 1024,
  GB: 1_048_576,
  TB: 1_073_741_824,
};

function invalidValue(definition: SettingDefinition, value: string, hint?: string): SqlError {
  return sqlError(
    'invalid_parameter_value',
    `invalid value for parameter "${definition.name}": "${value}"`,
    hint === undefined ? {} : { hint },
  );
}

function canonicalBool(definition: SettingDefinition, value: string): string {
  const lower = value.toLowerCase();
  const isPrefix = (word: string, least: number) => lower.length >= least && word.startsWith(lower);
  if (isPrefix('true', 1) || isPrefix('yes', 1) || lower === 'on' || lower === '1') return 'on';
  if (isPrefix('false', 1) || isPrefix('no', 1) || isPrefix('off', 2) || lower === '0') return 'off';
  throw sqlError('invalid_parameter_value', `parameter "${definition.name}" requires a Boolean value`);
}

function canonicalInteger(definition: SettingDefinition, value: string): string {
  const match = /^\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*([a-zA-Z]*)\s*$/.exec(value);
  if (match === null) throw invalidValue(definition, value);
  let number = Number(match[1]);
  const unit = match[2]!;
  if (unit !== '') {
    const isTime = definition.unit === 'ms' || definition.unit === 's' || definition.unit === 'min';
    const table = definition.unit === undefined ? {} : isTime ? TIME_UNITS : MEMORY_UNITS;
    const factor = (table as Record<string, number>)[unit];
    if (factor === undefined) {
      const units = isTime ? '"us", "ms", "s", "min", "h", and "d"' : '"B", "kB", "MB", "GB", and "TB"';
      throw invalidValue(
        definition,
        value,
        definition.unit === undefined ? undefined : `Valid units for this parameter are ${units}.`,
      );
    }
    number = (number * factor) / (isTime ? TIME_UNITS[definition.unit!]! : 1);
  }
  number = Math.round(number);
  const { min, max } = definition;
  if ((min !== undefined && number < min) || (max !== undefined && number > max)) {
    const unitText = definition.unit === undefined ? '' : ` ${definition.unit}`;
    throw sqlError(
      'invalid_parameter_value',
      `${number}${unitText} is outside the valid range for parameter "${definition.name}" (${min} .. ${max})`,
    );
  }
  return String(number);
}

/** The value as it is kept, or throws 22023. */
export function canonicalSetting(definition: SettingDefinition, value: string): string {
  if (definition.check !== undefined) return definition.check(value);
  switch (definition.kind) {
    case 'bool':
      return canonicalBool(definition, value);
    case 'integer':
      return canonicalInteger(definition, value);
    case 'enum': {
      const lower = value.toLowerCase();
      if (definition.values!.includes(lower)) return lower;
      throw invalidValue(definition, value, `Available values: ${definition.values!.join(', ')}.`);
    }
    default:
      return value;
  }
}

/** How SHOW prints a kept value: with its unit, the largest that is exact. */
export function displaySetting(definition: SettingDefinition, value: string): string {
  if (definition.unit === undefined || value === '0' || value === '-1') return value;
  const isTime = definition.unit === 'ms' || definition.unit === 's' || definition.unit === 'min';
  const table = isTime ? TIME_UNITS : MEMORY_UNITS;
  let amount = Number(value) * (isTime ? TIME_UNITS[definition.unit]! : 1);
  let best = isTime ? 'ms' : 'kB';
  for (const [unit, factor] of Object.entries(table)) {
    if (factor >= 1 && Number(value) % factor === 0) best = unit;
  }
  amount /= table[best]!;
  return `${amount}${best}`;
}

export class Settings {
  private readonly values = new Map<string, string>();
  private readonly defaults = new Map<string, string>();
  /** values to restore at rollback (all changes) and at commit (SET LOCAL), newest last; null outside a transaction */
  private undo: { name: string; before: string; local: boolean }[] | null = null;
  private readonly reported = new Map<string, string>();
  private reportedVersion = -1;
  private changes = 0;

  constructor() {
    for (const definition of SETTINGS) this.values.set(definition.name.toLowerCase(), definition.initial);
  }

  /** Session defaults from the server or the startup packet: what RESET goes back to. */
  setDefault(name: string, value: string): void {
    const definition = findSetting(name);
    if (definition === undefined && !name.includes('.')) throw unknownSetting(name);
    const canonical = definition === undefined ? value : canonicalSetting(definition, value);
    this.defaults.set(keyOf(name), canonical);
    this.write(keyOf(name), canonical);
  }

  /** Changes whenever a value does: what was derived from settings is good as long as it stays. */
  get version(): number {
    return this.changes;
  }

  get(name: string): string {
    const value = this.values.get(name) ?? this.values.get(keyOf(name));
    if (value === undefined) throw unknownSetting(name);
    return value;
  }

  has(name: string): boolean {
    return this.values.has(keyOf(name));
  }

  number(name: string): number {
    return Number(this.get(name));
  }

  bool(name: string): boolean {
    return this.get(name) === 'on';
  }

  /** value null: back to the default. Throws 42704, 22023, 55P02. */
  set(name: string, value: string | null, local = false): void {
    const key = name.toLowerCase();
    const definition = findSetting(name);
    if (definition === undefined && !name.includes('.')) throw unknownSetting(name);
    if (definition !== undefined && definition.context !== 'user') {
      const when =
        definition.context === 'server' ? 'cannot be changed without restarting the server' : 'cannot be changed';
      throw sqlError('cant_change_runtime_param', `parameter "${definition.name}" ${when}`);
    }
    const canonical =
      value === null
        ? (this.defaults.get(key) ?? definition?.initial ?? '')
        : definition === undefined
          ? value
          : canonicalSetting(definition, value);
    if (this.undo !== null) this.undo.push({ name: key, before: this.values.get(key) ?? '', local });
    else if (local) return;
    this.write(key, canonical);
  }

  private write(key: string, value: string): void {
    if (this.values.get(key) === value) return;
    this.values.set(key, value);
    this.changes++;
  }

  resetAll(): void {
    for (const definition of SETTINGS) {
      if (definition.context === 'user' && !definition.name.startsWith('transaction_')) this.set(definition.name, null);
    }
  }

  beginTransaction(): void {
    this.undo = [];
  }

  /** A mark for savepoints. */
  mark(): number {
    return this.undo?.length ?? 0;
  }

  rollbackTo(mark: number): void {
    if (this.undo === null) return;
    for (const entry of this.undo.splice(mark).reverse()) this.write(entry.name, entry.before);
  }

  endTransaction(committed: boolean): void {
    const { undo } = this;
    this.undo = null;
    if (undo === null || undo.length === 0) return;
    if (!committed) {
      for (const entry of undo.reverse()) this.write(entry.name, entry.before);
      return;
    }
    // The value before the first SET LOCAL returns, unless a plain SET came later.
    const restored = new Map<string, string | null>();
    for (const entry of undo) {
      if (!entry.local) restored.set(entry.name, null);
      else if (!restored.has(entry.name) || restored.get(entry.name) === null) restored.set(entry.name, entry.before);
    }
    for (const [name, before] of restored) if (before !== null) this.write(name, before);
  }

  /** Reported settings; with `changedOnly`, those that differ from what was last taken. */
  takeReported(changedOnly: boolean): readonly [string, string][] {
    if (changedOnly && this.reportedVersion === this.changes) return NOTHING;
    this.reportedVersion = this.changes;
    const result: [string, string][] = [];
    for (const definition of SETTINGS) {
      if (definition.reported !== true) continue;
      const value = this.values.get(definition.name.toLowerCase())!;
      if (changedOnly && this.reported.get(definition.name) === value) continue;
      this.reported.set(definition.name, value);
      result.push([definition.name, value]);
    }
    return result;
  }

  /** For internal settings such as is_superuser and session_authorization. */
  force(name: string, value: string): void {
    this.write(keyOf(name), value);
    this.defaults.set(keyOf(name), value);
  }

  all(): { definition: SettingDefinition; value: string }[] {
    return SETTINGS.map((definition) => ({ definition, value: this.values.get(definition.name.toLowerCase())! }));
  }
}

/** Settings whose value is a list of names. */
export function isListSetting(name: string): boolean {
  return name === 'search_path' || name.toLowerCase() === 'datestyle';
}

export { SETTINGS };
