// One user function inside its own QuickJS, in its own WebAssembly instance with its own memory: nothing is shared with
// another function, and the wasm engine itself refuses to grow that memory past the limit. No host function is given to
// the guest, so there is nothing in there to call out with. Runs in the child process only.
import * as quickJsFile from '@jitl/quickjs-wasmfile-release-sync';
import {
  type EmscriptenModuleLoader,
  newQuickJSWASMModuleFromVariant,
  newVariant,
  type QuickJSContext,
  type QuickJSEmscriptenModule,
  type QuickJSHandle,
  type QuickJSSyncVariant,
} from 'quickjs-emscripten-core';
import type { GuestFailure } from './frame.ts';
import { type GuestSpec, guestPrelude } from './guest-prelude.ts';
import { declaredNames, hasNoResult, sourceForms } from './source-forms.ts';

const PAGE_BYTES = 65536;
const INITIAL_PAGES = 256;
/** Kept free below the wasm limit, so that QuickJS meets its own limit first and can still build an error object. */
const HEADROOM_BYTES = 8 << 20;
/** With the --stack-size of sandbox-command.ts, deep recursion ends as an exception of the guest, not as a trap. */
const GUEST_STACK_BYTES = 256 << 10;

/** The JSON of an install frame. */
export interface InstallSpec {
  readonly name: string;
  /** The name as a JavaScript identifier, or ''. */
  readonly innerName: string;
  readonly parameters: readonly string[];
  readonly source: string;
  readonly call: GuestSpec;
}

export interface GuestLimits {
  readonly memoryBytes: number;
  /** Processor time of the main thread per call. */
  readonly timeMs: number;
}

/** A failure that the prelude could not catch: compiling, running out of memory or time, a trap. */
export class GuestError extends Error {
  readonly failure: GuestFailure;
  constructor(failure: GuestFailure) {
    super(failure.message);
    this.failure = failure;
  }
}

/** Thrown when the host cannot copy a batch into the guest's memory. */
export class GuestMemoryError extends Error {}

// The package's types are those of its CommonJS twin, one `default` deeper than the module that is loaded.
const quickJsVariant = quickJsFile.default as unknown as QuickJSSyncVariant;

/** QuickJS' own loader does not check its allocations; this one does, so that a batch is never written to address 0. */
function checkedVariant(variant: QuickJSSyncVariant): QuickJSSyncVariant {
  return {
    ...variant,
    importModuleLoader: async () => {
      const load = (await variant.importModuleLoader()) as EmscriptenModuleLoader<QuickJSEmscriptenModule>;
      return async (options) => {
        const module = await load(options);
        const malloc = module._malloc;
        module._malloc = (bytes) => {
          const pointer = malloc(bytes);
          if ((pointer as number) === 0 && bytes > 0) throw new GuestMemoryError('out of memory');
          return pointer;
        };
        return module;
      };
    },
  };
}

function threadCpuMs(): number {
  const used = process.threadCpuUsage();
  return (used.user + used.system) / 1000;
}

export class Guest {
  readonly #memory: WebAssembly.Memory;
  readonly #context: QuickJSContext;
  readonly #limits: GuestLimits;
  #call: QuickJSHandle | undefined;
  #deadline = Number.POSITIVE_INFINITY;
  timedOut = false;

  private constructor(memory: WebAssembly.Memory, context: QuickJSContext, limits: GuestLimits) {
    this.#memory = memory;
    this.#context = context;
    this.#limits = limits;
  }

  /** A fresh guest without a function. `parentPid` going away ends this process, even amid an endless loop. */
  static async create(wasmModule: WebAssembly.Module, limits: GuestLimits, parentPid: number): Promise<Guest> {
    const maximum = Math.max(INITIAL_PAGES * 2, Math.floor(limits.memoryBytes / PAGE_BYTES));
    const memory = new WebAssembly.Memory({ initial: INITIAL_PAGES, maximum });
    const variant = newVariant(checkedVariant(quickJsVariant), { wasmModule, wasmMemory: memory });
    const runtime = (await newQuickJSWASMModuleFromVariant(variant)).newRuntime();
    runtime.setMemoryLimit(maximum * PAGE_BYTES - HEADROOM_BYTES);
    runtime.setMaxStackSize(GUEST_STACK_BYTES);
    const guest = new Guest(memory, runtime.newContext(), limits);
    runtime.setInterruptHandler(() => {
      if (process.ppid !== parentPid) process.exit(1);
      guest.timedOut = threadCpuMs() > guest.#deadline;
      return guest.timedOut;
    });
    return guest;
  }

  /** An estimate of the memory in use: the wasm memory never shrinks, and most of its first pages are never touched. */
  get memoryBytes(): number {
    return this.#memory.buffer.byteLength - (INITIAL_PAGES - 32) * PAGE_BYTES;
  }

  /** Compiles the source and readies it for calls. Throws GuestError. */
  install(spec: InstallSpec): void {
    this.#startClock();
    const ctx = this.#context;
    const prelude = this.#evaluate(`(${guestPrelude.toString()})()`, 'prelude', 'global');
    const fn = this.#compile(spec);
    const json = ctx.newString(JSON.stringify(spec.call));
    this.#call = this.#unwrap(ctx.callFunction(prelude, ctx.undefined, fn, json));
    for (const handle of [json, fn, prelude]) handle.dispose();
  }

  /** One batch in, one batch of results out, as the prelude encodes them. Throws GuestError, GuestMemoryError. */
  call(json: string, data: Uint8Array): { json: string; data: Uint8Array } {
    this.#startClock();
    const ctx = this.#context;
    const jsonHandle = ctx.newString(json);
    const dataHandle = ctx.newArrayBuffer(data.slice().buffer);
    const reply = this.#unwrap(ctx.callFunction(this.#call!, ctx.undefined, jsonHandle, dataHandle));
    const replyJson = ctx.getProp(reply, 'json');
    const replyData = ctx.getProp(reply, 'data');
    const bytes = ctx.getArrayBuffer(replyData);
    const result = { json: ctx.getString(replyJson), data: bytes.value.slice() };
    bytes.dispose();
    for (const handle of [replyData, replyJson, reply, dataHandle, jsonHandle]) handle.dispose();
    return result;
  }

  #startClock(): void {
    this.timedOut = false;
    this.#deadline = threadCpuMs() + this.#limits.timeMs;
  }

  #compile(spec: InstallSpec): QuickJSHandle {
    let failure: unknown;
    for (const form of sourceForms(spec.source, spec.innerName, spec.parameters)) {
      try {
        if (form.kind === 'body' && hasNoResult(spec.source)) {
          if (failure !== undefined) break;
          this.#evaluate(form.code, spec.name, 'global').dispose();
          throw new GuestError({ name: 'SyntaxError', message: 'the function body has no return statement' });
        }
        const value = this.#evaluate(form.code, spec.name, form.kind === 'module' ? 'module' : 'global');
        const fn = form.kind === 'module' ? this.#exported(value, spec) : this.#functionOf(value, spec);
        if (fn !== undefined) return fn;
      } catch (error) {
        if (!(error instanceof GuestError) || this.timedOut || error.failure.unsupported) throw error;
        failure = error;
      }
    }
    throw failure ?? new GuestError({ name: 'SyntaxError', message: 'the source defines no function' });
  }

  #functionOf(value: QuickJSHandle, spec: InstallSpec): QuickJSHandle | undefined {
    if (this.#context.typeof(value) === 'function') return this.#synchronous(value);
    value.dispose();
    for (const name of declaredNames(spec.source, spec.name)) {
      const declared = this.#context.getProp(this.#context.global, name);
      if (this.#context.typeof(declared) === 'function') return this.#synchronous(declared);
      declared.dispose();
    }
    return undefined;
  }

  #exported(namespace: QuickJSHandle, spec: InstallSpec): QuickJSHandle {
    const ctx = this.#context;
    if (ctx.typeof(ctx.getProp(namespace, 'then')) === 'function') {
      throw new GuestError({ name: 'Error', message: 'top-level await is not supported', unsupported: true });
    }
    for (const name of ['default', ...declaredNames(spec.source, spec.name)]) {
      const value = ctx.getProp(namespace, name);
      if (ctx.typeof(value) === 'function') return this.#synchronous(value);
      value.dispose();
    }
    throw new GuestError({
      name: 'SyntaxError',
      message: `the module exports neither a default function nor one named "${spec.name}"`,
    });
  }

  #synchronous(fn: QuickJSHandle): QuickJSHandle {
    const ctx = this.#context;
    const describe = this.#evaluate('(fn) => Object.prototype.toString.call(fn)', 'prelude', 'global');
    const kind = this.#unwrap(ctx.callFunction(describe, ctx.undefined, fn)).consume((text) => ctx.getString(text));
    if (kind === '[object Function]') return fn;
    throw new GuestError({
      name: 'Error',
      message: 'asynchronous and generator functions are not supported',
      unsupported: true,
    });
  }

  #evaluate(code: string, fileName: string, type: 'global' | 'module'): QuickJSHandle {
    return this.#unwrap(this.#context.evalCode(code, fileName, { type }));
  }

  #unwrap(result: ReturnType<QuickJSContext['evalCode']>): QuickJSHandle {
    if (result.error === undefined) return result.value;
    const dumped: unknown = this.#context.dump(result.error);
    result.error.dispose();
    if (typeof dumped === 'object' && dumped !== null && 'message' in dumped) {
      const { name, message, stack, lineNumber } = dumped as { [key: string]: unknown };
      throw new GuestError({
        name: String(name ?? 'Error'),
        message: String(message),
        stack: String(stack ?? ''),
        ...(typeof lineNumber === 'number' ? { line: lineNumber } : {}),
      });
    }
    throw new GuestError({ name: 'Error', message: String(dumped) });
  }
}
