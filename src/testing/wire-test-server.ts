// Starts the wire server over a ScriptedSession, for tests.
import type { Arena } from '../columns/memory.ts';
import { listen, type PgServer, type PgServerOptions } from '../server/pgwire/listener.ts';
import type { RoleVerifier } from '../session/session-contract.ts';
import { arenaFixture } from './arena-fixture.ts';
import { ScriptedFactory } from './scripted-session.ts';

const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

export interface TestServer extends AsyncDisposable {
  readonly server: PgServer;
  readonly factory: ScriptedFactory;
  readonly arena: Arena;
}

export async function startTestServer(
  options: Partial<PgServerOptions> = {},
  roles: Readonly<Record<string, RoleVerifier>> = { tester: { kind: 'trust' } },
): Promise<TestServer> {
  const { arena, kernels } = arenaFixture();
  const factory = new ScriptedFactory(arena, roles);
  const encoder = { arena, kernels };
  const server = await listen({ host: '127.0.0.1', port: 0, factory, encoder, log: quiet, ...options });
  return { server, factory, arena, [Symbol.asyncDispose]: () => server.close() };
}
