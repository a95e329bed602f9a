// fast-check with the seed of the test run: HEADRACE_TEST_SEED repeats all its draws. A failure prints the seed.
import fc from 'fast-check';
import { runSeed } from './seeded-random.ts';

fc.configureGlobal({ seed: runSeed() });

export default fc;
