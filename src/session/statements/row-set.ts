// RowSet: ids of rows that a statement has met, for as many as it can touch: bits in small pages, so that a million of them are no rehashing in
// one piece, as a Set would do, and nothing for the garbage collector to walk through.
const PAGE_BITS = 9;
const WORD_BITS = 5;

export class RowSet {
  private readonly pages = new Map<number, Int32Array>();

  /** False: it was there. */
  add(rowId: number): boolean {
    const number = Math.floor(rowId / 2 ** PAGE_BITS);
    let page = this.pages.get(number);
    if (page === undefined) {
      page = new Int32Array(1 << (PAGE_BITS - WORD_BITS));
      this.pages.set(number, page);
    }
    const at = rowId - number * 2 ** PAGE_BITS;
    const [word, bit] = [at >> WORD_BITS, 1 << (at & ((1 << WORD_BITS) - 1))];
    const before = page[word]!;
    page[word] = before | bit;
    return (before & bit) === 0;
  }
}
