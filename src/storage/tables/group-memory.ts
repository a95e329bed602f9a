// GroupMemory: the arena blocks of one row buffer. Arrays of 64 KiB and more (powers of two at full size) are blocks of
// their own, so that nothing is wasted; smaller ones share a region. Everything is given back at once.
import type { Arena } from '../../columns/memory.ts';
import { UNIT_BYTES } from '../../columns/memory.ts';
import { Region } from '../../columns/region.ts';

export class GroupMemory {
  private readonly arena: Arena;
  private readonly owner: number;
  private readonly small: Region;
  private readonly blocks: number[] = [];

  constructor(arena: Arena, owner: number) {
    this.arena = arena;
    this.owner = owner;
    this.small = new Region(arena, owner);
  }

  /** `bytes` of memory, at least 16-byte aligned, not zeroed. Throws 53200. */
  allocate(bytes: number): number {
    if (bytes < UNIT_BYTES) return this.small.allocate(bytes);
    const { address } = this.arena.allocate(this.owner, bytes);
    this.blocks.push(address);
    return address;
  }

  release(): void {
    for (const address of this.blocks) this.arena.free(this.owner, address);
    this.blocks.length = 0;
    this.small.release();
  }
}

/** Frees memory only when no snapshot can still hold its address: see snapshots.ts. */
export interface Reclaimer {
  retire(free: () => void): void;
}
