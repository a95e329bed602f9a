// Builds build/kernels.wasm from assembly/*.ts with AssemblyScript, unless it is newer than every source. Run by npm scripts
// and, so that a fresh checkout works with no build step, by kernel-library.ts on first use.
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const HERE = import.meta.dirname;
const ROOT = join(HERE, '..', '..');
const SOURCES = join(HERE, 'assembly');
export const KERNELS_WASM = join(ROOT, 'build', 'kernels.wasm');

function modified(path: string): number {
  try {
    return statSync(path).mtimeMs;
  } catch {
    return 0;
  }
}

/** True when the compiled library is newer than all its sources. */
export function kernelsAreFresh(): boolean {
  const built = modified(KERNELS_WASM);
  if (built === 0) return false;
  return readdirSync(SOURCES, { recursive: true }).every((name) => modified(join(SOURCES, String(name))) <= built);
}

const LOCK = `${KERNELS_WASM}.lock`;
const STALE_LOCK_MS = 120_000;

/** The lock holds the builder's process id; a builder that was killed leaves it behind. */
function holderIsGone(): boolean {
  if (Date.now() - modified(LOCK) > STALE_LOCK_MS) return true;
  try {
    const holder = Number(readFileSync(LOCK, 'utf8'));
    if (holder > 0) process.kill(holder, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

/** Brings the library up to date unless another process is at it, then waits for that one. Throws with the compiler's own messages. */
export async function buildKernels(): Promise<void> {
  mkdirSync(join(ROOT, 'build'), { recursive: true });
  while (true) {
    try {
      writeFileSync(LOCK, String(process.pid), { flag: 'wx' });
      break;
    } catch {
      if (holderIsGone()) rmSync(LOCK, { force: true });
      await new Promise((resolve) => setTimeout(resolve, 100));
      if (kernelsAreFresh()) return;
    }
  }
  try {
    if (!kernelsAreFresh()) await compileSources();
  } finally {
    rmSync(LOCK, { force: true });
  }
}

async function compileSources(): Promise<void> {
  const started = new Date();
  const { default: asc } = await import('assemblyscript/asc');
  const entries = readdirSync(SOURCES)
    .filter((name) => name.endsWith('.ts'))
    .sort()
    .map((name) => join(SOURCES, name));
  const output = `${KERNELS_WASM}.${process.pid}`;
  const flags = [
    '--runtime', 'stub', '--importMemory', '--sharedMemory', '--initialMemory', '1', '--maximumMemory', '65535', '--noAssert',
    '--enable', 'simd', '--enable', 'threads', '--enable', 'bulk-memory', '-O3',
  ]; // biome-ignore format: flags read better in pairs
  let messages = '';
  const write = (chunk: string | Uint8Array) => {
    messages += String(chunk);
    return true;
  };
  const collect = { write };
  const { error } = await asc.main([...entries, '--outFile', output, ...flags], { stdout: collect, stderr: collect });
  if (error) throw new Error(`kernels did not compile:\n${messages}`);
  utimesSync(output, started, started); // a source edited meanwhile is newer
  renameSync(output, KERNELS_WASM);
  if (messages !== '') writeFileSync(`${KERNELS_WASM}.log`, messages);
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  if (!kernelsAreFresh()) {
    console.log('Compiling the kernels to WebAssembly, once; this takes some ten seconds ...');
    await buildKernels();
  }
}
