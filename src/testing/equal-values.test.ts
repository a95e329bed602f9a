// Equality and order are one thing in all operations, for random values of every type: see equal-values.ts.
import { after, before, test } from 'node:test';
import { BASE_TYPES, checkValues, RandomTypes } from './equal-values.ts';
import { InProcessTarget } from './in-process-target.ts';
import { runSeed, seededRandom } from './seeded-random.ts';

const COMPOSITES = 16;
const VALUES = 14;

const seed = runSeed();
const random = new RandomTypes(seededRandom(seed));
let target: InProcessTarget;
before(() => {
  target = new InProcessTarget({ settings: { 'headrace.min_worker_rows': '0' } });
});
after(() => target.close());

for (const name of BASE_TYPES) {
  test(`${name} and ${name}[] (seed ${seed})`, async () => {
    const type = random.base(name);
    await checkValues(target, random.values(type, VALUES + 6), type);
    const array = random.array(type);
    await checkValues(target, random.values(array, VALUES), array);
  });
}

test(`arrays and records of anything (seed ${seed})`, async () => {
  for (let i = 0; i < COMPOSITES; i++) {
    const type = random.composite();
    await checkValues(target, random.values(type, VALUES), type);
  }
});
