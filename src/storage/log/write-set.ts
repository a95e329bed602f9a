// WriteSet: everything one commit changes. Transactions and jobs fill it, CommitLog takes it. And PublishedCommit: the same
// change as subscribers see it, with old values.

import type { Catalog } from '../../catalog/catalog.ts';
import type { CatalogEdit } from '../../catalog/catalog-change.ts';
import type { Batch } from '../../columns/batch.ts';
import type { RowBuffer } from '../tables/row-buffer.ts';
import type { Json } from './tagged-json.ts';

export interface SequenceValue {
  readonly lastValue: bigint;
  readonly isCalled: boolean;
}

export interface WriteSet {
  /** Rows to insert; a batch's columns are the relation's, in catalog order. Copied before `commit` first waits. Weights are ignored. */
  readonly inserts?: readonly { readonly relation: number; readonly batch: Batch }[];
  /** Rows to insert that are in buffers already; these belong to the commit from now on. */
  readonly buffers?: readonly { readonly relation: number; readonly buffer: RowBuffer }[];
  readonly deletes?: readonly { readonly relation: number; readonly rowIds: readonly number[] }[];
  readonly truncates?: readonly number[];
  readonly catalog?: CatalogEdit;
  /** Named values (source offsets, watermarks, frontiers); null removes. */
  readonly metadata?: readonly (readonly [key: string, value: Json])[];
  readonly sequences?: readonly (readonly [oid: number, value: SequenceValue | null])[];
  /** Nondeterministic decisions, logged before their effect is visible; opaque here, published in order. */
  readonly decisions?: readonly Json[];
  /** per relation: deleted row id -> position of its newer version among the commit's inserted rows of the relation */
  readonly successors?: ReadonlyMap<number, Iterable<readonly [rowId: number, position: number]>>;
}

/** Up to BATCH_ROWS changed rows of one relation: weights absent (+1) for inserted, -1 with the old values for deleted ones. */
export interface RelationChange {
  readonly relation: number;
  /** columns in catalog order; valid until the listener returns, or the promise that it returned resolves */
  readonly batch: Batch;
  /** row id of each row of the batch */
  readonly rowIds: Float64Array;
}

export interface PublishedCommit {
  readonly epoch: bigint;
  /** per relation first the deleted, then the inserted rows */
  readonly changes: readonly RelationChange[];
  /** relations that this commit emptied: their rows are among the changes */
  readonly truncated: readonly number[];
  /** the new catalog, when the commit changed it */
  readonly catalog?: Catalog;
  readonly metadata: readonly (readonly [key: string, value: Json])[];
  readonly decisions: readonly Json[];
  /** read from the log at start, not committed now */
  readonly replayed: boolean;
}

/**
 * Called in epoch order, once the commit is durable and readable. Must not throw. Who reads the batches for longer returns a promise (and
 * holds a snapshot, since arrays of tables may be exchanged meanwhile); a live commit does not wait for it, the next one of a replay does.
 */
export type CommitListener = (commit: PublishedCommit) => void | Promise<void>;
