// The phases of a sort, on one of its threads: see row-sort.ts. A plan is plain data; the numbers of slices and buckets come from a
// counter that all threads of the sort share.
import { BATCH_ROWS } from '../../columns/batch.ts';
import { Region } from '../../columns/region.ts';
import { ColumnDescriptors, type RowColumn } from './row-layout.ts';
import type { RowContext } from './row-store.ts';

/** A u64 prefix and the u32 address of the row. */
export const ENTRY_BYTES = 12;
/** Portions of rows that a thread takes at a time. */
export const PORTIONS_PER_SLICE = 16;
/** Entries that one kernel call may sort. */
const LIMIT = 32_768;
const RUN = 4_096;
/** 1 KiB per level: prefixes have 8, and as many again for each part of the keys behind them. */
const SCRATCH_BYTES = 128 * 1024;

export type SortPhase = 'fill' | 'scatter' | 'buckets';
type Pause = () => Promise<void> | void;

export interface PrefixPart {
  readonly key: number;
  readonly nullable: boolean;
  readonly bits: number;
  /** distance from the prefix's low end */
  readonly shift: number;
  /** address of the least value, or 0 */
  readonly least: number;
  /** top bits of the image that are always zero */
  readonly lead: number;
}

export interface SortPlan {
  readonly rowBytes: number;
  readonly keys: readonly RowColumn[];
  readonly flags: readonly number[];
  readonly parts: readonly PrefixPart[];
  /** the prefix is the whole key */
  readonly whole: boolean;
  readonly bucketBits: number;
  readonly portions: readonly { readonly address: number; readonly count: number }[];
  /** entries as filled, and in buckets */
  readonly entries: number;
  readonly sorted: number;
  /** per slice, per bucket: entries, then the place of the next one */
  readonly counts: number;
  /** one past the last entry of each bucket */
  readonly ends: number;
}

export async function runSortPhase(
  plan: SortPlan,
  phase: SortPhase,
  next: () => number,
  context: RowContext,
  pause: Pause,
): Promise<void> {
  const region = new Region(context.arena, context.owner);
  try {
    if (phase === 'buckets') await new BucketSorter(plan, context, region, pause).run(next);
    else await eachSlice(plan, phase, next, context, region, pause);
  } finally {
    region.release();
  }
}

async function eachSlice(
  plan: SortPlan,
  phase: 'fill' | 'scatter',
  next: () => number,
  context: RowContext,
  region: Region,
  pause: Pause,
): Promise<void> {
  const { kernels } = context;
  const filler = new PrefixFiller(plan, context, region);
  const starts: number[] = [0];
  for (const { count } of plan.portions) starts.push(starts.at(-1)! + count);
  for (let slice = next(); slice * PORTIONS_PER_SLICE < plan.portions.length; slice = next()) {
    const first = slice * PORTIONS_PER_SLICE;
    const last = Math.min(first + PORTIONS_PER_SLICE, plan.portions.length);
    const { bucketBits: bits, entries, sorted } = plan;
    const shift = bits === 0 ? 0 : 64 - bits;
    const counts = plan.counts + slice * 2 ** bits * 4;
    const [from, to] = [starts[first]!, starts[last]!];
    if (phase === 'fill') {
      for (let p = first; p < last; p++) filler.fill(plan.portions[p]!, starts[p]!);
      kernels.get('sort_count')(entries, from, to, shift, bits, counts);
    } else kernels.get('sort_distribute')(entries, from, to, shift, bits, counts, sorted);
    const paused = pause();
    if (paused !== undefined) await paused;
  }
}

/** Writes the entries of portions of rows. */
class PrefixFiller {
  private readonly plan: SortPlan;
  private readonly context: RowContext;
  private readonly descriptors: ColumnDescriptors;
  private readonly rows: number;

  constructor(plan: SortPlan, context: RowContext, region: Region) {
    this.plan = plan;
    this.context = context;
    this.descriptors = new ColumnDescriptors(context.memory, region, plan.keys, plan.flags);
    this.rows = region.allocate(BATCH_ROWS * 4);
  }

  fill({ address, count }: { address: number; count: number }, start: number): void {
    const { kernels, memory } = this.context;
    const { parts } = this.plan;
    const entries = this.plan.entries + start * ENTRY_BYTES;
    kernels.get('sequence_u32')(this.rows, address, this.plan.rowBytes, count);
    parts.forEach(({ key, nullable, bits, shift, least, lead }, i) => {
      const descriptor = this.descriptors.at(key);
      const first = i === 0 ? 1 : 0;
      kernels.get('sort_prefix')(
        entries, this.rows, count, descriptor, nullable ? 1 : 0, bits, shift, first, least, lead,
      ); // biome-ignore format: one call
    });
    if (parts.length > 0) return;
    const { u32 } = memory;
    for (let i = 0; i < count; i++) {
      const word = (entries + i * ENTRY_BYTES) >>> 2;
      u32[word] = 0;
      u32[word + 1] = 0;
      u32[word + 2] = u32[(this.rows >>> 2) + i]!;
    }
  }
}

const BUCKETS_PER_MORSEL = 8;

/** How far the keys have been looked at: those before `key`, and `seen` of it (a kernel's number; NOTHING). */
interface KeyPart {
  readonly key: number;
  readonly seen: number;
}

const NOTHING = -2;

class BucketSorter {
  private readonly plan: SortPlan;
  private readonly context: RowContext;
  private readonly pause: Pause;
  private readonly descriptors: ColumnDescriptors;
  private readonly columns: number;
  /** what comes first behind the prefixes: the key they do not hold whole */
  private readonly begin: KeyPart;
  private readonly state: number;
  private readonly scratch: number;

  constructor(plan: SortPlan, context: RowContext, region: Region, pause: Pause) {
    this.plan = plan;
    this.context = context;
    this.pause = pause;
    this.descriptors = new ColumnDescriptors(context.memory, region, plan.keys, plan.flags);
    this.columns = plan.whole ? 0 : plan.keys.length;
    this.begin = { key: Math.max(0, plan.parts.length - 1), seen: NOTHING };
    this.state = region.allocate(16);
    this.scratch = region.allocate(SCRATCH_BYTES);
  }

  async run(next: () => number): Promise<void> {
    const { u32 } = this.context.memory;
    const buckets = 2 ** this.plan.bucketBits;
    const end = (bucket: number) => (bucket < 0 ? 0 : u32[(this.plan.ends >>> 2) + bucket]!);
    for (let morsel = next(); morsel * BUCKETS_PER_MORSEL < buckets; morsel = next()) {
      const first = morsel * BUCKETS_PER_MORSEL;
      for (let bucket = first; bucket < Math.min(first + BUCKETS_PER_MORSEL, buckets); bucket++) {
        await this.sort(end(bucket - 1), end(bucket), this.plan.bucketBits, this.begin);
      }
    }
  }

  /** Sorts entries whose top `bit` prefix bits are equal; what one call may not do is cut by the next bits, or by more of the keys. */
  private async sort(from: number, to: number, bit: number, held: KeyPart): Promise<void> {
    if (to - from < 2) return;
    if (to - from <= LIMIT) {
      const { sorted, entries } = this.plan;
      const end = this.scratch + SCRATCH_BYTES;
      const { address } = this.descriptors;
      this.context.kernels.get('sort_bucket')(
        sorted, from, to, entries, bit, this.scratch, end, address, this.columns, held.key, held.seen,
      ); // biome-ignore format: one call
      const paused = this.pause();
      if (paused !== undefined) await paused;
    } else if (bit < 64) await this.split(from, to, bit, held);
    else if (this.columns > 0) await this.refine(from, to, held);
  }

  private async split(from: number, to: number, bit: number, held: KeyPart): Promise<void> {
    const { memory, kernels } = this.context;
    const { sorted, entries } = this.plan;
    const ends = new Uint32Array(257).fill(from);
    const word = this.scratch >>> 2;
    const shift = Math.max(0, 56 - bit);
    const bits = Math.min(8, 64 - bit);
    memory.u32.fill(0, word, word + 256);
    for (let at = from; at < to; at += LIMIT) {
      kernels.get('sort_count')(sorted, at, Math.min(to, at + LIMIT), shift, bits, this.scratch);
      await this.pause();
    }
    if (memory.u32.subarray(word, word + 256).includes(to - from)) return this.sort(from, to, bit + 8, held);
    for (let b = 0, place = from; b < 256; b++) {
      const count = memory.u32[word + b]!;
      memory.u32[word + b] = place;
      place += count;
      ends[b + 1] = place;
    }
    for (let at = from; at < to; at += LIMIT) {
      kernels.get('sort_distribute')(sorted, at, Math.min(to, at + LIMIT), shift, bits, this.scratch, entries);
      await this.pause();
    }
    for (let at = from; at < to; at += LIMIT) {
      const [start, end] = [at * ENTRY_BYTES, Math.min(to, at + LIMIT) * ENTRY_BYTES];
      memory.u8.copyWithin(sorted + start, entries + start, entries + end);
      await this.pause();
    }
    for (let b = 0; b < 256; b++) await this.sort(ends[b]!, ends[b + 1]!, bit + 8, held);
  }

  /** Equal prefixes become the next part of the keys in which the rows differ. */
  private async refine(from: number, to: number, { key, seen }: KeyPart): Promise<void> {
    const { memory, kernels } = this.context;
    const { sorted } = this.plan;
    const { address } = this.descriptors;
    const word = this.state >>> 2;
    memory.i32[word] = key;
    memory.i32[word + 1] = seen;
    for (;;) {
      const found = kernels.get('sort_next_part')(sorted, from, address, this.columns, this.state);
      if (found === 0) return;
      const held = { key: memory.i32[word]!, seen: memory.i32[word + 1]! };
      if (found === 2) return this.mergeRuns(from, to);
      let differs = 0;
      for (let at = from; at < to; at += LIMIT) {
        differs |= kernels.get('sort_refine')(sorted, at, Math.min(to, at + LIMIT), address, this.state, from);
        await this.pause();
      }
      if (differs !== 0) return this.split(from, to, 0, held);
    }
  }

  /** Equal prefixes whose keys have no further parts: runs sorted one by one by comparing rows, then merged pairwise. */
  private async mergeRuns(start: number, end: number): Promise<void> {
    const { memory, kernels } = this.context;
    const { address } = this.descriptors;
    const { columns } = this;
    const home = this.plan.sorted + start * ENTRY_BYTES;
    const spare = this.plan.entries + start * ENTRY_BYTES;
    for (let from = start; from < end; from += RUN) {
      kernels.get('sort_range')(this.plan.sorted, from, Math.min(end, from + RUN), spare, address, columns);
      await this.pause();
    }
    let source = home;
    let target = spare;
    const rows = end - start;
    for (let width = RUN; width < rows; width *= 2) {
      for (let from = 0; from < rows; from += width * 2) {
        const middle = source + Math.min(rows, from + width) * ENTRY_BYTES;
        const last = source + Math.min(rows, from + width * 2) * ENTRY_BYTES;
        const out = target + from * ENTRY_BYTES;
        kernels.get('sort_merge')(source + from * ENTRY_BYTES, middle, middle, last, out, address, columns);
        await this.pause();
      }
      [source, target] = [target, source];
    }
    if (source !== home) memory.u8.copyWithin(home, source, source + rows * ENTRY_BYTES);
  }
}
