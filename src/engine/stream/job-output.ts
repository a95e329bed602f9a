// JobOutput: the end of a continuous query's dataflow. `view-output.ts` keeps the result, `step-output.ts` only what a step changes.
import type { Batch } from '../../columns/batch.ts';
import type { Operator, Work } from './operator.ts';
import type { StoreRows } from './view-output.ts';

export interface JobOutput extends Operator {
  /** all rows that came out so far, both signs */
  readonly outputRows: bigint;
  /** changed rows that the stored form has not seen */
  readonly pendingRows: number;
  /** changes wait for `settle` */
  readonly unsettled: boolean;
  /** Called with the net changes of each step, in batches valid until the listener returns. */
  listen(listener: (batch: Batch) => void): () => void;
  /** Ends the step: net changes go out, stamped with its epoch. */
  settle(epoch: bigint): Work;
  /** Brings the stored form up to date (null: there is none) and forgets rows that are gone. */
  store(epoch: bigint, write: StoreRows | null): Work;
}
