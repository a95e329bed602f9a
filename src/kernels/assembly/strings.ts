// Text functions whose results need no new bytes: measures, tests, and parts of their argument. Convention: ../README.md.
import { at, fail, isNull, NEED_SLOW, setView, viewData } from './shared/rows';
import { bytesOfCharacters, countCharacters, find } from './shared/text';
import { equalBytes } from './shared/value-bytes';

/** Characters. */
export function length_view(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const row = at(selection, i);
    if (isNull(nulls, row)) continue;
    const view = a + (<usize>row << 4);
    store<i32>(out + (<usize>row << 2), countCharacters(viewData(view), load<i32>(view)));
  }
  return 0;
}

export function octet_length_view(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const row: usize = <usize>at(selection, i);
    store<i32>(out + (row << 2), load<i32>(a + (row << 4)));
  }
  return 0;
}

/** Characters from..from+size, 1-based; size -1: to the end. */
function part(out: usize, view: usize, from: i64, size: i64): void {
  const bytes = viewData(view);
  const length = load<i32>(view);
  const end = size < 0 ? i64.MAX_VALUE : from + size;
  const start = from < 1 ? 1 : from;
  if (end <= start || start > <i64>length) {
    setView(out, bytes, 0);
    return;
  }
  const skip = bytesOfCharacters(bytes, length, <i32>(start - 1));
  const wanted = end - start > <i64>length ? length : <i32>(end - start);
  setView(out, bytes + skip, bytesOfCharacters(bytes + skip, length - skip, wanted));
}

export function substring_view(out: usize, a: usize, from: usize, nulls: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const row = at(selection, i);
    if (isNull(nulls, row)) continue;
    part(out + (<usize>row << 4), a + (<usize>row << 4), <i64>load<i32>(from + (<usize>row << 2)), -1);
  }
  return 0;
}

/** A negative size is declined, for the twin to word the error. */
export function substring_for_view(out: usize, a: usize, from: usize, size: usize, nulls: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const row = at(selection, i);
    if (isNull(nulls, row)) continue;
    const length = load<i32>(size + (<usize>row << 2));
    if (length < 0) return fail(row, NEED_SLOW);
    part(out + (<usize>row << 4), a + (<usize>row << 4), <i64>load<i32>(from + (<usize>row << 2)), <i64>length);
  }
  return 0;
}

/** The first n characters; n < 0: all but the last -n. */
export function left_view(out: usize, a: usize, n: usize, nulls: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const row = at(selection, i);
    if (isNull(nulls, row)) continue;
    const view = a + (<usize>row << 4);
    let size = <i64>load<i32>(n + (<usize>row << 2));
    if (size < 0) size = max<i64>(0, <i64>countCharacters(viewData(view), load<i32>(view)) + size);
    part(out + (<usize>row << 4), view, 1, size);
  }
  return 0;
}

/** The last n characters; n < 0: all but the first -n. */
export function right_view(out: usize, a: usize, n: usize, nulls: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const row = at(selection, i);
    if (isNull(nulls, row)) continue;
    const view = a + (<usize>row << 4);
    const size = <i64>load<i32>(n + (<usize>row << 2));
    const from = size < 0 ? 1 - size : <i64>countCharacters(viewData(view), load<i32>(view)) - size + 1;
    part(out + (<usize>row << 4), view, from < 1 ? 1 : from, -1);
  }
  return 0;
}

// @ts-ignore: decorator
@inline
function trim(left: bool, right: bool, out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const row = at(selection, i);
    if (isNull(nulls, row)) continue;
    const view = a + (<usize>row << 4);
    const bytes = viewData(view);
    let start = 0;
    let end = load<i32>(view);
    if (left) while (start < end && load<u8>(bytes + start) == 32) start++;
    if (right) while (end > start && load<u8>(bytes + end - 1) == 32) end--;
    setView(out + (<usize>row << 4), bytes + start, end - start);
  }
  return 0;
}

export function trim_view(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 {
  return trim(true, true, out, a, nulls, selection, count);
}
export function ltrim_view(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 {
  return trim(true, false, out, a, nulls, selection, count);
}
export function rtrim_view(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 {
  return trim(false, true, out, a, nulls, selection, count);
}

export function starts_with_view(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const row = at(selection, i);
    if (isNull(nulls, row)) continue;
    const text = a + (<usize>row << 4);
    const head = b + (<usize>row << 4);
    const length = load<i32>(head);
    store<u8>(out + row, <u8>(length <= load<i32>(text) && equalBytes(viewData(text), viewData(head), length)));
  }
  return 0;
}

/** The 1-based character position of b in a, or 0. */
export function position_view(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const row = at(selection, i);
    if (isNull(nulls, row)) continue;
    const text = a + (<usize>row << 4);
    const needle = b + (<usize>row << 4);
    const bytes = viewData(text);
    const place = find(bytes, load<i32>(text), viewData(needle), load<i32>(needle), 0);
    store<i32>(out + (<usize>row << 2), place < 0 ? 0 : countCharacters(bytes, place) + 1);
  }
  return 0;
}
