// SnapshotRegistry: which epochs are being read. Memory that a reader may still hold the address of (arrays that have grown, groups
// that were dropped) is freed when every snapshot that was open at its retirement has been released.
import type { Reclaimer } from './group-memory.ts';

export class SnapshotRegistry implements Reclaimer {
  /** serial -> epoch, in the order of opening */
  private readonly open = new Map<number, bigint>();
  private readonly retired: { readonly serial: number; readonly free: () => void }[] = [];
  private lastSerial = 0;
  settledEpoch = 0n;

  /** Registers a reader at `epoch`; returns the serial to pass to `close`. */
  add(epoch: bigint): number {
    this.open.set(++this.lastSerial, epoch);
    return this.lastSerial;
  }

  close(serial: number): void {
    if (this.open.delete(serial)) this.sweep();
  }

  get count(): number {
    return this.open.size;
  }

  /** The oldest epoch being read, or `published` when nobody reads. */
  oldestEpoch(published: bigint): bigint {
    let oldest = published;
    for (const epoch of this.open.values()) if (epoch < oldest) oldest = epoch;
    return oldest;
  }

  /** Whether anybody reads at this very epoch. */
  isRead(epoch: bigint): boolean {
    for (const read of this.open.values()) if (read === epoch) return true;
    return false;
  }

  get newest(): number {
    return this.lastSerial;
  }

  retire(free: () => void, upTo = this.lastSerial): void {
    const first = this.open.keys().next(); // the oldest
    if (first.done || first.value > upTo) free();
    else this.retired.push({ serial: this.lastSerial, free });
  }

  private sweep(): void {
    const first = this.open.keys().next();
    const oldest = first.done ? Number.POSITIVE_INFINITY : first.value;
    let freed = 0;
    while (freed < this.retired.length && this.retired[freed]!.serial < oldest) this.retired[freed++]!.free();
    if (freed > 0) this.retired.splice(0, freed);
  }
}
