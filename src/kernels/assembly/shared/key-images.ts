// Order-preserving images: the leading bits of a key as an unsigned number, by which sorts work until they must compare values.
import { isNested, KIND_BOOL, KIND_BPCHAR, KIND_F32, KIND_F64, KIND_I128, KIND_I32, KIND_I64, KIND_INTERVAL, KIND_NUMERIC, KIND_U32 } from './row-columns';
import { viewData } from './rows';
import { blankTrimmed } from './value-bytes';
import { intervalDays } from './wide';

// @ts-ignore: decorator
@inline
export function bytesOf(kind: i32, view: usize): u32 {
  const length = load<u32>(view);
  return kind == KIND_BPCHAR ? blankTrimmed(viewData(view), length) : length;
}

/** An order-preserving image of a value in the high bits of a u64. */
export function normalised(kind: i32, at: usize): u64 {
  switch (kind) {
    case KIND_BOOL: return <u64>load<u8>(at) << 63;
    case KIND_I32: return (<u64>load<u32>(at) ^ 0x80000000) << 32;
    case KIND_U32: return <u64>load<u32>(at) << 32;
    case KIND_I64: return load<u64>(at) ^ 0x8000000000000000;
    case KIND_F32: return floatImage(<f64>load<f32>(at));
    case KIND_F64: return floatImage(load<f64>(at));
    case KIND_I128: return load<u64>(at, 8) ^ 0x8000000000000000;
    case KIND_INTERVAL: return <u64>(intervalDays(at)) ^ 0x8000000000000000;
    case KIND_NUMERIC: return numericImage(at);
    default: {
      if (isNested(kind)) return 0;
      const length = bytesOf(kind, at);
      const pointer = viewData(at);
      if (length >= 8) return bswap<u64>(load<u64>(pointer));
      let image: u64 = 0;
      for (let i: u32 = 0; i < length; i++) image |= <u64>load<u8>(pointer + i) << (56 - (<u64>i << 3));
      return image;
    }
  }
}

/** Sign, decimal exponent (17 bits) and the first 13 digits of a numeric of at most 16 bytes of magnitude: exact, so order is kept. */
function numericImage(at: usize): u64 {
  const pointer = viewData(at);
  const kind = load<u8>(pointer);
  if (kind >= 2) return kind == 4 ? 0 : kind == 3 ? 0xfffffffffffffffe : 0xffffffffffffffff;
  let low: u64 = 0;
  let high: u64 = 0;
  for (let i = load<u32>(at) - 1; i > 2; i--) {
    high = (high << 8) | (low >> 56);
    low = (low << 8) | <u64>load<u8>(pointer + i);
  }
  if ((low | high) == 0) return 0x8000000000000000;
  let exponent: i32 = -<i32>load<u16>(pointer, 1);
  while (high != 0) {
    // (high, low) / 10 in three steps of 32 bits
    const upper = ((high % 10) << 32) | (low >> 32);
    const lower = ((upper % 10) << 32) | (low & 0xffffffff);
    high /= 10;
    low = ((upper / 10) << 32) | (lower / 10);
    exponent++;
  }
  while (low >= 10000000000000) {
    low /= 10;
    exponent++;
  }
  while (low < 1000000000000) {
    low *= 10;
    exponent--;
  }
  const image: u64 = 0x8000000000000000 | (<u64>(exponent + 65600) << 46) | (low << 2);
  return kind == 1 ? ~image : image;
}

// @ts-ignore: decorator
@inline
function floatImage(value: f64): u64 {
  if (value != value) return 0xffffffffffffffff;
  const bits = reinterpret<u64>(value + 0.0);
  return bits >> 63 ? ~bits : bits | 0x8000000000000000;
}

/** Seven bytes from `offset` on and how many there are from there (8: more than these): ordered as the bytes and then the lengths are. */
export function bytesImage(kind: i32, view: usize, offset: u32): u64 {
  const length = bytesOf(kind, view);
  const pointer = viewData(view) + offset;
  const left = length > offset ? length - offset : 0;
  let image: u64 = 0;
  if (left > 7) return (bswap<u64>(load<u64>(pointer)) & ~<u64>0xff) | 8;
  for (let i: u32 = 0; i < left; i++) image |= <u64>load<u8>(pointer + i) << (56 - (<u64>i << 3));
  return image | left;
}
