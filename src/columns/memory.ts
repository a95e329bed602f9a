// Arena: the one shared WebAssembly.Memory of all threads, and its buddy allocator. It is a buffer pool, not the home of
// data. Its bookkeeping lives in the memory itself (behind a spin lock that no call holds for more than microseconds), so
// main and workers allocate alike; blocks carry an owner with a budget, and only the coordinator frees, by owner.
//
// Layout: page 0 is never used (address 0 means "none"); then the allocator's tables; then blocks of 64 KiB << order.
import { threadId } from 'node:worker_threads';
import { sqlError } from '../errors/sql-error.ts';

export const UNIT_BYTES = 65_536;
const MAX_ORDER = 14; // 1 GiB
const MAX_OWNERS = 4096;

// Control words (u32 index from CONTROL)
const CONTROL = UNIT_BYTES; // byte address
const LOCK = 0; // 1 + the id of the thread that holds it
const TOTAL_UNITS = 1;
const FIRST_UNIT = 2;
const USED_UNITS = 3;
const CONDEMNED = 4;
const FREE_HEADS = 8; // one per order
const TABLES_OFFSET = 256; // bytes after CONTROL

/** Why the shared memory cannot be trusted any more. Holds no data of users. */
export interface MemoryDamage {
  readonly cause: string;
  readonly stack?: string;
}

/** Typed windows over the whole memory; index = byte address >>> log2(width). */
export class SharedMemory {
  readonly memory: WebAssembly.Memory;
  readonly buffer: SharedArrayBuffer;
  readonly u8: Uint8Array;
  readonly i8: Int8Array;
  readonly u16: Uint16Array;
  readonly i32: Int32Array;
  readonly u32: Uint32Array;
  readonly i64: BigInt64Array;
  readonly f32: Float32Array;
  readonly f64: Float64Array;
  /** The same bytes as a Buffer, whose native UTF-8 methods accept shared memory (TextDecoder does not). */
  readonly bytes: Buffer;

  constructor(memory: WebAssembly.Memory) {
    this.memory = memory;
    this.buffer = memory.buffer as unknown as SharedArrayBuffer;
    this.u8 = new Uint8Array(this.buffer);
    this.i8 = new Int8Array(this.buffer);
    this.u16 = new Uint16Array(this.buffer);
    this.i32 = new Int32Array(this.buffer);
    this.u32 = new Uint32Array(this.buffer);
    this.i64 = new BigInt64Array(this.buffer);
    this.f32 = new Float32Array(this.buffer);
    this.f64 = new Float64Array(this.buffer);
    this.bytes = Buffer.from(this.buffer);
  }

  /** A new address space of `bytes` (rounded to pages), reserved at once: growing a shared memory later is slow. */
  static reserve(bytes: number): WebAssembly.Memory {
    const pages = Math.min(65_535, Math.max(64, Math.floor(bytes / UNIT_BYTES)));
    return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  }
}

/** Byte addresses of the allocator's tables inside the memory. */
interface Tables {
  readonly next: number; // i32 per unit: free-list / owner-list successor (unit index, -1 end)
  readonly previous: number; // i32 per unit: free-list predecessor
  readonly order: number; // u8 per unit: order of the block starting here
  readonly state: number; // u8 per unit: 0 inside, 1 free, 2 used
  readonly ownerHead: number; // i32 per owner: first used block
  readonly ownerUsed: number; // i32 per owner: units in use
  readonly ownerBudget: number; // i32 per owner: units allowed, 0 = slot free
  readonly end: number;
}

function tablesOf(units: number): Tables {
  let at = CONTROL + TABLES_OFFSET;
  const take = (bytes: number) => {
    const start = at;
    at += (bytes + 15) & ~15;
    return start;
  };
  return {
    next: take(units * 4),
    previous: take(units * 4),
    order: take(units),
    state: take(units),
    ownerHead: take(MAX_OWNERS * 4),
    ownerUsed: take(MAX_OWNERS * 4),
    ownerBudget: take(MAX_OWNERS * 4),
    end: at,
  };
}

export class Arena {
  readonly shared: SharedMemory;
  private readonly units: number;
  private readonly tables: Tables;

  private constructor(shared: SharedMemory) {
    this.shared = shared;
    this.units = Math.floor(shared.buffer.byteLength / UNIT_BYTES);
    this.tables = tablesOf(this.units);
  }

  /** The coordinator's first view of a fresh memory: lays out the tables and frees every unit behind them. */
  static create(memory: WebAssembly.Memory): Arena {
    const arena = new Arena(new SharedMemory(memory));
    const control = CONTROL >>> 2;
    const { i32 } = arena.shared;
    const firstUnit = Math.ceil(arena.tables.end / UNIT_BYTES);
    i32[control + TOTAL_UNITS] = arena.units;
    i32[control + FIRST_UNIT] = firstUnit;
    for (let order = 0; order <= MAX_ORDER; order++) i32[control + FREE_HEADS + order] = -1;
    let unit = firstUnit;
    while (unit < arena.units) {
      let order = 0;
      while (order < MAX_ORDER && unit % (2 << order) === 0 && unit + (2 << order) <= arena.units) order++;
      arena.pushFree(unit, order);
      unit += 1 << order;
    }
    return arena;
  }

  /** Another thread's view of a memory that `create` has laid out. */
  static attach(memory: WebAssembly.Memory): Arena {
    return new Arena(new SharedMemory(memory));
  }

  /** Registers an owner (a query, a view, a session, the buffer pool) that may hold up to `budgetBytes`. */
  addOwner(budgetBytes: number): number {
    const { i32 } = this.shared;
    const budget = Math.max(1, Math.min(0x7fffffff, Math.ceil(budgetBytes / UNIT_BYTES)));
    this.lock();
    try {
      for (let owner = 1; owner < MAX_OWNERS; owner++) {
        if (i32[(this.tables.ownerBudget >>> 2) + owner] !== 0) continue;
        i32[(this.tables.ownerBudget >>> 2) + owner] = budget;
        i32[(this.tables.ownerUsed >>> 2) + owner] = 0;
        i32[(this.tables.ownerHead >>> 2) + owner] = -1;
        return owner;
      }
    } finally {
      this.unlock();
    }
    throw sqlError('configuration_limit_exceeded', 'too many concurrent memory owners');
  }

  /** Bytes the owner holds now. */
  usedBytes(owner: number): number {
    return this.shared.i32[(this.tables.ownerUsed >>> 2) + owner]! * UNIT_BYTES;
  }

  /** Bytes in use by all owners, and bytes there are. */
  usage(): { usedBytes: number; totalBytes: number } {
    const control = CONTROL >>> 2;
    const first = this.shared.i32[control + FIRST_UNIT]!;
    return {
      usedBytes: this.shared.i32[control + USED_UNITS]! * UNIT_BYTES,
      totalBytes: (this.units - first) * UNIT_BYTES,
    };
  }

  /** A block of at least `bytes` for `owner`. Returns its address; throws 53200 past the owner's budget or the arena. */
  allocate(owner: number, bytes: number): { address: number; bytes: number } {
    let order = 0;
    while (order <= MAX_ORDER && UNIT_BYTES * 2 ** order < bytes) order++;
    if (order > MAX_ORDER) {
      throw sqlError('out_of_memory', 'out of memory', { detail: `Failed on request of size ${bytes}.` });
    }
    const units = 1 << order;
    const { i32, u8 } = this.shared;
    const used = (this.tables.ownerUsed >>> 2) + owner;
    const budget = (this.tables.ownerBudget >>> 2) + owner;
    this.lock();
    try {
      if (i32[budget] === 0) throw new Error(`memory owner ${owner} is not registered`);
      if (i32[used]! + units > i32[budget]!) {
        throw sqlError('out_of_memory', 'out of memory', {
          detail: `The operation needs more than its limit of ${sizeText(i32[budget]! * UNIT_BYTES)}.`,
          hint: 'Raise work_mem, or make the statement touch less data.',
        });
      }
      const unit = this.takeFree(order);
      if (unit < 0) {
        throw sqlError('out_of_memory', 'out of memory', {
          detail: `Shared memory of ${sizeText(this.units * UNIT_BYTES)} is exhausted.`,
          hint: 'Start the server with a larger --memory, or end other queries.',
        });
      }
      u8[this.tables.state + unit] = 2;
      u8[this.tables.order + unit] = order;
      const head = (this.tables.ownerHead >>> 2) + owner;
      const oldHead = i32[head]!;
      i32[(this.tables.next >>> 2) + unit] = oldHead;
      i32[(this.tables.previous >>> 2) + unit] = -1;
      if (oldHead >= 0) i32[(this.tables.previous >>> 2) + oldHead] = unit;
      i32[head] = unit;
      i32[used]! += units;
      i32[(CONTROL >>> 2) + USED_UNITS]! += units;
      return { address: unit * UNIT_BYTES, bytes: units * UNIT_BYTES };
    } finally {
      this.unlock();
    }
  }

  /** Gives one block back (its address as `allocate` returned it). */
  free(owner: number, address: number): void {
    this.lock();
    try {
      this.release(owner, address / UNIT_BYTES);
    } finally {
      this.unlock();
    }
  }

  /** Frees all blocks of an owner and its slot. Only when no thread uses them any more. */
  freeOwner(owner: number): void {
    const { i32 } = this.shared;
    this.lock();
    try {
      const head = (this.tables.ownerHead >>> 2) + owner;
      if (i32[(this.tables.ownerBudget >>> 2) + owner] === 0) return;
      while (i32[head]! >= 0) this.release(owner, i32[head]!);
      i32[(this.tables.ownerBudget >>> 2) + owner] = 0;
    } finally {
      this.unlock();
    }
  }

  /** Something wrote where it should not have: from now on, on every thread, `assertSound` throws. */
  condemn(): void {
    Atomics.store(this.shared.i32, (CONTROL >>> 2) + CONDEMNED, 1);
  }

  /** Asked before anything read from this memory is made durable. Throws 57P02 when it was condemned. */
  assertSound(): void {
    if (Atomics.load(this.shared.i32, (CONTROL >>> 2) + CONDEMNED) !== 0)
      throw sqlError('crash_shutdown', 'shared memory may be damaged; the server is about to end');
  }

  /** Whether that thread is amid a change of the allocator's tables: if it has ended, they are damaged. */
  isLockedBy(thread: number): boolean {
    return Atomics.load(this.shared.i32, (CONTROL >>> 2) + LOCK) === thread + 1;
  }

  private release(owner: number, unit: number): void {
    const { i32, u8 } = this.shared;
    if (u8[this.tables.state + unit] !== 2) throw new Error(`block ${unit} is not in use`);
    const next = this.tables.next >>> 2;
    const previous = this.tables.previous >>> 2;
    const before = i32[previous + unit]!;
    const after = i32[next + unit]!;
    if (before >= 0) i32[next + before] = after;
    else i32[(this.tables.ownerHead >>> 2) + owner] = after;
    if (after >= 0) i32[previous + after] = before;
    let order = u8[this.tables.order + unit]!;
    i32[(this.tables.ownerUsed >>> 2) + owner]! -= 1 << order;
    i32[(CONTROL >>> 2) + USED_UNITS]! -= 1 << order;
    const first = i32[(CONTROL >>> 2) + FIRST_UNIT]!;
    let start = unit;
    while (order < MAX_ORDER) {
      const buddy = start ^ (1 << order);
      if (buddy < first || buddy + (1 << order) > this.units) break;
      if (u8[this.tables.state + buddy] !== 1 || u8[this.tables.order + buddy] !== order) break;
      this.removeFree(buddy, order);
      u8[this.tables.state + Math.max(buddy, start)] = 0;
      start = Math.min(buddy, start);
      order++;
    }
    this.pushFree(start, order);
  }

  private takeFree(order: number): number {
    const control = CONTROL >>> 2;
    const { i32 } = this.shared;
    let from = order;
    while (from <= MAX_ORDER && i32[control + FREE_HEADS + from]! < 0) from++;
    if (from > MAX_ORDER) return -1;
    const unit = i32[control + FREE_HEADS + from]!;
    this.removeFree(unit, from);
    while (from > order) {
      from--;
      this.pushFree(unit + (1 << from), from);
    }
    return unit;
  }

  private pushFree(unit: number, order: number): void {
    const { i32, u8 } = this.shared;
    const head = (CONTROL >>> 2) + FREE_HEADS + order;
    const old = i32[head]!;
    i32[(this.tables.next >>> 2) + unit] = old;
    i32[(this.tables.previous >>> 2) + unit] = -1;
    if (old >= 0) i32[(this.tables.previous >>> 2) + old] = unit;
    i32[head] = unit;
    u8[this.tables.state + unit] = 1;
    u8[this.tables.order + unit] = order;
  }

  private removeFree(unit: number, order: number): void {
    const { i32 } = this.shared;
    const next = this.tables.next >>> 2;
    const previous = this.tables.previous >>> 2;
    const before = i32[previous + unit]!;
    const after = i32[next + unit]!;
    if (before >= 0) i32[next + before] = after;
    else i32[(CONTROL >>> 2) + FREE_HEADS + order] = after;
    if (after >= 0) i32[previous + after] = before;
  }

  private lock(): void {
    const word = (CONTROL >>> 2) + LOCK;
    while (Atomics.compareExchange(this.shared.i32, word, 0, threadId + 1) !== 0) {
      // Held for microseconds only: spin. Main may not sleep on it.
    }
  }

  private unlock(): void {
    Atomics.store(this.shared.i32, (CONTROL >>> 2) + LOCK, 0);
  }
}

function sizeText(bytes: number): string {
  return bytes < 1_048_576 ? `${Math.floor(bytes / 1024)} kB` : `${Math.floor(bytes / 1_048_576)} MB`;
}
