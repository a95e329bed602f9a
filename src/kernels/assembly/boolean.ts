// Three-valued logic, null bytes, selections, copies by row. Not value kernels; their signatures are their own (README).
import { at, isNull } from './shared/rows';

/** out = NOT a on bytes 0/1 (also: null bytes to "is not null"). */
export function not(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 {
  if (selection == 0) {
    let row: usize = 0;
    const one = i8x16.splat(1);
    for (; row + 16 <= <usize>count; row += 16) v128.store(out + row, v128.xor(v128.load(a + row), one));
    for (; row < <usize>count; row++) store<u8>(out + row, load<u8>(a + row) ^ 1);
    return 0;
  }
  for (let i = 0; i < count; i++) {
    const row: usize = <usize>load<u32>(selection + (<usize>i << 2));
    store<u8>(out + row, load<u8>(a + row) ^ 1);
  }
  return 0;
}

/** out = a OR b over null bytes, dense. */
export function null_or(out: usize, a: usize, b: usize, rows: i32): i32 {
  let row: usize = 0;
  for (; row + 16 <= <usize>rows; row += 16) v128.store(out + row, v128.or(v128.load(a + row), v128.load(b + row)));
  for (; row < <usize>rows; row++) store<u8>(out + row, load<u8>(a + row) | load<u8>(b + row));
  return 0;
}

/** nulls[row] = 1 where data[row] is false. */
export function null_where_false(nulls: usize, data: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const row: usize = <usize>at(selection, i);
    store<u8>(nulls + row, load<u8>(nulls + row) | (load<u8>(data + row) ^ 1));
  }
  return 0;
}

/** bytes[row] = 0. */
export function clear_1(out: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) store<u8>(out + at(selection, i), 0);
  return 0;
}

/**
 * One argument of AND joins the result so far (data starts true, nulls 0). Rows that are still undecided (not false) go to
 * `undecided`; returns their number. The input selection may be `undecided`.
 */
export function and_step(data: usize, nulls: usize, argData: usize, argNulls: usize, selection: usize, count: i32, undecided: usize): i32 {
  let left: usize = 0;
  for (let i = 0; i < count; i++) {
    const row = at(selection, i);
    if (isNull(argNulls, row)) {
      store<u8>(nulls + row, 1);
    } else if (load<u8>(argData + row) == 0) {
      store<u8>(data + row, 0);
      store<u8>(nulls + row, 0);
      continue;
    }
    store<u32>(undecided + (left << 2), row);
    left++;
  }
  return <i32>left;
}

/** As and_step for OR: data starts false, rows that are not true stay undecided. */
export function or_step(data: usize, nulls: usize, argData: usize, argNulls: usize, selection: usize, count: i32, undecided: usize): i32 {
  let left: usize = 0;
  for (let i = 0; i < count; i++) {
    const row = at(selection, i);
    if (isNull(argNulls, row)) {
      store<u8>(nulls + row, 1);
    } else if (load<u8>(argData + row) != 0) {
      store<u8>(data + row, 1);
      store<u8>(nulls + row, 0);
      continue;
    }
    store<u32>(undecided + (left << 2), row);
    left++;
  }
  return <i32>left;
}

/** IS [NOT] DISTINCT FROM by the equality of the rows where neither is NULL. */
export function is_distinct(out: usize, equal: usize, aNulls: usize, bNulls: usize, negated: i32, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const row = at(selection, i);
    const a = isNull(aNulls, row);
    const b = isNull(bNulls, row);
    const distinct = a || b ? a != b : load<u8>(equal + row) == 0;
    store<u8>(out + row, <u8>distinct ^ <u8>negated);
  }
  return 0;
}

/** Rows that are true (not NULL). */
export function select_true(out: usize, data: usize, nulls: usize, selection: usize, count: i32): i32 {
  let found: usize = 0;
  for (let i = 0; i < count; i++) {
    const row: usize = <usize>at(selection, i);
    store<u32>(out + (found << 2), <u32>row);
    found += nulls == 0 ? <usize>load<u8>(data + row) : <usize>(load<u8>(data + row) & (load<u8>(nulls + row) ^ 1));
  }
  return <i32>found;
}

/** Rows that are false or NULL. */
export function select_not_true(out: usize, data: usize, nulls: usize, selection: usize, count: i32): i32 {
  let found: usize = 0;
  for (let i = 0; i < count; i++) {
    const row: usize = <usize>at(selection, i);
    store<u32>(out + (found << 2), <u32>row);
    const test = (load<u8>(data + row) ^ 1) & 1; // a NULL's byte may be anything
    found += <usize>(nulls == 0 ? test : test | load<u8>(nulls + row));
  }
  return <i32>found;
}

export function select_null(out: usize, nulls: usize, selection: usize, count: i32): i32 {
  if (nulls == 0) return 0;
  let found: usize = 0;
  for (let i = 0; i < count; i++) {
    const row: usize = <usize>at(selection, i);
    store<u32>(out + (found << 2), <u32>row);
    found += <usize>load<u8>(nulls + row);
  }
  return <i32>found;
}

export function select_not_null(out: usize, nulls: usize, selection: usize, count: i32): i32 {
  let found: usize = 0;
  for (let i = 0; i < count; i++) {
    const row: usize = <usize>at(selection, i);
    store<u32>(out + (found << 2), <u32>row);
    found += nulls == 0 ? 1 : <usize>(load<u8>(nulls + row) ^ 1);
  }
  return <i32>found;
}
