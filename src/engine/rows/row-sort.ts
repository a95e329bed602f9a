// Sorts row addresses: a 64-bit normalised prefix of the keys per row, stable radix passes over the bytes of the prefix that
// differ, then merge sort by full comparison of the runs whose prefixes are equal (unless the prefix holds the whole key).
import { BATCH_ROWS } from '../../columns/batch.ts';
import { Region } from '../../columns/region.ts';
import { ColumnDescriptors, ROW_KIND, type RowColumn } from './row-layout.ts';
import type { RowContext } from './row-store.ts';

const ENTRY_BYTES = 12;
const SLICE = 65_536;
const SMALL = 4_096;
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
};

interface PrefixPart {
  readonly key: number;
  readonly bits: number;
  readonly shift: number;
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
  allRows(): number {
    const out = this.region.allocate(Math.max(1, this.count) * 4);
    this.context.kernels.get('sort_rows')(this.entries, 0, this.count, out);
    return out;
  }

  release(): void {
    this.region.release();
  }
}

/** Sorts the rows of `portions` by the key columns (flags as sortFlags gives them). `pause` is awaited between bounded pieces of work. */
export async function sortRows(
  context: RowContext,
  portions: Iterable<{ address: number; count: number }>,
  rowBytes: number,
  total: number,
  keys: readonly RowColumn[],
  flags: readonly number[],
  pause: () => Promise<void> | void,
): Promise<SortedRows> {
  const region = new Region(context.arena, context.owner);
  try {
    const descriptors = new ColumnDescriptors(context.memory, region, keys, flags);
    const entries = region.allocate(Math.max(1, total) * ENTRY_BYTES);
    const { parts, whole } = prefixParts(keys);
    const rows = region.allocate(BATCH_ROWS * 4);
    const { kernels } = context;
    let at = 0;
    for (const portion of portions) {
      kernels.get('sequence_u32')(rows, portion.address, rowBytes, portion.count);
      fillPrefixes(context, entries + at * ENTRY_BYTES, rows, portion.count, descriptors, parts);
      at += portion.count;
      await pause();
    }
    if (total <= SMALL) {
      const temp = region.allocate(Math.max(1, total) * ENTRY_BYTES);
      kernels.get('sort_range')(entries, 0, total, temp, descriptors.address, descriptors.count);
      return new SortedRows(context, region, entries, total);
    }
    const temp = region.allocate(total * ENTRY_BYTES);
    const sorted = await radixSort(context, region, entries, temp, total, pause);
    if (!whole) await sortTies(context, region, sorted, sorted === entries ? temp : entries, total, descriptors, pause);
    return new SortedRows(context, region, sorted, total);
  } catch (error) {
    region.release();
    throw error;
  }
}

/** Which bits of which keys make the prefix; every part has a null bit above its bits. */
function prefixParts(keys: readonly RowColumn[]): { parts: PrefixPart[]; whole: boolean } {
  const parts: PrefixPart[] = [];
  let free = 64;
  let whole = true;
  for (let key = 0; key < keys.length; key++) {
    const image = IMAGE[keys[key]!.kind];
    if (image === undefined || free < 2) return { parts, whole: false };
    const bits = Math.min(image[0], free - 1);
    free -= bits + 1;
    parts.push({ key, bits, shift: free });
    whole = image[1] && bits === image[0];
    if (!whole) return { parts, whole: false };
  }
  return { parts, whole };
}

function fillPrefixes(
  context: RowContext,
  entries: number,
  rows: number,
  count: number,
  descriptors: ColumnDescriptors,
  parts: readonly PrefixPart[],
): void {
  const kernel = context.kernels.get('sort_prefix');
  parts.forEach(({ key, bits, shift }, i) => {
    kernel(entries, rows, count, descriptors.at(key), 1, bits, shift, i === 0 ? 1 : 0);
  });
  if (parts.length > 0) return;
  const { u32 } = context.memory;
  for (let i = 0; i < count; i++) {
    const word = (entries + i * ENTRY_BYTES) >>> 2;
    u32[word] = 0;
    u32[word + 1] = 0;
    u32[word + 2] = u32[(rows >>> 2) + i]!;
  }
}

async function radixSort(
  context: RowContext,
  region: Region,
  entries: number,
  temp: number,
  total: number,
  pause: () => Promise<void> | void,
): Promise<number> {
  const { kernels, memory } = context;
  const histograms = region.allocateZeroed(8 * 256 * 4);
  for (let from = 0; from < total; from += SLICE) {
    kernels.get('sort_histograms')(entries, from, Math.min(total, from + SLICE), histograms);
    await pause();
  }
  let source = entries;
  let target = temp;
  for (let byte = 0; byte < 8; byte++) {
    const word = (histograms >>> 2) + byte * 256;
    const counts = memory.u32.subarray(word, word + 256);
    if (counts.includes(total)) continue;
    let place = 0;
    for (let b = 0; b < 256; b++) {
      const count = counts[b]!;
      counts[b] = place;
      place += count;
    }
    for (let from = 0; from < total; from += SLICE) {
      kernels.get('sort_scatter')(source, from, Math.min(total, from + SLICE), byte, word << 2, target);
      await pause();
    }
    [source, target] = [target, source];
  }
  return source;
}

async function sortTies(
  context: RowContext,
  region: Region,
  entries: number,
  temp: number,
  total: number,
  descriptors: ColumnDescriptors,
  pause: () => Promise<void> | void,
): Promise<void> {
  const { kernels, memory } = context;
  const found = region.allocate(16);
  let from = 0;
  while (from < total && kernels.get('sort_next_tie')(entries, from, total, found) === 1) {
    const start = memory.u32[found >>> 2]!;
    const end = memory.u32[(found >>> 2) + 1]!;
    await sortTie(context, entries, temp, start, end, descriptors, pause);
    from = end;
  }
}

/** Runs of SMALL entries sorted one by one, then merged pairwise. */
async function sortTie(
  context: RowContext,
  entries: number,
  temp: number,
  start: number,
  end: number,
  descriptors: ColumnDescriptors,
  pause: () => Promise<void> | void,
): Promise<void> {
  const { address, count } = descriptors;
  const sortRange = context.kernels.get('sort_range');
  const merge = context.kernels.get('sort_merge');
  for (let from = start; from < end; from += SMALL) {
    sortRange(entries, from, Math.min(end, from + SMALL), temp, address, count);
    if ((from - start) % (SMALL * 4) === 0) await pause();
  }
  let source = entries + start * ENTRY_BYTES;
  let target = temp;
  const rows = end - start;
  for (let width = SMALL; width < rows; width *= 2) {
    for (let from = 0; from < rows; from += width * 2) {
      const middle = source + Math.min(rows, from + width) * ENTRY_BYTES;
      const last = source + Math.min(rows, from + width * 2) * ENTRY_BYTES;
      merge(source + from * ENTRY_BYTES, middle, middle, last, target + from * ENTRY_BYTES, address, count);
      await pause();
    }
    [source, target] = [target, source];
  }
  const home = entries + start * ENTRY_BYTES;
  if (source !== home) context.memory.u8.copyWithin(home, source, source + rows * ENTRY_BYTES);
}
