// A Headrace server in a process of its own on a loopback port, for benchmarks that speak the wire protocol to it.
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';

export interface HeadraceServer {
  readonly port: number;
  /** its channel for messages, where it was started with one */
  readonly process: ChildProcess;
  stop(): Promise<void>;
}

/**
 * Resolves when the server says that it is ready; rejects with what it wrote when it ends before. `more`: arguments, which win over those
 * given here; `preload`: a module to run in the process first, which then has a channel for messages.
 */
export async function startHeadrace(
  port: number,
  more: readonly string[] = [],
  preload: URL | null = null,
): Promise<HeadraceServer> {
  const main = join(import.meta.dirname, '../../src/main.ts');
  const args = [main, '--data', 'memory', '--port', String(port), '--memory', '3GB', '--log-level', 'error', ...more];
  const channel = preload === null ? (['pipe', 'pipe'] as const) : (['pipe', 'pipe', 'ipc'] as const);
  const before = preload === null ? [] : ['--import', preload.href];
  const child: ChildProcess = spawn(process.execPath, [...before, ...args], { stdio: ['ignore', ...channel] });
  let said = '';
  const ended = new Promise<void>((resolve) => child.on('exit', () => resolve()));
  await new Promise<void>((resolve, reject) => {
    child.stdout!.on('data', (piece: Buffer) => {
      said += piece;
      if (said.includes('Headrace is ready')) resolve();
    });
    child.stderr!.on('data', (piece: Buffer) => {
      said += piece;
    });
    child.on('exit', () => reject(new Error(`the server ended: ${said}`)));
  });
  return {
    port,
    process: child,
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
