// Sorts row addresses: a 64-bit normalised prefix of the keys per row, as few bits per key as the range of its values needs. Three phases,
// each in pieces that threads take: `fill` writes the prefixes and counts them by their top bits, `scatter` moves them into buckets
// by these, `buckets` sorts each bucket in the cache (sort_bucket), comparing whole keys only where prefixes are equal.
import { BATCH_ROWS } from '../../columns/batch.ts';
import { Region } from '../../columns/region.ts';
import type { RowColumn } from './row-layout.ts';
import type { RowContext } from './row-store.ts';
import { ENTRY_BYTES, PORTIONS_PER_SLICE, runSortPhase, type SortPhase, type SortPlan } from './sort-phases.ts';
import { ROW_KIND } from './value-kind.ts';

/** Entries per bucket aimed at. */
const BUCKET_ENTRIES = 2048;
const MAX_BUCKET_BITS = 12;
/** Addresses listed in one piece. */
const SLICE = 262_144;
/** Bits of the order image per kind (0: no image) and whether they hold the whole value. */
const IMAGE: Readonly<Record<number, readonly [bits: number, whole: boolean]>> = {
  [ROW_KIND.bool]: [1, true],
  [ROW_KIND.i32]: [32, true],
  [ROW_KIND.u32]: [32, true],
  [ROW_KIND.i64]: [64, true],
  [ROW_KIND.f32]: [64, true],
  [ROW_KIND.f64]: [64, true],
  [ROW_KIND.i128]: [64, false],
  [ROW_KIND.interval]: [64, false],
  [ROW_KIND.view]: [64, false],
  [ROW_KIND.bpchar]: [64, false],
  [ROW_KIND.numeric]: [64, false],
};
/** Bytes of a variable numeric up to which it has an image. */
const MAX_NUMERIC_BYTES = 19;

/** A key column as sorts see it; the range of i32 and i64 values is what makes prefixes short. */
export interface SortColumn {
  readonly column: RowColumn;
  /** as sortFlags gives them */
  readonly flags: number;
  readonly nullable: boolean;
  /** bytes of the longest value of a variable numeric, null: unknown */
  readonly longest: number | null;
  readonly range: { readonly least: bigint; readonly greatest: bigint } | null;
}

export class SortedRows {
  readonly count: number;
  private readonly context: RowContext;
  private readonly region: Region;
  private readonly entries: number;
  private readonly list: number;

  constructor(context: RowContext, region: Region, entries: number, count: number) {
    this.context = context;
    this.region = region;
    this.entries = entries;
    this.count = count;
    this.list = region.allocate(BATCH_ROWS * 4);
  }

  /** Addresses of rows from .. from + count - 1 in order, as u32 at the returned address; count <= BATCH_ROWS; valid until the next call. */
  rows(from: number, count: number): number {
    this.context.kernels.get('sort_rows')(this.entries, from, count, this.list);
    return this.list;
  }

  /** All addresses in order, in memory of this result. */
  async allRows(pause: () => Promise<void> | void): Promise<number> {
    const out = this.region.allocate(Math.max(1, this.count) * 4);
    for (let from = 0; from < this.count; from += SLICE) {
      const count = Math.min(SLICE, this.count - from);
      this.context.kernels.get('sort_rows')(this.entries, from, count, out + from * 4);
      await pause();
    }
    return out;
  }

  release(): void {
    this.region.release();
  }
}

/**
 * Sorts the rows of `portions` (of at most BATCH_ROWS) by the key columns. `runPhase` runs one phase of the plan to its end, on this thread
 * (sortAlone) or on several.
 */
export async function sortRows(
  context: RowContext,
  portions: readonly { address: number; count: number }[],
  rowBytes: number,
  keys: readonly SortColumn[],
  runPhase: (phase: SortPhase, plan: SortPlan) => Promise<void>,
): Promise<SortedRows> {
  const region = new Region(context.arena, context.owner);
  const { u32 } = context.memory;
  const total = portions.reduce((sum, { count }) => sum + count, 0);
  try {
    const slices = Math.ceil(portions.length / PORTIONS_PER_SLICE);
    const { parts, whole, used } = prefixParts(context, region, keys);
    const bucketBits = Math.min(used, MAX_BUCKET_BITS, Math.max(0, Math.ceil(Math.log2(total / BUCKET_ENTRIES))));
    const buckets = 2 ** bucketBits;
    const plan: SortPlan = {
      rowBytes,
      keys: keys.map(({ column }) => column),
      flags: keys.map(({ flags }) => flags),
      parts,
      whole,
      bucketBits,
      portions,
      entries: region.allocate(Math.max(1, total) * ENTRY_BYTES),
      sorted: region.allocate(Math.max(1, total) * ENTRY_BYTES),
      counts: region.allocateZeroed(Math.max(1, slices) * buckets * 4),
      ends: region.allocate(buckets * 4),
    };
    await runPhase('fill', plan);
    let place = 0;
    for (let bucket = 0; bucket < buckets; bucket++) {
      for (let slice = 0; slice < slices; slice++) {
        const word = (plan.counts >>> 2) + slice * buckets + bucket;
        const count = u32[word]!;
        u32[word] = place;
        place += count;
      }
      u32[(plan.ends >>> 2) + bucket] = place;
    }
    await runPhase('scatter', plan);
    await runPhase('buckets', plan);
    return new SortedRows(context, region, plan.sorted, total);
  } catch (error) {
    region.release();
    throw error;
  }
}

/** All phases on the calling thread; `pause` is awaited between bounded pieces of work. */
export function sortAlone(
  context: RowContext,
  pause: () => Promise<void> | void,
): (phase: SortPhase, plan: SortPlan) => Promise<void> {
  return (phase, plan) => {
    let next = 0;
    return runSortPhase(plan, phase, () => next++, context, pause);
  };
}

/** Which bits of which keys make the prefix, how many in all, and whether they are the whole key. */
function prefixParts(context: RowContext, region: Region, keys: readonly SortColumn[]) {
  const parts: SortPlan['parts'][number][] = [];
  let free = 64;
  let whole = true;
  for (const [key, { column, nullable, longest, range }] of keys.entries()) {
    const isLong = column.kind === ROW_KIND.numeric && (longest === null || longest > MAX_NUMERIC_BYTES);
    const image = isLong ? undefined : IMAGE[column.kind];
    const nullBits = nullable ? 1 : 0;
    whole = image !== undefined && free > nullBits;
    if (image === undefined || !whole) break;
    const significant = range === null ? image[0] : (range.greatest - range.least).toString(2).length;
    const bits = Math.min(significant, free - nullBits);
    free -= bits + nullBits;
    const least = range === null ? 0 : region.allocate(16);
    if (range !== null && column.kind === ROW_KIND.i64) context.memory.i64[least / 8] = range.least;
    if (range !== null && column.kind === ROW_KIND.i32) context.memory.i32[least >>> 2] = Number(range.least);
    parts.push({ key, nullable, bits, shift: free, least, lead: range === null ? 0 : image[0] - significant });
    whole = image[1] && bits === significant;
    if (!whole) break;
  }
  return { parts, whole, used: 64 - free };
}
