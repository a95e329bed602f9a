// One record of delimited text at a time, in plain TypeScript: for headers and for the sample that a schema is inferred from. The rows
// themselves are split by kernels, which agree with this (a property test holds them to it).
import type { DelimitedOptions } from './delimited-options.ts';

export interface DelimitedRecord {
  /** null: the NULL text */
  readonly fields: readonly (string | null)[];
  /** position behind the record's newline */
  readonly end: number;
  readonly lines: number;
}

const LF = 10;
const CR = 13;
const BACKSLASH = 92;
const CONTROLS: Readonly<Record<string, number>> = { b: 8, f: 12, n: 10, r: 13, t: 9, v: 11 };

/** The record that starts at `from`; null when the bytes end before it does (and more may come) or there is none. */
export function splitRecord(
  bytes: Uint8Array,
  from: number,
  options: DelimitedOptions,
  final: boolean,
): DelimitedRecord | null {
  if (from >= bytes.length) return null;
  return options.format === 'csv' ? csvRecord(bytes, from, options, final) : textRecord(bytes, from, options, final);
}

/** Length of the newline at `at`, 0: none; -1: a CR is the last byte and a LF may follow. */
function newlineAt(bytes: Uint8Array, at: number, final: boolean): number {
  if (bytes[at] === LF) return 1;
  if (bytes[at] !== CR) return 0;
  if (at + 1 < bytes.length) return bytes[at + 1] === LF ? 2 : 1;
  return final ? 1 : -1;
}

function csvRecord(bytes: Uint8Array, from: number, options: DelimitedOptions, final: boolean): DelimitedRecord | null {
  const delimiter = options.delimiter.charCodeAt(0);
  const quote = options.quote.charCodeAt(0);
  const escapeByte = options.escape.charCodeAt(0);
  const fields: (string | null)[] = [];
  let field: number[] = [];
  let quoted = false;
  let inside = false;
  let lines = 1;
  const close = () => {
    const text = Buffer.from(field).toString('utf8');
    fields.push(!quoted && text === options.nullText ? null : text);
    field = [];
    quoted = false;
  };
  for (let at = from; at < bytes.length; at++) {
    const byte = bytes[at]!;
    if (inside) {
      const after = bytes[at + 1];
      if (byte === escapeByte && (after === quote || after === escapeByte)) {
        field.push(after);
        at++;
      } else if (byte === quote) {
        if (after === undefined && !final) return null;
        inside = false;
      } else {
        if (byte === LF) lines++;
        field.push(byte);
      }
      continue;
    }
    const newline = newlineAt(bytes, at, final);
    if (newline < 0) return null;
    if (newline > 0) {
      close();
      return { fields, end: at + newline, lines };
    }
    if (byte === quote) {
      inside = true;
      quoted = true;
    } else if (byte === delimiter) close();
    else field.push(byte);
  }
  if (!final) return null;
  close();
  return { fields, end: bytes.length, lines };
}

function textRecord(
  bytes: Uint8Array,
  from: number,
  options: DelimitedOptions,
  final: boolean,
): DelimitedRecord | null {
  const delimiter = options.delimiter.charCodeAt(0);
  const fields: (string | null)[] = [];
  let start = from;
  const close = (end: number) => {
    const raw = Buffer.from(bytes.buffer as ArrayBuffer, bytes.byteOffset + start, end - start);
    fields.push(raw.toString('utf8') === options.nullText ? null : unescapeText(raw));
    start = end + 1;
  };
  for (let at = from; at < bytes.length; at++) {
    const byte = bytes[at]!;
    if (byte === BACKSLASH) {
      at++;
      continue;
    }
    const newline = newlineAt(bytes, at, final);
    if (newline < 0) return null;
    if (newline > 0) {
      close(at);
      return { fields, end: at + newline, lines: 1 };
    }
    if (byte === delimiter) close(at);
  }
  if (!final) return null;
  close(bytes.length);
  return { fields, end: bytes.length, lines: 1 };
}

function unescapeText(raw: Buffer): string {
  if (!raw.includes(BACKSLASH)) return raw.toString('utf8');
  const latin = raw.toString('latin1');
  const plain = latin.replace(
    /\\(?:([0-7]{1,3})|x([0-9a-fA-F]{1,2})|([\s\S]))/g,
    (_, octal?: string, hex?: string, other?: string) => {
      if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8) & 255);
      if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
      return String.fromCharCode(CONTROLS[other!] ?? other!.charCodeAt(0));
    },
  );
  return Buffer.from(plain, 'latin1').toString('utf8');
}
