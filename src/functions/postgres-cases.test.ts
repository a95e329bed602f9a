// Every line of postgres-cases.txt: the function's per-row body gives what PostgreSQL gave, value or error.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { SqlError } from '../errors/sql-error.ts';
import { TEXT } from '../types/sql-type.ts';
import { typeOperations } from '../types/type-operations.ts';
import { typeFromName } from '../types/type-table.ts';
import { castToText } from './casts/text-casts.ts';
import type { EvaluationContext } from './function-definition.ts';
import { builtinFunctions } from './registry.ts';

const CONTEXT: EvaluationContext = { nowMicros: 1_700_000_000_000_000n, timeZone: 'UTC' };

function answer(id: string, texts: readonly string[]): string {
  try {
    const definition = builtinFunctions().scalar(id);
    const types = definition.parameters.map((name) => typeFromName([name]) ?? TEXT);
    const result = typeFromName([definition.result]) ?? TEXT;
    const body = definition.body(types, result);
    if (body.kind === 'kernel') return 'KERNEL';
    const args = texts.map((text, i) => typeOperations(types[i]!).parseText(text, types[i]!));
    const value = body.evaluate(args, CONTEXT);
    return value === null ? 'NULL' : JSON.stringify(castToText(value, result, CONTEXT));
  } catch (error) {
    if (error instanceof SqlError) return `ERROR ${error.sqlstate} ${JSON.stringify(error.message)}`;
    throw error;
  }
}

const lines = ['postgres-cases.txt', 'postgres-formatting-cases.txt'].flatMap((file) =>
  readFileSync(new URL(file, import.meta.url), 'utf8').split('\n'),
);

test('functions answer as PostgreSQL does', () => {
  const failures: string[] = [];
  let checked = 0;
  for (const line of lines) {
    if (line === '' || line.startsWith('#')) continue;
    const at = line.indexOf('] => ') + 1;
    const [id, ...texts] = JSON.parse(line.slice(0, at)) as [string, ...string[]];
    const actual = answer(id, texts);
    if (actual === 'KERNEL') continue;
    checked++;
    if (actual !== line.slice(at + 4)) failures.push(`${line}\n    ours: ${actual}`);
  }
  assert.ok(checked > 100);
  assert.deepEqual(failures, []);
});
