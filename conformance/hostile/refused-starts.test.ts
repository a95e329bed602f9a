// Servers that cannot start: each says why in one clear line on stderr, ends with code 1, and leaves what is there alone.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type HeadraceServer, startHeadrace } from '../headrace-server.ts';
import { Bystander } from './bystander.ts';

const MAIN = join(import.meta.dirname, '..', '..', 'src', 'main.ts');
const root = mkdtempSync(join(tmpdir(), 'headrace-starts-'));
after(() => rmSync(root, { recursive: true, force: true }));

/** What a start that fails says and ends with. */
async function refusedStart(
  options: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<string> {
  const child = spawn(
    process.execPath,
    [MAIN, '--memory', '256MB', '--workers', '0', '--log-level', 'error', ...options],
    {
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  let said = '';
  child.stderr!.on('data', (chunk: Buffer) => {
    said += String(chunk);
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), 120_000);
  const [code, signal] = await once(child, 'exit');
  clearTimeout(timer);
  assert.equal(signal, null, `it went on running: ${said}`);
  assert.equal(code, 1, said);
  assert.doesNotMatch(said, /\n\s+at /, 'no stack');
  return said.trim();
}

async function running(...options: readonly string[]): Promise<{ server: HeadraceServer; bystander: Bystander }> {
  const server = await startHeadrace(options);
  return { server, bystander: await Bystander.of(server) };
}

test('two servers on one data directory: the second is refused by name, the first goes on', {
  timeout: 290_000,
}, async () => {
  const directory = join(root, 'shared');
  const { server, bystander } = await running('--data', directory);
  await bystander.query('CREATE TABLE t AS SELECT 1 AS n');
  const said = await refusedStart(['--data', directory, '--port', '0']);
  assert.match(said, /^headrace: lock file ".*LOCK" already exists/);
  assert.match(said, new RegExp(`is in use by process ${server.process.pid}`));
  assert.match(said, /hint: Stop the other server/);
  assert.equal((await bystander.query('SELECT n FROM t')).rows[0].n, 1);
  await bystander.end();
  server.process.kill('SIGKILL');
  await once(server.process, 'exit');
  const again = await running('--data', directory);
  assert.equal((await again.bystander.query('SELECT n FROM t')).rows[0].n, 1, 'the lock of a dead server is no lock');
  await again.bystander.end();
  await again.server.stop();
});

test('a port in use: by a server of ours, by a stranger', { timeout: 290_000 }, async () => {
  const { server, bystander } = await running('--data', 'memory');
  assert.match(
    await refusedStart(['--data', 'memory', '--port', String(server.port)]),
    /could not listen on 127\.0\.0\.1:\d+: the address is already in use/,
  );
  await bystander.isAnswered();
  await bystander.end();
  await server.stop();
  const stranger = createServer().listen(0, '127.0.0.1');
  await once(stranger, 'listening');
  const { port } = stranger.address() as { port: number };
  assert.match(await refusedStart(['--data', join(root, 'unused'), '--port', String(port)]), /already in use/);
  stranger.close();
  const later = await running('--data', join(root, 'unused'));
  await later.bystander.isAnswered();
  await later.bystander.end();
  await later.server.stop();
});

const REFUSED: readonly (readonly [what: string, options: readonly string[], says: RegExp])[] = [
  ['an unknown option', ['--prot', '7'], /unknown option '--prot'[\s\S]*--help lists the options/],
  ['an option without a value', ['--port'], /option '--port <port>' argument missing/],
  ['a data directory without a name', ['--data', ''], /option --data: name a directory/],
  ['a word too many', ['serve'], /too many arguments|unknown command/],
  ['a port that is none', ['--port', 'x'], /option --port: /],
  ['a port too high', ['--port', '70000'], /option --port: .*65535/],
  ['memory without a unit', ['--memory', '100'], /option --memory: "100" is not a size: write for example 512MB or 2GB/],
  ['too much memory', ['--memory', '9GB'], /option --memory: shared memory is at most 4GB/],
  ['workers below zero', ['--workers', '-1'], /option --workers: /],
  ['an unknown log level', ['--log-level', 'loud'], /option --log-level: /],
  ['beyond loopback without a password', ['--data', 'memory', '--host', '0.0.0.0', '--port', '0'], /refusing to listen on 0\.0\.0\.0: no role has a password\n\s*hint: Set HEADRACE_PASSWORD/],
  ['an address that is not ours', ['--data', 'memory', '--host', '192.0.2.1', '--port', '0'], /192\.0\.2\.1/],
]; // biome-ignore format: a table

for (const [what, options, says] of REFUSED) {
  test(what, { timeout: 290_000 }, async () => assert.match(await refusedStart(options), says));
}

test('a data directory that is none of ours, of a later version, a file, below a file', {
  timeout: 290_000,
}, async () => {
  const later = mkdtempSync(join(root, 'later-'));
  writeFileSync(join(later, 'FORMAT'), 'headrace 99\n');
  assert.match(await refusedStart(['--data', later, '--port', '0']), /version|newer/i);
  const file = join(root, 'a-file');
  writeFileSync(file, 'x');
  assert.match(
    await refusedStart(['--data', file, '--port', '0']),
    /could not open data directory ".*a-file"\n.*not a directory/,
  );
  assert.match(
    await refusedStart(['--data', join(file, 'below'), '--port', '0']),
    /could not create data directory ".*below"/,
  );
});

test('a data directory where nothing can be made or written', { timeout: 290_000 }, async () => {
  const unusable = (directory: string) => refusedStart(['--data', directory, '--port', '0']);
  // Node's recursive mkdir would try for ever here
  assert.match(
    await unusable('/proc/x/y'),
    /could not create data directory "\/proc\/x\/y"\n.*\n\s*hint: Name another/,
  );
  assert.match(await unusable('/proc'), /could not write to data directory "\/proc"/);
  assert.match(await unusable('/dev/null/x'), /could not create data directory "\/dev\/null\/x"\n.*not a directory/);
  const dangling = join(root, 'dangling');
  symlinkSync('/proc/nowhere', dangling);
  assert.match(await unusable(dangling), /could not (create|open) data directory ".*dangling"/);
  if (process.getuid?.() === 0) return; // everything is allowed to root
  const closed = mkdtempSync(join(root, 'closed-'));
  chmodSync(closed, 0o500);
  assert.match(
    await unusable(closed),
    /could not write to data directory ".*closed-.*"\n.*may not read and write there/,
  );
  assert.match(
    await unusable(join(closed, 'x')),
    /could not create data directory ".*x"\n.*may not read and write there/,
  );
});

test('a damaged checkpoint or log: refused with the file named, nothing overwritten', {
  timeout: 290_000,
}, async () => {
  const directory = join(root, 'damaged');
  const { server, bystander } = await running('--data', directory);
  await bystander.query('CREATE TABLE t AS SELECT g AS n FROM generate_series(1, 1000) g');
  await bystander.end();
  await server.stop();
  const manifests = readdirSync(join(directory, 'checkpoints'));
  const path = join(directory, 'checkpoints', manifests.find((name) => !name.endsWith('.tmp'))!);
  writeFileSync(path, 'not a manifest');
  const said = await refusedStart(['--data', directory, '--port', '0']);
  assert.match(said, /^headrace: .*checkpoints?/i);
});
