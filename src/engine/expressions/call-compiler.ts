// Compiles one function call over compiled arguments: folds constants, aligns numeric arguments, picks the kernel for the physical
// types (and its variant for a constant argument), or falls back to the per-row body.

import { SqlError } from '../../errors/sql-error.ts';
import type { ScalarBody, ScalarFunction } from '../../functions/function-definition.ts';
import { NUMERIC, numericOf, type Physical, physicalOf, type SqlType, type TypeName } from '../../types/sql-type.ts';
import { joinedTexts } from './column-table.ts';
import { ConstantNode, constantAddress, evaluateOnce, OnceNode } from './constant-node.ts';
import { specialiseDate } from './date-units.ts';
import type { Node, Program } from './expression-context.ts';
import { KernelCallNode, type RowBody } from './kernel-call.ts';
import { specialiseLike } from './like-pattern.ts';
import { asNumericType, convertNumber, isInteger } from './numeric-conversion.ts';
import { RowCallNode } from './row-call.ts';
import { slowTwin } from './slow-twins.ts';

export type KernelBody = Extract<ScalarBody, { kind: 'kernel' }>;

/** Compiles `definition(args)`; constant calls of immutable functions become constants unless they fail. */
export function compileCall(program: Program, definition: ScalarFunction, args: readonly Node[], type: SqlType): Node {
  const node = buildCall(program, definition, args, type);
  const allConstant = args.every((arg) => arg.constant !== undefined);
  if (!allConstant || definition.volatility === 'volatile') return node;
  if (definition.volatility === 'stable') return new OnceNode(program, node);
  try {
    return new ConstantNode(program, type, evaluateOnce(program, node));
  } catch (error) {
    if (error instanceof SqlError) return node; // raised when, and only if, a row needs it
    throw error;
  }
}

function buildCall(program: Program, definition: ScalarFunction, args: readonly Node[], type: SqlType): Node {
  const special = specialisedCall(program, definition, args, type);
  if (special !== undefined) return special;
  const body = definition.body(
    args.map((arg) => arg.type),
    type,
  );
  if (body.kind === 'join') {
    const rows = () => new RowCallNode(program, type, args, definition.strict, body.evaluate);
    return joinedTexts(program, body, args) ?? rows();
  }
  if (body.kind === 'row') {
    const rows = new RowCallNode(program, type, args, definition.strict, body.evaluate);
    return specialiseDate(program, definition, args, type, rows) ?? rows;
  }
  if (!definition.strict) throw new Error(`${definition.id} has a kernel but is not strict`);
  if (body.kernel === 'convert') return convertNumber(program, args[0]!, type);
  return kernelCall(program, body, args, type);
}

/** The kernel that a function has for these constant arguments, if it has one. */
function specialisedCall(program: Program, definition: ScalarFunction, args: readonly Node[], type: SqlType) {
  if (definition.specialised === undefined || args.some((arg) => arg.constant?.value === null)) return undefined;
  const constants = args.map((arg) => arg.constant?.value ?? undefined);
  const types = args.map((arg) => arg.type);
  const choice = definition.specialised(constants, program.context.evaluation, types);
  if (choice === undefined) return undefined;
  const { kernel, args: positions, parameters, slow, nullable = false } = choice;
  const node = new KernelCallNode(program, {
    type: choice.type ?? type,
    kernel,
    nullable,
    args: positions.map((position) => args[position]!),
    ...(parameters === undefined ? {} : { parameters }),
    ...(slow === undefined ? {} : { slow }),
  });
  return choice.type === undefined ? node : convertNumber(program, node, type);
}

function kernelCall(program: Program, body: KernelBody, rawArgs: readonly Node[], type: SqlType): Node {
  const call = resolveKernel(program, body, rawArgs, type);
  const special = specialiseLike(program, call.kernel, call.args);
  if (special !== null) return special;
  const { kernel, args } = constantVariant(program, call.kernel, call.args);
  const options = {
    type: call.type,
    kernel,
    args: args.nodes,
    parameters: args.parameters,
    nullable: body.nullable === true,
    ...(body.errors === undefined ? {} : { errors: body.errors }),
  };
  const twin = body.slow ?? slowTwin(call.kernel, call.type);
  const slow = twin === undefined ? undefined : args.constant === undefined ? twin : bindLast(twin, args.constant);
  const node = new KernelCallNode(program, slow === undefined ? options : { ...options, slow });
  return call.type === type ? node : convertNumber(program, node, type);
}

function bindLast(twin: RowBody, node: Node): RowBody {
  const value = node.constant!.value;
  return (args, context) => twin([...args, value], context);
}

/** `name_const(out, a, address of b, ...)` where it exists and b is constant. */
function constantVariant(program: Program, kernel: string, nodes: readonly Node[]) {
  const [left, right] = nodes;
  const value = right?.constant?.value;
  if (nodes.length === 2 && value !== undefined && value !== null && program.context.kernels.has(`${kernel}_const`)) {
    const parameters = [constantAddress(program, right!.type, value)];
    return { kernel: `${kernel}_const`, args: { nodes: [left!], parameters, constant: right } };
  }
  return { kernel, args: { nodes, parameters: [], constant: undefined } };
}

interface ResolvedKernel {
  readonly kernel: string;
  readonly args: readonly Node[];
  /** what the kernel computes; converted to the call's type where that differs */
  readonly type: SqlType;
}

/** The kernel's full name and its arguments brought to the types it wants. */
export function resolveKernel(
  program: Program,
  body: KernelBody,
  args: readonly Node[],
  type: SqlType,
): ResolvedKernel {
  if (body.align === undefined) return { kernel: body.kernel, args, type };
  if (body.align === 'own') {
    const own = args.map((arg) => (arg.type.name === 'numeric' ? convertNumber(program, arg, NUMERIC) : arg));
    return { kernel: `${body.kernel}_numeric`, args: own, type: NUMERIC };
  }
  if (args.some((arg) => arg.type.name === 'numeric')) return alignNumerics(program, body, args, type);
  const aligned = alignIntegers(program, args);
  return { kernel: `${body.kernel}_${suffixOf(body.kernel, aligned[0]!.type, type)}`, args: aligned, type };
}

const ORDERED: ReadonlySet<string> = new Set(['less', 'less_equal', 'greater', 'greater_equal']);

/** The physical suffix, save where one layout means two things: int2 arithmetic in an i32, unsigned order of oids. */
function suffixOf(kernel: string, type: SqlType, result: SqlType): string {
  const physical = physicalOf(type);
  if (physical !== 'i32') return type.name === 'numeric' && physical === 'view' ? 'numeric' : physical;
  if (type.name === 'int2' && result.name === 'int2' && !ORDERED.has(kernel)) return 'i16';
  if (ORDERED.has(kernel) && !isInteger(type) && type.name !== 'date') return 'u32';
  return 'i32';
}

/** Integers to the widest of them; as soon as there is a float, all to float8 (or float4, if that is the only float type). */
function alignIntegers(program: Program, args: readonly Node[]): readonly Node[] {
  const widest = WIDENING.find((name) => args.some((arg) => arg.type.name === name));
  if (widest === undefined || args.every((arg) => arg.type.name === widest)) return args;
  return args.map((arg) => (arg.type.name === widest ? arg : convertNumber(program, arg, { name: widest })));
}

const WIDENING: readonly TypeName[] = ['float8', 'float4', 'int8', 'int4'];

const WIDTH: Readonly<Record<string, number>> = { i64: 0, i128: 1, view: 2 };
const PHYSICALS: readonly Physical[] = ['i64', 'i128', 'view'];

function alignNumerics(program: Program, body: KernelBody, args: readonly Node[], type: SqlType): ResolvedKernel {
  const types = args.map((arg) => asNumericType(arg.type));
  const scaled = body.align === 'scale';
  const scale = Math.max(...types.map((each) => each.scale ?? 0));
  const variable = types.some((each) => each.precision === undefined);
  const wanted = variable
    ? types
    : types.map((each) => {
        const own = each.scale ?? 0;
        const target = scaled ? scale : own;
        return numericOf(each.precision! - own + target, target, false);
      });
  let level = variable ? 2 : Math.max(...wanted.map((each) => WIDTH[physicalOf(each)]!));
  const resultLevel = type.name === 'numeric' ? WIDTH[physicalOf(type)]! : 0;
  const argPhysical = PHYSICALS[level]!;
  const mixed = `${body.kernel}_${argPhysical}_${PHYSICALS[resultLevel]}`;
  const useMixed = resultLevel > level && level < 2 && program.context.kernels.has(mixed);
  if (!useMixed) level = Math.max(level, resultLevel);
  const physical = PHYSICALS[level]!;
  const aligned = args.map((arg, i) => convertNumber(program, arg, formOf(wanted[i]!, physical)));
  if (physical === 'view') return { kernel: `${body.kernel}_numeric`, args: aligned, type: naturalView(type) };
  const kernel = useMixed ? mixed : `${body.kernel}_${physical}`;
  if (type.name !== 'numeric') return { kernel, args: aligned, type };
  const naturalScale = scaled ? scale : types.reduce((sum, each) => sum + (each.scale ?? 0), 0);
  if (naturalScale === (type.scale ?? 0)) return { kernel, args: aligned, type };
  const resultPhysical = useMixed ? PHYSICALS[resultLevel]! : physical;
  return { kernel, args: aligned, type: numericOf(resultPhysical === 'i64' ? 18 : 38, naturalScale, false) };
}

/** A numeric type with `physical` layout and the scale of `type`. */
function formOf(type: SqlType, physical: Physical): SqlType {
  if (physical === 'view') return NUMERIC;
  return physicalOf(type) === physical ? type : numericOf(38, type.scale ?? 0, false);
}

function naturalView(type: SqlType): SqlType {
  return type.name === 'numeric' ? NUMERIC : type;
}
