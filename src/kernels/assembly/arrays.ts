// Arrays as columns/README.md lays them out: made of columns, looked into, and the pairs of ANY and ALL put together again. What follows
// from more than one dimension is declined. Forms of elements: 1, 4, 8 and 16 bytes as they are, UUID and VIEW.
import { at, fail, isNull, NEED_HEAP, NEED_SLOW, setView, viewData } from './shared/rows';
import { closeView, openView } from './shared/text';

const UUID: u32 = 17;
const VIEW: u32 = 0;
const HEAD: usize = 20; // bytes before the elements of an array of one dimension
const ONE: u32 = 0x01000000; // 1, big-endian

/** Address of the length of element `index` (from 0) of an array of one dimension at `from`. */
// @ts-ignore: decorator
@inline
function elementAt(from: usize, index: u32): usize {
  let place = from + HEAD;
  for (let i: u32 = 0; i < index; i++) {
    const length = bswap<i32>(load<i32>(place));
    place += 4 + <usize>(length < 0 ? 0 : length);
  }
  return place;
}

// @ts-ignore: decorator
@inline
function putElement(form: u32, target: usize, from: usize, length: u32): void {
  if (form == VIEW) setView(target, from, length);
  else if (form == UUID) {
    store<u64>(target, bswap<u64>(load<u64>(from, 8)));
    store<u64>(target, bswap<u64>(load<u64>(from)) ^ 0x8000000000000000, 8);
  } else if (form == 1) store<u8>(target, load<u8>(from));
  else if (form == 4) store<u32>(target, load<u32>(from));
  else if (form == 8) store<u64>(target, load<u64>(from));
  else v128.store(target, v128.load(from));
}

/** a[i]; nullable. */
export function array_element(out: usize, a: usize, indexes: usize, form: u32, nulls: usize, selection: usize, count: i32): i32 {
  const width: usize = form == VIEW || form == UUID ? 16 : form;
  for (let i = 0; i < count; i++) {
    const row = at(selection, i);
    if (isNull(nulls, row)) continue;
    const from = viewData(a + (<usize>row << 4));
    const dimensions = bswap<u32>(load<u32>(from));
    if (dimensions > 1) return fail(row, NEED_SLOW);
    const offset = <i64>load<i32>(indexes + (<usize>row << 2)) - <i64>bswap<i32>(load<i32>(from, 16));
    if (dimensions == 0 || offset < 0 || offset >= <i64>bswap<u32>(load<u32>(from, 12))) {
      store<u8>(nulls + row, 1);
      continue;
    }
    const element = elementAt(from, <u32>offset);
    const length = bswap<i32>(load<i32>(element));
    if (length < 0) store<u8>(nulls + row, 1);
    else putElement(form, out + <usize>row * width, element + 4, length);
  }
  return 0;
}

/** array_length(a, dimension); nullable. */
export function array_length(out: usize, a: usize, dimensions: usize, nulls: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const row = at(selection, i);
    if (isNull(nulls, row)) continue;
    const from = viewData(a + (<usize>row << 4));
    const dimension = load<u32>(dimensions + (<usize>row << 2)) - 1;
    if (dimension >= bswap<u32>(load<u32>(from))) store<u8>(nulls + row, 1);
    else store<i32>(out + (<usize>row << 2), bswap<i32>(load<i32>(from + 12 + (<usize>dimension << 3))));
  }
  return 0;
}

export function array_cardinality(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const row = at(selection, i);
    if (isNull(nulls, row)) continue;
    const from = viewData(a + (<usize>row << 4));
    const dimensions = bswap<u32>(load<u32>(from));
    let size = dimensions == 0 ? 0 : 1;
    for (let d: usize = 0; d < dimensions; d++) size *= bswap<i32>(load<i32>(from + 12 + (d << 3)));
    store<i32>(out + (<usize>row << 2), size);
  }
  return 0;
}

/** ARRAY[...]: `table` has {u32 data, u32 nulls, u32 form} for each of the elements. */
export function array_of(out: usize, table: usize, elements: i32, nulls: usize, selection: usize, count: i32, start: i32, heap: usize): i32 {
  const end = table + <usize>elements * 12;
  for (let i = start; i < count; i++) {
    const row = at(selection, i);
    let size: i64 = HEAD; // wide: each element may be as long as a value can be
    let flags: u32 = 0;
    for (let entry = table; entry < end; entry += 12) {
      size += 4;
      const form = load<u32>(entry, 8);
      if (isNull(load<u32>(entry, 4), row)) flags = ONE;
      else size += form == VIEW ? <i64>load<u32>(<usize>load<u32>(entry) + (<usize>row << 4)) : form == UUID ? 16 : <i64>form;
    }
    const result = out + (<usize>row << 4);
    const to = openView(result, size, heap);
    if (to == 0) return fail(row, NEED_HEAP);
    store<u32>(to, ONE);
    store<u32>(to, flags, 4);
    store<u32>(to, 0, 8);
    store<u32>(to, bswap<u32>(elements), 12);
    store<u32>(to, ONE, 16);
    let place = to + HEAD;
    for (let entry = table; entry < end; entry += 12) {
      const form = load<u32>(entry, 8);
      if (isNull(load<u32>(entry, 4), row)) {
        store<i32>(place, -1);
        place += 4;
        continue;
      }
      const width: usize = form == VIEW || form == UUID ? 16 : form;
      const value = <usize>load<u32>(entry) + <usize>row * width;
      const length: usize = form == VIEW ? load<u32>(value) : width;
      store<u32>(place, bswap<u32>(<u32>length));
      place += 4;
      if (form == VIEW) memory.copy(place, viewData(value), length);
      else if (form == UUID) {
        store<u64>(place, bswap<u64>(load<u64>(value, 8) ^ 0x8000000000000000));
        store<u64>(place, bswap<u64>(load<u64>(value)), 8);
      } else memory.copy(place, value, length);
      place += length;
    }
    closeView(result);
  }
  return 0;
}

/**
 * ANY (`all` = 0) and ALL (1): the answers of pairs go to their rows, `sources`, where `out` and `outNulls` begin as the answer for no
 * pair. One answer that decides stays; else NULL stays.
 */
export function fold_quantified(out: usize, outNulls: usize, answers: usize, nulls: usize, sources: usize, count: i32, all: i32): i32 {
  for (let i = 0; i < count; i++) {
    const row = <usize>load<u32>(sources + (<usize>i << 2));
    if (isNull(nulls, i)) {
      if (load<u8>(out + row) == <u8>all) store<u8>(outNulls + row, 1);
    } else if (load<u8>(answers + i) != <u8>all) {
      store<u8>(out + row, load<u8>(answers + i));
      store<u8>(outNulls + row, 0);
    }
  }
  return 0;
}

/**
 * Texts joined: `table` has {u32 data, u32 nulls} for each part, the first being the separator if there is one. NULL parts are passed
 * over, or make the whole NULL, as a NULL separator does. Nullable.
 */
export function join_texts(out: usize, table: usize, parts: i32, separated: i32, passOver: i32, nulls: usize, selection: usize, count: i32, start: i32, heap: usize): i32 {
  const first = table + (separated != 0 ? 8 : 0);
  const end = table + (<usize>parts << 3);
  for (let i = start; i < count; i++) {
    const row = at(selection, i);
    const offset = <usize>row << 4;
    const separator = <usize>load<u32>(table) + offset;
    const gap: usize = separated != 0 ? load<u32>(separator) : 0;
    let whole = separated == 0 || !isNull(load<u32>(table, 4), row);
    let given = 0;
    let size: i64 = 0;
    for (let entry = first; entry < end; entry += 8) {
      if (isNull(load<u32>(entry, 4), row)) whole = whole && passOver != 0;
      else {
        if (given > 0) size += gap;
        size += load<u32>(<usize>load<u32>(entry) + offset);
        given++;
      }
    }
    if (!whole) {
      store<u8>(nulls + row, 1);
      continue;
    }
    store<u8>(nulls + row, 0);
    const result = out + offset;
    const to = openView(result, size, heap);
    if (to == 0) return fail(row, NEED_HEAP);
    let place = to;
    let before = false;
    for (let entry = first; entry < end; entry += 8) {
      if (isNull(load<u32>(entry, 4), row)) continue;
      if (before) {
        memory.copy(place, viewData(separator), gap);
        place += gap;
      }
      const part = <usize>load<u32>(entry) + offset;
      memory.copy(place, viewData(part), load<u32>(part));
      place += load<u32>(part);
      before = true;
    }
    closeView(result);
  }
  return 0;
}
