import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SqlError } from '../../errors/sql-error.ts';
import { parseExpression, parseType } from './parse.ts';
import { printExpression, printType } from './print.ts';

/** The expression printed with all its parentheses. */
function shape(text: string): string {
  return printExpression(parseExpression(text));
}

describe('expressions', () => {
  it('follow the precedence table', () => {
    assert.equal(shape('a or b and not c = d'), 'a OR (b AND (NOT (c = d)))');
    assert.equal(shape('a + b * c ^ d ^ e'), 'a + (b * ((c ^ d) ^ e))');
    assert.equal(shape('a = b is null'), '(a = b) IS NULL');
    assert.equal(shape('a || b like c || d'), '(a || b) LIKE (c || d)');
    assert.equal(shape('a + b || c'), '(a + b) || c');
    assert.equal(shape('- a ^ b'), '(-a) ^ b');
    assert.equal(shape('-a::int'), '-(a::integer)');
    assert.equal(shape('a between b and c and d'), '(a BETWEEN b AND c) AND d');
    assert.equal(shape('not a in (1) or b'), '(NOT (a IN (1))) OR b');
    assert.equal(shape('a at time zone b collate "C"'), 'a AT TIME ZONE (b COLLATE "C")');
  });

  it('flatten AND and OR from the left', () => {
    const and = parseExpression('a and b and c');
    assert.equal(and.kind === 'and' && and.operands.length, 3);
    assert.equal(shape('a and (b and c)'), 'a AND (b AND c)');
  });

  it('carry positions', () => {
    const sum = parseExpression('abc + f(x)');
    assert.equal(sum.position, 5);
    assert.equal(sum.kind === 'binary' && sum.right.position, 7);
    const cast = parseExpression("'1'::int");
    assert.equal(cast.position, 4);
    assert.equal(cast.kind === 'cast' && cast.type.position, 6);
    const literal = parseExpression("date 'x'");
    assert.equal(literal.position, 6);
  });

  it('keep numbers as text', () => {
    const big = parseExpression('123456789012345678901234567890.10');
    assert.equal(big.kind === 'decimal' && big.text, '123456789012345678901234567890.10');
  });

  it('tell rows, subqueries and parentheses apart', () => {
    assert.equal(parseExpression('(a, b)').kind, 'row');
    assert.equal(parseExpression('(a)').kind, 'column');
    assert.equal(parseExpression('((select 1))').kind, 'subquery');
    assert.equal(parseExpression('((select 1) + 1)').kind, 'binary');
    assert.equal(parseExpression('((select 1) union (select 2))').kind, 'subquery');
    assert.equal(parseExpression('a in ((select 1))').kind, 'in_subquery');
    assert.equal(parseExpression('a in ((select 1), 2)').kind, 'in_list');
  });

  it('turn special syntax into calls', () => {
    const cases: readonly (readonly [string, string, number])[] = [
      ['extract(year from a)', 'extract', 2],
      ['position(a in b)', 'position', 2],
      ['substring(a from 1 for 2)', 'substring', 3],
      ["trim(leading 'x' from a)", 'ltrim', 2],
      ['trim(trailing from a)', 'rtrim', 1],
      ['a at time zone b', 'timezone', 2],
      ['overlay(a placing b from 1)', 'overlay', 3],
    ];
    for (const [text, name, count] of cases) {
      const call = parseExpression(text);
      assert.ok(call.kind === 'function', text);
      assert.deepEqual(call.name, ['pg_catalog', name], text);
      assert.equal(call.arguments.length, count, text);
      assert.deepEqual(printExpression(parseExpression(printExpression(call))), printExpression(call));
    }
    const position = parseExpression('position(a in b)');
    const first = position.kind === 'function' ? position.arguments[0]!.value : null;
    assert.deepEqual(first, { kind: 'column', parts: ['b'], position: 15 });
  });

  it('read types', () => {
    assert.deepEqual(parseType('int').name, ['pg_catalog', 'int4']);
    assert.deepEqual(parseType('TIMESTAMP WITH TIME ZONE').name, ['pg_catalog', 'timestamptz']);
    assert.deepEqual(parseType('char').modifiers.length, 1);
    assert.deepEqual(parseType('int[3][]').arrayBounds, [3, null]);
    assert.equal(parseType('interval day to second(3)').intervalFields, 'day to second');
    for (const text of ['numeric(10, 2)[]', 's."T"(1)', 'character(5)', 'interval year to month', 'SETOF record']) {
      assert.equal(printType(parseType(text)), text);
    }
  });

  it('refuse what nests or chains too deep', () => {
    const deep = [
      '('.repeat(100_000),
      `${'not '.repeat(1000)}a`,
      'f('.repeat(1000),
      `${'1 + '.repeat(5000)}1`,
      `a${'[1]'.repeat(5000)}`,
      'case when '.repeat(1000),
      `array${'['.repeat(1000)}`,
      '(select '.repeat(1000),
    ];
    for (const text of deep) {
      assert.throws(
        () => parseExpression(text),
        (error) => error instanceof SqlError && error.sqlstate === '54001',
        text.slice(0, 20),
      );
    }
    assert.equal(parseExpression(`${'('.repeat(300)}1${')'.repeat(300)}`).kind, 'integer');
    const wide = parseExpression(Array(20_000).fill('a').join(' or '));
    assert.equal(wide.kind === 'or' && wide.operands.length, 20_000);
  });
});
