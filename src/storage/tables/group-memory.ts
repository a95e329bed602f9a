// GroupMemory: the arena memory of one row buffer's arrays. Arrays of 64 KiB and more (powers of two at full size) are blocks of their
// own, smaller ones come from the pool's SmallBlocks. Everything is given back at once.
import { type Arena, UNIT_BYTES } from '../../columns/memory.ts';
import { toSqlError } from '../../errors/sql-error.ts';
import type { SmallBlocks } from './small-blocks.ts';

/** Frees memory only when no snapshot can still hold its address: see snapshots.ts. */
export interface Reclaimer {
  /** `upTo`: only snapshots up to this serial can hold it; default: all that are open. */
  retire(free: () => void, upTo?: number): void;
  /** serial of the newest snapshot */
  readonly newest: number;
  /** nobody reads at an epoch before it, now or later */
  readonly settledEpoch: bigint;
}

/** Where buffers live: the pool's arena and owner, and who knows when old arrays may go. */
export interface BufferHome {
  readonly arena: Arena;
  readonly owner: number;
  readonly small: SmallBlocks;
  readonly reclaimer: Reclaimer;
  /** evicts what it can for so many bytes; set by the pool */
  makeRoom: ((bytes: number) => void) | null;
}

export class GroupMemory {
  private readonly home: BufferHome;
  private readonly pieces: { readonly address: number; readonly bytes: number }[] = [];

  constructor(home: BufferHome) {
    this.home = home;
  }

  /** `bytes` of memory, at least 16-byte aligned, not zeroed. Throws 53200. */
  allocate(bytes: number): number {
    // A piece of 64 KiB would be a block: sizes that round up to one are one.
    const address = bytes > UNIT_BYTES / 2 ? this.block(bytes) : this.home.small.allocate(bytes);
    this.pieces.push({ address, bytes });
    return address;
  }

  private block(bytes: number): number {
    const { arena, owner, makeRoom } = this.home;
    try {
      return arena.allocate(owner, bytes).address;
    } catch (error) {
      if (makeRoom === null || toSqlError(error).condition !== 'out_of_memory') throw error;
      makeRoom(2 ** Math.ceil(Math.log2(bytes)));
      return arena.allocate(owner, bytes).address;
    }
  }

  get bytes(): number {
    return this.pieces.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  release(): void {
    const { arena, owner, small } = this.home;
    for (const { address, bytes } of this.pieces) {
      if (bytes > UNIT_BYTES / 2) arena.free(owner, address);
      else small.release(address, bytes);
    }
    this.pieces.length = 0;
  }
}
