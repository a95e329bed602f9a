// Real client libraries against a Headrace server: each suite is a program in its own language, built once into a cache outside the
// project with its packages from their registry, and run with the port of a fresh server.
//   node conformance/clients/run-clients.ts [NAME...]
// Ends with 1 when a suite fails, with 77 when every suite asked for is skipped (no toolchain, or its registry is out of reach).
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startHeadrace } from '../headrace-server.ts';

const SOURCES = import.meta.dirname;
const CACHE = process.env.HEADRACE_CLIENT_CACHE ?? join(tmpdir(), 'headrace-client-suites');

type Command = readonly [program: string, ...args: string[]];

interface ClientSuite {
  readonly name: string;
  /** programs that must be on the PATH */
  readonly needs: readonly string[];
  /** run in the copy of the suite's folder until one fails; what they install stays for the next run */
  readonly prepare: readonly Command[];
  /** the port follows */
  readonly run: readonly Command[];
}

const PIP = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', 'requirements.txt'];
const python = (suite: string): Command => ['venv/bin/python', `${suite}_suite.py`];

const SUITES: readonly ClientSuite[] = [
  {
    name: 'python',
    needs: ['python3'],
    prepare: [
      ['python3', '-m', 'venv', 'venv'],
      ['venv/bin/python', ...PIP],
    ],
    run: [python('psycopg'), python('asyncpg'), python('sqlalchemy')],
  },
  {
    name: 'node',
    needs: ['npm'],
    prepare: [['npm', 'install', '--silent', '--no-audit', '--no-fund']],
    run: [[process.execPath, 'suite.mjs']],
  },
  {
    name: 'java',
    needs: ['java', 'javac', 'mvn'],
    prepare: [
      ['mvn', '-q', '-B', 'dependency:copy-dependencies', '-DoutputDirectory=lib'],
      ['javac', '-cp', 'lib/*', '-d', 'classes', 'Suite.java'],
    ],
    run: [['java', '-cp', 'classes:lib/*', 'Suite']],
  },
  {
    name: 'go',
    needs: ['go'],
    prepare: [['go', 'build', '-mod=mod', '-o', 'suite', '.']],
    run: [['./suite']],
  },
  {
    name: 'rust',
    needs: ['cargo'],
    prepare: [['cargo', 'build', '--quiet']],
    run: [['target/debug/headrace-conformance']],
  },
];

const PREPARE_TIMEOUT_MS = 8 * 60_000;
const RUN_TIMEOUT_MS = 3 * 60_000;

function succeeds(command: Command, cwd: string, timeout: number): boolean {
  const [program, ...args] = command;
  return spawnSync(program, args, { cwd, stdio: ['ignore', 'inherit', 'inherit'], timeout }).status === 0;
}

/** Why the suite cannot run here, or null. */
function unprepared(suite: ClientSuite, folder: string): string | null {
  const missing = suite.needs.find((program) => spawnSync('which', [program]).status !== 0);
  if (missing !== undefined) return `${missing} is not installed`;
  cpSync(join(SOURCES, suite.name), folder, { recursive: true });
  const failed = suite.prepare.find((command) => !succeeds(command, folder, PREPARE_TIMEOUT_MS));
  return failed === undefined ? null : `${failed.slice(0, 3).join(' ')} failed: its registry may be out of reach`;
}

async function runSuite(suite: ClientSuite): Promise<'passed' | 'failed' | 'skipped'> {
  const folder = join(CACHE, suite.name);
  mkdirSync(folder, { recursive: true });
  const reason = unprepared(suite, folder);
  if (reason !== null) {
    console.log(`-- skipped: client ${suite.name} (${reason})`);
    return 'skipped';
  }
  const server = await startHeadrace();
  try {
    const good = suite.run.map(([program, ...args]) =>
      succeeds([program, ...args, String(server.port)], folder, RUN_TIMEOUT_MS),
    );
    return good.every(Boolean) ? 'passed' : 'failed';
  } finally {
    await server.stop();
  }
}

const wanted = process.argv.slice(2);
const outcomes: string[] = [];
for (const suite of SUITES) {
  if (wanted.length > 0 && !wanted.includes(suite.name)) continue;
  const outcome = await runSuite(suite);
  console.log(`client ${suite.name}: ${outcome}`);
  outcomes.push(outcome);
}
process.exitCode = outcomes.includes('failed') ? 1 : outcomes.every((outcome) => outcome === 'skipped') ? 77 : 0;
