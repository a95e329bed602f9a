// The value of an option that is on or off: EXPLAIN (ANALYZE off), SUBSCRIBE ... WITH (snapshot = false), WITH (vectorized).
import { sqlError } from '../../errors/sql-error.ts';
import type { Option } from '../../sql/ast-definition.ts';

const WORDS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['on', true],
  ['1', true],
  ['false', false],
  ['off', false],
  ['0', false],
]);

/** An option without a value is on. Throws 42601 for what is no Boolean. */
export function booleanOption({ name, value }: Option): boolean {
  if (value === null) return true;
  if (value.kind === 'boolean') return value.value;
  const found = 'text' in value ? WORDS.get(value.text.toLowerCase()) : undefined;
  if (found === undefined) throw sqlError('syntax_error', `${name} requires a Boolean value`);
  return found;
}
