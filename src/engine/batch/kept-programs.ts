// KeptPrograms: what was compiled for plans that run again and again, those of prepared statements. A plan's program is kept from
// its second run on, since most plans run once; the least recently used go when there are too many. A program is taken out while
// a statement runs it, so that each has one user.
export interface Program {
  /** gives its memory back */
  free(): void;
  /** small enough to keep */
  readonly isSmall: boolean;
}

export class KeptPrograms {
  private readonly limit: number;
  private readonly seen = new WeakSet<object>();
  /** least recently used first */
  private readonly kept = new Map<object, Program>();

  /** `limit`: how many are kept */
  constructor(limit: number) {
    this.limit = limit;
  }

  /** The plan's program, which is the caller's until given back; undefined: compile it. */
  take(plan: object): Program | undefined {
    const program = this.kept.get(plan);
    if (program !== undefined) this.kept.delete(plan);
    return program;
  }

  /** The statement is over: the program is kept for the next, or freed. */
  give(plan: object, program: Program): void {
    if (!this.seen.has(plan) || !program.isSmall || this.kept.has(plan)) {
      this.seen.add(plan);
      program.free();
      return;
    }
    this.kept.set(plan, program);
    if (this.kept.size <= this.limit) return;
    const [oldest] = this.kept;
    this.kept.delete(oldest![0]);
    oldest![1].free();
  }

  get size(): number {
    return this.kept.size;
  }
}
