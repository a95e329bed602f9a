// Starts the wire server over a ScriptedSession, for tests.
import { Arena, SharedMemory } from '../columns/memory.ts';
import { KernelLibrary } from '../kernels/kernel-library.ts';
import { listen, type PgServer, type PgServerOptions } from '../server/pgwire/listener.ts';
import type { RoleVerifier } from '../session/session-contract.ts';
import { ScriptedFactory } from './scripted-session.ts';

const MEMORY_BYTES = 64 * 1024 * 1024;

const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

export interface TestServer extends AsyncDisposable {
  readonly server: PgServer;
  readonly factory: ScriptedFactory;
  readonly arena: Arena;
}

let module: Promise<WebAssembly.Module> | null = null;

export async function startTestServer(
  options: Partial<PgServerOptions> = {},
  roles: Readonly<Record<string, RoleVerifier>> = { tester: { kind: 'trust' } },
): Promise<TestServer> {
  module ??= KernelLibrary.compile();
  const arena = Arena.create(SharedMemory.reserve(MEMORY_BYTES));
  const kernels = KernelLibrary.instantiate(await module, arena.shared.memory);
  const factory = new ScriptedFactory(arena, roles);
  const encoder = { arena, kernels };
  const server = await listen({ host: '127.0.0.1', port: 0, factory, encoder, log: quiet, ...options });
  return { server, factory, arena, [Symbol.asyncDispose]: () => server.close() };
}
