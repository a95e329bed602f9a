// Envelopes: a step's changes paired by key, at the edge, row by row. UPSERT: a key whose row was replaced comes out once, as +1 with the
// new values; one that is gone as -1. DEBEZIUM: one row per key with _op (r in the snapshot, then c, u, d), the key, and the other
// columns twice: before and after.
import type { Maybe } from '../../base/maybe.ts';
import type { Batch } from '../../columns/batch.ts';
import { BatchBuilder, batchRowIndexes } from '../../columns/batch-builder.ts';
import { encodeValue, readDatum } from '../../columns/datum-vector.ts';
import type { SharedMemory } from '../../columns/memory.ts';
import { Region } from '../../columns/region.ts';
import { sqlError } from '../../errors/sql-error.ts';
import type { Datum } from '../../types/datum.ts';
import { type SqlType, TEXT } from '../../types/sql-type.ts';
import type { RowContext } from '../rows/row-store.ts';
import type { RowCursor } from './first-rows.ts';

export interface Envelope {
  readonly kind: 'upsert' | 'debezium';
  readonly key: readonly string[];
}

export interface EnvelopeColumn {
  readonly name: string;
  readonly type: SqlType;
  readonly part: 'op' | 'key' | 'before' | 'after';
  /** of the query's columns */
  readonly index: number;
}

type Row = readonly (Datum | null)[];

interface KeyChange {
  before: Row | null;
  after: Row | null;
}

function keyIndexes(envelope: Envelope, names: readonly string[]): number[] {
  return envelope.key.map((name) => {
    const index = names.indexOf(name);
    if (index < 0) throw sqlError('undefined_column', `column "${name}" does not exist`);
    return index;
  });
}

/** What a subscription with the envelope has behind _epoch and _diff. Throws 42703 for a key column that is not there. */
export function envelopeColumns(
  envelope: Envelope,
  names: readonly string[],
  types: readonly SqlType[],
): readonly EnvelopeColumn[] {
  const keys = keyIndexes(envelope, names);
  const column = (part: EnvelopeColumn['part'], index: number, prefix = ''): EnvelopeColumn => ({
    name: `${prefix}${names[index]}`, type: types[index]!, part, index,
  }); // biome-ignore format: one object
  if (envelope.kind === 'upsert') return names.map((_, index) => column('after', index));
  const others = names.map((_, index) => index).filter((index) => !keys.includes(index));
  return [
    { name: '_op', type: TEXT, part: 'op', index: -1 },
    ...keys.map((index) => column('key', index)),
    ...others.map((index) => column('before', index, 'before_')),
    ...others.map((index) => column('after', index, 'after_')),
  ];
}

export class KeyEnvelope {
  readonly columns: readonly EnvelopeColumn[];
  /** rows are what there was at the start */
  private snapshot: boolean;
  private readonly memory: SharedMemory;
  private readonly envelope: Envelope;
  private readonly names: readonly string[];
  private readonly types: readonly SqlType[];
  private readonly key: readonly number[];
  private readonly changes = new Map<string, KeyChange>();

  /** `snapshot`: the first step's rows are what there was. */
  constructor(
    memory: SharedMemory,
    types: readonly SqlType[],
    names: readonly string[],
    envelope: Envelope,
    snapshot: boolean,
  ) {
    this.memory = memory;
    this.types = types;
    this.envelope = envelope;
    this.names = names;
    this.snapshot = snapshot;
    this.key = keyIndexes(envelope, names);
    this.columns = envelopeColumns(envelope, names, types);
  }

  /** The rows of a snapshot, paired: all of them are read first. 53400 when they have more than `limit` keys. What is added is changes. */
  first(rows: RowCursor, context: RowContext, limit: number): RowCursor {
    this.snapshot = false;
    return new PairedRows(
      rows,
      new KeyEnvelope(this.memory, this.types, this.names, this.envelope, true),
      context,
      limit,
    );
  }

  /** Keys that wait to be drained. */
  get waiting(): number {
    return this.changes.size;
  }

  add(batch: Batch): void {
    for (const index of batchRowIndexes(this.memory, batch)) {
      const row = batch.columns.map((column) => readDatum(this.memory, column, index));
      const weight = batch.weights === 0 ? 1n : this.memory.i64[batch.weights / 8 + index]!;
      const key = this.key.map((i) => this.keyPart(i, row[i]!)).join(' ');
      const change = this.changes.get(key) ?? { before: null, after: null };
      if (weight > 0n) change.after = row;
      else change.before = row;
      this.changes.set(key, change);
    }
  }

  /** The step's changes, to be offered as they are; each batch is valid until the next. */
  *drain(region: Region): Generator<Batch> {
    const { snapshot } = this;
    this.snapshot = false;
    if (this.changes.size === 0) return;
    const builder = new BatchBuilder(region, this.columns.map((column) => column.type)); // biome-ignore format: one line
    for (const change of this.changes.values()) {
      if (builder.full) {
        yield builder.batch();
        builder.reset();
      }
      builder.append(this.rowOf(change, snapshot), change.after === null ? -1n : 1n);
    }
    this.changes.clear();
    yield builder.batch();
  }

  private rowOf({ before, after }: KeyChange, snapshot: boolean): Row {
    const now = after ?? before!;
    if (this.envelope.kind === 'upsert') return now;
    const op = snapshot ? 'r' : after === null ? 'd' : before === null ? 'c' : 'u';
    return this.columns.map(({ part, index }) => {
      if (part === 'op') return op;
      const row = part === 'key' ? now : part === 'before' ? before : after;
      return row === null ? null : row[index]!;
    });
  }

  private keyPart(index: number, value: Datum | null): string {
    return value === null ? '-' : Buffer.from(encodeValue(this.types[index]!, value)).toString('base64');
  }
}

/** All rows of a cursor as one step of an envelope. */
class PairedRows implements RowCursor {
  private readonly rows: RowCursor;
  private readonly envelope: KeyEnvelope;
  private readonly region: Region;
  private readonly limit: number;
  private paired: Generator<Batch> | null = null;

  constructor(rows: RowCursor, envelope: KeyEnvelope, context: RowContext, limit: number) {
    this.rows = rows;
    this.envelope = envelope;
    this.region = new Region(context.arena, context.owner);
    this.limit = limit;
  }

  async next(): Promise<Batch | null> {
    if (this.paired === null) {
      for (let batch = await this.rows.next(); batch !== null; batch = await this.rows.next()) this.add(batch);
      this.paired = this.envelope.drain(this.region);
    }
    const next = this.paired.next();
    return next.done === true ? null : next.value;
  }

  private add(batch: Batch): void {
    this.envelope.add(batch);
    if (this.envelope.waiting <= this.limit) return;
    throw sqlError('configuration_limit_exceeded', 'the subscription begins with too many keys to pair its rows by', {
      detail: `There are more than ${this.limit}.`,
      hint: 'Raise headrace.subscription_queue_rows, or leave the envelope out.',
    });
  }

  close(): Maybe<void> {
    this.region.release();
    return this.rows.close();
  }
}
