// TLS by SSLRequest and direct, ALPN, SCRAM with channel binding, and libpq itself (psql), where the machine has openssl and psql.
import assert from 'node:assert/strict';
import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect as connectTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { promisify } from 'node:util';
import { serialize } from 'pg-protocol';
import { startTestServer } from '../../testing/wire-test-server.ts';
import { createScramVerifier } from './scram.ts';

const run = promisify(execFile);
const has = (program: string): boolean => spawnSync(program, ['--version']).error === undefined;
const withoutOpenssl = has('openssl') ? false : 'openssl is not installed';
const withoutPsql = has('psql') ? withoutOpenssl : 'psql is not installed';

function selfSigned(): { key: Buffer; cert: Buffer } {
  const folder = mkdtempSync(join(tmpdir(), 'headrace-tls-'));
  try {
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-subj', '/CN=localhost'];
    execFileSync('openssl', [...request, '-keyout', key, '-out', cert], { stdio: 'ignore' });
    return { key: readFileSync(key), cert: readFileSync(cert) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const ROLES = { alice: { kind: 'scram', verifier: createScramVerifier('secret') }, tester: { kind: 'trust' } } as const;

async function psql(port: number, options: string, ...commands: string[]): Promise<string> {
  const args = [
    '-XAt',
    `host=127.0.0.1 port=${port} dbname=db ${options}`,
    ...commands.flatMap((command) => ['-c', command]),
  ];
  const env = { ...process.env, PGPASSWORD: 'secret' };
  const { stdout, stderr } = await run('psql', args, { env, timeout: 120_000, maxBuffer: 2 ** 26 }).catch(
    (error) => error,
  );
  return `${stdout}${stderr}`;
}

test('psql over TLS: SCRAM with channel binding, results, errors', { skip: withoutPsql }, async () => {
  await using started = await startTestServer({ tls: selfSigned() }, ROLES);
  const { port } = started.server;
  const bound = 'user=alice sslmode=require channel_binding=require';
  assert.equal(await psql(port, bound, 'rows 3'), '0|row 0\n1|row 1\n2|row 2\n');
  assert.equal(started.factory.sessions[0]!.startup.encrypted, true);
  assert.equal(await psql(port, bound, `wide 300000`), `${'x'.repeat(300_000)}\n`);
  assert.equal((await psql(port, bound, 'rows 100000')).split('\n').length, 100_001);
  assert.match(await psql(port, 'user=nobody sslmode=require'), /password authentication failed for user "nobody"/);
});

test('psql without TLS: SCRAM, error texts, COPY', { skip: withoutPsql }, async () => {
  await using started = await startTestServer({}, ROLES);
  const { port } = started.server;
  assert.equal(await psql(port, 'user=alice sslmode=prefer', 'rows 1'), '0|row 0\n');
  assert.match(await psql(port, 'user=alice sslmode=require', 'rows 1'), /server does not support SSL/);
  assert.match(
    await psql(port, 'user=alice', 'fail'),
    /ERROR: {2}relation "é" does not exist\nLINE 1: fail\n {9}\^\nHINT: {2}none/,
  );
  assert.match(await psql(port, 'user=tester dbname=nowhere', 'rows 1'), /FATAL: {2}database "nowhere" does not exist/);
});

test('direct TLS needs ALPN', { skip: withoutOpenssl }, async () => {
  await using started = await startTestServer({ tls: selfSigned() }, ROLES);
  const { port } = started.server;
  const answer = async (alpn: string[] | undefined): Promise<string> => {
    const socket = connectTls({
      port,
      host: '127.0.0.1',
      rejectUnauthorized: false,
      ...(alpn && { ALPNProtocols: alpn }),
    });
    socket.on('error', () => {});
    let received = '';
    socket.on('data', (chunk) => (received += chunk.toString('latin1')));
    socket.on('secureConnect', () => {
      socket.write(Buffer.concat([serialize.startup({ user: 'tester' }), serialize.query('rows 1'), serialize.end()]));
    });
    await new Promise((resolve) => socket.once('close', resolve));
    return received;
  };
  assert.match(await answer(['postgresql']), /SELECT 1/);
  assert.equal(await answer(['http/1.1']), '');
  assert.equal(await answer(undefined), '');
});

test('a TLS handshake that fails, and bytes stuffed before it, harm nobody', { skip: withoutOpenssl }, async () => {
  await using started = await startTestServer({ tls: selfSigned() }, ROLES);
  const { port } = started.server;
  for (const bytes of [serialize.requestSsl(), Buffer.concat([serialize.requestSsl(), Buffer.from('garbage')])]) {
    const socket = connectTcp(port, '127.0.0.1');
    socket.on('error', () => {});
    socket.write(bytes);
    const [first] = await once(socket, 'data');
    assert.equal(String.fromCharCode(first[0]), 'S');
    socket.write('this is no hello');
    await once(socket, 'close');
  }
  assert.equal(started.server.connectionCount, 0);
});
