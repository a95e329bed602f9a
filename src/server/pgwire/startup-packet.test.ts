// Startup packets: versions and negotiation, parameters, options, layout errors.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FramingError } from './message-reader.ts';
import { parseFirstPacket, parseOptions, type StartupRequest } from './startup-packet.ts';

function packet(version: number, entries: Readonly<Record<string, string>>): Buffer {
  const text = Object.entries(entries).map(([name, value]) => `${name}\0${value}\0`).join(''); // biome-ignore format: one pipeline
  const head = Buffer.alloc(4);
  head.writeUInt32BE(version);
  return Buffer.concat([head, Buffer.from(`${text}\0`)]);
}

function startup(version: number, entries: Readonly<Record<string, string>>): StartupRequest {
  const first = parseFirstPacket(packet(version, entries));
  assert.equal(first.kind, 'startup');
  return first as StartupRequest;
}

const V = (minor: number): number => (3 << 16) | minor;

test('negotiation: only where the client asks for more than there is', () => {
  assert.equal(startup(V(0), { user: 'u' }).negotiate, null);
  assert.equal(startup(V(2), { user: 'u' }).negotiate, null);
  assert.equal(startup(V(2), { user: 'u' }).minor, 2);
  assert.deepEqual(startup(V(9999), { user: 'u', '_pq_.test': '' }).negotiate, {
    version: V(2),
    options: ['_pq_.test'],
  });
  assert.deepEqual(startup(V(0), { user: 'u', '_pq_.x': 'y' }).negotiate, { version: V(0), options: ['_pq_.x'] });
  assert.throws(() => startup(4 << 16, { user: 'u' }), /unsupported frontend protocol 4.0: server supports 3.0 to 3.2/);
});

test('parameters: database defaults to the user, options come first, names are cut at 63 bytes', () => {
  const request = startup(V(0), { user: 'u', options: '-c a=1 --b-c=2', a: '3', DateStyle: 'ISO' });
  assert.equal(request.database, 'u');
  assert.deepEqual([...request.parameters], [['a', '3'], ['b_c', '2'], ['DateStyle', 'ISO']]); // biome-ignore format: pairs
  assert.equal(startup(V(0), { user: 'é'.repeat(40) }).user, 'é'.repeat(31));
  assert.throws(() => startup(V(0), { database: 'd' }), /no PostgreSQL user name specified in startup packet/);
  assert.throws(
    () => startup(V(0), { user: 'u', replication: 'database' }),
    /replication connections are not supported/,
  );
  assert.equal(startup(V(0), { user: 'u', replication: 'false' }).user, 'u');
});

test('options: blanks are escaped with a backslash', () => {
  assert.deepEqual(parseOptions(' -c search_path=a,\\ b  -cx=y\\\\z '), [['search_path', 'a, b'], ['x', 'y\\z']]); // biome-ignore format: pairs
  assert.throws(() => parseOptions('-c novalue'), /-c novalue requires a value/);
  assert.throws(() => parseOptions('-d 5'), /invalid command-line argument/);
});

test('layout errors', () => {
  const badLayout = /invalid startup packet layout: expected terminator as last byte/;
  const whole = packet(V(0), { user: 'u' });
  assert.throws(() => parseFirstPacket(whole.subarray(0, -1)), badLayout);
  assert.throws(() => parseFirstPacket(Buffer.concat([whole, Buffer.from('x')])), badLayout);
  assert.throws(() => parseFirstPacket(Buffer.concat([whole.subarray(0, 4), Buffer.from('user')])), badLayout);
  const cancel = Buffer.alloc(8 + 3);
  cancel.writeUInt32BE(80877102);
  assert.throws(() => parseFirstPacket(cancel), FramingError);
});
