// What a directory holds: the files that match, as they are now, and the identity by which a file is known again. A file is known by its
// path and its beginning: one that has grown or was touched is the same file, one with another beginning or shorter is a new one.
import { createHash } from 'node:crypto';
import { glob, open, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';

export const IDENTITY = z.object({
  path: z.string(),
  size: z.number(),
  /** milliseconds since 1970 */
  mtime: z.number(),
  /** hash of the first bytes, up to HEAD_BYTES, of the `size` there were */
  head: z.string(),
});
export type FileIdentity = z.infer<typeof IDENTITY>;

export interface FoundFile {
  readonly path: string;
  readonly size: number;
  readonly mtime: number;
}

const HEAD_BYTES = 4096;
/** Hidden files, and files that programs write before they rename them. */
const UNFINISHED = /^[._]|(?:\.(?:tmp|temp|part|partial|swp|crdownload)|~)$/;

/** The files that match, oldest first. */
export async function listFiles(where: { readonly directory: string; readonly pattern: string }): Promise<FoundFile[]> {
  const found: FoundFile[] = [];
  for await (const name of glob(where.pattern, { cwd: where.directory })) {
    if (UNFINISHED.test(basename(name))) continue;
    const path = join(where.directory, name);
    const about = await stat(path).catch(() => null);
    if (about?.isFile() === true) found.push({ path, size: about.size, mtime: about.mtimeMs });
  }
  return found.sort((a, b) => a.mtime - b.mtime || (a.path < b.path ? -1 : 1));
}

/** Hash of the first bytes of a file, of the `size` it is taken to have. */
async function headOf(path: string, size: number): Promise<string> {
  const file = await open(path);
  try {
    const bytes = Buffer.alloc(Math.min(size, HEAD_BYTES));
    const { bytesRead } = await file.read(bytes, 0, bytes.length, 0);
    return createHash('sha256').update(bytes.subarray(0, bytesRead)).digest('base64url').slice(0, 22);
  } finally {
    await file.close();
  }
}

export async function identify({ path, size, mtime }: FoundFile): Promise<FileIdentity> {
  return { path, size, mtime, head: await headOf(path, size) };
}

/** Whether the file found is the one known, perhaps grown since. */
export async function isSameFile(known: FileIdentity, found: FoundFile): Promise<boolean> {
  if (found.size === known.size && found.mtime === known.mtime) return true;
  return found.size >= known.size && (await headOf(found.path, known.size)) === known.head;
}
