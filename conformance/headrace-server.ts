// A Headrace server in a process of its own, as users run it, for suites that talk to it over the wire.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

export interface HeadraceServer {
  readonly port: number;
  readonly process: ChildProcess;
  stop(): Promise<void>;
}

/** Starts on a free port; resolves when it is ready, rejects with its output when it ends before. */
export async function startHeadrace(options: readonly string[] = ['--data', 'memory']): Promise<HeadraceServer> {
  const main = join(import.meta.dirname, '..', 'src', 'main.ts');
  const child = spawn(process.execPath, [main, '--port', '0', '--memory', '1GB', '--log-level', 'error', ...options], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let errors = '';
  child.stderr!.on('data', (chunk: Buffer) => {
    errors += String(chunk);
  });
  const port = await new Promise<number>((resolve, reject) => {
    child.stdout!.on('data', (chunk: Buffer) => {
      output += String(chunk);
      const ready = /is ready: psql -h \S+ -p (\d+)/.exec(output);
      if (ready !== null) resolve(Number(ready[1]));
    });
    child.once('exit', (code) => reject(new Error(`the server ended with code ${code}: ${errors}${output}`)));
  });
  return {
    port,
    process: child,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}
