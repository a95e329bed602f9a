// Evaluation errors of a job as weighted rows: a row whose evaluation fails stays out of the result and adds its weight to its
// error; when the row is deleted the weight goes back, and with the last one the view heals. While any error has a positive
// weight the view cannot be read. Messages carry values, so there may be as many as rows: beyond a number they are counted as one.
import type { Batch } from '../../columns/batch.ts';
import type { SharedMemory } from '../../columns/memory.ts';
import type { Region } from '../../columns/region.ts';
import { SqlError } from '../../errors/sql-error.ts';

/** that are told apart */
const MESSAGES = 1024;

interface Failing {
  readonly error: SqlError;
  weight: bigint;
}

export class JobErrors {
  private readonly weights = new Map<string, Failing>();
  /** errors that came when there were too many; until all of them have gone, every new one is counted here */
  private others: Failing | null = null;
  private readonly states = new Map<object, SqlError>();

  /** `weight` more rows fail with this error. */
  add(error: SqlError, weight: bigint): void {
    const key = `${error.sqlstate} ${error.message}`;
    const known = this.weights.get(key);
    if (known !== undefined) {
      known.weight += weight;
      if (known.weight === 0n) this.weights.delete(key);
    } else if (this.others !== null || this.weights.size >= MESSAGES) {
      this.others ??= { error, weight: 0n };
      this.others.weight += weight;
      if (this.others.weight === 0n) this.others = null;
    } else this.weights.set(key, { error, weight });
  }

  /** An operator as a whole has failed (null: works again). */
  set(operator: object, error: SqlError | null): void {
    if (error === null) this.states.delete(operator);
    else this.states.set(operator, error);
  }

  get any(): boolean {
    return this.weights.size > 0 || this.others !== null || this.states.size > 0;
  }

  /** The error that reading the view raises, or null. */
  get current(): SqlError | null {
    for (const error of this.states.values()) return error;
    for (const { error, weight } of this.weights.values()) if (weight > 0n) return error;
    return this.others !== null && this.others.weight > 0n ? this.others.error : null;
  }
}

/** Whether an evaluation error is the row's own: memory and cancellation are the whole job's. */
export function isOfRow(error: unknown): error is SqlError {
  return error instanceof SqlError && error.sqlstate !== '53200' && error.sqlstate !== '57014';
}

/** The batch without the rows for which `evaluate` throws; these are counted as errors. Usually the batch itself. */
export function withoutFailing(
  memory: SharedMemory,
  region: Region,
  batch: Batch,
  errors: JobErrors,
  evaluate: (batch: Batch) => void,
): Batch {
  try {
    evaluate(batch);
    return batch;
  } catch (error) {
    if (!isOfRow(error)) throw error;
  }
  const selection = region.allocate(Math.max(1, batch.count) * 4) >>> 2;
  const single = region.allocate(16) >>> 2;
  let good = 0;
  for (let i = 0; i < batch.count; i++) {
    const row = batch.selection === 0 ? i : memory.u32[(batch.selection >>> 2) + i]!;
    memory.u32[single] = row;
    try {
      evaluate({ ...batch, selection: single << 2, count: 1 });
      memory.u32[selection + good++] = row;
    } catch (error) {
      if (!isOfRow(error)) throw error;
      errors.add(error, batch.weights === 0 ? 1n : memory.i64[batch.weights / 8 + row]!);
    }
  }
  const rest = { ...batch, selection: selection << 2, count: good };
  if (good > 0) evaluate(rest);
  return rest;
}
