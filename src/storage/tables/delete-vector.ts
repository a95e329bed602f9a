// DeleteVector: per row of a group the epoch at which it was deleted, 0 = not. An i64 array in the arena, made at the first
// delete; it grows with its group, the old array staying for readers.
import { type BufferHome, GroupMemory } from './group-memory.ts';

export class DeleteVector {
  private readonly home: BufferHome;
  private memory: GroupMemory | null = null;
  private block = 0;
  private room = 0;
  private deleted = 0;
  /** over all deletes there have been; after an undo they are only bounds */
  private first = 0n;
  private last = 0n;

  constructor(home: BufferHome) {
    this.home = home;
  }

  /** Address of the i64 array, or 0: nothing deleted. */
  get address(): number {
    return this.block;
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

  at(row: number): bigint {
    return this.block === 0 || row >= this.room ? 0n : this.home.arena.shared.i64[this.block / 8 + row]!;
  }

  /** Marks a live row; `capacity` of its group. */
  set(row: number, epoch: bigint, capacity: number): void {
    this.reserve(capacity);
    this.home.arena.shared.i64[this.block / 8 + row] = epoch;
    if (this.deleted === 0 || epoch < this.first) this.first = epoch;
    if (epoch > this.last) this.last = epoch;
    this.deleted++;
  }

  /** Makes room for the deletes of a group of `capacity` rows. Throws 53200, as `set` without room does. */
  reserve(capacity: number): void {
    if (capacity > this.room) this.grow(capacity);
  }

  /** The group has grown to `capacity`: a scan may read as many epochs. */
  ensure(capacity: number): void {
    if (this.block !== 0 && capacity > this.room) this.grow(capacity);
  }

  /** Takes a delete back that no reader has seen. */
  clear(row: number): void {
    this.home.arena.shared.i64[this.block / 8 + row] = 0n;
    this.deleted--;
  }

  retire(): void {
    const { memory } = this;
    if (memory !== null) this.home.reclaimer.retire(() => memory.release());
    this.memory = null;
    this.block = 0;
    this.room = 0;
  }

  private grow(capacity: number): void {
    const memory = new GroupMemory(this.home);
    const address = memory.allocate(capacity * 8);
    const { u8 } = this.home.arena.shared;
    u8.copyWithin(address, this.block, this.block + this.room * 8);
    u8.fill(0, address + this.room * 8, address + capacity * 8);
    this.retire();
    this.block = address;
    this.room = capacity;
    this.memory = memory;
  }
}
