// interval's field restriction, as in INTERVAL '90' MINUTE or a column of type interval day to second: what unit a bare number has, what
// is cut off behind the last field, and the bits of the type modifier (PostgreSQL's interval_scale).
import type { Interval } from './datum.ts';
import type { IntervalFields } from './sql-type.ts';

const BITS = { year: 1 << 2, month: 1 << 1, day: 1 << 3, hour: 1 << 10, minute: 1 << 11, second: 1 << 12 } as const;
type Field = keyof typeof BITS;
const ORDER: readonly Field[] = ['year', 'month', 'day', 'hour', 'minute', 'second'];
const ALL_FIELDS = 0x7fff;

const MASKS = new Map<number, IntervalFields>();
for (const [i, first] of ORDER.entries()) {
  for (const last of ORDER.slice(i)) {
    if (first === 'year' && last !== 'year' && last !== 'month') continue;
    if (first === 'month' && last !== 'month') continue;
    const mask = ORDER.slice(i, ORDER.indexOf(last) + 1).reduce((bits, field) => bits | BITS[field], 0);
    MASKS.set(mask, (first === last ? first : `${first} to ${last}`) as IntervalFields);
  }
}
const MASK_OF = new Map([...MASKS].map(([mask, fields]) => [fields, mask]));

/** The upper half of interval's type modifier. */
export function maskOfFields(fields: IntervalFields | undefined): number {
  return fields === undefined ? ALL_FIELDS : MASK_OF.get(fields)!;
}

export function fieldsOfMask(mask: number): IntervalFields | undefined {
  return MASKS.get(mask);
}

export function lastField(fields: IntervalFields | undefined): Field {
  return (fields?.split(' ').at(-1) as Field | undefined) ?? 'second';
}

const MICROS_PER_MINUTE = 60_000_000n;
const MICROS_PER_HOUR = 60n * MICROS_PER_MINUTE;

/** The interval without what is finer than the last field. */
export function cutToFields(interval: Interval, fields: IntervalFields | undefined): Interval {
  const { months, micros } = interval;
  switch (lastField(fields)) {
    case 'second':
      return interval;
    case 'year':
      return { kind: 'interval', months: months - (months % 12), days: 0, micros: 0n };
    case 'month':
      return { kind: 'interval', months, days: 0, micros: 0n };
    case 'day':
      return { ...interval, micros: 0n };
    case 'hour':
      return { ...interval, micros: micros - (micros % MICROS_PER_HOUR) };
    case 'minute':
      return { ...interval, micros: micros - (micros % MICROS_PER_MINUTE) };
  }
}
