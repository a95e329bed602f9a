// A trap in a kernel, on main and on a worker, in a server process of its own: clients are told, the process ends by itself, and the next
// start has every acknowledged commit and nothing else. A worker that merely ends fails its statement only.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { serialize } from 'pg-protocol';
import { dataRows, errorFields, firstError, RawClient } from '../testing/raw-client.ts';

const SRC = join(import.meta.dirname, '..');
const ROWS = 150_000;
const FILL = `CREATE TABLE t AS SELECT n, 'Name ' || n AS name FROM generate_series(1, ${ROWS}) AS g(n); CREATE TABLE u (n int)`;

interface Running extends AsyncDisposable {
  readonly port: number;
  readonly child: ChildProcess;
  readonly log: () => string;
}

/** `wild`: see wild-kernel.ts. */
async function start(directory: string, wild: string | null): Promise<Running> {
  const before = wild === null ? [] : ['--import', join(SRC, 'testing', 'wild-kernel.ts')];
  const options = ['--data', directory, '--port', '0', '--memory', '512MB', '--workers', '2', '--log-level', 'error'];
  const env = { ...process.env, HEADRACE_WILD: wild ?? '' };
  const child = spawn(process.execPath, [...before, join(SRC, 'main.ts'), ...options], { env });
  let log = '';
  child.stderr.on('data', (chunk: Buffer) => {
    log += String(chunk);
  });
  const port = await new Promise<number>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      const ready = /is ready: psql -h \S+ -p (\d+)/.exec(String(chunk));
      if (ready !== null) resolve(Number(ready[1]));
    });
    child.once('exit', (code) => reject(new Error(`the server ended with code ${code}: ${log}`)));
  });
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    await once(child, 'exit');
  };
  return { port, child, log: () => log, [Symbol.asyncDispose]: stop };
}

async function inDirectory(body: (directory: string) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'headrace-trap-'));
  try {
    await body(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** The last message of a session, which must be PostgreSQL's warning. */
async function toldOfCrash(client: RawClient): Promise<void> {
  const last = (await client.rest(60_000)).at(-1);
  assert.equal(last?.type, 'N');
  const fields = errorFields(last.body);
  assert.deepEqual([fields.S, fields.C], ['WARNING', '57P02']);
  assert.equal(fields.M, 'terminating connection because of crash of another server process');
  assert.ok(client.closed);
}

for (const [thread, sql] of [
  ['main', "SELECT lower(name), 'a secret' FROM t LIMIT 1"],
  ['worker', "/* all */ SELECT lower(name), count(*), 'a secret' FROM t GROUP BY 1 ORDER BY 2, 1"],
] as const) {
  test(`a trap on ${thread} ends the process; what was acknowledged is there after the next start`, {
    timeout: 300_000,
  }, async () => {
    await inDirectory(async (directory) => {
      {
        await using server = await start(directory, `${thread}:lower_view`);
        const [writer, idle, open, asks] = await Promise.all(
          Array.from({ length: 4 }, () => RawClient.login(server.port)),
        );
        assert.equal(firstError(await writer!.query(FILL)), null);
        assert.equal(
          firstError(await writer!.query('CREATE MATERIALIZED VIEW v AS SELECT count(*) AS c FROM u')),
          null,
        );
        for (let n = 1; n <= 20; n++)
          assert.equal(firstError(await writer!.query(`INSERT INTO u VALUES (${n})`)), null);
        await open!.query('BEGIN; INSERT INTO u VALUES (-1)');
        const exit = once(server.child, 'exit');
        const told = [idle, open, asks].map((client) => toldOfCrash(client!));
        asks!.send(serialize.query(sql));
        await Promise.all(told);
        const [code] = await exit;
        assert.equal(code, 70);
        assert.match(
          server.log(),
          /"cause":"kernel [^"]*trapped: memory access out of bounds".*"statements":\["SELECT"\]/,
        );
        assert.doesNotMatch(server.log(), /secret/);
      }
      await using again = await start(directory, null);
      const client = await RawClient.login(again.port);
      const answer = await client.query(
        'SELECT count(*), min(n), max(n), (SELECT c FROM v), (SELECT count(*) FROM t) FROM u',
      );
      assert.deepEqual(dataRows(answer), [['20', '1', '20', '20', String(ROWS)]]);
      client.close();
    });
  });
}

test('workers that end fail their statement; others go on, and new threads take their place', {
  timeout: 300_000,
}, async () => {
  await inDirectory(async (directory) => {
    await using server = await start(directory, 'worker:exit');
    const [writer, asks] = [await RawClient.login(server.port), await RawClient.login(server.port)];
    assert.equal(firstError(await writer.query(FILL)), null);
    const failed = await asks.query('SELECT lower(name), count(*) FROM t GROUP BY 1');
    assert.equal(firstError(failed), 'XX000 a worker thread ended');
    assert.equal(firstError(await writer.query('INSERT INTO u VALUES (1)')), null);
    const counted = await asks.query('SELECT sum(c) FROM (SELECT name, count(*) AS c FROM t GROUP BY name) AS g');
    assert.deepEqual(dataRows(counted), [[String(ROWS)]]);
  });
});
