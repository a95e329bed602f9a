// Comparison of two values, by operation and physical type; the callers pass literals, so each use folds to one test.
import { equalViews, orderViews } from './value-bytes';
import { order128, orderIntervals } from './wide';

export const EQUAL: i32 = 0;
export const NOT_EQUAL: i32 = 1;
export const LESS: i32 = 2;
export const LESS_EQUAL: i32 = 3;
export const GREATER: i32 = 4;
export const GREATER_EQUAL: i32 = 5;

// @ts-ignore: decorator
@inline
export function compareValues<T>(op: i32, x: T, y: T): bool {
  if (isFloat<T>()) {
    if (op == EQUAL) return x == y || (x != x && y != y);
    if (op == NOT_EQUAL) return !(x == y || (x != x && y != y));
    if (op == LESS) return x < y || (y != y && x == x);
    if (op == LESS_EQUAL) return x <= y || y != y;
    if (op == GREATER) return x > y || (x != x && y == y);
    return x >= y || x != x;
  }
  if (op == EQUAL) return x == y;
  if (op == NOT_EQUAL) return x != y;
  if (op == LESS) return x < y;
  if (op == LESS_EQUAL) return x <= y;
  if (op == GREATER) return x > y;
  return x >= y;
}

export const I128: i32 = 0;
export const INTERVAL: i32 = 1;
export const VIEW: i32 = 2;

// @ts-ignore: decorator
@inline
export function compareWide(kind: i32, op: i32, x: usize, y: usize): bool {
  if (kind == VIEW && op <= NOT_EQUAL) return equalViews(x, y) == (op == EQUAL);
  const order = kind == I128 ? order128(x, y) : kind == INTERVAL ? orderIntervals(x, y) : orderViews(x, y);
  return compareValues<i32>(op, order, 0);
}
