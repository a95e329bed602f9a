import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pace } from './pace.ts';

const BATCH_ROWS = 2048;

/** A thread that works for `workMs` and then waits for `waitMs` per row; `clock` counts milliseconds of that. */
function thread() {
  let [now, worked] = [0, 0];
  return {
    clock: { now: () => now, worked: () => worked },
    work: (ms: number) => {
      now += ms;
      worked += ms;
    },
    wait: (ms: number) => {
      now += ms;
    },
  };
}

/** Sizes of the batches that a run of `rows` rows is done in, and the time that each turn works. */
async function run(rows: number, workMs: number, waitMs = 0) {
  const { clock, work, wait } = thread();
  const run = pace(BATCH_ROWS, undefined, clock);
  const [batches, turns]: [number[], number[]] = [[], [0]];
  for (let done = 0; done < rows; done += batches.at(-1)!) {
    const paused = run.pause();
    if (paused !== undefined) turns.push(0);
    await paused;
    const count = Math.min(run.rows(), rows - done);
    batches.push(count);
    work(count * workMs);
    turns[turns.length - 1]! += count * workMs;
    wait(count * waitMs);
  }
  return { batches, turns };
}

test('quick rows come in whole batches after the first ones, some in a turn', async () => {
  const { batches, turns } = await run(200_000, 0.0001);
  assert.deepEqual(batches.slice(0, 5), [256, 512, 1024, BATCH_ROWS, BATCH_ROWS]);
  assert.ok(turns.length <= 7, `${turns.length} turns`);
});

test('slow rows come in batches of some milliseconds', async () => {
  for (const workMs of [0.005, 0.02, 0.1, 2]) {
    const { turns } = await run(Math.ceil(600 / workMs), workMs);
    assert.ok(Math.max(...turns.slice(1)) <= Math.max(6.2, workMs * 4), `${workMs}: ${Math.max(...turns.slice(1))}`);
    assert.ok(Math.max(...turns) <= 256 * workMs + 6);
    assert.ok(turns.length < 400, `${workMs}: ${turns.length} turns`);
  }
});

test('rows that become slow are fewer in a batch from then on, and more when they are quick again', async () => {
  const { clock, work } = thread();
  const { pause, rows } = pace(BATCH_ROWS, undefined, clock);
  const batch = async (perRow: number) => {
    await pause();
    const count = rows();
    work(count * perRow);
    return count;
  };
  for (let i = 0; i < 10; i++) await batch(0.0001);
  assert.equal(await batch(0.02), BATCH_ROWS);
  const next = await batch(0.02);
  assert.ok(next < 300, String(next));
  for (let i = 0; i < 10; i++) await batch(0.0001);
  assert.equal(await batch(0.0001), BATCH_ROWS);
});

test('batches do not become small where any batch is slow, be it of one row', async () => {
  for (const [fixedMs, perRow] of [
    [10, 0.0001],
    [10, 0.005],
    [1.5, 0.0002],
    [4, 0.001],
  ] as const) {
    const { clock, work } = thread();
    const { pause, rows } = pace(BATCH_ROWS, undefined, clock);
    let spent = 0;
    for (let left = 200_000; left > 0; ) {
      await pause();
      const count = Math.min(left, rows());
      work(fixedMs + count * perRow);
      spent += fixedMs + count * perRow;
      left -= count;
    }
    const best = (200_000 / BATCH_ROWS) * fixedMs + 200_000 * perRow;
    assert.ok(spent < 2.2 * best, `${fixedMs} and ${perRow}: ${spent} instead of ${best}`);
  }
});

test('waiting makes no batch smaller', async () => {
  const { batches } = await run(200_000, 0.0001, 0.1);
  assert.equal(Math.min(...batches.slice(0, -1)), 256);
  const { clock, wait } = thread();
  const { pause, rows } = pace(BATCH_ROWS, undefined, clock);
  await pause();
  for (let i = 0; i < 4; i++) pause();
  assert.equal(rows(), BATCH_ROWS);
  wait(1000);
  await pause();
  assert.equal(rows(), BATCH_ROWS);
});

test('the check is asked before each batch', () => {
  let wanted = true;
  const { pause } = pace(BATCH_ROWS, () => assert.ok(wanted, 'over'));
  pause();
  wanted = false;
  assert.throws(() => pause(), { message: 'over' });
});

test('what the thread does for others while a batch waits for another process makes no batch smaller', async () => {
  const { clock, work } = thread();
  const { pause, wait, rows } = pace(BATCH_ROWS, undefined, clock);
  await wait(Promise.resolve()); // before the first batch, too
  for (let i = 0; i < 20; i++) {
    await pause();
    work(rows() * 0.001);
    await wait(Promise.resolve().then(() => work(50)));
  }
  assert.equal(rows(), BATCH_ROWS);
});
