// The bytes of a text file in chunks of 64 kilobytes: unpacked if its name ends in .gz, without a byte order mark,
// without its first lines where the caller wants that. Small chunks, because what is made of one runs in one go on the main thread.
import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { type SqlError, sqlError } from '../../errors/sql-error.ts';

const CHUNK_BYTES = 65_536;
const LF = 10;

/** Throws 58P01, 42501, XX001 (a broken .gz). `bytes`: no more of the file than that. */
export async function* openText(path: string, skipLines = 0, bytes = Number.POSITIVE_INFINITY): AsyncGenerator<Buffer> {
  const file = createReadStream(path, { highWaterMark: CHUNK_BYTES, end: bytes - 1 });
  const packed = path.endsWith('.gz');
  const input = packed ? file.pipe(createGunzip({ chunkSize: CHUNK_BYTES })) : file;
  file.on('error', (error) => input.destroy(error));
  let left = skipLines;
  let first = true;
  try {
    for await (const read of input) {
      let chunk = read as Buffer;
      if (first && chunk[0] === 0xef && chunk[1] === 0xbb && chunk[2] === 0xbf) chunk = chunk.subarray(3);
      first = false;
      while (left > 0 && chunk.length > 0) {
        const end = chunk.indexOf(LF);
        if (end >= 0) left--;
        chunk = end < 0 ? chunk.subarray(chunk.length) : chunk.subarray(end + 1);
      }
      if (chunk.length > 0) yield chunk;
    }
  } catch (error) {
    throw readError(path, error as NodeJS.ErrnoException);
  } finally {
    file.destroy();
    input.destroy();
  }
}

function readError(path: string, error: NodeJS.ErrnoException): SqlError | Error {
  const what = `could not read file "${path}"`;
  switch (error.code) {
    case 'ENOENT':
      return sqlError('undefined_file', `could not open file "${path}" for reading: No such file or directory`);
    case 'EACCES':
      return sqlError('insufficient_privilege', `could not open file "${path}" for reading: Permission denied`);
    case 'Z_DATA_ERROR':
    case 'Z_BUF_ERROR':
      return sqlError('data_corrupted', what, { detail: error.message, hint: 'It is not a whole gzip file.' });
    default:
      return error.code === undefined ? error : sqlError('io_error', `${what}: ${error.message}`);
  }
}
