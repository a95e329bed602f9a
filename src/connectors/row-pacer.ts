// RowPacer: how many rows a generator owes by now. Row k (from 0) is due at start + k / rate seconds; rows are made in ticks of a tenth of
// a second at least, so that a fast rate becomes batches and a slow one comes on its second.
import type { Clock } from '../base/clock.ts';

const SHORTEST_TICK = 100_000n;
const MICROS_PER_SECOND = 1_000_000n;

export class RowPacer {
  private readonly clock: Clock;
  private readonly perSecond: bigint;
  private readonly start: bigint;
  private made = 0n;

  /** Rows per second: a whole number from 1. The first row is due one period from now. */
  constructor(clock: Clock, perSecond: number) {
    this.clock = clock;
    this.perSecond = BigInt(perSecond);
    this.start = clock.nowMicros();
  }

  /** Rows due and not yet made, at most `limit`. */
  due(limit: number): number {
    const owed = ((this.clock.nowMicros() - this.start) * this.perSecond) / MICROS_PER_SECOND - this.made;
    return owed < 0n ? 0 : Number(owed < BigInt(limit) ? owed : BigInt(limit));
  }

  /** When the n-th of the rows that come next is due. */
  dueTime(n: number): bigint {
    const rows = this.made + BigInt(n) + 1n;
    return this.start + (rows * MICROS_PER_SECOND + this.perSecond - 1n) / this.perSecond;
  }

  advance(rows: number): void {
    this.made += BigInt(rows);
  }

  /** Microseconds until it is worth asking again. */
  get pause(): bigint {
    const wait = this.dueTime(0) - this.clock.nowMicros();
    return wait > SHORTEST_TICK ? wait : SHORTEST_TICK;
  }
}
