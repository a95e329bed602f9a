// What a test of kernels, formats or expressions stands on: an arena of its own with the kernel library over it.
import { Arena, SharedMemory } from '../columns/memory.ts';
import { Region } from '../columns/region.ts';
import type { ExpressionContext } from '../engine/expressions/expression-context.ts';
import { builtinFunctions } from '../functions/registry.ts';
import { KernelLibrary } from '../kernels/kernel-library.ts';

export const kernelModule = await KernelLibrary.compile();

export interface ArenaFixture {
  readonly arena: Arena;
  /** views of the arena's memory */
  readonly shared: SharedMemory;
  readonly kernels: KernelLibrary;
  /** of an owner that may have the whole arena */
  readonly region: Region;
}

export function arenaFixture(bytes = 64 << 20): ArenaFixture {
  const memory = SharedMemory.reserve(bytes);
  const arena = Arena.create(memory);
  const kernels = KernelLibrary.instantiate(kernelModule, memory);
  return { arena, shared: arena.shared, kernels, region: new Region(arena, arena.addOwner(bytes)) };
}

/** A context to compile expressions in, with the built-in functions unless others are given. Its memory is of an owner of its own. */
export function expressionContext(
  { arena, shared, kernels }: ArenaFixture,
  functions: ExpressionContext['functions'] = builtinFunctions(),
): ExpressionContext {
  const owner = arena.addOwner(arena.usage().totalBytes);
  const [region, heap] = [new Region(arena, owner), new Region(arena, owner)];
  return { memory: shared, arena, kernels, region, heap, functions, evaluation: { nowMicros: 0n, timeZone: 'UTC' } };
}
