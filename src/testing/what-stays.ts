// What stays of clients that have left: sessions that live on, blocks of the arena, and the JavaScript heap behind a collection. A process's
// resident memory says none of that: it is a high water mark, of garbage too.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { ClientSession } from '../session/session.ts';
import type { RealServer } from './real-server.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Bytes of objects that can be reached, and of the buffers that they hold outside the heap. */
export function heapBytes(): number {
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

export interface Stays {
  /** objects of sessions, and of the connections that they were made for, that can be reached */
  readonly sessions: number;
  readonly connections: number;
  readonly arenaBytes: number;
  readonly heapBytes: number;
}

/** Watches the sessions that a server opens from now on; the answer tells what is there when all but `clients` of them have ended. */
export function watchSessions({ database, server }: RealServer): (clients: number) => Promise<Stays> {
  const states: WeakRef<object>[] = [];
  const connections: WeakRef<object>[] = [];
  const factory = database.sessions;
  const open = factory.openSession.bind(factory);
  factory.openSession = async (startup) => {
    const session = await open(startup);
    // biome-ignore lint/complexity/useLiteralKeys: it is private
    states.push(new WeakRef((session as ClientSession)['state']));
    connections.push(new WeakRef(startup.client));
    return session;
  };
  const living = (all: readonly WeakRef<object>[]) => all.filter((one) => one.deref() !== undefined).length;
  return async (clients) => {
    for (let i = 0; i < 1000 && server.connectionCount > clients; i++) await new Promise((go) => setTimeout(go, 10));
    await new Promise((go) => setTimeout(go, 20)); // what was looked at lives until the turn is over
    const heap = heapBytes();
    return {
      sessions: living(states),
      connections: living(connections),
      arenaBytes: database.arena.usage().usedBytes,
      heapBytes: heap,
    };
  };
}
