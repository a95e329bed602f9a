// Which functions a continuous query may call. The time of day would have to move on by itself, and a volatile function would retract
// something else than it emitted; over rows that never leave it is called once per row, which is fine.
import { sqlError } from '../../errors/sql-error.ts';
import type { FunctionRegistry } from '../../functions/registry.ts';
import type { BatchPlan } from '../../plan/batch.ts';

const CLOCK: ReadonlySet<string> = new Set([
  'now', 'transaction_timestamp', 'statement_timestamp', 'clock_timestamp', 'current_timestamp', 'current_date', 'current_time',
  'localtime', 'localtimestamp', 'timeofday',
]); // biome-ignore format: a list

/** Throws 0A000 for what cannot be kept up to date. `appendOnly`: no input row ever leaves. */
export function checkFunctions(plan: BatchPlan, functions: FunctionRegistry, appendOnly: boolean): void {
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    const { kind, function: id } = node as { kind?: unknown; function?: unknown };
    if (kind === 'call' && typeof id === 'string') check(id);
    for (const child of Array.isArray(node) ? node : Object.values(node)) visit(child);
  };
  const check = (id: string): void => {
    const definition = functions.findScalar(id);
    if (definition === undefined) return;
    if (CLOCK.has(definition.name)) {
      throw sqlError('feature_not_supported', `function ${definition.name}() is not supported in continuous queries`, {
        hint: 'Use event time: a WATERMARK on the stream and TUMBLE, HOP or EMIT ON WINDOW CLOSE.',
      });
    }
    if (definition.volatility === 'volatile' && !appendOnly) {
      throw sqlError(
        'feature_not_supported',
        `volatile function ${definition.name}() is not supported over rows that may be deleted`,
        {
          hint: 'Use it over a stream, or compute its value when the row is inserted.',
        },
      );
    }
  };
  visit(plan);
}
