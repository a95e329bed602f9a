// Skips row groups whose min and max cannot satisfy a pushed-down comparison of a column with a constant.
import type { GroupRanges } from '../../columns/row-group.ts';
import type { FunctionRegistry } from '../../functions/registry.ts';
import type { Expression } from '../../plan/expression.ts';
import { sameType } from '../../types/sql-type.ts';

const MIRRORED: Readonly<Record<string, string>> = { '=': '=', '<': '>', '<=': '>=', '>': '<', '>=': '<=' };

/** False only if no row of the group can pass the filters. */
export function mayMatch(
  filters: readonly Expression[],
  group: GroupRanges,
  attributes: readonly number[],
  functions: FunctionRegistry,
): boolean {
  return filters.every((filter) => conjunctMayMatch(filter, group, attributes, functions));
}

function conjunctMayMatch(
  filter: Expression,
  group: GroupRanges,
  attributes: readonly number[],
  functions: FunctionRegistry,
): boolean {
  if (filter.kind !== 'call' || filter.args.length !== 2) return true;
  const [left, right] = filter.args as [Expression, Expression];
  const isMirrored = left.kind === 'constant';
  const column = isMirrored ? right : left;
  const constant = isMirrored ? left : right;
  if (column.kind !== 'input' || constant.kind !== 'constant' || constant.value === null) return true;
  const value = comparable(constant, column);
  const operator = functions.findScalar(filter.function)?.operator;
  if (value === null || operator === undefined) return true;
  const chunk = group.columns[storedIndex(attributes, column.index)];
  if (attributes[column.index] === 0 || chunk?.min === undefined || chunk.max === undefined) return true;
  switch (isMirrored ? MIRRORED[operator] : operator) {
    case '=':
      return value >= chunk.min && value <= chunk.max;
    case '<':
      return chunk.min < value;
    case '<=':
      return chunk.min <= value;
    case '>':
      return chunk.max > value;
    case '>=':
      return chunk.max >= value;
    default:
      return true;
  }
}

/** Row ids (attribute 0) have no chunk. */
export function storedIndex(attributes: readonly number[], index: number): number {
  let stored = 0;
  for (let i = 0; i < index; i++) if (attributes[i] !== 0) stored++;
  return stored;
}

/** The constant as min and max are kept: the physical number; null where the types do not allow it. */
function comparable(constant: Extract<Expression, { kind: 'constant' }>, column: Expression): number | bigint | null {
  const { value, type } = constant;
  if (type.name === 'numeric') {
    if (typeof value !== 'object' || value === null || !('kind' in value) || value.kind !== 'decimal') return null;
    const exact = value.special === undefined && column.type.name === 'numeric' && sameType(type, column.type);
    return exact && value.scale === (column.type.scale ?? 0) ? value.coefficient : null;
  }
  if (Number.isNaN(value)) return null;
  if (type.name !== column.type.name && !(isInteger(type.name) && isInteger(column.type.name))) return null;
  return typeof value === 'number' || typeof value === 'bigint' ? value : null;
}

function isInteger(name: string): boolean {
  return name === 'int2' || name === 'int4' || name === 'int8';
}
