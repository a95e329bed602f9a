// The first packets of a connection, which have no type byte: what they ask for, and protocol negotiation. Pure.
// Versions 3.0 to 3.2; 3.2 only lengthens the cancel key. Anything newer, or an unknown `_pq_.` option, is answered with
// NegotiateProtocolVersion, never unasked (older libpq cannot read it).
import { type SqlErrorDetails, sqlError } from '../../errors/sql-error.ts';
import { FramingError } from './message-reader.ts';

const CANCEL_REQUEST_CODE = 80877102;
const SSL_REQUEST_CODE = 80877103;
const GSSENC_REQUEST_CODE = 80877104;
const LATEST_MINOR = 2;
/** PostgreSQL's NAMEDATALEN - 1, in bytes. */
const MAX_NAME_BYTES = 63;
const MIN_CANCEL_KEY_BYTES = 4;
const MAX_CANCEL_KEY_BYTES = 256;

export interface StartupRequest {
  readonly kind: 'startup';
  /** minor version both sides speak from now on */
  readonly minor: number;
  /** what NegotiateProtocolVersion must say, or null if it must not be sent */
  readonly negotiate: { readonly version: number; readonly options: readonly string[] } | null;
  readonly user: string;
  readonly database: string;
  /** settings, those of `options` first */
  readonly parameters: ReadonlyMap<string, string>;
}

export type FirstPacket =
  | { readonly kind: 'ssl' }
  | { readonly kind: 'gssenc' }
  | { readonly kind: 'cancel'; readonly processId: number; readonly secretKey: Uint8Array }
  | StartupRequest;

/** `body` is the packet without its length. Throws SqlErrors to be reported FATAL, FramingError to close silently. */
export function parseFirstPacket(body: Buffer): FirstPacket {
  const code = body.readUInt32BE(0);
  if (code === SSL_REQUEST_CODE || code === GSSENC_REQUEST_CODE) {
    if (body.length !== 4) throw new FramingError('invalid length of startup packet');
    return { kind: code === SSL_REQUEST_CODE ? 'ssl' : 'gssenc' };
  }
  if (code === CANCEL_REQUEST_CODE) {
    const keyLength = body.length - 8;
    if (keyLength < MIN_CANCEL_KEY_BYTES || keyLength > MAX_CANCEL_KEY_BYTES) {
      throw new FramingError('invalid length of cancel request packet');
    }
    return { kind: 'cancel', processId: body.readInt32BE(4), secretKey: body.subarray(8) };
  }
  return parseStartup(code, body);
}

function parseStartup(version: number, body: Buffer): StartupRequest {
  const major = version >>> 16;
  const minor = version & 0xffff;
  if (major !== 3) {
    const message = `unsupported frontend protocol ${major}.${minor}: server supports 3.0 to 3.${LATEST_MINOR}`;
    throw sqlError('feature_not_supported', message);
  }
  const entries = parseEntries(body);
  let user = '';
  let database = '';
  const fromOptions = new Map<string, string>();
  const settings = new Map<string, string>();
  const unknownOptions: string[] = [];
  for (const [name, value] of entries) {
    if (name === 'user') user = value;
    else if (name === 'database') database = value;
    else if (name === 'options') for (const [key, setting] of parseOptions(value)) fromOptions.set(key, setting);
    else if (name === 'replication') refuseReplication(value);
    else if (name.startsWith('_pq_.')) unknownOptions.push(name);
    else settings.set(name, value);
  }
  if (user === '') {
    throw sqlError('invalid_authorization_specification', 'no PostgreSQL user name specified in startup packet');
  }
  for (const [name, value] of settings) fromOptions.set(name, value);
  const spoken = Math.min(minor, LATEST_MINOR);
  const mustNegotiate = minor > LATEST_MINOR || unknownOptions.length > 0;
  return {
    kind: 'startup',
    minor: spoken,
    negotiate: mustNegotiate ? { version: (3 << 16) | spoken, options: unknownOptions } : null,
    user: truncateName(user),
    database: truncateName(database === '' ? user : database),
    parameters: fromOptions,
  };
}

function parseEntries(body: Buffer): [string, string][] {
  const entries: [string, string][] = [];
  let at = 4;
  const next = (): string => {
    const end = body.indexOf(0, at);
    if (end < 0) throw badLayout();
    const text = body.toString('utf8', at, end);
    at = end + 1;
    return text;
  };
  while (at < body.length) {
    const name = next();
    if (name === '') {
      if (at !== body.length) throw badLayout();
      return entries;
    }
    if (at >= body.length) break;
    entries.push([name, next()]);
  }
  throw badLayout();
}

function badLayout(): Error {
  return sqlError('protocol_violation', 'invalid startup packet layout: expected terminator as last byte');
}

function truncateName(name: string): string {
  const bytes = Buffer.from(name, 'utf8');
  if (bytes.length <= MAX_NAME_BYTES) return name;
  let end = MAX_NAME_BYTES;
  while ((bytes[end]! & 0xc0) === 0x80) end--;
  return bytes.toString('utf8', 0, end);
}

const TRUE_WORDS = /^(on|t|tr|tru|true|y|ye|yes|1)$/i;
const FALSE_WORDS = /^(of|off|f|fa|fal|fals|false|n|no|0)$/i;

function refuseReplication(value: string): void {
  if (FALSE_WORDS.test(value)) return;
  if (TRUE_WORDS.test(value) || value.toLowerCase() === 'database') {
    throw sqlError('feature_not_supported', 'replication connections are not supported', {
      hint: 'Use SUBSCRIBE or COPY (SUBSCRIBE ...) TO STDOUT to follow changes.',
    });
  }
  throw sqlError('invalid_parameter_value', `invalid value for parameter "replication": "${value}"`, {
    hint: 'Valid values are: "false", 0, "true", 1, "database".',
  });
}

/** Settings of a startup `options` string: `-c name=value`, `--name=value`, with `\` escaping blanks and itself. */
export function parseOptions(text: string): [name: string, value: string][] {
  const words = splitOptions(text);
  const settings: [string, string][] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    if (word === '-c') settings.push(parseSetting(words[++i] ?? '', '-c '));
    else if (word.startsWith('--')) settings.push(parseSetting(word.slice(2), '--'));
    else if (word.startsWith('-c')) settings.push(parseSetting(word.slice(2), '-c '));
    else throw optionError(`invalid command-line argument for server process: ${word}`);
  }
  return settings;
}

function parseSetting(assignment: string, prefix: string): [string, string] {
  const equals = assignment.indexOf('=');
  if (equals < 0) throw optionError(`${prefix}${assignment} requires a value`, {});
  return [assignment.slice(0, equals).replaceAll('-', '_'), assignment.slice(equals + 1)];
}

function optionError(
  message: string,
  details: SqlErrorDetails = { hint: 'Use -c name=value or --name=value.' },
): Error {
  return sqlError('syntax_error', message, details);
}

function splitOptions(text: string): string[] {
  const words: string[] = [];
  let word: string | null = null;
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    if (/\s/.test(char)) {
      if (word !== null) words.push(word);
      word = null;
    } else if (char === '\\' && i + 1 < text.length) {
      word = (word ?? '') + text[++i]!;
    } else if (char !== '\\') {
      word = (word ?? '') + char;
    }
  }
  if (word !== null) words.push(word);
  return words;
}
