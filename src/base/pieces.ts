// Long work on the main thread in pieces of a few milliseconds, so that all that waits (sockets of other sessions first) has its turn
// between two of them. Work asks after each bounded step; a promise per piece, none for work that is short.
const PIECE_MS = 4;

export class Pieces {
  #begun = performance.now();

  /** Undefined while the piece is short; else what to wait for before going on. */
  next(): Promise<void> | undefined {
    if (performance.now() - this.#begun < PIECE_MS) return undefined;
    return new Promise((resolve) => {
      setImmediate(() => {
        this.#begun = performance.now();
        resolve();
      });
    });
  }
}
