// Key lookups: a scan whose filters fix every column of an index (column = constant, IN (constants), = ANY (array)) reads the rows under
// those keys instead. Constants are whatever is known before the scan starts: parameters and outer columns of an apply are.
import type { FunctionRegistry } from '../../functions/registry.ts';
import type { BatchPlan, IndexKey, KeyValues } from '../../plan/batch.ts';
import type { Expression } from '../../plan/expression.ts';
import { someExpression } from '../../plan/walk-expression.ts';
import type { SqlArray } from '../../types/datum.ts';
import { type SqlType, sameType } from '../../types/sql-type.ts';

type TableScan = Extract<BatchPlan, { kind: 'table-scan' }>;

/** Beyond this many keys, or a key per so many rows, a scan is as good. */
const MAX_KEYS = 1000;
const ROWS_PER_KEY = 20;

interface Fixed {
  readonly filter: Expression;
  readonly values: KeyValues;
}

/** The lookup that does what `scan` does, or null where no index fits. `tableRows`: estimate. */
export function planIndexLookup(
  scan: TableScan,
  indexes: readonly IndexKey[],
  tableRows: number,
  functions: FunctionRegistry,
): BatchPlan | null {
  if (indexes.length === 0 || scan.filters.length === 0) return null;
  const fixed = new Map<number, Fixed>();
  for (const filter of scan.filters) addFixed(fixed, filter, scan, functions);
  const usable = indexes.filter((index) => index.attributes.every((attribute) => fixed.has(attribute)));
  const index = usable.find((each) => each.unique) ?? usable[0];
  if (index === undefined) return null;
  const used = index.attributes.map((attribute) => fixed.get(attribute)!);
  const keys = used.reduce((product, { values }) => product * keyCount(values), 1);
  if (keys > MAX_KEYS || (keys > 1 && keys * ROWS_PER_KEY > tableRows)) return null;
  const { types, names } = scan;
  return {
    types,
    names,
    rows: index.unique ? Math.min(keys, scan.rows) : scan.rows,
    kind: 'index-lookup',
    index,
    key: used.map(({ values }) => values),
    conditions: used.map(({ filter }) => scan.filters.indexOf(filter)),
    scan,
  };
}

/** Of an array that is not known yet: 1. */
function keyCount(values: KeyValues): number {
  if (values.kind === 'items') return values.items.length;
  const { array } = values;
  return array.kind === 'constant' && array.value !== null ? (array.value as SqlArray).elements.length : 1;
}

function addFixed(fixed: Map<number, Fixed>, filter: Expression, scan: TableScan, functions: FunctionRegistry): void {
  const found = fixedColumn(filter);
  if (found === null) return;
  const values = asKeys(found, functions);
  const attribute = scan.attributes[found.column.index]!;
  if (attribute === 0 || fixed.has(attribute) || values === null) return;
  const known = values.kind === 'items' ? values.items : [values.array];
  if (known.every((each) => isKnown(each, functions))) fixed.set(attribute, { filter, values });
}

interface FixedColumn {
  readonly column: Extract<Expression, { kind: 'input' }>;
  readonly values: KeyValues;
  readonly keyType: SqlType;
}

function fixedColumn(filter: Expression): FixedColumn | null {
  if (filter.kind === 'in-list') {
    if (filter.negated || filter.arg.kind !== 'input') return null;
    const [first] = filter.items;
    if (first === undefined || filter.items.some((item) => !sameType(item.type, first.type))) return null;
    return { column: filter.arg, values: { kind: 'items', items: filter.items }, keyType: first.type };
  }
  if (filter.kind === 'quantified-array') {
    const { arg, array, operator, all } = filter;
    const element = array.type.element;
    if (all || arg.kind !== 'input' || element === undefined || !operator.startsWith('=(')) return null;
    return { column: arg, values: { kind: 'array', array }, keyType: element };
  }
  if (filter.kind !== 'call' || !filter.function.startsWith('=(')) return null;
  const [left, right] = filter.args as readonly [Expression, Expression];
  const column = left.kind === 'input' ? left : right;
  const value = left.kind === 'input' ? right : left;
  return column.kind === 'input' ? { column, values: { kind: 'items', items: [value] }, keyType: value.type } : null;
}

/** Whether values of the two types that are equal have the same bytes, so that one finds the other. */
function sameKeyType(column: SqlType, key: SqlType): boolean {
  if (sameType(column, key)) return true;
  if (column.name === 'numeric') return false;
  const isText = (type: SqlType) => type.name === 'text' || type.name === 'varchar';
  return (isText(column) && isText(key)) || (column.name === key.name && column.element === undefined);
}

/** The values as keys of the column; null where the index cannot find what they are equal to. Integers become as wide as the column. */
function asKeys({ column, values, keyType }: FixedColumn, functions: FunctionRegistry): KeyValues | null {
  if (sameKeyType(column.type, keyType)) return values;
  const cast = `cast(${keyType.name}->${column.type.name})`;
  if (values.kind !== 'items' || !WIDER.has(cast) || functions.findScalar(cast) === undefined) return null;
  const call = (item: Expression): Expression => ({ kind: 'call', type: column.type, function: cast, args: [item] });
  return { kind: 'items', items: values.items.map(call) };
}
const WIDER: ReadonlySet<string> = new Set(['cast(int2->int4)', 'cast(int2->int8)', 'cast(int4->int8)']);

/** Known before the scan starts, and the same for all its rows. */
function isKnown(expression: Expression, functions: FunctionRegistry): boolean {
  return !someExpression(
    expression,
    (node) =>
      node.kind === 'input' ||
      node.kind === 'column' ||
      (node.kind === 'call' && functions.findScalar(node.function)?.volatility !== 'immutable'),
  );
}
