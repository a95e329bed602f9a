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

  /** Rows that lie close together come together, in order. */
  *[Symbol.iterator](): Generator<readonly [rowId: number, value: number]> {
    if (this.few !== null) yield* [...this.few].sort(([a], [b]) => a - b);
    for (const [page, values] of this.pages) {
      for (let at = 0; at < PAGE_ROWS; at++) {
        const value = values[at]!;
        if (value !== ABSENT) yield [page * PAGE_ROWS + at, value];
      }
    }
  }
}
