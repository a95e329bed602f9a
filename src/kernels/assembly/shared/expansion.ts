// Where a set-returning kernel is (expand.ts has the convention): {i32 position in the selection, u32 byte within the row's value, i64 rows
// made of this row, u32 outer, i32 rows made by this call}.
const POSITION: usize = 0;
const PLACE: usize = 4;
const ORDINAL: usize = 8;
const OUTER: usize = 16;
const MADE: usize = 20;

// @ts-ignore: decorator
@inline
export function positionOf(state: usize): i32 {
  return load<i32>(state, POSITION);
}

// @ts-ignore: decorator
@inline
export function placeOf(state: usize): usize {
  return load<u32>(state, PLACE);
}

// @ts-ignore: decorator
@inline
export function ordinalOf(state: usize): i64 {
  return load<i64>(state, ORDINAL);
}

/** Whether a row that becomes none becomes one of NULL. */
// @ts-ignore: decorator
@inline
export function isOuter(state: usize): bool {
  return load<u32>(state, OUTER) != 0;
}

// @ts-ignore: decorator
@inline
export function leaveAt(state: usize, position: i32, place: usize, ordinal: i64, made: i32): void {
  store<i32>(state, position, POSITION);
  store<u32>(state, <u32>place, PLACE);
  store<i64>(state, ordinal, ORDINAL);
  store<i32>(state, made, MADE);
}

/** Notes which row the next one comes, and which one of that row it is. */
// @ts-ignore: decorator
@inline
export function noteSource(sources: usize, ordinals: usize, made: i32, row: i32, ordinal: i64): void {
  store<i32>(sources + (<usize>made << 2), row);
  if (ordinals != 0) store<i64>(ordinals + (<usize>made << 3), ordinal);
}
