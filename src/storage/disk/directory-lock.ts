// LOCK: one server per data directory. The file names the holder's process id and start time (so that a reused id, as in a
// restarted container, is not taken for the holder). A dead holder's lock is replaced by rename and read back, so of two
// servers that find the same dead lock one wins. Calls are synchronous: this runs once, at start, on main.
import { randomUUID } from 'node:crypto';
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { sqlError } from '../../errors/sql-error.ts';

const SETTLE_MS = 20;
const held = new Set<string>();

interface Holder {
  readonly pid: number;
  readonly started: string | null;
  readonly token: string;
}

/** Takes the lock of `directory` (made if missing). Returns the release; throws F0001 while another live server holds it. */
export async function lockDirectory(directory: string): Promise<() => void> {
  makeDirectory(directory);
  const real = realpathSync(directory);
  const path = join(real, 'LOCK');
  if (held.has(real)) throw inUse(path, directory, process.pid);
  const mine: Holder = { pid: process.pid, started: startTime(process.pid), token: randomUUID() };
  const temporary = join(real, `LOCK.${mine.token}`);
  try {
    writeFileSync(temporary, JSON.stringify(mine), { flush: true });
  } catch (error) {
    throw unusable('write to', directory, error);
  }
  try {
    if (!tryLink(temporary, path)) {
      refuseIfAlive(path, directory);
      renameSync(temporary, path);
      await sleep(SETTLE_MS);
      const winner = readHolder(path);
      if (winner?.token !== mine.token) throw inUse(path, directory, winner?.pid ?? 0);
    }
  } finally {
    rmSync(temporary, { force: true });
  }
  held.add(real);
  return () => {
    if (!held.delete(real)) return;
    if (readHolder(path)?.token === mine.token) rmSync(path, { force: true });
  };
}

/**
 * Makes the directory and those above it that are missing, one by one: Node's recursive mkdir never returns where a file system refuses with
 * ENOENT, as /proc does.
 */
function makeDirectory(directory: string): void {
  const missing: string[] = [];
  let path = resolve(directory);
  for (; !existsSync(path); path = dirname(path)) missing.unshift(path);
  try {
    for (const one of missing) mkdirSync(one);
    readdirSync(missing.at(-1) ?? path);
  } catch (error) {
    throw unusable(missing.length > 0 ? 'create' : 'open', directory, error);
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'The file system does not take new files there.',
  EACCES: 'The user who runs this server may not read and write there.',
  EPERM: 'The user who runs this server may not read and write there.',
  EROFS: 'The file system is read-only.',
  ENOTDIR: 'A part of the path is a file, not a directory.',
  EEXIST: 'A part of the path is there and is not a directory.',
  ENOSPC: 'The disk is full.',
};

function unusable(action: 'create' | 'open' | 'write to', directory: string, error: unknown): Error {
  const { code, message } = error as NodeJS.ErrnoException;
  return sqlError('io_error', `could not ${action} data directory "${directory}"`, {
    detail: `${REASONS[code ?? ''] ?? ''} (${message})`.trimStart(),
    hint: 'Name another directory with --data, or --data memory to keep nothing.',
  });
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function refuseIfAlive(path: string, directory: string): void {
  const holder = readHolder(path);
  if (holder !== null && isAlive(holder)) throw inUse(path, directory, holder.pid);
}

function inUse(path: string, directory: string, pid: number): Error {
  return sqlError('lock_file_exists', `lock file "${path}" already exists`, {
    detail: `Data directory "${directory}" is in use by process ${pid}.`,
    hint: 'Stop the other server, or start this one on another data directory.',
  });
}

function readHolder(path: string): Holder | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Holder;
  } catch {
    return null; // gone, or torn by a crash while written: nobody holds it
  }
}

function isAlive(holder: Holder): boolean {
  if (holder.pid === process.pid && holder.started === startTime(process.pid)) return true;
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const started = startTime(holder.pid);
  return started === null || holder.started === null || started === holder.started;
}

/** Start time of a process in clock ticks since boot, with the boot's id (Linux; null elsewhere or when it is gone). */
function startTime(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}/${ticks}`;
  } catch {
    return null;
  }
}
