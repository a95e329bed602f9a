// A file that COPY TO writes: under another name until it is whole, so that readers never see half of it.
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { finished } from 'node:stream/promises';
import { sqlError } from '../errors/sql-error.ts';

export interface CopyOutput {
  write(data: Uint8Array): Promise<void> | void;
  /** takes many rows at once */
  readonly wholeChunks?: boolean;
  /** All rows are written. */
  end(): Promise<void> | void;
  /** After an error: nothing is left behind. Harmless after `end`. */
  abandon(): Promise<void> | void;
}

const NOT_OPENED: Readonly<Record<string, readonly ['undefined_file' | 'insufficient_privilege', string]>> = {
  ENOENT: ['undefined_file', 'No such file or directory'],
  EACCES: ['insufficient_privilege', 'Permission denied'],
};

function writeError(path: string, { code, message }: NodeJS.ErrnoException): Error {
  const refusal = NOT_OPENED[code ?? ''];
  if (refusal !== undefined) {
    return sqlError(refusal[0], `could not open file "${path}" for writing: ${refusal[1]}`, {
      hint: "COPY TO writes a file of the server. For one of the client use psql's \\copy.",
    });
  }
  return sqlError(code === 'ENOSPC' ? 'disk_full' : 'io_error', `could not write to file "${path}": ${message}`);
}

export function openCopyFile(path: string): CopyOutput {
  if (!isAbsolute(path)) throw sqlError('invalid_name', 'relative path not allowed for COPY to file');
  const temporary = `${path}.part-${process.pid}`;
  const stream = createWriteStream(temporary);
  let failure: NodeJS.ErrnoException | null = null;
  let ended = false;
  stream.on('error', (error) => {
    failure = error;
  });
  const check = () => {
    if (failure === null) return;
    throw writeError(path, failure);
  };
  return {
    wholeChunks: true,
    async write(data) {
      check();
      if (!stream.write(Buffer.from(data))) await once(stream, 'drain').catch(() => {}); // an error is kept above
      check();
    },
    async end() {
      stream.end();
      await finished(stream).catch(() => {});
      check();
      await rename(temporary, path);
      ended = true;
    },
    async abandon() {
      if (ended) return;
      stream.destroy();
      await rm(temporary, { force: true });
    },
  };
}
