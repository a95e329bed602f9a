// The command line of a sandbox child. QuickJS in wasm is the wall between the user's code and the machine; this file
// builds what stands behind that wall, should it ever fall:
//   - Node's permission model: no file but the child's own program can be read, none written, no process, worker or addon
//   - no environment, no descriptors but the pipes of frames, working directory /
//   - on POSIX, ulimit: no core dump, no file can grow, and a coarse limit on data (V8 and wasm reserve address space in
//     amounts that make `ulimit -v` useless; RLIMIT_DATA counts only what is writable, about 0.6 GB in an idle Node)
//   - on Linux, where unshare is allowed, an empty network namespace (Node 24's permission model leaves sockets open)
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const IDLE_NODE_DATA_BYTES = 1 << 30;

export interface SandboxLimits {
  readonly memoryBytes: number;
  readonly timeMs: number;
  /** Longest frame in either direction: the server reads a reply in one go. */
  readonly frameBytes: number;
}

export interface SandboxCommand {
  readonly file: string;
  readonly args: readonly string[];
}

/** The folder of an installed package as the child spells it: it follows no links, whose targets it may not look at. */
function packageFolder(name: string): string {
  const folders = createRequire(import.meta.url)
    .resolve.paths(name)!
    .map((modules) => path.join(modules, name));
  const found = folders.find((folder) => existsSync(path.join(folder, 'package.json')));
  if (found === undefined) throw new Error(`the package ${name} is not installed`);
  return found;
}

function nodeArguments(limits: SandboxLimits): string[] {
  const sandbox = fileURLToPath(new URL('sandbox/', import.meta.url));
  const quickjs = fileURLToPath(import.meta.resolve('@jitl/quickjs-wasmfile-release-sync/wasm'));
  const readable = [
    sandbox,
    packageFolder('quickjs-emscripten-core'),
    packageFolder('@jitl/quickjs-ffi-types'),
    packageFolder('@jitl/quickjs-wasmfile-release-sync'),
  ];
  return [
    '--permission',
    ...readable.map((folder) => `--allow-fs-read=${path.join(folder, '*')}`),
    `--allow-fs-read=${quickjs}`,
    '--preserve-symlinks',
    '--preserve-symlinks-main',
    '--no-addons',
    '--disallow-code-generation-from-strings',
    '--no-warnings',
    '--expose-gc',
    '--v8-pool-size=1',
    '--stack-size=3600',
    `--max-old-space-size=${64 + Math.ceil(limits.memoryBytes / 2 ** 20)}`,
    path.join(sandbox, 'child-entry.ts'),
    String(limits.memoryBytes),
    String(limits.timeMs),
    String(limits.frameBytes),
    quickjs,
  ];
}

function succeeds(file: string, args: readonly string[]): Promise<boolean> {
  return new Promise((resolve) => {
    execFile(file, args, { timeout: 30_000, env: {} }, (error) => resolve(error === null));
  });
}

let networkProbe: Promise<readonly string[]> | undefined;

/** The prefix that gives a command an empty network, or nothing where the system does not allow that. */
function withoutNetwork(): Promise<readonly string[]> {
  networkProbe ??= (async () => {
    if (process.platform !== 'linux') return [];
    for (const prefix of [
      ['/usr/bin/unshare', '--net'],
      ['/usr/bin/unshare', '--user', '--net'],
    ]) {
      if (await succeeds(prefix[0]!, [...prefix.slice(1), '/bin/true'])) return prefix;
    }
    return [];
  })();
  return networkProbe;
}

/** The command that starts a child with these limits on this system. */
export async function sandboxCommand(limits: SandboxLimits): Promise<SandboxCommand> {
  const node = [process.execPath, ...nodeArguments(limits)];
  if (process.platform === 'win32') return { file: node[0]!, args: node.slice(1) };
  const dataKiB = Math.ceil((IDLE_NODE_DATA_BYTES + 3 * limits.memoryBytes) / 1024);
  // `env -i` takes away what the shell itself adds to an empty environment.
  const script = `ulimit -c 0; ulimit -f 0; ulimit -d ${dataKiB} 2>/dev/null; exec /usr/bin/env -i "$@"`;
  return { file: '/bin/sh', args: ['-c', script, 'sh', ...(await withoutNetwork()), ...node] };
}
