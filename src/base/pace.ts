// The pace of work in batches on its thread: other work of the thread has its turn every few milliseconds, and batches are as large as one of
// them takes about that long at most, whatever is computed for their rows and whatever becomes of them above. It begins with small
// batches and doubles them while they are quick; where a turn took longer, batches become smaller by as much. Only time in which this
// thread was at work counts: a slow client, a lock or a disk makes no batch smaller.
/** From here on other work has its turn; a batch comes on top, and the clock is looked at after it. */
const TURN_MS = 3;
/** A turn that is worth smaller batches. */
const LONG_TURN_MS = 6;
const QUICK_BATCH_MS = 0.7;
const FIRST_ROWS = 256;

/** Milliseconds since any moment. */
export interface ThreadClock {
  /** of the wall */
  now(): number;
  /** for which the thread was at work */
  worked(): number;
}

const threadClock: ThreadClock = {
  now: () => performance.now(),
  worked: () => {
    const { user, system } = process.threadCpuUsage();
    return (user + system) / 1000;
  },
};

export interface Pace {
  /** To be asked once per batch. Throws what `check` does; now and then, lets other work of this thread run. */
  readonly pause: () => Promise<void> | void;
  /** How many rows the next batch should have at most. */
  readonly rows: () => number;
}

/** `most`: rows of a batch. `check` is asked before each batch, and throws where the work is no longer wanted. */
export function pace(most: number, check: () => void = () => {}, clock: ThreadClock = threadClock): Pace {
  let rows = Math.min(most, FIRST_ROWS);
  let [batchBegan, turnBegan, worked] = [-1, 0, 0];
  const begin = () => {
    worked = clock.worked();
    batchBegan = turnBegan = clock.now();
  };
  const take = () => {
    const now = clock.now();
    if (batchBegan < 0) return begin();
    if (now - batchBegan < QUICK_BATCH_MS && rows < most) rows = Math.min(most, rows * 2);
    batchBegan = now;
    if (now - turnBegan < TURN_MS) return;
    // some kernels count the time of work in ticks
    const spent = Math.min(clock.worked() - worked, now - turnBegan);
    if (spent > LONG_TURN_MS) rows = Math.max(1, Math.floor((rows * TURN_MS) / spent));
    return new Promise<void>((resolve) => {
      setImmediate(() => {
        begin();
        resolve();
      });
    });
  };
  const pause = () => {
    check();
    return take();
  };
  return { pause, rows: () => rows };
}
