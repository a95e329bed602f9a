// How fast COPY's formats are read and written: a million rows of five columns. Run: node conformance/benchmarks/formats-bench.ts
import { Arena, SharedMemory } from '../../src/columns/memory.ts';
import { Region } from '../../src/columns/region.ts';
import { CopyReader } from '../../src/connectors/formats/copy-reader.ts';
import { readDelimitedOptions } from '../../src/connectors/formats/delimited-options.ts';
import { KernelLibrary } from '../../src/kernels/kernel-library.ts';
import { FLOAT8, INT4, INT8, TEXT, TIMESTAMP } from '../../src/types/sql-type.ts';

const ROWS = 1_000_000;
const arena = Arena.create(SharedMemory.reserve(512 * 1024 * 1024));
const kernels = KernelLibrary.instantiate(await KernelLibrary.compile(), arena.shared.memory);
const columns = [INT4, INT8, FLOAT8, TEXT, TIMESTAMP].map((type, i) => ({ name: `c${i}`, type }));

function sample(delimiter: string): Buffer[] {
  const chunks: Buffer[] = [];
  let text = '';
  for (let i = 0; i < ROWS; i++) {
    const values = [
      i,
      i * 1_000_003,
      (i % 100_000) / 100,
      `customer ${i % 1000}`,
      `2024-03-01 12:${10 + (i % 50)}:${10 + (i % 49)}.${100 + (i % 900)}`,
    ];
    text += `${values.join(delimiter)}\n`;
    if (text.length < 65_536) continue;
    chunks.push(Buffer.from(text));
    text = '';
  }
  chunks.push(Buffer.from(text));
  return chunks;
}

for (const format of ['text', 'csv'] as const) {
  const options = readDelimitedOptions({ format }, 'from');
  const chunks = sample(options.delimiter);
  const bytes = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  for (let round = 0; round < 3; round++) {
    const owner = arena.addOwner(64 * 1024 * 1024);
    const reader = new CopyReader(new Region(arena, owner), kernels, columns, options);
    const started = performance.now();
    let rows = 0;
    for (const chunk of chunks) for (const batch of reader.push(chunk)) rows += batch.count;
    for (const batch of reader.end()) rows += batch.count;
    const ms = performance.now() - started;
    arena.freeOwner(owner);
    console.log(`read ${format}: ${rows} rows in ${ms.toFixed(0)} ms, ${(bytes / ms / 1000).toFixed(0)} MB/s`);
  }
}
