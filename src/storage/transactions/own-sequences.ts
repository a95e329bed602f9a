// The sequences a transaction has used: their values are part of its commit. Numbers that were given out stay given out when it is rolled
// back; a restart does not.
import type { Sequence } from '../../catalog/objects.ts';
import type { SequenceValue } from '../log/write-set.ts';
import type { Sequences } from './sequences.ts';

export class OwnSequences {
  private readonly live: Sequences;
  private readonly used = new Map<number, Sequence>();
  private readonly restarts: { readonly sequence: Sequence; readonly before: SequenceValue }[] = [];

  constructor(live: Sequences) {
    this.live = live;
  }

  get isEmpty(): boolean {
    return this.used.size === 0;
  }

  /** nextval. Throws 2200H at the end of a sequence that does not cycle. */
  next(sequence: Sequence): bigint {
    this.used.set(sequence.oid, sequence);
    return this.live.next(sequence);
  }

  /** setval. Throws 22003 outside the bounds. */
  set(sequence: Sequence, lastValue: bigint, isCalled: boolean): void {
    this.used.set(sequence.oid, sequence);
    this.live.set(sequence, lastValue, isCalled);
  }

  /** Sets a sequence back, which a rollback undoes: TRUNCATE ... RESTART IDENTITY, ALTER SEQUENCE ... RESTART. */
  restart(sequence: Sequence, value: bigint): void {
    this.restarts.push({ sequence, before: this.value(sequence) });
    this.set(sequence, value, false);
  }

  /** What it gave last (or will give first), and whether it gave it. */
  value(sequence: Sequence): SequenceValue {
    return this.live.value(sequence);
  }

  /** For `undoRestarts`. */
  mark(): number {
    return this.restarts.length;
  }

  undoRestarts(mark: number): void {
    for (const { sequence, before } of this.restarts.splice(mark).reverse()) {
      this.live.set(sequence, before.lastValue, before.isCalled);
    }
  }

  /** For the write set. */
  values(): (readonly [oid: number, SequenceValue])[] {
    return [...this.used.values()].map((sequence) => [sequence.oid, this.value(sequence)]);
  }
}
