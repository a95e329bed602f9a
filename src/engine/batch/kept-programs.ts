// KeptPrograms: what was compiled for plans that run again and again, those of prepared statements. A plan's program is kept from
// its second run on, since most plans run once; the least recently used go when there are too many. A program is taken out while
// a statement runs it, so that each has one user. A plan is of one session (SessionPrograms): when that ends, its programs go, which hold
// memory and, by what their functions ask of the session, the session itself.
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
  private readonly kept = new Map<object, { readonly program: Program; readonly of: SessionPrograms }>();

  /** `limit`: how many are kept */
  constructor(limit: number) {
    this.limit = limit;
  }

  ofSession(): SessionPrograms {
    return new SessionPrograms(this);
  }

  take(plan: object): Program | undefined {
    const kept = this.kept.get(plan);
    this.kept.delete(plan);
    return kept?.program;
  }

  give(plan: object, program: Program, of: SessionPrograms): void {
    if (!this.seen.has(plan) || !program.isSmall || this.kept.has(plan)) {
      this.seen.add(plan);
      program.free();
      return;
    }
    this.kept.set(plan, { program, of });
    if (this.kept.size <= this.limit) return;
    const [oldest] = this.kept.keys();
    this.take(oldest!)!.free();
  }

  freeAll(of: SessionPrograms): void {
    for (const [plan, kept] of this.kept) if (kept.of === of) this.take(plan)!.free();
  }

  get size(): number {
    return this.kept.size;
  }
}

export class SessionPrograms {
  private readonly all: KeptPrograms;
  private ended = false;

  constructor(all: KeptPrograms) {
    this.all = all;
  }

  /** The plan's program, which is the caller's until given back; undefined: compile it. */
  take(plan: object): Program | undefined {
    return this.all.take(plan);
  }

  /** The statement is over: the program is kept for the next, or freed. */
  give(plan: object, program: Program): void {
    if (this.ended) program.free();
    else this.all.give(plan, program, this);
  }

  /** The session is over, and with it its plans. */
  close(): void {
    this.ended = true;
    this.all.freeAll(this);
  }
}
