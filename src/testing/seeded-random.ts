// Random numbers that a seed repeats, for tests that sample: a failing run prints its seed, and the seed makes it fail again.

/** Numbers in [0, 1): the mulberry32 generator. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Whole numbers from 0 to below a limit. */
export function randomBelow(seed: number): (limit: number) => number {
  const random = seededRandom(seed);
  return (limit) => Math.floor(random() * limit);
}

/** What generators of random queries choose by. */
export class RandomChoices {
  protected readonly random: () => number;

  /** `random`: numbers in [0, 1) */
  constructor(random: () => number) {
    this.random = random;
  }

  protected below(limit: number): number {
    return Math.floor(this.random() * limit);
  }
  protected pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }
  protected chance(probability: number): boolean {
    return this.random() < probability;
  }
}

/** A seed of its own for each of many things under one seed. */
export function seedOf(seed: number, name: string): number {
  let hash = seed >>> 0;
  for (const letter of name) hash = Math.imul(hash ^ letter.codePointAt(0)!, 16_777_619) >>> 0;
  return hash;
}

/** The seed of a test run: HEADRACE_TEST_SEED, or a new one. */
export function runSeed(): number {
  const set = process.env.HEADRACE_TEST_SEED;
  return set === undefined ? Math.floor(Math.random() * 1_000_000) : Number(set);
}
