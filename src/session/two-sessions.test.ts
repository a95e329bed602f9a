// What sessions do to each other: row locks, relation locks, isolation levels. Each script is a list of steps `session: statement`
// and what PostgreSQL 15 answers: rows, a command tag, an SQLSTATE, or (waits); `session: wait` is the answer of the statement that waited.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Batch } from '../columns/batch.ts';
import { batchRows } from '../columns/batch-builder.ts';
import { type Database, openDatabase } from '../database.ts';
import { SqlError } from '../errors/sql-error.ts';
import { typeOperations } from '../types/type-operations.ts';
import type { ResultField, ResultSink, Session } from './session-contract.ts';

const WAITS_AFTER_MS = 150;
let database: Database;

before(async () => {
  database = await openDatabase({
    data: null,
    memory: 512 * 1024 * 1024,
    workers: 0,
    serverFiles: false,
    port: 0,
    host: '127.0.0.1',
    password: null,
  });
});
after(() => database.close());

function openSession(processId: number): Promise<Session> {
  return Promise.resolve(
    database.sessions.openSession({
      user: 'postgres',
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

async function run(session: Session, sql: string): Promise<string> {
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

/** Runs `session: statement => answer` lines. */
async function play(script: string): Promise<void> {
  const sessions = new Map<string, Session>();
  const waiting = new Map<string, Promise<string>>();
  const schema = `s${Math.random().toString(36).slice(2)}`;
  for (const line of script.trim().split('\n')) {
    const [, name, sql, expected] = /^\s*(\w+): (.*?)(?: => (.*))?$/.exec(line)!;
    let session = sessions.get(name!);
    if (session === undefined) {
      session = await openSession(100 + sessions.size);
      sessions.set(name!, session);
      if (sessions.size === 1) await run(session, `CREATE SCHEMA ${schema}`);
      await run(session, `SET search_path = ${schema}`);
    }
    const answer = sql === 'wait' ? waiting.get(name!)! : run(session, sql!);
    const late = new Promise<string>((resolve) => setTimeout(resolve, WAITS_AFTER_MS, '(waits)'));
    const got = await Promise.race([answer, late]);
    if (got === '(waits)') waiting.set(name!, answer);
    assert.equal(got, expected ?? got, line);
    assert.ok(expected !== undefined || !/^[0-9A-Z]{5}$/.test(got) || got === 'BEGIN', `${line}: ${got}`);
  }
  for (const session of sessions.values()) await session.close();
}

test('FOR UPDATE waits, NOWAIT fails, SKIP LOCKED goes on', () =>
  play(`
    a: CREATE TABLE t (id int PRIMARY KEY, v int)
    a: INSERT INTO t VALUES (1, 10), (2, 20), (3, 30) => INSERT 0 3
    a: BEGIN
    a: SELECT * FROM t WHERE id = 1 FOR UPDATE => 1 10
    b: SELECT * FROM t WHERE id = 1 FOR UPDATE NOWAIT => 55P03
    b: SELECT * FROM t ORDER BY id FOR UPDATE SKIP LOCKED => 2 20, 3 30
    b: SELECT * FROM t ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED => 2 20
    b: SET lock_timeout = '50ms'
    b: SELECT * FROM t WHERE id = 1 FOR UPDATE => 55P03
    b: UPDATE t SET v = 0 WHERE id = 1 => 55P03
    b: SET lock_timeout = 0
    b: SET statement_timeout = '50ms'
    b: UPDATE t SET v = 0 WHERE id = 1 => 57014
    b: SET statement_timeout = 0
    b: UPDATE t SET v = v + 1 WHERE id = 1 => (waits)
    a: UPDATE t SET v = 100 WHERE id = 1 => UPDATE 1
    a: COMMIT
    b: wait => UPDATE 1
    b: SELECT * FROM t ORDER BY id => 1 101, 2 20, 3 30
  `));

test('row locks of four strengths', () =>
  play(`
    a: CREATE TABLE t (id int PRIMARY KEY, v int)
    a: INSERT INTO t VALUES (1, 10)
    a: BEGIN
    a: SELECT v FROM t FOR SHARE => 10
    b: SELECT v FROM t FOR KEY SHARE NOWAIT => 10
    b: SELECT v FROM t FOR SHARE NOWAIT => 10
    b: SELECT v FROM t FOR NO KEY UPDATE NOWAIT => 55P03
    b: SELECT v FROM t FOR UPDATE NOWAIT => 55P03
    a: ROLLBACK
    a: BEGIN
    a: SELECT v FROM t FOR NO KEY UPDATE => 10
    b: SELECT v FROM t FOR KEY SHARE NOWAIT => 10
    b: SELECT v FROM t FOR SHARE NOWAIT => 55P03
    a: ROLLBACK
    b: SELECT v FROM t FOR UPDATE NOWAIT => 10
  `));

test('a waiting SELECT FOR UPDATE checks its condition again', () =>
  play(`
    a: CREATE TABLE t (id int PRIMARY KEY, v int)
    a: INSERT INTO t VALUES (1, 10), (2, 20)
    a: BEGIN
    a: UPDATE t SET v = 5 WHERE id = 2
    b: SELECT * FROM t WHERE v >= 10 ORDER BY id FOR UPDATE => (waits)
    a: COMMIT
    b: wait => 1 10
  `));

test('a deadlock ends one of the two', () =>
  play(`
    a: CREATE TABLE t (id int PRIMARY KEY, v int)
    a: INSERT INTO t VALUES (1, 10), (2, 20)
    a: BEGIN
    a: UPDATE t SET v = 6 WHERE id = 1
    b: BEGIN
    b: UPDATE t SET v = 6 WHERE id = 2
    a: UPDATE t SET v = 7 WHERE id = 2 => (waits)
    b: UPDATE t SET v = 7 WHERE id = 1 => 40P01
    a: wait => UPDATE 1
    b: ROLLBACK
    a: COMMIT
    b: SELECT * FROM t ORDER BY id => 1 6, 2 7
  `));

test('REPEATABLE READ: no lost update, write skew is possible', () =>
  play(`
    a: CREATE TABLE t (id int PRIMARY KEY, v int)
    a: INSERT INTO t VALUES (1, 10), (2, 20)
    a: BEGIN ISOLATION LEVEL REPEATABLE READ
    a: SELECT sum(v) FROM t => 30
    b: UPDATE t SET v = 11 WHERE id = 1
    a: SELECT sum(v) FROM t => 30
    a: UPDATE t SET v = v + 1 WHERE id = 1 => 40001
    a: ROLLBACK
    a: BEGIN ISOLATION LEVEL REPEATABLE READ
    a: SELECT sum(v) FROM t => 31
    b: BEGIN ISOLATION LEVEL REPEATABLE READ
    b: SELECT sum(v) FROM t => 31
    a: UPDATE t SET v = 0 WHERE id = 1
    b: UPDATE t SET v = 0 WHERE id = 2
    a: COMMIT => COMMIT
    b: COMMIT => COMMIT
    a: SELECT sum(v) FROM t => 0
  `));

test('READ COMMITTED sees what others commit, statement by statement', () =>
  play(`
    a: CREATE TABLE t (id int PRIMARY KEY, v int)
    a: INSERT INTO t VALUES (1, 10)
    a: BEGIN
    a: SELECT v FROM t => 10
    b: UPDATE t SET v = 11
    a: SELECT v FROM t => 11
    b: BEGIN
    b: UPDATE t SET v = 12
    a: SELECT v FROM t => 11
    b: ROLLBACK
    a: COMMIT
  `));

test('DDL waits for those who use the table, and they for it', () =>
  play(`
    a: CREATE TABLE t (id int PRIMARY KEY, v int)
    a: BEGIN
    a: INSERT INTO t VALUES (1, 1)
    b: ALTER TABLE t ADD COLUMN w int DEFAULT 3 => (waits)
    a: COMMIT
    b: wait => ALTER TABLE
    a: SELECT * FROM t => 1 1 3
    a: BEGIN
    a: TRUNCATE t
    b: SELECT * FROM t => (waits)
    a: ROLLBACK
    b: wait => 1 1 3
    a: BEGIN
    a: ALTER TABLE t RENAME COLUMN v TO vv
    b: INSERT INTO t (id, v) VALUES (5, 5) => (waits)
    a: COMMIT
    b: wait => 42703
    a: BEGIN
    a: SELECT count(*) FROM t => 1
    b: SET lock_timeout = '50ms'
    b: DROP TABLE t => 55P03
    b: SET lock_timeout = 0
    b: DROP TABLE t => (waits)
    a: COMMIT
    b: wait => DROP TABLE
  `));

test('two transactions that create the same name', () =>
  play(`
    a: BEGIN
    a: CREATE TABLE n (x int)
    b: CREATE TABLE n (y int) => (waits)
    a: ROLLBACK
    b: wait => CREATE TABLE
    a: SELECT y FROM n => 
    a: BEGIN
    a: CREATE TABLE other (x int)
    b: ALTER TABLE n ADD COLUMN z int
    a: SELECT z FROM n => 
    a: COMMIT => COMMIT
  `));

test('LOCK TABLE', () =>
  play(`
    a: CREATE TABLE t (v int)
    a: LOCK TABLE t => 25P01
    a: BEGIN
    a: LOCK TABLE t IN SHARE MODE => LOCK TABLE
    b: SELECT count(*) FROM t => 0
    b: SET lock_timeout = '50ms'
    b: INSERT INTO t VALUES (1) => 55P03
    b: BEGIN
    b: LOCK TABLE t IN EXCLUSIVE MODE NOWAIT => 55P03
    b: ROLLBACK
    a: COMMIT
    b: INSERT INTO t VALUES (1) => INSERT 0 1
  `));

test('a failed transaction without savepoints keeps no locks', () =>
  play(`
    a: CREATE TABLE t (id int PRIMARY KEY, v int)
    a: INSERT INTO t VALUES (1, 10)
    a: BEGIN
    a: UPDATE t SET v = 11
    b: UPDATE t SET v = 12 => (waits)
    a: SELECT 1 / 0 => 22012
    b: wait => UPDATE 1
    a: SELECT 1 => 25P02
    a: COMMIT => ROLLBACK
    a: SELECT v FROM t => 12
  `));

test('foreign keys wait for those who change the referenced row', () =>
  play(`
    a: CREATE TABLE p (id int PRIMARY KEY, v int)
    a: CREATE TABLE c (p int REFERENCES p)
    a: INSERT INTO p VALUES (1, 1), (2, 2)
    a: BEGIN
    a: INSERT INTO c VALUES (1)
    b: UPDATE p SET v = 5 WHERE id = 1 => UPDATE 1
    b: DELETE FROM p WHERE id = 1 => (waits)
    a: COMMIT
    b: wait => 23503
    a: BEGIN
    a: DELETE FROM p WHERE id = 2
    b: INSERT INTO c VALUES (2) => (waits)
    a: COMMIT
    b: wait => 23503
  `));

test('temporary tables are those of their session', () =>
  play(`
    a: CREATE TABLE t (v text)
    a: INSERT INTO t VALUES ('everyone')
    a: CREATE TEMP TABLE t (v text)
    a: INSERT INTO t VALUES ('mine')
    b: SELECT v FROM t => everyone
    a: SELECT v FROM t => mine
    b: SELECT v FROM pg_temp_100.t => 0A000
    a: DROP TABLE t
    a: SELECT v FROM t => everyone
  `));
