// A statement that is canceled while a user's function works ends then, and not when the function's time is up, which is an hour here.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InProcessTarget } from '../testing/in-process-target.ts';

test('a timeout of the statement ends a function that loops; the next call has another process', async () => {
  const target = new InProcessTarget({ udfTimeoutMs: 3_600_000 });
  try {
    await target.execute("CREATE FUNCTION spin(a int) RETURNS int LANGUAGE javascript AS 'while (a > 0); return a'");
    await target.execute("SET statement_timeout = '200ms'");
    await assert.rejects(target.execute('SELECT spin(1)'), {
      message: /^canceling statement due to statement timeout$/,
    });
    await target.execute('SET statement_timeout = 0');
    assert.deepEqual((await target.execute('SELECT spin(0)')).rows, [['0']]);
  } finally {
    await target.close();
  }
});
