// The `datagen` connector: made-up rows at a rate. Row n is a function of (seed, n) alone, so the offsets { rows, seed } are all that a
// restart needs. It ends after number-of-rows, or when a sequence has come to its end.
import { randomInt } from 'node:crypto';
import { z } from 'zod';
import { BATCH_ROWS } from '../../columns/batch.ts';
import { BatchBuilder } from '../../columns/batch-builder.ts';
import { Region } from '../../columns/region.ts';
import { RowPacer } from '../row-pacer.ts';
import type { Source } from '../source.ts';
import { LoopSource, type SourceLoop, type SourceParts } from '../source-loop.ts';
import { type DatagenOptions, readDatagenOptions } from './datagen-options.ts';
import { generatorOf } from './field-generator.ts';

const OFFSETS = z.object({ rows: z.number().int().min(0), seed: z.number().int() });

export function datagenSource(parts: SourceParts): Source {
  const options = readDatagenOptions(parts.stream.options, parts.stream.columns);
  return new LoopSource(parts, 64 * 1024 * 1024, (loop) => generate(parts, loop, options));
}

async function generate(parts: SourceParts, loop: SourceLoop, options: DatagenOptions): Promise<void> {
  const { stream, sink, clock } = parts;
  const first = { rows: 0, seed: options.seed ?? randomInt(2 ** 31) };
  const { rows, seed } = parts.from === null ? first : OFFSETS.parse(parts.from.offsets);
  const fields = stream.columns.map((column, i) => {
    const field = options.fields.get(column.name);
    return field === undefined ? null : generatorOf(column.type, field, seed + i * 7919);
  });
  const heap = new Region(parts.arena, loop.owner);
  const builder = new BatchBuilder(
    new Region(parts.arena, loop.owner),
    stream.columns.map((column) => column.type),
    { heap },
  );
  const pacer = new RowPacer(clock, options.rowsPerSecond);
  let next = rows;
  while (!loop.stopped && next < options.rowCount) {
    const count = pacer.due(Math.min(BATCH_ROWS, options.rowCount - next));
    if (count === 0) {
      await loop.sleep(pacer.pause);
      continue;
    }
    builder.reset();
    heap.reset();
    for (let i = 0; i < count; i++) {
      const time = pacer.dueTime(i);
      builder.append(fields.map((field) => (field === null ? null : field(next + i, time))));
    }
    next += count;
    pacer.advance(count);
    await sink.commit(builder.batch(), { rows: next, seed });
  }
}
