// Answers that are there at once or come by a promise. A cheap statement is answered without one turn of the event loop: what can be
// waited for says `Maybe`, and whoever goes on behind it says `after` instead of `await`.

export type Maybe<T> = T | Promise<T>;

/** Calls `then` with the value: at once if it is there. */
export function after<T, R>(value: Maybe<T>, then: (value: T) => Maybe<R>): Maybe<R> {
  return value instanceof Promise ? value.then(then) : then(value);
}

/** try, catch and finally around work that may answer at once; `failed` throws what is to be thrown instead. */
export function guarded<T>(work: () => Maybe<T>, failed: (error: unknown) => never, ended: () => void): Maybe<T> {
  let waiting = false;
  try {
    const value = work();
    if (!(value instanceof Promise)) return value;
    waiting = true;
    return value.catch(failed).finally(ended);
  } catch (error) {
    return failed(error);
  } finally {
    if (!waiting) ended();
  }
}

/** `work`, or what `failed` makes of its error (or throws instead). */
export function recovered<T>(work: () => Maybe<T>, failed: (error: unknown) => Maybe<T>): Maybe<T> {
  try {
    const value = work();
    return value instanceof Promise ? value.catch(failed) : value;
  } catch (error) {
    return failed(error);
  }
}

/** try and finally: `ended` is waited for too. */
export function ensured<T>(work: () => Maybe<T>, ended: () => Maybe<void>): Maybe<T> {
  let value: Maybe<T>;
  try {
    value = work();
  } catch (error) {
    return after(ended(), () => {
      throw error;
    });
  }
  return value instanceof Promise ? value.finally(ended) : after(ended(), () => value);
}

/** Takes step after step as long as they say true: at once as far as they answer at once. */
export function stepwise(step: () => Maybe<boolean>): Maybe<void> {
  for (;;) {
    const goesOn = step();
    if (goesOn instanceof Promise) return stepwiseFrom(goesOn, step);
    if (!goesOn) return;
  }
}

async function stepwiseFrom(waiting: Promise<boolean>, step: () => Maybe<boolean>): Promise<void> {
  for (let goesOn = await waiting; goesOn; ) goesOn = await step();
}
