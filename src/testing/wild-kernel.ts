// Preloaded into a server process (node --import): on the threads that HEADRACE_WILD names, one kernel is called with a pointer beyond the
// end of the shared memory, or (kernel "exit") the thread ends where it should work. For tests of what the server does then.
// HEADRACE_WILD=main:lower_view, worker:lower_view, worker:exit
import { isMainThread } from 'node:worker_threads';
import { type Kernel, KernelLibrary } from '../kernels/kernel-library.ts';

const [thread, name] = (process.env.HEADRACE_WILD ?? '').split(':');
/** What `lower` is asked to do with it. */
const KERNEL = 'lower_view';
const BEYOND = 0xfffffff0;

if ((thread === 'main') === isMainThread) {
  const get = KernelLibrary.prototype.get;
  KernelLibrary.prototype.get = function (wanted: string): Kernel {
    const kernel = get.call(this, wanted);
    if (wanted !== KERNEL) return kernel;
    const wild: Kernel = name === 'exit' ? () => process.exit(3) : (_out, ...rest) => kernel(BEYOND, ...rest);
    return Object.defineProperty(wild, 'length', { value: kernel.length });
  };
}
