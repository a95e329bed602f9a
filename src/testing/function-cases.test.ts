// What PostgreSQL answered to thousands of expressions (src/functions/postgres-cases/*.txt, recorded by
// conformance/postgres/record-function-cases.ts), asked of Headrace in process: value, type and error must be the same. Expressions
// that have a value go to the engine in bundles; where a bundle fails its expressions are asked one by one.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { InProcessTarget } from './in-process-target.ts';
import { TargetError } from './slt-run.ts';

const FOLDER = join(import.meta.dirname, '..', 'functions', 'postgres-cases');
const BUNDLE = 40;

/** Where Headrace answers otherwise, and why. */
const KNOWN_DIFFERENCES: readonly (readonly [expression: RegExp, reason: string])[] = [
  [/^cbrt\('(1\.5|0\.1|123456789\.123)'/, 'the last digit of cube roots is that of the C library'],
  [
    /datetime\(\)|keyvalue\(\)'\)|@\? '\$\.b\[\*\]\.abs/,
    'paths: no datetime(), ids of key-value pairs, all items are looked at',
  ],
  [/^numeric\(5,2\) 'NaN'$|^\('NaN'::\w+\)::numeric\(\d+(,\d+)?\)$/, 'numeric(p,s) holds numbers only (0A000)'],
];

interface Case {
  readonly expression: string;
  /** `type "text"`, `type NULL` or `ERROR state "message"` */
  readonly answer: string;
}

function readCases(file: string): Case[] {
  const lines = readFileSync(join(FOLDER, file), 'utf8').split('\n');
  return lines.flatMap((line) => {
    if (line === '' || line.startsWith('#')) return [];
    const at = line.lastIndexOf(' => ');
    return [{ expression: line.slice(0, at), answer: line.slice(at + 4) }];
  });
}

const target = new InProcessTarget({ settings: { timezone: 'UTC' } });
after(() => target.close());

async function answersOf(expressions: readonly string[]): Promise<string[]> {
  try {
    const { rows, types } = await target.execute(`SELECT ${expressions.join(', ')}`);
    return rows![0]!.map((text, i) => `${types![i]} ${text === null ? 'NULL' : JSON.stringify(text)}`);
  } catch (error) {
    if (!(error instanceof TargetError)) throw error;
    if (expressions.length === 1) return [`ERROR ${error.sqlstate} ${JSON.stringify(error.message.split('\n')[0])}`];
    const answers: string[] = [];
    for (const expression of expressions) answers.push(...(await answersOf([expression])));
    return answers;
  }
}

async function differences(cases: readonly Case[]): Promise<string[]> {
  const found: string[] = [];
  const isKnown = (expression: string) => KNOWN_DIFFERENCES.some(([pattern]) => pattern.test(expression));
  const compare = (some: readonly Case[], answers: readonly string[]) => {
    for (const [i, { expression, answer }] of some.entries()) {
      const same = answers[i] === answer;
      if (same && isKnown(expression)) found.push(`${expression} is no known difference any more`);
      if (same || isKnown(expression)) continue;
      found.push(`${expression}\n    PostgreSQL: ${answer}\n    Headrace:   ${answers[i]}`);
    }
  };
  const failing = cases.filter(({ answer }) => answer.startsWith('ERROR'));
  const valued = cases.filter(({ answer }) => !answer.startsWith('ERROR'));
  for (let i = 0; i < valued.length; i += BUNDLE) {
    const bundle = valued.slice(i, i + BUNDLE);
    compare(bundle, await answersOf(bundle.map(({ expression }) => expression)));
  }
  for (const one of failing) compare([one], await answersOf([one.expression]));
  return found;
}

describe('functions, operators and casts answer as PostgreSQL does', () => {
  for (const file of readdirSync(FOLDER).filter((name) => name.endsWith('.txt'))) {
    test(file, async () => {
      const cases = readCases(file);
      assert.ok(cases.length > 50, 'the file holds cases');
      assert.equal((await differences(cases)).join('\n'), '');
    });
  }
});
