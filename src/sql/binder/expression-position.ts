// Where PostgreSQL points to when an expression as a whole is wrong: at its first character, while an operator that does not exist
// is shown at its sign.
import type * as ast from '../ast.ts';

/** The leftmost position in an expression. */
export function startOf(e: ast.Expression): number {
  let start = e.position;
  for (const value of Object.values(e)) {
    for (const part of Array.isArray(value) ? value : [value]) {
      if (typeof part !== 'object' || part === null || !('position' in part) || !('kind' in part)) continue;
      if (part.kind !== 'query') start = Math.min(start, startOf(part as ast.Expression));
    }
  }
  return start;
}

/** The expression of column i, in the leftmost operand. */
export function columnPosition(body: ast.QueryBody, i: number): number {
  switch (body.kind) {
    case 'select': {
      const target = body.targets[i] ?? body.targets[0];
      return target === undefined ? body.position : startOf(target.expression);
    }
    case 'values': {
      const item = body.rows[0]?.[i];
      return item === undefined ? body.position : startOf(item);
    }
    case 'set_operation':
      return columnPosition(body.left, i);
    case 'query':
      return columnPosition(body.body, i);
  }
}
