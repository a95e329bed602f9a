// The kernel library as one thread sees it: kernels.wasm instantiated on the shared memory. A kernel never traps (README); where one
// does all the same, it has written past what it was given, maybe long before: whoever instantiated the library is told in the
// turn of the trap, before any other code of the thread runs.
import { readFileSync } from 'node:fs';
import type { MemoryDamage } from '../columns/memory.ts';
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
  private readonly exports: ReadonlyMap<string, Kernel>;
  private readonly guarded: ReadonlyMap<string, Kernel>;
  private readonly damaged: (damage: MemoryDamage) => void;

  private constructor(module: WebAssembly.Module, memory: WebAssembly.Memory, damaged: (damage: MemoryDamage) => void) {
    this.memory = memory;
    this.damaged = damaged;
    const { exports } = new WebAssembly.Instance(module, { env: { memory } });
    const kernels = Object.entries(exports).filter(([, each]) => typeof each === 'function') as [string, Kernel][];
    this.exports = new Map(kernels);
    this.guarded = new Map(kernels.map(([name, kernel]) => [name, this.guard(name, kernel)]));
  }

  /** Compiles the library (building it first if its sources are newer). Call once; share the module with workers. */
  static async compile(): Promise<WebAssembly.Module> {
    if (!kernelsAreFresh()) await buildKernels();
    return new WebAssembly.Module(readFileSync(KERNELS_WASM));
  }

  /** `damaged` is called amid a trap. It should end the process; if it returns, the trap is thrown on. */
  static instantiate(
    module: WebAssembly.Module,
    memory: WebAssembly.Memory,
    damaged: (damage: MemoryDamage) => void = () => {},
  ): KernelLibrary {
    return new KernelLibrary(module, memory, damaged);
  }

  /** The kernel of that name; a missing one is a programming error. */
  get(name: string): Kernel {
    const kernel = this.guarded.get(name);
    if (kernel === undefined) throw new Error(`no kernel named ${name}`);
    return kernel;
  }

  has(name: string): boolean {
    return this.exports.has(name);
  }

  /** The kernel as other WebAssembly imports it: called directly, so that its traps are those of whoever calls it. */
  linkable(name: string): Kernel {
    const kernel = this.exports.get(name);
    if (kernel === undefined) throw new Error(`no kernel named ${name}`);
    return kernel;
  }

  /** A function over the library's memory whose traps are told. */
  guard(name: string, kernel: Kernel): Kernel {
    const guarded: Kernel = (...args) => {
      try {
        return kernel(...args);
      } catch (error) {
        if (error instanceof WebAssembly.RuntimeError)
          this.damaged({
            cause: `kernel ${name} trapped: ${error.message}`,
            ...(error.stack && { stack: error.stack }),
          });
        throw error;
      }
    };
    return Object.defineProperty(guarded, 'length', { value: kernel.length });
  }
}
