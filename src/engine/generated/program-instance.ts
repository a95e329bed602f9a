// Instances of generated modules on this thread, by their bytes: the same shape of query finds its code warm. V8 shares compiled code
// between threads that hold the same bytes.
import type { KernelLibrary } from '../../kernels/kernel-library.ts';

const MOST_INSTANCES = 100;

export type GeneratedFunction = (...args: number[]) => number;

type Exports = ReadonlyMap<string, GeneratedFunction>;

const instances = new WeakMap<KernelLibrary, Map<string, Exports>>();

/** The exports of a module of `wasm-module.ts` on the library's memory. */
export function programInstance(wasm: Uint8Array<ArrayBuffer>, kernels: KernelLibrary): Exports {
  let known = instances.get(kernels);
  if (known === undefined) {
    known = new Map();
    instances.set(kernels, known);
  }
  const key = Buffer.from(wasm.buffer, wasm.byteOffset, wasm.byteLength).toString('latin1');
  const found = known.get(key);
  if (found !== undefined) {
    known.delete(key); // most recently used last
    known.set(key, found);
    return found;
  }
  const module = new WebAssembly.Module(wasm);
  const wanted = WebAssembly.Module.imports(module).filter((each) => each.kind === 'function');
  const functions = Object.fromEntries(wanted.map(({ name }) => [name, kernels.linkable(name)]));
  const { exports } = new WebAssembly.Instance(module, { env: { memory: kernels.memory, ...functions } });
  const made: Exports = new Map(
    Object.entries(exports as Record<string, GeneratedFunction>).map(([name, run]) => [
      name,
      kernels.guard(`${name} (generated)`, run),
    ]),
  );
  known.set(key, made);
  if (known.size > MOST_INSTANCES) known.delete(known.keys().next().value!);
  return made;
}
