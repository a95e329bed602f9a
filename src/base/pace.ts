// The pace of work in batches on its thread: other work of the thread has its turn every few milliseconds, and batches are as large as one of
// them takes about that long, whatever is computed for their rows and whatever becomes of them above. It begins with small batches and
// doubles them while they are quick. What a batch costs is taken as a part that any batch costs and one for each row, from the last two
// sizes: fewer rows are no help where the first is most of it. Only time in which this thread was at work counts: a slow client, a lock
// or a disk makes no batch smaller.

/** From here on other work has its turn; a batch comes on top, and the clock is looked at after it. */
const TURN_MS = 3;
const QUICK_BATCH_MS = 0.7;
const FIRST_ROWS = 256;
/** So many times more rows from one turn to the next, at most. */
const GROWS = 2;

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
  /** Waits for what others do for a batch, a process say: what this thread does meanwhile is none of the batch's work. */
  readonly wait: <T>(others: Promise<T>) => Promise<T>;
  /** How many rows the next batch should have at most. */
  readonly rows: () => number;
}

/** `most`: rows of a batch. `check` is asked before each batch, and throws where the work is no longer wanted. */
export function pace(most: number, check: () => void = () => {}, clock: ThreadClock = threadClock): Pace {
  let size: Cost = { rows: Math.min(most, FIRST_ROWS), ms: 0 };
  let before: Cost | null = null;
  let [batchBegan, turnBegan, worked] = [-1, 0, 0];
  const begin = () => {
    worked = clock.worked();
    batchBegan = turnBegan = clock.now();
  };
  const resize = (rows: number) => {
    const next = Math.max(1, Math.min(most, rows));
    if (Math.abs(next - size.rows) * 4 < size.rows) return;
    before = size.ms > 0 ? size : null;
    size = { rows: next, ms: 0 };
  };
  const take = () => {
    const now = clock.now();
    if (batchBegan < 0) return begin();
    const batchMs = now - batchBegan;
    const quick = batchMs < QUICK_BATCH_MS;
    batchBegan = now;
    if (now - turnBegan < TURN_MS) {
      if (quick) resize(size.rows * GROWS);
      return;
    }
    // some kernels count the time of work in ticks
    size = { rows: size.rows, ms: Math.min(clock.worked() - worked, batchMs) };
    if (quick) resize(size.rows * GROWS);
    else resize(suitableRows(size, before));
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
  const wait = async <T>(others: Promise<T>): Promise<T> => {
    const [workedBefore, before] = [clock.worked(), clock.now()];
    try {
      return await others;
    } finally {
      if (batchBegan >= 0) {
        const waited = clock.now() - before;
        worked += clock.worked() - workedBefore;
        batchBegan += waited;
        turnBegan += waited;
      }
    }
  };
  return { pause, wait, rows: () => size.rows };
}

/** What a batch of so many rows took; 0: not known yet. */
interface Cost {
  readonly rows: number;
  readonly ms: number;
}

/** Rows of a batch that takes a turn, or at most twice what any batch costs. */
function suitableRows(size: Cost, before: Cost | null): number {
  const fixed = before === null ? 0 : fixedMs(size, before);
  const forRows = Math.max(TURN_MS - fixed, fixed);
  const wanted = (size.rows * forRows) / Math.max(size.ms - fixed, Number.MIN_VALUE);
  return Math.round(Math.min(size.rows * GROWS, wanted));
}

function fixedMs(a: Cost, b: Cost): number {
  if (a.rows === b.rows) return 0;
  const perRow = Math.max(0, (a.ms - b.ms) / (a.rows - b.rows));
  return Math.max(0, Math.min(a.ms, b.ms, a.ms - perRow * a.rows));
}
