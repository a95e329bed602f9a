// Integer and float arithmetic over vectors. Convention: ../README.md.
const DIVISION_BY_ZERO: i32 = 1;
const OUT_OF_RANGE: i32 = 2;

// @ts-ignore: decorator
@inline
function at(selection: usize, i: i32): i32 {
  return selection == 0 ? i : load<i32>(selection + (<usize>i << 2));
}

// @ts-ignore: decorator
@inline
function isNull(nulls: usize, row: i32): bool {
  return nulls != 0 && load<u8>(nulls + row) != 0;
}

/** out = a + b, OUT_OF_RANGE on overflow of 32 bits. */
export function add_i32(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const row = at(selection, i);
    const offset = <usize>row << 2;
    const sum = <i64>load<i32>(a + offset) + <i64>load<i32>(b + offset);
    if (sum != <i64>(<i32>sum) && !isNull(nulls, row)) return (row << 8) | OUT_OF_RANGE;
    store<i32>(out + offset, <i32>sum);
  }
  return 0;
}

/** out = a / b truncated towards zero. */
export function divide_i32(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const row = at(selection, i);
    if (isNull(nulls, row)) continue;
    const offset = <usize>row << 2;
    const divisor = load<i32>(b + offset);
    if (divisor == 0) return (row << 8) | DIVISION_BY_ZERO;
    const dividend = load<i32>(a + offset);
    if (divisor == -1 && dividend == i32.MIN_VALUE) return (row << 8) | OUT_OF_RANGE;
    store<i32>(out + offset, dividend / divisor);
  }
  return 0;
}
