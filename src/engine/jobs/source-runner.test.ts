// Sources over real storage: rows and offsets in one commit, malformed rows by ON ERROR, streams made and dropped, going on after a stop.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { realClock } from '../../base/clock.ts';
import { Catalog } from '../../catalog/catalog.ts';
import type { Stream } from '../../catalog/objects.ts';
import { buildBatch } from '../../columns/batch-builder.ts';
import type { Arena } from '../../columns/memory.ts';
import { Region } from '../../columns/region.ts';
import type { SourcePlace, SourceSink } from '../../connectors/source.ts';
import { openStorage, type Storage } from '../../storage/storage.ts';
import { arenaFixture } from '../../testing/arena-fixture.ts';
import { INT8, TEXT } from '../../types/sql-type.ts';
import { Ingest } from '../stream/ingest.ts';
import { SourceRunner } from './source-runner.ts';

const PUBLIC_OID = 2200;
const STREAM = 30_000;
const DEAD = 30_001;

let storage: Storage;
let arena: Arena;
let ingest: Ingest;
let runner: SourceRunner;
let opened: { stream: Stream; sink: SourceSink; from: SourcePlace | null; stopped: boolean }[];

const column = (name: string, attribute: number, type: typeof TEXT | typeof INT8, notNull = false) => ({
  name, attribute, type, notNull, defaultSql: null, generated: null,
}); // biome-ignore format: one object

function stream(changes: Partial<Stream> = {}): Stream {
  return {
    oid: STREAM, name: 's', schemaOid: PUBLIC_OID, owner: 10, kind: 'stream', connector: 'array', options: {}, format: null, encode: null,
    columns: [column('k', 1, TEXT), column('n', 2, INT8, true)], watermark: null, onLate: { kind: 'reject' }, onError: { kind: 'reject' },
    constraints: [], ...changes,
  }; // biome-ignore format: one object
}

const dead = () =>
  stream({
    oid: DEAD,
    name: 'dead',
    connector: 'internal',
    columns: [column('raw', 1, TEXT), column('reason', 2, TEXT)],
  });

function startRunner(): void {
  runner = new SourceRunner({
    arena,
    storage,
    ingest,
    openSource(one, sink, from) {
      const record = { stream: one, sink, from, stopped: false };
      opened.push(record);
      return {
        start() {},
        stop: async () => {
          record.stopped = true;
        },
      };
    },
  });
  runner.start();
}

beforeEach(async () => {
  const fixture = arenaFixture(128 << 20);
  arena = fixture.arena;
  opened = [];
  const initialCatalog = Catalog.of([{ kind: 'schema', object: { oid: PUBLIC_OID, name: 'public', owner: 10 } }]);
  storage = await openStorage({ directory: null, arena, initialCatalog });
  ingest = new Ingest({ arena, kernels: fixture.kernels, storage, owner: arena.addOwner(1 << 26), clock: realClock });
  ingest.start(null);
  ingest.begin();
  startRunner();
});

afterEach(async () => {
  await runner.close();
  ingest.close();
  await storage.close();
});

async function put(...streams: Stream[]): Promise<void> {
  for (const one of streams)
    await storage.commit({ catalog: { changes: [{ action: 'put', kind: 'relation', object: one }] } });
}

function rows(...values: [string | null, bigint | null][]) {
  return buildBatch(new Region(arena, arena.addOwner(1 << 20)), [TEXT, INT8], values);
}

const count = (relation: number) => storage.estimatedRows(relation);
const facts = () => ingest.streamRows().find((row) => row.relation === STREAM)!;

test('rows and offsets are one commit, and a new runner goes on there', async () => {
  await put(stream());
  assert.equal(opened.length, 1);
  assert.equal(opened[0]!.from, null);
  await opened[0]!.sink.commit(rows(['a', 1n], ['b', 2n]), { line: 2 });
  assert.equal(count(STREAM), 2);
  await runner.close();
  assert.equal(opened[0]!.stopped, true);
  await assert.rejects(opened[0]!.sink.commit(rows(['late', 3n]), { line: 3 }), /has been stopped/);
  startRunner();
  await new Promise(setImmediate);
  assert.deepEqual(opened[1]!.from, { offsets: { line: 2 }, items: new Map() });
});

test('ON ERROR REJECT counts malformed rows, and NULL where NOT NULL is asked for, with the commit', async () => {
  await put(stream());
  const { sink } = opened[0]!;
  await sink.reject([{ raw: 'x,y', reason: 'not a number' }]);
  assert.equal(facts().malformedRows, 0n);
  await sink.commit(rows(['a', 1n], ['b', null]), 1);
  assert.equal(count(STREAM), 1);
  assert.equal(facts().malformedRows, 2n);
  assert.deepEqual(
    ingest.rejectedRows().map(({ raw }) => raw),
    ['x,y', '(b,)'],
  );
});

test('ON ERROR INTO commits the raw text with the good rows', async () => {
  await put(dead(), stream({ onError: { kind: 'into', relation: DEAD } }));
  const { sink } = opened[0]!;
  await sink.reject([{ raw: 'x,y', reason: 'not a number' }]);
  assert.equal(count(DEAD), 0);
  await sink.commit(rows(['a', 1n]), 1);
  assert.equal(count(DEAD), 1);
  assert.equal(count(STREAM), 1);
});

test('ON ERROR FAIL stops the source, with the reason to be seen', async () => {
  await put(stream({ onError: { kind: 'fail' } }));
  const { sink } = opened[0]!;
  await assert.rejects(sink.reject([{ raw: 'x', reason: 'not a number' }]), /malformed row: not a number/);
  assert.equal(opened[0]!.stopped, true);
  assert.match(facts().lastError!, /malformed row: not a number/);
  await assert.rejects(sink.commit(rows(['a', 1n]), 1), /has been stopped/);
  assert.equal(count(STREAM), 0);
});

test('items: a commit logs those that have changed, a new runner has them all', async () => {
  await put(stream());
  const { sink } = opened[0]!;
  const logged: number[] = [];
  storage.subscribe(({ metadata }) => void logged.push(metadata.length));
  for (let i = 0; i < 50; i++) await sink.commit(rows(['a', 1n]), { file: i }, [[`/in/${i}`, { size: i }]]);
  await sink.commit(rows(['a', 1n]), { file: 50 }, [['/in/7', null], ['/in/8', { size: 80 }]]); // biome-ignore format: one line
  await sink.commit(rows(['a', 1n]), { file: 51 });
  assert.deepEqual(logged, [...Array.from({ length: 50 }, () => 2), 3, 1]);
  await runner.close();
  startRunner();
  await new Promise(setImmediate);
  const { offsets, items } = opened[1]!.from!;
  assert.deepEqual(offsets, { file: 51 });
  assert.equal(items.size, 49);
  assert.equal(items.has('/in/7'), false);
  assert.deepEqual(items.get('/in/8'), { size: 80 });
});

test('what a crash left of a stream that was dropped goes at the next start', async () => {
  await storage.commit({ metadata: [['offsets/77', '1'], ['offsets/77//in/a', '{}']] }); // biome-ignore format: one line
  await runner.close();
  startRunner();
  await new Promise(setImmediate);
  assert.deepEqual([...storage.metadataEntries().keys()], []);
});

test('dropping the stream stops its source and forgets its place', async () => {
  await put(stream());
  await opened[0]!.sink.commit(rows(['a', 1n]), 1, [['/in/a', {}]]);
  await storage.commit({ catalog: { changes: [{ action: 'drop', kind: 'relation', oid: STREAM }] } });
  await new Promise(setImmediate);
  assert.equal(opened[0]!.stopped, true);
  assert.deepEqual([...storage.metadataEntries().keys()], []);
});

test('generated columns are refused by name', async () => {
  const columns = [column('k', 1, TEXT), { ...column('n', 2, INT8), generated: 'stored' as const }];
  await put(stream({ columns }));
  assert.equal(opened.length, 0);
  assert.match(facts().lastError!, /generated columns are not supported/);
});
