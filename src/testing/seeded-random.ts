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
