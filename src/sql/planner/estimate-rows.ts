// Row estimates, cheap and rough: they choose the side of a join to build and whether a statement runs inline or on workers.
import type { FunctionRegistry } from '../../functions/registry.ts';
import type { Expression } from '../../plan/expression.ts';
import type { TableFunctionCall } from '../../plan/logical.ts';

const EQUALITY = 0.05;
const RANGE = 0.33;
const DEFAULT_TABLE_FUNCTION_ROWS = 1000;

function selectivity(condition: Expression): number {
  switch (condition.kind) {
    case 'call':
      return condition.function.startsWith('=(') ? EQUALITY : RANGE;
    case 'and':
      return condition.args.reduce((product, arg) => product * selectivity(arg), 1);
    case 'or':
      return Math.min(
        1,
        condition.args.reduce((sum, arg) => sum + selectivity(arg), 0),
      );
    case 'not':
      return 1 - selectivity(condition.arg);
    case 'in-list':
      return Math.min(0.5, condition.items.length * EQUALITY);
    case 'is-null':
      return condition.negated ? 0.95 : EQUALITY;
    default:
      return 0.5;
  }
}

export function filteredRows(rows: number, conditions: readonly Expression[]): number {
  const kept = conditions.reduce((product, condition) => product * selectivity(condition), rows);
  return rows === 0 ? 0 : Math.max(1, kept);
}

export function groupedRows(rows: number, keys: number): number {
  if (keys === 0) return 1;
  return rows === 0 ? 0 : Math.max(1, Math.min(rows, rows ** 0.8));
}

/** Exact for constant arguments where the function can say. */
export function tableFunctionRows(call: TableFunctionCall, functions: FunctionRegistry): number {
  if (call.function.startsWith('read_')) return 1_000_000;
  const { estimate } = functions.tableFunction(call.function);
  const args = call.args.map((arg) => (arg.kind === 'constant' ? arg.value : undefined));
  if (estimate === undefined || args.includes(undefined)) return DEFAULT_TABLE_FUNCTION_ROWS;
  return estimate(args as Parameters<typeof estimate>[0]);
}
