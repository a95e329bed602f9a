// RowNumbers: row id -> a number >= 0, as a Map has it, for as many rows as a statement can touch: pages of typed arrays, so that a
// million rows cost no rehashing in one piece and nothing for the garbage collector to walk through. A few rows, those of a statement by
// key, are a plain Map: pages would cost it more than all else that it remembers.
const PAGE_ROWS = 128;
const ABSENT = -1;
const FEW_ROWS = 32;

export class RowNumbers {
  /** null: there were more, and all are in the pages */
  private few: Map<number, number> | null = new Map();
  private readonly pages = new Map<number, Float64Array>();
  private entries = 0;
  /** the last page made, if all were made in their order; else infinite */
  private lastPage = 0;

  get size(): number {
    return this.few?.size ?? this.entries;
  }

  get(rowId: number): number | undefined {
    if (this.few !== null) return this.few.get(rowId);
    const page = Math.floor(rowId / PAGE_ROWS);
    const found = this.pages.get(page)?.[rowId - page * PAGE_ROWS];
    return found === ABSENT ? undefined : found;
  }

  has(rowId: number): boolean {
    return this.get(rowId) !== undefined;
  }

  set(rowId: number, value: number): void {
    if (this.few !== null) {
      this.few.set(rowId, value);
      if (this.few.size > FEW_ROWS) this.intoPages(this.few);
      return;
    }
    const page = Math.floor(rowId / PAGE_ROWS);
    let values = this.pages.get(page);
    if (values === undefined) {
      values = new Float64Array(PAGE_ROWS).fill(ABSENT);
      this.pages.set(page, values);
      this.lastPage = page > this.lastPage || this.pages.size === 1 ? page : Number.POSITIVE_INFINITY;
    }
    const at = rowId - page * PAGE_ROWS;
    if (values[at] === ABSENT) this.entries++;
    values[at] = value;
  }

  /** Adds a row that is not there; false: it is. */
  add(rowId: number, value = 0): boolean {
    if (this.has(rowId)) return false;
    this.set(rowId, value);
    return true;
  }

  delete(rowId: number): void {
    if (this.few !== null) {
      this.few.delete(rowId);
      return;
    }
    const page = Math.floor(rowId / PAGE_ROWS);
    const values = this.pages.get(page);
    const at = rowId - page * PAGE_ROWS;
    if (values === undefined || values[at] === ABSENT) return;
    values[at] = ABSENT;
    this.entries--;
  }

  clear(): void {
    this.few = new Map();
    this.pages.clear();
    this.entries = 0;
  }

  private intoPages(few: ReadonlyMap<number, number>): void {
    this.few = null;
    for (const [rowId, value] of few) this.set(rowId, value);
  }

  /** In the order of rows. */
  *[Symbol.iterator](): Generator<readonly [rowId: number, value: number]> {
    if (this.few !== null) yield* [...this.few].sort(([a], [b]) => a - b);
    const inOrder = this.lastPage < Number.POSITIVE_INFINITY;
    const pages = inOrder ? this.pages.keys() : Float64Array.from(this.pages.keys()).sort();
    for (const page of pages) yield* this.ofPage(page);
  }

  /** The rows `from .. to`, in any order. */
  *between(from: number, to: number): Generator<readonly [rowId: number, value: number]> {
    if (this.few !== null) {
      for (const entry of this.few) if (entry[0] >= from && entry[0] < to) yield entry;
      return;
    }
    const [first, last] = [Math.floor(from / PAGE_ROWS), Math.floor((to - 1) / PAGE_ROWS)];
    const pages = last - first < this.pages.size ? numbers(first, last) : this.pages.keys();
    for (const page of pages) {
      if (page > first && page < last) yield* this.ofPage(page);
      else if (page === first || page === last) {
        for (const entry of this.ofPage(page)) if (entry[0] >= from && entry[0] < to) yield entry;
      }
    }
  }

  private *ofPage(page: number): Generator<readonly [rowId: number, value: number]> {
    const values = this.pages.get(page);
    for (let at = 0; values !== undefined && at < PAGE_ROWS; at++) {
      const value = values[at]!;
      if (value !== ABSENT) yield [page * PAGE_ROWS + at, value];
    }
  }
}

function* numbers(from: number, to: number): Generator<number> {
  for (let n = from; n <= to; n++) yield n;
}
