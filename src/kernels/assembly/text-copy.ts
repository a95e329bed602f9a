// COPY's text format: bytes -> one vector of views per column. 16 bytes at a time are searched for delimiter, newline and backslash;
// fields without backslashes stay where they are, the others are unescaped into the heap. State: shared/fields.ts.
import {
  closeRow, CRLF, END_MARKER, EXTRA_DATA, isNullText, leave, LF, LITERAL_NEWLINE, LITERAL_RETURN, MARKER_NOT_ALONE, MISSING_DATA,
  newlineKind, putNull, putView, setWord, SKIPPED, stopReason, word,
} from './shared/fields';

// @ts-ignore: decorator
@inline
function isOctal(byte: u32): bool {
  return byte - 48 < 8;
}

// @ts-ignore: decorator
@inline
function hexValue(byte: u32): u32 {
  if (byte - 48 < 10) return byte - 48;
  const letter = (byte | 32) - 97;
  return letter < 6 ? letter + 10 : 16;
}

function controlOf(byte: u32): u32 {
  switch (byte) {
    case 98: return 8; // b
    case 102: return 12; // f
    case 110: return 10; // n
    case 114: return 13; // r
    case 116: return 9; // t
    case 118: return 11; // v
    default: return byte;
  }
}

/** Unescapes [from, end) to `to`; returns the end of what was written. */
function unescape(to: usize, from: usize, end: usize): usize {
  let at = from;
  let out = to;
  while (at < end) {
    let byte: u32 = load<u8>(at++);
    if (byte == 92 && at < end) {
      byte = load<u8>(at++);
      if (isOctal(byte)) {
        let value = byte - 48;
        for (let k = 0; k < 2 && at < end && isOctal(load<u8>(at)); k++) value = value * 8 + load<u8>(at++) - 48;
        byte = value;
      } else if (byte == 120 && at < end && hexValue(load<u8>(at)) < 16) {
        let value = hexValue(load<u8>(at++));
        if (at < end && hexValue(load<u8>(at)) < 16) value = value * 16 + hexValue(load<u8>(at++));
        byte = value;
      } else byte = controlOf(byte);
    }
    store<u8>(out++, <u8>byte);
  }
  return out;
}

function putField(state: usize, column: u32, row: u32, from: usize, end: usize, escaped: bool): void {
  const entry = <usize>word(state, 4) + (<usize>column << 4);
  const flags = load<u32>(entry + 8);
  if ((flags & SKIPPED) != 0) return;
  if (isNullText(state, from, <u32>(end - from))) {
    putNull(entry, row);
    return;
  }
  store<u8>(<usize>load<u32>(entry + 4) + row, 0);
  const out = <usize>load<u32>(entry) + (<usize>row << 4);
  if (!escaped) {
    putView(out, from, <u32>(end - from));
    return;
  }
  const heap = <usize>word(state, 7);
  const written = unescape(heap, from, end);
  setWord(state, 7, <u32>written);
  putView(out, heap, <u32>(written - heap));
}

/** Splits rows until the bytes or the capacity end. Returns NEED_MORE, ROWS_FULL, BAD_ROW (excluded; the cursor is behind it) or END_MARKER. */
export function split_copy_text(state: usize): i32 {
  const end = <usize>word(state, 1);
  const final = word(state, 2) != 0;
  const columns = word(state, 3);
  const capacity = word(state, 5);
  const delimiter = word(state, 11);
  const lenient = word(state, 17) != 0;
  const delimiters = i8x16.splat(<i8>delimiter);
  const slashes = i8x16.splat(92);
  const feeds = i8x16.splat(10);
  const returns = i8x16.splat(13);
  let kind = word(state, 16);
  let line = word(state, 8);
  let row = word(state, 6);
  let start = <usize>word(state, 0);
  let field = start;
  let column: u32 = 0;
  let escaped = false;
  let problem: u32 = 0;
  let skipTo = start;
  let block = start - 16;
  let mask = 0;
  while (row < capacity) {
    let place = end;
    let next = end;
    let atEnd = false;
    while (mask == 0) {
      block += 16;
      if (block >= end) {
        atEnd = true;
        break;
      }
      const bytes = v128.load(block);
      mask = i8x16.bitmask(
        v128.or(
          v128.or(i8x16.eq(bytes, delimiters), i8x16.eq(bytes, slashes)),
          v128.or(i8x16.eq(bytes, feeds), i8x16.eq(bytes, returns)),
        ),
      );
      if (block + 16 > end) mask &= (1 << <i32>(end - block)) - 1;
    }
    if (atEnd) {
      if (!final || start >= end) break;
    } else {
      place = block + ctz<i32>(mask);
      mask &= mask - 1;
      if (place < skipTo) continue;
      const byte: u32 = load<u8>(place);
      if (byte == delimiter) {
        if (column < columns) putField(state, column, row, field, place, escaped);
        else if (problem == 0) problem = EXTRA_DATA;
        column++;
        field = place + 1;
        escaped = false;
        continue;
      }
      if (byte == 92) {
        if (place + 1 >= end && !final) break;
        if (place + 1 < end && load<u8>(place + 1) == 46 && word(state, 20) != 0) {
          if (place + 2 >= end && !final) break;
          const alone = place == start && (place + 2 >= end || load<u8>(place + 2) == 10 || load<u8>(place + 2) == 13);
          if (alone) {
            leave(state, end, row, line);
            return END_MARKER;
          }
          problem = MARKER_NOT_ALONE;
        }
        escaped = true;
        skipTo = place + 2;
        continue;
      }
      const found = newlineKind(place, end, final);
      if (found == 0) break;
      if (kind == 0) kind = found;
      next = place + (found == CRLF ? 2 : 1);
      skipTo = next;
      if (found != kind && !lenient) problem = found == LF ? LITERAL_NEWLINE : LITERAL_RETURN;
      if (lenient && place == start && columns != 1) {
        start = field = next;
        line++;
        continue;
      }
    }
    if (column < columns) putField(state, column, row, field, place, escaped);
    else if (problem == 0) problem = EXTRA_DATA;
    column++;
    if (column < columns && problem == 0) {
      problem = MISSING_DATA;
      setWord(state, 19, column);
    }
    closeRow(state, row, start, place, line);
    line++;
    start = field = next;
    if (problem != 0) {
      setWord(state, 18, problem);
      break;
    }
    row++;
    column = 0;
    escaped = false;
    if (atEnd) break;
  }
  leave(state, start, row, line);
  return stopReason(state, row, kind);
}

/**
 * Position of the first byte that is not well-formed UTF-8, or is zero, plus one; 0: all is well. A character cut by the end is wrong.
 * Well-formed sequences are those of the Unicode standard's table 3-7.
 */
export function validate_utf8(from: usize, end: usize): i32 {
  let at = from;
  const zero = i8x16.splat(0);
  while (at < end) {
    if (at + 16 <= end && !v128.any_true(i8x16.le_s(v128.load(at), zero))) {
      at += 16;
      continue;
    }
    const lead: u32 = load<u8>(at);
    if (lead - 1 < 0x7f) {
      at++;
      continue;
    }
    let more: u32 = 0;
    let low: u32 = 0x80;
    let high: u32 = 0xbf;
    if (lead >= 0xc2 && lead <= 0xdf) more = 1;
    else if (lead >= 0xe0 && lead <= 0xef) {
      more = 2;
      if (lead == 0xe0) low = 0xa0;
      if (lead == 0xed) high = 0x9f;
    } else if (lead >= 0xf0 && lead <= 0xf4) {
      more = 3;
      if (lead == 0xf0) low = 0x90;
      if (lead == 0xf4) high = 0x8f;
    } else return <i32>(at - from) + 1;
    if (at + more >= end) return <i32>(at - from) + 1;
    for (let k: u32 = 1; k <= more; k++) {
      const byte: u32 = load<u8>(at + k);
      if (byte < low || byte > high) return <i32>(at - from) + 1;
      low = 0x80;
      high = 0xbf;
    }
    at += more + 1;
  }
  return 0;
}
