// Variable numerics whose magnitude fits 63 bits, as cells in a vector.

/** Writes value * 10^-scale; value is above -2^63. */
export function setNumeric(out: usize, value: i64, scale: i32): void {
  const magnitude: u64 = value < 0 ? 0 - <u64>value : <u64>value;
  const bytes = magnitude == 0 ? 0 : 8 - (<i32>clz<u64>(magnitude) >> 3);
  store<u32>(out, 3 + bytes);
  store<u8>(out + 4, value < 0 ? 1 : 0);
  store<u16>(out + 5, <u16>scale);
  store<u64>(out + 7, magnitude);
  store<u8>(out + 15, 0);
}
