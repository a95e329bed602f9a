// jsonb subscripts: j['a'][0] reads as #> does, and SET j['a'][0] = v writes. Writing makes what is missing on the way, an array where
// the step reads as a number, padded with nulls, else an object; a scalar on the way is an error.
import { sqlError } from '../../errors/sql-error.ts';
import type { SqlArray } from '../../types/datum.ts';
import { isJsonArray, isJsonObject, type JsonValue, jsonbValue, printJsonb } from '../../types/json-value.ts';
import { type Args, fn, row } from '../define.ts';
import type { ScalarFunction } from '../function-definition.ts';

const MAX_ELEMENTS = 10_000_000;

function integerOf(step: string): number | null {
  const value = /^\s*[+-]?\d+$/.test(step) ? Number(step) : Number.NaN;
  return Math.abs(value) <= 0x7fffffff ? value : null;
}

function padding(count: number): null[] {
  if (count <= MAX_ELEMENTS) return new Array<null>(Math.max(0, count)).fill(null);
  const message = `number of jsonb array elements exceeds the maximum allowed (${MAX_ELEMENTS})`;
  throw sqlError('program_limit_exceeded', message);
}

class Assignment {
  private readonly path: readonly string[];
  private readonly fresh: JsonValue;

  constructor(path: readonly string[], fresh: JsonValue) {
    this.path = path;
    this.fresh = fresh;
  }

  /** `value` with the new one at the path's rest from `level` on. */
  apply(value: JsonValue, level = 0): JsonValue {
    if (level === this.path.length) return this.fresh;
    const step = this.path[level]!;
    if (isJsonArray(value)) return this.inArray(value, step, level);
    if (isJsonObject(value)) {
      const old = value.get(step);
      return new Map(value).set(step, old === undefined ? this.made(level + 1) : this.apply(old, level + 1));
    }
    throw sqlError('invalid_parameter_value', 'cannot replace existing key', {
      detail: 'The path assumes key is a composite object, but it is a scalar value.',
    });
  }

  private inArray(value: readonly JsonValue[], step: string, level: number): JsonValue {
    const given = integerOf(step);
    if (given === null) {
      const message = `path element at position ${level + 1} is not an integer: "${step}"`;
      throw sqlError('invalid_text_representation', message);
    }
    const index = given < 0 ? value.length + given : given;
    if (index < 0) {
      const message = `path element at position ${level + 1} is out of range: ${given}`;
      throw sqlError('invalid_parameter_value', message);
    }
    if (index >= value.length) return [...value, ...padding(index - value.length), this.made(level + 1)];
    return value.with(index, this.apply(value[index]!, level + 1));
  }

  /** What stands where nothing was. */
  private made(level: number): JsonValue {
    if (level === this.path.length) return this.fresh;
    const step = this.path[level]!;
    const index = integerOf(step);
    return index === null ? new Map([[step, this.made(level + 1)]]) : [...padding(index), this.made(level + 1)];
  }
}

function assign([target, fresh, path]: Args): string {
  const steps = (path as SqlArray).elements;
  if (steps.includes(null)) {
    throw sqlError('null_value_not_allowed', 'jsonb subscript in assignment must not be null');
  }
  const value = fresh === null ? null : jsonbValue(fresh as string);
  return printJsonb(new Assignment(steps as string[], value).apply(jsonbValue(target as string)));
}

/** No function of PostgreSQL's: SET j['a'] = v binds to it. The old value (not NULL), the new one (NULL is null), the path. */
export const JSON_ASSIGN: readonly ScalarFunction[] = [
  fn('jsonb_assign', 'jsonb,jsonb,text[]', 'jsonb', row(assign), { strict: false }),
];
