import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KeptPrograms } from './kept-programs.ts';

function program(isSmall = true) {
  const made = { isSmall, freed: 0, free: () => made.freed++ };
  return made;
}

test('a program is kept from the second run of its plan on', () => {
  const all = new KeptPrograms(2);
  const kept = all.ofSession();
  const [plan, first, second] = [{}, program(), program()];
  kept.give(plan, first);
  assert.equal(first.freed, 1);
  assert.equal(kept.take(plan), undefined);
  kept.give(plan, second);
  assert.equal(second.freed, 0);
  assert.equal(kept.take(plan), second);
  assert.equal(kept.take(plan), undefined, 'it has one user at a time');
});

test('of two programs of a plan one is kept, and none that has grown large', () => {
  const all = new KeptPrograms(2);
  const kept = all.ofSession();
  const [plan, first, second, large] = [{}, program(), program(), program(false)];
  for (const each of [program(), first, second]) kept.give(plan, each);
  assert.deepEqual([first.freed, second.freed], [0, 1]);
  assert.equal(kept.take(plan), first);
  kept.give(plan, large);
  assert.equal(large.freed, 1);
  assert.equal(all.size, 0);
});

test('the least recently used program goes', () => {
  const all = new KeptPrograms(2);
  const kept = all.ofSession();
  const plans = [{}, {}, {}];
  const programs = plans.map(() => program());
  for (const plan of plans) kept.give(plan, program());
  kept.give(plans[0]!, programs[0]!);
  kept.give(plans[1]!, programs[1]!);
  kept.give(plans[0]!, kept.take(plans[0]!)!);
  kept.give(plans[2]!, programs[2]!);
  assert.deepEqual(
    programs.map(({ freed }) => freed),
    [0, 1, 0],
  );
});

test('the programs of a session go with it, those of others stay', () => {
  const all = new KeptPrograms(9);
  const sessions = [all.ofSession(), all.ofSession()];
  const [plans, programs] = [
    [{}, {}],
    [program(), program()],
  ];
  for (const [i, session] of sessions.entries()) {
    session.give(plans[i]!, program());
    session.give(plans[i]!, programs[i]!);
  }
  sessions[0]!.close();
  assert.deepEqual([programs[0]!.freed, programs[1]!.freed], [1, 0]);
  const late = program();
  sessions[0]!.give(plans[0]!, late);
  assert.equal(late.freed, 1, 'a statement that ends behind its session');
  assert.equal(sessions[1]!.take(plans[1]!), programs[1]);
});
