// Files of the server: whether they may be read at all, and which ones a path with wildcards names.
import { glob, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { sqlError } from '../errors/sql-error.ts';

/** 42501 unless the server was started with access to its files. */
export function requireServerFiles(allowed: boolean): void {
  if (allowed) return;
  throw sqlError('insufficient_privilege', 'permission denied to read or write files of the server', {
    hint: 'Start the server with --server-files, or use COPY FROM STDIN and COPY TO STDOUT.',
  });
}

/** The files a path or a list of paths names, `*`, `?`, `[...]`, `**` and directories expanded, in order. Throws 58P01 when there is none, 0A000 for an address. */
export async function namedFiles(paths: unknown): Promise<string[]> {
  const files: string[] = [];
  for (const path of Array.isArray(paths) ? paths : [paths]) {
    if (typeof path !== 'string') throw sqlError('invalid_parameter_value', 'a file must be named by text');
    refuseAddress(path);
    const pattern = /[*?[]/.test(path);
    const about = pattern ? null : await stat(path).catch(() => null);
    if (!pattern && about === null)
      throw sqlError('undefined_file', `could not open file "${path}" for reading: No such file or directory`);
    const found = pattern ? await matching(path) : about!.isDirectory() ? await matching(`${path}/**/*`) : [path];
    if (found.length === 0) throw sqlError('undefined_file', `no files match "${path}"`);
    files.push(...found.sort());
  }
  return files;
}

/** s3://bucket/x.parquet and its kin are no files of the server. */
function refuseAddress(path: string): void {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(path)?.[1];
  if (scheme === undefined) return;
  throw sqlError('feature_not_supported', `reading from ${scheme}:// is not supported`, {
    hint: 'Fetch the file first, and name it by its path on the server.',
  });
}

/** Files only, and none that is hidden (.x), a mark (_SUCCESS) or being written. */
async function matching(pattern: string): Promise<string[]> {
  const found: string[] = [];
  for await (const name of glob(pattern)) {
    if (/^[._]|\.part-\d+$/.test(basename(name)) || !(await stat(name)).isFile()) continue;
    found.push(name);
  }
  return found;
}
