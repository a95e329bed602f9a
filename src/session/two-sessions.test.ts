// What sessions do to each other: row locks, relation locks, isolation levels, privileges. The answers are PostgreSQL 15's.
import { after, before, test } from 'node:test';
import type { Database } from '../database.ts';
import { openScriptDatabase, playSessions } from '../testing/session-script.ts';

let database: Database;

before(async () => {
  database = await openScriptDatabase();
});
after(() => database.close());

const play = (script: string): Promise<void> => playSessions(database, script);

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
    b: SET statement_timeout = '500ms'
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

test('a lock on a row that others share counts, be it the only one of its transaction', () =>
  play(`
    a: CREATE TABLE t (id int PRIMARY KEY, v int)
    a: INSERT INTO t VALUES (1, 10)
    a: BEGIN
    a: SELECT v FROM t FOR KEY SHARE => 10
    b: BEGIN
    b: UPDATE t SET v = 11 => UPDATE 1
    a: SELECT v FROM t FOR SHARE NOWAIT => 55P03
    c: SELECT v FROM t FOR SHARE SKIP LOCKED => 
    c: DELETE FROM t => (waits)
    a: ROLLBACK
    b: COMMIT
    c: wait => DELETE 1
  `));

test('a row changed by oneself is locked as what it was: who shares it is waited for', () =>
  play(`
    a: CREATE TABLE t (id int PRIMARY KEY, v int)
    a: INSERT INTO t VALUES (1, 10), (2, 20)
    a: BEGIN
    a: SELECT v FROM t WHERE id = 1 FOR KEY SHARE => 10
    b: BEGIN
    b: UPDATE t SET v = 11 WHERE id = 1 => UPDATE 1
    b: SAVEPOINT s
    b: UPDATE t SET v = 12 WHERE id = 1 => UPDATE 1
    b: ROLLBACK TO s
    b: DELETE FROM t WHERE id = 1 => (waits)
    a: COMMIT
    b: wait => DELETE 1
    b: COMMIT
    a: SELECT * FROM t => 2 20
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

test('a savepoint gives the locks taken since free', () =>
  play(`
    a: CREATE TABLE t (id int PRIMARY KEY, v int)
    a: INSERT INTO t VALUES (1, 10), (2, 20), (3, 30)
    a: BEGIN
    a: SELECT v FROM t WHERE id = 1 FOR SHARE => 10
    a: SAVEPOINT s
    a: UPDATE t SET v = 0 WHERE id < 3
    b: UPDATE t SET v = 21 WHERE id = 2 => (waits)
    a: SELECT 1 / 0 => 22012
    b: wait => UPDATE 1
    b: SELECT v FROM t WHERE id = 1 FOR SHARE NOWAIT => 10
    a: ROLLBACK TO s
    b: UPDATE t SET v = 11 WHERE id = 1 => (waits)
    a: INSERT INTO t VALUES (4, 40)
    c: INSERT INTO t VALUES (4, 41) => (waits)
    a: ROLLBACK TO s
    c: wait => INSERT 0 1
    a: COMMIT
    b: wait => UPDATE 1
    a: SELECT * FROM t ORDER BY id => 1 11, 2 21, 3 30, 4 41
  `));

test('REPEATABLE READ: ON CONFLICT may not act upon a row that it does not see', () =>
  play(`
    a: CREATE TABLE t (id int PRIMARY KEY, v int)
    a: INSERT INTO t VALUES (1, 10)
    a: BEGIN ISOLATION LEVEL REPEATABLE READ
    a: SELECT count(*) FROM t => 1
    b: INSERT INTO t VALUES (2, 20)
    a: INSERT INTO t VALUES (2, 0) ON CONFLICT DO NOTHING => 40001
    a: ROLLBACK
    a: BEGIN ISOLATION LEVEL REPEATABLE READ
    a: SELECT v FROM t WHERE id = 1 => 10
    a: INSERT INTO t VALUES (2, 0) ON CONFLICT DO NOTHING => INSERT 0 0
    b: UPDATE t SET v = 11 WHERE id = 1
    a: INSERT INTO t VALUES (1, 0) ON CONFLICT (id) DO UPDATE SET v = t.v + 1 => 40001
    a: ROLLBACK
  `));

test('readers do not pass those who wait for the table', () =>
  play(`
    a: CREATE TABLE t (v int)
    a: BEGIN
    a: SELECT count(*) FROM t => 0
    b: ALTER TABLE t ADD COLUMN w int => (waits)
    c: SELECT * FROM t => (waits)
    a: SELECT count(*) FROM t => 0
    a: INSERT INTO t VALUES (1)
    a: COMMIT
    b: wait => ALTER TABLE
    c: wait => 1 NULL
  `));

test('foreign keys wait for those who change the referenced row', () =>
  play(`
    a: CREATE TABLE p (id int PRIMARY KEY, v int)
    a: CREATE TABLE c (p int REFERENCES p, v int)
    a: INSERT INTO p VALUES (1, 1), (2, 2)
    a: BEGIN
    a: INSERT INTO c VALUES (1)
    b: UPDATE p SET v = 5 WHERE id = 1 => UPDATE 1
    b: DELETE FROM p WHERE id = 1 => (waits)
    a: COMMIT
    b: wait => 23503
    a: BEGIN
    a: UPDATE c SET p = 1, v = 5 => UPDATE 1
    b: DELETE FROM c => (waits)
    a: ROLLBACK
    b: wait => DELETE 1
    a: INSERT INTO c VALUES (1)
    a: BEGIN
    a: UPDATE p SET id = 3 WHERE id = 2
    b: UPDATE c SET v = 6, p = 1 => UPDATE 1
    b: UPDATE c SET p = 2 => (waits)
    a: ROLLBACK
    b: wait => UPDATE 1
    b: UPDATE c SET p = 1
    a: BEGIN
    a: DELETE FROM c
    b: DELETE FROM p WHERE id = 1 => (waits)
    a: ROLLBACK
    b: wait => 23503
    a: BEGIN
    a: DELETE FROM c
    b: DELETE FROM p WHERE id = 1 => (waits)
    a: COMMIT
    b: wait => DELETE 1
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

test('a role sees and changes what it was granted', () =>
  play(`
    a: CREATE ROLE alice LOGIN
    a: CREATE ROLE nologin
    a: CREATE TABLE t (id int, v text)
    a: INSERT INTO t VALUES (1, 'x')
    alice: SELECT * FROM t => 42P01
    a: GRANT USAGE ON SCHEMA $SCHEMA TO alice
    alice: SELECT * FROM t => 42501
    a: GRANT SELECT ON t TO alice => GRANT
    alice: SELECT * FROM t => 1 x
    alice: DELETE FROM t => 42501
    a: REVOKE SELECT ON t FROM alice => REVOKE
    alice: SELECT * FROM t => 42501
    alice: SET ROLE postgres => 42501
    alice: COPY t TO '/tmp/never' => 42501
    alice: SELECT rolpassword FROM pg_authid => 42501
    alice: ALTER ROLE alice SUPERUSER => 42501
    alice: CREATE TABLE public.mine (x int) => 42501
  `));

test('who waits for a lock, and for whom, is to be seen', () =>
  play(`
    a: CREATE TABLE t (id int PRIMARY KEY, v int)
    a: INSERT INTO t VALUES (1, 10)
    a: BEGIN
    a: UPDATE t SET v = 11
    b: UPDATE t SET v = 12 => (waits)
    a: SELECT pid, wait_event_type, wait_event FROM pg_stat_activity WHERE query LIKE 'UPDATE t SET v = 12%' => 101 Lock transactionid
    a: SELECT pg_blocking_pids(101), pg_blocking_pids(100) => {100} {}
    a: COMMIT
    b: wait => UPDATE 1
  `));

test('a schema is not dropped while something is made in it, nor a role while something is given to it', () =>
  play(`
    a: CREATE SCHEMA elsewhere
    a: CREATE ROLE somebody
    a: BEGIN
    a: CREATE TABLE elsewhere.t (id int)
    b: DROP SCHEMA elsewhere => (waits)
    a: COMMIT
    b: wait => 2BP01
    a: BEGIN
    a: GRANT SELECT ON elsewhere.t TO somebody
    b: DROP ROLE somebody => (waits)
    a: COMMIT
    b: wait => 2BP01
    a: BEGIN
    a: DROP SCHEMA elsewhere CASCADE
    b: CREATE VIEW elsewhere.v AS SELECT 1 => (waits)
    a: COMMIT
    b: wait => 3F000
    a: DROP ROLE somebody => DROP ROLE
  `));

test('what another has dropped under a view that comes ends its transaction', () =>
  play(`
    a: CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'SELECT $1 + 1'
    a: BEGIN
    a: CREATE VIEW v AS SELECT f(1) AS x
    b: DROP FUNCTION f(int) => DROP FUNCTION
    a: COMMIT => 42704
    a: SELECT * FROM v => 42P01
  `));

test('SET ROLE is taken back with its savepoint', () =>
  play(`
    a: CREATE ROLE one
    a: CREATE ROLE two
    a: BEGIN
    a: SET ROLE one
    a: SAVEPOINT s
    a: SET ROLE two
    a: ROLLBACK TO s
    a: SELECT current_user => one
    a: SELECT 1 / 0 => 22012
    a: ROLLBACK
    a: SELECT current_user => postgres
    a: SET ROLE two
    a: DISCARD ALL
    a: SELECT current_user => postgres
    a: DROP ROLE one
    a: DROP ROLE two
  `));
