// CSV as COPY reads it: bytes -> one vector of views per column. A quote opens and closes a quoted stretch anywhere in a field; inside
// one, only the quote and the escape mean anything. Fields quoted as a whole stay where they are, those with escapes are copied to the
// heap. State: shared/fields.ts.
import {
  closeRow, CR, CRLF, END_MARKER, EXTRA_DATA, FORCE_NOT_NULL, FORCE_NULL, isNullText, leave, LF, LITERAL_NEWLINE, LITERAL_RETURN,
  MISSING_DATA, newlineKind, putNull, putView, setWord, SKIPPED, stopReason, UNTERMINATED_QUOTE, word,
} from './shared/fields';

/** Takes quotes and escapes out of [from, end). */
function unquote(to: usize, from: usize, end: usize, quote: u32, escape: u32): usize {
  let at = from;
  let out = to;
  let inside = false;
  while (at < end) {
    const byte: u32 = load<u8>(at++);
    if (inside && byte == escape && at < end && (load<u8>(at) == quote || load<u8>(at) == escape)) {
      store<u8>(out++, load<u8>(at++));
      continue;
    }
    if (byte == quote) inside = !inside;
    else store<u8>(out++, <u8>byte);
  }
  return out;
}

/** `quotes`: 0 none, 1 the field is one quoted stretch without escapes, 2 anything else. */
function putField(state: usize, column: u32, row: u32, from: usize, end: usize, quotes: u32): void {
  const entry = <usize>word(state, 4) + (<usize>column << 4);
  const flags = load<u32>(entry + 8);
  if ((flags & SKIPPED) != 0) return;
  let bytes = from;
  let length = <u32>(end - from);
  if (quotes == 1) {
    bytes++;
    length -= 2;
  } else if (quotes == 2) {
    bytes = <usize>word(state, 7);
    const written = unquote(bytes, from, end, word(state, 12), word(state, 13));
    setWord(state, 7, <u32>written);
    length = <u32>(written - bytes);
  }
  const mayBeNull = quotes == 0 ? (flags & FORCE_NOT_NULL) == 0 : (flags & FORCE_NULL) != 0;
  if (mayBeNull && isNullText(state, bytes, length)) {
    putNull(entry, row);
    return;
  }
  store<u8>(<usize>load<u32>(entry + 4) + row, 0);
  putView(<usize>load<u32>(entry) + (<usize>row << 4), bytes, length);
}

/** As split_copy_text. */
export function split_csv(state: usize): i32 {
  const end = <usize>word(state, 1);
  const final = word(state, 2) != 0;
  const columns = word(state, 3);
  const capacity = word(state, 5);
  const delimiter = word(state, 11);
  const quote = word(state, 12);
  const escape = word(state, 13);
  const lenient = word(state, 17) != 0;
  const delimiters = i8x16.splat(<i8>delimiter);
  const quotes = i8x16.splat(<i8>quote);
  const escapes = i8x16.splat(<i8>escape);
  const feeds = i8x16.splat(10);
  const returns = i8x16.splat(13);
  let kind = word(state, 16);
  let line = word(state, 8);
  let rowLine = line;
  let row = word(state, 6);
  let start = <usize>word(state, 0);
  let field = start;
  let column: u32 = 0;
  let inside = false;
  let form: u32 = 0; // of the field: see putField
  let closed: usize = 0; // where its last quote closed
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
          v128.or(v128.or(i8x16.eq(bytes, delimiters), i8x16.eq(bytes, quotes)), i8x16.eq(bytes, escapes)),
          v128.or(i8x16.eq(bytes, feeds), i8x16.eq(bytes, returns)),
        ),
      );
      if (block + 16 > end) mask &= (1 << <i32>(end - block)) - 1;
    }
    if (atEnd) {
      if (!final || start >= end) break;
      if (inside) problem = UNTERMINATED_QUOTE;
    } else {
      place = block + ctz<i32>(mask);
      mask &= mask - 1;
      if (place < skipTo) continue;
      const byte: u32 = load<u8>(place);
      if (inside) {
        if (byte == escape) {
          if (place + 1 >= end) {
            if (!final) break;
          } else {
            const after: u32 = load<u8>(place + 1);
            if (after == quote || after == escape) {
              form = 2;
              skipTo = place + 2;
              continue;
            }
          }
        }
        if (byte == quote) {
          inside = false;
          closed = place;
        } else if (byte == 10 ? kind != CR : byte == 13 && kind == CR) line++;
        continue;
      }
      if (byte == quote) {
        inside = true;
        form = form == 0 && place == field ? 1 : 2;
        continue;
      }
      if (byte == delimiter) {
        if (form == 1 && closed != place - 1) form = 2;
        if (column < columns) putField(state, column, row, field, place, form);
        else if (problem == 0) problem = EXTRA_DATA;
        column++;
        field = place + 1;
        form = 0;
        continue;
      }
      if (byte != 10 && byte != 13) continue; // an escape outside of quotes
      const found = newlineKind(place, end, final);
      if (found == 0) break;
      if (kind == 0) kind = found;
      next = place + (found == CRLF ? 2 : 1);
      skipTo = next;
      if (found != kind && !lenient) problem = found == LF ? LITERAL_NEWLINE : LITERAL_RETURN;
      if (lenient && place == start && columns != 1) {
        start = field = next;
        line++;
        rowLine = line;
        continue;
      }
    }
    if (word(state, 20) != 0 && place == start + 2 && load<u16>(start) == 0x2e5c) {
      leave(state, end, row, line);
      return END_MARKER;
    }
    if (form == 1 && closed != place - 1) form = 2;
    if (column < columns) putField(state, column, row, field, place, form);
    else if (problem == 0) problem = EXTRA_DATA;
    column++;
    if (column < columns && problem == 0) {
      problem = MISSING_DATA;
      setWord(state, 19, column);
    }
    closeRow(state, row, start, place, line);
    line++;
    rowLine = line;
    start = field = next;
    if (problem != 0) {
      setWord(state, 18, problem);
      break;
    }
    row++;
    column = 0;
    form = 0;
    if (atEnd) break;
  }
  leave(state, start, row, rowLine);
  return stopReason(state, row, kind);
}
