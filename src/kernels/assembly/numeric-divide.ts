// Quotients and remainders of numerics, of fixed ones (scaled i64) as well as of those that carry their scales. The scale of a quotient is
// PostgreSQL's select_div_scale: 16 significant digits or more, by the base-10000 weights of both; the numerator is brought to that
// scale in 127 bits and divided, half away from zero. What needs more bits is declined.
import { isNegative, isWide, loadMagnitude, putNumeric, scaleOf, scratchIn } from './shared/numeric-cell';
import { at, DIVISION_BY_ZERO, fail, isNull, NEED_HEAP, NEED_SLOW } from './shared/rows';
import { cutMagnitude, divideWide, divideWideRounded, scaleUpMagnitude, tenTo } from './shared/wide';

function digitCount(value: u64): i32 {
  let count = 1;
  for (let rest = value; rest >= 10; rest /= 10) count++;
  return count;
}

/** Weight of the first base-10000 digit in the high half, the digit itself in the low one; zero for zero. Uses 16 bytes of scratch. */
function leading(magnitude: usize, scale: i32, scratch: usize): i64 {
  let value = load<u64>(magnitude);
  let cut = 0;
  if (load<u64>(magnitude, 8) != 0) {
    v128.store(scratch, v128.load(magnitude));
    for (; load<u64>(scratch, 8) != 0; cut += 9) cutMagnitude(scratch, 9);
    value = load<u64>(scratch);
  }
  if (value == 0) return 0;
  const digits = digitCount(value);
  const exponent = digits + cut - 1 - scale;
  const weight = exponent >> 2;
  const taken = exponent - weight * 4 + 1;
  const first: u64 = digits >= taken ? value / tenTo(digits - taken) : value * tenTo(taken - digits);
  return (<i64>weight << 32) | <i64>first;
}

function quotientScale(x: usize, scaleX: i32, y: usize, scaleY: i32, scratch: usize): i32 {
  const left = leading(x, scaleX, scratch);
  const right = leading(y, scaleY, scratch);
  let weight = <i32>(left >> 32) - <i32>(right >> 32);
  if (<u32>left <= <u32>right) weight--;
  return min(max(max(16 - weight * 4, max(scaleX, scaleY)), 0), 1000);
}

/** The quotient of the magnitudes at scratch and scratch + 16 into `out`; false: it takes more than 127 bits. */
function quotient(out: usize, scratch: usize, scaleX: i32, scaleY: i32, negative: bool, heap: usize): bool {
  const x = scratch;
  const y = scratch + 16;
  const rest = scratch + 32;
  const scale = quotientScale(x, scaleX, y, scaleY, rest);
  if (!scaleUpMagnitude(x, scale + scaleY - scaleX)) return false;
  divideWideRounded(x, y, rest);
  putNumeric(out, x, negative, scale, heap);
  return true;
}

export function quotient_i64(out: usize, a: usize, b: usize, scaleA: i32, scaleB: i32, nulls: usize, selection: usize, count: i32, start: i32, heap: usize): i32 {
  for (let i = start; i < count; i++) {
    const row = at(selection, i);
    if (isNull(nulls, row)) continue;
    const left = load<i64>(a + (<usize>row << 3));
    const right = load<i64>(b + (<usize>row << 3));
    if (right == 0) return fail(row, DIVISION_BY_ZERO);
    const scratch = scratchIn(heap);
    if (scratch == 0) return fail(row, NEED_HEAP);
    store<u64>(scratch, left < 0 ? 0 - <u64>left : <u64>left);
    store<u64>(scratch, 0, 8);
    store<u64>(scratch, right < 0 ? 0 - <u64>right : <u64>right, 16);
    store<u64>(scratch, 0, 24);
    if (!quotient(out + (<usize>row << 4), scratch, scaleA, scaleB, left < 0 != right < 0, heap)) return fail(row, NEED_SLOW);
  }
  return 0;
}

/** Puts the magnitudes of the row's arguments at scratch and scratch + 16; else the status why not. */
function loadBoth(x: usize, y: usize, row: i32, scratch: usize): i32 {
  if (!isWide(x) || !isWide(y)) return fail(row, NEED_SLOW);
  if (scratch == 0) return fail(row, NEED_HEAP);
  loadMagnitude(scratch, x);
  loadMagnitude(scratch + 16, y);
  return (load<u64>(scratch, 16) | load<u64>(scratch, 24)) == 0 ? fail(row, DIVISION_BY_ZERO) : 0;
}

export function divide_numeric(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32, start: i32, heap: usize): i32 {
  for (let i = start; i < count; i++) {
    const row = at(selection, i);
    if (isNull(nulls, row)) continue;
    const x = a + (<usize>row << 4);
    const y = b + (<usize>row << 4);
    const scratch = scratchIn(heap);
    const status = loadBoth(x, y, row, scratch);
    if (status != 0) return status;
    if (!quotient(out + (<usize>row << 4), scratch, scaleOf(x), scaleOf(y), isNegative(x) != isNegative(y), heap)) return fail(row, NEED_SLOW);
  }
  return 0;
}

const REMAINDER: i32 = 0;
const WHOLE: i32 = 1;

/** Both at one scale and divided: the remainder with the dividend's sign, or the quotient's whole part. */
// @ts-ignore: decorator
@inline
function division(form: i32, out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32, start: i32, heap: usize): i32 {
  for (let i = start; i < count; i++) {
    const row = at(selection, i);
    if (isNull(nulls, row)) continue;
    const x = a + (<usize>row << 4);
    const y = b + (<usize>row << 4);
    const scratch = scratchIn(heap);
    const status = loadBoth(x, y, row, scratch);
    if (status != 0) return status;
    const scale = max(scaleOf(x), scaleOf(y));
    if (!scaleUpMagnitude(scratch, scale - scaleOf(x)) || !scaleUpMagnitude(scratch + 16, scale - scaleOf(y))) return fail(row, NEED_SLOW);
    divideWide(scratch, scratch + 16, scratch + 32);
    const to = out + (<usize>row << 4);
    if (form == REMAINDER) putNumeric(to, scratch + 32, isNegative(x), scale, heap);
    else putNumeric(to, scratch, isNegative(x) != isNegative(y), 0, heap);
  }
  return 0;
}

export function modulo_numeric(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32, start: i32, heap: usize): i32 {
  return division(REMAINDER, out, a, b, nulls, selection, count, start, heap);
}
export function whole_quotient_numeric(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32, start: i32, heap: usize): i32 {
  return division(WHOLE, out, a, b, nulls, selection, count, start, heap);
}
