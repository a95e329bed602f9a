// Every .slt file of sql-tests in its incremental life, every query a view that the statements behind it feed: half of the work of
// sql-tests.test.ts, in a process of its own beside it. HEADRACE_TEST_SEED=N repeats a run.
import { describe, test } from 'node:test';
import { LIVES } from './lives.ts';
import { runSeed } from './seeded-random.ts';
import { assertLife, SQL_TESTS, sltFiles } from './slt-files.ts';

const seed = runSeed();
const life = LIVES.find(({ name }) => name === 'incremental')!;

describe(`sql-tests as views, seed ${seed}`, () => {
  for (const path of sltFiles([SQL_TESTS]))
    test(`${path.slice(SQL_TESTS.length + 1)}, ${life.name}`, () => assertLife(path, life, seed));
});
