// Rows dealt by the hash of their keys to parts of a temporary file: rows with equal keys are in one part, so that an operator which does not
// fit into memory does its work part by part, and once more so with a part that is too large itself, by further bits of the hash.
import { BATCH_ROWS } from '../../columns/batch.ts';
import { Region } from '../../columns/region.ts';
import type { BatchPlan } from '../../plan/batch.ts';
import type { SqlType } from '../../types/sql-type.ts';
import { RowReader, RowStore } from '../rows/row-store.ts';
import { type Batches, OperatorMemory, type RunContext } from './batch-context.ts';
import { KeyedAppender, type KeyedLayout } from './keyed-rows.ts';
import type { Source } from './pipeline.ts';
import type { SpillFile } from './spill-file.ts';
import { boundBytes } from './spill-limit.ts';
import { blockBytes, PackedReader, RowPacker, type SpilledRows, streamBytes } from './spill-rows.ts';

const PART_BITS = 4;
const PARTS = 1 << PART_BITS;
const HASH_BITS = 32;
/** How often rows that would fit are dealt. */
const FORCED_DEPTH = 2;
/** Rows dealt at once, and bytes, of which a small bound allows less. */
const DEALT_ROWS = 16_384;
const DEALT_BYTES = 1_048_576;
const DEALT_SHARE = 1 / 16;

/** Memory that dealing takes. */
export function dealingBytes(context: RunContext): number {
  return PARTS * (streamBytes(blockBytes(boundBytes(context), PARTS)) + BATCH_ROWS * 4);
}

/** How often the rows of an operator have been dealt, and what EXPLAIN ANALYZE says of it. */
export class SpillLevel {
  readonly depth: number;
  private readonly plan: BatchPlan;
  private readonly context: RunContext;
  private readonly tally: { batches: number; bytes: number };

  constructor(plan: BatchPlan, context: RunContext, depth = 0, tally = { batches: 1, bytes: 0 }) {
    this.plan = plan;
    this.context = context;
    this.depth = depth;
    this.tally = tally;
  }

  /** Whether rows can be dealt once more: else they have the same hash, or are made to spill for a test. */
  get divides(): boolean {
    const { spillRows = 0 } = this.context.batch;
    return this.depth < (spillRows > 0 ? FORCED_DEPTH : HASH_BITS / PART_BITS);
  }

  /** `skewed`: of a part that all rows were dealt to, which is taken as it is. */
  below(skewed: boolean): SpillLevel {
    return new SpillLevel(this.plan, this.context, skewed ? HASH_BITS : this.depth + 1, this.tally);
  }

  /** For rows with other keys. */
  anew(): SpillLevel {
    return new SpillLevel(this.plan, this.context, 0, this.tally);
  }

  tell(dealt: readonly Partitions[]): void {
    const { tally } = this;
    tally.batches += PARTS - 1;
    for (const { bytes } of dealt) tally.bytes += bytes;
    const statistics = this.context.batch.analyze?.get(this.plan);
    if (statistics === undefined) return;
    const text = `${tally.batches}  Disk Usage: ${Math.ceil(tally.bytes / 1024)}kB`;
    statistics.details = [['Batches', text]];
  }
}

export class Partitions {
  readonly keyed: KeyedLayout;
  private readonly context: RunContext;
  private readonly shift: number;
  private readonly file: SpillFile;
  private readonly region: Region;
  private readonly list: number;
  private readonly counts: number;
  private readonly lists: number;
  private packers: readonly RowPacker[];
  private parts: readonly SpilledRows[] = [];
  private dealt = 0;

  private constructor(keyed: KeyedLayout, level: SpillLevel, file: SpillFile, context: RunContext) {
    this.keyed = keyed;
    this.context = context;
    this.shift = HASH_BITS - (level.depth + 1) * PART_BITS;
    this.file = file;
    this.region = new Region(context.arena, context.owner);
    this.list = this.region.allocate(BATCH_ROWS * 4);
    this.counts = this.region.allocate(PARTS * 4);
    this.lists = this.region.allocate(PARTS * BATCH_ROWS * 4);
    const block = blockBytes(boundBytes(context), PARTS);
    this.packers = Array.from({ length: PARTS }, () => new RowPacker(context, keyed.layout, file, block));
  }

  /** For rows of a layout whose headers carry the hash of the keys. `finish` is to follow the last row, `close` whatever happens. */
  static async open(keyed: KeyedLayout, level: SpillLevel, context: RunContext): Promise<Partitions> {
    return new Partitions(keyed, level, await context.spill!.open(), context);
  }

  /** Rows in all. */
  get count(): number {
    return this.dealt;
  }

  /** Bytes written. */
  get bytes(): number {
    return this.file.size;
  }

  /** Numbers of the parts. */
  get numbers(): readonly number[] {
    return this.packers.map((_, i) => i);
  }

  async add(store: RowStore): Promise<void> {
    const { memory, kernels } = this.context;
    const { rowBytes } = this.keyed.layout;
    for (const { address, count } of store.portions()) {
      kernels.get('sequence_u32')(this.list, address, rowBytes, count);
      memory.u32.fill(0, this.counts >>> 2, (this.counts >>> 2) + PARTS);
      kernels.get('rows_deal')(this.list, count, this.shift, PART_BITS, this.counts, this.lists, BATCH_ROWS);
      for (const [part, packer] of this.packers.entries()) {
        const rows = memory.u32[(this.counts >>> 2) + part]!;
        if (rows > 0) await packer.add(this.lists + part * BATCH_ROWS * 4, rows);
      }
      this.dealt += count;
      await this.context.pause();
    }
  }

  /** All rows of a source with them. */
  async addAll(source: Source): Promise<void> {
    const { context, keyed } = this;
    using own = new OperatorMemory(context);
    const fresh = () => new RowStore(context, keyed.layout, true);
    const appender = new KeyedAppender(context, own, keyed, fresh(), true);
    const most = Math.min(DEALT_BYTES, boundBytes(context) * DEALT_SHARE);
    try {
      for await (const batch of source.rows()) {
        appender.append(batch);
        const { store } = appender;
        if (store.count < DEALT_ROWS && store.bytes < most) continue;
        await this.add(store);
        store.release();
        appender.store = fresh();
      }
      await this.add(appender.store);
    } finally {
      appender.store.release();
    }
  }

  async finish(): Promise<void> {
    const parts: SpilledRows[] = [];
    for (const packer of this.packers) parts.push(await packer.finish());
    this.parts = parts;
    for (const packer of this.packers) packer.release();
    this.region.release();
  }

  /** Rows of a part. */
  countOf(part: number): number {
    return this.parts[part]!.reduce((sum, { rows }) => sum + rows, 0);
  }

  /** A part's rows with their first `types.length` columns; they can be read more than once. */
  source(part: number, types: readonly SqlType[]): Source {
    const plan = spilledRowsPlan(types, this.countOf(part));
    return { plan, rows: () => this.read(part, types.length), pipeline: () => null };
  }

  private async *read(part: number, width: number): Batches {
    const { context, keyed, file } = this;
    using own = new OperatorMemory(context);
    const columns = Array.from({ length: width }, (_, i) => i);
    const gathered = new RowReader(context, own.region, keyed.layout, columns);
    const packed = new PackedReader(context, keyed.layout, file, this.parts[part]!);
    try {
      while (await packed.advance()) {
        for (let at = 0, count = 0; at < packed.count; at += count) {
          count = Math.min(context.rows(), packed.count - at);
          yield { columns: gathered.gather(packed.list + at * 4, 0, count), count, selection: 0, weights: 0 };
          await context.pause();
        }
      }
    } finally {
      packed.release();
    }
  }

  async close(): Promise<void> {
    for (const packer of this.packers) packer.release();
    this.region.release();
    await this.file.close();
  }
}

/** Stands for rows of a temporary file where an operator looks at the plan of its input. */
export function spilledRowsPlan(types: readonly SqlType[], rows: number): BatchPlan {
  return { kind: 'cte-scan', id: -1, name: 'spilled rows', types, names: types.map((_, i) => `column${i + 1}`), rows };
}
