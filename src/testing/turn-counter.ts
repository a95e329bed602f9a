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

/** How many turns of the event loop there are while work runs on such a thread. `onTurn` is told each one's number. */
export async function turnsDuring(
  work: () => Promise<unknown>,
  onTurn: (turn: number) => void = () => {},
): Promise<number> {
  let turns = 0;
  let over = false;
  const count = () => {
    onTurn(++turns);
    if (!over) setImmediate(count);
  };
  setImmediate(count);
  try {
    await withCountedClock(work);
  } finally {
    over = true;
  }
  return turns;
}

/** Runs a text in a session, in process, and cancels it after so many turns; throws what the session does. */
export async function turnsOf(session: Session, sql: string, cancelAfter = -1): Promise<Turns> {
  const sent: number[] = [];
  let turn = 0;
  const nothing = () => {};
  const sink: ResultSink = {
    rowDescription: nothing,
    rows: (batch) => {
      sent[turn] = (sent[turn] ?? 0) + batch.count;
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
  const onTurn = (number: number) => {
    turn = number;
    if (turn === cancelAfter) session.cancel();
  };
  const turns = await turnsDuring(async () => session.runSimple(sql, sink), onTurn).catch(async (error: unknown) => {
    await session.afterError();
    throw error;
  });
  const perTurn = sent.filter((rows) => rows !== undefined);
  return { turns, mostRows: Math.max(0, ...perTurn), rows: perTurn.reduce((sum, rows) => sum + rows, 0) };
}
