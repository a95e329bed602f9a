// One generated function while it is made: its variables, the statements before its loop, and the parameter block, a piece of shared
// memory where the driver writes what differs between two runs of the same code (addresses, constants).
import type { CodeBytes } from '../../columns/encoding.ts';
import {
  type F64,
  f64,
  type I32,
  type I64,
  i32,
  i64,
  type Local,
  type Statement,
} from '../../kernels/emitter/wasm-code.ts';
import { FunctionBuilder } from '../../kernels/emitter/wasm-module.ts';

const SLOT_BYTES = 8;

/** Numbers a program's parameters. A name stands for one slot of 8 bytes. */
export class ParameterSlots {
  /** columns that are read as codes of this width */
  readonly codes: ReadonlyMap<number, CodeBytes>;
  private readonly names = new Map<string, number>();

  constructor(codes: ReadonlyMap<number, CodeBytes>) {
    this.codes = codes;
  }

  /** Offset of the slot in the block. */
  offset(name: string): number {
    let slot = this.names.get(name);
    if (slot === undefined) {
      slot = this.names.size;
      this.names.set(name, slot);
    }
    return slot * SLOT_BYTES;
  }

  get offsets(): ReadonlyMap<string, number> {
    return new Map([...this.names].map(([name, slot]) => [name, slot * SLOT_BYTES]));
  }

  get bytes(): number {
    return this.names.size * SLOT_BYTES;
  }
}

export class FunctionScope {
  readonly builder: FunctionBuilder;
  readonly slots: ParameterSlots;
  readonly prologue: Statement[] = [];
  private readonly addresses = new Map<string, Local<'i32'>>();
  private readonly integers = new Map<string, Local<'i64'>>();
  private readonly floats = new Map<string, Local<'f64'>>();

  /** The first parameter of every generated function is the address of the block. */
  constructor(parameterCount: number, slots: ParameterSlots) {
    this.builder = new FunctionBuilder(parameterCount);
    this.slots = slots;
  }

  get block(): I32 {
    return this.builder.parameters[0]!.get;
  }

  parameter(index: number): Local<'i32'> {
    return this.builder.parameters[index]!;
  }

  /** A slot's value, read once. */
  address(name: string): I32 {
    let local = this.addresses.get(name);
    if (local === undefined) {
      local = this.builder.local('i32');
      this.prologue.push(local.set(i32.load(this.block, this.slots.offset(name))));
      this.addresses.set(name, local);
    }
    return local.get;
  }

  integer(name: string): I64 {
    let local = this.integers.get(name);
    if (local === undefined) {
      local = this.builder.local('i64');
      this.prologue.push(local.set(i64.load(this.block, this.slots.offset(name))));
      this.integers.set(name, local);
    }
    return local.get;
  }

  float(name: string): F64 {
    let local = this.floats.get(name);
    if (local === undefined) {
      local = this.builder.local('f64');
      this.prologue.push(local.set(f64.load(this.block, this.slots.offset(name))));
      this.floats.set(name, local);
    }
    return local.get;
  }
}
