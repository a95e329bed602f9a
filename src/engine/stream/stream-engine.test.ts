// The stream engine over real storage on a virtual clock: views follow commits, views on views, subscriptions, lateness, windows that close,
// failures, restart.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import type { SqlError } from '../../errors/sql-error.ts';
import type { BatchPlan } from '../../plan/batch.ts';
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
  TYPES,
  VIEW,
  windowed,
  within,
} from './stream-fixture.ts';

const LATE = 30_002;

let on: StreamFixture;

beforeEach(async () => {
  on = await StreamFixture.open();
});

afterEach(() => on.close());

test('a view follows inserts and deletes; a view on it agrees in the same epoch', async () => {
  await on.insert(TABLE, [['a', 1n, null], ['b', 1n, null], ['a', 2n, null]]); // biome-ignore format: rows
  await on.put(on.view(VIEW, countByKey(scan(TABLE))));
  await on.put(
    on.view(VIEW + 1, {
      ...countByKey(scan(VIEW, [TEXT, INT8])),
      groupBy: [input(INT8, 1)],
      ...shape([INT8, INT8]),
    } as BatchPlan),
  );
  assert.deepEqual(await on.read(VIEW), ['a 2', 'b 1']);
  assert.deepEqual(await on.read(VIEW + 1), ['1 1', '2 1']);
  await on.insert(TABLE, [['b', 3n, null]]);
  assert.deepEqual(await on.read(VIEW), ['a 2', 'b 2']);
  assert.deepEqual(await on.read(VIEW + 1), ['2 2']);
  await on.storage.commit({ deletes: [{ relation: TABLE, rowIds: [1, 3] }] });
  assert.deepEqual(await on.read(VIEW), ['b 2']);
  await on.storage.commit({ truncates: [TABLE] });
  assert.deepEqual(await on.read(VIEW), []);
});

test('a subscription gets the snapshot, then every change at its epoch; progress, UP TO, being cut off', async () => {
  await on.put(on.view(VIEW, countByKey(scan(TABLE))));
  await on.insert(TABLE, [['a', 1n, null]]);
  const request = followed;
  const subscription = await on.subscribe(request);
  const start = on.storage.epoch;
  assert.deepEqual(on.texts((await subscription.next())!), [`${start} 1 a 1`]);
  const waiting = subscription.next();
  const epoch = await on.insert(TABLE, [['a', 1n, null], ['b', 1n, null]]); // biome-ignore format: rows
  assert.deepEqual(on.texts((await waiting)!).sort(), [`${epoch} -1 a 1`, `${epoch} 1 a 2`, `${epoch} 1 b 1`]);
  assert.equal(await subscription.next(performance.now() + 5), null);
  const slow = await on.subscribe({ ...request, snapshot: false, maxQueuedRows: 1 });
  const begin = on.storage.epoch;
  const progress = await on.subscribe({
    ...request,
    snapshot: false,
    progress: true,
    upTo: on.storage.epoch + 2n,
  });
  await on.insert(TABLE, [['a', 1n, null]]); // two rows: more than may wait when the next step begins
  const seen: string[] = [];
  for (let batch = await progress.next(); batch !== null; batch = await progress.next()) seen.push(...on.texts(batch));
  assert.deepEqual(
    seen.filter((line) => line.includes('true')).map((line) => line.split(' ').slice(2).join(' ')),
    ['true . .', 'true . .'],
  );
  assert.ok(seen.includes(`${on.storage.epoch} 1 false a 3`), seen.join());
  await on.insert(TABLE, [['a', 1n, null]]);
  await on.engine.settled(); // the step of that commit is over, for every job
  const [, cutOff] = on.engine.subscriptionRows();
  assert.deepEqual([cutOff!.queuedRows, cutOff!.queuedBytes], [0n, 0n], 'what waited is given back at once');
  const readOn = async () => {
    for (;;) await slow.next(performance.now() + 5);
  };
  await assert.rejects(readOn, (error: SqlError) => {
    assert.match(error.message, /fell too far behind/);
    assert.match(error.details.hint ?? '', new RegExp(`resume with AS OF ${begin}\\.`)); // nothing was read
    return true;
  });
  for (const one of [subscription, slow, progress]) one.close();
  assert.equal(on.engine.subscriptionRows().length, 0);
});

test('ENVELOPE UPSERT pairs the changes of an epoch by key', async () => {
  await on.put(on.view(VIEW, countByKey(scan(TABLE))));
  await on.insert(TABLE, [['a', 1n, null]]);
  const request = { ...followed, snapshot: false };
  const subscription = await on.subscribe({ ...request, envelope: { kind: 'upsert', key: ['c0'] } });
  const epoch = await on.insert(TABLE, [['a', 1n, null]]);
  assert.deepEqual(on.texts((await subscription.next())!), [`${epoch} 1 a 2`]);
  await on.storage.commit({ truncates: [TABLE] });
  assert.deepEqual(on.texts((await subscription.next())!), [`${epoch + 1n} -1 a 2`]);
  await assert.rejects(on.subscribe({ ...request, envelope: { kind: 'upsert', key: ['nope'] } }), {
    sqlstate: '42703',
  });
  subscription.close();
});

test('a subscriber resumes AS OF the epoch it has seen; what is gone is an error', async () => {
  await on.put(on.view(VIEW, countByKey(scan(TABLE))));
  const request = { ...followed, snapshot: false };
  (await on.subscribe(request)).close();
  const start = on.storage.epoch;
  const first = await on.insert(TABLE, [['a', 1n, null]]);
  const second = await on.insert(TABLE, [['b', 1n, null]]);
  const resumed = await on.subscribe({ ...request, asOf: first });
  assert.deepEqual(on.texts((await resumed.next())!), [`${second} 1 b 1`]);
  const all = await on.subscribe({ ...request, asOf: start });
  assert.deepEqual(on.texts((await all.next())!), [`${first} 1 a 1`, `${second} 1 b 1`]);
  const third = await on.insert(TABLE, [['c', 1n, null]]);
  assert.deepEqual(on.texts((await resumed.next())!), [`${third} 1 c 1`]);
  await assert.rejects(on.subscribe({ ...request, asOf: 1n }), { sqlstate: '72000' });
  resumed.close();
  all.close();
});

test('a job past its memory fails by name, the others go on', async () => {
  await on.restart({ jobMemoryBytes: 4 * 1024 * 1024 });
  const cross: BatchPlan = {
    kind: 'distinct-on',
    input: scan(TABLE),
    keys: TYPES.map((type, i) => input(type, i)),
    orderBy: [],
    ...shape(TYPES),
  };
  await on.put(on.view(VIEW, cross));
  await on.put(on.view(VIEW + 1, countByKey(scan(TABLE))));
  for (let round = 0; round < 60; round++) {
    await on.insert(
      TABLE,
      Array.from({ length: 2000 }, (_, i): Row => ['k', BigInt(round * 2000 + i), null]),
    );
  }
  await assert.rejects(on.read(VIEW), {
    sqlstate: '53200',
    message: `the state of continuous query "v${VIEW}" does not fit into memory`,
  });
  assert.deepEqual(await on.read(VIEW + 1), ['k 120000']);
  assert.deepEqual(on.engine.queryRows().map(({ state }) => state), ['failed', 'running']); // biome-ignore format: one line
});

const pairs = product(scan(TABLE), scan(TABLE));
const endless = countByKey(product(scan(TABLE), pairs));

test('a view that takes long holds up neither sessions nor a start, and goes when it is dropped', async () => {
  await on.insert(
    TABLE,
    Array.from({ length: 2000 }, (_, i): Row => ['k', BigInt(i), null]),
  );
  await on.put(
    on.view(VIEW, countByKey({ ...pairs, right: pairs, ...shape([...TYPES, ...TYPES, ...TYPES]) } as BatchPlan)),
  );
  const state = () => on.engine.queryRows().map((row) => row.state);
  assert.deepEqual(state(), ['starting']);
  await on.restart();
  assert.deepEqual(state(), ['starting']);
  const waiter = cancelFlag();
  const waiting = on.engine.waitFor([VIEW], waiter);
  waiter.set();
  await assert.rejects(waiting!, { sqlstate: '57014' });
  const cancel = cancelFlag();
  const request = { ...followed, relation: null, plan: pairs, cancel };
  const subscribing = on.subscribe(request);
  cancel.set();
  await assert.rejects(subscribing, { sqlstate: '57014' });
  await on.drop(VIEW);
  await on.engine.settled();
  assert.deepEqual(state(), []);
});

test('while a new view or subscription catches up, the others go on: pushes, readers, other new views', async () => {
  await on.insert(
    TABLE,
    Array.from({ length: 2000 }, (_, i): Row => ['k', BigInt(i), null]),
  );
  await on.put(on.view(VIEW, countByKey(scan(STREAM))));
  const subscription = await on.subscribe({ ...followed, snapshot: false });
  await on.put(on.view(VIEW + 1, endless));
  const cancel = cancelFlag();
  const subscribing = on.subscribe({ ...followed, relation: null, plan: endless, cancel });
  const pushed = subscription.next();
  const epoch = await on.insert(STREAM, [['a', 1n, at(1)]]);
  assert.deepEqual(on.texts((await within(200, pushed))!), [`${epoch} 1 a 1`]);
  assert.deepEqual(await within(200, on.read(VIEW)), ['a 1']);
  await on.put(on.view(VIEW + 2, countByKey(scan(STREAM))));
  await on.insert(STREAM, [['b', 1n, at(1)]]);
  assert.deepEqual(await within(400, on.read(VIEW + 2)), ['a 1', 'b 1']);
  const small = await within(400, on.subscribe({ ...followed, relation: null, plan: countByKey(scan(STREAM)) }));
  assert.deepEqual(on.texts((await small.next())!), [`${on.storage.epoch} 1 a 1`, `${on.storage.epoch} 1 b 1`]);
  small.close();
  assert.deepEqual(on.engine.queryRows().map(({ state }) => state), ['running', 'starting', 'running']); // biome-ignore format: one line
  cancel.set();
  await assert.rejects(within(400, subscribing), { sqlstate: '57014' });
  await on.drop(VIEW + 1);
  await within(400, on.engine.settled());
  subscription.close();
});

test('a query of its own may be subscribed to; its job goes with it', async () => {
  await on.insert(TABLE, [['a', 1n, null]]);
  const before = on.arena.usage().usedBytes;
  const request = { ...followed, relation: null, plan: countByKey(scan(TABLE)) };
  const subscription = await on.subscribe(request);
  assert.deepEqual(on.texts((await subscription.next())!), [`${on.storage.epoch} 1 a 1`]);
  await on.insert(TABLE, [['c', 1n, null]]);
  assert.deepEqual(on.texts((await subscription.next())!), [`${on.storage.epoch} 1 c 1`]);
  subscription.close();
  await on.engine.settled(); // a step that it was part of is over
  assert.ok(on.arena.usage().usedBytes <= before + 262_144, 'memory stays behind');
  const idle = on.arena.usage().usedBytes;
  const slow = await on.subscribe({ ...request, maxQueuedRows: 1 });
  for (const key of ['a', 'c', 'd']) await on.insert(TABLE, [[key, 1n, null]]);
  await on.engine.settled();
  const held = on.arena.usage().usedBytes - idle;
  assert.ok(held <= 131_072, `its job ends when it is cut off, not when it is closed: it holds ${held} bytes`);
  slow.close();
});

test('late rows are rejected once, at commit, with the reason; ON LATE routes or keeps them', async () => {
  await on.insert(STREAM, [['a', 1n, at(100)]]);
  await on.insert(STREAM, [['late', 1n, at(89)], ['b', 1n, at(90)], ['c', 1n, null]]); // biome-ignore format: rows
  await on.put(on.view(VIEW, countByKey(scan(STREAM))));
  assert.deepEqual(await on.read(VIEW), ['a 1', 'b 1', 'c 1']);
  assert.deepEqual(on.engine.rejectedRows().map(({ relation, reason, raw }) => [relation, reason, raw]), [[STREAM, 'late', `(late,1,${at(89)})`]]); // biome-ignore format: one line
  const [row] = on.engine.streamRows();
  assert.deepEqual([row!.watermarkMicros, row!.acceptedRows, row!.lateRows], [at(90), 3n, 1n]);
  await on.put(stream(LATE, 'late', { watermark: null }));
  await on.put(stream(STREAM, 's', { onLate: { kind: 'into', relation: LATE } }));
  await on.put(on.view(VIEW + 1, countByKey(scan(LATE))));
  await on.insert(STREAM, [['x', 1n, at(10)], ['d', 1n, at(95)]]); // biome-ignore format: rows
  assert.deepEqual(await on.read(VIEW + 1), ['x 1']);
  assert.deepEqual(await on.read(VIEW), ['a 1', 'b 1', 'c 1', 'd 1']);
});

test('ON WINDOW CLOSE emits a window once, when the watermark has passed its end', async () => {
  await on.put(on.view(VIEW, windowed(scan(STREAM)), { kind: 'window-close', delayMicros: 0n, timeoutMicros: null }));
  await on.put(on.view(VIEW + 1, windowed(scan(STREAM))));
  await on.insert(STREAM, [['a', 1n, at(5)], ['b', 1n, at(59)], ['c', 1n, at(61)]]); // biome-ignore format: rows
  assert.deepEqual(await on.read(VIEW), []);
  assert.deepEqual(await on.read(VIEW + 1), [`${at(120)} 1`, `${at(60)} 2`].sort());
  await on.insert(STREAM, [['d', 1n, at(69)]]);
  assert.deepEqual(await on.read(VIEW), []);
  await on.insert(STREAM, [['e', 1n, at(70)]]);
  assert.deepEqual(await on.read(VIEW), [`${at(60)} 2`]);
  await on.insert(STREAM, [['f', 1n, at(59)], ['g', 1n, at(200)]]); // biome-ignore format: rows
  assert.deepEqual(await on.read(VIEW), [`${at(120)} 3`, `${at(60)} 2`].sort());
});

test('ON WINDOW CLOSE without a window is refused with the reason', () => {
  const plan = countByKey(scan(STREAM));
  assert.throws(
    () =>
      on.engine.checkView(on.view(VIEW, plan, { kind: 'window-close', delayMicros: 0n, timeoutMicros: null }), plan),
    { sqlstate: '0A000' },
  );
  on.plans.delete(VIEW);
});

test('a restart rebuilds views from the rows there are, closed windows included', async () => {
  await on.put(on.view(VIEW, windowed(scan(STREAM)), { kind: 'window-close', delayMicros: 0n, timeoutMicros: null }));
  await on.put(on.view(VIEW + 1, countByKey(scan(STREAM))));
  await on.insert(STREAM, [['a', 1n, at(5)], ['a', 1n, at(80)]]); // biome-ignore format: rows
  const before = [await on.read(VIEW), await on.read(VIEW + 1)];
  await on.restart();
  assert.deepEqual([await on.read(VIEW), await on.read(VIEW + 1)], before);
  assert.deepEqual(before, [[`${at(60)} 1`], ['a 2']]);
  await on.insert(STREAM, [['late', 1n, at(60)], ['a', 1n, at(75)]]); // biome-ignore format: rows
  assert.deepEqual(await on.read(VIEW + 1), ['a 3']);
});

test('an error of a row makes the view and those above it unreadable, until the row has gone', async () => {
  const quotient = call('/(int8,int8)', [constant(INT8, 12n), input(INT8, 1)], INT8);
  await on.put(on.view(VIEW, { kind: 'project', input: scan(TABLE), expressions: [quotient], ...shape([INT8]) }));
  await on.put(
    on.view(VIEW + 1, {
      kind: 'filter',
      input: scan(VIEW, [INT8]),
      condition: call('>(int8,int8)', [input(INT8, 0), constant(INT8, 0n)]),
      ...shape([INT8]),
    }),
  );
  await on.insert(TABLE, [['a', 3n, null], ['b', 0n, null]]); // biome-ignore format: rows
  await assert.rejects(on.read(VIEW), { sqlstate: '22012' });
  await assert.rejects(on.read(VIEW + 1), { sqlstate: '22012' });
  await on.storage.commit({ deletes: [{ relation: TABLE, rowIds: [2] }] });
  assert.deepEqual(await on.read(VIEW + 1), ['4']);
});

test('a stream that is idle for its timeout does not hold back the others', async () => {
  const idle = { attribute: 3, delayMicros: 0n, idleTimeoutMicros: 30n * SECOND };
  await on.put(stream(LATE, 'other', { watermark: idle }));
  const both: BatchPlan = { kind: 'union-all', inputs: [scan(STREAM), scan(LATE)], ...shape(TYPES) };
  await on.put(on.view(VIEW, windowed(both), { kind: 'window-close', delayMicros: 0n, timeoutMicros: null }));
  await on.insert(LATE, [['a', 1n, at(1)]]);
  await on.insert(STREAM, [['b', 1n, at(80)]]);
  assert.deepEqual(await on.read(VIEW), []);
  on.clock.advance(31n * SECOND);
  await on.storage.commit({});
  assert.deepEqual(await on.read(VIEW), [`${at(60)} 1`]);
});

test('dropping a view ends its job; many commits at once lose nothing', async () => {
  await on.put(on.view(VIEW, countByKey(scan(TABLE))));
  await Promise.all(Array.from({ length: 50 }, (_, i) => on.insert(TABLE, [[`k${i % 5}`, BigInt(i), null]])));
  assert.deepEqual(await on.read(VIEW), ['k0 10', 'k1 10', 'k2 10', 'k3 10', 'k4 10']);
  await on.drop(VIEW);
  await on.insert(TABLE, [['x', 1n, null]]);
  assert.deepEqual(on.engine.queryRows(), []);
});

test('large commits are taken in slices, a view made amid them misses nothing', async () => {
  await on.put(on.view(VIEW, countByKey(scan(TABLE))));
  const rows = (round: number) =>
    Array.from({ length: 20_000 }, (_, i): Row => [`a key that is long enough ${(i + round) % 7}`, BigInt(i), null]);
  const commits = [on.insert(TABLE, rows(0)), on.insert(TABLE, rows(1)), on.insert(TABLE, [['x', 1n, null]])];
  commits.push(on.put(on.view(VIEW + 1, countByKey(scan(TABLE)))).then(() => 0n));
  commits.push(on.insert(TABLE, rows(2)), on.insert(TABLE, [['y', 1n, null]]));
  await Promise.all(commits);
  const contents = await on.read(VIEW);
  assert.deepEqual(await on.read(VIEW + 1), contents);
  assert.equal(contents.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0), 60_002); // biome-ignore format: one line
  assert.equal(contents.length, 9);
});

test('a commit is pushed within a few turns of the event loop', async () => {
  await on.put(on.view(VIEW, countByKey(scan(TABLE))));
  const subscription = await on.subscribe({ ...followed, snapshot: false });
  for (let i = 0; i < 50; i++) {
    const waiting = subscription.next();
    void on.insert(TABLE, [['a', BigInt(i), null]]);
    await within(10, waiting); // three, where each piece of work is short
  }
  subscription.close();
});
