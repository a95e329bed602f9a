// The sandbox children: started on demand up to a maximum, each serving one call at a time, so that a child that has to be
// killed takes nobody else's call with it. A call goes to an idle child that already has its function, else to the child
// idle longest, else to a new one, else it waits its turn (first come, first served).
import { sqlError } from '../errors/sql-error.ts';
import { ChildEnded, SandboxChild } from './sandbox-child.ts';
import { type SandboxLimits, sandboxCommand } from './sandbox-command.ts';

const MAX_WAITING_CALLS = 4096;

interface Waiter {
  readonly resolve: (child: SandboxChild | undefined) => void;
  readonly reject: (error: Error) => void;
}

export class ChildPool {
  readonly #limits: SandboxLimits;
  readonly #maxChildren: number;
  readonly #children = new Set<SandboxChild>();
  /** Idle children, the one idle longest first. */
  readonly #idle: SandboxChild[] = [];
  readonly #waiting: Waiter[] = [];
  readonly #starting = new Set<Promise<SandboxChild>>();
  #places = 0;
  #closed = false;

  constructor(maxChildren: number, limits: SandboxLimits) {
    this.#maxChildren = maxChildren;
    this.#limits = limits;
  }

  /** Process ids of the children that live. */
  get pids(): number[] {
    return [...this.#children].map((child) => child.pid!);
  }

  /** A child for one call; give it back with `release`. Throws 57014 when `signal` aborts, 57P01 after close. */
  async acquire(functionKey: string, signal: AbortSignal | undefined): Promise<SandboxChild> {
    for (;;) {
      this.#assertOpen();
      const idle = this.#takeIdle(functionKey);
      if (idle !== undefined) return idle;
      if (this.#places < this.#maxChildren) return this.#start();
      const handed = await this.#wait(signal);
      if (handed !== undefined) return handed;
    }
  }

  /** Gives a child back; one that is not usable any more is forgotten and makes room for a new one. */
  release(child: SandboxChild): void {
    if (!child.usable) {
      if (this.#children.delete(child)) this.#places--;
      this.#waiting.shift()?.resolve(undefined);
      return;
    }
    const next = this.#waiting.shift();
    if (next === undefined) {
      child.setReferenced(false);
      this.#idle.push(child);
    } else next.resolve(child);
  }

  /** Kills every child and waits until all are gone. Calls under way and waiting fail with 57P01. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const waiter of this.#waiting.splice(0)) waiter.reject(closedError());
    await Promise.allSettled(this.#starting);
    await Promise.all([...this.#children].map((child) => child.kill('closed')));
    this.#children.clear();
    this.#idle.length = 0;
  }

  #assertOpen(): void {
    if (this.#closed) throw closedError();
  }

  #takeIdle(functionKey: string): SandboxChild | undefined {
    for (let i = this.#idle.length - 1; i >= 0; i--) {
      if (this.#idle[i]!.usable) continue;
      this.#children.delete(this.#idle[i]!);
      this.#idle.splice(i, 1);
      this.#places--;
    }
    if (this.#idle.length === 0) return undefined;
    const same = this.#idle.findIndex((child) => child.functions.has(functionKey));
    const [child] = this.#idle.splice(Math.max(0, same), 1);
    child!.setReferenced(true);
    return child;
  }

  async #start(): Promise<SandboxChild> {
    this.#places++;
    const starting = sandboxCommand(this.#limits).then((command) => SandboxChild.start(command, this.#limits));
    this.#starting.add(starting);
    try {
      const child = await starting;
      this.#children.add(child);
      return child;
    } catch (error) {
      this.#places--;
      this.#waiting.shift()?.resolve(undefined);
      if (!(error instanceof ChildEnded)) throw error;
      throw sqlError('system_error', 'could not start a process for user-defined functions', { detail: error.message });
    } finally {
      this.#starting.delete(starting);
    }
  }

  #wait(signal: AbortSignal | undefined): Promise<SandboxChild | undefined> {
    if (this.#waiting.length >= MAX_WAITING_CALLS) {
      throw sqlError('insufficient_resources', 'too many calls of user-defined functions are waiting');
    }
    const { promise, resolve, reject } = Promise.withResolvers<SandboxChild | undefined>();
    const waiter: Waiter = { resolve, reject };
    this.#waiting.push(waiter);
    const onAbort = () => {
      const at = this.#waiting.indexOf(waiter);
      if (at >= 0) this.#waiting.splice(at, 1);
      if (at >= 0) reject(sqlError('query_canceled', 'canceling statement due to user request'));
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    if (signal?.aborted === true) onAbort();
    return promise.finally(() => signal?.removeEventListener('abort', onAbort));
  }
}

function closedError(): Error {
  return sqlError('admin_shutdown', 'user-defined functions are shut down');
}
