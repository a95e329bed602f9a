// External sort: what an operator keeps is sorted and written to a temporary file as a run whenever memory is short; at the end the runs are
// merged. Where there are many, they become fewer first: a merge reads a block of each at a time.
import { BATCH_ROWS } from '../../columns/batch.ts';
import { Region } from '../../columns/region.ts';
import type { SortKey } from '../../plan/expression.ts';
import { ColumnDescriptors, type RowLayout, sortFlags } from '../rows/row-layout.ts';
import type { SortedRows } from '../rows/row-sort.ts';
import type { RunContext } from './batch-context.ts';
import type { KeyedLayout } from './keyed-rows.ts';
import type { SpillFile } from './spill-file.ts';
import { boundBytes } from './spill-limit.ts';
import { blockBytes, PackedReader, RowPacker, type SpilledRows, streamBytes } from './spill-rows.ts';

/** Runs merged at once, where their blocks fit into half of what the statement may have. */
const FAN_IN = 64;

export class SortedRuns {
  readonly keyed: KeyedLayout;
  /** bytes written */
  bytes = 0;
  private readonly context: RunContext;
  private readonly keys: readonly SortKey[];
  private readonly block: number;
  private readonly fanIn: number;
  private runs: SpilledRows[] = [];
  private file: SpillFile | null = null;
  private merge: RunMerge | null = null;

  constructor(keyed: KeyedLayout, keys: readonly SortKey[], context: RunContext) {
    this.keyed = keyed;
    this.keys = keys;
    this.context = context;
    const bound = boundBytes(context);
    this.block = blockBytes(bound, FAN_IN);
    this.fanIn = Math.min(FAN_IN, Math.max(2, Math.floor(bound / 2 / streamBytes(this.block))));
  }

  get isEmpty(): boolean {
    return this.runs.length === 0;
  }

  /** Writes rows in their order as another run. */
  async add(sorted: SortedRows): Promise<void> {
    this.file ??= await this.context.spill!.open();
    const run = await this.written(this.file, async (packer) => {
      for (let at = 0; at < sorted.count; at += BATCH_ROWS) {
        const count = Math.min(BATCH_ROWS, sorted.count - at);
        await packer.add(sorted.rows(at, count), count);
        await this.context.pause();
      }
    });
    this.runs.push(run);
  }

  /** At most `room` next rows of all runs in order: how many, their addresses at `rows`, good until the next call; 0: no more. */
  async next(room = BATCH_ROWS): Promise<{ readonly rows: number; readonly count: number }> {
    if (this.merge === null) {
      await this.unite();
      this.merge = await RunMerge.begin(this.file!, this.runs, this.keyed, this.keys, this.context);
    }
    return this.merge.next(room);
  }

  async close(): Promise<void> {
    this.merge?.release();
    await this.file?.close();
    this.file = null;
  }

  /** Merges neighbouring runs, into another file each time, until they are few enough to be merged at once. */
  private async unite(): Promise<void> {
    while (this.runs.length > this.fanIn) {
      const [from, before] = [this.file!, this.runs];
      this.file = await this.context.spill!.open();
      this.runs = [];
      for (let at = 0; at < before.length; at += this.fanIn) {
        this.runs.push(await this.united(from, before.slice(at, at + this.fanIn), this.file));
      }
      await from.close();
    }
  }

  private async united(from: SpillFile, runs: readonly SpilledRows[], to: SpillFile): Promise<SpilledRows> {
    const merge = await RunMerge.begin(from, runs, this.keyed, this.keys, this.context);
    try {
      return await this.written(to, async (packer) => {
        for (let part = await merge.next(); part.count > 0; part = await merge.next()) {
          await packer.add(part.rows, part.count);
          await this.context.pause();
        }
      });
    } finally {
      merge.release();
    }
  }

  private async written(file: SpillFile, write: (packer: RowPacker) => Promise<void>): Promise<SpilledRows> {
    const packer = new RowPacker(this.context, this.keyed.layout, file, this.block);
    const before = file.size;
    try {
      await write(packer);
      return await packer.finish();
    } finally {
      packer.release();
      this.bytes += file.size - before;
    }
  }
}

/** Words of a merge's state before those of its runs: see kernels/assembly/spill.ts. */
const HEAD_WORDS = 2;
const NOTHING = { rows: 0, count: 0 };

class RunMerge {
  private readonly context: RunContext;
  private readonly region: Region;
  private readonly readers: readonly PackedReader[];
  private readonly descriptors: ColumnDescriptors;
  private readonly state: number;
  private readonly out: number;

  private constructor(
    file: SpillFile,
    runs: readonly SpilledRows[],
    keyed: { readonly layout: RowLayout; readonly keys: KeyedLayout['keys'] },
    keys: readonly SortKey[],
    context: RunContext,
  ) {
    this.context = context;
    this.region = new Region(context.arena, context.owner);
    this.readers = runs.map((run) => new PackedReader(context, keyed.layout, file, run));
    this.descriptors = new ColumnDescriptors(context.memory, this.region, keyed.keys, keys.map(sortFlags));
    this.state = this.region.allocateZeroed((HEAD_WORDS + runs.length * 3) * 4);
    this.out = this.region.allocate(BATCH_ROWS * 4);
  }

  /** `runs` have rows. */
  static async begin(
    file: SpillFile,
    runs: readonly SpilledRows[],
    keyed: KeyedLayout,
    keys: readonly SortKey[],
    context: RunContext,
  ): Promise<RunMerge> {
    const merge = new RunMerge(file, runs, keyed, keys, context);
    for (let run = 0; run < runs.length; run++) await merge.fill(run);
    const { address, count } = merge.descriptors;
    context.kernels.get('merge_begin')(merge.state, runs.length, address, count);
    return merge;
  }

  /** Gives a run its next block, or none. */
  private async fill(run: number): Promise<void> {
    const { u32 } = this.context.memory;
    const reader = this.readers[run]!;
    const word = (this.state >>> 2) + HEAD_WORDS + run * 2;
    const bytes = (await reader.advance()) ? reader.count * 4 : 0;
    u32[word] = reader.list;
    u32[word + 1] = reader.list + bytes;
  }

  async next(room = BATCH_ROWS): Promise<{ readonly rows: number; readonly count: number }> {
    const { memory, kernels } = this.context;
    const word = this.state >>> 2;
    const runs = this.readers.length;
    if (memory.u32[word] === 0) return NOTHING;
    if (memory.u32[word + 1] === 1) await this.fill(memory.u32[word + HEAD_WORDS + runs * 2]!);
    const { address, count } = this.descriptors;
    return { rows: this.out, count: kernels.get('merge_rows')(this.state, runs, address, count, this.out, room) };
  }

  release(): void {
    for (const reader of this.readers) reader.release();
    this.region.release();
  }
}
