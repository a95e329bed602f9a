// Files of the server: whether they may be read at all, and which ones a path with wildcards names.
import { glob, stat } from 'node:fs/promises';
import { sqlError } from '../errors/sql-error.ts';

/** 42501 unless the server was started with access to its files. */
export function requireServerFiles(allowed: boolean): void {
  if (allowed) return;
  throw sqlError('insufficient_privilege', 'permission denied to read or write files of the server', {
    hint: 'Start the server with --server-files, or use COPY FROM STDIN and COPY TO STDOUT.',
  });
}

/** The files a path or a list of paths names, `*`, `?`, `[...]` and `**` expanded, in order. Throws 58P01 when there is none. */
export async function namedFiles(paths: unknown): Promise<string[]> {
  const files: string[] = [];
  for (const path of Array.isArray(paths) ? paths : [paths]) {
    if (typeof path !== 'string') throw sqlError('invalid_parameter_value', 'a file must be named by text');
    const found: string[] = [];
    if (/[*?[]/.test(path)) for await (const name of glob(path)) found.push(name);
    else found.push(path);
    if (found.length === 0) throw sqlError('undefined_file', `no files match "${path}"`);
    files.push(...found.sort());
  }
  for (const file of files) {
    const about = await stat(file).catch(() => null);
    if (about === null)
      throw sqlError('undefined_file', `could not open file "${file}" for reading: No such file or directory`);
    if (about.isDirectory())
      throw sqlError('wrong_object_type', `"${file}" is a directory`, { hint: `Write '${file}/*' for its files.` });
  }
  return files;
}
