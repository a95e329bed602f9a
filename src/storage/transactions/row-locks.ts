// RowLocks: who holds locks on the rows of one relation. A row with one holder, as nearly all have, is a number in a page of a typed
// array: its holder's number and the lock's strength; rows with several have a list. A holder that has ended is forgotten at
// once, whatever it held: its numbers stand for nothing from then on and are swept out in pieces.
import { Pieces } from '../../base/pieces.ts';
import type { LockHolder } from './lock-manager.ts';
import { ROW_STRENGTH } from './lock-modes.ts';

const PAGE_ROWS = 128;
const SEVERAL = -1;
const STRENGTHS = 8;
/** Rows swept at once when their holder ends. */
const SWEPT_AT_ONCE = 1024;

/** The transactions that hold row locks, by their numbers. */
export class RowLockHolders {
  private readonly holders = new Map<number, LockHolder>();
  private readonly numbers = new Map<LockHolder, number>();
  private last = 0;

  numberOf(holder: LockHolder): number {
    const known = this.numbers.get(holder);
    if (known !== undefined) return known;
    this.last++;
    this.numbers.set(holder, this.last);
    this.holders.set(this.last, holder);
    return this.last;
  }

  holder(number: number): LockHolder | undefined {
    return this.holders.get(number);
  }

  has(holder: LockHolder): boolean {
    return this.numbers.has(holder);
  }

  forget(holder: LockHolder): void {
    const number = this.numbers.get(holder);
    if (number === undefined) return;
    this.numbers.delete(holder);
    this.holders.delete(number);
  }
}

interface Page {
  /** per row 0: nobody, SEVERAL, or its holder's number and the strength */
  readonly words: Float64Array;
  used: number;
}

interface SharedLock {
  readonly holder: LockHolder;
  strength: number;
}

export class RowLocks {
  private readonly known: RowLockHolders;
  private readonly pages = new Map<number, Page>();
  private readonly shared = new Map<number, SharedLock[]>();

  constructor(known: RowLockHolders) {
    this.known = known;
  }

  get isEmpty(): boolean {
    return this.pages.size === 0;
  }

  /** Takes the lock: the strength it had before (0: none), or one that holds it in a mode that conflicts. */
  tryLock(who: LockHolder, rowId: number, strength: number): LockHolder | number {
    const locks = this.of(rowId);
    let mine: SharedLock | null = null;
    for (const lock of locks) {
      if (lock.holder === who) mine = lock;
      else if (lock.strength + strength > ROW_STRENGTH.update) return lock.holder;
    }
    const before = mine?.strength ?? 0;
    if (before >= strength) return before;
    if (mine === null) locks.push({ holder: who, strength });
    else mine.strength = strength;
    this.put(rowId, locks);
    return before;
  }

  /** Gives the lock to a holder of another row, of which this one is the newer version, whoever else holds it. False: it has it. */
  share(holder: LockHolder, rowId: number, strength: number): boolean {
    const locks = this.of(rowId);
    if (locks.some((lock) => lock.holder === holder)) return false;
    this.put(rowId, [...locks, { holder, strength }]);
    return true;
  }

  /** Back to what it was before it was raised. */
  lower(who: LockHolder, rowId: number, strength: number): void {
    const locks = this.of(rowId);
    for (const lock of locks) if (lock.holder === who) lock.strength = strength;
    this.put(rowId, locks);
  }

  /** Rows with more than one holder, and these. */
  *sharedRows(): Generator<readonly [rowId: number, locks: readonly SharedLock[]]> {
    for (const rowId of [...this.shared.keys()]) yield [rowId, this.of(rowId)];
  }

  /** Takes a holder from rows. Many rows of one that has been forgotten already are swept in pieces. */
  release(who: LockHolder, rowIds: readonly number[], done: () => void): void {
    if (rowIds.length > SWEPT_AT_ONCE && !this.known.has(who)) {
      void this.sweep(rowIds).then(done);
      return;
    }
    for (const rowId of rowIds) this.put(rowId, this.of(rowId).filter(({ holder }) => holder !== who)); // biome-ignore format: short
    done();
  }

  private async sweep(rowIds: readonly number[]): Promise<void> {
    const pieces = new Pieces();
    for (const [i, rowId] of rowIds.entries()) {
      this.put(rowId, this.of(rowId));
      const pause = i % 256 === 0 ? pieces.next() : undefined;
      if (pause !== undefined) await pause;
    }
  }

  /** The living holders of a row. */
  private of(rowId: number): SharedLock[] {
    const page = Math.floor(rowId / PAGE_ROWS);
    const word = this.pages.get(page)?.words[rowId - page * PAGE_ROWS] ?? 0;
    if (word === 0) return [];
    if (word === SEVERAL) {
      return this.shared.get(rowId)!.filter(({ holder }) => this.known.has(holder));
    }
    const holder = this.known.holder(Math.floor(word / STRENGTHS));
    return holder === undefined ? [] : [{ holder, strength: word % STRENGTHS }];
  }

  private put(rowId: number, locks: SharedLock[]): void {
    const number = Math.floor(rowId / PAGE_ROWS);
    let page = this.pages.get(number);
    if (page === undefined) {
      if (locks.length === 0) return;
      page = { words: new Float64Array(PAGE_ROWS), used: 0 };
      this.pages.set(number, page);
    }
    const at = rowId - number * PAGE_ROWS;
    const before = page.words[at]!;
    if (before === SEVERAL) this.shared.delete(rowId);
    if (locks.length > 1) {
      for (const { holder } of locks) this.known.numberOf(holder);
      this.shared.set(rowId, locks);
    }
    const word = locks.length > 1 ? SEVERAL : locks.length === 0 ? 0 : this.wordOf(locks[0]!);
    page.words[at] = word;
    page.used += Number(word !== 0) - Number(before !== 0);
    if (page.used === 0) this.pages.delete(number);
  }

  private wordOf({ holder, strength }: SharedLock): number {
    return this.known.numberOf(holder) * STRENGTHS + strength;
  }
}
