// Functions that loop, eat memory, die or are given up: the error is clear, the process is gone, and others go on.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, describe, it } from 'node:test';
import { UdfHost } from './udf-host.ts';
import { udf } from './udf-literal.ts';

const TIME_LIMIT_MS = 200;
const host = new UdfHost({ maxChildren: 2, callTimeoutMs: TIME_LIMIT_MS, memoryLimitBytes: 48 << 20 });
after(() => host.close());

const increment = udf('return a + 1', ['int4'], 'int4');

async function stillWorks(): Promise<void> {
  assert.deepEqual(await host.callRows(increment, [[41]], 1), [42]);
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('time limit', () => {
  const loops: Record<string, string> = {
    'an endless loop': 'while (true);\nreturn 1',
    'an endless loop that catches everything':
      'for (;;) try { for (;;); } catch { continue } finally { continue }\nreturn 1',
    'an endless loop in a conversion': 'return { toJSON() { for (;;); } }',
    'a regular expression that backtracks': "return /(a+)+$/.test('a'.repeat(40) + 'b')",
    'a module that never ends': 'while (true);\nexport default () => 1',
    'a getter that loops on an error':
      "const e = new Error(); Object.defineProperty(e, 'name', { get() { for (;;); } }); throw e",
  };
  for (const [name, source] of Object.entries(loops)) {
    it(name, async () => {
      const start = performance.now();
      await assert.rejects(host.callRows(udf(source, [], 'jsonb'), [], 1), {
        sqlstate: '57014',
        message: `function f exceeded its time limit of ${TIME_LIMIT_MS} ms`,
      });
      assert.ok(performance.now() - start < 10_000);
      await stillWorks();
    });
  }
});

describe('memory limit', () => {
  const bombs: Record<string, string> = {
    'a growing array': 'const all = []; for (;;) all.push({ n: all.length, next: all })',
    'strings that double':
      "const all = []; for (let s = 'x'.repeat(1e6); ; s = s + s.slice(1)) { all.push(s, s.toUpperCase()) }",
    'typed arrays': 'const all = []; for (;;) all.push(new Uint8Array(1e6))',
    'one huge typed array': 'return new Float64Array(1e8).length',
    'a huge result': "return 'x'.repeat(1e6)",
    'a map': 'const all = new Map(); for (let i = 0; ; i++) all.set(i, "value " + i)',
  };
  for (const [name, source] of Object.entries(bombs)) {
    it(name, async () => {
      const loud = udf(`${source}; return ''`, ['int4'], 'text');
      const slow = new UdfHost({ maxChildren: 1, callTimeoutMs: 4000, memoryLimitBytes: 40 << 20 });
      try {
        const column = Array.from({ length: 200 }, (_, i) => i);
        await assert.rejects(slow.callRows(loud, [column], 200), {
          sqlstate: '53200',
          message: 'function f exceeded its memory limit',
        });
        assert.deepEqual(slow.childPids.filter(alive), []);
        assert.deepEqual(await slow.callRows(increment, [[41]], 1), [42]);
      } finally {
        await slow.close();
      }
    });
  }

  it('holds for a function that catches the error and goes on', async () => {
    const source =
      'const all = []; for (let i = 0; i < 3; i++) try { for (;;) all.push(new Uint8Array(1e6)) } catch { continue }\nreturn all.length';
    const [count] = await host.callRows(udf(source, [], 'int4'), [], 1);
    assert.ok((count as number) > 5 && (count as number) < 48, `${count} MB`);
    for (const pid of process.platform === 'linux' ? host.childPids : []) {
      const resident = Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))![1]);
      assert.ok(resident < 250_000, `${resident} kB`);
    }
  });

  it('refuses a single row that is too big', async () => {
    const def = udf('return a.length', ['text'], 'int4');
    await assert.rejects(host.callRows(def, [['x'.repeat(20 << 20)]], 1), { sqlstate: '53200' });
  });

  it('ends deep recursion as an exception', async () => {
    await assert.rejects(host.callRows(udf('const g = () => g() + 1;\nreturn g()', [], 'int4'), [], 1), {
      sqlstate: '38000',
      message: /stack overflow/,
    });
    await stillWorks();
  });
});

describe('processes', () => {
  it('replaces a child that was killed between calls', async () => {
    await stillWorks();
    for (const pid of host.childPids) process.kill(pid, 'SIGKILL');
    await stillWorks();
  });

  it('calls once more when a child is killed amid a call', async () => {
    const busy = udf('const end = Date.now() + 100; while (Date.now() < end);\nreturn a', ['int4'], 'int4');
    const call = host.callRows(busy, [[7]], 1);
    setTimeout(() => {
      for (const pid of host.childPids) process.kill(pid, 'SIGKILL');
    }, 40);
    assert.deepEqual(await call, [7]);
  });

  it('ends a call when its signal aborts, running or waiting', async () => {
    const loop = udf('while (true);\nreturn 1', [], 'int4');
    const abort = new AbortController();
    const calls = Array.from({ length: 4 }, () => host.callRows(loop, [], 1, abort.signal));
    setTimeout(() => abort.abort(), 40);
    for (const call of await Promise.allSettled(calls)) {
      assert.equal(call.status, 'rejected');
      assert.equal(call.reason.sqlstate, '57014');
      assert.equal(call.reason.message, 'canceling statement due to user request');
    }
    await assert.rejects(host.callRows(loop, [], 1, abort.signal), { sqlstate: '57014' });
    await stillWorks();
  });

  it('serves many calls at once, and a looping one harms no other', async () => {
    const loop = udf('while (true);\nreturn 1', [], 'int4');
    const bad = host.callRows(loop, [], 1).catch((error: { sqlstate: string }) => error.sqlstate);
    const good = Array.from({ length: 40 }, (_, i) =>
      host.callRows(udf(`return a * ${i % 5}`, ['int4'], 'int4'), [[i]], 1),
    );
    assert.deepEqual(
      (await Promise.all(good)).flat(),
      Array.from({ length: 40 }, (_, i) => i * (i % 5)),
    );
    assert.equal(await bad, '57014');
    assert.ok(host.childPids.length <= 2);
  });

  it('leaves no process behind', async () => {
    const other = new UdfHost({ maxChildren: 2, callTimeoutMs: 5000, memoryLimitBytes: 32 << 20 });
    await Promise.all([1, 2].map((n) => other.callRows(increment, [[n]], 1)));
    const loop = other.callRows(udf('while (true);\nreturn 1', [], 'int4'), [], 1);
    const failed = assert.rejects(loop, { sqlstate: '57P01' });
    await new Promise((resolve) => setTimeout(resolve, 50));
    const pids = other.childPids;
    assert.equal(pids.length, 2);
    await other.close();
    assert.deepEqual(pids.filter(alive), []);
    await failed;
    await assert.rejects(other.callRows(increment, [[1]], 1), { sqlstate: '57P01' });
  });
});
