// Weighted rows of the stream engine: weights of stored rows, rows touched in a step, chains of rows under a parent row (join sides,
// retained aggregate arguments), match counts of outer joins, event-time windows. Row headers are those of rows.ts; mark byte 8 is
// 0 for a row at rest, 1 for one touched in this step, 255 for a free one. Lists of rows are u32 addresses by position.
import { D_NULL, D_SLOT, DESCRIPTOR_BYTES, isView, storeView } from './shared/row-columns';
import { at, isNull, NEED_HEAP, NEED_ROOM } from './shared/rows';

const TOUCHED: u8 = 1;

// @ts-ignore: decorator
@inline
function weightAt(weights: usize, index: i32): i64 {
  return weights == 0 ? 1 : load<i64>(weights + (<usize>index << 3));
}

// @ts-ignore: decorator
@inline
function rowOf(rows: usize, i: i32): usize {
  return <usize>load<u32>(rows + (<usize>i << 2));
}

/** rows[index] (by batch row index): i64 at `offset` += weight; rows not yet touched are appended at `touched`; returns how many. */
export function changes_add(rows: usize, selection: usize, count: i32, weights: usize, offset: usize, touched: usize): i32 {
  let found = 0;
  for (let i = 0; i < count; i++) {
    const index = at(selection, i);
    const row = rowOf(rows, index);
    store<i64>(row + offset, load<i64>(row + offset) + weightAt(weights, index));
    if (load<u8>(row, 8) == TOUCHED) continue;
    store<u8>(row, TOUCHED, 8);
    store<u32>(touched + (<usize>found << 2), <u32>row);
    found++;
  }
  return found;
}

/** Marks rows[index] touched; appends those that were not at `touched`, and the batch row index of each at `indexes`; returns how many. */
export function changes_touch(rows: usize, selection: usize, count: i32, touched: usize, indexes: usize): i32 {
  let found = 0;
  for (let i = 0; i < count; i++) {
    const index = at(selection, i);
    const row = rowOf(rows, index);
    if (row == 0 || load<u8>(row, 8) == TOUCHED) continue;
    store<u8>(row, TOUCHED, 8);
    store<u32>(touched + (<usize>found << 2), <u32>row);
    store<i32>(indexes + (<usize>found << 2), index);
    found++;
  }
  return found;
}

/** The rows of a list are at rest again. */
export function changes_rest(rows: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) store<u8>(rowOf(rows, i), 0, 8);
  return 0;
}

/** out[i] = the i64 at `offset` of rows[i] */
export function rows_read_i64(out: usize, rows: usize, offset: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) store<i64>(out + (<usize>i << 3), load<i64>(rowOf(rows, i) + offset));
  return 0;
}

/** The batch rows whose rows[index] is known: their indexes at `out`, and by index the i64 at `offset` of the known row; returns how many. */
export function rows_select_routes(rows: usize, selection: usize, count: i32, offset: usize, out: usize, routes: usize): i32 {
  let found = 0;
  for (let i = 0; i < count; i++) {
    const index = at(selection, i);
    const row = rowOf(rows, index);
    if (row == 0) continue;
    store<i32>(out + (<usize>found << 2), index);
    store<i64>(routes + (<usize>index << 3), load<i64>(row + offset));
    found++;
  }
  return found;
}

/** i64 at `offset` of rows[i] = 0 */
export function rows_clear_i64(rows: usize, offset: usize, bytes: i32, count: i32): i32 {
  for (let i = 0; i < count; i++) memory.fill(rowOf(rows, i) + offset, 0, bytes);
  return 0;
}

/** out = the rows of the list whose i64 at `offset` is zero (wanted 0) or not (wanted 1); returns how many. `out` may be `rows`. */
export function rows_select_zero(rows: usize, count: i32, offset: usize, wanted: i32, out: usize): i32 {
  let found = 0;
  for (let i = 0; i < count; i++) {
    const row = rowOf(rows, i);
    store<u32>(out + (<usize>found << 2), <u32>row);
    found += <i32>(<i32>(load<i64>(row + offset) != 0) == wanted);
  }
  return found;
}

/** For rows that count once while their weight at `offset` is positive: the change since last asked (bool kept at emitted), nonzero
 *  ones as outRows and outDeltas; returns how many. */
export function changes_distinct(rows: usize, count: i32, offset: usize, emitted: usize, outRows: usize, outDeltas: usize): i32 {
  let found = 0;
  for (let i = 0; i < count; i++) {
    const row = rowOf(rows, i);
    const now = <u8>(load<i64>(row + offset) > 0);
    const delta = <i64>now - <i64>load<u8>(row + emitted);
    store<u8>(row + emitted, now);
    store<u32>(outRows + (<usize>found << 2), <u32>row);
    store<i64>(outDeltas + (<usize>found << 3), delta);
    found += <i32>(delta != 0);
  }
  return found;
}

// @ts-ignore: decorator
@inline
function most(a: i64, b: i64): i64 {
  return a > b ? a : b;
}

/** INTERSECT (operation 0) and EXCEPT (1) over the counts {i64 left, i64 right, i64 emitted} at `offset`; as changes_distinct. */
export function changes_set_operation(rows: usize, count: i32, offset: usize, operation: i32, all: i32, outRows: usize, outDeltas: usize): i32 {
  let found = 0;
  for (let i = 0; i < count; i++) {
    const row = rowOf(rows, i);
    const left = most(load<i64>(row + offset), 0);
    const right = most(load<i64>(row + offset, 8), 0);
    let now: i64;
    if (operation == 0) now = all ? (left < right ? left : right) : <i64>(left > 0 && right > 0);
    else now = all ? most(left - right, 0) : <i64>(left > 0 && right == 0);
    const delta = now - load<i64>(row + offset, 16);
    store<i64>(row + offset, now, 16);
    store<u32>(outRows + (<usize>found << 2), <u32>row);
    store<i64>(outDeltas + (<usize>found << 3), delta);
    found += <i32>(delta != 0);
  }
  return found;
}

/** {i64 before, i64 now} at `offset`: deltas now - before; before = now, now = 0; as changes_distinct. */
export function changes_replace(rows: usize, count: i32, offset: usize, outRows: usize, outDeltas: usize): i32 {
  let found = 0;
  for (let i = 0; i < count; i++) {
    const row = rowOf(rows, i);
    const now = load<i64>(row + offset, 8);
    const delta = now - load<i64>(row + offset);
    store<i64>(row + offset, now);
    store<i64>(row + offset, 0, 8);
    store<u32>(outRows + (<usize>found << 2), <u32>row);
    store<i64>(outDeltas + (<usize>found << 3), delta);
    found += <i32>(delta != 0);
  }
  return found;
}

// Chains: a parent has {u32 first} at `head`, a child {u32 next, u32 previous, u32 parent} at `link`; the newest child comes first.

/** Links the children of batch rows indexes[0..count) under their parents (both by batch row index). */
export function chain_link(children: usize, parents: usize, indexes: usize, count: i32, head: usize, link: usize): i32 {
  for (let i = 0; i < count; i++) {
    const index = load<i32>(indexes + (<usize>i << 2));
    const child = rowOf(children, index);
    const parent = rowOf(parents, index);
    const first = <usize>load<u32>(parent + head);
    store<u32>(child + link, <u32>first);
    store<u32>(child + link, 0, 4);
    store<u32>(child + link, <u32>parent, 8);
    if (first != 0) store<u32>(first + link, <u32>child, 4);
    store<u32>(parent + head, <u32>child);
  }
  return 0;
}

/** Takes rows out of their chains. Parents left without children are written to `empty`; returns how many. */
export function chain_unlink(rows: usize, count: i32, head: usize, link: usize, empty: usize): i32 {
  let found = 0;
  for (let i = 0; i < count; i++) {
    const row = rowOf(rows, i);
    const next = <usize>load<u32>(row + link);
    const previous = <usize>load<u32>(row + link, 4);
    const parent = <usize>load<u32>(row + link, 8);
    if (next != 0) store<u32>(next + link, <u32>previous, 4);
    if (previous != 0) store<u32>(previous + link, <u32>next);
    else store<u32>(parent + head, <u32>next);
    if (next == 0 && previous == 0) {
      store<u32>(empty + (<usize>found << 2), <u32>parent);
      found++;
    }
  }
  return found;
}

/** Pairs (batch row index, child) of all children of the batch rows' parents (by row index; 0: none), from state {position, child} on, at
 *  most `room`; state word 2 = pairs made. Returns NEED_ROOM until all are done. */
export function chain_pairs(parents: usize, selection: usize, count: i32, head: usize, link: usize, state: usize, outIndexes: usize, outRows: usize, room: i32): i32 {
  let made = 0;
  let i = load<i32>(state);
  let child = <usize>load<u32>(state, 4);
  for (; i < count; i++) {
    const index = at(selection, i);
    if (child == 0) {
      const parent = rowOf(parents, index);
      if (parent != 0) child = <usize>load<u32>(parent + head);
    }
    while (child != 0) {
      if (made == room) {
        store<i32>(state, i);
        store<u32>(state, <u32>child, 4);
        store<i32>(state, made, 8);
        return (i << 8) | NEED_ROOM;
      }
      store<i32>(outIndexes + (<usize>made << 2), index);
      store<u32>(outRows + (<usize>made << 2), <u32>child);
      made++;
      child = <usize>load<u32>(child + link);
    }
  }
  store<i32>(state, count);
  store<u32>(state, 0, 4);
  store<i32>(state, made, 8);
  return 0;
}

/** out[k] = weights[indexes[k]] * (the i64 at `offset` of rows[k]) */
export function pair_weights(out: usize, indexes: usize, weights: usize, rows: usize, offset: usize, count: i32): i32 {
  for (let k = 0; k < count; k++) {
    const index = load<i32>(indexes + (<usize>k << 2));
    store<i64>(out + (<usize>k << 3), weightAt(weights, index) * load<i64>(rowOf(rows, k) + offset));
  }
  return 0;
}

/** sums[indexes[k]] += the i64 at `offset` of rows[k], over the selected pairs. */
export function pair_sums(sums: usize, indexes: usize, rows: usize, offset: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const k = at(selection, i);
    const at = sums + (<usize>load<i32>(indexes + (<usize>k << 2)) << 3);
    store<i64>(at, load<i64>(at) + load<i64>(rowOf(rows, k) + offset));
  }
  return 0;
}

/** Rows that stand alone while they have no partner: the selected pairs' rows get weights[indexes[k]] more matches (at `matches`), and
 *  delta[k] = the change of "alone" times the row's weight (at `offset`). */
export function pair_matches(delta: usize, indexes: usize, weights: usize, rows: usize, matches: usize, offset: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const k = at(selection, i);
    const row = rowOf(rows, k);
    const before = load<i64>(row + matches);
    const after = before + weightAt(weights, load<i32>(indexes + (<usize>k << 2)));
    store<i64>(row + matches, after);
    store<i64>(delta + (<usize>k << 3), (<i64>(after <= 0) - <i64>(before <= 0)) * load<i64>(row + offset));
  }
  return 0;
}

/** out[index] = weight of the batch row where the sign of sums[index] is wanted (1: positive, 0: not), else 0. sums 0: nothing is positive. */
export function weights_where(out: usize, weights: usize, sums: usize, wanted: i32, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const index = at(selection, i);
    const positive = sums != 0 && load<i64>(sums + (<usize>index << 3)) > 0;
    store<i64>(out + (<usize>index << 3), <i32>positive == wanted ? weightAt(weights, index) : 0);
  }
  return 0;
}

/** i64 at `offset` of rows[index] = values[index] */
export function rows_write_i64(rows: usize, offset: usize, values: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const index = at(selection, i);
    store<i64>(rowOf(rows, index) + offset, load<i64>(values + (<usize>index << 3)));
  }
  return 0;
}

/** The selected rows whose i64 is not zero; returns how many. `out` may be the selection. */
export function select_nonzero_i64(out: usize, values: usize, selection: usize, count: i32): i32 {
  let found = 0;
  for (let i = 0; i < count; i++) {
    const index = at(selection, i);
    store<i32>(out + (<usize>found << 2), index);
    found += <i32>(load<i64>(values + (<usize>index << 3)) != 0);
  }
  return found;
}

/** values[i] *= -1, dense; weights 0 cannot be given. */
export function negate_weights(out: usize, weights: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const index = at(selection, i);
    store<i64>(out + (<usize>index << 3), -weightAt(weights, index));
  }
  return 0;
}

/** Each row of the list as often as its weight at `offset` says, from state {position, copies done} on, at most `room`. */
export function rows_repeat(rows: usize, count: i32, offset: usize, state: usize, out: usize, room: i32): i32 {
  let made = 0;
  let i = load<i32>(state);
  let done = load<i32>(state, 4);
  for (; i < count; i++) {
    const row = rowOf(rows, i);
    const copies = load<i64>(row + offset);
    for (; <i64>done < copies; done++) {
      if (made == room) {
        store<i32>(state, i);
        store<i32>(state, done, 4);
        store<i32>(state, made, 8);
        return (i << 8) | NEED_ROOM;
      }
      store<u32>(out + (<usize>made << 2), <u32>row);
      made++;
    }
    done = 0;
  }
  store<i32>(state, count);
  store<i32>(state, 0, 4);
  store<i32>(state, made, 8);
  return 0;
}

/** The least (wanted -1) or greatest (1) of the selected non-null i64 values and the one at `best`, which is updated; returns how many were seen. */
export function extreme_i64(best: usize, data: usize, nulls: usize, wanted: i32, selection: usize, count: i32): i32 {
  let value = load<i64>(best);
  let seen = 0;
  for (let i = 0; i < count; i++) {
    const index = at(selection, i);
    if (isNull(nulls, index)) continue;
    const one = load<i64>(data + (<usize>index << 3));
    if (wanted < 0 ? one < value : one > value) value = one;
    seen++;
  }
  store<i64>(best, value);
  return seen;
}

/** The rows of the list whose i64 slot at `slot` is not NULL and at most the i64 at `bound` (wanted 1), or the others (0). */
export function rows_select_until(rows: usize, count: i32, slot: usize, nullOffset: usize, bound: usize, wanted: i32, out: usize): i32 {
  const until = load<i64>(bound);
  let found = 0;
  for (let i = 0; i < count; i++) {
    const row = rowOf(rows, i);
    const reached = load<u8>(row + nullOffset) == 0 && load<i64>(row + slot) <= until;
    store<u32>(out + (<usize>found << 2), <u32>row);
    found += <i32>(<i32>reached == wanted);
  }
  return found;
}

// @ts-ignore: decorator
@inline
function floorTo(value: i64, step: i64, offset: i64): i64 {
  const shifted = value - offset;
  let rest = shifted % step;
  if (rest < 0) rest += step;
  return value - rest;
}

/**
 * Event-time windows of `size` that start at multiples of `slide` plus `offset` (i64 microseconds {slide, size, offset, step} at `window`;
 * `step` not 0: windows that grow by it up to size). For positions from state {position, window number} on: outIndexes[k] = batch row index, starts, ends, and times (last
 * microsecond's millisecond) of its windows, earliest first; NULL and infinite times have none. Returns NEED_ROOM until all are done;
 * state word 2 = rows made.
 */
export function window_assign(times: usize, nulls: usize, selection: usize, count: i32, window: usize, state: usize, outIndexes: usize, starts: usize, ends: usize, windowTimes: usize, room: i32): i32 {
  const slide = load<i64>(window);
  const size = load<i64>(window, 8);
  const offset = load<i64>(window, 16);
  const step = load<i64>(window, 24);
  let made = 0;
  let done = load<i32>(state, 4);
  for (let i = load<i32>(state); i < count; i++) {
    const index = at(selection, i);
    if (isNull(nulls, index)) continue;
    const time = load<i64>(times + (<usize>index << 3));
    if (time == i64.MAX_VALUE || time == i64.MIN_VALUE) continue;
    const last = floorTo(time, slide, offset);
    // windows that contain the time start at last, last - slide, ... while start + size > time
    let windows = <i32>((size - (time - last) + slide - 1) / slide);
    if (time - last >= size) windows = 0;
    const steps = step == 0 ? 0 : (time - last) / step;
    if (step != 0) windows = <i32>(size / step - steps);
    for (; done < windows; done++) {
      if (made == room) {
        store<i32>(state, i);
        store<i32>(state, done, 4);
        store<i32>(state, made, 8);
        return (i << 8) | NEED_ROOM;
      }
      const start = step == 0 ? last - slide * <i64>(windows - 1 - done) : last;
      const end = step == 0 ? start + size : last + (steps + 1 + <i64>done) * step;
      const at = <usize>made << 3;
      store<i32>(outIndexes + (<usize>made << 2), index);
      store<i64>(starts + at, start);
      store<i64>(ends + at, end);
      store<i64>(windowTimes + at, end - 1000);
      made++;
    }
    done = 0;
  }
  store<i32>(state, count);
  store<i32>(state, 0, 4);
  store<i32>(state, made, 8);
  return 0;
}

/**
 * The end of a step for output rows with state {i64 weight, i64 delta, i64 stored, i64 rowId, u32 listed} at `offset`: nonzero deltas as
 * outRows and outDeltas, weight += delta, delta = 0; changed rows not yet listed go to `unstored`, how many to counters[0]. Returns the
 * number of deltas, or -1 if a weight has become negative.
 */
export function changes_settle(rows: usize, count: i32, offset: usize, outRows: usize, outDeltas: usize, unstored: usize, counters: usize): i32 {
  let found = 0;
  let listed = 0;
  let negative = false;
  for (let i = 0; i < count; i++) {
    const row = rowOf(rows, i);
    const state = row + offset;
    const delta = load<i64>(state, 8);
    const weight = load<i64>(state) + delta;
    if (weight < 0) negative = true;
    store<i64>(state, weight);
    store<i64>(state, 0, 8);
    store<u32>(outRows + (<usize>found << 2), <u32>row);
    store<i64>(outDeltas + (<usize>found << 3), delta);
    found += <i32>(delta != 0);
    if (load<u32>(state, 32) == 0) {
      store<u32>(state, 1, 32);
      store<u32>(unstored + (<usize>listed << 2), <u32>row);
      listed++;
    }
  }
  store<i32>(counters, listed);
  return negative ? -1 : found;
}

/** Copies the long values of rows [from, count) of a segment (free ones left out) into the heap {cursor, limit, needed}. NEED_HEAP with the row to go on from. */
export function rows_move_heap(base: usize, rowBytes: i32, from: i32, count: i32, descriptors: usize, columns: i32, heap: usize): i32 {
  for (let i = from; i < count; i++) {
    const row = base + <usize>i * <usize>rowBytes;
    if (load<u8>(row, 8) == 255) continue;
    for (let c = 0; c < columns; c++) {
      const d = descriptors + <usize>c * DESCRIPTOR_BYTES;
      if (!isView(load<i32>(d)) || load<u8>(row + <usize>load<u32>(d, D_NULL)) != 0) continue;
      const slot = row + <usize>load<u32>(d, D_SLOT);
      if (!storeView(slot, slot, heap)) return (i << 8) | NEED_HEAP;
    }
  }
  return 0;
}
