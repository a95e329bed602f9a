// RowPostings: row ids by the hash of a key that several rows may have: what CREATE INDEX without UNIQUE makes. It costs writers nothing: row
// ids only grow, so the rows that have come since the last lookup are entered when the next one asks. Nothing is ever taken out; who
// asks tests each row's visibility and key (hashes collide), and when most entries are dead the whole is built anew.
import type { Vector } from '../../columns/batch.ts';
import type { SharedMemory } from '../../columns/memory.ts';
import { chunkFrom, type RowGroup } from '../../columns/row-group.ts';
import { KeyEncoder } from './key-encoding.ts';
import { hashBytes } from './key-index.ts';

const FIRST_ENTRIES = 1024;
/** Rows entered in one piece. */
const SLICE = 8192;

export class RowPostings {
  /** for older snapshots than this, rows may be missing */
  completeSince = 0n;
  /** who enters rows now */
  catching: Promise<void> | null = null;
  /** row ids below this one have been entered */
  private covered = 0;
  private heads = new Int32Array(FIRST_ENTRIES); // entry + 1, by hash
  private next = new Int32Array(FIRST_ENTRIES); // entry + 1
  private hashes = new Int32Array(FIRST_ENTRIES);
  private rowIds = new Float64Array(FIRST_ENTRIES);
  private entries = 0;
  private readonly encoder = new KeyEncoder();

  get coveredTo(): number {
    return this.covered;
  }

  /** Whether a snapshot of a table with these figures must call catchUp before it asks. */
  lacks(nextRowId: number, liveRows: number): boolean {
    return this.covered < nextRowId || this.isMostlyDead(liveRows);
  }

  private isMostlyDead(liveRows: number): boolean {
    return this.entries > liveRows * 3 + FIRST_ENTRIES;
  }

  /** Begins anew where most entries are dead; before a catchUp over all groups, which may come in several calls. */
  clearIfMostlyDead(liveRows: number): void {
    if (this.isMostlyDead(liveRows)) this.clear();
  }

  /** Enters the rows of groups (their columns are the key's) that have come since; `epoch`: of the snapshot that gave the groups. */
  async catchUp(
    memory: SharedMemory,
    groups: readonly RowGroup[],
    epoch: bigint,
    pause: () => Promise<void>,
  ): Promise<void> {
    for (const group of groups) {
      const end = group.rowIdBase + group.rowCount;
      while (this.covered < end) {
        const from = Math.max(this.covered, group.rowIdBase);
        const to = Math.min(end, from + SLICE);
        if (epoch > this.completeSince) this.completeSince = epoch;
        this.enter(memory, group, from - group.rowIdBase, to - group.rowIdBase);
        this.covered = to;
        if (to < end) await pause();
      }
    }
  }

  /** Ids of rows that may have the key in `row` of the columns, at most `limit` of them; null: more. */
  find(memory: SharedMemory, columns: readonly Vector[], row: number, limit: number): number[] | null {
    const found: number[] = [];
    if (!this.encoder.encode(memory, columns, row, false)) return found;
    const hash = hashBytes(this.encoder.bytes, this.encoder.length);
    for (let at = this.heads[hash & (this.heads.length - 1)]!; at !== 0; at = this.next[at - 1]!) {
      if (this.hashes[at - 1] !== hash) continue;
      if (found.length === limit) return null;
      found.push(this.rowIds[at - 1]!);
    }
    return found;
  }

  private enter(memory: SharedMemory, group: RowGroup, from: number, to: number): void {
    const columns = group.columns.map((chunk) => chunkFrom(chunk, from));
    this.reserve(this.entries + to - from);
    const mask = this.heads.length - 1;
    for (let row = 0; row < to - from; row++) {
      if (!this.encoder.encode(memory, columns, row, false)) continue;
      const hash = hashBytes(this.encoder.bytes, this.encoder.length);
      const entry = this.entries++;
      this.hashes[entry] = hash;
      this.rowIds[entry] = group.rowIdBase + from + row;
      this.next[entry] = this.heads[hash & mask]!;
      this.heads[hash & mask] = entry + 1;
    }
  }

  private reserve(entries: number): void {
    if (entries <= this.hashes.length) return;
    const size = 2 ** Math.ceil(Math.log2(entries));
    const [hashes, rowIds] = [this.hashes, this.rowIds];
    this.hashes = new Int32Array(size);
    this.hashes.set(hashes);
    this.rowIds = new Float64Array(size);
    this.rowIds.set(rowIds);
    this.next = new Int32Array(size);
    this.heads = new Int32Array(size);
    for (let entry = 0; entry < this.entries; entry++) {
      const place = this.hashes[entry]! & (size - 1);
      this.next[entry] = this.heads[place]!;
      this.heads[place] = entry + 1;
    }
  }

  private clear(): void {
    this.entries = 0;
    this.covered = 0;
    this.heads = new Int32Array(FIRST_ENTRIES);
    this.next = new Int32Array(FIRST_ENTRIES);
    this.hashes = new Int32Array(FIRST_ENTRIES);
    this.rowIds = new Float64Array(FIRST_ENTRIES);
  }
}
