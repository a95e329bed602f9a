// Characters and their codes, words with a capital, hexadecimal numbers. Convention: ../README.md.
import { hexDigit } from './shared/number-text';
import { at, fail, isNull, NEED_HEAP, NEED_SLOW, viewData } from './shared/rows';
import { characterBytes, closeView, isAscii, openView } from './shared/text';

/** Letters after a letter or digit small, others large; declines what is not ASCII. */
export function initcap_view(out: usize, a: usize, nulls: usize, selection: usize, count: i32, start: i32, heap: usize): i32 {
  for (let i = start; i < count; i++) {
    const row = at(selection, i);
    if (isNull(nulls, row)) continue;
    const offset = <usize>row << 4;
    const length = load<i32>(a + offset);
    const from = viewData(a + offset);
    if (!isAscii(from, length)) return fail(row, NEED_SLOW);
    const to = openView(out + offset, length, heap);
    if (to == 0) return fail(row, NEED_HEAP);
    let inWord = false;
    for (let j = 0; j < length; j++) {
      const byte = load<u8>(from + j);
      const isLetter = <u8>((byte | 32) - 97) < 26;
      store<u8>(to + j, !isLetter ? byte : inWord ? byte | 32 : byte & 0xdf);
      inWord = isLetter || <u8>(byte - 48) < 10;
    }
    closeView(out + offset);
  }
  return 0;
}

/** The code of the first character, 0 for an empty text. */
export function ascii_view(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const row = at(selection, i);
    if (isNull(nulls, row)) continue;
    const view = a + (<usize>row << 4);
    store<i32>(out + (<usize>row << 2), load<u32>(view) == 0 ? 0 : codePoint(viewData(view)));
  }
  return 0;
}

function codePoint(text: usize): i32 {
  const lead = <i32>load<u8>(text);
  const bytes = characterBytes(text);
  if (bytes == 1) return lead;
  let code = lead & (0xff >> (bytes + 1));
  for (let i = 1; i < bytes; i++) code = (code << 6) | (<i32>load<u8>(text + i) & 63);
  return code;
}

export function bit_length_view(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const row = at(selection, i);
    if (isNull(nulls, row)) continue;
    const length = load<u32>(a + (<usize>row << 4));
    if (length > 0x0fffffff) return fail(row, NEED_SLOW);
    store<u32>(out + (<usize>row << 2), length << 3);
  }
  return 0;
}

/** The character of a code; declines what is not ASCII. */
export function chr_i32(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const row = at(selection, i);
    if (isNull(nulls, row)) continue;
    const code = load<u32>(a + (<usize>row << 2));
    if (code == 0 || code > 127) return fail(row, NEED_SLOW);
    const result = out + (<usize>row << 4);
    store<u32>(result, 1);
    store<u64>(result + 4, code);
    store<u32>(result + 12, 0);
  }
  return 0;
}

// @ts-ignore: decorator
@inline
function hexadecimal<T>(out: usize, a: usize, nulls: usize, selection: usize, count: i32, start: i32, heap: usize): i32 {
  for (let i = start; i < count; i++) {
    const row = at(selection, i);
    if (isNull(nulls, row)) continue;
    let value = <u64>load<T>(a + <usize>row * sizeof<T>());
    const result = out + (<usize>row << 4);
    const length = value == 0 ? 1 : (67 - <i32>clz<u64>(value)) >> 2;
    const to = openView(result, length, heap);
    if (to == 0) return fail(row, NEED_HEAP);
    for (let j = length - 1; j >= 0; j--) {
      store<u8>(to + j, <u8>hexDigit(<u32>value & 15));
      value >>= 4;
    }
    closeView(result);
  }
  return 0;
}

/** Of the bits, so that negative numbers have all places. */
export function to_hex_i32(out: usize, a: usize, nulls: usize, selection: usize, count: i32, start: i32, heap: usize): i32 {
  return hexadecimal<u32>(out, a, nulls, selection, count, start, heap);
}
export function to_hex_i64(out: usize, a: usize, nulls: usize, selection: usize, count: i32, start: i32, heap: usize): i32 {
  return hexadecimal<u64>(out, a, nulls, selection, count, start, heap);
}
