// The `rate` connector: rows (timestamp, value) at a steady rate, value counting from 0. Offsets: { next: the next value }. What a
// stopped source would have made is not made up for.
import { z } from 'zod';
import { BATCH_ROWS } from '../../columns/batch.ts';
import { BatchBuilder } from '../../columns/batch-builder.ts';
import { Region } from '../../columns/region.ts';
import { INT8, TIMESTAMPTZ } from '../../types/sql-type.ts';
import { readOptions } from '../connector-options.ts';
import { RowPacer } from '../row-pacer.ts';
import type { Source } from '../source.ts';
import { LoopSource, type SourceLoop, type SourceParts } from '../source-loop.ts';

/** What every stream of this connector holds. */
export const RATE_COLUMNS = [
  { name: 'timestamp', type: TIMESTAMPTZ },
  { name: 'value', type: INT8 },
] as const;

const OPTIONS = z.strictObject({
  rowspersecond: z.coerce.number().int().min(1).max(10_000_000).default(1).describe('rows_per_second'),
  /** one process makes all rows; accepted because tutorials write it */
  numpartitions: z.coerce.number().int().min(1).default(1).describe('num_partitions'),
});
const OFFSETS = z.object({ next: z.number().int().min(0) });

export function rateOptions(options: Readonly<Record<string, string>>): { readonly rowsPerSecond: number } {
  return { rowsPerSecond: readOptions(OPTIONS, 'rate', options).rowspersecond };
}

/** A source of a stream whose columns are RATE_COLUMNS, in any order and number. */
export function rateSource(parts: SourceParts): Source {
  const { rowsPerSecond } = rateOptions(parts.stream.options);
  return new LoopSource(parts, 16 * 1024 * 1024, (loop) => generate(parts, loop, rowsPerSecond));
}

async function generate(parts: SourceParts, loop: SourceLoop, rowsPerSecond: number): Promise<void> {
  const { stream, sink, clock } = parts;
  const region = new Region(parts.arena, loop.owner);
  const builder = new BatchBuilder(
    region,
    stream.columns.map((column) => column.type),
  );
  const pacer = new RowPacer(clock, rowsPerSecond);
  let next = parts.from === null ? 0 : OFFSETS.parse(parts.from.offsets).next;
  while (!loop.stopped) {
    const count = pacer.due(BATCH_ROWS);
    if (count === 0) {
      await loop.sleep(pacer.pause);
      continue;
    }
    builder.reset();
    for (let i = 0; i < count; i++) {
      const time = pacer.dueTime(i);
      const value = BigInt(next + i);
      builder.append(stream.columns.map(({ name }) => (name === 'value' ? value : name === 'timestamp' ? time : null)));
    }
    next += count;
    pacer.advance(count);
    await sink.commit(builder.batch(), { next });
  }
}
