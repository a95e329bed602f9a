// RowNumbers: row id -> a number >= 0, as a Map has it, for as many rows as a statement can touch: pages of typed arrays, so that a
// million rows cost no rehashing in one piece and nothing for the garbage collector to walk through.
const PAGE_ROWS = 128;
const ABSENT = -1;

export class RowNumbers {
  private readonly pages = new Map<number, Float64Array>();
  private entries = 0;

  get size(): number {
    return this.entries;
  }

  get(rowId: number): number | undefined {
    const page = Math.floor(rowId / PAGE_ROWS);
    const found = this.pages.get(page)?.[rowId - page * PAGE_ROWS];
    return found === ABSENT ? undefined : found;
  }

  has(rowId: number): boolean {
    return this.get(rowId) !== undefined;
  }

  set(rowId: number, value: number): void {
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
    const before = this.entries;
    if (this.get(rowId) === undefined) this.set(rowId, value);
    return this.entries > before;
  }

  delete(rowId: number): void {
    const page = Math.floor(rowId / PAGE_ROWS);
    const values = this.pages.get(page);
    const at = rowId - page * PAGE_ROWS;
    if (values === undefined || values[at] === ABSENT) return;
    values[at] = ABSENT;
    this.entries--;
  }

  clear(): void {
    this.pages.clear();
    this.entries = 0;
  }

  /** Rows that lie close together come together, in order. */
  *[Symbol.iterator](): Generator<readonly [rowId: number, value: number]> {
    for (const [page, values] of this.pages) {
      for (let at = 0; at < PAGE_ROWS; at++) {
        const value = values[at]!;
        if (value !== ABSENT) yield [page * PAGE_ROWS + at, value];
      }
    }
  }
}
