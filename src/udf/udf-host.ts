// The door of this folder: checks a function when it is created and calls it batch by batch in a sandboxed child process.
// The way of a batch: encode-columns.ts -> a frame on the child's stdin -> guest-prelude.ts calls the user's function
// in QuickJS -> a frame on its stdout -> decode-result.ts checks every value. README.md tells why it is built this way.
import { type SqlError, sqlError, toSqlError } from '../errors/sql-error.ts';
import { ChildPool } from './child-pool.ts';
import { decodeReply } from './decode-result.ts';
import { encodeCall, type UdfColumn } from './encode-columns.ts';
import { type Frame, type GuestFailure, REPLY, REQUEST } from './sandbox/frame.ts';
import type { InstallSpec } from './sandbox/guest.ts';
import { ChildEnded, type SandboxChild } from './sandbox-child.ts';
import type { SandboxLimits } from './sandbox-command.ts';
import { isIdentifier, parameterNames, type UdfDefinition, wireForm } from './udf-definition.ts';

export interface UdfLogger {
  warn(fields: object, message: string): void;
}

export interface UdfHostOptions {
  /** Processes at most; each runs one call at a time and holds several functions. */
  readonly maxChildren: number;
  /** Processor time of one call, which is one batch. */
  readonly callTimeoutMs: number;
  /** Memory of one function, its code, variables and batch included; at least 32 MiB are granted. */
  readonly memoryLimitBytes: number;
  readonly logger?: UdfLogger;
}

const MAX_ARGUMENTS = 100;
const MAX_FUNCTIONS_PER_CHILD = 16;
const MIN_MEMORY_BYTES = 32 << 20;
/** A batch that is longer than this on the wire is called in halves. */
const SPLIT_BYTES = 4 << 20;

export class UdfHost {
  readonly #options: UdfHostOptions;
  readonly #limits: SandboxLimits;
  readonly #pool: ChildPool;

  constructor(options: UdfHostOptions) {
    this.#options = options;
    const memoryBytes = Math.max(MIN_MEMORY_BYTES, options.memoryLimitBytes);
    this.#limits = { memoryBytes, timeMs: options.callTimeoutMs, frameBytes: Math.floor(memoryBytes / 2) };
    this.#pool = new ChildPool(Math.max(1, options.maxChildren), this.#limits);
  }

  /** Process ids of the living children, for tests and for the introspection views. */
  get childPids(): readonly number[] {
    return this.#pool.pids;
  }

  /**
   * Compiles the function in a sandbox, top-level code of a module included. Throws 42601 for a syntax error (its line in
   * the detail), 0A000 for types and forms that are not supported, 38000 where top-level code throws.
   */
  async validate(def: UdfDefinition): Promise<void> {
    checkSignature(def);
    await this.#onChild(def, undefined, async () => {});
  }

  /**
   * Calls the function over `rowCount` rows. `columns` has one column per argument and the answer one value per row, in
   * the JavaScript forms of README.md. Throws 38000 when the function throws, 57014 past the time limit or when `signal`
   * aborts, 53200 past the memory limit, 22P02 / 22003 / 22021 for results that do not fit the return type.
   */
  async callRows(
    def: UdfDefinition,
    columns: readonly UdfColumn[],
    rowCount: number,
    signal?: AbortSignal,
  ): Promise<unknown[]> {
    if (rowCount === 0) return [];
    const selected = def.strict ? rowsWithoutNull(columns, rowCount) : undefined;
    if (selected === undefined) return this.#call(def, columns, rowCount, 0, signal);
    const results = new Array<unknown>(rowCount).fill(null);
    if (selected.length === 0) return results;
    const dense = columns.map((column) => selected.map((row) => column[row]));
    const values = await this.#call(def, dense, selected.length, 0, signal);
    selected.forEach((row, i) => {
      results[row] = values[i];
    });
    return results;
  }

  /** Ends every child; resolves when no process is left. */
  close(): Promise<void> {
    return this.#pool.close();
  }

  async #call(
    def: UdfDefinition,
    columns: readonly UdfColumn[],
    rows: number,
    firstRow: number,
    signal: AbortSignal | undefined,
  ): Promise<unknown[]> {
    const call = encodeCall(def, columns, rows);
    if (call.bytes > SPLIT_BYTES && rows > 1) {
      const half = rows >> 1;
      const head = await this.#call(
        def,
        columns.map((column) => slice(column, 0, half)),
        half,
        firstRow,
        signal,
      );
      const tail = columns.map((column) => slice(column, half, rows));
      return head.concat(await this.#call(def, tail, rows - half, firstRow + half, signal));
    }
    if (call.bytes * 3 > this.#limits.frameBytes) {
      throw sqlError('out_of_memory', `function ${def.name} exceeded its memory limit`, {
        detail: `The arguments of one row take ${call.bytes} bytes.`,
      });
    }
    return this.#onChild(def, signal, async (child, key) => {
      const reply = await child.request({ code: REQUEST.call, key, json: call.json, data: call.data }, signal);
      if (reply.code !== REPLY.done) throw await this.#broken(def, child, reply);
      const decoded = decodeReply(def, reply, rows);
      if (decoded.kind === 'values') return decoded.values;
      throw await this.#thrown(def, decoded.failure, child, firstRow);
    });
  }

  /** An exception of the function as an error; one for want of memory ends the child, whose memory would stay large. */
  async #thrown(def: UdfDefinition, failure: GuestFailure, child: SandboxChild, firstRow: number): Promise<SqlError> {
    // QuickJS throws null where no memory was left for an error object.
    const noMemory =
      failure.message === 'null'
        ? child.memoryBytes > this.#limits.memoryBytes / 2
        : failure.name === 'InternalError' && failure.message === 'out of memory';
    if (!noMemory) return exception(def, failure, firstRow);
    await child.kill('memory');
    return memoryError(def);
  }

  /** Runs `work` on a child that has the function installed; once more if that child ended for no known reason. */
  async #onChild<T>(
    def: UdfDefinition,
    signal: AbortSignal | undefined,
    work: (child: SandboxChild, key: number) => Promise<T>,
  ): Promise<T> {
    const functionKey = keyOf(def);
    for (let attempt = 0; ; attempt++) {
      if (signal?.aborted === true) throw cancelled();
      const child = await this.#pool.acquire(functionKey, signal);
      try {
        const key = await this.#install(def, functionKey, child, signal);
        return await work(child, key);
      } catch (error) {
        if (!(error instanceof ChildEnded)) throw toSqlError(error);
        this.#options.logger?.warn({ function: def.name, reason: error.reason }, 'a sandbox process ended');
        if (error.reason !== 'exited' || attempt > 0) throw this.#ended(def, error);
      } finally {
        this.#pool.release(child);
      }
    }
  }

  async #install(
    def: UdfDefinition,
    functionKey: string,
    child: SandboxChild,
    signal: AbortSignal | undefined,
  ): Promise<number> {
    let key = child.functions.get(functionKey);
    if (key === undefined) {
      await this.#makeRoom(child, signal);
      key = child.nextKey++;
      const json = JSON.stringify(installSpec(def));
      const reply = await child.request({ code: REQUEST.install, key, json, data: [] }, signal);
      if (reply.code === REPLY.rejected) throw rejection(def, JSON.parse(reply.json) as GuestFailure);
      if (reply.code !== REPLY.done) throw await this.#broken(def, child, reply);
    }
    // Deleting and setting again keeps the least recently used function first.
    child.functions.delete(functionKey);
    child.functions.set(functionKey, key);
    return key;
  }

  async #makeRoom(child: SandboxChild, signal: AbortSignal | undefined): Promise<void> {
    for (const [functionKey, key] of child.functions) {
      if (child.functions.size < MAX_FUNCTIONS_PER_CHILD && child.memoryBytes < this.#limits.memoryBytes / 2) return;
      child.functions.delete(functionKey);
      await child.request({ code: REQUEST.drop, key, json: '{}', data: [] }, signal);
    }
  }

  /** A failure that the guest could not catch: the child is not used again. */
  async #broken(def: UdfDefinition, child: SandboxChild, reply: Frame): Promise<SqlError> {
    const failure = JSON.parse(reply.json) as GuestFailure;
    this.#options.logger?.warn({ function: def.name, message: failure.message }, 'a sandbox broke');
    const error = await this.#thrown(def, failure, child, 0);
    await child.kill('exited');
    return error;
  }

  #ended(def: UdfDefinition, error: ChildEnded): SqlError {
    switch (error.reason) {
      case 'timeout':
        return sqlError(
          'query_canceled',
          `function ${def.name} exceeded its time limit of ${this.#options.callTimeoutMs} ms`,
        );
      case 'memory':
        return memoryError(def);
      case 'cancelled':
        return cancelled();
      case 'closed':
        return sqlError('admin_shutdown', 'user-defined functions are shut down');
      case 'exited':
        return sqlError('system_error', `the process of function ${def.name} ended unexpectedly`, {
          detail: error.message,
        });
    }
  }
}

/** A thrown exception as the error of the statement; `firstRow` is the place of this call within its batch. */
function exception(def: UdfDefinition, failure: GuestFailure, firstRow: number): SqlError {
  const place = failure.row === undefined ? '' : ` at row ${firstRow + failure.row + 1} of the batch`;
  const stack = (failure.stack ?? '')
    .split('\n')
    .filter((line) => line.trim() !== '' && !/prelude|<input>/.test(line))
    .map((line) => `\n  ${line.trim()}`)
    .slice(0, 20);
  const detail = `${failure.name}${place}${stack.join('')}`;
  return sqlError('external_routine_exception', `function ${def.name} failed: ${failure.message}`, { detail });
}

function memoryError(def: UdfDefinition): SqlError {
  return sqlError('out_of_memory', `function ${def.name} exceeded its memory limit`);
}

function cancelled(): SqlError {
  return sqlError('query_canceled', 'canceling statement due to user request');
}

function rejection(def: UdfDefinition, failure: GuestFailure): SqlError {
  const lines = def.source.trimEnd().split('\n');
  const reported = failure.line ?? Number(/:(\d+):\d+/.exec(failure.stack ?? '')?.[1] ?? Number.NaN);
  // What is missing at the end is reported on a line after it.
  const line = Math.min(reported, lines.length);
  const detail = Number.isNaN(line) ? undefined : `line ${line}: ${lines[line - 1]!.trim()}`;
  const details = detail === undefined ? {} : { detail };
  if (failure.unsupported === true) {
    return sqlError('feature_not_supported', `function ${def.name}: ${failure.message}`, details);
  }
  if (failure.name === 'SyntaxError') {
    return sqlError('syntax_error', `syntax error in function ${def.name}: ${failure.message}`, details);
  }
  return sqlError('external_routine_exception', `function ${def.name} failed: ${failure.message}`, details);
}

function checkSignature(def: UdfDefinition): void {
  if (def.argTypes.length > MAX_ARGUMENTS) {
    throw sqlError('too_many_arguments', `functions cannot have more than ${MAX_ARGUMENTS} arguments`);
  }
  for (const typeName of def.argTypes) {
    if (wireForm(typeName) !== undefined) continue;
    throw sqlError('feature_not_supported', `JavaScript functions cannot accept type ${typeName}`);
  }
  if (wireForm(def.returnType) === undefined) {
    throw sqlError('feature_not_supported', `JavaScript functions cannot return type ${def.returnType}`);
  }
}

function installSpec(def: UdfDefinition): InstallSpec {
  return {
    name: def.name,
    innerName: isIdentifier(def.name) ? def.name : '',
    parameters: parameterNames(def),
    source: def.source,
    call: {
      arity: def.argTypes.length,
      vectorized: def.vectorized,
      returnForm: wireForm(def.returnType)!,
      returnsJsonArray: def.returnType === 'json[]' || def.returnType === 'jsonb[]',
    },
  };
}

/** Two definitions share a loaded function only if all that the sandbox sees of them is the same. */
function keyOf(def: UdfDefinition): string {
  return JSON.stringify([def.id, installSpec(def), def.argTypes, def.returnType]);
}

function slice(column: UdfColumn, from: number, to: number): UdfColumn {
  return Array.prototype.slice.call(column, from, to) as unknown[];
}

/** The rows in which no argument is NULL, or undefined where that is all of them. */
function rowsWithoutNull(columns: readonly UdfColumn[], rowCount: number): number[] | undefined {
  const rows: number[] = [];
  for (let i = 0; i < rowCount; i++) {
    if (columns.every((column) => column[i] !== null && column[i] !== undefined)) rows.push(i);
  }
  return rows.length === rowCount ? undefined : rows;
}
