// Text functions that write new bytes: to the view or to the heap window {cursor, limit}; NEED_HEAP asks for a larger one, the call
// goes on from position `start`. Convention: ../README.md.
import { at, fail, isNull, NEED_HEAP, NEED_SLOW, viewData } from './shared/rows';
import { closeView, find, isAscii, openView } from './shared/text';

const LOWER: i32 = 0;
const UPPER: i32 = 1;
const REVERSE: i32 = 2;

// @ts-ignore: decorator
@inline
function ascii(op: i32, out: usize, a: usize, nulls: usize, selection: usize, count: i32, start: i32, heap: usize): i32 {
  for (let i = start; i < count; i++) {
    const row = at(selection, i);
    if (isNull(nulls, row)) continue;
    const view = a + (<usize>row << 4);
    const length = load<i32>(view);
    const from = viewData(view);
    if (!isAscii(from, length)) return fail(row, NEED_SLOW);
    const result = out + (<usize>row << 4);
    const to = openView(result, length, heap);
    if (to == 0) return fail(row, NEED_HEAP);
    for (let j = 0; j < length; j++) {
      const byte = load<u8>(op == REVERSE ? from + length - 1 - j : from + j);
      let changed = byte;
      if (op == LOWER && byte - 65 < 26) changed = byte + 32;
      if (op == UPPER && byte - 97 < 26) changed = byte - 32;
      store<u8>(to + j, changed);
    }
    closeView(result);
  }
  return 0;
}

export function lower_view(out: usize, a: usize, nulls: usize, selection: usize, count: i32, start: i32, heap: usize): i32 {
  return ascii(LOWER, out, a, nulls, selection, count, start, heap);
}
export function upper_view(out: usize, a: usize, nulls: usize, selection: usize, count: i32, start: i32, heap: usize): i32 {
  return ascii(UPPER, out, a, nulls, selection, count, start, heap);
}
export function reverse_view(out: usize, a: usize, nulls: usize, selection: usize, count: i32, start: i32, heap: usize): i32 {
  return ascii(REVERSE, out, a, nulls, selection, count, start, heap);
}

export function concat_view(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32, start: i32, heap: usize): i32 {
  for (let i = start; i < count; i++) {
    const row = at(selection, i);
    if (isNull(nulls, row)) continue;
    const left = a + (<usize>row << 4);
    const right = b + (<usize>row << 4);
    const result = out + (<usize>row << 4);
    const leftLength = load<i32>(left);
    const rightLength = load<i32>(right);
    const to = openView(result, <i64>leftLength + <i64>rightLength, heap);
    if (to == 0) return fail(row, NEED_HEAP);
    memory.copy(to, viewData(left), leftLength);
    memory.copy(to + leftLength, viewData(right), rightLength);
    closeView(result);
  }
  return 0;
}

/** Every occurrence of b in a becomes c. */
export function replace_view(out: usize, a: usize, b: usize, c: usize, nulls: usize, selection: usize, count: i32, start: i32, heap: usize): i32 {
  for (let i = start; i < count; i++) {
    const row = at(selection, i);
    if (isNull(nulls, row)) continue;
    const offset = <usize>row << 4;
    const text = viewData(a + offset);
    const length = load<i32>(a + offset);
    const needle = viewData(b + offset);
    const needleLength = load<i32>(b + offset);
    const size = load<i32>(c + offset);
    let times = 0;
    if (needleLength > 0) {
      let place = find(text, length, needle, needleLength, 0);
      while (place >= 0) {
        times++;
        place = find(text, length, needle, needleLength, place + needleLength);
      }
    }
    const total = <i64>length + <i64>times * <i64>(size - needleLength);
    if (total > 0x3fffffff) return fail(row, NEED_SLOW);
    let to = openView(out + offset, total, heap);
    if (to == 0) return fail(row, NEED_HEAP);
    let done = 0;
    for (; times > 0; times--) {
      const place = find(text, length, needle, needleLength, done);
      memory.copy(to, text + done, place - done);
      to += place - done;
      memory.copy(to, viewData(c + offset), size);
      to += size;
      done = place + needleLength;
    }
    memory.copy(to, text + done, length - done);
    closeView(out + offset);
  }
  return 0;
}

export function repeat_view(out: usize, a: usize, n: usize, nulls: usize, selection: usize, count: i32, start: i32, heap: usize): i32 {
  for (let i = start; i < count; i++) {
    const row = at(selection, i);
    if (isNull(nulls, row)) continue;
    const offset = <usize>row << 4;
    const length = load<i32>(a + offset);
    const times = max<i32>(0, load<i32>(n + (<usize>row << 2)));
    const total = <i64>length * <i64>times;
    if (total > 0x3fffffff) return fail(row, NEED_SLOW);
    const to = openView(out + offset, total, heap);
    if (to == 0) return fail(row, NEED_HEAP);
    const text = viewData(a + offset);
    for (let at = 0; at < <i32>total; at += length) memory.copy(to + at, text, length);
    closeView(out + offset);
  }
  return 0;
}

/** Decimal digits of `value`; returns their number (with the sign). */
function digits(to: usize, value: i64): void {
  let magnitude: u64 = value < 0 ? 0 - <u64>value : <u64>value;
  let place = to + digitCount(value);
  do {
    place--;
    store<u8>(place, <u8>(48 + (magnitude % 10)));
    magnitude /= 10;
  } while (magnitude != 0);
  if (value < 0) store<u8>(to, 45);
}

function digitCount(value: i64): i32 {
  let magnitude: u64 = value < 0 ? 0 - <u64>value : <u64>value;
  let result = value < 0 ? 2 : 1;
  while (magnitude >= 10) {
    magnitude /= 10;
    result++;
  }
  return result;
}

// @ts-ignore: decorator
@inline
function integerText<T>(out: usize, a: usize, nulls: usize, selection: usize, count: i32, start: i32, heap: usize): i32 {
  for (let i = start; i < count; i++) {
    const row = at(selection, i);
    if (isNull(nulls, row)) continue;
    const value = <i64>load<T>(a + <usize>row * sizeof<T>());
    const result = out + (<usize>row << 4);
    const to = openView(result, digitCount(value), heap);
    if (to == 0) return fail(row, NEED_HEAP);
    digits(to, value);
    closeView(result);
  }
  return 0;
}

export function cast_i32_view(out: usize, a: usize, nulls: usize, selection: usize, count: i32, start: i32, heap: usize): i32 {
  return integerText<i32>(out, a, nulls, selection, count, start, heap);
}
export function cast_u32_view(out: usize, a: usize, nulls: usize, selection: usize, count: i32, start: i32, heap: usize): i32 {
  return integerText<u32>(out, a, nulls, selection, count, start, heap);
}
export function cast_i64_view(out: usize, a: usize, nulls: usize, selection: usize, count: i32, start: i32, heap: usize): i32 {
  return integerText<i64>(out, a, nulls, selection, count, start, heap);
}

/** true, false. */
export function cast_bool_view(out: usize, a: usize, nulls: usize, selection: usize, count: i32, start: i32, heap: usize): i32 {
  for (let i = start; i < count; i++) {
    const row: usize = <usize>at(selection, i);
    const result = out + (row << 4);
    const isTrue = load<u8>(a + row) != 0;
    store<u32>(result, isTrue ? 4 : 5);
    store<u64>(result + 4, isTrue ? 0x65757274 : 0x65736c6166);
    store<u32>(result + 12, 0);
  }
  return 0;
}
