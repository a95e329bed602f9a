// Codes of encoded column chunks (columns/encoding.ts) to values of the physical width: base + code, or entry `code` of a dictionary.
// `low`, `high`: the words of the base (`low` alone: address of the dictionary). `width`: bytes of a value, 16 for views.

/** Rows 0..count-1. */
export function widen(out: usize, codes: usize, codeBytes: i32, width: i32, low: i32, high: i32, count: i32): i32 {
  if (width == 16) {
    for (let i = 0; i < count; i++) v128.store(out + (<usize>i << 4), entry(codes, i, low));
  } else if (width == 4) {
    if (codeBytes == 1) widenTo32<u8>(out, codes, low, count);
    else widenTo32<u16>(out, codes, low, count);
  } else {
    const base = (<i64>high << 32) | <i64>(<u32>low);
    if (codeBytes == 1) widenTo64<u8>(out, codes, base, count);
    else if (codeBytes == 2) widenTo64<u16>(out, codes, base, count);
    else widenTo64<u32>(out, codes, base, count);
  }
  return 0;
}

/** Only the rows of a selection; the others keep what they have. */
export function widen_rows(out: usize, codes: usize, codeBytes: i32, width: i32, low: i32, high: i32, selection: usize, count: i32): i32 {
  const base = (<i64>high << 32) | <i64>(<u32>low);
  for (let i = 0; i < count; i++) {
    const row = load<i32>(selection + (<usize>i << 2));
    if (width == 16) v128.store(out + (<usize>row << 4), entry(codes, row, low));
    else if (width == 4) store<i32>(out + (<usize>row << 2), low + <i32>codeOf(codes, codeBytes, row));
    else store<i64>(out + (<usize>row << 3), base + <i64>codeOf(codes, codeBytes, row));
  }
  return 0;
}

/** The way back: codes of `codeBytes` for integers that fit them; 0 under NULLs. */
export function narrow(out: usize, data: usize, codeBytes: i32, width: i32, low: i32, nulls: usize, count: i32): i32 {
  if (codeBytes == 1) narrowTo<u8>(out, data, width, low, count);
  else if (codeBytes == 2) narrowTo<u16>(out, data, width, low, count);
  else narrowTo<u32>(out, data, width, low, count);
  if (nulls == 0) return 0;
  for (let i = 0; i < count; i++) if (load<u8>(nulls + i) != 0) memory.fill(out + <usize>(i * codeBytes), 0, codeBytes);
  return 0;
}

/** Codes of one width as those of a larger one. */
export function widen_codes(out: usize, codes: usize, codeBytes: i32, outBytes: i32, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const code = codeOf(codes, codeBytes, i);
    if (outBytes == 2) store<u16>(out + (<usize>i << 1), <u16>code);
    else store<u32>(out + (<usize>i << 2), code);
  }
  return 0;
}

/** Place of the first code in [least, greatest] (unsigned), give or take a block before it; `count`: there is none. */
export function first_code_within(codes: usize, codeBytes: i32, least: i32, greatest: i32, count: i32): i32 {
  if (codeBytes == 1) return firstWithin<u8>(codes, least, greatest, count);
  if (codeBytes == 2) return firstWithin<u16>(codes, least, greatest, count);
  return firstWithin<u32>(codes, least, greatest, count);
}

/** The rows whose codes lie in [least, greatest] (unsigned); returns how many. */
export function select_codes_within(out: usize, codes: usize, codeBytes: i32, least: i32, greatest: i32, count: i32): i32 {
  if (codeBytes == 1) return selectWithin<u8>(out, codes, least, greatest, count);
  if (codeBytes == 2) return selectWithin<u16>(out, codes, least, greatest, count);
  return selectWithin<u32>(out, codes, least, greatest, count);
}

/** The range is below 2^32: low words are enough. */
// @ts-ignore: decorator
@inline
function narrowTo<T>(out: usize, data: usize, width: i32, low: i32, count: i32): void {
  if (width == 4) {
    for (let i = 0; i < count; i++) store<T>(out + <usize>i * sizeof<T>(), <T>(load<i32>(data + (<usize>i << 2)) - low));
  } else {
    for (let i = 0; i < count; i++) store<T>(out + <usize>i * sizeof<T>(), <T>(load<i32>(data + (<usize>i << 3)) - low));
  }
}

// @ts-ignore: decorator
@inline
function codeOf(codes: usize, codeBytes: i32, row: i32): u32 {
  if (codeBytes == 1) return <u32>load<u8>(codes + row);
  if (codeBytes == 2) return <u32>load<u16>(codes + (<usize>row << 1));
  return load<u32>(codes + (<usize>row << 2));
}

// @ts-ignore: decorator
@inline
function entry(codes: usize, row: i32, dictionary: i32): v128 {
  return v128.load(<usize>(<u32>dictionary) + (<usize>load<u16>(codes + (<usize>row << 1)) << 4));
}

// @ts-ignore: decorator
@inline
function widenTo32<T>(out: usize, codes: usize, base: i32, count: i32): void {
  const bases = i32x4.splat(base);
  let i = 0;
  for (; i + 8 <= count; i += 8) {
    const wide = sizeof<T>() == 1 ? v128.load_ext<u8>(codes + i) : v128.load(codes + (<usize>i << 1));
    v128.store(out + (<usize>i << 2), i32x4.add(bases, i32x4.extend_low_i16x8_u(wide)));
    v128.store(out + (<usize>i << 2), i32x4.add(bases, i32x4.extend_high_i16x8_u(wide)), 16);
  }
  for (; i < count; i++) store<i32>(out + (<usize>i << 2), base + <i32>load<T>(codes + <usize>i * sizeof<T>()));
}

// @ts-ignore: decorator
@inline
function widenTo64<T>(out: usize, codes: usize, base: i64, count: i32): void {
  const bases = i64x2.splat(base);
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    const wide =
      sizeof<T>() == 4 ? v128.load(codes + (<usize>i << 2))
      : sizeof<T>() == 2 ? v128.load_ext<u16>(codes + (<usize>i << 1))
      : i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load_zero<u32>(codes + i)));
    v128.store(out + (<usize>i << 3), i64x2.add(bases, i64x2.extend_low_i32x4_u(wide)));
    v128.store(out + (<usize>i << 3), i64x2.add(bases, i64x2.extend_high_i32x4_u(wide)), 16);
  }
  for (; i < count; i++) store<i64>(out + (<usize>i << 3), base + <i64>(<u64>load<T>(codes + <usize>i * sizeof<T>())));
}

const BLOCK: i32 = 64;

/** Whether one of the BLOCK codes at `codes` does. */
// @ts-ignore: decorator
@inline
function blockHas<T>(codes: usize, low: v128, spans: v128): bool {
  const PER: i32 = 16 / sizeof<T>();
  let found = v128.splat<i32>(0);
  for (let i = 0; i < BLOCK; i += PER) {
    const offsets = v128.sub<T>(v128.load(codes + <usize>i * sizeof<T>()), low);
    found = v128.or(found, v128.le<T>(offsets, spans));
  }
  return v128.any_true(found);
}

// @ts-ignore: decorator
@inline
function firstWithin<T>(codes: usize, least: u32, greatest: u32, count: i32): i32 {
  const low = v128.splat<T>(<T>least);
  const spans = v128.splat<T>(<T>(greatest - least));
  let i = 0;
  while (i + BLOCK <= count) {
    if (blockHas<T>(codes + <usize>i * sizeof<T>(), low, spans)) return i;
    i += BLOCK;
  }
  for (; i < count; i++) if (<u32>load<T>(codes + <usize>i * sizeof<T>()) - least <= greatest - least) return i;
  return count;
}

// @ts-ignore: decorator
@inline
function selectWithin<T>(out: usize, codes: usize, least: u32, greatest: u32, count: i32): i32 {
  const low = v128.splat<T>(<T>least);
  const spans = v128.splat<T>(<T>(greatest - least));
  let found: usize = 0;
  for (let from = 0; from < count; from += BLOCK) {
    const end = min(count, from + BLOCK);
    if (end == from + BLOCK && !blockHas<T>(codes + <usize>from * sizeof<T>(), low, spans)) continue;
    for (let i = from; i < end; i++) {
      store<i32>(out + (found << 2), i);
      found += <usize>(<u32>load<T>(codes + <usize>i * sizeof<T>()) - least <= greatest - least);
    }
  }
  return <i32>found;
}
