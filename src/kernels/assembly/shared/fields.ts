// What the splitters of delimited text (text-copy.ts, csv.ts) share: the state block their caller keeps, and fields as views.
// State, u32 words: 0 cursor, 1 end of the bytes, 2 final (no more bytes will come), 3 columns, 4 column table, 5 row capacity, 6 rows,
// 7 heap cursor, 8 line, 9 row places, 10 row lines, 11 delimiter, 12 quote, 13 escape, 14 null text, 15 its length, 16 newline kind
// (0 unknown, 1 LF, 2 CR, 3 CRLF), 17 lenient, 18 problem (out), 19 problem's column (out), 20 end marker is known.
// The column table has per column {u32 views, u32 null bytes, u32 flags, u32 number of NULLs}; row places are {u32 start, u32 end}.
// The bytes may be read 16 past their end.
import { equalBytes } from './value-bytes';

export const NEED_MORE: i32 = 0;
export const ROWS_FULL: i32 = 1;
export const BAD_ROW: i32 = 2;
export const END_MARKER: i32 = 3;

export const EXTRA_DATA: u32 = 1;
export const MISSING_DATA: u32 = 2;
export const LITERAL_RETURN: u32 = 3;
export const LITERAL_NEWLINE: u32 = 4;
export const UNTERMINATED_QUOTE: u32 = 5;
export const MARKER_NOT_ALONE: u32 = 6;

export const FORCE_NOT_NULL: u32 = 1;
export const FORCE_NULL: u32 = 2;
export const SKIPPED: u32 = 4;

export const LF: u32 = 1;
export const CR: u32 = 2;
export const CRLF: u32 = 3;

// @ts-ignore: decorator
@inline
export function word(state: usize, index: usize): u32 {
  return load<u32>(state + (index << 2));
}

// @ts-ignore: decorator
@inline
export function setWord(state: usize, index: usize, value: u32): void {
  store<u32>(state + (index << 2), value);
}

/** A view of bytes that stay where they are; the short ones by two loads. */
// @ts-ignore: decorator
@inline
export function putView(out: usize, from: usize, length: u32): void {
  store<u32>(out, length);
  if (length > 12) {
    store<u32>(out + 4, load<u32>(from));
    store<u64>(out + 8, <u64>from);
    return;
  }
  const low = load<u64>(from);
  const high = load<u32>(from + 8);
  store<u64>(out + 4, length >= 8 ? low : low & (((<u64>1) << (length << 3)) - 1));
  store<u32>(out + 12, length > 8 ? <u32>((<u64>high) & (((<u64>1) << ((length - 8) << 3)) - 1)) : 0);
}

// @ts-ignore: decorator
@inline
export function putNull(entry: usize, row: u32): void {
  const out = <usize>load<u32>(entry) + (<usize>row << 4);
  store<u64>(out, 0);
  store<u64>(out + 8, 0);
  store<u8>(<usize>load<u32>(entry + 4) + row, 1);
  store<u32>(entry + 12, load<u32>(entry + 12) + 1);
}

// @ts-ignore: decorator
@inline
export function isNullText(state: usize, from: usize, length: u32): bool {
  return length == word(state, 15) && equalBytes(from, <usize>word(state, 14), length);
}

/** The end of a row: its place and line; 0 or the problem if it has too few fields. */
export function closeRow(state: usize, row: u32, start: usize, end: usize, line: u32): void {
  const place = <usize>word(state, 9) + (<usize>row << 3);
  store<u32>(place, <u32>start);
  store<u32>(place + 4, <u32>end);
  store<u32>(<usize>word(state, 10) + (<usize>row << 2), line);
}

/** The kind of the newline at `place` (a CR or LF); 0: one more byte is needed to tell. */
// @ts-ignore: decorator
@inline
export function newlineKind(place: usize, end: usize, final: bool): u32 {
  if (load<u8>(place) == 10) return LF;
  if (place + 1 < end) return load<u8>(place + 1) == 10 ? CRLF : CR;
  return final ? CR : 0;
}

/** Where the caller finds what was split: rows up to `row`, bytes up to `cursor`. */
export function leave(state: usize, cursor: usize, row: u32, line: u32): void {
  setWord(state, 0, <u32>cursor);
  setWord(state, 6, row);
  setWord(state, 8, line);
}

/** The end of a call: what made it end. */
export function stopReason(state: usize, row: u32, kind: u32): i32 {
  setWord(state, 16, kind);
  if (word(state, 18) != 0) return BAD_ROW;
  return row == word(state, 5) ? ROWS_FULL : NEED_MORE;
}
