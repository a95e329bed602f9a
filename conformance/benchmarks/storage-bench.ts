// Commit latency and bulk append of storage on a real disk. Run: node conformance/benchmarks/storage-bench.ts [directory]
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { batchOf, createTable, openTest, TABLE } from '../../src/storage/storage-fixtures.ts';

const directory = mkdtempSync(join(process.argv[2] ?? tmpdir(), 'headrace-bench-'));
const { storage, region } = await openTest(undefined, { directory });
try {
  await createTable(storage, false);
  const one = { relation: TABLE, batch: batchOf(region, [[1, 'x']]) };
  const times: number[] = [];
  for (let i = 0; i < 300; i++) {
    const start = performance.now();
    await storage.commit({ inserts: [one] });
    times.push(performance.now() - start);
  }
  times.sort((a, b) => a - b);
  console.log(`commit, one at a time: median ${times[150]!.toFixed(2)} ms, 99 % ${times[297]!.toFixed(2)} ms`);
  let start = performance.now();
  await Promise.all(Array.from({ length: 5000 }, () => storage.commit({ inserts: [one] })));
  console.log(`commits, 5000 waiting together: ${Math.round(5_000_000 / (performance.now() - start))} per second`);
  const rows = 20_000;
  const batch = batchOf(region, Array.from({ length: rows }, (_, i) => [i, i % 2 === 0 ? 'short' : `a longer value, number ${i}`])); // biome-ignore format: data
  const transaction = storage.begin();
  start = performance.now();
  for (let i = 0; i < 50; i++) await transaction.insert(TABLE, batch);
  const inserted = performance.now();
  await transaction.commit();
  const end = performance.now();
  console.log(
    `bulk: 1,000,000 rows, insert ${Math.round(inserted - start)} ms, commit ${Math.round(end - inserted)} ms, ${Math.round(1e9 / (end - start))} rows per second`,
  );
} finally {
  await storage.close();
  rmSync(directory, { recursive: true });
}
