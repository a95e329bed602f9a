// Fields between separators, trimming of given characters, padding. Fields and trimmed text are parts of their argument; sets and
// paddings outside ASCII are declined.
import { at, fail, isNull, NEED_HEAP, NEED_SLOW, setView, viewData } from './shared/rows';
import { closeView, find, isAscii, openView } from './shared/text';

/** The n-th field, from the end where n is negative; n = 0 is declined, for the twin to word the error. */
export function split_part_view(out: usize, a: usize, b: usize, n: usize, nulls: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const row = at(selection, i);
    if (isNull(nulls, row)) continue;
    const offset = <usize>row << 4;
    let wanted = load<i32>(n + (<usize>row << 2));
    if (wanted == 0) return fail(row, NEED_SLOW);
    const text = viewData(a + offset);
    const length = load<i32>(a + offset);
    const separator = viewData(b + offset);
    const size = load<i32>(b + offset);
    if (wanted < 0) {
      let fields = 1;
      for (let place = next(text, length, separator, size, 0); place < length; fields++) place = next(text, length, separator, size, place + size);
      wanted += fields + 1;
      if (wanted < 1) wanted = i32.MAX_VALUE;
    }
    let start = 0;
    let end = next(text, length, separator, size, 0);
    for (; wanted > 1 && end < length; wanted--) {
      start = end + size;
      end = next(text, length, separator, size, start);
    }
    if (wanted > 1) setView(out + offset, text, 0);
    else setView(out + offset, text + start, min(end, length) - start);
  }
  return 0;
}

/** Where the next separator begins; the text's length (or more) where there is none. */
// @ts-ignore: decorator
@inline
function next(text: usize, length: i32, separator: usize, size: i32, from: i32): i32 {
  if (size == 0 || from > length) return i32.MAX_VALUE;
  const place = find(text, length, separator, size, from);
  return place < 0 ? i32.MAX_VALUE : place;
}

// @ts-ignore: decorator
@inline
function isIn(byte: u8, set: usize, size: i32): bool {
  for (let i = 0; i < size; i++) {
    if (load<u8>(set + i) == byte) return true;
  }
  return false;
}

// @ts-ignore: decorator
@inline
function trimSet(left: bool, right: bool, out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const row = at(selection, i);
    if (isNull(nulls, row)) continue;
    const offset = <usize>row << 4;
    const set = viewData(b + offset);
    const size = load<i32>(b + offset);
    if (!isAscii(set, size)) return fail(row, NEED_SLOW);
    let start = viewData(a + offset);
    let end = start + load<u32>(a + offset);
    if (left) while (start < end && isIn(load<u8>(start), set, size)) start++;
    if (right) while (end > start && isIn(load<u8>(end - 1), set, size)) end--;
    setView(out + offset, start, <u32>(end - start));
  }
  return 0;
}

export function trim_set_view(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 {
  return trimSet(true, true, out, a, b, nulls, selection, count);
}
export function ltrim_set_view(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 {
  return trimSet(true, false, out, a, b, nulls, selection, count);
}
export function rtrim_set_view(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 {
  return trimSet(false, true, out, a, b, nulls, selection, count);
}

const LONGEST: i32 = 65536;

// @ts-ignore: decorator
@inline
function pad(left: bool, out: usize, a: usize, n: usize, fill: usize, nulls: usize, selection: usize, count: i32, start: i32, heap: usize): i32 {
  for (let i = start; i < count; i++) {
    const row = at(selection, i);
    if (isNull(nulls, row)) continue;
    const offset = <usize>row << 4;
    const text = viewData(a + offset);
    const length = load<i32>(a + offset);
    const wanted = max(0, load<i32>(n + (<usize>row << 2)));
    const filler = viewData(fill + offset);
    const size = load<i32>(fill + offset);
    if (wanted > LONGEST || !isAscii(text, length) || !isAscii(filler, size)) return fail(row, NEED_SLOW);
    const kept = min(length, wanted);
    const added = size == 0 ? 0 : wanted - kept;
    const to = openView(out + offset, kept + added, heap);
    if (to == 0) return fail(row, NEED_HEAP);
    memory.copy(left ? to + added : to, text, kept);
    const padding = left ? to : to + kept;
    for (let at = 0, from = 0; at < added; at++) {
      store<u8>(padding + at, load<u8>(filler + from));
      if (++from == size) from = 0;
    }
    closeView(out + offset);
  }
  return 0;
}

export function lpad_view(out: usize, a: usize, n: usize, fill: usize, nulls: usize, selection: usize, count: i32, start: i32, heap: usize): i32 {
  return pad(true, out, a, n, fill, nulls, selection, count, start, heap);
}
export function rpad_view(out: usize, a: usize, n: usize, fill: usize, nulls: usize, selection: usize, count: i32, start: i32, heap: usize): i32 {
  return pad(false, out, a, n, fill, nulls, selection, count, start, heap);
}
