// Long work on the main thread in pieces of a few milliseconds, so that all that waits (sockets of other sessions first) has its turn
// between two of them. Work asks after each bounded step; a promise per piece, none for work that is short.
import { after, type Maybe, stepwise } from './maybe.ts';

const PIECE_MS = 4;
/** Items between two looks at the clock. */
const ITEMS_PER_LOOK = 256;

export class Pieces {
  readonly #check: (() => void) | undefined;
  #begun = performance.now();

  /** `check` is asked at the end of each piece: it throws where the work is no longer wanted. */
  constructor(check?: () => void) {
    this.#check = check;
  }

  /** Undefined while the piece is short; else what to wait for before going on. Throws what the check does. */
  next(): Promise<void> | undefined {
    if (performance.now() - this.#begun < PIECE_MS) return undefined;
    this.#check?.();
    return new Promise((resolve) => {
      const goOn = () => {
        this.#begun = performance.now();
        resolve();
      };
      // What comes straight behind a socket's event is no turn of the others yet: timers and sockets come before the second.
      setImmediate(() => setImmediate(goOn));
    });
  }
}

/** Visits all items, in pieces where they are many. */
export function eachInPieces<T>(items: Iterable<T>, pieces: Pieces, visit: (item: T) => void): Maybe<void> {
  const rest = items[Symbol.iterator]();
  return stepwise(() => {
    for (let i = 0; i < ITEMS_PER_LOOK; i++) {
      const next = rest.next();
      if (next.done === true) return false;
      visit(next.value);
    }
    return after(pieces.next(), () => true);
  });
}
