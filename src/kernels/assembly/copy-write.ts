// Rows of COPY's text and CSV formats from the columns' pieces (lens and ptrs, see encode-text.ts): escaping, quoting, delimiters.
// State, u32 words: 0 end of the bytes (out), 1 address of a u32 per row for its end (out), 2 delimiter, 3 quote, 4 escape, 5 null text,
// 6 its length. Table: per column {u32 lens, u32 ptrs, u32 1 = always quote, u32 0}.
import { equalBytes } from './shared/value-bytes';

// @ts-ignore: decorator
@inline
function special(byte: u32, delimiter: u32): bool {
  return byte == delimiter || byte == 92 || (byte - 8 < 6);
}

/** Whether any byte of the piece needs a backslash. */
function needsEscape(from: usize, length: usize, delimiter: u32): bool {
  let at = from;
  const end = from + length;
  const eight = i8x16.splat(8);
  const six = i8x16.splat(6);
  const slash = i8x16.splat(92);
  const mark = i8x16.splat(<i8>delimiter);
  for (; at + 16 <= end; at += 16) {
    const bytes = v128.load(at);
    const found = v128.or(
      v128.or(i8x16.eq(bytes, slash), i8x16.eq(bytes, mark)),
      i8x16.lt_u(i8x16.sub(bytes, eight), six),
    );
    if (v128.any_true(found)) return true;
  }
  for (; at < end; at++) if (special(load<u8>(at), delimiter)) return true;
  return false;
}

// @ts-ignore: decorator
@inline
function letterOf(byte: u32): u32 {
  if (byte == 8) return 98;
  if (byte == 9) return 116;
  if (byte == 10) return 110;
  if (byte == 11) return 118;
  if (byte == 12) return 102;
  if (byte == 13) return 114;
  return byte;
}

function putText(to: usize, from: usize, length: usize, delimiter: u32): usize {
  if (!needsEscape(from, length, delimiter)) {
    memory.copy(to, from, length);
    return to + length;
  }
  let out = to;
  for (let i: usize = 0; i < length; i++) {
    const byte: u32 = load<u8>(from + i);
    if (special(byte, delimiter)) {
      store<u8>(out++, 92);
      store<u8>(out++, <u8>letterOf(byte));
    } else store<u8>(out++, <u8>byte);
  }
  return out;
}

function needsQuote(from: usize, length: usize, delimiter: u32, quote: u32): bool {
  for (let i: usize = 0; i < length; i++) {
    const byte: u32 = load<u8>(from + i);
    if (byte == delimiter || byte == quote || byte == 10 || byte == 13) return true;
  }
  return false;
}

function putQuoted(to: usize, from: usize, length: usize, quote: u32, escape: u32): usize {
  let out = to;
  store<u8>(out++, <u8>quote);
  for (let i: usize = 0; i < length; i++) {
    const byte: u32 = load<u8>(from + i);
    if (byte == quote || byte == escape) store<u8>(out++, <u8>escape);
    store<u8>(out++, <u8>byte);
  }
  store<u8>(out++, <u8>quote);
  return out;
}

// @ts-ignore: decorator
@inline
function writeRows(csv: bool, out: usize, limit: usize, table: usize, columns: i32, from: i32, count: i32, state: usize): i32 {
  const ends = <usize>load<u32>(state + 4);
  const delimiter = load<u32>(state + 8);
  const quote = load<u32>(state + 12);
  const escape = load<u32>(state + 16);
  const nullText = <usize>load<u32>(state + 20);
  const nullLength = <usize>load<u32>(state + 24);
  let at = out;
  let row = from;
  for (; row < count; row++) {
    const start = at;
    let fits = true;
    for (let column = 0; column < columns; column++) {
      const entry = table + (<usize>column << 4);
      const length = load<i32>(<usize>load<u32>(entry) + (<usize>row << 2));
      const most: usize = length < 0 ? nullLength : (<usize>length << 1) + (csv ? 2 : 0);
      if (limit - at < most + 2) {
        fits = false;
        break;
      }
      if (column > 0) store<u8>(at++, <u8>delimiter);
      if (length < 0) {
        memory.copy(at, nullText, nullLength);
        at += nullLength;
        continue;
      }
      const size = <usize>length;
      const bytes = <usize>load<u32>(<usize>load<u32>(entry + 4) + (<usize>row << 2));
      if (!csv) {
        at = putText(at, bytes, size, delimiter);
        continue;
      }
      const isNullText = size == nullLength && equalBytes(bytes, nullText, <u32>size);
      const isMarker = columns == 1 && size == 2 && load<u16>(bytes) == 0x2e5c;
      if (load<u32>(entry + 8) != 0 || isNullText || isMarker || needsQuote(bytes, size, delimiter, quote)) {
        at = putQuoted(at, bytes, size, quote, escape);
      } else {
        memory.copy(at, bytes, size);
        at += size;
      }
    }
    if (!fits || limit == at) {
      at = start;
      break;
    }
    store<u8>(at++, 10);
    store<u32>(ends + (<usize>(row - from) << 2), <u32>(at - out));
  }
  store<u32>(state, <u32>at);
  return row - from;
}

/** As far as rows fit before `limit`; returns how many. */
export function write_copy_text(out: usize, limit: usize, table: usize, columns: i32, from: i32, count: i32, state: usize): i32 {
  return writeRows(false, out, limit, table, columns, from, count, state);
}
export function write_copy_csv(out: usize, limit: usize, table: usize, columns: i32, from: i32, count: i32, state: usize): i32 {
  return writeRows(true, out, limit, table, columns, from, count, state);
}
