// SourceBench: opens sources on a virtual clock into a sink that keeps what it gets; used by the connectors' tests.
import { setImmediate } from 'node:timers/promises';
import { VirtualClock } from '../base/clock.ts';
import type { Column, Stream } from '../catalog/objects.ts';
import type { Batch } from '../columns/batch.ts';
import { batchRows } from '../columns/batch-builder.ts';
import { Arena, SharedMemory } from '../columns/memory.ts';
import { type SqlError, sqlError } from '../errors/sql-error.ts';
import { KernelLibrary } from '../kernels/kernel-library.ts';
import type { Datum } from '../types/datum.ts';
import { Connectors } from './connectors.ts';
import type { NamedColumn } from './formats/csv-file.ts';
import type { RejectedText, Source, SourceSink } from './source.ts';

function columnOf({ name, type }: NamedColumn, i: number): Column {
  return { name, type, attribute: i + 1, notNull: false, defaultSql: null, generated: null };
}

export class SourceRun implements SourceSink {
  readonly rows: (Datum | null)[][] = [];
  readonly rejected: RejectedText[] = [];
  readonly clock: VirtualClock;
  source!: Source;
  offsets: unknown = null;
  failure: SqlError | null = null;
  refuse = false;
  /** stops accepting after this many commits */
  commitsLeft = Number.POSITIVE_INFINITY;
  /** what happens outside behind each commit */
  committed: () => void = () => {};
  private readonly memory: SharedMemory;
  private readonly columnCount: number;
  private calls = 0;

  constructor(memory: SharedMemory, clock: VirtualClock, columnCount: number) {
    this.columnCount = columnCount;
    this.memory = memory;
    this.clock = clock;
  }

  async commit(batch: Batch, offsets: unknown): Promise<void> {
    this.calls++;
    await setImmediate();
    if (this.refuse || this.commitsLeft-- <= 0) throw sqlError('out_of_memory', 'refused');
    if (batch.columns.length !== this.columnCount) throw new Error('a batch has all columns of its stream');
    this.rows.push(...batchRows(this.memory, batch));
    this.offsets = JSON.parse(JSON.stringify(offsets));
    this.committed();
  }

  async reject(rows: readonly RejectedText[]): Promise<void> {
    this.calls++;
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

  /** Advances until `done`, at most a minute of the clock. */
  async until(done: () => boolean): Promise<void> {
    for (let i = 0; i < 1200 && !done(); i++) {
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

  private constructor(arena: Arena, kernels: KernelLibrary) {
    this.arena = arena;
    this.connectors = new Connectors({ arena, kernels });
  }

  static async create(): Promise<SourceBench> {
    const arena = Arena.create(SharedMemory.reserve(256 * 1024 * 1024));
    return new SourceBench(arena, KernelLibrary.instantiate(await KernelLibrary.compile(), arena.shared.memory));
  }

  open(
    connector: string,
    options: Record<string, string>,
    columns: readonly NamedColumn[],
    from: unknown = null,
    encode: string | null = null,
  ): SourceRun {
    const run = new SourceRun(this.arena.shared, new VirtualClock(), columns.length);
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
      onError: { kind: 'reject' },
      constraints: [],
    };
    run.source = this.connectors.startSource(stream, run, from, { serverFiles: true, clock: run.clock });
    return run;
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
