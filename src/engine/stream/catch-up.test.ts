// New jobs come to the frontier beside the steps: whatever happens on their way, a reader sees each view as its query is at the reader's
// epoch, and nobody else waits. The first rows are held back until a test gives them free, so that everything else comes before them.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import type { BatchPlan } from '../../plan/batch.ts';
import { FaultyDisk } from '../../testing/faulty-disk.ts';
import { INT8, TEXT } from '../../types/sql-type.ts';
import { call, constant, input, type Row, shape } from '../batch/plan-fixture.ts';
import {
  at,
  cancelFlag,
  countByKey,
  followed,
  product,
  SECOND,
  STREAM,
  StreamFixture,
  scan,
  stream,
  TABLE,
  VIEW,
  windowed,
  within,
} from './stream-fixture.ts';

const TURNS = 300;
const [BASE, OTHER] = [VIEW, VIEW + 1];

let on: StreamFixture;

beforeEach(async () => {
  on = await StreamFixture.open();
});

afterEach(() => on.close());

const countOfCounts = (source: number): BatchPlan => ({
  ...(countByKey(scan(source, [TEXT, INT8])) as Extract<BatchPlan, { kind: 'aggregate' }>),
  groupBy: [input(INT8, 1)],
  ...shape([INT8, INT8]),
});
const rows = (key: string, count: number): Row[] =>
  Array.from({ length: count }, (_, i): Row => [`${key}${i % 7}`, BigInt(i), null]);
const states = () => on.engine.queryRows().map(({ state }) => state);
const own = (plan: BatchPlan) => ({ ...followed, relation: null, plan });

test('whoever reads a view on its way sees it at the epoch of its own snapshot, with tables and the views around it', async () => {
  await on.insert(TABLE, rows('k', 100));
  await on.put(on.view(BASE, countByKey(scan(TABLE))));
  await on.engine.settled();
  const free = on.holdLoads();
  await on.put(on.view(BASE + 1, countByKey(product(scan(TABLE), scan(STREAM)))));
  await on.insert(STREAM, [['a', 1n, at(1)]]);
  await on.put(on.view(BASE + 2, countOfCounts(BASE + 1)));
  await on.put(on.view(BASE + 3, product(scan(BASE + 2, [INT8, INT8]), scan(BASE, [TEXT, INT8]))));
  assert.deepEqual(states(), ['running', 'starting', 'starting', 'starting']);
  const readings: Promise<void>[] = [];
  for (let i = 0; i < 6; i++) {
    await on.insert(
      STREAM,
      rows('s', i).map(([k, n]): Row => [k!, n!, at(i)]),
    );
    if (i % 3 > 0) readings.push(on.check(BASE, BASE + 1, BASE + 2, BASE + 3));
    await on.insert(TABLE, rows('k', 10 * i));
    await on.storage.commit({ deletes: [{ relation: TABLE, rowIds: [1 + i, 20 + i] }] });
    readings.push(on.check(BASE + 3), on.check(BASE + 1));
    await on.check(BASE); // it does not wait for the others
  }
  assert.deepEqual(states(), ['running', 'starting', 'starting', 'starting']);
  free();
  await Promise.all(readings);
  await on.engine.settled();
  assert.deepEqual(states(), ['running', 'running', 'running', 'running']);
  await on.insert(TABLE, rows('new', 3));
  await on.check(BASE, BASE + 1, BASE + 2, BASE + 3);
});

test('many changes amid a load: rounds beside the steps take them, then the job joins', async () => {
  await on.insert(TABLE, rows('k', 10));
  const free = on.holdLoads();
  await on.put(on.view(VIEW, countByKey(scan(TABLE))));
  for (let i = 0; i < 8; i++) await on.insert(TABLE, rows(`long enough to need room of its own ${i} `, 3000));
  free();
  const writing = (async () => {
    for (let i = 0; i < 8; i++) await on.insert(TABLE, rows(`w${i}`, 3000));
  })();
  await on.check(VIEW);
  await writing;
  await on.engine.settled();
  await on.check(VIEW);
  assert.deepEqual(states(), ['running']);
});

test('a snapshot that is kept waits for no view on its way, and reads it later as it was', async () => {
  const free = on.holdLoads();
  await on.put(on.view(VIEW, countByKey(scan(TABLE))));
  await on.insert(TABLE, rows('k', 20));
  const snapshot = on.storage.snapshot();
  await within(TURNS, on.engine.waitFor([], undefined, true)!);
  await on.insert(TABLE, rows('m', 20));
  free();
  await on.engine.settled();
  await on.insert(TABLE, rows('n', 20));
  await on.engine.waitFor([VIEW]);
  await on.checkAt(snapshot, [VIEW]);
  snapshot.release();
});

test('however many transactions have kept a snapshot, their epochs are kept apart only as long as one reads there', async () => {
  await on.insert(TABLE, rows('k', 20));
  await on.put(on.view(BASE, countByKey(scan(TABLE))));
  await on.engine.settled();
  const free = on.holdLoads();
  await on.put(on.view(OTHER, countByKey(scan(TABLE))));
  await on.put(on.view(BASE + 2, countOfCounts(OTHER)));
  const before = on.arena.usage().usedBytes;
  const kept = [];
  for (let i = 0; i < 200; i++) {
    const snapshot = on.storage.snapshot();
    await on.engine.waitFor([], undefined, true);
    await on.insert(TABLE, [[`k${i % 7}`, 1n, null]]);
    if (i % 60 === 0) kept.push(snapshot);
    else snapshot.release();
  }
  const held = on.arena.usage().usedBytes - before;
  assert.ok(held < 8 * 1_048_576, `${held} bytes for 200 rows`);
  const reading = on.check(OTHER, BASE + 2);
  free();
  await reading;
  for (const snapshot of kept) {
    await on.engine.waitFor([OTHER, BASE + 2]);
    await on.checkAt(snapshot, [BASE, OTHER, BASE + 2]);
    snapshot.release();
  }
});

test('a view on its way may be dropped, with those on it: its memory comes back, readers and subscribers are told', async () => {
  await on.insert(TABLE, rows('k', 5000));
  await on.put(on.view(OTHER, countByKey(scan(STREAM))));
  await on.engine.settled();
  const before = on.arena.usage().usedBytes;
  for (const loaded of [false, true]) {
    const free = on.holdLoads();
    const endless = countByKey(product(scan(TABLE), product(scan(TABLE), scan(TABLE))));
    await on.put(on.view(BASE + 2, endless));
    await on.put(on.view(BASE + 3, countOfCounts(BASE + 2)));
    await on.insert(TABLE, rows('k', 10));
    if (loaded) free();
    const reading = assert.rejects(on.engine.waitFor([BASE + 3])!, { sqlstate: '55000' });
    const watching = on.subscribe({ ...followed, relation: BASE + 2 });
    const asking = on.subscribe(own(countOfCounts(BASE + 2)));
    await within(TURNS, on.engine.waitFor([OTHER])!);
    await on.storage.commit({
      catalog: {
        changes: [BASE + 3, BASE + 2].map((oid) => ({ action: 'drop' as const, kind: 'relation' as const, oid })),
      },
    });
    await within(TURNS, assert.rejects(asking, { sqlstate: '42P01' }));
    await within(TURNS, reading);
    free();
    (await within(TURNS, watching)).close(); // it reads what the snapshot of its query sees: nothing
    await within(TURNS, on.engine.settled());
    assert.deepEqual(states(), ['running']);
  }
  await new Promise((resolve) => setImmediate(resolve));
  const held = on.arena.usage().usedBytes - before;
  assert.ok(held <= 1_048_576, `${held} bytes stay behind`);
});

test('one that fails on its way does so by name, and may be resumed; the others, and those it held up, go on', async () => {
  await on.restart({ jobMemoryBytes: 4 * 1024 * 1024 });
  await on.insert(TABLE, Array.from({ length: 60_000 }, (_, i): Row => [`a key of its own ${i}`, BigInt(i), null])); // biome-ignore format: one call
  const free = on.holdLoads();
  const view = on.view(BASE, countByKey(scan(TABLE)));
  await on.put(view);
  await on.put(on.view(OTHER, countByKey(scan(STREAM))));
  await on.put(on.view(BASE + 2, countOfCounts(BASE)));
  const readings = [BASE, BASE + 2].map((oid) => on.engine.waitFor([oid])!);
  const failures = readings.map((reading) =>
    assert.rejects(reading, {
      sqlstate: '53200',
      message: `the state of continuous query "v${BASE}" does not fit into memory`,
    }),
  );
  free();
  await Promise.all(failures);
  await on.insert(STREAM, [['a', 1n, at(1)]]);
  await on.check(OTHER);
  await on.engine.settled();
  assert.deepEqual(states(), ['failed', 'running', 'error']);
  await on.storage.commit({ truncates: [TABLE] });
  await on.put({ ...view, resumed: 1 });
  await on.insert(TABLE, rows('k', 10));
  await on.check(BASE, OTHER, BASE + 2);
});

test('a view under others that are on their way may fail and be resumed: they begin again with it', async () => {
  await on.restart({ jobMemoryBytes: 4 * 1024 * 1024 });
  const view = on.view(BASE, countByKey(scan(TABLE)));
  await on.put(view);
  await on.engine.settled();
  const free = on.holdLoads();
  await on.put(on.view(OTHER, countOfCounts(BASE)));
  const asking = on.subscribe(own(countOfCounts(BASE)));
  for (let i = 0; i < 4; i++)
    await on.insert(TABLE, rows('', 20_000).map((_, n): Row => [`a key of its own ${i} ${n}`, 1n, null])); // biome-ignore format: one call
  await assert.rejects(on.engine.waitFor([BASE])!, { sqlstate: '53200' });
  const reading = assert.rejects(on.engine.waitFor([OTHER])!, { sqlstate: '55000' }); // it can never be told any more
  await on.storage.commit({ truncates: [TABLE] });
  await on.put({ ...view, resumed: 1 });
  await within(TURNS, assert.rejects(asking, { sqlstate: '42P01' }));
  await within(TURNS, reading);
  free();
  await on.insert(TABLE, rows('k', 10));
  await on.check(BASE, OTHER);
});

test('one whose changes outgrow their budget fails by name at once', async () => {
  await on.restart({ backlogBytes: 1_048_576 });
  const free = on.holdLoads();
  await on.put(on.view(BASE, countByKey(scan(TABLE))));
  await on.put(on.view(OTHER, countByKey(scan(STREAM))));
  const asking = on.subscribe(own(countByKey(scan(TABLE))));
  const reading = on.engine.waitFor([BASE])!;
  const failed = [reading, asking].map((one) => assert.rejects(one, { sqlstate: '54000', message: /fell too far behind/ })); // biome-ignore format: one line
  for (let i = 0; i < 10; i++) await on.insert(TABLE, rows('a text that needs room of its own', 3000));
  await within(TURNS, Promise.all(failed));
  assert.deepEqual(states(), ['failed', 'starting']);
  free();
  await on.check(OTHER);
});

test('an error of a row at the epoch of the snapshot is over where later changes heal it', async () => {
  const quotient = call('/(int8,int8)', [constant(INT8, 12n), input(INT8, 1)], INT8);
  const plan: BatchPlan = { kind: 'project', input: scan(TABLE), expressions: [quotient], ...shape([INT8]) };
  await on.insert(TABLE, [['a', 3n, null], ['b', 0n, null]]); // biome-ignore format: rows
  const free = on.holdLoads();
  await on.put(on.view(VIEW, plan));
  const [failing, healed] = [on.subscribe(own(plan)), on.subscribe(own(plan))];
  const refused = assert.rejects(on.check(VIEW), { sqlstate: '22012' });
  void failing.then((subscription) => subscription.close());
  await on.storage.commit({ deletes: [{ relation: TABLE, rowIds: [2] }] });
  free();
  await refused;
  await on.check(VIEW);
  (await healed).close();
});

test('the query of a subscription gets its first rows at the epoch of its start, and every change behind them', async () => {
  await on.insert(TABLE, [['a', 1n, null]]);
  const start = on.storage.epoch;
  const free = on.holdLoads();
  const plan = countByKey(scan(TABLE));
  const opening = [
    on.subscribe(own(plan)),
    on.subscribe({ ...own(plan), snapshot: false }),
    on.subscribe({ ...own(plan), emit: { kind: 'complete' } }),
    on.subscribe({ ...own(plan), envelope: { kind: 'upsert', key: ['c0'] }, names: ['c0', 'c1'] }),
  ];
  const cancel = cancelFlag();
  const canceled = on.subscribe({ ...own(plan), cancel });
  const epoch = await on.insert(TABLE, [['b', 1n, null]]);
  cancel.set();
  await assert.rejects(within(TURNS, canceled), { sqlstate: '57014' });
  free();
  const subscriptions = await Promise.all(opening);
  const seen = async () => {
    const batches = await Promise.all(subscriptions.map((subscription) => subscription.next()));
    return batches.map((batch) => on.texts(batch!).sort());
  };
  assert.deepEqual(await seen(), [
    [`${start} 1 a 1`, `${epoch} 1 b 1`],
    [`${epoch} 1 b 1`],
    [`${start} 1 a 1`, `${epoch} 1 a 1`, `${epoch} 1 b 1`],
    [`${epoch} 1 a 1`, `${epoch} 1 b 1`],
  ]);
  const next = await on.insert(TABLE, [['b', 1n, null]]);
  assert.deepEqual(await seen(), [
    [`${next} -1 b 1`, `${next} 1 b 2`],
    [`${next} -1 b 1`, `${next} 1 b 2`],
    [`${next} 1 a 1`, `${next} 1 b 2`],
    [`${next} 1 b 2`],
  ]);
  for (const subscription of subscriptions) subscription.close();
});

test('a subscription to a view on its way begins when that has joined', async () => {
  await on.insert(TABLE, [['a', 1n, null]]);
  const free = on.holdLoads();
  await on.put(on.view(VIEW, countByKey(scan(TABLE))));
  const cancel = cancelFlag();
  const canceled = on.subscribe({ ...followed, cancel });
  const opening = on.subscribe(followed);
  const epoch = await on.insert(TABLE, [['a', 1n, null]]);
  cancel.set();
  await assert.rejects(within(TURNS, canceled), { sqlstate: '57014' });
  free();
  const subscription = await opening;
  assert.deepEqual(on.texts((await subscription.next())!), [`${epoch} 1 a 2`]);
  subscription.close();
});

test('watermarks close windows on the way; timeouts, triggers and RESUME act when the job has joined', async () => {
  const timeout = { kind: 'window-close' as const, delayMicros: 0n, timeoutMicros: 30n * SECOND };
  await on.insert(STREAM, [['a', 1n, at(5)]]);
  const free = on.holdLoads();
  await on.put(on.view(BASE, windowed(scan(STREAM)), timeout));
  const ticking = { ...on.view(OTHER, countByKey(scan(STREAM))), options: { trigger: 'processing_time 5 seconds' } };
  await on.put(ticking);
  const paused = { ...on.view(BASE + 2, countByKey(scan(STREAM))), paused: true };
  await on.put(paused);
  const start = on.read(BASE);
  await on.insert(STREAM, [['b', 1n, at(90)]]);
  const closed = on.read(BASE);
  await on.insert(STREAM, [['c', 1n, at(95)]]);
  await on.put({ ...paused, paused: false, resumed: 1 });
  const resumed = on.read(BASE + 2);
  await on.put({ ...paused, paused: true, resumed: 1 });
  await on.insert(STREAM, [['d', 1n, at(96)]]);
  const epoch = on.storage.epoch;
  on.clock.advance(60n * SECOND);
  await on.storage.commit({});
  assert.equal(on.storage.epoch, epoch + 1n, 'nothing is decided about a job on its way');
  free();
  assert.deepEqual(await start, []);
  assert.deepEqual(await closed, [`${at(60)} 1`]);
  assert.deepEqual(await resumed, ['a 1', 'b 1', 'c 1']);
  await on.engine.settled();
  assert.deepEqual(await on.read(OTHER), ['a 1']); // what came later waits for its trigger
  assert.deepEqual(await on.read(BASE + 2), ['a 1', 'b 1', 'c 1']);
  on.clock.advance(31n * SECOND);
  await on.storage.commit({});
  assert.deepEqual(await on.read(OTHER), ['a 1', 'b 1', 'c 1', 'd 1']);
  assert.deepEqual(await on.read(BASE), [`${at(120)} 3`, `${at(60)} 1`].sort());
});

test('the engine may be closed amid everything', async () => {
  await on.insert(TABLE, rows('k', 3000));
  const endless = countByKey(product(scan(TABLE), product(scan(TABLE), scan(TABLE))));
  await on.put(on.view(BASE, endless));
  await on.put(on.view(OTHER, countOfCounts(BASE)));
  const asking = assert.rejects(on.subscribe(own(countOfCounts(BASE))));
  const reading = assert.rejects(on.engine.waitFor([OTHER])!);
  await within(50, on.insert(STREAM, [['a', 1n, at(1)]]));
  await on.engine.close();
  await Promise.all([asking, reading]);
  await on.restart();
  assert.deepEqual(states(), ['starting', 'starting']);
});

/** A fixture over what the disk would hold if the power failed now; the other one goes on, and is to be closed. */
async function afterCrash(disk: FaultyDisk): Promise<StreamFixture> {
  const left = disk.copy();
  left.crash();
  const { clock, plans } = on;
  return StreamFixture.open({ disk: left, clock, plans });
}

test('a checkpoint waits for no view on its way: a start after it builds that from the rows there are', async () => {
  await on.close();
  const disk = new FaultyDisk();
  on = await StreamFixture.open({ disk });
  await on.insert(TABLE, rows('k', 100));
  await on.put(on.view(BASE, countByKey(scan(TABLE))));
  await on.engine.settled();
  const free = on.holdLoads();
  await on.put(on.view(OTHER, countByKey(product(scan(TABLE), scan(STREAM)))));
  await on.put(on.view(BASE + 2, countOfCounts(OTHER)));
  await on.insert(STREAM, [['a', 1n, at(1)]]);
  await on.storage.checkpoint();
  assert.deepEqual(states(), ['running', 'starting', 'starting']);
  await on.insert(TABLE, rows('k', 10));
  const crashed = await afterCrash(disk);
  await crashed.check(BASE, OTHER, BASE + 2);
  await crashed.insert(STREAM, [['b', 1n, at(2)]]);
  await crashed.check(BASE, OTHER, BASE + 2);
  await crashed.close();
  free();
  await on.check(BASE, OTHER, BASE + 2);
});

test('where a stream loses rows, a checkpoint holds what a view on its way has got of them', async () => {
  await on.close();
  const disk = new FaultyDisk();
  on = await StreamFixture.open({ disk });
  await on.put(stream(STREAM, 's', { options: { retention: '1 hour' } }));
  await on.insert(STREAM, [['a', 1n, at(1)]]);
  const free = on.holdLoads();
  await on.put(on.view(VIEW, countByKey(scan(STREAM))));
  await on.insert(STREAM, [['b', 1n, at(2)]]);
  const saving = on.storage.checkpoint();
  await assert.rejects(within(TURNS, saving), /not there/);
  await within(TURNS, on.insert(STREAM, [['c', 1n, at(3)]])); // it holds up nobody
  free();
  await saving;
  on.clock.advance(7200n * SECOND);
  await on.insert(STREAM, [['d', 1n, at(4)]]);
  const snapshot = on.storage.snapshot();
  assert.deepEqual(await on.select(countByKey(scan(STREAM)), snapshot), ['d 1'], 'rows have gone');
  snapshot.release();
  const all = ['a 1', 'b 1', 'c 1', 'd 1'];
  assert.deepEqual(await on.read(VIEW), all);
  const crashed = await afterCrash(disk);
  assert.deepEqual(await crashed.read(VIEW), all);
  await crashed.close();
});
