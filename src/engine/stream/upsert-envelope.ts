// ENVELOPE UPSERT: a step's changes paired by key. A key whose row was replaced comes out once, as +1 with the new values; one that is
// gone as -1. At the edge, row by row.
import type { Batch } from '../../columns/batch.ts';
import { BatchBuilder, batchRowIndexes } from '../../columns/batch-builder.ts';
import { encodeValue, readDatum } from '../../columns/datum-vector.ts';
import type { SharedMemory } from '../../columns/memory.ts';
import type { Region } from '../../columns/region.ts';
import { sqlError } from '../../errors/sql-error.ts';
import type { Datum } from '../../types/datum.ts';
import type { SqlType } from '../../types/sql-type.ts';

export interface Envelope {
  readonly kind: 'upsert' | 'debezium';
  readonly key: readonly string[];
}

interface KeyChange {
  row: readonly (Datum | null)[];
  present: boolean;
}

export class UpsertEnvelope {
  private readonly memory: SharedMemory;
  private readonly types: readonly SqlType[];
  private readonly key: readonly number[];
  private readonly changes = new Map<string, KeyChange>();

  /** Throws 42703 for a key column that is not there, 0A000 for other envelopes. */
  constructor(memory: SharedMemory, types: readonly SqlType[], names: readonly string[], envelope: Envelope) {
    if (envelope.kind !== 'upsert') {
      throw sqlError('feature_not_supported', 'ENVELOPE DEBEZIUM is not supported yet', {
        hint: 'Use ENVELOPE UPSERT, or pair the rows of one epoch by key.',
      });
    }
    this.memory = memory;
    this.types = types;
    this.key = envelope.key.map((name) => {
      const index = names.indexOf(name);
      if (index < 0) throw sqlError('undefined_column', `column "${name}" does not exist`);
      return index;
    });
  }

  add(batch: Batch): void {
    for (const index of batchRowIndexes(this.memory, batch)) {
      const row = batch.columns.map((column) => readDatum(this.memory, column, index));
      const weight = batch.weights === 0 ? 1n : this.memory.i64[batch.weights / 8 + index]!;
      const key = this.key.map((i) => this.keyPart(i, row[i]!)).join(' ');
      const known = this.changes.get(key);
      if (weight > 0n) this.changes.set(key, { row, present: true });
      else if (known?.present !== true) this.changes.set(key, { row, present: false });
    }
  }

  /** The step's changes, to be offered as they are; each batch is valid until the next. */
  *drain(region: Region): Generator<Batch> {
    if (this.changes.size === 0) return;
    const builder = new BatchBuilder(region, this.types);
    for (const { row, present } of this.changes.values()) {
      if (builder.full) {
        yield builder.batch();
        builder.reset();
      }
      builder.append(row, present ? 1n : -1n);
    }
    this.changes.clear();
    yield builder.batch();
  }

  private keyPart(index: number, value: Datum | null): string {
    return value === null ? '-' : Buffer.from(encodeValue(this.types[index]!, value)).toString('base64');
  }
}
