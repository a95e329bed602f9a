// How often other sessions have their turn while a statement runs, counted and not timed: on a thread whose clock a millisecond passes by between
// two looks at it, whatever the machine does. Work that looks at the clock too seldom has too few turns, however fast it is.
import type { ResultSink, Session } from '../session/session-contract.ts';

export interface Turns {
  /** of the event loop */
  readonly turns: number;
  /** the most rows that were sent in one of them */
  readonly mostRows: number;
  readonly rows: number;
}

/** Runs work on a thread whose clock goes on by a millisecond when it is looked at, and stands still meanwhile. */
export async function withCountedClock<T>(work: () => Promise<T>): Promise<T> {
  const real = performance.now;
  let looks = real.call(performance);
  performance.now = () => looks++;
  try {
    return await work();
  } finally {
    performance.now = real;
  }
}

/** Runs a text in a session, in process, and cancels it after so many turns; throws what the session does. */
export async function turnsOf(session: Session, sql: string, cancelAfter = -1): Promise<Turns> {
  const sent: number[] = [];
  let turns = 0;
  let over = false;
  const count = () => {
    turns++;
    if (turns === cancelAfter) session.cancel();
    if (!over) setImmediate(count);
  };
  const nothing = () => {};
  const sink: ResultSink = {
    rowDescription: nothing,
    rows: (batch) => {
      sent[turns] = (sent[turns] ?? 0) + batch.count;
    },
    commandComplete: nothing,
    emptyQuery: nothing,
    portalSuspended: nothing,
    copyIn: () => {
      throw new Error('no COPY here');
    },
    copyOutStart: nothing,
    copyOutData: nothing,
    copyOutDone: nothing,
    notice: nothing,
    flush: nothing,
  };
  setImmediate(count);
  try {
    await withCountedClock(async () => session.runSimple(sql, sink));
  } catch (error) {
    await session.afterError();
    throw error;
  } finally {
    over = true;
  }
  const perTurn = sent.filter((rows) => rows !== undefined);
  return { turns, mostRows: Math.max(0, ...perTurn), rows: perTurn.reduce((sum, rows) => sum + rows, 0) };
}
