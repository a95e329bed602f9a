// A WebAssembly module put together from functions made of `wasm-code.ts` pieces: it imports the shared memory and functions of the
// kernel library, and exports its own. All parameters and results are i32. Format: WebAssembly core specification, chapter 5.
import {
  type Code,
  callIndexed,
  type I32,
  Local,
  type Statement,
  TYPE_BYTE,
  unsigned,
  type ValueType,
} from './wasm-code.ts';

const MAX_PAGES = 65_535; // as the kernel library declares the shared memory

/** One function under construction: its parameters, and the variables asked for while its body is made. */
export class FunctionBuilder {
  readonly parameters: readonly Local<'i32'>[];
  private readonly locals: ValueType[] = [];

  constructor(parameterCount: number) {
    this.parameters = Array.from({ length: parameterCount }, (_, i) => new Local('i32', i));
  }

  local<T extends ValueType>(type: T): Local<T> {
    this.locals.push(type);
    return new Local(type, this.parameters.length + this.locals.length - 1);
  }

  /** The function's entry of the code section: declarations of its variables, the body, its final result. */
  encode(body: Statement, result: I32): number[] {
    const declarations = this.locals.flatMap((type) => [1, TYPE_BYTE[type]]);
    const bytes = [...unsigned(this.locals.length), ...declarations, ...body.bytes, ...result.bytes, 0x0b];
    return [...unsigned(bytes.length), ...bytes];
  }
}

export class ModuleBuilder {
  private readonly imports: { readonly name: string; readonly parameters: number }[] = [];
  private readonly functions: {
    readonly name: string;
    readonly parameters: number;
    readonly code: readonly number[];
  }[] = [];

  /** Calls of an imported kernel. All imports must be asked for before `add`. */
  kernel(name: string, parameters: number): (...args: readonly I32[]) => I32 {
    let index = this.imports.findIndex((each) => each.name === name);
    if (index < 0) index = this.imports.push({ name, parameters }) - 1;
    return (...args) => callIndexed('i32', index, args as readonly Code<ValueType>[]);
  }

  /** Exports `name`: the body, then `result`. */
  add(name: string, builder: FunctionBuilder, body: Statement, result: I32): void {
    this.functions.push({ name, parameters: builder.parameters.length, code: builder.encode(body, result) });
  }

  build(): Uint8Array<ArrayBuffer> {
    const arities = [...new Set([...this.imports, ...this.functions].map((each) => each.parameters))];
    const typeOf = (parameters: number) => unsigned(arities.indexOf(parameters));
    const types = arities.map((n) => [
      0x60,
      ...unsigned(n),
      ...new Array<number>(n).fill(TYPE_BYTE.i32),
      1,
      TYPE_BYTE.i32,
    ]);
    const memory = [...text('env'), ...text('memory'), 0x02, 0x03, 1, ...unsigned(MAX_PAGES)]; // 3: shared, with a maximum
    const imports = this.imports.map((each) => [...text('env'), ...text(each.name), 0x00, ...typeOf(each.parameters)]);
    const exports = this.functions.map((each, i) => [...text(each.name), 0x00, ...unsigned(this.imports.length + i)]);
    return new Uint8Array([
      ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00], // magic, version
      ...section(1, types),
      ...section(2, [memory, ...imports]),
      ...section(
        3,
        this.functions.map((each) => typeOf(each.parameters)),
      ),
      ...section(7, exports),
      ...section(
        10,
        this.functions.map((each) => each.code),
      ),
    ]);
  }
}

function text(value: string): number[] {
  const bytes = Buffer.from(value, 'utf8');
  return [...unsigned(bytes.length), ...bytes];
}

function section(id: number, entries: readonly (readonly number[])[]): number[] {
  const content = [...unsigned(entries.length), ...entries.flat()];
  return [id, ...unsigned(content.length), ...content];
}
