// What a function can reach: nothing. And what the child process itself could reach if the wasm sandbox fell.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { after, describe, it } from 'node:test';
import { sandboxCommand } from './sandbox-command.ts';
import { UdfHost } from './udf-host.ts';
import { udf } from './udf-literal.ts';

const host = new UdfHost({ maxChildren: 1, callTimeoutMs: 60_000, memoryLimitBytes: 32 << 20 });
after(() => host.close());

async function value(source: string, typeName = 'text'): Promise<unknown> {
  return (await host.callRows(udf(source, [], typeName), [], 1))[0];
}

describe('the guest', () => {
  it('has the globals of the language and no others', async () => {
    const outside = [
      'process',
      'require',
      'module',
      'fetch',
      'WebSocket',
      'XMLHttpRequest',
      'WebAssembly',
      'console',
      'Deno',
    ];
    outside.push(
      'Buffer',
      'setTimeout',
      'setInterval',
      'queueMicrotask',
      'std',
      'os',
      'bjson',
      'print',
      'load',
      'Worker',
      'performance',
    );
    assert.equal(await value(`return ${JSON.stringify(outside)}.filter((name) => name in globalThis).join()`), '');
    const names = (await value('return Object.getOwnPropertyNames(globalThis)', 'text[]')) as string[];
    const unknown = names.filter((name) => !(name in globalThis) && !['__date_clock', 'InternalError'].includes(name));
    assert.deepEqual(unknown, []);
  });

  const attempts: Record<string, string> = {
    'Function constructor': "return (() => {}).constructor('return typeof process')()",
    'constructor chain of this': "return globalThis.constructor.constructor('return typeof process')()",
    'constructor chain of an argument list':
      "return (function () { return arguments.constructor.constructor('return typeof process')() })()",
    'indirect eval': "return (0, eval)('typeof process')",
    'async constructor':
      "return typeof (async () => {}).constructor('return process') === 'function' ? typeof process : ''",
    'stack frames of an error':
      'Error.prepareStackTrace = (_, frames) => frames; let s = new Error().stack; return typeof (s[0]?.getThis?.()?.process)',
    'callers of the function':
      'try { return typeof f.caller?.constructor("return process")() } catch { return typeof process }',
    'closing the wrapper':
      "return typeof process }); globalThis.leak = typeof process; (function () { return 'undefined'",
  };
  for (const [name, source] of Object.entries(attempts)) {
    it(`does not reach the process by ${name}`, async () => assert.equal(await value(source), 'undefined'));
  }

  it('cannot import', async () => {
    for (const module of [
      'node:fs',
      'fs',
      'std',
      'os',
      './child-entry.ts',
      'data:text/javascript,export default 1',
      'https://example.com/x.js',
    ]) {
      const source = `import x from ${JSON.stringify(module)};\nexport default () => 'in'`;
      await assert.rejects(value(source), { sqlstate: '38000', message: /could not load module/ });
    }
    await assert.rejects(value("return import('node:fs')"), { sqlstate: '22P02', message: /type promise/ });
  });

  it('shares nothing between functions, not even prototypes', async () => {
    const spoil = `Array.prototype.map = () => ['spoiled']; Object.prototype.leak = 'leak'; String.prototype.trim = () => 'spoiled';
      JSON.stringify = () => '{}'; globalThis.leak = 'leak'; return 'done'`;
    await value(spoil).catch(() => {});
    const source = "return [[1].map((x) => x + 1)[0], ' a '.trim(), JSON.stringify([1]), {}.leak, typeof leak].join()";
    assert.equal(await value(source), '2,a,[1],,undefined');
    assert.equal(host.childPids.length, 1);
  });

  it('may spoil its own results but nothing else', async () => {
    const forgeries = [
      "Array.prototype.toJSON = () => ({ length: 1e9 }); return 'x'",
      "Object.prototype.toJSON = () => '{'; return 'x'",
      "Object.defineProperty(Array.prototype, 0, { set() { throw 1 }, get() { return 1 } }); return 'x'",
      "Object.defineProperty(Object.prototype, 'then', { get() { return () => 1 } }); return 'x'",
      "Function.prototype.call = Function.prototype.apply = Reflect.apply = () => 'y'; return 'x'",
    ];
    for (const source of forgeries) {
      const outcome = await value(source).catch((error: { sqlstate: string }) => error.sqlstate);
      assert.ok(outcome === 'x' || outcome === '38000' || outcome === '22P02', `${source} gave ${outcome}`);
    }
    assert.equal(await value("return 'still here'"), 'still here');
  });
});

describe('the child process', { skip: process.platform === 'linux' ? false : 'reads /proc' }, () => {
  it('has no environment and no descriptors but its pipes and its own event loop', async () => {
    await value("return 'ready'");
    const [pid] = host.childPids;
    assert.equal(readFileSync(`/proc/${pid}/environ`, 'latin1'), '');
    assert.equal(readlinkSync(`/proc/${pid}/cwd`), '/');
    const targets = readdirSync(`/proc/${pid}/fd`).map(
      (fd) => [Number(fd), readlinkSync(`/proc/${pid}/fd/${fd}`)] as const,
    );
    const foreign = targets.filter(([fd, target]) => fd > 2 && !/^anon_inode:|^pipe:|^\/dev\/null$/.test(target));
    assert.deepEqual(foreign, []);
  });

  it('is limited by the system', async () => {
    await value("return 'ready'");
    const limits = readFileSync(`/proc/${host.childPids[0]}/limits`, 'latin1');
    assert.match(limits, /Max core file size\s+0/);
    assert.match(limits, /Max file size\s+0/);
    assert.match(limits, /Max data size\s+\d+/);
  });

  it('may not read, write, start processes or, where the system can forbid it, see a network', async () => {
    const command = await sandboxCommand({ memoryBytes: 32 << 20, timeMs: 1000, frameBytes: 1 << 20 });
    const program = `
      const attempt = (f) => { try { f(); return 'allowed' } catch (e) { return e.code ?? e.message } };
      const tried = [
        attempt(() => require('node:fs').readFileSync('/etc/hostname')),
        attempt(() => require('node:fs').writeFileSync('/tmp/headrace-udf', 'x')),
        attempt(() => require('node:child_process').execFileSync('/bin/true')),
        attempt(() => new (require('node:worker_threads').Worker)('0', { eval: true })),
        attempt(() => (0, eval)('1')),
        Object.keys(require('node:os').networkInterfaces()).length,
      ];
      console.log(JSON.stringify(tried));`;
    const main = command.args.findIndex((arg) => arg.endsWith('child-entry.ts'));
    const args = [...command.args.slice(0, main), '-e', program];
    const tried = JSON.parse(execFileSync(command.file, args, { env: {}, encoding: 'utf8' })) as unknown[];
    const denied = 'ERR_ACCESS_DENIED';
    assert.deepEqual(tried.slice(0, 4), [denied, denied, denied, denied]);
    assert.match(String(tried[4]), /Code generation from strings disallowed/);
    if (command.args.includes('--net')) assert.equal(tried[5], 0);
  });
});
