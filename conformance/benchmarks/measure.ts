// What all benchmarks share: medians of interleaved runs, the line of the report a measurement becomes, and the reasons of skips.

export interface Measured {
  readonly name: string;
  /** what both sides are measured in, for example ms or rows/s */
  readonly unit: string;
  readonly headrace: number;
  readonly peer: { readonly name: string; readonly value: number } | null;
  /** how many times the speed of the peer, or null without one; above 1 Headrace is faster */
  readonly ratio: number | null;
  readonly aim: string;
  readonly met: boolean;
}

export interface Skipped {
  readonly name: string;
  readonly skipped: string;
}

/** A line of a benchmark with columns of its own. */
export interface Line {
  readonly name: string;
  readonly cells: readonly string[];
}

export type Outcome = Measured | Skipped | Line;

export interface BenchSettings {
  /** TPC-H scale factor of the generated tables */
  readonly scale: number;
  /** a short run, to see that everything works */
  readonly quick: boolean;
  readonly port: number;
  /** a regular expression in the names of the measurements to make; where it is not given, all */
  readonly match?: string;
}

export interface Benchmark {
  readonly name: string;
  /** of its table; default: name, Headrace, peer, speed, aim, met */
  readonly columns?: readonly string[];
  /** Reports each outcome as soon as it is there. */
  run(settings: BenchSettings, report: (outcome: Outcome) => void): Promise<void>;
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = q * (sorted.length - 1);
  const low = sorted[Math.floor(at)]!;
  return low + (sorted[Math.ceil(at)]! - low) * (at - Math.floor(at));
}

/** Milliseconds that `work` takes. */
export async function time(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** Medians of `rounds` rounds in which every contender runs once, after one round that does not count. */
export async function interleave(rounds: number, contenders: readonly (() => Promise<number>)[]): Promise<number[]> {
  const taken = contenders.map((): number[] => []);
  for (let round = -1; round < rounds; round++) {
    for (const [i, contender] of contenders.entries()) {
      const value = await contender();
      if (round >= 0) taken[i]!.push(value);
    }
  }
  return taken.map(median);
}

/** A measurement against a peer where less (ms) or more (per second) is better. */
export function compare(
  name: string,
  unit: string,
  headrace: number,
  peer: { name: string; value: number },
  atLeast: number,
): Measured {
  const perSecond = unit.endsWith('/s');
  const ratio = perSecond ? headrace / peer.value : peer.value / headrace;
  return { name, unit, headrace, peer, ratio, aim: `>= ${atLeast}x ${peer.name}`, met: ratio >= atLeast };
}
