// Region: bump allocation for one owner inside arena blocks. A pipeline keeps its vectors in a region for its whole life and
// the bytes of one batch's strings in a second region that is reset between batches. Nothing is freed singly.
import type { Arena } from './memory.ts';

export class Region {
  readonly arena: Arena;
  readonly owner: number;
  private readonly blockBytes: number;
  private readonly blocks: { address: number; bytes: number }[] = [];
  private current = -1; // index into blocks
  private cursor = 0;
  private end = 0;
  private blockTotal = 0;

  constructor(arena: Arena, owner: number, blockBytes = 65_536) {
    this.arena = arena;
    this.owner = owner;
    this.blockBytes = blockBytes;
  }

  /** `bytes` of memory, 16-byte aligned, NOT zeroed. Throws 53200 past the owner's budget. */
  allocate(bytes: number): number {
    const size = (bytes + 15) & ~15;
    if (this.cursor + size > this.end) this.nextBlock(size);
    const address = this.cursor;
    this.cursor += size;
    return address;
  }

  allocateZeroed(bytes: number): number {
    const address = this.allocate(bytes);
    this.arena.shared.u8.fill(0, address, address + bytes);
    return address;
  }

  /** Of all its blocks. */
  get bytes(): number {
    return this.blockTotal;
  }

  /** Of the next block that it takes from the arena, unless more is asked for at once. */
  get nextBytes(): number {
    return Math.min(16_777_216, this.blockBytes * 2 ** Math.min(8, this.blocks.length >> 1));
  }

  /** Room left in the current block, for kernels that append bytes: use [cursor, limit), then call `advance`. */
  get window(): { cursor: number; limit: number } {
    return { cursor: this.cursor, limit: this.end };
  }

  /** Makes sure the current block has at least `bytes` left. */
  reserve(bytes: number): void {
    if (this.cursor + bytes > this.end) this.nextBlock(bytes);
  }

  /** A kernel has used the window up to `cursor`. */
  advance(cursor: number): void {
    this.cursor = (cursor + 15) & ~15;
  }

  /** Forgets everything allocated, keeping the blocks for reuse. */
  reset(): void {
    this.current = -1;
    this.cursor = 0;
    this.end = 0;
  }

  /** Forgets the blocks, which stay allocated: whoever takes their addresses frees them. */
  handOver(): number[] {
    const addresses = this.blocks.map((block) => block.address);
    this.blocks.length = 0;
    this.blockTotal = 0;
    this.reset();
    return addresses;
  }

  /** Gives all blocks back to the arena. */
  release(): void {
    for (const block of this.blocks) this.arena.free(this.owner, block.address);
    this.blocks.length = 0;
    this.blockTotal = 0;
    this.reset();
  }

  get blockCount(): number {
    return this.blocks.length;
  }

  private nextBlock(bytes: number): void {
    while (++this.current < this.blocks.length) {
      const block = this.blocks[this.current]!;
      if (block.bytes < bytes) continue;
      this.cursor = block.address;
      this.end = block.address + block.bytes;
      return;
    }
    const block = this.arena.allocate(this.owner, Math.max(bytes, this.nextBytes));
    this.blocks.push(block);
    this.blockTotal += block.bytes;
    this.current = this.blocks.length - 1;
    this.cursor = block.address;
    this.end = block.address + block.bytes;
  }
}
