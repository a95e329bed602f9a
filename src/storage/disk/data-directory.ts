// The data directory: FORMAT (the layout's version), LOCK, log/ (log segments), data/ (segment files of row groups) and
// checkpoints/ (manifests and state files). A directory of a newer version is refused, an older one is opened.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sqlError } from '../../errors/sql-error.ts';
import { lockDirectory } from './directory-lock.ts';
import type { Disk } from './disk.ts';

const FORMAT_VERSION = 1;
export const LOG_FOLDER = 'log';
export const DATA_FOLDER = 'data';
export const CHECKPOINT_FOLDER = 'checkpoints';

/** Locks the directory and checks its version. Returns the lock's release. Throws F0001, F0000. */
export async function claimDataDirectory(directory: string): Promise<() => void> {
  const release = await lockDirectory(directory);
  try {
    const path = join(directory, 'FORMAT');
    if (!existsSync(path)) {
      writeFileSync(path, `headrace ${FORMAT_VERSION}\n`, { flush: true });
      return release;
    }
    const version = Number(/^headrace (\d+)\s*$/.exec(readFileSync(path, 'utf8'))?.[1] ?? Number.NaN);
    if (Number.isInteger(version) && version <= FORMAT_VERSION) return release;
    throw sqlError('config_file_error', 'database files are incompatible with server', {
      detail: Number.isInteger(version)
        ? `The data directory was written in format ${version}, this server knows formats up to ${FORMAT_VERSION}.`
        : `File "${path}" is not a format file of this server.`,
      hint: 'Start the server version that wrote the directory, or choose another directory.',
    });
  } catch (error) {
    release();
    throw error;
  }
}

/** Makes the folders that storage writes to. */
export async function makeFolders(disk: Disk): Promise<void> {
  for (const folder of [LOG_FOLDER, DATA_FOLDER, CHECKPOINT_FOLDER]) await disk.makeFolder(folder);
}
