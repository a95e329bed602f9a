// Signed 128-bit integers (two i64 lanes, low first) and intervals, by address.

export function order128(a: usize, b: usize): i32 {
  const x = load<i64>(a + 8);
  const y = load<i64>(b + 8);
  if (x != y) return x < y ? -1 : 1;
  const low = load<u64>(a);
  const other = load<u64>(b);
  return low == other ? 0 : low < other ? -1 : 1;
}

const DAY_MICROS: i64 = 86400000000;

/** Days of 24 hours, months of 30 days: what PostgreSQL compares intervals by. */
export function orderIntervals(a: usize, b: usize): i32 {
  const x = intervalDays(a);
  const y = intervalDays(b);
  if (x != y) return x < y ? -1 : 1;
  const restX = intervalRest(a);
  const restY = intervalRest(b);
  return restX == restY ? 0 : restX < restY ? -1 : 1;
}

export function intervalDays(a: usize): i64 {
  const micros = load<i64>(a);
  let days = micros / DAY_MICROS;
  if (days * DAY_MICROS > micros) days--;
  return days + <i64>load<i32>(a + 8) + <i64>load<i32>(a + 12) * 30;
}

export function intervalRest(a: usize): i64 {
  const rest = load<i64>(a) % DAY_MICROS;
  return rest < 0 ? rest + DAY_MICROS : rest;
}

/** out = -a. */
export function negate128(out: usize, a: usize): void {
  const low = load<u64>(a);
  const high = load<u64>(a + 8);
  store<u64>(out, 0 - low);
  store<u64>(out + 8, ~high + (low == 0 ? 1 : 0));
}

/** out = x * y, unsigned. */
export function multiply64(out: usize, x: u64, y: u64): void {
  const x0 = x & 0xffffffff;
  const x1 = x >> 32;
  const y0 = y & 0xffffffff;
  const y1 = y >> 32;
  const p00 = x0 * y0;
  const p01 = x0 * y1;
  const p10 = x1 * y0;
  const middle = (p00 >> 32) + (p01 & 0xffffffff) + (p10 & 0xffffffff);
  store<u64>(out, (p00 & 0xffffffff) | (middle << 32));
  store<u64>(out + 8, x1 * y1 + (p01 >> 32) + (p10 >> 32) + (middle >> 32));
}

/** out = out * factor for a magnitude below 2^127; false when the product is not below it. */
export function scaleMagnitude(out: usize, factor: u64): bool {
  const low = load<u64>(out);
  const high = load<u64>(out + 8);
  multiply64(out, low, factor);
  if (high == 0) return <i64>load<u64>(out + 8) >= 0;
  const carried = load<u64>(out + 8);
  // high * factor must fit 64 bits, too
  if (factor != 0 && high > 0xffffffffffffffff / factor) return false;
  const sum = high * factor + carried;
  if (sum < carried) return false;
  store<u64>(out + 8, sum);
  return <i64>sum >= 0;
}

/** out = out * 10^power for a magnitude below 2^127; false when the product is not below it. */
export function scaleUpMagnitude(out: usize, power: i32): bool {
  if ((load<u64>(out) | load<u64>(out, 8)) == 0) return true;
  for (let left = power; left > 0; left -= 18) {
    if (!scaleMagnitude(out, tenTo(min(left, 18)))) return false;
  }
  return true;
}

/** out = out / divisor for a magnitude; returns the remainder. */
function divideMagnitude(out: usize, divisor: u32): u32 {
  let rest: u64 = 0;
  for (let i = 3; i >= 0; i--) {
    const place = out + (<usize>i << 2);
    const part = (rest << 32) | <u64>load<u32>(place);
    store<u32>(place, <u32>(part / divisor));
    rest = part % divisor;
  }
  return <u32>rest;
}

/** Makes `out` its magnitude in place; true if it was negative. */
export function takeSign(out: usize): bool {
  if (load<i64>(out + 8) >= 0) return false;
  negate128(out, out);
  return true;
}

/** out = magnitude / 10^power, rounded half away from zero. */
export function scaleDownMagnitude(out: usize, power: i32): void {
  let left = power - 1;
  while (left >= 9) {
    divideMagnitude(out, 1000000000);
    left -= 9;
  }
  while (left > 0) {
    divideMagnitude(out, 10);
    left--;
  }
  if (divideMagnitude(out, 10) >= 5) incrementMagnitude(out);
}

/** 10^power, power <= 19. */
export function tenTo(power: i32): u64 {
  let result: u64 = 1;
  for (let i = 0; i < power; i++) result *= 10;
  return result;
}

/** out = out / 10^power, towards zero; true if anything was cut off. */
export function cutMagnitude(out: usize, power: i32): bool {
  let rest: u32 = 0;
  for (let left = power; left > 0 && (load<u64>(out) | load<u64>(out, 8)) != 0; left -= 9) {
    rest |= divideMagnitude(out, <u32>tenTo(min(left, 9)));
  }
  return rest != 0;
}

/** out = out + 1 for a magnitude. */
export function incrementMagnitude(out: usize): void {
  const low = load<u64>(out) + 1;
  store<u64>(out, low);
  if (low == 0) store<u64>(out, load<u64>(out, 8) + 1, 8);
}

// @ts-ignore: decorator
@inline
function bitsOf(high: u64, low: u64): i32 {
  return high != 0 ? 128 - <i32>clz<u64>(high) : 64 - <i32>clz<u64>(low);
}

/** out = out / y, towards zero, rest = what is left; magnitudes, y not zero and below 2^127. One bit of the quotient at a time. */
export function divideWide(out: usize, y: usize, rest: usize): void {
  const yHigh = load<u64>(y, 8);
  const yLow = load<u64>(y);
  if (yHigh == 0 && yLow <= 0xffffffff) {
    const left = divideMagnitude(out, <u32>yLow);
    store<u64>(rest, left);
    store<u64>(rest, 0, 8);
    return;
  }
  let high = load<u64>(out, 8);
  let low = load<u64>(out);
  let restHigh: u64 = 0;
  let restLow: u64 = 0;
  const bits = bitsOf(high, low);
  // the bits of the dividend move from the top of (high, low) into the rest, those of the quotient come in below
  const skipped = 128 - bits;
  if (skipped >= 64) {
    high = skipped == 128 ? 0 : low << (skipped - 64);
    low = 0;
  } else if (skipped > 0) {
    high = (high << skipped) | (low >> (64 - skipped));
    low <<= skipped;
  }
  for (let i = 0; i < bits; i++) {
    restHigh = (restHigh << 1) | (restLow >> 63);
    restLow = (restLow << 1) | (high >> 63);
    high = (high << 1) | (low >> 63);
    low <<= 1;
    if (restHigh > yHigh || (restHigh == yHigh && restLow >= yLow)) {
      restHigh -= yHigh + <u64>(restLow < yLow);
      restLow -= yLow;
      low |= 1;
    }
  }
  store<u64>(out, low);
  store<u64>(out, high, 8);
  store<u64>(rest, restLow);
  store<u64>(rest, restHigh, 8);
}

/** out = out / y, half away from zero. */
export function divideWideRounded(out: usize, y: usize, rest: usize): void {
  divideWide(out, y, rest);
  const low = load<u64>(rest);
  const twiceHigh = (load<u64>(rest, 8) << 1) | (low >> 63);
  const twiceLow = low << 1;
  const yHigh = load<u64>(y, 8);
  if (twiceHigh > yHigh || (twiceHigh == yHigh && twiceLow >= load<u64>(y))) incrementMagnitude(out);
}
