// psycopg 3 from PyPI, in a virtual environment of its own, against a Headrace server.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startHeadrace } from '../headrace-server.ts';

const directory = mkdtempSync(join(tmpdir(), 'headrace-psycopg-'));
const python = join(directory, 'venv', 'bin', 'python');
const run = (command: string, args: readonly string[]) => spawnSync(command, args, { stdio: 'inherit' }).status === 0;

const server = await startHeadrace();
try {
  const ready =
    run('python3', ['-m', 'venv', join(directory, 'venv')]) &&
    run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', 'psycopg[binary]==3.*']);
  if (!ready) console.log('psycopg could not be installed');
  const good = ready && run(python, [join(import.meta.dirname, 'psycopg_suite.py'), String(server.port)]);
  process.exitCode = good ? 0 : 1;
} finally {
  await server.stop();
  rmSync(directory, { recursive: true, force: true });
}
