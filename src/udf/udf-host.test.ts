// What functions may look like, what they get and give, and the errors of functions that are wrong.
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { UdfHost } from './udf-host.ts';
import { udf } from './udf-literal.ts';

const host = new UdfHost({ maxChildren: 1, callTimeoutMs: 60_000, memoryLimitBytes: 64 << 20 });
after(() => host.close());

describe('source forms', () => {
  const forms: Record<string, string> = {
    'a body': 'const twice = a * 2; return twice + 1',
    'a body that ends in a comment': 'return a * 2 + 1 // done',
    'a body with an inner function': 'function twice(x) { return x * 2 }\nreturn twice(a) + 1',
    'an arrow function': 'a => a * 2 + 1',
    'an arrow function, semicolon and comment': '(a) => a * 2 + 1; // done',
    'an arrow function with a block': '/* first */ (a) => {\n  return a * 2 + 1;\n}',
    'a function expression': 'function (a) { return a * 2 + 1 };',
    'a function declaration': 'function other(a) { return a * 2 + 1 }',
    'declarations, the last of the right name':
      'function twice(x) { return x * 2 }\nfunction f(a) { return twice(a) + 1 }',
    'an exported function': 'const two = 2;\nexport function f(a) { return a * two + 1 }',
    'an exported function of another name': 'export function g(a) { return a * 2 + 1 }',
    'a default export': 'export default (a) => a * 2 + 1',
    recursion: 'return a <= 0 ? 1 : f(a - 1) + 2',
  };
  for (const [name, source] of Object.entries(forms)) {
    it(name, async () => {
      assert.deepEqual(await host.callRows(udf(source, ['int4'], 'int4'), [[1, 20]], 2), [3, 41]);
    });
  }

  it('keeps module variables from call to call', async () => {
    const def = udf('let calls = 0;\nexport function f(a) { return a + ++calls }', ['int4'], 'int4');
    assert.deepEqual(await host.callRows(def, [[10, 10]], 2), [11, 12]);
    assert.deepEqual(await host.callRows(def, [[10]], 1), [13]);
  });

  it('names arguments $1, $2 where JavaScript cannot take the name', async () => {
    const changes = { argNames: ['', 'class'] };
    assert.deepEqual(await host.callRows(udf('return $1 - $2', ['int4', 'int4'], 'int4', changes), [[9], [2]], 1), [7]);
  });

  it('takes no arguments at all', async () => {
    assert.deepEqual(await host.callRows(udf('return 7', [], 'int4'), [], 3), [7, 7, 7]);
  });
});

describe('calls', () => {
  it('passes NULL as null, and undefined comes back as NULL', async () => {
    const def = udf("if (a === null) return 'none'; if (a > 1) return 'many'", ['int4'], 'text');
    assert.deepEqual(await host.callRows(def, [[null, 1, 2]], 3), ['none', null, 'many']);
  });

  it('does not call a strict function with a NULL', async () => {
    const def = udf('return a + b', ['text', 'text'], 'text', { strict: true });
    assert.deepEqual(
      await host.callRows(
        def,
        [
          ['x', null, 'y'],
          ['1', '2', null],
        ],
        3,
      ),
      ['x1', null, null],
    );
    assert.deepEqual(await host.callRows(def, [[null], [null]], 1), [null]);
  });

  it('gives a vectorized function typed arrays, or plain ones with null', async () => {
    const def = udf('return Array.from(a, (x) => a.constructor.name + x)', ['float8'], 'text', { vectorized: true });
    assert.deepEqual(await host.callRows(def, [[1.5, 2]], 2), ['Float64Array1.5', 'Float64Array2']);
    assert.deepEqual(await host.callRows(def, [[1.5, null]], 2), ['Array1.5', 'Arraynull']);
    const twice = udf('return a.map((x) => x * 2 + 1)', ['float8'], 'float8', { vectorized: true });
    assert.deepEqual(await host.callRows(twice, [new Float64Array([1, 2])], 2), [3, 5]);
    const texts = udf('return a.map((x) => x && x.trim())', ['text'], 'text', { vectorized: true });
    assert.deepEqual(await host.callRows(texts, [[' p ', null]], 2), ['p', null]);
  });

  it('refuses a vectorized result that is not one value per row', async () => {
    const short = udf('return [1]', ['int4'], 'int4', { vectorized: true });
    await assert.rejects(host.callRows(short, [[1, 2]], 2), { sqlstate: '38000', message: /1 instead of 2/ });
    const none = udf('return 5', ['int4'], 'int4', { vectorized: true });
    await assert.rejects(host.callRows(none, [[1, 2]], 2), { sqlstate: '38000', message: /must return an array/ });
  });

  it('calls a batch too long for one message in parts', async () => {
    const column = Array.from({ length: 64 }, (_, i) => String.fromCharCode(65 + i).repeat(300_000));
    const def = udf('return a[0] + a.length', ['text'], 'text');
    const results = await host.callRows(def, [column], 64);
    assert.deepEqual(results.slice(0, 3), ['A300000', 'B300000', 'C300000']);
    assert.equal(results.length, 64);
  });

  it('tells a replaced function from its predecessor', async () => {
    const changes = { id: 'one id' };
    assert.deepEqual(await host.callRows(udf('return a + 1', ['int4'], 'int4', changes), [[1]], 1), [2]);
    assert.deepEqual(await host.callRows(udf('return a + 2', ['int4'], 'int4', changes), [[1]], 1), [3]);
  });

  it('holds more functions than fit into one child', async () => {
    for (let round = 0; round < 2; round++) {
      for (let i = 0; i < 20; i++) {
        assert.deepEqual(await host.callRows(udf(`return a + ${i}`, ['int4'], 'int4'), [[1]], 1), [1 + i]);
      }
    }
  });
});

describe('functions that are wrong', () => {
  it('reports what was thrown, with its row and place', async () => {
    const def = udf("\nif (a === 3) throw new TypeError('no threes');\nreturn a", ['int4'], 'int4');
    await assert.rejects(
      host.callRows(def, [[1, 2, 3]], 3),
      (error: { sqlstate: string; message: string; details: { detail: string } }) => {
        assert.equal(error.sqlstate, '38000');
        assert.equal(error.message, 'function f failed: no threes');
        assert.match(error.details.detail, /^TypeError at row 3 of the batch\n {2}at f \(f:2:/);
        return true;
      },
    );
    await assert.rejects(host.callRows(udf("throw 'text'", [], 'int4'), [], 1), { message: 'function f failed: text' });
    await assert.rejects(host.callRows(udf('throw null', [], 'int4'), [], 1), { sqlstate: '38000' });
  });

  it('survives an error object that throws when it is read', async () => {
    const def = udf(
      "const e = new Error(); Object.defineProperty(e, 'message', { get() { throw 1 } }); throw e",
      [],
      'int4',
    );
    await assert.rejects(host.callRows(def, [], 1), { sqlstate: '38000', message: 'function f failed: unknown error' });
  });

  const invalid: [string, string, string, RegExp, RegExp?][] = [
    [
      'a syntax error',
      'let x = 1;\nreturn x +* 2',
      '42601',
      /syntax error in function f: /,
      /^line 2: return x \+\* 2$/,
    ],
    ['an unfinished body', 'return a +', '42601', /syntax error/, /^line 1: return a \+$/],
    ['a broken module', 'export function f(a) {\n  return a +;\n}', '42601', /syntax error/, /^line 2: return a \+;$/],
    ['a broken arrow function', '(a) => a +', '42601', /syntax error/],
    ['a body without return', 'a + 1', '42601', /no return statement/],
    ['a module without function', 'export const x = 1', '42601', /exports neither/],
    ['an asynchronous function', 'async (a) => a', '0A000', /asynchronous/],
    ['a generator', 'function* f(a) { yield a; return a }', '0A000', /generator/],
    [
      'a module that throws',
      "throw new Error('at once'); export function f(a) { return a }",
      '38000',
      /f failed: at once/,
    ],
    ['an import', "import fs from 'node:fs'; export default (a) => a", '38000', /could not load module/],
  ];
  for (const [name, source, sqlstate, message, detail] of invalid) {
    it(`validate refuses ${name}`, async () => {
      await assert.rejects(
        host.validate(udf(source, ['int4'], 'int4')),
        (error: { sqlstate: string; message: string; details: { detail?: string } }) => {
          assert.equal(error.sqlstate, sqlstate);
          assert.match(error.message, message);
          if (detail !== undefined) assert.match(error.details.detail ?? '', detail);
          return true;
        },
      );
    });
  }

  it('validate refuses types that have no JavaScript form', async () => {
    await assert.rejects(host.validate(udf('return 1', ['point'], 'int4')), {
      sqlstate: '0A000',
      message: /accept type point/,
    });
    await assert.rejects(host.validate(udf('return 1', ['int4'], 'void')), {
      sqlstate: '0A000',
      message: /return type void/,
    });
  });

  it('validate accepts a good function', async () => {
    await host.validate(udf('export default (a) => a', ['int4'], 'int4'));
  });
});
