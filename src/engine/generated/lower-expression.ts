// From plan expressions to terms. What has no term is left to the interpreter: where it is computed for every row anyway, it becomes a
// "leaf", a vector that the interpreter makes of each batch beforehand and generated code reads as one more column.
import { encodeValue } from '../../columns/datum-vector.ts';
import type { CodeBytes } from '../../columns/encoding.ts';
import type { ScalarFunction } from '../../functions/function-definition.ts';
import type { CallExpression, Expression } from '../../plan/expression.ts';
import { childExpressions } from '../../plan/walk-expression.ts';
import type { Datum, Decimal } from '../../types/datum.ts';
import { INT8, type Physical, physicalOf, type SqlType } from '../../types/sql-type.ts';
import {
  type Bounds,
  bitsBounds,
  type ColumnFacts,
  differenceOf,
  fits64,
  isWithin,
  joined,
  productOf,
  sumOf,
  typeBounds,
} from './bounds.ts';
import {
  type Arithmetic,
  type Branch,
  boolFacts,
  type Comparison,
  factsOf,
  floatFacts,
  type Representation,
  type Term,
} from './term.ts';

const MOST_ITEMS = 16;
/** Nodes of all expressions of a program: functions beyond some kilobytes take longer to compile than they save. */
const MOST_NODES = 500;
const TEXTS: ReadonlySet<string> = new Set(['text', 'varchar', 'name', 'bytea', 'char']);
const ZERO: Bounds = { low: 0n, high: 0n };

/** What an input column is known to be. */
export type InputFacts = (index: number, type: SqlType) => ColumnFacts;

export interface LoweredInputs {
  /** input columns of the batch that are read, by term column number; leaves are numbered behind them */
  readonly inputs: readonly number[];
  readonly leaves: readonly Expression[];
  /** per input: the width of codes it can come as */
  readonly codeBytes: readonly (CodeBytes | null)[];
}

export class ExpressionLowering {
  private readonly functions: { scalar(id: string): ScalarFunction };
  private readonly facts: InputFacts;
  /** whether a block may be given up for the interpreter to repeat */
  readonly mayGiveUp: boolean;
  private readonly inputs: number[] = [];
  private readonly codeBytes: (CodeBytes | null)[] = [];
  private readonly leaves: Expression[] = [];
  private readonly known = new Map<string, Term | null>();
  private nodesLeft = MOST_NODES;

  constructor(functions: { scalar(id: string): ScalarFunction }, facts: InputFacts, mayGiveUp: boolean) {
    this.functions = functions;
    this.facts = facts;
    this.mayGiveUp = mayGiveUp;
  }

  /** The columns that terms made so far read. Leaves have the numbers `-1 - leaf`, as inputs may still be added. */
  get reads(): LoweredInputs {
    return { inputs: this.inputs, leaves: this.leaves, codeBytes: this.codeBytes };
  }

  /** A term, if need be a leaf; null where generated code cannot even hold the values. */
  lowerWithLeaves(expression: Expression): Term | null {
    return (this.isShort(expression) ? this.lower(expression, true) : null) ?? this.leaf(expression);
  }

  /** A term without leaves, or null. */
  lowerWhole(expression: Expression): Term | null {
    return this.isShort(expression) ? this.lower(expression, false) : null;
  }

  /** Whether the program has room for the expression, which is then counted. */
  private isShort(expression: Expression): boolean {
    const nodes = countNodes(expression, this.nodesLeft);
    if (nodes > this.nodesLeft) return false;
    this.nodesLeft -= nodes;
    return true;
  }

  /**
   * CASE or COALESCE over numerics of different scales, whose values carry their own: the values at the largest scale, and 1 << the
   * scale that each has. Null where a branch has no fixed scale.
   */
  lowerScaled(expression: Expression): { readonly value: Term; readonly scales: Term } | null {
    if (expression.kind !== 'case' || expression.type.name !== 'numeric' || expression.type.precision !== undefined)
      return null;
    const { branches, otherwise } = expression;
    const whens = allOf(branches.map((branch) => this.lower(branch.when, false)));
    const given = [...branches.map((branch) => branch.then), ...(otherwise === null ? [] : [otherwise])];
    const isAbsent = otherwise === null || (otherwise.kind === 'constant' && otherwise.value === null);
    const values = allOf((isAbsent ? given.slice(0, branches.length) : given).map((each) => this.fixedScale(each)));
    if (whens === null || values === null || whens.some((when) => when.representation !== 'bool')) return null;
    const scale = Math.max(...values.map((value) => value.scale));
    const cases = (terms: readonly Term[], type: SqlType) =>
      caseTerm(
        whens.map((when, i) => ({ when, then: terms[i]! })),
        isAbsent ? null : terms.at(-1)!,
        type,
      );
    const value = cases(values, { name: 'numeric', precision: 38, scale });
    const scales = cases(
      values.map((each) => integerConstant(1n << BigInt(each.scale), 0)!),
      INT8,
    );
    return value === null || scales === null ? null : { value, scales };
  }

  /** A numeric that only its type makes lose its scale. */
  private fixedScale(expression: Expression): Term | null {
    let inner = expression;
    while (inner.kind === 'call' && inner.type.name === 'numeric' && inner.type.precision === undefined) {
      const arg = inner.args[0];
      if (arg === undefined || inner.args.length !== 1 || !isConversion(this.functions, inner)) break;
      inner = arg;
    }
    const term = this.lower(inner, false);
    return term?.representation === 'int' && term.scale <= 38 ? term : null;
  }

  private leaf(expression: Expression): Term | null {
    if (expression.kind === 'constant') return null;
    const key = `leaf ${keyOf(expression)}`;
    const found = this.known.get(key);
    if (found !== undefined) return found;
    const term = columnTerm(-1 - this.leaves.length, expression.type, {
      bounds: typeBounds(expression.type),
      nullable: true,
      codeBytes: null,
    });
    if (term !== null) this.leaves.push(expression);
    this.known.set(key, term);
    return term;
  }

  private lower(expression: Expression, withLeaves: boolean): Term | null {
    const key = `${withLeaves} ${keyOf(expression)}`;
    const found = this.known.get(key);
    if (found !== undefined) return found;
    const term = this.build(expression, withLeaves);
    this.known.set(key, term);
    return term;
  }

  private build(expression: Expression, withLeaves: boolean): Term | null {
    switch (expression.kind) {
      case 'input':
        return this.input(expression.index, expression.type);
      case 'constant':
        return constantTerm(expression.type, expression.value);
      case 'call':
        return this.call(expression, withLeaves);
      case 'and':
      case 'or':
        return this.logic(expression.kind, expression.args);
      case 'not': {
        const arg = this.lower(expression.arg, withLeaves);
        return arg?.representation === 'bool' ? { ...boolFacts(arg.nullable), kind: 'not', arg } : null;
      }
      case 'is-null': {
        const arg = this.operand(expression.arg, withLeaves);
        return arg === null ? null : { ...boolFacts(false), kind: 'is-null', arg, negated: expression.negated };
      }
      case 'case':
        return this.caseOf(expression);
      case 'coalesce':
        return this.coalesce(expression.args);
      case 'in-list':
        return this.inList(expression);
      default:
        return null;
    }
  }

  private operand(expression: Expression, withLeaves: boolean): Term | null {
    return withLeaves ? this.lowerWithLeaves(expression) : this.lower(expression, false);
  }

  private input(index: number, type: SqlType): Term | null {
    let column = this.inputs.indexOf(index);
    if (column < 0) column = this.inputs.length;
    const facts = this.facts(index, type);
    const term = columnTerm(column, type, facts);
    if (term !== null && column === this.inputs.length) {
      this.inputs.push(index);
      this.codeBytes.push(facts.codeBytes);
    }
    return term;
  }

  private logic(kind: 'and' | 'or', expressions: readonly Expression[]): Term | null {
    const args = allOf(expressions.map((each) => this.lower(each, false)));
    if (args === null || args.some((arg) => arg.representation !== 'bool')) return null;
    return { ...boolFacts(args.some((arg) => arg.nullable)), kind, args };
  }

  private caseOf(expression: Extract<Expression, { kind: 'case' }>): Term | null {
    const branches: Branch[] = [];
    for (const branch of expression.branches) {
      const when = this.lower(branch.when, false);
      const then = this.lower(branch.then, false);
      if (when?.representation !== 'bool' || then === null) return null;
      branches.push({ when, then });
    }
    const given = expression.otherwise;
    const isAbsent = given === null || (given.kind === 'constant' && given.value === null);
    const otherwise = isAbsent ? null : this.lower(given, false);
    if (!isAbsent && otherwise === null) return null;
    return caseTerm(branches, otherwise, expression.type);
  }

  private coalesce(args: readonly Expression[]): Term | null {
    const terms = allOf(args.map((arg) => this.lower(arg, false)));
    if (terms === null) return null;
    const last = terms.at(-1)!;
    const branches = terms.slice(0, -1).map((arg): Branch => {
      return { when: { ...boolFacts(false), kind: 'is-null', arg, negated: true }, then: arg };
    });
    return branches.length === 0 ? last : caseTerm(branches, last, args[0]!.type);
  }

  private inList(expression: Extract<Expression, { kind: 'in-list' }>): Term | null {
    if (expression.items.length > MOST_ITEMS) return null;
    const tests = expression.items.map((item): Term | null => {
      return this.lower(
        { kind: 'call', type: { name: 'bool' }, function: expression.equals, args: [expression.arg, item] },
        false,
      );
    });
    const args = allOf(tests);
    if (args === null) return null;
    const either: Term = { ...boolFacts(args.some((arg) => arg.nullable)), kind: 'or', args };
    return expression.negated ? { ...boolFacts(either.nullable), kind: 'not', arg: either } : either;
  }

  private call(expression: CallExpression, withLeaves: boolean): Term | null {
    const definition = this.functions.scalar(expression.function);
    const body = definition.body(
      expression.args.map((arg) => arg.type),
      expression.type,
    );
    if (body.kind !== 'kernel') return null;
    if (body.kernel === 'convert') {
      const arg = this.operand(expression.args[0]!, withLeaves);
      return arg === null ? null : this.convert(arg, expression.args[0]!.type, expression.type);
    }
    const match = KERNEL_NAME.exec(body.kernel);
    if (match === null || expression.args.length !== 2) return null;
    const [, operation, physical] = match;
    const left = this.operand(expression.args[0]!, withLeaves);
    const right = this.operand(expression.args[1]!, withLeaves);
    if (left === null || right === null) return null;
    if (ARITHMETIC.has(operation!)) return this.arithmetic(operation as Arithmetic, left, right, expression.type);
    return compareTerm(operation as Comparison, left, right, physical);
  }

  private arithmetic(operation: Arithmetic, left: Term, right: Term, type: SqlType): Term | null {
    const nullable = left.nullable || right.nullable;
    if (left.representation === 'float' && right.representation === 'float') {
      if (type.name !== 'float8' || !this.mayGiveUp) return null;
      return { ...floatFacts(nullable), kind: 'float-arithmetic', operation, left, right };
    }
    const pair = operation === 'multiply' ? integers(left, right) : aligned(left, right);
    if (pair === null) return null;
    const [a, b] = pair;
    const bounds = { add: sumOf, subtract: differenceOf, multiply: productOf }[operation](a.bounds, b.bounds);
    const scale = operation === 'multiply' ? a.scale + b.scale : a.scale;
    const term = { kind: 'arithmetic', operation, left: a, right: b } as const;
    if (type.name === 'numeric') {
      if (scale !== (type.scale ?? 0) || !fits64(bounds)) return null;
      return { ...factsOf('int', nullable, bounds, scale), ...term, bits: 0 };
    }
    const bits = type.name === 'int2' ? 16 : type.name === 'int4' ? 32 : type.name === 'int8' ? 64 : null;
    if (bits === null) return null;
    const limits = bitsBounds(bits);
    if (isWithin(bounds, limits)) return { ...factsOf('int', nullable, bounds), ...term, bits: 0 };
    if (!this.mayGiveUp || (bits === 64 && operation === 'multiply')) return null;
    return { ...factsOf('int', nullable, limits), ...term, bits };
  }

  private convert(arg: Term, from: SqlType, to: SqlType): Term | null {
    if (to.name === 'float8' && arg.representation === 'float') return arg;
    if (arg.representation !== 'int') return null;
    if (to.name === 'float8') {
      return from.name === 'numeric' ? null : { ...floatFacts(arg.nullable), kind: 'to-float', arg };
    }
    if (to.name === 'numeric') {
      if (to.precision === undefined || (to.scale ?? 0) < arg.scale) return null;
      const scaled = scaledTo(arg, to.scale ?? 0);
      const limit = 10n ** BigInt(to.precision);
      return scaled !== null && isWithin(scaled.bounds, { low: 1n - limit, high: limit - 1n }) ? scaled : null;
    }
    if (arg.scale !== 0 || !['int2', 'int4', 'int8'].includes(to.name)) return null;
    return isWithin(arg.bounds, typeBounds(to)) ? arg : null;
  }
}

const ARITHMETIC: ReadonlySet<string> = new Set(['add', 'subtract', 'multiply']);
const KERNEL_NAME =
  /^(add|subtract|multiply|equal|not_equal|less|less_equal|greater|greater_equal)(?:_(i16|i32|i64|f64|f32|bool|view|u32))?$/;

function isConversion(functions: { scalar(id: string): ScalarFunction }, call: CallExpression): boolean {
  const types = call.args.map((arg) => arg.type);
  const body = functions.scalar(call.function).body(types, call.type);
  return body.kind === 'kernel' && body.kernel === 'convert' && types.every((type) => NUMBERS.has(type.name));
}

const NUMBERS: ReadonlySet<string> = new Set(['int2', 'int4', 'int8', 'numeric']);

function keyOf(expression: Expression): string {
  return JSON.stringify(expression, (name, value) => {
    if (name === 'position') return undefined;
    if (typeof value === 'bigint') return `${value}n`;
    return typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0))
      ? `${1 / value} ${value}`
      : value;
  });
}

/** Nodes of the expression; beyond `most` no further ones are looked at. */
function countNodes(expression: Expression, most: number): number {
  let count = 1;
  for (const child of childExpressions(expression)) {
    if (count > most) return count;
    count += countNodes(child, most - count);
  }
  return count;
}

function allOf<T>(values: readonly (T | null)[]): readonly T[] | null {
  return values.every((value) => value !== null) ? (values as readonly T[]) : null;
}

const REPRESENTATION: Readonly<Record<Physical, Representation | null>> = {
  bool: 'bool', i32: 'int', i64: 'int', f32: 'float', f64: 'float', i128: 'wide', view: 'text', interval: null,
}; // biome-ignore format: a table

function columnTerm(column: number, type: SqlType, facts: ColumnFacts): Term | null {
  const physical = physicalOf(type);
  const representation = REPRESENTATION[physical];
  if (representation === null || (representation === 'text' && !TEXTS.has(type.name))) return null;
  // A NULL's bytes mean nothing: its value counts as 0.
  const bounds = facts.nullable ? joined(facts.bounds, ZERO) : facts.bounds;
  const scale = type.name === 'numeric' ? (type.scale ?? 0) : 0;
  return { ...factsOf(representation, facts.nullable, bounds, scale), kind: 'column', column, physical };
}

function constantTerm(type: SqlType, value: Datum | null): Term | null {
  if (value === null) return null;
  if (typeof value === 'boolean') return { ...boolFacts(false), kind: 'constant', value: { kind: 'bool', value } };
  if (typeof value === 'string') return textConstant(type, value);
  if (type.name === 'float4' || type.name === 'float8') {
    if (typeof value !== 'number') return null;
    return { ...floatFacts(false), kind: 'constant', value: { kind: 'float', value } };
  }
  if (type.name === 'numeric') {
    const { special, coefficient, scale } = value as Decimal;
    return special === undefined ? integerConstant(coefficient, scale) : null;
  }
  const physical = physicalOf(type);
  if (physical !== 'i32' && physical !== 'i64') return null;
  if (typeof value === 'bigint') return integerConstant(value, 0);
  return Number.isInteger(value) ? integerConstant(BigInt(value as number), 0) : null;
}

function integerConstant(value: bigint, scale: number): Term | null {
  const bounds = { low: value, high: value };
  if (!fits64(bounds)) return null;
  return { ...factsOf('int', false, bounds, scale), kind: 'constant', value: { kind: 'int', value } };
}

function textConstant(type: SqlType, value: string): Term | null {
  if (!TEXTS.has(type.name)) return null;
  const bytes = encodeValue(type, value);
  if (bytes.length > 12) return null;
  const view = new DataView(new ArrayBuffer(16));
  view.setUint32(0, bytes.length, true);
  bytes.forEach((byte, i) => {
    view.setUint8(4 + i, byte);
  });
  const [low, high] = [view.getBigInt64(0, true), view.getBigInt64(8, true)];
  return { ...factsOf('text', false), kind: 'constant', value: { kind: 'text', low, high } };
}

function integers(left: Term, right: Term): [Term, Term] | null {
  return left.representation === 'int' && right.representation === 'int' ? [left, right] : null;
}

/** Both at the larger scale. */
function aligned(left: Term, right: Term): [Term, Term] | null {
  if (integers(left, right) === null) return null;
  const scale = Math.max(left.scale, right.scale);
  const a = scaledTo(left, scale);
  const b = scaledTo(right, scale);
  return a === null || b === null ? null : [a, b];
}

function scaledTo(term: Term, scale: number): Term | null {
  if (term.scale === scale) return term;
  if (scale - term.scale > 18) return null;
  const factor = integerConstant(10n ** BigInt(scale - term.scale), 0)!;
  const bounds = productOf(term.bounds, factor.bounds);
  if (!fits64(bounds)) return null;
  if (term.kind === 'constant' && term.value.kind === 'int') return integerConstant(bounds.low, scale);
  const facts = factsOf('int', term.nullable, bounds, scale);
  return { ...facts, kind: 'arithmetic', operation: 'multiply', left: term, right: factor, bits: 0 };
}

function compareTerm(operation: Comparison, left: Term, right: Term, physical: string | undefined): Term | null {
  const facts = boolFacts(left.nullable || right.nullable);
  const isEquality = operation === 'equal' || operation === 'not_equal';
  if (physical === 'u32' && !isEquality) return null; // oids are unsigned
  if (left.representation !== right.representation || left.representation === 'wide') return null;
  if (left.representation === 'int') {
    const pair = aligned(left, right);
    return pair === null ? null : { ...facts, kind: 'compare', operation, left: pair[0], right: pair[1] };
  }
  if (left.representation === 'text') {
    const hasConstant = left.kind === 'constant' || right.kind === 'constant'; // which is an inline view
    if (!isEquality || physical !== 'view' || !hasConstant) return null;
  }
  return { ...facts, kind: 'compare', operation, left, right };
}

function caseTerm(branches: readonly Branch[], otherwise: Term | null, type: SqlType): Term | null {
  const values = [...branches.map((branch) => branch.then), ...(otherwise === null ? [] : [otherwise])];
  const { representation } = values[0]!;
  if (values.some((value) => value.representation !== representation)) return null;
  if (representation === 'text' || representation === 'wide') return null;
  const nullable = otherwise === null || values.some((value) => value.nullable);
  if (representation !== 'int') return { ...factsOf(representation, nullable), kind: 'case', branches, otherwise };
  const scale = type.name === 'numeric' ? type.scale : 0;
  if (scale === undefined) return null;
  const scaled = allOf(values.map((value) => (value.scale > scale ? null : scaledTo(value, scale))));
  if (scaled === null) return null;
  const bounds = scaled.map((value) => value.bounds).reduce(joined, nullable ? ZERO : scaled[0]!.bounds);
  return {
    ...factsOf('int', nullable, bounds, scale),
    kind: 'case',
    branches: branches.map(({ when }, i) => ({ when, then: scaled[i]! })),
    otherwise: otherwise === null ? null : scaled.at(-1)!,
  };
}
