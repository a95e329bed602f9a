// Drives work on the main thread in slices: as long as it neither waits for a promise nor has used up its slice it runs at once, in
// the caller's turn; then it goes on in later turns, so that sessions are served in between. Work that nobody else waits for shares one
// slice of each turn with all of its kind (`SharedSlices`).
import type { Work } from '../stream/operator.ts';

const SLICE_MS = 2;

/** Has something run in a later turn. */
type Later = (go: () => void) => void;

/** Runs `work` to its end, then calls `done` (with the error, if it threw). */
export function drive(work: Work, done: (error?: unknown) => void): void {
  runSlice(work, done, setImmediate, (go) => go());
}

/** `resume`: what becomes of work whose promise has settled. */
function runSlice(work: Work, done: (error?: unknown) => void, later: Later, resume: Later): void {
  const until = performance.now() + SLICE_MS;
  try {
    for (;;) {
      const step = work.next();
      if (step.done === true) break;
      if (step.value !== undefined) {
        step.value.then(
          () => resume(() => runSlice(work, done, later, resume)),
          (error: unknown) => resume(() => runSlice(thrown(work, error), done, later, resume)),
        );
        return;
      }
      if (performance.now() >= until) {
        later(() => runSlice(work, done, later, resume));
        return;
      }
    }
  } catch (error) {
    done(error);
    return;
  }
  done();
}

/** Any number of works in rotation, which take about one slice of a turn together. */
export class SharedSlices {
  /** works that have not come to their end */
  running = 0;
  private readonly waiting: (() => void)[] = [];
  private scheduled = false;

  /** Begins in a later turn. `work` throws nothing. */
  start(work: Work): void {
    this.running++;
    const done = () => {
      this.running--;
    };
    this.later(() => runSlice(work, done, this.later, this.later));
  }

  private readonly later: Later = (go) => {
    this.waiting.push(go);
    if (!this.scheduled) this.schedule();
  };

  private schedule(): void {
    this.scheduled = true;
    setImmediate(() => {
      const until = performance.now() + SLICE_MS;
      while (this.waiting.length > 0 && performance.now() < until) this.waiting.shift()!();
      this.scheduled = false;
      if (this.waiting.length > 0) this.schedule();
    });
  }
}

/** Runs work that waits for no promise to its end, however long that takes. */
export function runAtOnce(work: Work): void {
  for (let step = work.next(); step.done !== true; step = work.next())
    if (step.value !== undefined) throw new Error('the work waits for a promise');
}

/** The work after an error was thrown into it. */
function* thrown(work: Work, error: unknown): Work {
  const step = work.throw(error);
  if (step.done === true) return;
  yield step.value;
  yield* work;
}
