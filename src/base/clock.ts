// Clock: where time comes from. The real one, and a virtual one that tests move by hand.

export interface Clock {
  /** Microseconds since 1970-01-01 UTC. */
  nowMicros(): bigint;
  /** Calls `fire` once after `micros`; the result cancels it. */
  after(micros: bigint, fire: () => void): () => void;
}

const MAX_TIMER_MS = 2_147_483_647;

export const realClock: Clock = {
  nowMicros: () => BigInt(Math.round((performance.timeOrigin + performance.now()) * 1000)),
  after: (micros, fire) => {
    const timer = setTimeout(fire, Math.min(MAX_TIMER_MS, Number(micros / 1000n)));
    timer.unref();
    return () => clearTimeout(timer);
  },
};

export class VirtualClock implements Clock {
  private now: bigint;
  private readonly timers = new Set<{ readonly at: bigint; readonly fire: () => void }>();

  constructor(now = 0n) {
    this.now = now;
  }

  nowMicros(): bigint {
    return this.now;
  }

  after(micros: bigint, fire: () => void): () => void {
    const timer = { at: this.now + micros, fire };
    this.timers.add(timer);
    return () => this.timers.delete(timer);
  }

  /** Moves on, firing timers in the order of their time, those they set included. */
  advance(micros: bigint): void {
    const end = this.now + micros;
    while (this.fireNext(end)) {
      // one after the other
    }
    this.now = end;
  }

  /** As advance, but what each timer has begun comes to rest (`settle`) before the next one fires: it may set timers of its own. */
  async advanceThrough(micros: bigint, settle: () => Promise<void>): Promise<void> {
    const end = this.now + micros;
    while (this.fireNext(end)) await settle();
    this.now = end;
  }

  private fireNext(end: bigint): boolean {
    let next: { readonly at: bigint; readonly fire: () => void } | null = null;
    for (const timer of this.timers) if (timer.at <= end && (next === null || timer.at < next.at)) next = timer;
    if (next === null) return false;
    this.timers.delete(next);
    this.now = next.at;
    next.fire();
    return true;
  }
}
