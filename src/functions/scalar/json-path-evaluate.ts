// Evaluation of SQL/JSON paths. Every step maps a sequence of items to another; lax mode opens and wraps arrays where a step needs it
// and takes what is missing for nothing, strict mode raises. Predicates have three values, and an error inside one is Unknown.
import { SqlError, sqlError } from '../../errors/sql-error.ts';
import { type Decimal, decimal } from '../../types/datum.ts';
import * as dec from '../../types/decimal.ts';
import type { JsonPath, PathNode } from '../../types/json-path.ts';
import {
  compareJson,
  isJsonArray,
  isJsonNumber,
  isJsonObject,
  type JsonValue,
  keyOrder,
} from '../../types/json-value.ts';
import { jsonTypeName } from './json-shape.ts';
import { posixRegExp } from './regexp.ts';

type Items = readonly JsonValue[];
type Truth = boolean | null;

const PREDICATES = new Set(['compare', 'and', 'or', 'not', 'is-unknown', 'exists', 'starts-with', 'like-regex']);
const number = (n: number): Decimal => decimal(BigInt(n), 0);
const ROUNDING: Readonly<Record<string, (value: Decimal) => Decimal>> = {
  ceiling: dec.ceil,
  floor: dec.floor,
  abs: dec.absolute,
};
const ARITHMETIC: Readonly<Record<string, (a: Decimal, b: Decimal) => Decimal>> = {
  '+': dec.add,
  '-': dec.subtract,
  '*': dec.multiply,
  '/': dec.divide,
  '%': dec.modulo,
};

export class PathEvaluation {
  private readonly strict: boolean;
  private readonly root: JsonValue;
  /** null: none were given, as in @? and @@; then every variable is null */
  private readonly variables: ReadonlyMap<string, JsonValue> | null;
  /** of the innermost array whose subscripts are being computed */
  private size: number | null = null;

  constructor(path: JsonPath, root: JsonValue, variables: ReadonlyMap<string, JsonValue> | null) {
    this.strict = path.strict;
    this.root = root;
    this.variables = variables;
  }

  items(node: PathNode, current: JsonValue): Items {
    if (PREDICATES.has(node.kind)) return [this.truth(node, current)];
    switch (node.kind) {
      case 'root':
        return [this.root];
      case 'current':
        return [current];
      case 'last':
        if (this.size === null) throw sqlError('syntax_error', 'LAST is allowed only in array subscripts');
        return [number(this.size - 1)];
      case 'literal':
        return [node.value];
      case 'variable': {
        const value = this.variables === null ? null : this.variables.get(node.name);
        if (value !== undefined) return [value];
        throw sqlError('undefined_object', `could not find jsonpath variable "${node.name}"`);
      }
      case 'sign':
        return this.sign(node.operator, this.opened(this.items(node.arg, current)));
      case 'arithmetic': {
        const left = this.operand(node.left, current, 'left', node.operator);
        return [ARITHMETIC[node.operator]!(left, this.operand(node.right, current, 'right', node.operator))];
      }
      default:
        return 'of' in node ? this.step(node, this.items(node.of, current), current) : [];
    }
  }

  private step(node: Extract<PathNode, { of: PathNode }>, input: Items, current: JsonValue): Items {
    switch (node.kind) {
      case 'member':
        return this.opened(input).flatMap((item) => this.member(item, node.key));
      case 'any-member':
        return this.opened(input).flatMap((item) => {
          if (isJsonObject(item)) return this.members(item).map(([, value]) => value);
          return this.missing(
            'sql_json_object_not_found',
            'jsonpath wildcard member accessor can only be applied to an object',
          );
        });
      case 'any-index':
        return input.flatMap((item) => this.elements(item, 'jsonpath wildcard array accessor'));
      case 'index':
        return input.flatMap((item) => this.indexed(node, item, current));
      case 'deep':
        return input.flatMap((item) => this.descend(item, 0, node.first, node.last));
      case 'method':
        return this.method(node.name, input);
      case 'filter':
        return this.opened(input).filter((item) => this.truth(node.condition, item) === true);
    }
  }

  /** Lax mode: the items of arrays instead of the arrays. */
  private opened(items: Items): Items {
    return this.strict ? items : items.flatMap((item) => (isJsonArray(item) ? item : [item]));
  }

  /** What strict mode raises and lax mode leaves out. */
  private missing(condition: Parameters<typeof sqlError>[0], message: string): Items {
    if (this.strict) throw sqlError(condition, message);
    return [];
  }

  private members(item: ReadonlyMap<string, JsonValue>): [string, JsonValue][] {
    return [...item].sort(([a], [b]) => keyOrder(a, b));
  }

  private member(item: JsonValue, key: string): Items {
    if (!isJsonObject(item)) {
      return this.missing('sql_json_member_not_found', 'jsonpath member accessor can only be applied to an object');
    }
    const value = item.get(key);
    if (value !== undefined) return [value];
    return this.missing('sql_json_member_not_found', `JSON object does not contain key "${key}"`);
  }

  /** The items of an array; lax mode takes anything else for an array of one. */
  private elements(item: JsonValue, accessor: string): Items {
    if (isJsonArray(item)) return item;
    if (!this.strict) return [item];
    throw sqlError('sql_json_array_not_found', `${accessor} can only be applied to an array`);
  }

  private indexed(node: Extract<PathNode, { kind: 'index' }>, item: JsonValue, current: JsonValue): Items {
    const elements = this.elements(item, 'jsonpath array accessor');
    const outer = this.size;
    this.size = elements.length;
    const found: JsonValue[] = [];
    for (const { from, to } of node.ranges) {
      const first = this.subscript(from, current);
      const last = to === null ? first : this.subscript(to, current);
      if (this.strict && (first < 0 || first > last || last >= elements.length)) {
        throw sqlError('invalid_sql_json_subscript', 'jsonpath array subscript is out of bounds');
      }
      for (let i = Math.max(0, first); i <= Math.min(last, elements.length - 1); i++) found.push(elements[i]!);
    }
    this.size = outer;
    return found;
  }

  private subscript(node: PathNode, current: JsonValue): number {
    const [value, ...more] = this.items(node, current);
    if (value !== undefined && more.length === 0 && isJsonNumber(value))
      return dec.decimalToNumber(dec.truncate(value, 0));
    throw sqlError('invalid_sql_json_subscript', 'jsonpath array subscript is not a single numeric value');
  }

  private descend(item: JsonValue, level: number, first: number | 'last', last: number | 'last'): Items {
    const inner: Items = isJsonArray(item) ? item : isJsonObject(item) ? this.members(item).map(([, v]) => v) : [];
    const bottom = inner.length === 0 && !isJsonArray(item) && !isJsonObject(item);
    const within = first === 'last' ? bottom : level >= first && (last === 'last' || level <= last);
    const deeper = last === 'last' || level < last;
    const below = deeper ? inner.flatMap((value) => this.descend(value, level + 1, first, last)) : [];
    return within ? [item, ...below] : below;
  }

  private sign(operator: '+' | '-', input: Items): Items {
    return input.map((item) => {
      if (isJsonNumber(item)) return operator === '-' ? dec.negate(item) : item;
      const message = `operand of unary jsonpath operator ${operator} is not a numeric value`;
      throw sqlError('sql_json_number_not_found', message);
    });
  }

  private operand(node: PathNode, current: JsonValue, side: string, operator: string): Decimal {
    const [value, ...more] = this.opened(this.items(node, current));
    if (value !== undefined && more.length === 0 && isJsonNumber(value)) return value;
    const message = `${side} operand of jsonpath operator ${operator} is not a single numeric value`;
    throw sqlError('singleton_sql_json_item_required', message);
  }

  private method(name: string, input: Items): Items {
    if (name === 'type') return input.map(jsonTypeName);
    if (name === 'size') {
      return input.map((item) => {
        if (isJsonArray(item)) return number(item.length);
        if (!this.strict) return number(1);
        throw sqlError('sql_json_array_not_found', 'jsonpath item method .size() can only be applied to an array');
      });
    }
    if (name === 'datetime') {
      throw sqlError('feature_not_supported', 'jsonpath item method .datetime() is not supported', {
        hint: 'Cast the text outside of the path.',
      });
    }
    if (name === 'keyvalue') return this.opened(input).flatMap((item) => this.keyValues(item));
    return this.opened(input).map((item) => (name === 'double' ? this.double(item) : this.rounded(name, item)));
  }

  private rounded(name: string, item: JsonValue): JsonValue {
    if (isJsonNumber(item)) return ROUNDING[name]!(item);
    const message = `jsonpath item method .${name}() can only be applied to a numeric value`;
    throw sqlError('non_numeric_sql_json_item', message);
  }

  private double(item: JsonValue): JsonValue {
    if (isJsonNumber(item)) return dec.decimalFromNumber(dec.decimalToNumber(item));
    const value = typeof item === 'string' && item.trim() !== '' ? Number(item) : Number.NaN;
    if (Number.isFinite(value)) return dec.decimalFromNumber(value);
    const what = typeof item === 'string' ? 'string argument of ' : '';
    const message =
      what === ''
        ? 'jsonpath item method .double() can only be applied to a string or numeric value'
        : 'string argument of jsonpath item method .double() is not a valid representation of a double precision number';
    throw sqlError('non_numeric_sql_json_item', message);
  }

  private keyValues(item: JsonValue): Items {
    if (!isJsonObject(item)) {
      const message = 'jsonpath item method .keyvalue() can only be applied to an object';
      throw sqlError('sql_json_object_not_found', message);
    }
    const id = number(0);
    return this.members(item).map(
      ([key, value]) => new Map<string, JsonValue>([['id', id], ['key', key], ['value', value]]), // biome-ignore format: a pair a field
    );
  }

  /** A predicate's value; an expression that is none counts by being a boolean. */
  truth(node: PathNode, current: JsonValue): Truth {
    switch (node.kind) {
      case 'and': {
        const left = this.truth(node.left, current);
        if (left === false) return false;
        const right = this.truth(node.right, current);
        return right === false ? false : left === null || right === null ? null : true;
      }
      case 'or': {
        const left = this.truth(node.left, current);
        if (left === true) return true;
        const right = this.truth(node.right, current);
        return right === true ? true : left === null || right === null ? null : false;
      }
      case 'not': {
        const value = this.truth(node.arg, current);
        return value === null ? null : !value;
      }
      case 'is-unknown':
        return this.truth(node.arg, current) === null;
      case 'exists':
        return this.attempt(() => this.items(node.arg, current).length > 0);
      case 'compare':
        return this.pairs(node.left, node.right, current, (a, b) => compare(node.operator, a, b));
      case 'starts-with':
        return this.pairs(node.arg, node.prefix, current, (a, b) =>
          typeof a === 'string' && typeof b === 'string' ? a.startsWith(b) : null,
        );
      case 'like-regex': {
        const options = node.flags.replace('s', '').replace('m', 'w') + (node.flags.includes('s') ? '' : 'p');
        const regexp = posixRegExp(node.pattern, node.flags.includes('q') ? options.replace('p', '') : options);
        return this.pairs(node.arg, { kind: 'literal', value: null }, current, (a) => {
          regexp.lastIndex = 0;
          return typeof a === 'string' ? regexp.test(a) : null;
        });
      }
      default:
        return this.attempt(() => {
          const [value] = this.items(node, current);
          return typeof value === 'boolean' ? value : null;
        });
    }
  }

  /** Errors of the data are Unknown; others are the statement's. */
  private attempt(run: () => Truth): Truth {
    try {
      return run();
    } catch (error) {
      if (error instanceof SqlError && isDataError(error)) return null;
      throw error;
    }
  }

  /** True where one pair is; lax mode stops at the first, strict mode lets an Unknown pair decide. */
  private pairs(
    left: PathNode,
    right: PathNode,
    current: JsonValue,
    test: (a: JsonValue, b: JsonValue) => Truth,
  ): Truth {
    return this.attempt(() => {
      let [found, unknown] = [false, false];
      const others = this.opened(this.items(right, current));
      for (const a of this.opened(this.items(left, current))) {
        for (const b of others) {
          const result = test(a, b);
          if (result === null) {
            if (this.strict) return null;
            unknown = true;
          } else if (result) {
            if (!this.strict) return true;
            found = true;
          }
        }
      }
      return found ? true : unknown ? null : false;
    });
  }
}

export function isDataError(error: SqlError): boolean {
  return error.sqlstate.startsWith('22');
}

function compare(operator: string, a: JsonValue, b: JsonValue): Truth {
  const [left, right] = [jsonTypeName(a), jsonTypeName(b)];
  if (left !== right) return left === 'null' || right === 'null' ? operator === '!=' : null;
  if (left === 'object' || left === 'array') return null;
  const order = left === 'null' ? 0 : compareJson(a, b);
  switch (operator) {
    case '==':
      return order === 0;
    case '!=':
      return order !== 0;
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    default:
      return order >= 0;
  }
}
