// Sums of variable numerics in group rows: state {u32 the driver's, u32 scale, i64 count, i128 sum}, the sum at the largest scale met. All-zero
// bytes are the empty state. Rows that are not finite, or whose sum leaves 127 bits, are declined, one by one: the driver adds those.
import { isNegative, isSmall, isWide, loadMagnitude, scaleOf, smallScale, smallValue } from './shared/numeric-cell';
import { at, fail, isNull, NEED_SLOW } from './shared/rows';
import { negate128, scaleMagnitude, scaleUpMagnitude, takeSign } from './shared/wide';

const SCALE: usize = 4;
const COUNT: usize = 8;
const SUM: usize = 16;

/** Adds a signed 128-bit number unless the sum overflows. */
function addTo(state: usize, low: u64, high: i64): bool {
  const oldHigh = load<i64>(state, SUM + 8);
  const sumLow = load<u64>(state, SUM) + low;
  const sumHigh = oldHigh + high + <i64>(sumLow < low);
  if (((oldHigh ^ sumHigh) & (high ^ sumHigh)) < 0) return false;
  store<u64>(state, sumLow, SUM);
  store<i64>(state, sumHigh, SUM + 8);
  return true;
}

/** Brings the sum to a larger scale. */
function rescale(state: usize, scale: i32, scratch: usize): bool {
  v128.store(scratch, v128.load(state, SUM));
  const negative = takeSign(scratch);
  if (!scaleUpMagnitude(scratch, scale - load<i32>(state, SCALE))) return false;
  if (negative) negate128(scratch, scratch);
  v128.store(state, v128.load(scratch), SUM);
  store<i32>(state, scale, SCALE);
  return true;
}

/** weight * value; `scratch`: 32 bytes. */
function add(state: usize, view: usize, weight: i64, scratch: usize): bool {
  if (!isWide(view)) return false;
  const scale = scaleOf(view);
  if (scale > load<i32>(state, SCALE) && !rescale(state, scale, scratch)) return false;
  loadMagnitude(scratch, view);
  if (weight != 1 && weight != -1 && !scaleMagnitude(scratch, weight < 0 ? 0 - <u64>weight : <u64>weight)) return false;
  if (!scaleUpMagnitude(scratch, load<i32>(state, SCALE) - scale)) return false;
  if (isNegative(view) != weight < 0) negate128(scratch, scratch);
  return addTo(state, load<u64>(scratch), load<i64>(scratch, 8));
}

export function agg_sum_numeric(rows: usize, offset: usize, data: usize, nulls: usize, selection: usize, count: i32, weights: usize, start: i32, scratch: usize): i32 {
  for (let i = start; i < count; i++) {
    const row = at(selection, i);
    if (isNull(nulls, row)) continue;
    const state = <usize>load<u32>(rows + (<usize>row << 2)) + offset;
    const view = data + (<usize>row << 4);
    const weight: i64 = weights == 0 ? 1 : load<i64>(weights + (<usize>row << 3));
    if (weight == 1 && isSmall(view) && smallScale(view) == load<i32>(state, SCALE)) {
      const value = smallValue(view);
      if (!addTo(state, <u64>value, value >> 63)) return fail(row, NEED_SLOW);
    } else if (!add(state, view, weight, scratch)) return fail(row, NEED_SLOW);
    store<i64>(state, load<i64>(state, COUNT) + weight, COUNT);
  }
  return 0;
}
