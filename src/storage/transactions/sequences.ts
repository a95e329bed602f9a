// Sequences: their live values. nextval is never rolled back; a commit logs the values of the sequences its transaction used, so no number
// that a committed row carries is given out again after a crash.
import type { Sequence } from '../../catalog/objects.ts';
import { sqlError } from '../../errors/sql-error.ts';
import type { SequenceValue } from '../log/write-set.ts';

export class Sequences {
  private readonly values = new Map<number, SequenceValue>();

  /** The committed values, at start. */
  restore(values: ReadonlyMap<number, SequenceValue>): void {
    for (const [oid, value] of values) this.values.set(oid, value);
  }

  value(sequence: Sequence): SequenceValue {
    return this.values.get(sequence.oid) ?? { lastValue: sequence.start, isCalled: false };
  }

  /** The next number. Throws 2200H at the end of a sequence that does not cycle. */
  next(sequence: Sequence): bigint {
    const { lastValue, isCalled } = this.value(sequence);
    let next = isCalled ? lastValue + sequence.increment : lastValue;
    const up = sequence.increment > 0n;
    if (up ? next > sequence.maximum : next < sequence.minimum) {
      if (!sequence.cycle) {
        const [word, limit] = up ? ['maximum', sequence.maximum] : ['minimum', sequence.minimum];
        throw sqlError(
          'sequence_generator_limit_exceeded',
          `nextval: reached ${word} value of sequence "${sequence.name}" (${limit})`,
        );
      }
      next = up ? sequence.minimum : sequence.maximum;
    }
    this.values.set(sequence.oid, { lastValue: next, isCalled: true });
    return next;
  }

  /** setval. Throws 22003 outside the bounds. */
  set(sequence: Sequence, lastValue: bigint, isCalled: boolean): void {
    if (lastValue < sequence.minimum || lastValue > sequence.maximum) {
      throw sqlError(
        'numeric_value_out_of_range',
        `setval: value ${lastValue} is out of bounds for sequence "${sequence.name}" (${sequence.minimum}..${sequence.maximum})`,
      );
    }
    this.values.set(sequence.oid, { lastValue, isCalled });
  }
}
