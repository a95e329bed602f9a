// Bytes as text and back, and MD5 (RFC 1321): text and bytea are the same views. New bytes go to the heap window as in strings-new.ts;
// MD5 pads the end of its message in the unused part of that window, behind the result.
import { putHexByte } from './shared/number-text';
import { at, fail, isNull, NEED_HEAP, NEED_SLOW, setView, viewData } from './shared/rows';
import { closeView, openView } from './shared/text';

function putHex(to: usize, from: usize, length: i32): void {
  for (let i = 0; i < length; i++) {
    putHexByte(to + (<usize>i << 1), load<u8>(from + i));
  }
}

export function encode_hex_view(out: usize, a: usize, nulls: usize, selection: usize, count: i32, start: i32, heap: usize): i32 {
  for (let i = start; i < count; i++) {
    const row = at(selection, i);
    if (isNull(nulls, row)) continue;
    const offset = <usize>row << 4;
    const length = load<i32>(a + offset);
    const to = openView(out + offset, <i64>length * 2, heap);
    if (to == 0) return fail(row, NEED_HEAP);
    putHex(to, viewData(a + offset), length);
    closeView(out + offset);
  }
  return 0;
}

/** 0..15, or 16 for what is no hexadecimal digit. */
function nibbleOf(character: u8): u32 {
  if (character - 48 < 10) return character - 48;
  const lower: u8 = character | 32;
  return lower - 97 < 6 ? lower - 87 : 16;
}

/** Pairs of digits with nothing between them; all else is declined. */
export function decode_hex_view(out: usize, a: usize, nulls: usize, selection: usize, count: i32, start: i32, heap: usize): i32 {
  for (let i = start; i < count; i++) {
    const row = at(selection, i);
    if (isNull(nulls, row)) continue;
    const offset = <usize>row << 4;
    const length = load<i32>(a + offset);
    if ((length & 1) != 0) return fail(row, NEED_SLOW);
    const from = viewData(a + offset);
    const cursor = load<u32>(heap);
    const to = openView(out + offset, length >> 1, heap);
    if (to == 0) return fail(row, NEED_HEAP);
    for (let j = 0; j < length; j += 2) {
      const high = nibbleOf(load<u8>(from + j));
      const low = nibbleOf(load<u8>(from + j + 1));
      if ((high | low) > 15) {
        store<u32>(heap, cursor);
        return fail(row, NEED_SLOW);
      }
      store<u8>(to + (<usize>j >> 1), <u8>((high << 4) | low));
    }
    closeView(out + offset);
  }
  return 0;
}

/** Text as bytea: its own bytes, declined where a backslash may begin an escape. */
export function cast_view_bytea(out: usize, a: usize, nulls: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const row = at(selection, i);
    if (isNull(nulls, row)) continue;
    const offset = <usize>row << 4;
    const length = load<i32>(a + offset);
    const from = viewData(a + offset);
    for (let j = 0; j < length; j++) {
      if (load<u8>(from + j) == 92) return fail(row, NEED_SLOW);
    }
    setView(out + offset, from, length);
  }
  return 0;
}

// @ts-ignore: decorator
@inline
function base64Digit(six: u32): u8 {
  if (six < 26) return <u8>(65 + six);
  if (six < 52) return <u8>(71 + six);
  if (six < 62) return <u8>(six - 4);
  return six == 62 ? 43 : 47;
}

const LINE_BYTES: i32 = 57; // 76 characters

/** Every 76 characters that stand for whole bytes end their line, also at the end of the text. */
export function encode_base64_view(out: usize, a: usize, nulls: usize, selection: usize, count: i32, start: i32, heap: usize): i32 {
  for (let i = start; i < count; i++) {
    const row = at(selection, i);
    if (isNull(nulls, row)) continue;
    const offset = <usize>row << 4;
    const length = load<i32>(a + offset);
    const from = viewData(a + offset);
    let to = openView(out + offset, ((<i64>length + 2) / 3) * 4 + <i64>(length / LINE_BYTES), heap);
    if (to == 0) return fail(row, NEED_HEAP);
    for (let j = 0; j < length; j += 3) {
      const left = length - j;
      const second = left > 1 ? <u32>load<u8>(from + j + 1) : 0;
      const third = left > 2 ? <u32>load<u8>(from + j + 2) : 0;
      const bits = ((<u32>load<u8>(from + j)) << 16) | (second << 8) | third;
      store<u8>(to, base64Digit(bits >> 18));
      store<u8>(to + 1, base64Digit((bits >> 12) & 63));
      store<u8>(to + 2, left > 1 ? base64Digit((bits >> 6) & 63) : 61);
      store<u8>(to + 3, left > 2 ? base64Digit(bits & 63) : 61);
      to += 4;
      if ((j + 3) % LINE_BYTES == 0 && left >= 3) store<u8>(to++, 10);
    }
    closeView(out + offset);
  }
  return 0;
}

// @ts-ignore: decorator
@inline
function md5Step(mixed: u32, a: u32, b: u32, word: usize, shift: u32, constant: u32): u32 {
  return b + rotl<u32>(a + mixed + load<u32>(word) + constant, shift);
}

// Every round is 16 steps over the block's words; the constants are the digits of sines.

function md5First(state: usize, block: usize): void {
  let a = load<u32>(state);
  let b = load<u32>(state + 4);
  let c = load<u32>(state + 8);
  let d = load<u32>(state + 12);
  a = md5Step(d ^ (b & (c ^ d)), a, b, block + 0, 7, 0xd76aa478);
  d = md5Step(c ^ (a & (b ^ c)), d, a, block + 4, 12, 0xe8c7b756);
  c = md5Step(b ^ (d & (a ^ b)), c, d, block + 8, 17, 0x242070db);
  b = md5Step(a ^ (c & (d ^ a)), b, c, block + 12, 22, 0xc1bdceee);
  a = md5Step(d ^ (b & (c ^ d)), a, b, block + 16, 7, 0xf57c0faf);
  d = md5Step(c ^ (a & (b ^ c)), d, a, block + 20, 12, 0x4787c62a);
  c = md5Step(b ^ (d & (a ^ b)), c, d, block + 24, 17, 0xa8304613);
  b = md5Step(a ^ (c & (d ^ a)), b, c, block + 28, 22, 0xfd469501);
  a = md5Step(d ^ (b & (c ^ d)), a, b, block + 32, 7, 0x698098d8);
  d = md5Step(c ^ (a & (b ^ c)), d, a, block + 36, 12, 0x8b44f7af);
  c = md5Step(b ^ (d & (a ^ b)), c, d, block + 40, 17, 0xffff5bb1);
  b = md5Step(a ^ (c & (d ^ a)), b, c, block + 44, 22, 0x895cd7be);
  a = md5Step(d ^ (b & (c ^ d)), a, b, block + 48, 7, 0x6b901122);
  d = md5Step(c ^ (a & (b ^ c)), d, a, block + 52, 12, 0xfd987193);
  c = md5Step(b ^ (d & (a ^ b)), c, d, block + 56, 17, 0xa679438e);
  b = md5Step(a ^ (c & (d ^ a)), b, c, block + 60, 22, 0x49b40821);
  store<u32>(state, a);
  store<u32>(state + 4, b);
  store<u32>(state + 8, c);
  store<u32>(state + 12, d);
}

function md5Second(state: usize, block: usize): void {
  let a = load<u32>(state);
  let b = load<u32>(state + 4);
  let c = load<u32>(state + 8);
  let d = load<u32>(state + 12);
  a = md5Step(c ^ (d & (b ^ c)), a, b, block + 4, 5, 0xf61e2562);
  d = md5Step(b ^ (c & (a ^ b)), d, a, block + 24, 9, 0xc040b340);
  c = md5Step(a ^ (b & (d ^ a)), c, d, block + 44, 14, 0x265e5a51);
  b = md5Step(d ^ (a & (c ^ d)), b, c, block + 0, 20, 0xe9b6c7aa);
  a = md5Step(c ^ (d & (b ^ c)), a, b, block + 20, 5, 0xd62f105d);
  d = md5Step(b ^ (c & (a ^ b)), d, a, block + 40, 9, 0x2441453);
  c = md5Step(a ^ (b & (d ^ a)), c, d, block + 60, 14, 0xd8a1e681);
  b = md5Step(d ^ (a & (c ^ d)), b, c, block + 16, 20, 0xe7d3fbc8);
  a = md5Step(c ^ (d & (b ^ c)), a, b, block + 36, 5, 0x21e1cde6);
  d = md5Step(b ^ (c & (a ^ b)), d, a, block + 56, 9, 0xc33707d6);
  c = md5Step(a ^ (b & (d ^ a)), c, d, block + 12, 14, 0xf4d50d87);
  b = md5Step(d ^ (a & (c ^ d)), b, c, block + 32, 20, 0x455a14ed);
  a = md5Step(c ^ (d & (b ^ c)), a, b, block + 52, 5, 0xa9e3e905);
  d = md5Step(b ^ (c & (a ^ b)), d, a, block + 8, 9, 0xfcefa3f8);
  c = md5Step(a ^ (b & (d ^ a)), c, d, block + 28, 14, 0x676f02d9);
  b = md5Step(d ^ (a & (c ^ d)), b, c, block + 48, 20, 0x8d2a4c8a);
  store<u32>(state, a);
  store<u32>(state + 4, b);
  store<u32>(state + 8, c);
  store<u32>(state + 12, d);
}

function md5Third(state: usize, block: usize): void {
  let a = load<u32>(state);
  let b = load<u32>(state + 4);
  let c = load<u32>(state + 8);
  let d = load<u32>(state + 12);
  a = md5Step(b ^ c ^ d, a, b, block + 20, 4, 0xfffa3942);
  d = md5Step(a ^ b ^ c, d, a, block + 32, 11, 0x8771f681);
  c = md5Step(d ^ a ^ b, c, d, block + 44, 16, 0x6d9d6122);
  b = md5Step(c ^ d ^ a, b, c, block + 56, 23, 0xfde5380c);
  a = md5Step(b ^ c ^ d, a, b, block + 4, 4, 0xa4beea44);
  d = md5Step(a ^ b ^ c, d, a, block + 16, 11, 0x4bdecfa9);
  c = md5Step(d ^ a ^ b, c, d, block + 28, 16, 0xf6bb4b60);
  b = md5Step(c ^ d ^ a, b, c, block + 40, 23, 0xbebfbc70);
  a = md5Step(b ^ c ^ d, a, b, block + 52, 4, 0x289b7ec6);
  d = md5Step(a ^ b ^ c, d, a, block + 0, 11, 0xeaa127fa);
  c = md5Step(d ^ a ^ b, c, d, block + 12, 16, 0xd4ef3085);
  b = md5Step(c ^ d ^ a, b, c, block + 24, 23, 0x4881d05);
  a = md5Step(b ^ c ^ d, a, b, block + 36, 4, 0xd9d4d039);
  d = md5Step(a ^ b ^ c, d, a, block + 48, 11, 0xe6db99e5);
  c = md5Step(d ^ a ^ b, c, d, block + 60, 16, 0x1fa27cf8);
  b = md5Step(c ^ d ^ a, b, c, block + 8, 23, 0xc4ac5665);
  store<u32>(state, a);
  store<u32>(state + 4, b);
  store<u32>(state + 8, c);
  store<u32>(state + 12, d);
}

function md5Fourth(state: usize, block: usize): void {
  let a = load<u32>(state);
  let b = load<u32>(state + 4);
  let c = load<u32>(state + 8);
  let d = load<u32>(state + 12);
  a = md5Step(c ^ (b | ~d), a, b, block + 0, 6, 0xf4292244);
  d = md5Step(b ^ (a | ~c), d, a, block + 28, 10, 0x432aff97);
  c = md5Step(a ^ (d | ~b), c, d, block + 56, 15, 0xab9423a7);
  b = md5Step(d ^ (c | ~a), b, c, block + 20, 21, 0xfc93a039);
  a = md5Step(c ^ (b | ~d), a, b, block + 48, 6, 0x655b59c3);
  d = md5Step(b ^ (a | ~c), d, a, block + 12, 10, 0x8f0ccc92);
  c = md5Step(a ^ (d | ~b), c, d, block + 40, 15, 0xffeff47d);
  b = md5Step(d ^ (c | ~a), b, c, block + 4, 21, 0x85845dd1);
  a = md5Step(c ^ (b | ~d), a, b, block + 32, 6, 0x6fa87e4f);
  d = md5Step(b ^ (a | ~c), d, a, block + 60, 10, 0xfe2ce6e0);
  c = md5Step(a ^ (d | ~b), c, d, block + 24, 15, 0xa3014314);
  b = md5Step(d ^ (c | ~a), b, c, block + 52, 21, 0x4e0811a1);
  a = md5Step(c ^ (b | ~d), a, b, block + 16, 6, 0xf7537e82);
  d = md5Step(b ^ (a | ~c), d, a, block + 44, 10, 0xbd3af235);
  c = md5Step(a ^ (d | ~b), c, d, block + 8, 15, 0x2ad7d2bb);
  b = md5Step(d ^ (c | ~a), b, c, block + 36, 21, 0xeb86d391);
  store<u32>(state, a);
  store<u32>(state + 4, b);
  store<u32>(state + 8, c);
  store<u32>(state + 12, d);
}

function md5Block(state: usize, block: usize): void {
  const a = load<u32>(state);
  const b = load<u32>(state + 4);
  const c = load<u32>(state + 8);
  const d = load<u32>(state + 12);
  md5First(state, block);
  md5Second(state, block);
  md5Third(state, block);
  md5Fourth(state, block);
  store<u32>(state, load<u32>(state) + a);
  store<u32>(state + 4, load<u32>(state + 4) + b);
  store<u32>(state + 8, load<u32>(state + 8) + c);
  store<u32>(state + 12, load<u32>(state + 12) + d);
}

const DIGEST_BYTES: u32 = 32;
const MD5_ROOM: u32 = 256; // the result, the state, two blocks for the end of the message

export function md5_view(out: usize, a: usize, nulls: usize, selection: usize, count: i32, start: i32, heap: usize): i32 {
  for (let i = start; i < count; i++) {
    const row = at(selection, i);
    if (isNull(nulls, row)) continue;
    const offset = <usize>row << 4;
    const cursor = load<u32>(heap);
    if (<u64>cursor + MD5_ROOM > <u64>load<u32>(heap + 4)) return fail(row, NEED_HEAP);
    const scratch = <usize>cursor + DIGEST_BYTES;
    digest(scratch, viewData(a + offset), load<u32>(a + offset));
    const to = openView(out + offset, DIGEST_BYTES, heap);
    putHex(to, scratch, 16);
    closeView(out + offset);
  }
  return 0;
}

/** The 16 bytes of the digest at `state`; 128 bytes behind them are used. */
function digest(state: usize, text: usize, length: u32): void {
  store<u32>(state, 0x67452301);
  store<u32>(state + 4, 0xefcdab89);
  store<u32>(state + 8, 0x98badcfe);
  store<u32>(state + 12, 0x10325476);
  let done: u32 = 0;
  for (; length - done >= 64; done += 64) md5Block(state, text + done);
  const rest = length - done;
  const end = state + 16;
  memory.fill(end, 0, 128);
  memory.copy(end, text + done, rest);
  store<u8>(end + rest, 0x80);
  const blocks: u32 = rest < 56 ? 1 : 2;
  store<u64>(end + blocks * 64 - 8, <u64>length << 3);
  md5Block(state, end);
  if (blocks == 2) md5Block(state, end + 64);
}
