// Work in slices: what need not wait runs at once, long work leaves turns to others, and works that share their slices go on in rotation.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Work } from '../stream/operator.ts';
import { drive, SharedSlices } from './drive.ts';

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Keeps the thread for about a slice, again and again, until it is told to stop. */
function* busy(state: { turns: number; stop: boolean }): Work {
  while (!state.stop) {
    for (const until = performance.now() + 3; performance.now() < until; );
    state.turns++;
    yield;
  }
}

test('short work is over at once; long work goes on in later turns; errors of promises are thrown into it', async () => {
  let over = false;
  drive(
    (function* (): Work {
      yield;
    })(),
    () => {
      over = true;
    },
  );
  assert.ok(over);
  const state = { turns: 0, stop: false };
  const ended = new Promise<void>((resolve) => drive(busy(state), () => resolve()));
  assert.equal(state.turns, 1);
  await turn();
  state.stop = true;
  await ended;
  const caught: unknown[] = [];
  const failing = new Promise<unknown>((resolve) =>
    drive(
      (function* (): Work {
        try {
          yield Promise.reject(new Error('first'));
        } catch (error) {
          caught.push((error as Error).message);
        }
        yield Promise.reject(new Error('second'));
      })(),
      resolve,
    ),
  );
  assert.equal(((await failing) as Error).message, 'second');
  assert.deepEqual(caught, ['first']);
});

test('works that share slices take one of each turn together, and none keeps the others from going on', async () => {
  const slices = new SharedSlices();
  const states = Array.from({ length: 4 }, () => ({ turns: 0, stop: false }));
  for (const state of states) slices.start(busy(state));
  assert.deepEqual(states.map(({ turns }) => turns), [0, 0, 0, 0]); // biome-ignore format: one line
  let waited = 0;
  slices.start(
    (function* (): Work {
      for (; waited < 3; waited++) yield Promise.resolve();
    })(),
  );
  for (let i = 0; i < 12; i++) await turn();
  const sum = states.reduce((all, { turns }) => all + turns, 0);
  assert.ok(sum <= 12, `${sum} slices in twelve turns`);
  assert.ok(states.every(({ turns }) => turns > 0));
  while (waited < 3) await turn();
  for (const state of states) state.stop = true;
  while (slices.running > 0) await turn();
});
