// Every .slt file of sql-tests as a test: the main life, the incremental one, and one of the others, drawn by a seed that the run prints.
// HEADRACE_TEST_SEED=N repeats a run; `npm run slt -- PATH --life all --seed N` lives all of a file's lives.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { LIVES, type Life, SAMPLED_LIVES } from './lives.ts';
import { runSeed, seededRandom, seedOf } from './seeded-random.ts';
import { runLife, sltFiles } from './slt-files.ts';

const root = join(import.meta.dirname, '..', '..', 'sql-tests');
const seed = runSeed();

async function live(path: string, life: Life): Promise<void> {
  const outcome = await runLife(path, life, seed);
  assert.ok(outcome.run > 0, 'the file ran no record');
  assert.equal(outcome.mismatches.map(({ line, message }) => `${path}:${line}: ${message}`).join('\n'), '');
}

describe(`sql-tests, seed ${seed}`, () => {
  const [main, incremental] = [LIVES[0]!, LIVES[1]!];
  for (const path of sltFiles([root])) {
    const name = path.slice(root.length + 1);
    const drawn = SAMPLED_LIVES[Math.floor(seededRandom(seedOf(seed, name))() * SAMPLED_LIVES.length)]!;
    for (const life of [main, incremental, drawn]) test(`${name}, ${life.name}`, () => live(path, life));
  }
});
