// LIKE. Patterns without `_` run as literal parts searched in order (the engine compiles them, engine/expressions/like-pattern.ts);
// general ones by the two-pointer wildcard match that goes back to the last `%`. Backslash escapes.
import { at, fail, isNull, NEED_SLOW, viewData } from './shared/rows';
import { characterBytes, find, matches } from './shared/text';

/** `program`: u32 anchored start, anchored end, parts, then (address, length) per part. `negated`: NOT LIKE. */
export function like_parts_view(out: usize, a: usize, program: usize, negated: i32, nulls: usize, selection: usize, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const row = at(selection, i);
    if (isNull(nulls, row)) continue;
    const view = a + (<usize>row << 4);
    store<u8>(out + row, <u8>matchParts(viewData(view), load<i32>(view), program) ^ <u8>negated);
  }
  return 0;
}

/** The rows of a selection that match, as the selecting comparisons do. */
export function select_like_parts_view(out: usize, a: usize, program: usize, negated: i32, nulls: usize, selection: usize, count: i32): i32 {
  let found: usize = 0;
  for (let i = 0; i < count; i++) {
    const row = at(selection, i);
    if (isNull(nulls, row)) continue;
    const view = a + (<usize>row << 4);
    if (<i32>matchParts(viewData(view), load<i32>(view), program) == negated) continue;
    store<u32>(out + (found << 2), row);
    found++;
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
    if (size > length || !matches(text, <usize>load<u32>(part), size)) return false;
    place = size;
    part += 8;
    parts--;
    if (parts == 0 && anchoredEnd) return size == length;
  }
  if (anchoredEnd && parts > 0) {
    const tail = part + <usize>((parts - 1) << 3);
    const size = load<i32>(tail + 4);
    end = length - size;
    if (end < place || !matches(text + end, <usize>load<u32>(tail), size)) return false;
    parts--;
  }
  for (; parts > 0; parts--) {
    const size = load<i32>(part + 4);
    const found = find(text, end, <usize>load<u32>(part), size, place);
    if (found < 0) return false;
    place = found + size;
    part += 8;
  }
  return true;
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
