// WebAssembly instructions as typed, immutable pieces of code: `i64.add(a, b)` is the code that leaves the sum of what a and b leave.
// Statements have type 'void'. Control flow is structured by these functions alone, so branch depths never leave this file.
// Opcodes: WebAssembly core specification, chapter 5 (binary format).

export type ValueType = 'i32' | 'i64' | 'f64' | 'v128';

/** Bytes of instructions that leave one value of type T (void: none). */
export interface Code<T extends ValueType | 'void'> {
  readonly type: T;
  readonly bytes: readonly number[];
}

export type I32 = Code<'i32'>;
export type I64 = Code<'i64'>;
export type F64 = Code<'f64'>;
export type V128 = Code<'v128'>;
export type Statement = Code<'void'>;

export const TYPE_BYTE: Readonly<Record<ValueType, number>> = { i32: 0x7f, i64: 0x7e, f64: 0x7c, v128: 0x7b };

/** LEB128 of an unsigned number below 2^53. */
export function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let left = value;
  do {
    const low = left % 128;
    left = Math.floor(left / 128);
    bytes.push(left === 0 ? low : low | 0x80);
  } while (left !== 0);
  return bytes;
}

/** LEB128 of a signed integer. */
export function signed(value: bigint): number[] {
  const bytes: number[] = [];
  let left = value;
  for (;;) {
    const low = Number(left & 127n);
    left >>= 7n;
    if ((left === 0n && low < 64) || (left === -1n && low >= 64)) return [...bytes, low];
    bytes.push(low | 0x80);
  }
}

function code<T extends ValueType | 'void'>(
  type: T,
  parts: readonly (Code<ValueType | 'void'> | readonly number[])[],
): Code<T> {
  return { type, bytes: parts.flatMap((part) => ('bytes' in part ? part.bytes : part)) };
}

function binary<A extends ValueType, R extends ValueType>(result: R, opcode: number) {
  return (a: Code<A>, b: Code<A>): Code<R> => code(result, [a, b, [opcode]]);
}

function unary<A extends ValueType, R extends ValueType>(result: R, opcode: number) {
  return (a: Code<A>): Code<R> => code(result, [a, [opcode]]);
}

/** A load from `address` + `offset`; alignment is a hint and given as 1. */
function loads<R extends ValueType>(result: R, opcode: number) {
  return (address: I32, offset = 0): Code<R> => code(result, [address, [opcode, 0, ...unsigned(offset)]]);
}

function stores<A extends ValueType>(opcode: number) {
  return (address: I32, value: Code<A>, offset = 0): Statement =>
    code('void', [address, value, [opcode, 0, ...unsigned(offset)]]);
}

export const i32 = {
  const: (value: number): I32 => code('i32', [[0x41, ...signed(BigInt(value | 0))]]),
  load: loads('i32', 0x28),
  load8: loads('i32', 0x2d), // unsigned
  load16: loads('i32', 0x2f), // unsigned
  store: stores<'i32'>(0x36),
  store8: stores<'i32'>(0x3a),
  isZero: unary<'i32', 'i32'>('i32', 0x45),
  equal: binary<'i32', 'i32'>('i32', 0x46),
  notEqual: binary<'i32', 'i32'>('i32', 0x47),
  lessSigned: binary<'i32', 'i32'>('i32', 0x48),
  lessUnsigned: binary<'i32', 'i32'>('i32', 0x49),
  greaterUnsigned: binary<'i32', 'i32'>('i32', 0x4b),
  lessEqualUnsigned: binary<'i32', 'i32'>('i32', 0x4d),
  greaterEqualUnsigned: binary<'i32', 'i32'>('i32', 0x4f),
  add: binary<'i32', 'i32'>('i32', 0x6a),
  subtract: binary<'i32', 'i32'>('i32', 0x6b),
  multiply: binary<'i32', 'i32'>('i32', 0x6c),
  and: binary<'i32', 'i32'>('i32', 0x71),
  or: binary<'i32', 'i32'>('i32', 0x72),
  xor: binary<'i32', 'i32'>('i32', 0x73),
  shiftLeft: binary<'i32', 'i32'>('i32', 0x74),
  shiftRightUnsigned: binary<'i32', 'i32'>('i32', 0x76),
  wrap: unary<'i64', 'i32'>('i32', 0xa7),
  trailingZeros: unary<'i32', 'i32'>('i32', 0x68),
} as const;

export const i64 = {
  const: (value: bigint): I64 => code('i64', [[0x42, ...signed(BigInt.asIntN(64, value))]]),
  load: loads('i64', 0x29),
  load32: loads('i64', 0x34), // sign-extended
  load32Unsigned: loads('i64', 0x35),
  load8: loads('i64', 0x31), // unsigned
  load16: loads('i64', 0x33), // unsigned
  store: stores<'i64'>(0x37),
  store32: stores<'i64'>(0x3e),
  store8: stores<'i64'>(0x3c),
  isZero: unary<'i64', 'i32'>('i32', 0x50),
  equal: binary<'i64', 'i32'>('i32', 0x51),
  notEqual: binary<'i64', 'i32'>('i32', 0x52),
  less: binary<'i64', 'i32'>('i32', 0x53),
  lessUnsigned: binary<'i64', 'i32'>('i32', 0x54),
  greater: binary<'i64', 'i32'>('i32', 0x55),
  greaterUnsigned: binary<'i64', 'i32'>('i32', 0x56),
  lessEqual: binary<'i64', 'i32'>('i32', 0x57),
  greaterEqual: binary<'i64', 'i32'>('i32', 0x59),
  add: binary<'i64', 'i64'>('i64', 0x7c),
  subtract: binary<'i64', 'i64'>('i64', 0x7d),
  multiply: binary<'i64', 'i64'>('i64', 0x7e),
  divideUnsigned: binary<'i64', 'i64'>('i64', 0x80),
  remainderUnsigned: binary<'i64', 'i64'>('i64', 0x82),
  and: binary<'i64', 'i64'>('i64', 0x83),
  or: binary<'i64', 'i64'>('i64', 0x84),
  xor: binary<'i64', 'i64'>('i64', 0x85),
  shiftRight: binary<'i64', 'i64'>('i64', 0x87),
  shiftRightUnsigned: binary<'i64', 'i64'>('i64', 0x88),
  rotateLeft: binary<'i64', 'i64'>('i64', 0x89),
  extend: unary<'i32', 'i64'>('i64', 0xad), // unsigned
  reinterpret: unary<'f64', 'i64'>('i64', 0xbd),
} as const;

export const f64 = {
  load: loads('f64', 0x2b),
  load32: (address: I32, offset = 0): F64 => code('f64', [address, [0x2a, 0, ...unsigned(offset), 0xbb]]), // promoted
  store: stores<'f64'>(0x39),
  equal: binary<'f64', 'i32'>('i32', 0x61),
  notEqual: binary<'f64', 'i32'>('i32', 0x62),
  less: binary<'f64', 'i32'>('i32', 0x63),
  lessEqual: binary<'f64', 'i32'>('i32', 0x65),
  absolute: unary<'f64', 'f64'>('f64', 0x99),
  add: binary<'f64', 'f64'>('f64', 0xa0),
  subtract: binary<'f64', 'f64'>('f64', 0xa1),
  multiply: binary<'f64', 'f64'>('f64', 0xa2),
  convert: unary<'i64', 'f64'>('f64', 0xb9), // signed
  const: (value: number): F64 => code('f64', [[0x44, ...new Uint8Array(new Float64Array([value]).buffer)]]),
} as const;

/** An instruction of 16-byte vectors. */
function simd(opcode: number): number[] {
  return [0xfd, ...unsigned(opcode)];
}

function vectors(opcode: number) {
  return (a: V128, b: V128): V128 => code('v128', [a, b, simd(opcode)]);
}

/** Lanes of one width: what generated code does with them. */
function lanes(opcodes: { splat: number; lessEqual: number; subtract: number }) {
  return {
    splat: (value: I32): V128 => code('v128', [value, simd(opcodes.splat)]),
    /** all ones where a <= b, unsigned */
    lessEqualUnsigned: vectors(opcodes.lessEqual),
    subtract: vectors(opcodes.subtract),
  } as const;
}

export const v128 = {
  load: (address: I32, offset = 0): V128 => code('v128', [address, simd(0x00), [0, ...unsigned(offset)]]),
  store: (address: I32, value: V128, offset = 0): Statement =>
    code('void', [address, value, simd(0x0b), [0, ...unsigned(offset)]]),
  const: (bytes: Uint8Array): V128 => code('v128', [[...simd(0x0c), ...bytes]]),
  and: vectors(0x4e),
} as const;

export const i8x16 = {
  ...lanes({ splat: 0x0f, lessEqual: 0x2a, subtract: 0x71 }),
  equal: vectors(0x23),
  /** the lanes' highest bits */
  bitmask: (a: V128): I32 => code('i32', [a, simd(0x64)]),
  /** the 8 lanes of each, saturated */
  narrow: vectors(0x65),
} as const;

export const i16x8 = {
  ...lanes({ splat: 0x10, lessEqual: 0x34, subtract: 0x91 }),
  narrow: vectors(0x85),
} as const;

export const i32x4 = {
  ...lanes({ splat: 0x11, lessEqual: 0x3e, subtract: 0xb1 }),
  add: vectors(0xae),
} as const;

/** The first where the condition is not zero, else the second; both are evaluated. */
export function select<T extends ValueType>(yes: Code<T>, no: Code<T>, condition: I32): Code<T> {
  return code(yes.type, [yes, no, condition, [0x1b]]);
}

/** The first where the condition is not zero, else the second; only that one is evaluated. */
export function choose<T extends ValueType>(condition: I32, yes: Code<T>, no: Code<T>): Code<T> {
  return code(yes.type, [condition, [0x04, TYPE_BYTE[yes.type]], yes, [0x05], no, [0x0b]]);
}

export function sequence(statements: readonly Statement[]): Statement {
  return code('void', statements);
}

export function when(condition: I32, yes: Statement, no?: Statement): Statement {
  return code('void', [condition, [0x04, 0x40], yes, no === undefined ? [] : code('void', [[0x05], no]), [0x0b]]);
}

/** The body, and again as long as the condition then holds. */
export function repeatWhile(body: Statement, condition: I32): Statement {
  return code('void', [[0x03, 0x40], body, condition, [0x0d, 0x00, 0x0b]]);
}

/** Leaves the function with this result. */
export function leave(result: I32): Statement {
  return code('void', [result, [0x0f]]);
}

/** Writes `length` bytes of the low byte of `value`. */
export function fill(address: I32, value: I32, length: I32): Statement {
  return code('void', [address, value, length, [0xfc, 0x0b, 0x00]]);
}

export function copy(to: I32, from: I32, length: I32): Statement {
  return code('void', [to, from, length, [0xfc, 0x0a, 0x00, 0x00]]);
}

/** A variable of a function. */
export class Local<T extends ValueType> {
  readonly type: T;
  readonly get: Code<T>;
  private readonly index: readonly number[];

  constructor(type: T, index: number) {
    this.type = type;
    this.index = unsigned(index);
    this.get = code(type, [[0x20, ...this.index]]);
  }

  set(value: Code<T>): Statement {
    return code('void', [value, [0x21, ...this.index]]);
  }
}

/** A call of the module's function number `index`. */
export function callIndexed<R extends ValueType>(result: R, index: number, args: readonly Code<ValueType>[]): Code<R> {
  return code(result, [...args, [0x10, ...unsigned(index)]]);
}
