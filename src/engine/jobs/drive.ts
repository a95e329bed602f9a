// Drives work on the main thread in slices: as long as it neither waits for a promise nor has used up its slice it runs at once, in
// the caller's turn; then it goes on in later turns, so that sessions are served in between.
import type { Work } from '../stream/operator.ts';

const SLICE_MS = 2;

/** Runs `work` to its end, then calls `done` (with the error, if it threw). */
export function drive(work: Work, done: (error?: unknown) => void): void {
  const until = performance.now() + SLICE_MS;
  try {
    for (;;) {
      const step = work.next();
      if (step.done === true) break;
      if (step.value !== undefined) {
        step.value.then(
          () => drive(work, done),
          (error: unknown) => {
            drive(thrown(work, error), done);
          },
        );
        return;
      }
      if (performance.now() >= until) {
        setImmediate(() => drive(work, done));
        return;
      }
    }
  } catch (error) {
    done(error);
    return;
  }
  done();
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
