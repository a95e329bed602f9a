// Functions that loop, eat memory, die or are given up: the error is clear, the process is gone, and others go on.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, describe, it } from 'node:test';
import { workedMs } from './sandbox-child.ts';
import { UdfHost } from './udf-host.ts';
import { udf } from './udf-literal.ts';

const TIME_LIMIT_MS = 400;
const host = new UdfHost({ maxChildren: 2, callTimeoutMs: TIME_LIMIT_MS, memoryLimitBytes: 48 << 20 });
/** For functions that end by themselves, or for another reason. */
const patient = new UdfHost({ maxChildren: 1, callTimeoutMs: 60_000, memoryLimitBytes: 48 << 20 });
after(() => Promise.all([host.close(), patient.close()]));

const increment = udf('return a + 1', ['int4'], 'int4');

async function stillWorks(): Promise<void> {
  assert.deepEqual(await host.callRows(increment, [[41]], 1), [42]);
}

const LINUX = process.platform === 'linux' ? {} : { skip: 'reads /proc' };
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits until so many children are at work; a moment, where the system does not tell. */
async function atWork(of: UdfHost, count: number): Promise<void> {
  const seen = new Map<number, number>();
  const working = (pid: number) => {
    const first = seen.get(pid) ?? workedMs(pid);
    seen.set(pid, first);
    return workedMs(pid) >= first + 30;
  };
  if (process.platform !== 'linux') await pause(40);
  else while (of.childPids.filter(working).length < count) await pause(1);
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
    'a search without end that nothing interrupts': 'return [].indexOf.call({ length: 2 ** 53 - 1 }, 1)',
  };
  for (const [name, source] of Object.entries(loops)) {
    it(name, async () => {
      await assert.rejects(host.callRows(udf(source, [], 'jsonb'), [], 1), {
        sqlstate: '57014',
        message: `function f exceeded its time limit of ${TIME_LIMIT_MS} ms`,
      });
      await stillWorks();
    });
  }

  it('does not count the time in which the machine has none for the function', LINUX, async () => {
    await stillWorks();
    for (const pid of host.childPids) process.kill(pid, 'SIGSTOP');
    const call = host.callRows(increment, [[1]], 1);
    await pause(4 * TIME_LIMIT_MS);
    for (const pid of host.childPids) process.kill(pid, 'SIGCONT');
    assert.deepEqual(await call, [2]);
  });
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
      const slow = new UdfHost({ maxChildren: 1, callTimeoutMs: 60_000, memoryLimitBytes: 40 << 20 });
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
    const [count] = await patient.callRows(udf(source, [], 'int4'), [], 1);
    assert.ok((count as number) > 5 && (count as number) < 48, `${count} MB`);
    for (const pid of process.platform === 'linux' ? patient.childPids : []) {
      const resident = Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))![1]);
      assert.ok(resident < 250_000, `${resident} kB`);
    }
  });

  it('refuses a single row that is too big', async () => {
    const def = udf('return a.length', ['text'], 'int4');
    await assert.rejects(patient.callRows(def, [['x'.repeat(20 << 20)]], 1), { sqlstate: '53200' });
  });

  it('ends deep recursion as an exception', async () => {
    await assert.rejects(patient.callRows(udf('const g = () => g() + 1;\nreturn g()', [], 'int4'), [], 1), {
      sqlstate: '38000',
      message: /stack overflow/,
    });
    assert.deepEqual(await patient.callRows(increment, [[41]], 1), [42]);
  });
});

describe('processes', () => {
  it('replaces a child that was killed between calls', async () => {
    await stillWorks();
    for (const pid of host.childPids) process.kill(pid, 'SIGKILL');
    await stillWorks();
  });

  it('calls once more when a child is killed amid a call', LINUX, async () => {
    await stillWorks();
    const before = host.childPids;
    for (const pid of before) process.kill(pid, 'SIGSTOP'); // none can answer before it is killed
    const call = host.callRows(increment, [[6]], 1);
    await pause(0);
    for (const pid of before) process.kill(pid, 'SIGKILL');
    assert.deepEqual(await call, [7]);
    assert.ok(before.every((pid) => !host.childPids.includes(pid)));
  });

  it('ends a call when its signal aborts, running or waiting', async () => {
    const loop = udf('while (true);\nreturn 1', [], 'int4');
    const abort = new AbortController();
    const calls = Array.from({ length: 4 }, () => host.callRows(loop, [], 1, abort.signal));
    await atWork(host, 2);
    abort.abort();
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
    const other = new UdfHost({ maxChildren: 2, callTimeoutMs: 60_000, memoryLimitBytes: 32 << 20 });
    await Promise.all([1, 2].map((n) => other.callRows(increment, [[n]], 1)));
    const loop = other.callRows(udf('while (true);\nreturn 1', [], 'int4'), [], 1);
    const failed = assert.rejects(loop, { sqlstate: '57P01' });
    await atWork(other, 1);
    const pids = other.childPids;
    assert.equal(pids.length, 2);
    await other.close();
    assert.deepEqual(pids.filter(alive), []);
    await failed;
    await assert.rejects(other.callRows(increment, [[1]], 1), { sqlstate: '57P01' });
  });
});
