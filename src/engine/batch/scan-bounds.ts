// What a source outside may use of a scan's filters to leave out parts of its rows: comparisons of a column with a constant of its type.
import type { RowComparison } from '../../connectors/row-comparison.ts';
import type { FunctionRegistry } from '../../functions/registry.ts';
import type { Expression } from '../../plan/expression.ts';
import type { Datum } from '../../types/datum.ts';
import type { SqlType } from '../../types/sql-type.ts';

const MIRRORED = { '=': '=', '<': '>', '<=': '>=', '>': '<', '>=': '<=' } as const;
const INTEGER_LIMITS: Readonly<Record<string, bigint>> = { int2: 1n << 15n, int4: 1n << 31n, int8: 1n << 63n };

/** Of the filters (over the scan's columns), those that are comparisons, by the source's columns (`attributes`). */
export function scanBounds(
  filters: readonly Expression[],
  attributes: readonly number[],
  functions: FunctionRegistry,
): RowComparison[] {
  return filters.flatMap((filter): RowComparison[] => {
    if (filter.kind === 'and') return scanBounds(filter.args, attributes, functions);
    if (filter.kind !== 'call' || filter.args.length !== 2) return [];
    const [left, right] = filter.args as [Expression, Expression];
    const mirrored = left.kind === 'constant';
    const [column, constant] = mirrored ? [right, left] : [left, right];
    const operator = functions.findScalar(filter.function)?.operator as keyof typeof MIRRORED | undefined;
    if (column.kind !== 'input' || constant.kind !== 'constant' || constant.value === null) return [];
    if (operator === undefined || MIRRORED[operator] === undefined) return [];
    const value = inType(constant.value, constant.type, column.type);
    const attribute = attributes[column.index];
    if (value === null || attribute === undefined) return [];
    const bound = mirrored ? MIRRORED[operator] : operator;
    // NaN is above all numbers and in no file's statistics
    const upward = bound === '>' || bound === '>=' || Number.isNaN(value);
    if (column.type.name.startsWith('float') && upward) return [];
    return [{ column: attribute, operator: bound, value, type: column.type }];
  });
}

/** The constant as a value of the column's type; null where they are not comparable as such. */
function inType(value: Datum, from: SqlType, to: SqlType): Datum | null {
  const limit = INTEGER_LIMITS[to.name];
  if (limit !== undefined && INTEGER_LIMITS[from.name] !== undefined) {
    const whole = BigInt(value as number | bigint);
    if (whole >= limit || whole < -limit) return null;
    return to.name === 'int8' ? whole : Number(whole);
  }
  return from.name === to.name && from.element === undefined ? value : null;
}
