// Throughput on a clock moved by hand: full seconds only, the last ten of them, whatever happens to the clock.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../base/clock.ts';
import { Throughput } from './throughput.ts';

const SECOND = 1_000_000n;

test('rows count once their second is over, for ten seconds', () => {
  const clock = new VirtualClock(1000n * SECOND);
  const throughput = new Throughput(clock);
  throughput.record(50n);
  throughput.record(100n);
  assert.equal(throughput.rowsPerSecond, 0);
  clock.advance(SECOND);
  assert.equal(throughput.rowsPerSecond, 10);
  clock.advance(4n * SECOND);
  throughput.record(300n);
  clock.advance(SECOND);
  assert.equal(throughput.rowsPerSecond, 30);
  clock.advance(5n * SECOND);
  assert.equal(throughput.rowsPerSecond, 20);
  clock.advance(5n * SECOND);
  assert.equal(throughput.rowsPerSecond, 0);
});

test('a long pause leaves nothing of before', () => {
  const clock = new VirtualClock();
  const throughput = new Throughput(clock);
  throughput.record(100n);
  clock.advance(3_600n * SECOND);
  assert.equal(throughput.rowsPerSecond, 0);
  throughput.record(120n);
  clock.advance(SECOND);
  assert.equal(throughput.rowsPerSecond, 2);
});

test('rows of a life before are no throughput', () => {
  const clock = new VirtualClock();
  const throughput = new Throughput(clock);
  throughput.startFrom(1_000_000n);
  throughput.record(1_000_010n);
  clock.advance(SECOND);
  assert.equal(throughput.rowsPerSecond, 1);
});
