// The part of the road that runs inside QuickJS: turns one batch into JavaScript values, calls the user's function per row
// or once per batch, and turns the results back. `guestPrelude` is never called here: its text is evaluated in the guest
// before the user's source (type stripping leaves plain JavaScript), so it may use nothing from outside itself.
// It trusts nobody to check it: whatever a hostile function makes of these results, decode-result.ts checks again.
//
// `wire` values: null, strings, booleans, finite numbers and arrays stand for themselves; all else is {k: kind, v: text}.

/** One argument column in a call. Offsets are bytes in the data part; `nulls` is -1 where no row is NULL. */
export interface ColumnSpec {
  readonly form: string;
  readonly at?: number;
  readonly nulls?: number;
  readonly values?: readonly unknown[];
}

/** The JSON of a call frame. */
export interface CallSpec {
  readonly rows: number;
  readonly columns: readonly ColumnSpec[];
}

/** How the guest calls the function and returns its results. */
export interface GuestSpec {
  readonly arity: number;
  readonly vectorized: boolean;
  readonly returnForm: string;
  /** The elements of a returned array are JSON documents. */
  readonly returnsJsonArray: boolean;
}

export interface GuestReply {
  readonly json: string;
  readonly data: ArrayBuffer;
}

export type GuestCall = (json: string, data: ArrayBuffer) => GuestReply;

// biome-ignore lint/complexity/noExcessiveLinesPerFunction: its text is sent into the sandbox, where there are no imports
export function guestPrelude(): (fn: (...args: unknown[]) => unknown, specJson: string) => GuestCall {
  type UserFunction = (...args: unknown[]) => unknown;
  /** Where results go: `out` takes values that need no more care, `store` any value. */
  type Sink = { out: Record<number, unknown>; store(i: number, value: unknown): void; finish(): GuestReply };
  type RowLoop = (fn: UserFunction, columns: Rows[], rows: number, sink: Sink, at: (i: number) => void) => void;
  type Mark = { k: string; v?: unknown };
  type Rows = ArrayLike<unknown>;
  const { parse, stringify } = JSON;
  const { isArray } = Array;
  const { apply } = Reflect;
  const { fround } = Math;
  const { isView } = ArrayBuffer;
  const getTime = Date.prototype.getTime;
  const asIntN = BigInt.asIntN;
  const isSafe = Number.isSafeInteger;
  const none = new ArrayBuffer(0);

  function hexOf(bytes: Uint8Array): string {
    let text = '';
    for (let i = 0; i < bytes.length; i++) text += (bytes[i]! < 16 ? '0' : '') + bytes[i]!.toString(16);
    return text;
  }

  function bytesOf(hex: string): Uint8Array {
    const bytes = new Uint8Array(hex.length / 2);
    for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(hex.substring(i * 2, i * 2 + 2), 16);
    return bytes;
  }

  function toWire(value: unknown, depth: number, jsonElements: boolean): unknown {
    if (value === null || value === undefined) return null;
    if (jsonElements && depth === 1) return { k: 'json', v: value };
    switch (typeof value) {
      case 'string':
      case 'boolean':
        return value;
      case 'number':
        return value - value === 0 && !Object.is(value, -0)
          ? value
          : { k: 'number', v: Object.is(value, -0) ? '-0' : `${value}` };
      case 'bigint':
        return { k: 'bigint', v: `${value}` };
      case 'object':
        break;
      default:
        return { k: typeof value };
    }
    if (value instanceof Date) return { k: 'date', v: apply(getTime, value, []) };
    if (value instanceof Uint8Array) return { k: 'bytes', v: hexOf(value) };
    if (value instanceof Promise) return { k: 'promise' };
    if ((isArray(value) || isView(value)) && depth < 7) {
      const items = value as unknown as Rows;
      const copy: unknown[] = [];
      for (let i = 0; i < items.length; i++) copy[i] = toWire(items[i], depth + 1, jsonElements);
      return copy;
    }
    return { k: 'object' };
  }

  function fromWire(value: unknown): unknown {
    if (value === null || typeof value !== 'object') return value;
    if (isArray(value)) {
      for (let i = 0; i < value.length; i++) value[i] = fromWire(value[i]);
      return value;
    }
    const mark = value as Mark;
    switch (mark.k) {
      case 'number':
        return Number(mark.v);
      case 'bigint':
        return BigInt(mark.v as string);
      case 'date':
        return mark.v === null ? new Date(Number.NaN) : new Date(mark.v as number);
      case 'bytes':
        return bytesOf(mark.v as string);
      default:
        return mark.v;
    }
  }

  function typedSection(form: string, data: ArrayBuffer, at: number, rows: number): Rows {
    switch (form) {
      case 'i16':
        return new Int16Array(data, at, rows);
      case 'i32':
        return new Int32Array(data, at, rows);
      case 'i64':
        return new BigInt64Array(data, at, rows);
      case 'f32':
        return new Float32Array(data, at, rows);
      case 'f64':
        return new Float64Array(data, at, rows);
      case 'bool': {
        const flags = new Uint8Array(data, at, rows);
        const values: unknown[] = [];
        for (let i = 0; i < rows; i++) values[i] = flags[i] === 1;
        return values;
      }
      case 'ms': {
        const times = new Float64Array(data, at, rows);
        const values: unknown[] = [];
        // Infinite timestamps stay the numbers Infinity and -Infinity: no Date can say that.
        for (let i = 0; i < rows; i++) values[i] = times[i]! - times[i]! === 0 ? new Date(times[i]!) : times[i];
        return values;
      }
      default: {
        const ends = new Int32Array(data, at, rows + 1);
        const start = at + (rows + 1) * 4;
        const values: unknown[] = [];
        for (let i = 0; i < rows; i++) values[i] = new Uint8Array(data.slice(start + ends[i]!, start + ends[i + 1]!));
        return values;
      }
    }
  }

  function readColumn(column: ColumnSpec, data: ArrayBuffer, rows: number): Rows {
    if (column.form === 'text' || column.form === 'json') return column.values!;
    if (column.form === 'wire') return fromWire(column.values) as unknown[];
    const section = typedSection(column.form, data, column.at!, rows);
    if (column.nulls === -1) return section;
    const nulls = new Uint8Array(data, column.nulls, rows);
    const values: unknown[] = [];
    for (let i = 0; i < rows; i++) values[i] = nulls[i] === 1 ? null : section[i];
    return values;
  }

  /** Stores a value of the plain kind for its form and says so; anything else is described in `odd` and judged outside. */
  function storeTyped(form: string, out: Record<number, unknown>, i: number, value: unknown): boolean {
    switch (form) {
      case 'f32':
      case 'f64':
        if (typeof value !== 'number') return false;
        out[i] = value;
        // Judged outside: a float4 that overflowed to infinity or vanished to zero.
        return (
          form === 'f64' ||
          !(value - value === 0) ||
          (fround(value) - fround(value) === 0 && (fround(value) !== 0 || value === 0))
        );
      case 'i16':
      case 'i32':
        if (typeof value !== 'number' || (value | 0) !== value) return false;
        if (form === 'i16' && (value < -32768 || value > 32767)) return false;
        out[i] = value;
        return true;
      case 'i64':
        if (typeof value === 'number') {
          if (!isSafe(value)) return false;
          out[i] = BigInt(value);
          return true;
        }
        if (typeof value !== 'bigint' || asIntN(64, value) !== value) return false;
        out[i] = value;
        return true;
      case 'bool':
        if (typeof value !== 'boolean') return false;
        out[i] = value ? 1 : 0;
        return true;
      default: {
        if (!(value instanceof Date)) return false;
        const time = apply(getTime, value, []);
        out[i] = time;
        return time - time === 0;
      }
    }
  }

  function newSection(form: string, data: ArrayBuffer, at: number): Record<number, unknown> {
    if (form === 'i16') return new Int16Array(data, at);
    if (form === 'i32') return new Int32Array(data, at);
    if (form === 'i64') return new BigInt64Array(data, at) as unknown as Record<number, unknown>;
    if (form === 'f32') return new Float32Array(data, at);
    if (form === 'bool') return new Uint8Array(data, at);
    return new Float64Array(data, at);
  }

  let row = -1;

  function typedSink(form: string, rows: number): Sink {
    const width = form === 'bool' ? 1 : form === 'i16' ? 2 : form === 'i32' || form === 'f32' ? 4 : 8;
    const at = (rows + 7) & ~7;
    const data = new ArrayBuffer(at + rows * width);
    const nulls = new Uint8Array(data, 0, rows);
    const out = newSection(form, data, at);
    const odd: unknown[] = [];
    const store = (i: number, value: unknown) => {
      if (value === null || value === undefined) nulls[i] = 1;
      else if (!storeTyped(form, out, i, value)) odd[odd.length] = [i, toWire(value, 0, false)];
    };
    return { out, store, finish: () => ({ json: stringify({ odd }), data }) };
  }

  function keep(out: unknown[]): Sink['store'] {
    return (i, value) => {
      out[i] = value;
    };
  }

  function bytesSink(rows: number): Sink {
    const out: unknown[] = [];
    const finish = () => {
      const odd: unknown[] = [];
      let total = 0;
      for (let i = 0; i < rows; i++) if (out[i] instanceof Uint8Array) total += (out[i] as Uint8Array).length;
      const at = (rows + 7) & ~7;
      const data = new ArrayBuffer(at + (rows + 1) * 4 + total);
      const nulls = new Uint8Array(data, 0, rows);
      const ends = new Int32Array(data, at, rows + 1);
      const bytes = new Uint8Array(data, at + (rows + 1) * 4);
      for (let i = 0, end = 0; i < rows; i++) {
        const value = out[i];
        if (value instanceof Uint8Array) {
          bytes.set(value, end);
          end += value.length;
        } else if (value === null || value === undefined) nulls[i] = 1;
        else odd[odd.length] = [i, toWire(value, 0, false)];
        ends[i + 1] = end;
      }
      return { json: stringify({ odd }), data };
    };
    return { out, store: keep(out), finish };
  }

  function textSink(): Sink {
    const odd: unknown[] = [];
    const values: unknown[] = [];
    const store = (i: number, value: unknown) => {
      values[i] = typeof value === 'string' ? value : null;
      if (value !== null && value !== undefined && typeof value !== 'string')
        odd[odd.length] = [i, toWire(value, 0, false)];
    };
    return {
      out: values as Record<number, unknown>,
      store,
      finish: () => ({ json: stringify({ odd, values }), data: none }),
    };
  }

  function jsonSink(rows: number): Sink {
    const out: unknown[] = [];
    const finish = () => {
      let text = '';
      for (row = 0; row < rows; row++) text += (row === 0 ? '' : ',') + (stringify(out[row]) ?? 'null');
      return { json: `{"odd":[],"values":[${text}]}`, data: none };
    };
    return { out, store: keep(out), finish };
  }

  function wireSink(jsonElements: boolean): Sink {
    const values: unknown[] = [];
    const store = (i: number, value: unknown) => {
      values[i] = toWire(value, 0, jsonElements);
    };
    return { out: values, store, finish: () => ({ json: stringify({ odd: [], values }), data: none }) };
  }

  function newSink(spec: GuestSpec, rows: number): Sink {
    if (spec.returnForm === 'text') return textSink();
    if (spec.returnForm === 'json') return jsonSink(rows);
    if (spec.returnForm === 'bytes') return bytesSink(rows);
    if (spec.returnForm === 'wire') return wireSink(spec.returnsJsonArray);
    return typedSink(spec.returnForm, rows);
  }

  /** Calls the function for each row. Made as text once per function: an interpreter pays for every operation it is spared. */
  function makeRowLoop(arity: number, form: string): RowLoop {
    let test = 'false';
    if (form === 'f64') test = 'typeof v === "number"';
    if (form === 'i32') test = 'typeof v === "number" && (v | 0) === v';
    if (form === 'text') test = 'typeof v === "string"';
    if (form === 'json' || form === 'bytes') test = 'true';
    let names = '';
    let args = '';
    for (let k = 0; k < arity; k++) {
      names += `const c${k} = columns[${k}];`;
      args += `${k === 0 ? '' : ','}c${k}[i]`;
    }
    const body = `${names} const { out, store } = sink; let i = 0;
      try { for (; i < rows; i++) { const v = fn(${args}); if (${test}) out[i] = v; else store(i, v); } }
      catch (error) { at(i); throw error; }`;
    return new Function('fn', 'columns', 'rows', 'sink', 'at', body) as RowLoop;
  }

  function callVector(fn: UserFunction, columns: Rows[], rows: number, sink: Sink): void {
    const args: unknown[] = columns;
    if (columns.length === 0) args[0] = rows;
    const results = apply(fn, undefined, args) as Rows;
    if (!isArray(results) && !isView(results)) throw new TypeError('a vectorized function must return an array');
    if (results.length !== rows) {
      throw new TypeError(
        `a vectorized function must return as many values as it got: ${results.length} instead of ${rows}`,
      );
    }
    if (isView(sink.out) && results.constructor === sink.out.constructor && !(results instanceof Uint8Array)) {
      (sink.out as unknown as Float64Array).set(results as unknown as Float64Array);
      return;
    }
    for (let i = 0; i < rows; i++) sink.store(i, results[i]);
  }

  function failure(error: unknown): GuestReply {
    let described = { name: 'Error', message: 'unknown error', stack: '', row };
    try {
      if (error instanceof Error)
        described = { name: `${error.name}`, message: `${error.message}`, stack: `${error.stack}`, row };
      else described.message = typeof error === 'object' ? (stringify(error) ?? 'null') : String(error);
    } catch {
      // An error object that throws when it is looked at keeps the default description.
    }
    return { json: stringify({ error: described }), data: none };
  }

  return (fn, specJson) => {
    const spec = parse(specJson) as GuestSpec;
    const rowLoop = makeRowLoop(spec.arity, spec.returnForm);
    const at = (i: number) => {
      row = i;
    };
    return (json, data) => {
      row = -1;
      try {
        const call = parse(json) as CallSpec;
        const columns: Rows[] = [];
        for (let k = 0; k < call.columns.length; k++) columns[k] = readColumn(call.columns[k]!, data, call.rows);
        const sink = newSink(spec, call.rows);
        if (spec.vectorized) callVector(fn, columns, call.rows, sink);
        else rowLoop(fn, columns, call.rows, sink, at);
        return sink.finish();
      } catch (error) {
        return failure(error);
      }
    };
  };
}
