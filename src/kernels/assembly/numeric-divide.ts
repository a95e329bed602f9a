// Quotients of fixed numerics (scaled i64) as variable numerics. The scale is PostgreSQL's select_div_scale: 16 significant digits or
// more, by the base-10000 weights of both; the coefficient is a 128-bit numerator divided by 64 bits, half away from zero. Quotients of
// more than 72 bits, which do not fit a cell, are declined.
import { at, DIVISION_BY_ZERO, fail, isNull, NEED_SLOW } from './shared/rows';
import { multiply64, tenTo } from './shared/wide';

function digitCount(value: u64): i32 {
  let count = 1;
  for (let rest = value; rest >= 10; rest /= 10) count++;
  return count;
}

/** Weight of the first base-10000 digit in the high half, the digit itself in the low one; zero for zero. */
function leading(value: u64, scale: i32): i64 {
  if (value == 0) return 0;
  const digits = digitCount(value);
  const exponent = digits - 1 - scale;
  const weight = exponent >> 2;
  const taken = exponent - weight * 4 + 1;
  const first: u64 = digits >= taken ? value / tenTo(digits - taken) : value * tenTo(taken - digits);
  return (<i64>weight << 32) | <i64>first;
}

function quotientScale(x: u64, scaleX: i32, y: u64, scaleY: i32): i32 {
  const left = leading(x, scaleX);
  const right = leading(y, scaleY);
  let weight = <i32>(left >> 32) - <i32>(right >> 32);
  if (<u32>left <= <u32>right) weight--;
  return max(max(16 - weight * 4, max(scaleX, scaleY)), 0);
}

/** Divides the 128 bits at `out` by y in place, half away from zero. */
function divideWide(out: usize, y: u64): void {
  const high = load<u64>(out + 8);
  let low = load<u64>(out);
  let rest: u64 = high % y;
  if (y <= 0xffffffff) {
    const upper = (rest << 32) | (low >> 32);
    const lower = ((upper % y) << 32) | (low & 0xffffffff);
    low = ((upper / y) << 32) | (lower / y);
    rest = lower % y;
  } else {
    for (let i = 0; i < 64; i++) {
      const carry = rest >> 63;
      rest = (rest << 1) | (low >> 63);
      low <<= 1;
      if (carry != 0 || rest >= y) {
        rest -= y;
        low |= 1;
      }
    }
  }
  const up: u64 = rest >= y - rest ? 1 : 0;
  store<u64>(out, low + up);
  store<u64>(out + 8, high / y + (up == 1 && low == u64.MAX_VALUE ? 1 : 0));
}

export function quotient_i64(out: usize, a: usize, b: usize, scaleA: i32, scaleB: i32, nulls: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const row = at(selection, i);
    if (isNull(nulls, row)) continue;
    const left = load<i64>(a + (<usize>row << 3));
    const right = load<i64>(b + (<usize>row << 3));
    if (right == 0) return fail(row, DIVISION_BY_ZERO);
    const x: u64 = left < 0 ? 0 - <u64>left : <u64>left;
    const y: u64 = right < 0 ? 0 - <u64>right : <u64>right;
    const scale = quotientScale(x, scaleA, y, scaleB);
    const power = scale + scaleB - scaleA;
    const beyond = max(0, power - 19);
    if (power < 0 || beyond > 4 || x > u64.MAX_VALUE / tenTo(beyond)) return fail(row, NEED_SLOW);
    const cell = out + (<usize>row << 4);
    multiply64(cell, x * tenTo(beyond), tenTo(power - beyond));
    divideWide(cell, y);
    const low = load<u64>(cell);
    const high = load<u64>(cell + 8);
    if (high > 0xff) return fail(row, NEED_SLOW);
    const bytes = high != 0 ? 9 : low == 0 ? 0 : 8 - (<i32>clz<u64>(low) >> 3);
    const negative = left < 0 != right < 0 && bytes > 0;
    store<u32>(cell, 3 + bytes);
    store<u8>(cell + 4, negative ? 1 : 0);
    store<u16>(cell + 5, <u16>scale);
    store<u64>(cell + 7, low);
    store<u8>(cell + 15, <u8>high);
  }
  return 0;
}
