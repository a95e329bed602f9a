// DeleteVector: which rows of a group are deleted, and since which epoch. It costs a bit per row and two bytes per delete, outside the pool,
// whether the group's columns are in memory or not: so rows of groups that are on disk are deleted without loading them. Scans want an
// i64 epoch per row; that array is made in the arena for the first one that reads deleted rows, is kept in step, and goes when the
// group is evicted.
import { type BufferHome, GroupMemory } from './group-memory.ts';

const FEW_DELETES = 16;
/** The epoch of deletes that every reader sees. */
const LONG_AGO = 1n;

/** Deletes of one commit: from `start` on among the recent ones. */
interface Run {
  start: number;
  readonly epoch: bigint;
}

export class DeleteVector {
  private readonly home: BufferHome;
  /** a bit per deleted row, for as many rows as it took so far */
  private bits = new Uint8Array(0);
  /** deleted rows whose epoch a reader may still ask for, in the order of their deletion; the others are LONG_AGO */
  private recent = new Uint16Array(0);
  private recentCount = 0;
  private runs: Run[] = [];
  private deleted = 0;
  /** over all deletes there have been; after an undo they are only bounds */
  private first = 0n;
  private last = 0n;
  /** the array for scans */
  private memory: GroupMemory | null = null;
  private block = 0;
  private room = 0;

  constructor(home: BufferHome) {
    this.home = home;
  }

  get count(): number {
    return this.deleted;
  }

  /** No delete has happened at or before this epoch. */
  noneAt(epoch: bigint): boolean {
    return this.deleted === 0 || this.first > epoch;
  }

  /** All deletes have happened at this epoch. */
  allAt(epoch: bigint): boolean {
    return this.last <= epoch;
  }

  has(row: number): boolean {
    return (((this.bits[row >>> 3] ?? 0) >>> (row & 7)) & 1) === 1;
  }

  /** The epoch of a row's deletion; 0: it is there. */
  at(row: number): bigint {
    if (!this.has(row)) return 0n;
    const place = this.recentPlace(row);
    return place < 0 ? LONG_AGO : this.epochOf(place);
  }

  /** Marks a live row. */
  set(row: number, epoch: bigint): void {
    this.mark(row, epoch);
    if (this.recentCount === this.recent.length) this.growRecent();
    if (this.runs.at(-1)?.epoch !== epoch) this.runs.push({ start: this.recentCount, epoch });
    this.recent[this.recentCount++] = row;
    if (row < this.room) this.home.arena.shared.i64[this.block / 8 + row] = epoch;
  }

  /** Marks the rows of a saved bitmap: there are no readers yet. */
  restore(bitmap: Uint8Array): void {
    for (let row = 0; row < bitmap.length * 8; row++) {
      if ((bitmap[row >>> 3]! >>> (row & 7)) & 1) this.mark(row, LONG_AGO);
    }
  }

  /** Takes a delete back that no reader has seen; quickest for the newest. */
  clear(row: number): void {
    const place = this.recentPlace(row);
    this.recent.copyWithin(place, place + 1, this.recentCount);
    this.recentCount--;
    for (const run of this.runs) if (run.start > place) run.start--;
    this.runs = this.runs.filter(({ start }, i) => start < (this.runs[i + 1]?.start ?? this.recentCount));
    this.bits[row >>> 3]! &= ~(1 << (row & 7));
    this.deleted--;
    if (row < this.room) this.home.arena.shared.i64[this.block / 8 + row] = 0n;
  }

  /** The rows among the first `rowCount` deleted at an epoch, a bit each. */
  bitmapAt(epoch: bigint, rowCount: number): { readonly bitmap: Uint8Array; readonly count: number } {
    const bitmap = new Uint8Array((rowCount + 7) >>> 3);
    bitmap.set(this.bits.subarray(0, bitmap.length));
    for (const [i, run] of this.runs.entries()) {
      if (run.epoch <= epoch) continue;
      const end = this.runs[i + 1]?.start ?? this.recentCount;
      for (const row of this.recent.subarray(run.start, end)) {
        if (row >>> 3 < bitmap.length) bitmap[row >>> 3]! &= ~(1 << (row & 7));
      }
    }
    let count = 0;
    for (let byte of bitmap) for (; byte !== 0; byte &= byte - 1) count++;
    return { bitmap, count };
  }

  /** Address of an i64 epoch per row (0 = there), for readers of a group of `capacity` rows who have it pinned. Throws 53200. */
  array(capacity: number): number {
    if (capacity <= this.room) return this.block;
    const memory = new GroupMemory(this.home);
    const address = memory.allocate(capacity * 8);
    const epochs = this.home.arena.shared.i64.subarray(address / 8, address / 8 + capacity).fill(0n);
    for (let row = 0; row < capacity && this.deleted > this.recentCount; row++)
      if (this.has(row)) epochs[row] = LONG_AGO;
    for (const [i, { start, epoch }] of this.runs.entries()) {
      const end = this.runs[i + 1]?.start ?? this.recentCount;
      for (const row of this.recent.subarray(start, end)) epochs[row] = epoch;
    }
    const { memory: old } = this;
    if (old !== null) this.home.reclaimer.retire(() => old.release());
    this.memory = memory;
    this.block = address;
    this.room = capacity;
    return address;
  }

  /** Nobody has the group pinned: the array goes at once. */
  evictArray(): void {
    this.memory?.release();
    this.forgetArray();
  }

  /** No reader begins any more. */
  retire(): void {
    const { memory } = this;
    if (memory !== null) this.home.reclaimer.retire(() => memory.release());
    this.forgetArray();
  }

  private forgetArray(): void {
    this.memory = null;
    this.block = 0;
    this.room = 0;
  }

  private mark(row: number, epoch: bigint): void {
    const byte = row >>> 3;
    if (byte >= this.bits.length) {
      const grown = new Uint8Array(Math.max(FEW_DELETES, 2 ** Math.ceil(Math.log2(byte + 1))));
      grown.set(this.bits);
      this.bits = grown;
    }
    this.bits[byte]! |= 1 << (row & 7);
    if (this.deleted === 0 || epoch < this.first) this.first = epoch;
    if (epoch > this.last) this.last = epoch;
    this.deleted++;
  }

  private epochOf(place: number): bigint {
    let low = 0;
    let high = this.runs.length;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (this.runs[middle]!.start <= place) low = middle;
      else high = middle;
    }
    return this.runs[low]!.epoch;
  }

  /** Among the recent ones, or -1. */
  private recentPlace(row: number): number {
    return this.recentCount === 0 ? -1 : this.recent.lastIndexOf(row, this.recentCount - 1);
  }

  /** Room for one more: what every reader sees by now need not be known by epoch. */
  private growRecent(): void {
    const { settledEpoch } = this.home.reclaimer;
    const kept = this.runs.findIndex(({ epoch }) => epoch > settledEpoch);
    const settled = kept < 0 ? this.recentCount : this.runs[kept]!.start;
    const left = this.recentCount - settled;
    const room = left * 2 > this.recent.length ? this.recent.length * 2 : Math.max(FEW_DELETES, this.recent.length);
    const recent = new Uint16Array(room);
    recent.set(this.recent.subarray(settled, this.recentCount));
    this.recent = recent;
    this.recentCount = left;
    this.runs = kept < 0 ? [] : this.runs.slice(kept);
    for (const run of this.runs) run.start -= settled;
  }
}
