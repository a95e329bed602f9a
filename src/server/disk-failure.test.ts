// A disk that is full and a disk that fails to sync, seen by clients: the statement fails with its SQLSTATE, nothing that was acknowledged
// is lost, nothing that failed comes back, reads go on, and a full disk that has room again takes writes again.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FaultyDisk } from '../testing/faulty-disk.ts';
import { dataRows, firstError, RawClient } from '../testing/raw-client.ts';
import { startRealServer } from '../testing/real-server.ts';

const LOG = /^log\//;

async function values(client: RawClient, sql = 'SELECT n FROM t ORDER BY n'): Promise<(string | null)[]> {
  const answer = await client.query(sql);
  assert.equal(firstError(answer), null);
  return dataRows(answer).map(([value]) => value!);
}

test('a full disk: 53100, reads go on, and writes again when there is room', { timeout: 240_000 }, async () => {
  const disk = new FaultyDisk();
  {
    await using server = await startRealServer({ disk });
    const [writer, reader] = [await RawClient.login(server.port), await RawClient.login(server.port)];
    await writer.query('CREATE TABLE t (n int PRIMARY KEY); CREATE MATERIALIZED VIEW v AS SELECT count(*) AS c FROM t');
    await writer.query('INSERT INTO t VALUES (1)');
    disk.plan = (phase, _, path) =>
      phase === 'write' && LOG.test(path) ? { code: 'ENOSPC', keepBytes: 11 } : undefined;
    for (const sql of [
      'INSERT INTO t VALUES (2)',
      'UPDATE t SET n = 5',
      'CREATE TABLE u (a int)',
      'BEGIN; DELETE FROM t; COMMIT',
    ]) {
      assert.match(firstError(await writer.query(sql)) ?? 'no error', /^53100 .*(full|space)/i, sql);
      assert.deepEqual(await values(reader), ['1'], sql);
      assert.deepEqual(await values(reader, 'SELECT c FROM v'), ['1'], sql);
    }
    disk.plan = null;
    assert.equal(firstError(await writer.query('INSERT INTO t VALUES (3)')), null);
    assert.deepEqual(await values(reader), ['1', '3']);
    assert.deepEqual(await values(reader, 'SELECT c FROM v'), ['2']);
    disk.crash();
    writer.close();
    reader.close();
  }
  await using again = await startRealServer({ disk });
  const client = await RawClient.login(again.port);
  assert.deepEqual(await values(client), ['1', '3']);
  assert.deepEqual(await values(client, 'SELECT c FROM v'), ['2']);
  client.close();
});

test('a failed sync: the commit fails, the server says read-only and stays so, a restart has what was acknowledged', {
  timeout: 240_000,
}, async () => {
  const disk = new FaultyDisk();
  {
    await using server = await startRealServer({ disk });
    const [writer, reader] = [await RawClient.login(server.port), await RawClient.login(server.port)];
    await writer.query('CREATE TABLE t (n int PRIMARY KEY)');
    await writer.query('INSERT INTO t VALUES (1)');
    disk.plan = (phase, _, path) => (phase === 'sync' && LOG.test(path) ? { code: 'EIO' } : undefined);
    assert.match(firstError(await writer.query('INSERT INTO t VALUES (2)')) ?? 'no error', /^58030 /);
    disk.plan = null; // the disk seems well again, but the kernel may have dropped what it could not write
    const second = firstError(await writer.query('INSERT INTO t VALUES (3)')) ?? 'no error';
    assert.match(second, /^58030 .*/, 'no second chance for a log whose sync has failed');
    assert.deepEqual(await values(reader), ['1']);
    assert.deepEqual(dataRows(await writer.query('SELECT 1')), [['1']]);
    disk.crash();
    writer.close();
    reader.close();
  }
  await using again = await startRealServer({ disk });
  const client = await RawClient.login(again.port);
  assert.deepEqual(await values(client), ['1']);
  assert.equal(firstError(await client.query('INSERT INTO t VALUES (2)')), null);
  client.close();
});

/** Commits 1, 2, 3, ... until `stopAt`; returns the acknowledged ones. */
async function commitUntilFailure(port: number, stopAt: number): Promise<string[]> {
  const client = await RawClient.login(port);
  const acknowledged: string[] = [];
  for (let n = 1; n <= stopAt; n++) {
    const error = firstError(
      await client.query(`BEGIN; INSERT INTO a VALUES (${n}); INSERT INTO b VALUES (${n}); COMMIT`),
    );
    if (error === null) acknowledged.push(String(n));
    else {
      assert.match(error, /^(53100|58030) /);
      if (firstError(await client.query('ROLLBACK')) !== null) break;
    }
    if (n % 4 === 0) await client.query('CHECKPOINT');
  }
  client.close();
  return acknowledged;
}

test('a fault at any write or sync, then a power cut: acknowledged commits whole, others not at all', {
  timeout: 300_000,
}, async () => {
  let faults = 0;
  for (let ordinal = 1; ordinal <= 40; ordinal++) {
    for (const code of ['ENOSPC', 'EIO']) {
      const disk = new FaultyDisk();
      let acknowledged: string[];
      {
        await using server = await startRealServer({ disk });
        const client = await RawClient.login(server.port);
        assert.equal(firstError(await client.query('CREATE TABLE a (n int); CREATE TABLE b (n int)')), null);
        client.close();
        const begun = disk.writes + disk.syncs;
        disk.plan = () =>
          disk.writes + disk.syncs - begun === ordinal ? { code, keepBytes: (ordinal * 7) % 40 } : undefined;
        acknowledged = await commitUntilFailure(server.port, 9);
        if (disk.writes + disk.syncs - begun >= ordinal) faults++;
        disk.crash((_, unsynced) => (ordinal * 13) % (unsynced + 1));
      }
      await using again = await startRealServer({ disk });
      const client = await RawClient.login(again.port);
      const [a, b] = [
        await values(client, 'SELECT n FROM a ORDER BY n'),
        await values(client, 'SELECT n FROM b ORDER BY n'),
      ];
      assert.deepEqual(a, b, `half a transaction, ${code} at ${ordinal}`);
      assert.deepEqual(
        acknowledged.filter((n) => !a.includes(n)),
        [],
        `lost, ${code} at ${ordinal}`,
      );
      client.close();
    }
  }
  assert.ok(faults > 30, `${faults} faults were met`);
});
