// SmallBlocks: pieces of less than an arena block, in powers of two, from shared blocks with a free list per size. So a transaction of
// one row or a table of ten does not take 64 KiB per column. Blocks stay with the pool.
import { type Arena, UNIT_BYTES } from '../../columns/memory.ts';

const SMALLEST_BITS = 8;

export class SmallBlocks {
  private readonly arena: Arena;
  private readonly owner: number;
  private readonly free: number[][] = [];

  constructor(arena: Arena, owner: number) {
    this.arena = arena;
    this.owner = owner;
  }

  /** An address with `bytes` (less than UNIT_BYTES) behind it, 256-byte aligned, not zeroed. Throws 53200. */
  allocate(bytes: number): number {
    const bits = sizeBits(bytes);
    const list = this.listOf(bits);
    const address = list.pop();
    if (address !== undefined) return address;
    const block = this.arena.allocate(this.owner, UNIT_BYTES).address;
    for (let at = UNIT_BYTES - 2 ** bits; at > 0; at -= 2 ** bits) list.push(block + at);
    return block;
  }

  release(address: number, bytes: number): void {
    this.listOf(sizeBits(bytes)).push(address);
  }

  private listOf(bits: number): number[] {
    this.free[bits] ??= [];
    return this.free[bits]!;
  }
}

function sizeBits(bytes: number): number {
  return Math.max(SMALLEST_BITS, 32 - Math.clz32(Math.max(1, bytes) - 1));
}
