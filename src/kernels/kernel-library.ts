// The kernel library as one thread sees it: kernels.wasm instantiated on the shared memory.
import { readFileSync } from 'node:fs';
import { buildKernels, KERNELS_WASM, kernelsAreFresh } from './build-kernels.ts';

export type Kernel = (...args: number[]) => number;

export const STATUS = {
  DONE: 0,
  DIVISION_BY_ZERO: 1,
  OUT_OF_RANGE: 2,
  NEED_HEAP: 3,
  NEED_SLOW: 4,
  INVALID: 5,
  NEED_ROOM: 6,
  CARDINALITY: 7,
} as const;

/** Splits a kernel's status into its code and the failing row. */
export function statusCode(status: number): number {
  return status & 0xff;
}
export function statusRow(status: number): number {
  return status >>> 8;
}

export class KernelLibrary {
  /** what the kernels work on */
  readonly memory: WebAssembly.Memory;
  private readonly exports: Record<string, unknown>;

  private constructor(module: WebAssembly.Module, memory: WebAssembly.Memory) {
    this.memory = memory;
    this.exports = new WebAssembly.Instance(module, { env: { memory } }).exports;
  }

  /** Compiles the library (building it first if its sources are newer). Call once; share the module with workers. */
  static async compile(): Promise<WebAssembly.Module> {
    if (!kernelsAreFresh()) await buildKernels();
    return new WebAssembly.Module(readFileSync(KERNELS_WASM));
  }

  static instantiate(module: WebAssembly.Module, memory: WebAssembly.Memory): KernelLibrary {
    return new KernelLibrary(module, memory);
  }

  /** The kernel of that name; a missing one is a programming error. */
  get(name: string): Kernel {
    const kernel = this.exports[name];
    if (typeof kernel !== 'function') throw new Error(`no kernel named ${name}`);
    return kernel as Kernel;
  }

  has(name: string): boolean {
    return typeof this.exports[name] === 'function';
  }
}
