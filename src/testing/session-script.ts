// Scripts of several sessions: lines of `session: statement => answer`, where an answer is rows (values separated by spaces, rows by
// commas), a command tag, an SQLSTATE, or (waits); `session: wait` is the answer of the statement that waited. A session whose
// name is longer than a letter logs in as the role of that name, any other as postgres. $SCHEMA is the schema of the script.
import assert from 'node:assert/strict';
import { setImmediate, setTimeout } from 'node:timers/promises';
import type { Batch } from '../columns/batch.ts';
import { batchRows } from '../columns/batch-builder.ts';
import { type Database, openDatabase } from '../database.ts';
import { SqlError } from '../errors/sql-error.ts';
import type { ResultField, ResultSink, Session } from '../session/session-contract.ts';
import { typeOperations } from '../types/type-operations.ts';
import './temporary-folder.ts';

/** A statement that shall wait is taken to do so after so many turns of the event loop in this time: far more than it needs to come there. */
const WAITS_AFTER = { turns: 1000, ms: 50 };
/** Any other hangs. */
const HANGS_AFTER_MS = 120_000;

/** A database in memory. */
export function openScriptDatabase({ serverFiles = false } = {}): Promise<Database> {
  return openDatabase({
    data: null,
    memory: 512 * 1024 * 1024,
    workers: 0,
    serverFiles,
    port: 0,
    host: '127.0.0.1',
    password: null,
  });
}

export function openSession(database: Database, processId: number, user: string): Promise<Session> {
  return Promise.resolve(
    database.sessions.openSession({
      user,
      database: 'postgres',
      parameters: new Map(),
      processId,
      secretKey: new Uint8Array(4),
      remoteAddress: '127.0.0.1',
      remotePort: 0,
      encrypted: false,
      client: { notification() {}, terminate() {}, interrupt() {} },
    }),
  );
}

/** The answer of one statement: its rows, its tag or its SQLSTATE. */
export async function run(database: Database, session: Session, sql: string): Promise<string> {
  const rows: string[] = [];
  let tag = '';
  let described = false;
  const sink: ResultSink = {
    rowDescription() {
      described = true;
    },
    rows(batch: Batch, fields: readonly ResultField[]) {
      for (const row of batchRows(database.arena.shared, batch)) {
        const text = row.map((value, i) =>
          value === null ? 'NULL' : typeOperations(fields[i]!.type).formatText(value, fields[i]!.type),
        );
        rows.push(text.join(' '));
      }
    },
    commandComplete(text) {
      tag = text;
    },
    emptyQuery() {},
    portalSuspended() {},
    // biome-ignore lint/correctness/useYield: there is no client to send COPY data
    async *copyIn() {
      throw new Error('no COPY here');
    },
    copyOutStart() {},
    copyOutData() {},
    copyOutDone() {},
    notice() {},
    flush() {},
  };
  try {
    await session.runSimple(sql, sink);
    await session.sync();
    return described ? rows.join(', ') : tag;
  } catch (error) {
    await session.afterError();
    if (!(error instanceof SqlError)) throw error;
    return error.sqlstate;
  }
}

/** The answer, or (waits). */
async function waitingOr(answer: Promise<string>): Promise<string> {
  let got = '(waits)';
  const answered = answer.then((text) => {
    got = text;
  });
  await Promise.race([answered, setTimeout(WAITS_AFTER.ms)]);
  for (let turn = 0; turn < WAITS_AFTER.turns && got === '(waits)'; turn++) await setImmediate();
  return got;
}

/** The answer, or (hangs). */
async function answerOr(answer: Promise<string>): Promise<string> {
  const over = new AbortController();
  const late = setTimeout(HANGS_AFTER_MS, '(hangs)', { signal: over.signal }).catch(() => '');
  return Promise.race([answer, late]).finally(() => over.abort());
}

/** Runs a script in a schema of its own. Throws where an answer is another. */
export async function playSessions(database: Database, script: string): Promise<void> {
  const sessions = new Map<string, Session>();
  const waiting = new Map<string, Promise<string>>();
  const schema = `s${Math.random().toString(36).slice(2)}`;
  for (const line of script.trim().split('\n')) {
    const [, name, sql, expected] = /^\s*(\w+): (.*?)(?: => (.*))?$/.exec(line)!;
    let session = sessions.get(name!);
    if (session === undefined) {
      session = await openSession(database, 100 + sessions.size, name!.length > 1 ? name! : 'postgres');
      sessions.set(name!, session);
      if (sessions.size === 1) await run(database, session, `CREATE SCHEMA ${schema}`);
      await run(database, session, `SET search_path = ${schema}`);
    }
    const text = sql!.replaceAll('$SCHEMA', schema);
    const answer = sql === 'wait' ? waiting.get(name!)! : run(database, session, text);
    const got = await (expected === '(waits)' ? waitingOr(answer) : answerOr(answer));
    if (got === '(waits)') waiting.set(name!, answer);
    assert.equal(got, expected ?? got, line);
    assert.ok(expected !== undefined || !/^(?=.*\d)[0-9A-Z]{5}$/.test(got), `${line}: ${got}`);
  }
  for (const session of sessions.values()) await session.close();
}
