// The demo's data: the flights of vega-datasets (sorted by time in the file), shuffled within each hour by a fixed seed, as COPY text.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { tableFromIPC } from 'apache-arrow';
import { initSync, readParquet } from 'parquet-wasm/esm';

const require = createRequire(import.meta.url);
const HOUR_MS = 3_600_000;

export interface Flights {
  readonly count: number;
  /** Row `i` of the shuffled order as a line of COPY text. */
  line(i: number): string;
}

export function dataFile(name: string): string {
  return join(dirname(require.resolve('vega-datasets')), '..', 'data', name);
}

/** A small seeded generator (mulberry32), so that every run shuffles alike. */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Row numbers, shuffled within each hour of event time. */
function shuffledWithinHours(times: Float64Array): Uint32Array {
  const order = Uint32Array.from(times, (_, i) => i);
  const random = seeded(20010101);
  for (let start = 0; start < order.length; ) {
    const hour = Math.floor(times[start]! / HOUR_MS);
    let end = start + 1;
    while (end < order.length && Math.floor(times[end]! / HOUR_MS) === hour) end++;
    for (let i = end - 1; i > start; i--) {
      const j = start + Math.floor(random() * (i - start + 1));
      const kept = order[i]!;
      order[i] = order[j]!;
      order[j] = kept;
    }
    start = end;
  }
  return order;
}

export function readFlights(limit: number): Flights {
  initSync({ module: readFileSync(require.resolve('parquet-wasm/esm/parquet_wasm_bg.wasm')) });
  const table = tableFromIPC(readParquet(readFileSync(dataFile('flights-3m.parquet'))).intoIPCStream());
  const count = Math.min(limit, table.numRows);
  const column = (name: string) => {
    const values = table.getChild(name);
    if (values === null) throw new Error(`flights-3m.parquet has no column ${name}`);
    return values;
  };
  const times = new Float64Array(count);
  const date = column('date');
  for (let i = 0; i < count; i++) times[i] = Number(date.get(i));
  const numbers = (name: string) => {
    const values = column(name);
    return Int32Array.from({ length: count }, (_, i) => Number(values.get(i)));
  };
  const texts = (name: string) => {
    const values = column(name);
    return Array.from({ length: count }, (_, i) => String(values.get(i)));
  };
  const [delay, distance, origin, destination] = [
    numbers('delay'),
    numbers('distance'),
    texts('origin'),
    texts('destination'),
  ];
  const order = shuffledWithinHours(times);
  return {
    count,
    line(i) {
      const row = order[i]!;
      const time = new Date(times[row]!).toISOString().slice(0, 19).replace('T', ' ');
      return `${time}\t${delay[row]}\t${distance[row]}\t${origin[row]}\t${destination[row]}\n`;
    },
  };
}
