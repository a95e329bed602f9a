// `npm run check`: everything that is fast, in well under a minute on two idle cores: types, lint and some SQL beside the tests but for the
// slow ones. The first failure ends it. `npm test` runs all tests.
import { spawn } from 'node:child_process';
import { globSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');

/** What they are about takes seconds: many lives, processes that are killed, clocks that run out, thousands of cases. */
const SLOW = [
  'src/testing/sql-tests.test.ts',
  'src/testing/sql-tests-as-views.test.ts',
  'src/testing/function-cases.test.ts',
  'src/testing/random-views.test.ts',
  'src/testing/random-nested-views.test.ts',
  'src/testing/random-query-views.test.ts',
  'src/testing/random-stream-views.test.ts',
  'src/testing/random-predicates.test.ts',
  'src/testing/equal-values.test.ts',
  'src/testing/changes-larger-than-memory.test.ts',
  'src/testing/larger-than-memory.test.ts',
  'src/testing/larger-than-work-mem.test.ts',
  'src/testing/flipped-bytes.test.ts',
  'src/session/turns.test.ts',
  'src/session/consistent-views.test.ts',
  'src/session/two-sessions.test.ts',
  'src/engine/batch/operators.test.ts',
  'src/storage/big-commits.test.ts',
  'src/testing/generated-code.test.ts',
  'src/engine/batch/worker-road.test.ts',
  'src/engine/stream/incremental.test.ts',
  'src/session/bad-files.test.ts',
  'src/server/disk-failure.test.ts',
  'src/server/mutated-bytes.test.ts',
  'src/server/half-messages.test.ts',
  'src/server/pgwire/robustness.test.ts',
  'src/connectors/file-tables.test.ts',
  'src/udf/udf-limits.test.ts',
  'src/udf/udf-types.test.ts',
  'src/server/kernel-trap.test.ts',
  'src/engine/stream/interruption.test.ts',
  'src/engine/stream/bounded-views.test.ts',
  'src/engine/stream/shared-queries.test.ts',
  'src/engine/stream/first-rows.test.ts',
  'src/session/long-texts.test.ts',
  'src/sql/dialects/two-roads.test.ts',
  'src/sql/parser/fuzz.test.ts',
];
/** One folder of SQL that goes through everything. */
const SQL = 'sql-tests/regressions';

/** A test that takes longer hangs: it fails by name and the others go on. */
const TEST_TIMEOUT_MS = 120_000;

/** Each test file is a process of its own and loads most of src: compiled code is kept from one to the next, and between runs. */
const env = { ...process.env, NODE_COMPILE_CACHE: join(root, 'build', 'compile-cache') };
const stop = new AbortController();

/** Runs a command to its end. Throws, with all it said, when it fails. */
function part(name: string, command: string, args: readonly string[]): Promise<void> {
  const began = performance.now();
  const child = spawn(command, args, { cwd: root, env, signal: stop.signal, shell: process.platform === 'win32' });
  const output: Buffer[] = [];
  child.stdout.on('data', (bytes: Buffer) => output.push(bytes));
  child.stderr.on('data', (bytes: Buffer) => output.push(bytes));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      const seconds = ((performance.now() - began) / 1000).toFixed(1);
      if (code !== 0) return reject(new Error(`${Buffer.concat(output)}\n${name} failed after ${seconds} s`));
      console.log(`${name.padEnd(8)} ${seconds.padStart(5)} s`);
      resolve();
    });
  });
}

const bin = (name: string): string => join('node_modules', '.bin', name);
const fast = globSync('src/**/*.test.ts', { cwd: root })
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => !SLOW.includes(path))
  .sort();

async function besideTests(): Promise<void> {
  await part('types', bin('tsc'), ['-p', 'tsconfig.json']);
  await part('lint', bin('biome'), ['check', 'src', 'conformance']);
  await part('SQL', process.execPath, ['src/testing/slt-command.ts', SQL]);
}

const tests = ['--test', '--test-concurrency=2', `--test-timeout=${TEST_TIMEOUT_MS}`, ...fast];
try {
  await Promise.all([besideTests(), part('tests', process.execPath, tests)]);
  console.log(`${fast.length} test files; npm test runs these, ${SLOW.length} slow ones and all of sql-tests`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
  stop.abort();
}
