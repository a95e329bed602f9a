// First packets that no client should send, to the whole product: each ends with PostgreSQL's words or without one, and another session's
// statement is answered right after.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serialize } from 'pg-protocol';
import { dataRows, firstError, RawClient } from '../testing/raw-client.ts';
import { startRealServer } from '../testing/real-server.ts';

/** A startup packet with any version and any bytes behind it. */
function packet(version: number, rest: string | Buffer): Buffer {
  const body = Buffer.from(rest as string, 'latin1');
  const head = Buffer.alloc(8);
  head.writeInt32BE(8 + body.length);
  head.writeInt32BE(version, 4);
  return Buffer.concat([head, body]);
}

const V3 = 0x0003_0000;
const lengthOnly = (length: number) => {
  const bytes = Buffer.alloc(64);
  bytes.writeInt32BE(length);
  return bytes;
};

const CASES: readonly (readonly [what: string, bytes: Buffer, answer: string | null])[] = [
  ['HTTP', Buffer.from('GET / HTTP/1.1\r\nHost: headrace\r\n\r\n'), null],
  ['a TLS hello where there is no TLS', Buffer.from('16030100f4010000f0', 'hex'), null],
  ['length 0', lengthOnly(0), null],
  ['length 7', lengthOnly(7), null],
  ['a negative length', lengthOnly(-1), null],
  ['length 10,001', lengthOnly(10_001), null],
  ['length 2 GB', lengthOnly(0x7fff_ffff), null],
  ['protocol 2.0', packet(0x0002_0000, 'user\0x\0\0'), '0A000 unsupported frontend protocol 2.0: server supports 3.0 to 3.2'],
  ['protocol 4.0', packet(0x0004_0000, 'user\0x\0\0'), '0A000 unsupported frontend protocol 4.0: server supports 3.0 to 3.2'],
  ['no user', packet(V3, 'database\0postgres\0\0'), '28000 no PostgreSQL user name specified in startup packet'],
  ['an empty packet', packet(V3, '\0'), '28000 no PostgreSQL user name specified in startup packet'],
  ['no terminator', packet(V3, 'user\0postgres\0'), '08P01 invalid startup packet layout: expected terminator as last byte'],
  ['bytes behind the terminator', packet(V3, 'user\0postgres\0\0junk'), '08P01 invalid startup packet layout: expected terminator as last byte'],
  ['a name without a value', packet(V3, 'user\0'), '08P01 invalid startup packet layout: expected terminator as last byte'],
  ['an unknown role', packet(V3, 'user\0nobody-here\0database\0postgres\0\0'), '28000 role "nobody-here" does not exist'],
  ['an unknown database', packet(V3, 'user\0postgres\0database\0nowhere\0\0'), '3D000 database "nowhere" does not exist'],
  ['an unknown setting', packet(V3, 'user\0postgres\0no_such_setting\x001\0\0'), '42704 unrecognized configuration parameter "no_such_setting"'],
  ['a bad value of a setting', packet(V3, 'user\0postgres\0statement_timeout\0soon\0\0'), '22023 invalid value for parameter "statement_timeout": "soon"'],
  ['an unknown encoding', packet(V3, 'user\0postgres\0client_encoding\0KLINGON\0\0'), '22023 invalid value for parameter "client_encoding": "KLINGON"'],
  ['replication', packet(V3, 'user\0postgres\0replication\0true\0\0'), '0A000 replication connections are not supported'],
  ['a name that is not UTF-8', packet(V3, 'user\0\xff\xfe\0database\0postgres\0\0'), '28000 role "\ufffd\ufffd" does not exist'],
  ['a password message before startup', serialize.password('x'), null],
]; // biome-ignore format: a table

test('every malformed first packet has its answer, and nobody else notices', { timeout: 240_000 }, async () => {
  await using server = await startRealServer();
  const bystander = await RawClient.login(server.port);
  for (const [what, bytes, expected] of CASES) {
    const client = await RawClient.open(server.port);
    client.send(bytes);
    const answer = await client.rest(60_000);
    assert.ok(client.closed, `${what}: the server closes`);
    assert.equal(firstError(answer), expected, what);
    assert.ok(!answer.some(({ type }) => type === 'Z'), `${what}: no session`);
    assert.deepEqual(dataRows(await bystander.query('SELECT 1')), [['1']], what);
  }
  assert.deepEqual(server.complaints, []);
  bystander.close();
});

test('cancel requests: a wrong key and an unknown process change nothing', { timeout: 240_000 }, async () => {
  await using server = await startRealServer();
  const client = await RawClient.login(server.port);
  const [[pid]] = dataRows(await client.query('SELECT pg_backend_pid()')) as [[string]];
  client.send(serialize.query('SELECT count(*) FROM generate_series(1, 3000000) a WHERE a % 7 = 3'));
  for (const [id, key] of [
    [Number(pid), 0],
    [Number(pid), -1],
    [1, 1],
  ] as const) {
    const other = await RawClient.open(server.port);
    other.send(serialize.cancel(id, key));
    assert.deepEqual(await other.rest(60_000), [], 'a cancel request is never answered');
    assert.ok(other.closed);
  }
  const answer = await client.until('Z');
  assert.equal(firstError(answer), null);
  client.close();
});
