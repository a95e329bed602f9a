// `npm run check`: everything that is fast, in well under a minute on two idle cores: types, lint, and the tests but for the slow ones. The first
// failure ends it. `npm test` runs all tests.
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');

/** What they are about takes seconds: many lives, processes that are killed, clocks that run out, thousands of cases. */
const SLOW = [
  'src/testing/sql-tests.test.ts',
  'src/testing/function-cases.test.ts',
  'src/testing/random-views.test.ts',
  'src/testing/random-query-views.test.ts',
  'src/testing/random-predicates.test.ts',
  'src/testing/equal-values.test.ts',
  'src/testing/larger-than-memory.test.ts',
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
];
/** One folder of SQL that goes through everything. */
const SQL = 'sql-tests/regressions';

function part(name: string, command: string, args: readonly string[]): void {
  const began = performance.now();
  const done = spawnSync(command, args, { cwd: root, encoding: 'utf8', shell: process.platform === 'win32' });
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  if (done.status !== 0) {
    process.stderr.write(`${done.stdout}${done.stderr}\n${name} failed after ${seconds} s\n`);
    process.exit(1);
  }
  console.log(`${name.padEnd(8)} ${seconds.padStart(5)} s`);
}

const bin = (name: string): string => join('node_modules', '.bin', name);
const fast = globSync('src/**/*.test.ts', { cwd: root })
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => !SLOW.includes(path))
  .sort();

part('types', bin('tsc'), ['-p', 'tsconfig.json']);
part('lint', bin('biome'), ['check', 'src', 'conformance']);
part('SQL', process.execPath, ['src/testing/slt-command.ts', SQL]);
part('tests', process.execPath, ['--test', '--test-concurrency=2', ...fast]);
console.log(`${fast.length} test files; npm test runs these, ${SLOW.length} slow ones and all of sql-tests`);
