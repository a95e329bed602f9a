// Advisory locks among sessions: the answers are PostgreSQL 15's.
import { after, before, test } from 'node:test';
import type { Database } from '../database.ts';
import { openScriptDatabase, playSessions } from '../testing/session-script.ts';

let database: Database;

before(async () => {
  database = await openScriptDatabase();
});
after(() => database.close());

const play = (script: string): Promise<void> => playSessions(database, script);

test('a lock of the session is held until it is given back as often as it was taken', () =>
  play(`
    a: SELECT pg_try_advisory_lock(1), pg_try_advisory_lock(1) => t t
    b: SELECT pg_try_advisory_lock(1), pg_try_advisory_lock(2), pg_try_advisory_lock(0, 1) => f t t
    b: SELECT pg_try_advisory_lock_shared(1) => f
    a: SELECT pg_advisory_unlock(1) => t
    b: SELECT pg_try_advisory_lock(1) => f
    a: SELECT pg_advisory_unlock(1), pg_advisory_unlock(1) => t f
    b: SELECT pg_try_advisory_lock(1) => t
    b: SELECT pg_advisory_unlock_all()
    a: SELECT pg_try_advisory_lock(1), pg_try_advisory_lock(2), pg_try_advisory_lock(0, 1) => t t t
    a: DISCARD ALL
    b: SELECT pg_try_advisory_lock(1), pg_advisory_unlock(1) => t t
  `));

test('who must wait waits: for the unlock, the timeout, the cancel', () =>
  play(`
    a: SELECT pg_advisory_lock(7)
    b: SELECT pg_advisory_lock(7), 'mine' => (waits)
    a: SELECT pg_advisory_unlock(7) => t
    b: wait =>  mine
    a: SET lock_timeout = '50ms'
    a: SELECT pg_advisory_lock(7) => 55P03
    a: SET lock_timeout = 0
    a: SET statement_timeout = '80ms'
    a: SELECT pg_advisory_lock(7) => 57014
    a: SET statement_timeout = 0
    b: SELECT pg_advisory_unlock(7) => t
    a: SELECT pg_try_advisory_lock(7), pg_advisory_unlock(7) => t t
  `));

test('shared locks go together; nobody overtakes who waits', () =>
  play(`
    a: SELECT pg_advisory_lock_shared(8)
    b: SELECT pg_try_advisory_lock_shared(8) => t
    b: SELECT pg_try_advisory_lock(8) => f
    b: SELECT pg_advisory_unlock_shared(8) => t
    b: SELECT pg_advisory_lock(8) => (waits)
    c: SELECT pg_try_advisory_lock_shared(8) => f
    a: SELECT pg_try_advisory_lock_shared(8), pg_advisory_unlock_shared(8) => t t
    a: SELECT pg_advisory_unlock_shared(8) => t
    b: wait
    b: SELECT pg_advisory_unlock(8) => t
    c: SELECT pg_try_advisory_lock_shared(8), pg_advisory_unlock_shared(8) => t t
  `));

test('a lock of the transaction goes with it', () =>
  play(`
    a: BEGIN
    a: SELECT pg_advisory_xact_lock(9), pg_try_advisory_lock(10) =>  t
    b: SELECT pg_try_advisory_xact_lock(9) => f
    a: SELECT pg_advisory_unlock(9) => f
    a: COMMIT
    b: SELECT pg_try_advisory_xact_lock(9), pg_try_advisory_lock(10) => t f
    a: BEGIN
    a: SELECT pg_try_advisory_xact_lock(9) => t
    a: ROLLBACK
    b: BEGIN
    b: SELECT pg_advisory_xact_lock(9)
    a: SELECT pg_advisory_xact_lock(9) => (waits)
    b: ROLLBACK
    a: wait
    b: SELECT pg_try_advisory_lock(9), pg_advisory_unlock(9) => t t
    a: SELECT pg_advisory_unlock(10) => t
  `));

test('a statement that fails holds no place in the line', () =>
  play(`
    a: SELECT pg_advisory_lock(11)
    b: SELECT pg_advisory_lock(11), 1 / (pg_backend_pid() - pg_backend_pid()) => 22012
    a: SELECT pg_advisory_unlock(11) => t
    a: SELECT pg_try_advisory_lock(11), pg_advisory_unlock(11) => t t
  `));

test('a rollback to a savepoint gives back what the transaction has taken since, a failed block all of it', () =>
  play(`
    a: BEGIN
    a: SELECT pg_advisory_xact_lock(12), pg_advisory_lock(13)
    a: SAVEPOINT s
    a: SELECT pg_advisory_xact_lock(12), pg_advisory_xact_lock(14), pg_advisory_lock(15)
    a: ROLLBACK TO s
    b: SELECT pg_try_advisory_lock(12), pg_try_advisory_lock(14), pg_try_advisory_lock(15) => f t f
    a: SAVEPOINT s
    a: RELEASE s
    a: ROLLBACK TO s
    b: SELECT pg_try_advisory_lock(12) => f
    a: ROLLBACK
    a: BEGIN
    a: SELECT pg_advisory_xact_lock(16)
    a: SELECT 1 / 0 => 22012
    b: SELECT pg_try_advisory_lock(12), pg_try_advisory_lock(13), pg_try_advisory_lock(16) => t f t
    a: ROLLBACK
    a: SELECT pg_advisory_unlock_all()
    b: SELECT pg_advisory_unlock_all()
  `));

test('who waits for an advisory lock, and for whom, is to be seen', () =>
  play(`
    a: SELECT pg_advisory_lock(17)
    b: SELECT pg_advisory_lock(17) => (waits)
    a: SELECT wait_event_type, wait_event, pg_blocking_pids(pid) FROM pg_stat_activity WHERE pid = 101 => Lock advisory {100}
    a: SELECT pg_advisory_unlock(17) => t
    b: wait
    b: SELECT pg_advisory_unlock(17), pg_blocking_pids(101) => t {}
  `));
