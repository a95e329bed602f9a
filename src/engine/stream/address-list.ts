// AddressList: u32 row addresses (or i64 values) in the arena, growing by doubling; used again after `clear`.
import { BATCH_ROWS } from '../../columns/batch.ts';
import type { Arena } from '../../columns/memory.ts';

export class AddressList {
  count = 0;
  address = 0;
  private room = 0;
  private readonly arena: Arena;
  private readonly owner: number;
  private readonly width: number;

  constructor(arena: Arena, owner: number, width: 4 | 8 = 4) {
    this.arena = arena;
    this.owner = owner;
    this.width = width;
  }

  /** Address behind the last entry, with room for `more` of them. */
  reserve(more: number): number {
    if (this.count + more > this.room) this.grow(this.count + more);
    return this.address + this.count * this.width;
  }

  clear(): void {
    this.count = 0;
  }

  /** What is in it, in portions of at most BATCH_ROWS. */
  *portions(): Generator<{ readonly address: number; readonly count: number }, void, undefined> {
    const { address, count, width } = this;
    for (let at = 0; at < count; at += BATCH_ROWS)
      yield { address: address + at * width, count: Math.min(BATCH_ROWS, count - at) };
  }

  release(): void {
    if (this.address !== 0) this.arena.free(this.owner, this.address);
    this.address = 0;
    this.room = 0;
    this.count = 0;
  }

  private grow(entries: number): void {
    const block = this.arena.allocate(this.owner, Math.max(65_536, entries * this.width, this.room * this.width * 2));
    this.arena.shared.u8.copyWithin(block.address, this.address, this.address + this.count * this.width);
    if (this.address !== 0) this.arena.free(this.owner, this.address);
    this.address = block.address;
    this.room = Math.floor(block.bytes / this.width);
  }
}
