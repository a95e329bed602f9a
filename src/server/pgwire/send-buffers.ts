// Shared memory that row encoding works in: send buffers, written by kernels and handed to sockets as they are, and one
// scratch region for the pieces of the slice being encoded (encoding never awaits, so one is enough for all connections).
import type { Arena } from '../../columns/memory.ts';
import { Region } from '../../columns/region.ts';

export const SEND_BUFFER_BYTES = 128 * 1024;
const KEPT_BUFFERS = 16;
const BUFFER_BUDGET = 256 * 1024 * 1024;
const SCRATCH_BUDGET = 1024 * 1024 * 1024;
const SCRATCH_BLOCK = 256 * 1024;
/** Scratch that grew past this many blocks for a giant value goes back to the arena. */
const KEPT_SCRATCH_BLOCKS = 8;

export class SendBuffers {
  readonly #arena: Arena;
  readonly #bufferOwner: number;
  readonly #scratchOwner: number;
  readonly #free: number[] = [];
  readonly scratch: Region;

  constructor(arena: Arena) {
    this.#arena = arena;
    this.#bufferOwner = arena.addOwner(BUFFER_BUDGET);
    this.#scratchOwner = arena.addOwner(SCRATCH_BUDGET);
    this.scratch = new Region(arena, this.#scratchOwner, SCRATCH_BLOCK);
  }

  /** The address of SEND_BUFFER_BYTES; throws 53200 when too many slow clients hold theirs. */
  take(): number {
    return this.#free.pop() ?? this.#arena.allocate(this.#bufferOwner, SEND_BUFFER_BYTES).address;
  }

  give(address: number): void {
    if (this.#free.length < KEPT_BUFFERS) this.#free.push(address);
    else this.#arena.free(this.#bufferOwner, address);
  }

  /** Starts a new slice: what the last one left in scratch is forgotten. */
  resetScratch(): void {
    if (this.scratch.blockCount > KEPT_SCRATCH_BLOCKS) this.scratch.release();
    else this.scratch.reset();
  }

  /** Gives everything back; only when no connection is left. */
  release(): void {
    this.#arena.freeOwner(this.#bufferOwner);
    this.#arena.freeOwner(this.#scratchOwner);
    this.#free.length = 0;
  }
}
