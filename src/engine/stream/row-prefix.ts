// RowPrefix: the columns that a subscription puts before a query's own: _epoch, _diff and, where it was asked for, _progressed. The vectors
// are of one epoch at a time, and valid until the next call, so that all subscriptions to be filled in a step share them.
import { allocateVector, BATCH_ROWS, type Batch, type OwnedVector } from '../../columns/batch.ts';
import type { SharedMemory } from '../../columns/memory.ts';
import type { Region } from '../../columns/region.ts';
import { BOOL, INT8, type SqlType } from '../../types/sql-type.ts';

export function prefixTypes(progress: boolean): readonly SqlType[] {
  return progress ? [INT8, INT8, BOOL] : [INT8, INT8];
}

export class RowPrefix {
  private readonly memory: SharedMemory;
  private readonly epochs: OwnedVector;
  private readonly ones: OwnedVector;
  private readonly no: OwnedVector;
  private epoch: bigint | null = null;

  constructor(memory: SharedMemory, region: Region) {
    this.memory = memory;
    this.epochs = allocateVector(region, INT8);
    this.ones = allocateVector(region, INT8);
    this.no = allocateVector(region, BOOL);
    memory.i64.fill(1n, this.ones.data / 8, this.ones.data / 8 + BATCH_ROWS);
    memory.u8.fill(0, this.no.data, this.no.data + BATCH_ROWS);
  }

  /** The rows with their prefix; weights (absent: 1) are _diff. */
  before(batch: Batch, epoch: bigint, progress: boolean): Batch {
    if (epoch !== this.epoch) {
      this.memory.i64.fill(epoch, this.epochs.data / 8, this.epochs.data / 8 + BATCH_ROWS);
      this.epoch = epoch;
    }
    const diff = batch.weights === 0 ? this.ones : { ...this.ones, data: batch.weights };
    const columns = progress ? [this.epochs, diff, this.no, ...batch.columns] : [this.epochs, diff, ...batch.columns];
    return { ...batch, columns, weights: 0 };
  }
}
