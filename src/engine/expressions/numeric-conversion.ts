// Conversions among int2, int4, int8, float4, float8 and every form of numeric, composed from kernels: to a wide enough physical
// type, to the scale, back to the target's range. Rounding is PostgreSQL's: numeric to integer half away from zero, float to
// integer half to even, float to numeric by its shortest 15 (or 6) digits.
import { convertNumber as convertNumberValue, isFloat } from '../../types/convert-number.ts';
import type { Datum } from '../../types/datum.ts';
import { INT8, NUMERIC, numericOf, type Physical, physicalOf, type SqlType } from '../../types/sql-type.ts';
import { ConstantNode } from './constant-node.ts';
import type { Node, Program } from './expression-context.ts';
import { KernelCallNode, type KernelCallOptions } from './kernel-call.ts';
import { RowCallNode } from './row-call.ts';

const INTEGER_DIGITS: Readonly<Record<string, number>> = { int2: 5, int4: 10, int8: 19 };

export function isInteger(type: SqlType): boolean {
  return INTEGER_DIGITS[type.name] !== undefined;
}

/** The numeric type that holds every value of an integer or numeric type exactly. */
export function asNumericType(type: SqlType): SqlType {
  const digits = INTEGER_DIGITS[type.name];
  return digits === undefined ? type : numericOf(digits, 0, false);
}

/** True where values of `from` are already laid out as `to` wants them and always fit. */
export function sameLayout(from: SqlType, to: SqlType): boolean {
  if (physicalOf(from) !== physicalOf(to)) return false;
  if (from.name !== 'numeric' || to.name !== 'numeric') return from.name === to.name;
  if (physicalOf(to) === 'view') return to.precision === undefined || holds(from, to);
  return (from.scale ?? 0) === (to.scale ?? 0) && holds(from, to);
}

function holds(from: SqlType, to: SqlType): boolean {
  if (from.precision === undefined || to.precision === undefined) return false;
  const digits = from.precision - (from.scale ?? 0);
  return digits <= to.precision - (to.scale ?? 0) && (from.scale ?? 0) <= (to.scale ?? 0);
}

/** The node's values as `to`; both types numbers. Fails at run time with 22003 where a value does not fit. */
export function convertNumber(program: Program, node: Node, to: SqlType): Node {
  const from = node.type;
  if (sameLayout(from, to)) return from === to ? node : retyped(node, to);
  if (node.constant !== undefined) {
    const { value } = node.constant;
    try {
      return new ConstantNode(program, to, value === null ? null : convertNumberValue(value, from, to));
    } catch {
      // The error belongs to run time, and to a selected row.
    }
  }
  const slow = (args: readonly (Datum | null)[]) => convertNumberValue(args[0]!, from, to);
  const kernels = convertKernels(from, to);
  if (kernels === null) return new RowCallNode(program, to, [node], true, slow);
  let last = node;
  for (const step of kernels) {
    // A step that declines a row can only be the whole conversion: steps before the last never decline.
    last = new KernelCallNode(program, {
      ...step,
      args: [last],
      slow: kernels.length === 1 ? slow : stepSlow(last.type, step.type),
    });
  }
  return last;
}

function stepSlow(from: SqlType, to: SqlType): (args: readonly (Datum | null)[]) => Datum {
  return (args) => convertNumberValue(args[0]!, from, to);
}

/** The same values under another type. */
export function retyped(node: Node, type: SqlType): Node {
  const retype: Node = {
    type,
    evaluate: (batch, selection, count) => {
      const { physical, data, nulls } = node.evaluate(batch, selection, count);
      return { type, physical, data, nulls };
    },
  };
  return node.constant === undefined ? retype : { ...retype, constant: node.constant };
}

type Step = Omit<KernelCallOptions, 'args'>;

/** Kernels that together convert, or null: row by row. */
function convertKernels(from: SqlType, to: SqlType): Step[] | null {
  const source = physicalOf(from);
  const target = physicalOf(to);
  if (isFloat(from) || isFloat(to)) return floatKernels(from, to, source, target);
  if (from.name !== 'numeric' && to.name !== 'numeric') {
    if (to.name === 'int2') return [{ type: to, kernel: `cast_${source}_i16` }];
    if (source === target) return [];
    return [{ type: to, kernel: `cast_${source}_${target}` }];
  }
  if (to.name === 'numeric') return toNumeric(from, to, source, target);
  if (source !== 'view') return fixedToInteger(from, to, source);
  return [{ type: to, kernel: `cast_numeric_${to.name === 'int2' ? 'i16' : target}` }];
}

function floatKernels(from: SqlType, to: SqlType, source: Physical, target: Physical): Step[] | null {
  if (to.name === 'int2' && isFloat(from)) return [{ type: to, kernel: `cast_${source}_i16` }];
  if (from.name === 'numeric') {
    if (source === 'view' && target === 'f64') return [{ type: to, kernel: 'cast_numeric_f64' }];
    if (source !== 'i64') return null;
    return [{ type: to, kernel: `cast_decimal_${target}`, parameters: [from.scale ?? 0] }];
  }
  if (to.name !== 'numeric') return [{ type: to, kernel: `cast_${source}_${target}` }];
  const own: Step = { type: NUMERIC, kernel: `cast_${source}_numeric` };
  if (to.precision === undefined) return [own];
  const fixed = toNumeric(NUMERIC, to, 'view', target);
  return fixed === null ? null : [own, ...fixed];
}

const WIDE = numericOf(38, 0, false);

function wideOf(scale: number): SqlType {
  return { ...WIDE, scale };
}

function toNumeric(from: SqlType, to: SqlType, source: Physical, target: Physical): Step[] | null {
  if (source === 'view') {
    if (target === 'view') return null;
    return [{ type: to, kernel: `limit_numeric_${target}`, parameters: [to.precision ?? 38, to.scale ?? 0] }];
  }
  const steps: Step[] = [];
  let physical = source;
  const scale = from.scale ?? 0;
  if (source === 'i32') {
    steps.push({ type: INT8, kernel: 'cast_i32_i64' });
    physical = 'i64';
  }
  if (target === 'view') {
    if (to.precision !== undefined) return null;
    steps.push({ type: NUMERIC, kernel: `cast_${physical}_numeric`, parameters: [scale] });
    return steps;
  }
  const exact = holds(asNumericType(from), to);
  const wanted = to.scale ?? 0;
  if (!exact || target === 'i128') {
    if (physical === 'i64') steps.push({ type: wideOf(scale), kernel: 'cast_i64_i128' });
    physical = 'i128';
  }
  const errors = { 2: 'numeric_overflow' } as const;
  const type = physical === 'i64' ? to : wideOf(wanted);
  if (wanted > scale) steps.push({ type, kernel: `scale_up_${physical}`, parameters: [wanted - scale], errors });
  if (wanted < scale) steps.push({ type, kernel: `scale_down_${physical}`, parameters: [scale - wanted], errors });
  if (!exact) {
    // within precision digits, or declined: the per-row twin words the error
    steps.push({ type: to, kernel: `limit_i128_${target}`, parameters: [to.precision ?? 38] });
  }
  if (steps.length === 0) return null;
  steps[steps.length - 1] = { ...steps[steps.length - 1]!, type: to };
  return steps;
}

function fixedToInteger(from: SqlType, to: SqlType, source: Physical): Step[] {
  const steps: Step[] = [];
  const scale = from.scale ?? 0;
  const rounded = source === 'i64' ? INT8 : wideOf(0);
  if (scale > 0) steps.push({ type: rounded, kernel: `scale_down_${source}`, parameters: [scale] });
  if (source === 'i128') steps.push({ type: INT8, kernel: 'cast_i128_i64', errors: rangeOf(to) });
  const target = to.name === 'int2' ? 'i16' : physicalOf(to);
  if (target !== 'i64') steps.push({ type: to, kernel: `cast_i64_${target}` });
  if (steps.length === 0) steps.push({ type: to, kernel: 'cast_i64_i64' });
  steps[steps.length - 1] = { ...steps[steps.length - 1]!, type: to };
  return steps;
}

function rangeOf(to: SqlType): { 2: 'int2_range' | 'int4_range' | 'int8_range' } {
  return { 2: to.name === 'int2' ? 'int2_range' : to.name === 'int4' ? 'int4_range' : 'int8_range' };
}
