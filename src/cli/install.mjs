// First-use set-up, run before npm start, test, demo and the rest, by whatever Node the machine has (20 or newer; hence plain
// JavaScript): installs the locked dependencies when they are missing or older than the lock file. Node 24 comes with them.
// A node_modules that is a link belongs to another folder: npm ci would empty it there, so it is used as it is.
import { spawnSync } from 'node:child_process';
import { existsSync, lstatSync, statSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');
const lock = join(root, 'package-lock.json');
const installed = join(root, 'node_modules', '.package-lock.json');
const linked = lstatSync(join(root, 'node_modules'), { throwIfNoEntry: false })?.isSymbolicLink() === true;

if (!linked && (!existsSync(installed) || statSync(installed).mtimeMs < statSync(lock).mtimeMs - 60_000)) {
  console.log('Installing dependencies (npm ci), once; this takes about half a minute ...');
  const npm = process.env.npm_execpath;
  const args = ['ci', '--no-audit', '--no-fund', '--progress=true'];
  const done = npm === undefined
    ? spawnSync('npm', args, { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' })
    : spawnSync(process.execPath, [npm, ...args], { cwd: root, stdio: 'inherit' });
  if (done.status !== 0) {
    console.error('npm ci failed: see the messages above.');
    process.exit(done.status ?? 1);
  }
}
