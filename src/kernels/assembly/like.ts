// LIKE. Patterns without `_` run as literal parts searched in order (the engine compiles them, engine/expressions/like-pattern.ts);
// general ones by the two-pointer wildcard match that goes back to the last `%`. Backslash escapes.
import { at, fail, isNull, NEED_SLOW, viewData } from './shared/rows';
import { characterBytes, find } from './shared/text';
import { equalBytes } from './shared/value-bytes';

/** Bytes of a part in a program. */
const PART: usize = 16;

/** `program`: u32 anchored start, anchored end, parts, then (address, length, two places of rare bytes) per part. `negated`: NOT LIKE. */
export function like_parts_view(out: usize, a: usize, program: usize, negated: i32, nulls: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const row = at(selection, i);
    if (isNull(nulls, row)) continue;
    const view = a + (<usize>row << 4);
    store<u8>(out + row, <u8>matchParts(viewData(view), load<i32>(view), program) ^ <u8>negated);
  }
  return 0;
}

/**
 * The rows of a selection that match, as the selecting comparisons do. Where the first part may be anywhere, rows without its two rare bytes
 * are ruled out first, without a branch that depends on the texts.
 */
export function select_like_parts_view(out: usize, a: usize, program: usize, negated: i32, nulls: usize, selection: usize, count: i32): i32 {
  let rows = selection;
  let left = count;
  if (negated == 0 && load<u32>(program) == 0 && load<i32>(program + 8) > 0) {
    left = selectCandidates(out, a, program + 12, selection, count);
    rows = out;
  }
  let found: usize = 0;
  for (let i = 0; i < left; i++) {
    const row = at(rows, i);
    if (isNull(nulls, row)) continue;
    const view = a + (<usize>row << 4);
    if (<i32>matchParts(viewData(view), load<i32>(view), program) == negated) continue;
    store<u32>(out + (found << 2), row);
    found++;
  }
  return <i32>found;
}

/** Rows (of any number of NULLs too) whose text has the two rare bytes of a part at their distance. */
function selectCandidates(out: usize, views: usize, part: usize, selection: usize, count: i32): i32 {
  const needle = <usize>load<u32>(part);
  const a = <usize>load<u32>(part + 8);
  const b = <usize>load<u32>(part + 12);
  const first = i8x16.splat(load<i8>(needle + a));
  const second = i8x16.splat(load<i8>(needle + b));
  const size = load<i32>(part + 4);
  const end = (<usize>memory.size() << 16) - 64;
  let found: usize = 0;
  for (let i = 0; i < count; i++) {
    const row = at(selection, i);
    const view = views + (<usize>row << 4);
    const length = load<i32>(view);
    const text = viewData(view);
    const last = length - size;
    store<u32>(out + (found << 2), row);
    if (text > end || <usize>length > end - text || last > 31) {
      found++;
      continue;
    }
    const low = i8x16.bitmask(v128.and(i8x16.eq(v128.load(text + a), first), i8x16.eq(v128.load(text + b), second)));
    const high = i8x16.bitmask(v128.and(i8x16.eq(v128.load(text + a, 16), first), i8x16.eq(v128.load(text + b, 16), second)));
    const places = last < 0 ? 0 : <u32>-1 >> (31 - last);
    found += <usize>((<u32>(low | (high << 16)) & places) != 0);
  }
  return <i32>found;
}

function matchParts(text: usize, length: i32, program: usize): bool {
  let parts = load<i32>(program + 8);
  let part = program + 12;
  const anchoredEnd = load<u32>(program + 4) != 0;
  let place = 0;
  let end = length;
  if (load<u32>(program) != 0) {
    if (parts == 0) return length == 0 || !anchoredEnd;
    const size = load<i32>(part + 4);
    if (size > length || !equalBytes(text, <usize>load<u32>(part), size)) return false;
    place = size;
    part += PART;
    parts--;
    if (parts == 0 && anchoredEnd) return size == length;
  }
  if (anchoredEnd && parts > 0) {
    const tail = part + <usize>(parts - 1) * PART;
    const size = load<i32>(tail + 4);
    end = length - size;
    if (end < place || !equalBytes(text + end, <usize>load<u32>(tail), size)) return false;
    parts--;
  }
  for (; parts > 0; parts--) {
    const found = findPart(text, end, part, place);
    if (found < 0) return false;
    place = found + load<i32>(part + 4);
    part += PART;
  }
  return true;
}

/** First position of a part in the text from `from` on, or -1: 16 candidates at a time by two of its bytes, reading on behind the text. */
function findPart(text: usize, length: i32, part: usize, from: i32): i32 {
  const needle = <usize>load<u32>(part);
  const size = load<i32>(part + 4);
  if (text + length + 16 > <usize>memory.size() << 16) return find(text, length, needle, size, from);
  const a = <usize>load<u32>(part + 8);
  const b = <usize>load<u32>(part + 12);
  const first = i8x16.splat(load<i8>(needle + a));
  const second = i8x16.splat(load<i8>(needle + b));
  const last = length - size;
  for (let i = from; i <= last; i += 16) {
    const at = text + i;
    const both = v128.and(i8x16.eq(v128.load(at + a), first), i8x16.eq(v128.load(at + b), second));
    let mask = i8x16.bitmask(both);
    if (last - i < 15) mask &= (2 << (last - i)) - 1;
    while (mask != 0) {
      const place = i + ctz<i32>(mask);
      if (equalBytes(text + place, needle, size)) return place;
      mask &= mask - 1;
    }
  }
  return -1;
}

const NO: i32 = 0;
const YES: i32 = 1;
const MALFORMED: i32 = 2;

// @ts-ignore: decorator
@inline
function like(negated: u8, out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const row = at(selection, i);
    if (isNull(nulls, row)) continue;
    const text = a + (<usize>row << 4);
    const pattern = b + (<usize>row << 4);
    const result = matchPattern(viewData(text), load<i32>(text), viewData(pattern), load<i32>(pattern));
    if (result == MALFORMED) return fail(row, NEED_SLOW);
    store<u8>(out + row, <u8>result ^ negated);
  }
  return 0;
}

export function like_view(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 {
  return like(0, out, a, b, nulls, selection, count);
}
export function not_like_view(out: usize, a: usize, b: usize, nulls: usize, selection: usize, count: i32): i32 {
  return like(1, out, a, b, nulls, selection, count);
}

function matchPattern(text: usize, length: i32, pattern: usize, patternLength: i32): i32 {
  let i = 0;
  let p = 0;
  let backText = -1; // where the last % may try again
  let backPattern = 0;
  while (true) {
    let matched = false;
    if (p < patternLength) {
      const symbol = load<u8>(pattern + p);
      if (symbol == 37) {
        p++;
        backText = i;
        backPattern = p;
        continue;
      }
      if (i < length) {
        if (symbol == 95) {
          i += characterBytes(text + i);
          p++;
          matched = true;
        } else {
          const escaped = symbol == 92;
          if (escaped && p + 1 == patternLength) return MALFORMED;
          if (load<u8>(pattern + p + (escaped ? 1 : 0)) == load<u8>(text + i)) {
            i++;
            p += escaped ? 2 : 1;
            matched = true;
          }
        }
      }
    } else if (i == length) {
      return YES;
    }
    if (matched) continue;
    if (backText < 0 || backText >= length) return NO;
    backText += characterBytes(text + backText);
    i = backText;
    p = backPattern;
  }
  return NO;
}
