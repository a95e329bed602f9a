// Every .slt file of sql-tests as a test: the main life and one of the others, drawn by a seed that the run prints; the incremental one, which
// every file lives too, is in sql-tests-as-views.test.ts. HEADRACE_TEST_SEED=N repeats a run; `npm run slt -- PATH --life all --seed N` lives
// all of a file's lives.
import { describe, test } from 'node:test';
import { LIVES, SAMPLED_LIVES } from './lives.ts';
import { runSeed, seededRandom, seedOf } from './seeded-random.ts';
import { assertLife, SQL_TESTS, sltFiles } from './slt-files.ts';

const seed = runSeed();

describe(`sql-tests, seed ${seed}`, () => {
  const main = LIVES.find(({ name }) => name === 'main')!;
  for (const path of sltFiles([SQL_TESTS])) {
    const name = path.slice(SQL_TESTS.length + 1);
    const drawn = SAMPLED_LIVES[Math.floor(seededRandom(seedOf(seed, name))() * SAMPLED_LIVES.length)]!;
    for (const life of [main, drawn]) test(`${name}, ${life.name}`, () => assertLife(path, life, seed));
  }
});
