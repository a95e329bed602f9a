// LOCK: one server per data directory. The file names the holder's process id and start time (so that a reused id, as in a
// restarted container, is not taken for the holder). A dead holder's lock is replaced by rename and read back, so of two
// servers that find the same dead lock one wins. Calls are synchronous: this runs once, at start, on main.
import { randomUUID } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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
  writeFileSync(temporary, JSON.stringify(mine), { flush: true });
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

function makeDirectory(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw sqlError('io_error', `could not create data directory "${directory}"`, { detail: why });
  }
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
