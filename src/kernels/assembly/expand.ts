// Set-returning functions: a row of a batch becomes any number of rows. A call fills at most `capacity` rows, so a row may take
// many calls; where they are is the state (shared/expansion.ts). Of each row made: `out` its value, `outNulls`, `sources` (u32 index of the
// row it comes from), `ordinals` (i64 from 1; 0: not asked for). NEED_SLOW: the function's per-row body must expand this row; the caller
// moves the position.
import { isOuter, leaveAt, noteSource, ordinalOf, placeOf, positionOf } from './shared/expansion';
import { at, fail, isNull, NEED_HEAP, NEED_SLOW, setView, viewData } from './shared/rows';
import { closeView, find, openView } from './shared/text';

const UUID: i32 = 1;
const VIEW: i32 = 2;

/** Arrays as columns/README.md lays them out: the elements of all dimensions in a row, each behind its big-endian length. */
// @ts-ignore: decorator
@inline
function unnest<T>(form: i32, width: usize, state: usize, out: usize, outNulls: usize, sources: usize, ordinals: usize, capacity: i32, arrays: usize, nulls: usize, selection: usize, count: i32): i32 {
  let position = positionOf(state);
  let place: usize = placeOf(state);
  let ordinal = ordinalOf(state);
  const outer = isOuter(state);
  let made = 0;
  while (position < count && made < capacity) {
    const row = at(selection, position);
    let length: usize = 0;
    let from: usize = 0;
    if (!isNull(nulls, row)) {
      const view = arrays + (<usize>row << 4);
      length = load<u32>(view);
      from = viewData(view);
      if (ordinal == 0) place = 12 + (<usize>bswap<u32>(load<u32>(from)) << 3);
    }
    if (ordinal == 0 && place >= length && outer) {
      store<i32>(sources + (<usize>made << 2), row);
      store<u8>(outNulls + made, 1);
      made++;
    }
    while (place < length && made < capacity) {
      const bytes = bswap<i32>(load<i32>(from + place));
      place += 4;
      ordinal++;
      noteSource(sources, ordinals, made, row, ordinal);
      store<u8>(outNulls + made, bytes < 0 ? 1 : 0);
      const target = out + <usize>made * width;
      if (bytes < 0) {
        if (form == VIEW) v128.store(target, i64x2.splat(0));
      } else {
        const value = from + place;
        if (form == VIEW) setView(target, value, bytes);
        else if (form == UUID) {
          store<u64>(target, bswap<u64>(load<u64>(value, 8)));
          store<u64>(target, bswap<u64>(load<u64>(value)) ^ 0x8000000000000000, 8);
        } else if (width == 16) v128.store(target, v128.load(value));
        else store<T>(target, load<T>(value));
        place += bytes;
      }
      made++;
    }
    if (place < length) break;
    position++;
    place = 0;
    ordinal = 0;
  }
  leaveAt(state, position, place, ordinal, made);
  return 0;
}

export function unnest_1(state: usize, out: usize, outNulls: usize, sources: usize, ordinals: usize, capacity: i32, arrays: usize, nulls: usize, selection: usize, count: i32): i32 {
  return unnest<u8>(0, 1, state, out, outNulls, sources, ordinals, capacity, arrays, nulls, selection, count);
}
export function unnest_4(state: usize, out: usize, outNulls: usize, sources: usize, ordinals: usize, capacity: i32, arrays: usize, nulls: usize, selection: usize, count: i32): i32 {
  return unnest<u32>(0, 4, state, out, outNulls, sources, ordinals, capacity, arrays, nulls, selection, count);
}
export function unnest_8(state: usize, out: usize, outNulls: usize, sources: usize, ordinals: usize, capacity: i32, arrays: usize, nulls: usize, selection: usize, count: i32): i32 {
  return unnest<u64>(0, 8, state, out, outNulls, sources, ordinals, capacity, arrays, nulls, selection, count);
}
export function unnest_16(state: usize, out: usize, outNulls: usize, sources: usize, ordinals: usize, capacity: i32, arrays: usize, nulls: usize, selection: usize, count: i32): i32 {
  return unnest<u64>(0, 16, state, out, outNulls, sources, ordinals, capacity, arrays, nulls, selection, count);
}
/** The 16 bytes of a uuid in their order, as an i128 (see columns/README.md). */
export function unnest_uuid(state: usize, out: usize, outNulls: usize, sources: usize, ordinals: usize, capacity: i32, arrays: usize, nulls: usize, selection: usize, count: i32): i32 {
  return unnest<u64>(UUID, 16, state, out, outNulls, sources, ordinals, capacity, arrays, nulls, selection, count);
}
/** The views point into the arrays. */
export function unnest_view(state: usize, out: usize, outNulls: usize, sources: usize, ordinals: usize, capacity: i32, arrays: usize, nulls: usize, selection: usize, count: i32): i32 {
  return unnest<u64>(VIEW, 16, state, out, outNulls, sources, ordinals, capacity, arrays, nulls, selection, count);
}

const MICROS_PER_DAY: i64 = 86_400_000_000;
const MOST_DAYS: u32 = 50_000_000; // of a step: their microseconds are far from the end of 64 bits
const PLAIN: i32 = 0;
const TIMESTAMPS: i32 = 1;

/** from, from + step .. to. The number of the last value is computed first: nothing overflows on the way to it. */
// @ts-ignore: decorator
@inline
function series<T>(kind: i32, state: usize, out: usize, outNulls: usize, sources: usize, ordinals: usize, capacity: i32, from: usize, to: usize, steps: usize, nulls: usize, selection: usize, count: i32): i32 {
  let position = positionOf(state);
  let ordinal = ordinalOf(state);
  const outer = isOuter(state);
  let made = 0;
  let status = 0;
  while (position < count && made < capacity) {
    const row = at(selection, position);
    let first: i64 = 0;
    let step: i64 = 1;
    let left: u64 = 0; // rows still to be made
    if (!isNull(nulls, row)) {
      first = <i64>load<T>(from + <usize>row * sizeof<T>());
      const last = <i64>load<T>(to + <usize>row * sizeof<T>());
      if (kind == TIMESTAMPS) {
        const interval = steps + (<usize>row << 4);
        step = load<i64>(interval) + <i64>load<i32>(interval, 8) * MICROS_PER_DAY;
        const vast = <u32>(load<i32>(interval, 8) + <i32>MOST_DAYS) > 2 * MOST_DAYS || load<i64>(interval) > i64.MAX_VALUE / 2 || load<i64>(interval) < i64.MIN_VALUE / 2;
        if (vast || load<i32>(interval, 12) != 0 || first == i64.MIN_VALUE || first == i64.MAX_VALUE || last == i64.MIN_VALUE || last == i64.MAX_VALUE) step = 0;
      } else if (steps != 0) step = <i64>load<T>(steps + <usize>row * sizeof<T>());
      if (step == 0) {
        status = fail(row, NEED_SLOW);
        break;
      }
      if (step > 0 ? first <= last : first >= last) {
        const range = step > 0 ? <u64>last - <u64>first : <u64>first - <u64>last;
        const stride = step > 0 ? <u64>step : <u64>0 - <u64>step;
        left = range / stride - <u64>ordinal + 1;
        if (left == 0 && ordinal == 0) left = u64.MAX_VALUE; // all of the 64-bit numbers
      }
    }
    if (left == 0 && ordinal == 0 && outer) {
      store<i32>(sources + (<usize>made << 2), row);
      store<u8>(outNulls + made, 1);
      made++;
    }
    while (left > 0 && made < capacity) {
      store<T>(out + <usize>made * sizeof<T>(), <T>(first + ordinal * step));
      ordinal++;
      noteSource(sources, ordinals, made, row, ordinal);
      store<u8>(outNulls + made, 0);
      left--;
      made++;
    }
    if (left > 0) break;
    position++;
    ordinal = 0;
  }
  leaveAt(state, position, 0, ordinal, made);
  return status;
}

export function series_i32(state: usize, out: usize, outNulls: usize, sources: usize, ordinals: usize, capacity: i32, from: usize, to: usize, nulls: usize, selection: usize, count: i32): i32 {
  return series<i32>(PLAIN, state, out, outNulls, sources, ordinals, capacity, from, to, 0, nulls, selection, count);
}
export function series_i64(state: usize, out: usize, outNulls: usize, sources: usize, ordinals: usize, capacity: i32, from: usize, to: usize, nulls: usize, selection: usize, count: i32): i32 {
  return series<i64>(PLAIN, state, out, outNulls, sources, ordinals, capacity, from, to, 0, nulls, selection, count);
}
export function series_step_i32(state: usize, out: usize, outNulls: usize, sources: usize, ordinals: usize, capacity: i32, from: usize, to: usize, steps: usize, nulls: usize, selection: usize, count: i32): i32 {
  return series<i32>(PLAIN, state, out, outNulls, sources, ordinals, capacity, from, to, steps, nulls, selection, count);
}
export function series_step_i64(state: usize, out: usize, outNulls: usize, sources: usize, ordinals: usize, capacity: i32, from: usize, to: usize, steps: usize, nulls: usize, selection: usize, count: i32): i32 {
  return series<i64>(PLAIN, state, out, outNulls, sources, ordinals, capacity, from, to, steps, nulls, selection, count);
}
/** Steps of days and less; months, steps beyond all timestamps, infinite ends and no step at all are declined. */
export function series_step_timestamp(state: usize, out: usize, outNulls: usize, sources: usize, ordinals: usize, capacity: i32, from: usize, to: usize, steps: usize, nulls: usize, selection: usize, count: i32): i32 {
  return series<i64>(TIMESTAMPS, state, out, outNulls, sources, ordinals, capacity, from, to, steps, nulls, selection, count);
}

/** The fields of a text as the bytes of a text[]; separators are not empty. No text, no fields. */
export function string_to_array_view(out: usize, texts: usize, separators: usize, nulls: usize, selection: usize, count: i32, start: i32, heap: usize): i32 {
  for (let i = start; i < count; i++) {
    const row = at(selection, i);
    if (isNull(nulls, row)) continue;
    const mark = viewData(separators + (<usize>row << 4));
    const markLength = load<i32>(separators + (<usize>row << 4));
    const view = texts + (<usize>row << 4);
    const text = viewData(view);
    const length = load<i32>(view);
    let fields = 0;
    let bytes = 0;
    for (let place = 0; length > 0; ) {
      const next = find(text, length, mark, markLength, place);
      bytes += (next < 0 ? length : next) - place;
      fields++;
      if (next < 0) break;
      place = next + markLength;
    }
    const result = out + (<usize>row << 4);
    const to = openView(result, fields == 0 ? 12 : 20 + (<i64>fields << 2) + <i64>bytes, heap);
    if (to == 0) return fail(row, NEED_HEAP);
    store<u64>(to, fields == 0 ? 0 : 0x01000000);
    store<u32>(to, 0, 8);
    if (fields > 0) {
      store<u32>(to, bswap<u32>(fields), 12);
      store<u32>(to, 0x01000000, 16);
      let cursor = to + 20;
      for (let place = 0; ; ) {
        const next = find(text, length, mark, markLength, place);
        const size = (next < 0 ? length : next) - place;
        store<u32>(cursor, bswap<u32>(size));
        memory.copy(cursor + 4, text + place, size);
        cursor += 4 + <usize>size;
        if (next < 0) break;
        place = next + markLength;
      }
    }
    closeView(result);
  }
  return 0;
}
