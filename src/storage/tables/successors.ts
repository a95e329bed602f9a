// Successors: which newer version has taken a row's place, for as long as a running transaction may still look for it. Three generations,
// of which the oldest is forgotten once all transactions have ended that ran when the last one began: a commit enters its rows while
// it is under way, and who begins before it is published may outlive the next generation.
import { RowNumbers } from './row-numbers.ts';

export class Successors {
  private recent = new RowNumbers();
  private older = new RowNumbers();
  private oldest = new RowNumbers();

  get(rowId: number): number | undefined {
    return this.recent.get(rowId) ?? this.older.get(rowId) ?? this.oldest.get(rowId);
  }

  has(rowId: number): boolean {
    return this.get(rowId) !== undefined;
  }

  set(rowId: number, newer: number): void {
    this.recent.set(rowId, newer);
  }

  get size(): number {
    return this.recent.size + this.older.size + this.oldest.size;
  }

  /** A new generation begins. False: nothing is left. */
  age(): boolean {
    this.oldest = this.older;
    this.older = this.recent;
    this.recent = new RowNumbers();
    return this.size > 0;
  }
}
