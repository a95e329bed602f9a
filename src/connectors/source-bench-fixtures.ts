// SourceBench: opens sources on a virtual clock into a sink that keeps what it gets; used by the connectors' tests.
import { setImmediate } from 'node:timers/promises';
import { VirtualClock } from '../base/clock.ts';
import type { Column, Stream } from '../catalog/objects.ts';
import { BATCH_ROWS, type Batch } from '../columns/batch.ts';
import { batchRows } from '../columns/batch-builder.ts';
import type { Arena, SharedMemory } from '../columns/memory.ts';
import { type SqlError, sqlError } from '../errors/sql-error.ts';
import { arenaFixture } from '../testing/arena-fixture.ts';
import type { Datum } from '../types/datum.ts';
import { Connectors } from './connectors.ts';
import type { NamedColumn } from './formats/csv-file.ts';
import type { ChangedItems, RejectedText, Source, SourcePlace, SourceSink } from './source.ts';

function columnOf({ name, type }: NamedColumn, i: number): Column {
  return { name, type, attribute: i + 1, notNull: false, defaultSql: null, generated: null };
}

class SourceRun implements SourceSink {
  readonly rows: (Datum | null)[][] = [];
  readonly rejected: RejectedText[] = [];
  private waiting = 0;
  readonly clock: VirtualClock;
  source!: Source;
  offsets: unknown = null;
  readonly items: Map<string, unknown>;
  /** bytes of offsets and items, of each commit */
  readonly placeBytes: number[] = [];
  failure: SqlError | null = null;
  refuse = false;
  /** ON ERROR FAIL */
  failsAtMalformed = false;
  /** stops accepting after this many commits */
  commitsLeft = Number.POSITIVE_INFINITY;
  /** what happens outside behind each commit */
  committed: () => void = () => {};
  private readonly memory: SharedMemory;
  private readonly columnCount: number;
  private calls = 0;

  constructor(memory: SharedMemory, clock: VirtualClock, columnCount: number, from: SourcePlace | null) {
    this.items = new Map(from?.items);
    this.columnCount = columnCount;
    this.memory = memory;
    this.clock = clock;
  }

  async commit(batch: Batch, offsets: unknown, items: ChangedItems = []): Promise<void> {
    this.calls++;
    await setImmediate();
    if (this.refuse || this.commitsLeft-- <= 0) throw sqlError('out_of_memory', 'refused');
    if (batch.columns.length !== this.columnCount) throw new Error('a batch has all columns of its stream');
    this.waiting = 0;
    this.rows.push(...batchRows(this.memory, batch));
    const told = JSON.stringify({ offsets, items });
    this.placeBytes.push(told.length);
    const place: { offsets: unknown; items: ChangedItems } = JSON.parse(told);
    this.offsets = place.offsets;
    for (const [key, item] of place.items) {
      if (item === null) this.items.delete(key);
      else this.items.set(key, item);
    }
    this.committed();
  }

  /** What a restart begins with; null before the first commit. */
  get place(): SourcePlace | null {
    return this.offsets === null ? null : { offsets: this.offsets, items: this.items };
  }

  async reject(rows: readonly RejectedText[]): Promise<void> {
    this.calls++;
    if (this.failsAtMalformed && rows.length > 0) throw sqlError('invalid_text_representation', rows[0]!.reason);
    this.waiting += rows.length;
    if (this.waiting > BATCH_ROWS) throw new Error('more malformed rows than a commit may cover');
    this.rejected.push(...rows);
  }

  fail(error: SqlError): void {
    this.failure = error;
  }

  /** Moves the clock in steps of 50 ms, waiting each time until the source calls no more. */
  async advance(micros: bigint): Promise<void> {
    await this.settle();
    for (let left = micros; left > 0n; left -= 50_000n) {
      this.clock.advance(left < 50_000n ? left : 50_000n);
      await this.settle();
    }
  }

  /** Advances until `done`, for at most a minute of real time. */
  async until(done: () => boolean): Promise<void> {
    const end = Date.now() + 60_000;
    while (!done() && Date.now() < end) {
      this.clock.advance(50_000n);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await this.settle();
  }

  private async settle(): Promise<void> {
    for (let quiet = 0, seen = -1; quiet < 4; seen = this.calls) {
      await setImmediate();
      quiet = seen === this.calls ? quiet + 1 : 0;
    }
  }
}

export class SourceBench {
  readonly arena: Arena;
  readonly connectors: Connectors;

  constructor() {
    const { arena, kernels } = arenaFixture(256 << 20);
    this.arena = arena;
    this.connectors = new Connectors({ arena, kernels });
  }

  open(
    connector: string,
    options: Record<string, string>,
    columns: readonly NamedColumn[],
    from: SourcePlace | null = null,
    encode: string | null = null,
    onError: 'reject' | 'fail' = 'reject',
  ): SourceRun {
    const run = new SourceRun(this.arena.shared, new VirtualClock(), columns.length, from);
    const stream: Stream = {
      kind: 'stream',
      oid: 1,
      name: 's',
      schemaOid: 1,
      owner: 1,
      columns: columns.map(columnOf),
      connector,
      options,
      format: null,
      encode,
      watermark: null,
      onLate: { kind: 'reject' },
      onError: { kind: onError },
      constraints: [],
    };
    run.failsAtMalformed = onError === 'fail';
    run.source = this.connectors.startSource(stream, run, from, { serverFiles: true, clock: run.clock });
    return run;
  }

  /** Where CREATE STREAM lets a source begin. */
  firstPlace(connector: string, options: Record<string, string>, encode: string | null): Promise<SourcePlace | null> {
    return this.connectors.firstPlace({ connector, options, encode, columns: [] });
  }

  /** The columns that CREATE STREAM gives, as "name type". */
  async check(
    connector: string,
    options: Record<string, string>,
    columns: readonly NamedColumn[] = [],
    encode: string | null = null,
    serverFiles = true,
  ): Promise<string[]> {
    const definition = { connector, options, encode, columns: columns.map(columnOf) };
    const found = await this.connectors.checkStream(definition, { serverFiles });
    return found.map((column) => `${column.name} ${column.type.name}`);
  }
}
