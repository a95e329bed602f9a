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

/** Runs a text in a session, in process; throws what the session does. */
export async function turnsOf(session: Session, sql: string): Promise<Turns> {
  const sent: number[] = [];
  let turns = 0;
  let over = false;
  const count = () => {
    turns++;
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
  const real = performance.now;
  let looks = real.call(performance);
  performance.now = () => looks++;
  setImmediate(count);
  try {
    await session.runSimple(sql, sink);
  } finally {
    over = true;
    performance.now = real;
  }
  const perTurn = sent.filter((rows) => rows !== undefined);
  return { turns, mostRows: Math.max(0, ...perTurn), rows: perTurn.reduce((sum, rows) => sum + rows, 0) };
}
