// Columns without values: what outer joins and grouping sets put where a side or a key is absent.
import { allocateVector, BATCH_ROWS, type OwnedVector } from '../../columns/batch.ts';
import { PHYSICAL_WIDTH, type SqlType } from '../../types/sql-type.ts';
import type { OperatorMemory, RunContext } from './batch-context.ts';

/** A vector of BATCH_ROWS NULLs. */
export function nullVector(type: SqlType, context: RunContext, own: OperatorMemory): OwnedVector {
  const vector = allocateVector(own.region, type);
  context.memory.u8.fill(1, vector.nullsRoom, vector.nullsRoom + BATCH_ROWS);
  context.memory.u8.fill(0, vector.data, vector.data + BATCH_ROWS * PHYSICAL_WIDTH[vector.physical]);
  vector.nulls = vector.nullsRoom;
  return vector;
}
