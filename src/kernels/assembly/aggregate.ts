// Aggregate states inside group rows. All-zero bytes are the empty state. update: agg_<op>(rows, offset, data, nulls, selection, count,
// weights) with `rows` the group row's address by batch row index; weights 0 means +1 each. combine: agg_<op>_combine(into, from,
// offset, count) over address lists. States: src/engine/aggregates/README.md.
import { isView, storeView } from './shared/row-columns';
import { at, isNull, NEED_HEAP, OUT_OF_RANGE } from './shared/rows';
import { compareValues } from './shared/values';


// @ts-ignore: decorator
@inline
function weightAt(weights: usize, index: i32): i64 {
  return weights == 0 ? 1 : load<i64>(weights + (<usize>index << 3));
}

// @ts-ignore: decorator
@inline
function stateOf(rows: usize, index: i32, offset: usize): usize {
  return <usize>load<u32>(rows + (<usize>index << 2)) + offset;
}

/** State {i64 count}: rows that are not NULL (nulls = 0: every row). */
export function agg_count(rows: usize, offset: usize, _data: usize, nulls: usize, selection: usize, count: i32, weights: usize): i32 {
  for (let i = 0; i < count; i++) {
    const index = at(selection, i);
    if (isNull(nulls, index)) continue;
    const state = stateOf(rows, index, offset);
    store<i64>(state, load<i64>(state) + weightAt(weights, index));
  }
  return 0;
}

export function agg_count_combine(into: usize, from: usize, offset: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const state = stateOf(into, i, offset);
    store<i64>(state, load<i64>(state) + load<i64>(stateOf(from, i, offset)));
  }
  return 0;
}

/** State {i64 count, i64 sum}; bool counts its true values. */
// @ts-ignore: decorator
@inline
function sumSmall<T>(rows: usize, offset: usize, data: usize, nulls: usize, selection: usize, count: i32, weights: usize): i32 {
  for (let i = 0; i < count; i++) {
    const index = at(selection, i);
    if (isNull(nulls, index)) continue;
    const state = stateOf(rows, index, offset);
    const weight = weightAt(weights, index);
    store<i64>(state, load<i64>(state) + weight);
    store<i64>(state, load<i64>(state, 8) + <i64>load<T>(data + <usize>index * sizeof<T>()) * weight, 8);
  }
  return 0;
}

export function agg_sum_bool(rows: usize, offset: usize, data: usize, nulls: usize, selection: usize, count: i32, weights: usize): i32 {
  return sumSmall<u8>(rows, offset, data, nulls, selection, count, weights);
}

export function agg_sum_i32(rows: usize, offset: usize, data: usize, nulls: usize, selection: usize, count: i32, weights: usize): i32 {
  return sumSmall<i32>(rows, offset, data, nulls, selection, count, weights);
}

export function agg_sum_i32_combine(into: usize, from: usize, offset: usize, count: i32): i32 {
  agg_count_combine(into, from, offset, count);
  return agg_count_combine(into, from, offset + 8, count);
}

/** *state += low:high. False on overflow of 128 bits. */
// @ts-ignore: decorator
@inline
function add128(state: usize, low: u64, high: i64): bool {
  const oldHigh = load<i64>(state, 8);
  const sumLow = load<u64>(state) + low;
  const sumHigh = oldHigh + high + <i64>(sumLow < low);
  store<u64>(state, sumLow);
  store<i64>(state, sumHigh, 8);
  return ((oldHigh ^ sumHigh) & (high ^ sumHigh)) >= 0;
}

/** 64 x 64 -> 128 bits, added to *state; signed. */
// @ts-ignore: decorator
@inline
function addProduct(state: usize, a: i64, b: i64): bool {
  const aLow = <u64>a & 0xffffffff;
  const bLow = <u64>b & 0xffffffff;
  const aHigh = <u64>a >> 32;
  const bHigh = <u64>b >> 32;
  const p0 = aLow * bLow;
  const p1 = aHigh * bLow + (p0 >> 32);
  const p2 = aLow * bHigh + (p1 & 0xffffffff);
  let high = <i64>(aHigh * bHigh + (p1 >> 32) + (p2 >> 32));
  if (a < 0) high -= b;
  if (b < 0) high -= a;
  return add128(state, (p2 << 32) | (p0 & 0xffffffff), high);
}

/** State {i64 count, i64 spare, i128 sum}. */
export function agg_sum_i64(rows: usize, offset: usize, data: usize, nulls: usize, selection: usize, count: i32, weights: usize): i32 {
  for (let i = 0; i < count; i++) {
    const index = at(selection, i);
    if (isNull(nulls, index)) continue;
    const state = stateOf(rows, index, offset);
    const value = load<i64>(data + (<usize>index << 3));
    const weight = weightAt(weights, index);
    store<i64>(state, load<i64>(state) + weight);
    if (weight == 1) add128(state + 16, <u64>value, value >> 63);
    else addProduct(state + 16, value, weight);
  }
  return 0;
}

export function agg_sum_i128(rows: usize, offset: usize, data: usize, nulls: usize, selection: usize, count: i32, weights: usize): i32 {
  for (let i = 0; i < count; i++) {
    const index = at(selection, i);
    if (isNull(nulls, index)) continue;
    const state = stateOf(rows, index, offset);
    const at = data + (<usize>index << 4);
    const weight = weightAt(weights, index);
    store<i64>(state, load<i64>(state) + weight);
    let left = weight < 0 ? -weight : weight;
    const low = load<u64>(at);
    const high = load<i64>(at, 8);
    for (; left > 0; left--) {
      const ok = weight > 0 ? add128(state + 16, low, high) : add128(state + 16, ~low + 1, ~high + <i64>(low == 0));
      if (!ok) return (index << 8) | OUT_OF_RANGE;
    }
  }
  return 0;
}

export function agg_sum_i64_combine(into: usize, from: usize, offset: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const state = stateOf(into, i, offset);
    const other = stateOf(from, i, offset);
    store<i64>(state, load<i64>(state) + load<i64>(other));
    if (!add128(state + 16, load<u64>(other, 16), load<i64>(other, 24))) return (i << 8) | OUT_OF_RANGE;
  }
  return 0;
}

/** State {i64 count, f64 sum}. */
// @ts-ignore: decorator
@inline
function sumFloat<T>(rows: usize, offset: usize, data: usize, nulls: usize, selection: usize, count: i32, weights: usize): i32 {
  for (let i = 0; i < count; i++) {
    const index = at(selection, i);
    if (isNull(nulls, index)) continue;
    const state = stateOf(rows, index, offset);
    const weight = weightAt(weights, index);
    store<i64>(state, load<i64>(state) + weight);
    const value = <f64>load<T>(data + <usize>index * sizeof<T>());
    const before = load<f64>(state, 8);
    const sum = before + (weight == 1 ? value : value * <f64>weight);
    if (abs(sum) == Infinity && abs(before) < Infinity && abs(value) < Infinity) return (index << 8) | OUT_OF_RANGE;
    store<f64>(state, sum, 8);
  }
  return 0;
}

export function agg_sum_f32(rows: usize, offset: usize, data: usize, nulls: usize, selection: usize, count: i32, weights: usize): i32 {
  return sumFloat<f32>(rows, offset, data, nulls, selection, count, weights);
}

export function agg_sum_f64(rows: usize, offset: usize, data: usize, nulls: usize, selection: usize, count: i32, weights: usize): i32 {
  return sumFloat<f64>(rows, offset, data, nulls, selection, count, weights);
}

export function agg_sum_f64_combine(into: usize, from: usize, offset: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const state = stateOf(into, i, offset);
    const other = stateOf(from, i, offset);
    const sum = load<f64>(state, 8) + load<f64>(other, 8);
    if (abs(sum) == Infinity && abs(load<f64>(state, 8)) < Infinity && abs(load<f64>(other, 8)) < Infinity) return (i << 8) | OUT_OF_RANGE;
    store<i64>(state, load<i64>(state) + load<i64>(other));
    store<f64>(state, sum, 8);
  }
  return 0;
}

/** State {i64 count, i64 spare, interval sum}: fields added one by one. */
export function agg_sum_interval(rows: usize, offset: usize, data: usize, nulls: usize, selection: usize, count: i32, weights: usize): i32 {
  for (let i = 0; i < count; i++) {
    const index = at(selection, i);
    if (isNull(nulls, index)) continue;
    const state = stateOf(rows, index, offset);
    const at = data + (<usize>index << 4);
    const weight = weightAt(weights, index);
    store<i64>(state, load<i64>(state) + weight);
    store<i64>(state, load<i64>(state, 16) + load<i64>(at) * weight, 16);
    store<i32>(state, load<i32>(state, 24) + load<i32>(at, 8) * <i32>weight, 24);
    store<i32>(state, load<i32>(state, 28) + load<i32>(at, 12) * <i32>weight, 28);
  }
  return 0;
}

export function agg_sum_interval_combine(into: usize, from: usize, offset: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const state = stateOf(into, i, offset);
    const other = stateOf(from, i, offset);
    store<i64>(state, load<i64>(state) + load<i64>(other));
    store<i64>(state, load<i64>(state, 16) + load<i64>(other, 16), 16);
    store<i32>(state, load<i32>(state, 24) + load<i32>(other, 24), 24);
    store<i32>(state, load<i32>(state, 28) + load<i32>(other, 28), 28);
  }
  return 0;
}

/** State {i64 count, i64 spare, value 16 bytes}: the least (wanted -1) or greatest (1) value. Long view bytes are copied to the heap. */
export function agg_extreme(rows: usize, offset: usize, data: usize, nulls: usize, selection: usize, count: i32, kind: i32, shift: i32, shape: usize, wanted: i32, start: i32, heap: usize): i32 {
  for (let i = start; i < count; i++) {
    const index = at(selection, i);
    if (isNull(nulls, index)) continue;
    const state = stateOf(rows, index, offset);
    const at = data + (<usize>index << shift);
    if (load<i64>(state) != 0 && compareValues(kind, at, state + 16, shape) != wanted) continue;
    if (!storeExtreme(state, at, shift, kind, heap)) return (i << 8) | NEED_HEAP;
  }
  return 0;
}

// @ts-ignore: decorator
@inline
function storeExtreme(state: usize, at: usize, shift: i32, kind: i32, heap: usize): bool {
  if (isView(kind)) {
    if (!storeView(state + 16, at, heap)) return false;
  } else if (shift == 0) store<u8>(state, load<u8>(at), 16);
  else if (shift == 2) store<u32>(state, load<u32>(at), 16);
  else if (shift == 3) store<u64>(state, load<u64>(at), 16);
  else v128.store(state + 16, v128.load(at));
  store<i64>(state, 1);
  return true;
}

/** Long values of `from` stay where they are: both sides belong to one query. */
export function agg_extreme_combine(into: usize, from: usize, offset: usize, count: i32, kind: i32, shape: usize, wanted: i32): i32 {
  for (let i = 0; i < count; i++) {
    const state = stateOf(into, i, offset);
    const other = stateOf(from, i, offset);
    if (load<i64>(other) == 0) continue;
    if (load<i64>(state) != 0 && compareValues(kind, other + 16, state + 16, shape) != wanted) continue;
    memory.copy(state, other, 32);
  }
  return 0;
}

/** State {f64 n, f64 sum, f64 squared deviations} by the method of Youngs and Cramer. */
// @ts-ignore: decorator
@inline
function variance<T>(rows: usize, offset: usize, data: usize, nulls: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const index = at(selection, i);
    if (isNull(nulls, index)) continue;
    const state = stateOf(rows, index, offset);
    const value = <f64>load<T>(data + <usize>index * sizeof<T>());
    const n = load<f64>(state) + 1.0;
    const before = load<f64>(state, 8);
    const sum = before + value;
    const finite = abs(before) < Infinity && abs(value) < Infinity;
    if (finite && abs(sum) == Infinity) return (index << 8) | OUT_OF_RANGE;
    store<f64>(state, n);
    store<f64>(state, sum, 8);
    if (n > 1.0) {
      const deviation = value * n - sum;
      const squares = load<f64>(state, 16) + (deviation * deviation) / (n * (n - 1.0));
      if (finite && abs(squares) == Infinity) return (index << 8) | OUT_OF_RANGE;
      store<f64>(state, squares, 16);
    } else if (!(abs(value) < Infinity)) store<f64>(state, NaN, 16);
  }
  return 0;
}

export function agg_variance_f32(rows: usize, offset: usize, data: usize, nulls: usize, selection: usize, count: i32, _weights: usize): i32 {
  return variance<f32>(rows, offset, data, nulls, selection, count);
}

export function agg_variance_f64(rows: usize, offset: usize, data: usize, nulls: usize, selection: usize, count: i32, _weights: usize): i32 {
  return variance<f64>(rows, offset, data, nulls, selection, count);
}

export function agg_variance_f64_combine(into: usize, from: usize, offset: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const state = stateOf(into, i, offset);
    const other = stateOf(from, i, offset);
    const n1 = load<f64>(state);
    const n2 = load<f64>(other);
    if (n2 == 0.0) continue;
    if (n1 == 0.0) {
      memory.copy(state, other, 24);
      continue;
    }
    const difference = load<f64>(state, 8) / n1 - load<f64>(other, 8) / n2;
    const n = n1 + n2;
    store<f64>(state, n);
    store<f64>(state, load<f64>(state, 8) + load<f64>(other, 8), 8);
    store<f64>(state, load<f64>(state, 16) + load<f64>(other, 16) + (n1 * n2 * difference * difference) / n, 16);
  }
  return 0;
}

/** State {i64 count, i64 spare, i128 sum, i128 sum of squares}: exact; values of 64 bits. OUT_OF_RANGE past 128 bits. */
// @ts-ignore: decorator
@inline
function moments<T>(rows: usize, offset: usize, data: usize, nulls: usize, selection: usize, count: i32, weights: usize): i32 {
  for (let i = 0; i < count; i++) {
    const index = at(selection, i);
    if (isNull(nulls, index)) continue;
    const state = stateOf(rows, index, offset);
    const value = <i64>load<T>(data + <usize>index * sizeof<T>());
    const weight = weightAt(weights, index);
    store<i64>(state, load<i64>(state) + weight);
    addProduct(state + 16, value, weight);
    let left = weight < 0 ? -weight : weight;
    for (; left > 0; left--) {
      if (weight > 0) {
        if (!addProduct(state + 32, value, value)) return (index << 8) | OUT_OF_RANGE;
      } else if (!addProduct(state + 32, value, -value)) return (index << 8) | OUT_OF_RANGE;
    }
  }
  return 0;
}

export function agg_moments_i32(rows: usize, offset: usize, data: usize, nulls: usize, selection: usize, count: i32, weights: usize): i32 {
  return moments<i32>(rows, offset, data, nulls, selection, count, weights);
}

export function agg_moments_i64(rows: usize, offset: usize, data: usize, nulls: usize, selection: usize, count: i32, weights: usize): i32 {
  return moments<i64>(rows, offset, data, nulls, selection, count, weights);
}

export function agg_moments_combine(into: usize, from: usize, offset: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const state = stateOf(into, i, offset);
    const other = stateOf(from, i, offset);
    store<i64>(state, load<i64>(state) + load<i64>(other));
    add128(state + 16, load<u64>(other, 16), load<i64>(other, 24));
    if (!add128(state + 32, load<u64>(other, 32), load<i64>(other, 40))) return (i << 8) | OUT_OF_RANGE;
  }
  return 0;
}

/** out[i] = the 1 << shift bytes at state + valueOffset of rows[i] (addresses by position); NULL where its i64 count is 0. Returns 1 if any NULL. */
export function agg_finish(out: usize, outNulls: usize, rows: usize, offset: usize, valueOffset: usize, shift: i32, count: i32): i32 {
  let any: u32 = 0;
  for (let i = 0; i < count; i++) {
    const state = stateOf(rows, i, offset);
    const empty = <u32>(load<i64>(state) == 0);
    store<u8>(outNulls + i, <u8>empty);
    any |= empty;
    const from = state + valueOffset;
    if (shift == 0) store<u8>(out + i, load<u8>(from));
    else if (shift == 2) store<u32>(out + (<usize>i << 2), load<u32>(from));
    else if (shift == 3) store<u64>(out + (<usize>i << 3), load<u64>(from));
    else v128.store(out + (<usize>i << 4), v128.load(from));
  }
  return <i32>any;
}

/** out[i] = the f64 at state + 8, as f32. */
export function agg_finish_f32(out: usize, outNulls: usize, rows: usize, offset: usize, count: i32): i32 {
  let any: u32 = 0;
  for (let i = 0; i < count; i++) {
    const state = stateOf(rows, i, offset);
    const empty = <u32>(load<i64>(state) == 0);
    store<u8>(outNulls + i, <u8>empty);
    any |= empty;
    store<f32>(out + (<usize>i << 2), <f32>load<f64>(state, 8));
  }
  return <i32>any;
}

/** bool_and (every = 1) or bool_or (0) from {i64 count, i64 true ones}. */
export function agg_finish_bool(out: usize, outNulls: usize, rows: usize, offset: usize, every: i32, count: i32): i32 {
  let any: u32 = 0;
  for (let i = 0; i < count; i++) {
    const state = stateOf(rows, i, offset);
    const total = load<i64>(state);
    const yes = load<i64>(state, 8);
    store<u8>(outNulls + i, <u8>(total == 0));
    any |= <u32>(total == 0);
    store<u8>(out + i, <u8>(every ? yes == total : yes > 0));
  }
  return <i32>any;
}

/** out[i] = sum / count of {i64 count, f64 sum}. */
export function agg_finish_average(out: usize, outNulls: usize, rows: usize, offset: usize, count: i32): i32 {
  let any: u32 = 0;
  for (let i = 0; i < count; i++) {
    const state = stateOf(rows, i, offset);
    const empty = <u32>(load<i64>(state) == 0);
    store<u8>(outNulls + i, <u8>empty);
    any |= empty;
    store<f64>(out + (<usize>i << 3), load<f64>(state, 8) / <f64>load<i64>(state));
  }
  return <i32>any;
}

/** State {u32 first, u32 last}: appends collected rows (addresses by batch row index) to their group's list through row word 1. */
export function agg_collect(groups: usize, offset: usize, rows: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const index = at(selection, i);
    const state = stateOf(groups, index, offset);
    const row = load<u32>(rows + (<usize>index << 2));
    const last = <usize>load<u32>(state, 4);
    if (last == 0) store<u32>(state, row);
    else store<u32>(last, row, 4);
    store<u32>(state, row, 4);
  }
  return 0;
}
