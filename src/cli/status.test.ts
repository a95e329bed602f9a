// `headrace status` against a server: what it prints, and its exit code, which the container's health check asks for.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { startRealServer } from '../testing/real-server.ts';

const COMMAND = fileURLToPath(new URL('headrace.ts', import.meta.url));

function status(port: number): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [COMMAND, 'status', '--port', String(port)], (error, output, errors) =>
      resolve({ code: error === null ? 0 : Number(error.code), output: output + errors }),
    );
  });
}

test('the command may be executed, as npx does', () => {
  accessSync(COMMAND, constants.X_OK);
});

test('status lists streams and queries, and fails where nobody answers', async () => {
  let port: number;
  {
    await using server = await startRealServer();
    port = server.port;
    const client = new pg.Client({ host: '127.0.0.1', port, user: 'postgres', database: 'postgres' });
    await client.connect();
    await client.query('CREATE STREAM clicks (page text)');
    await client.query('CREATE MATERIALIZED VIEW pages AS SELECT page, count(*) FROM clicks GROUP BY page');
    await client.end();
    const { code, output } = await status(port);
    assert.equal(code, 0, output);
    assert.match(output, /^clicks {2}/m);
    assert.match(output, /^pages {2,}running {2}0$/m);
  }
  const { code, output } = await status(port);
  assert.equal(code, 1);
  assert.match(output, /no server answers on 127\.0\.0\.1:\d+/);
});
