// Variable numerics (view bytes: kind, u16 scale, magnitude; columns/README.md) as kernels compute them: in 64 bits where the magnitude is
// below 2^63, else as 16 bytes in scratch memory (wide.ts), magnitudes below 2^127. Longer ones, NaN and infinities are declined.
import { viewData } from './rows';
import { closeView, openView } from './text';

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

/** Inline, finite, magnitude below 2^63. */
// @ts-ignore: decorator
@inline
export function isSmall(view: usize): bool {
  const length = load<u32>(view);
  if (length > 11) return false;
  return load<u8>(view + 4) <= 1 && (length < 11 || load<i8>(view + 14) >= 0);
}

/** Of a small one. */
// @ts-ignore: decorator
@inline
export function smallScale(view: usize): i32 {
  return <i32>load<u16>(view + 5);
}

/** Of a small one: the bytes behind the magnitude are zero, as in every inline view. */
// @ts-ignore: decorator
@inline
export function smallValue(view: usize): i64 {
  const magnitude = load<i64>(view + 7);
  return load<u8>(view + 4) == 0 ? magnitude : -magnitude;
}

/** Finite, magnitude below 2^127. */
// @ts-ignore: decorator
@inline
export function isWide(view: usize): bool {
  const length = load<u32>(view);
  const bytes = viewData(view);
  return load<u8>(bytes) <= 1 && (length < 19 || (length == 19 && load<i8>(bytes + 18) >= 0));
}

// @ts-ignore: decorator
@inline
export function scaleOf(view: usize): i32 {
  return <i32>load<u16>(viewData(view) + 1);
}

// @ts-ignore: decorator
@inline
export function isNegative(view: usize): bool {
  return load<u8>(viewData(view)) == 1;
}

/** The magnitude of a wide one as 16 bytes. */
export function loadMagnitude(to: usize, view: usize): void {
  const length = <usize>load<u32>(view);
  if (length <= 12) {
    store<u64>(to, load<u64>(view + 7));
    store<u64>(to, load<u8>(view + 15), 8);
    return;
  }
  const from = viewData(view) + 3;
  const bytes = length - 3; // 10 .. 16
  store<u64>(to, load<u64>(from));
  store<u64>(to, load<u64>(from + bytes - 8) >> (<u64>(16 - bytes) << 3), 8);
}

const RESULT_ROOM: u32 = 32;
const SCRATCH_ROOM: u32 = 128;

/** Scratch memory of 128 bytes in the heap window, behind the room of a result; 0: the window is too small. */
// @ts-ignore: decorator
@inline
export function scratchIn(heap: usize): usize {
  const cursor = load<u32>(heap);
  return <u64>cursor + RESULT_ROOM + SCRATCH_ROOM > <u64>load<u32>(heap, 4) ? 0 : <usize>(cursor + RESULT_ROOM);
}

/** Writes the 16 bytes of a magnitude as a numeric; the heap window has room (scratchIn). */
export function putNumeric(out: usize, magnitude: usize, negative: bool, scale: i32, heap: usize): void {
  const low = load<u64>(magnitude);
  const high = load<u64>(magnitude, 8);
  const bytes = high != 0 ? 16 - (<i32>clz<u64>(high) >> 3) : low == 0 ? 0 : 8 - (<i32>clz<u64>(low) >> 3);
  const to = openView(out, 3 + bytes, heap);
  store<u8>(to, negative && bytes > 0 ? 1 : 0);
  store<u16>(to, <u16>scale, 1);
  store<u64>(to, low, 3);
  if (bytes <= 9) store<u8>(to, <u8>high, 11);
  else store<u64>(to, high, 11);
  closeView(out);
}
