// Short definitions for tests and benchmarks of this folder.
import type { UdfDefinition } from './udf-definition.ts';

const NAMES = ['a', 'b', 'c', 'd'];

/** A function f(a, b, ...) over `argTypes`. */
export function udf(
  source: string,
  argTypes: readonly string[],
  returnType: string,
  changes: Partial<UdfDefinition> = {},
): UdfDefinition {
  const id = JSON.stringify([source, argTypes, returnType, changes]);
  const argNames = argTypes.map((_type, i) => NAMES[i] ?? '');
  const plain = { language: 'javascript', vectorized: false, strict: false } as const;
  return { id, name: 'f', argTypes, argNames, returnType, source, ...plain, ...changes };
}
