// The optimizer may change how a query runs, never what it answers: random queries with all rules, with some left out, and with none
// give the same rows or the same error.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RULES } from '../sql/optimizer/optimize.ts';
import { InProcessTarget } from './in-process-target.ts';
import { RandomQueries } from './random-queries.ts';
import { runSeed, seededRandom } from './seeded-random.ts';
import { TargetError } from './slt-run.ts';

const ROUNDS = 4;
const QUERIES = 12;

async function answer(target: InProcessTarget, sql: string): Promise<string> {
  try {
    const { rows } = await target.execute(sql);
    return (rows ?? [])
      .map((row) => JSON.stringify(row))
      .sort()
      .join('\n');
  } catch (error) {
    if (!(error instanceof TargetError)) throw error;
    assert.notEqual(error.sqlstate, 'XX000', `${sql}\n${error.message}`);
    return `error ${error.sqlstate}`;
  }
}

test('rules of the optimizer change no answer', async () => {
  const seed = runSeed();
  const random = seededRandom(seed);
  const names = RULES.filter((rule) => rule.mandatory !== true).map((rule) => rule.name);
  let answered = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const queries = new RandomQueries(random);
    const target = new InProcessTarget();
    try {
      for (const statement of queries.tables()) await target.execute(statement);
      for (let i = 0; i < QUERIES; i++) {
        const sql = queries.query();
        const expected = await answer(target, sql);
        if (!expected.startsWith('error')) answered++;
        for (const disabled of [names, names.filter(() => random() < 0.4)]) {
          await target.execute(`SET headrace.optimizer_disabled_rules = '${disabled.join(',')}'`);
          assert.equal(await answer(target, sql), expected, `seed ${seed}, without ${disabled.join(', ')}:\n${sql}`);
        }
        await target.execute(`SET headrace.optimizer_disabled_rules = ''`);
      }
    } finally {
      await target.close();
    }
  }
  assert.ok(answered > (ROUNDS * QUERIES) / 2, `${answered} queries had an answer`);
});
