// The options of delimited text (COPY's text and csv formats): their defaults, their rules and PostgreSQL's errors for broken ones.
import { sqlError } from '../../errors/sql-error.ts';

export type CopyFormat = 'text' | 'csv';

export interface DelimitedOptions {
  readonly format: CopyFormat;
  readonly delimiter: string;
  readonly nullText: string;
  readonly header: boolean | 'match';
  readonly quote: string;
  readonly escape: string;
  /** column names, or '*' for all */
  readonly forceQuote: readonly string[] | '*';
  readonly forceNull: readonly string[] | '*';
  readonly forceNotNull: readonly string[] | '*';
  readonly onError: 'stop' | 'ignore';
  readonly rejectLimit: number | null;
}

/** An option's value as a statement gives it: text, a bare name (true), or a list of column names. */
export type CopyOptionValue = string | boolean | readonly string[];

export const TEXT_DEFAULTS: DelimitedOptions = {
  format: 'text',
  delimiter: '\t',
  nullText: '\\N',
  header: false,
  quote: '"',
  escape: '"',
  forceQuote: [],
  forceNull: [],
  forceNotNull: [],
  onError: 'stop',
  rejectLimit: null,
};

export const CSV_DEFAULTS: DelimitedOptions = { ...TEXT_DEFAULTS, format: 'csv', delimiter: ',', nullText: '' };

function textValue(name: string, value: CopyOptionValue): string {
  if (typeof value === 'string') return value;
  throw sqlError('syntax_error', `${name} requires a parameter`);
}

function booleanValue(name: string, value: CopyOptionValue): boolean {
  const word = String(value).toLowerCase();
  if (['true', 'on', '1'].includes(word)) return true;
  if (['false', 'off', '0'].includes(word)) return false;
  throw sqlError('syntax_error', `${name} requires a Boolean value`);
}

function columnsValue(name: string, value: CopyOptionValue): readonly string[] | '*' {
  if (value === '*') return '*';
  if (typeof value === 'object') return value;
  throw sqlError('invalid_parameter_value', `argument to option "${name}" must be a list of column names`);
}

function setOption(into: Record<string, unknown>, name: string, value: CopyOptionValue): void {
  switch (name) {
    case 'format':
      return;
    case 'freeze':
      booleanValue(name, value);
      return;
    case 'delimiter':
    case 'quote':
    case 'escape':
      into[name] = textValue(name, value);
      return;
    case 'null':
      into.nullText = textValue(name, value);
      return;
    case 'header':
      into.header = String(value).toLowerCase() === 'match' ? 'match' : headerValue(value);
      return;
    case 'force_quote':
    case 'force_null':
    case 'force_not_null':
      into[name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase())] = columnsValue(name, value);
      return;
    case 'encoding': {
      const encoding = textValue(name, value).toUpperCase().replaceAll(/[-_ ]/g, '');
      if (encoding === 'UTF8' || encoding === 'UNICODE' || encoding === 'SQLASCII') return;
      throw sqlError('feature_not_supported', `COPY encoding "${String(value)}" is not supported`, {
        hint: 'Use UTF8.',
      });
    }
    case 'on_error': {
      const word = textValue(name, value).toLowerCase();
      if (word !== 'stop' && word !== 'ignore') {
        throw sqlError('invalid_parameter_value', `COPY ON_ERROR "${word}" not recognized`);
      }
      into.onError = word;
      return;
    }
    case 'reject_limit': {
      const limit = Number(value);
      if (!Number.isInteger(limit) || limit <= 0) {
        throw sqlError('invalid_parameter_value', `REJECT_LIMIT (${String(value)}) must be greater than zero`);
      }
      into.rejectLimit = limit;
      return;
    }
    case 'log_verbosity':
      return;
    case 'default':
      throw sqlError('feature_not_supported', 'COPY DEFAULT is not supported', {
        hint: 'Leave the column out of the column list.',
      });
    default:
      throw sqlError('syntax_error', `option "${name}" not recognized`);
  }
}

function headerValue(value: CopyOptionValue): boolean {
  try {
    return booleanValue('header', value);
  } catch {
    throw sqlError('syntax_error', 'header requires a Boolean value or "match"');
  }
}

/** For COPY's binary format, which has none of the delimited formats' options: throws for each that is given. */
export function checkBinaryOptions(options: Readonly<Record<string, CopyOptionValue>>): void {
  const given: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(options)) setOption(given, name, value);
  for (const name of ['delimiter', 'nullText', 'header']) {
    if (given[name] === undefined || given[name] === false) continue;
    const word = name === 'nullText' ? 'NULL' : name.toUpperCase();
    throw sqlError('syntax_error', `cannot specify ${word} in BINARY mode`);
  }
  for (const name of ['quote', 'escape', 'forceQuote', 'forceNull', 'forceNotNull']) {
    if (given[name] !== undefined) throw requiresCsv(name);
  }
}

function requiresCsv(option: string): Error {
  const label = option.replace(/[A-Z]/g, (letter) => ` ${letter}`).toLowerCase();
  return sqlError('feature_not_supported', `COPY ${label} available only in CSV mode`);
}

/** COPY's options (names in lower case) as one checked value. `direction`: 'from' reads, 'to' writes. */
export function readDelimitedOptions(
  options: Readonly<Record<string, CopyOptionValue>>,
  direction: 'from' | 'to',
): DelimitedOptions {
  const format = String(options.format ?? 'text').toLowerCase();
  if (format !== 'text' && format !== 'csv') {
    throw sqlError('invalid_parameter_value', `COPY format "${format}" not recognized`);
  }
  const given: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(options)) setOption(given, name, value);
  const defaults = format === 'csv' ? CSV_DEFAULTS : TEXT_DEFAULTS;
  if (given.quote !== undefined && given.escape === undefined) given.escape = given.quote;
  const result: DelimitedOptions = { ...defaults, ...given };
  checkOptions(result, given, direction);
  return result;
}

function checkOptions(options: DelimitedOptions, given: Record<string, unknown>, direction: 'from' | 'to'): void {
  const wrong = (message: string) => sqlError('invalid_parameter_value', message);
  const { delimiter, quote, nullText } = options;
  if (Buffer.byteLength(delimiter) !== 1) {
    throw sqlError('feature_not_supported', 'COPY delimiter must be a single one-byte character');
  }
  if (delimiter === '\r' || delimiter === '\n') throw wrong('COPY delimiter cannot be newline or carriage return');
  if (/[\r\n]/.test(nullText)) throw wrong('COPY null representation cannot use newline or carriage return');
  if (options.format === 'text') {
    if (/[\\.a-z0-9]/.test(delimiter)) throw wrong(`COPY delimiter cannot be "${delimiter}"`);
    for (const name of ['quote', 'escape', 'forceQuote', 'forceNull', 'forceNotNull']) {
      if (given[name] !== undefined) throw requiresCsv(name);
    }
  } else {
    if (Buffer.byteLength(quote) !== 1)
      throw sqlError('feature_not_supported', 'COPY quote must be a single one-byte character');
    if (Buffer.byteLength(options.escape) !== 1)
      throw sqlError('feature_not_supported', 'COPY escape must be a single one-byte character');
    if (delimiter === quote) throw wrong('COPY delimiter and quote must be different');
    if (nullText.includes(quote)) throw wrong('CSV quote character must not appear in the NULL specification');
  }
  if (nullText.includes(delimiter)) throw wrong('COPY delimiter character must not appear in the NULL specification');
  if (direction === 'from' && given.forceQuote !== undefined) {
    throw sqlError('feature_not_supported', 'COPY FORCE_QUOTE cannot be used with COPY FROM');
  }
  if (direction === 'to') {
    if (options.header === 'match')
      throw sqlError('feature_not_supported', 'cannot use "match" with HEADER in COPY TO');
    if (given.forceNull !== undefined)
      throw sqlError('feature_not_supported', 'COPY FORCE_NULL cannot be used with COPY TO');
    if (given.forceNotNull !== undefined)
      throw sqlError('feature_not_supported', 'COPY FORCE_NOT_NULL cannot be used with COPY TO');
    if (given.onError !== undefined)
      throw sqlError('feature_not_supported', 'COPY ON_ERROR cannot be used with COPY TO');
  }
}
