// Composition root: opens memory, kernels, workers, storage, streams, connectors and functions, and makes sessions over them. The
// only place where everything is wired together; it does nothing else.
import { userInfo } from 'node:os';
import type { Clock } from './base/clock.ts';
import { type InitialRole, initialCatalog } from './catalog/initial-catalog.ts';
import type { CatalogSnapshot } from './catalog/objects.ts';
import { Arena, type MemoryDamage, SharedMemory } from './columns/memory.ts';
import { Connectors } from './connectors/connectors.ts';
import { KeptPrograms } from './engine/batch/kept-programs.ts';
import { SpillSpace } from './engine/batch/spill-file.ts';
import { SourceRunner } from './engine/jobs/source-runner.ts';
import { StreamEngine } from './engine/stream/stream-engine.ts';
import { WorkerPool } from './engine/workers/worker-pool.ts';
import { sqlError } from './errors/sql-error.ts';
import { builtinFunctions, type FunctionRegistry } from './functions/registry.ts';
import { KernelLibrary } from './kernels/kernel-library.ts';
import { createScramVerifier } from './server/pgwire/scram.ts';
import { ActivityRegistry } from './session/activity.ts';
import { AdvisoryLocks } from './session/advisory-locks.ts';
import { NotificationHub } from './session/notifications.ts';
import type { DatabaseServices } from './session/services.ts';
import type { SessionFactory } from './session/session-contract.ts';
import { DatabaseSessions } from './session/session-factory.ts';
import { dropAbandonedSchemas } from './session/temporary-schema.ts';
import { udfCaller } from './session/udf-caller.ts';
import { planView } from './session/view-plans.ts';
import type { Disk } from './storage/disk/disk.ts';
import { RecoveryProgress } from './storage/recovery-progress.ts';
import { openStorage, type Storage } from './storage/storage.ts';
import { typeOperations } from './types/type-operations.ts';
import { UdfHost } from './udf/udf-host.ts';

export const VERSION = '0.1.0';

export interface DatabaseOptions {
  /** data directory; null: in memory */
  readonly data: string | null;
  /** bytes of shared memory to reserve */
  readonly memory: number;
  /** worker threads; 0: everything on this one */
  readonly workers: number;
  readonly serverFiles: boolean;
  readonly port: number;
  readonly host: string;
  /** of the superusers that the first start makes; null: trust on loopback only */
  readonly password: string | null;
  /** instead of the directory's own, for tests */
  readonly disk?: Disk;
  /** see StorageOptions, for tests */
  readonly narrowAtOnce?: boolean;
  /** of a call of a user's function, for tests; default a second */
  readonly udfTimeoutMs?: number;
  /** of timers of continuous queries; default the real one */
  readonly clock?: Clock;
  readonly log?: { info(message: string): void; warn(fields: object, message: string): void };
  /** Called in the turn in which damage of the shared memory shows; must end the process. By default only commits are refused from then on. */
  readonly damaged?: (damage: MemoryDamage) => void;
}

export interface Database {
  readonly arena: Arena;
  readonly kernels: KernelLibrary;
  readonly services: DatabaseServices;
  readonly sessions: SessionFactory;
  /** Resolves when sources wait for time to pass, and all that was committed has gone through the continuous queries. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

/** Constants in views are folded without a session: UTC, and functions of the clock are never folded. */
const VIEW_EVALUATION = { nowMicros: 0n, timeZone: 'UTC' };
/** One compiled program is kept per so many bytes of memory; most take a hundredth of that. */
const BYTES_PER_PROGRAM = 8 * 1024 * 1024;
const LOOPBACK = ['127.0.0.1', '::1', 'localhost'];

/** As initdb does: superusers and databases `postgres` and the name of who started the server. */
function firstRoles(password: string | null): readonly InitialRole[] {
  const verifier = password === null ? null : createScramVerifier(password);
  const names = [...new Set(['postgres', userInfo().username])];
  return names.map((name) => ({ name, superuser: true, login: true, verifier }));
}

function refuseOpenDoor(options: DatabaseOptions, catalog: CatalogSnapshot): void {
  if (LOOPBACK.includes(options.host)) return;
  if ([...catalog.roles.values()].some((role) => role.verifier !== null)) return;
  throw sqlError('config_file_error', `refusing to listen on ${options.host}: no role has a password`, {
    hint: "Set HEADRACE_PASSWORD at the first start, or ALTER ROLE postgres PASSWORD '...' over loopback.",
  });
}

export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const memory = SharedMemory.reserve(options.memory);
  const arena = Arena.create(memory);
  const module = await KernelLibrary.compile();
  const damaged = (damage: MemoryDamage) => {
    arena.condemn();
    options.damaged?.(damage);
  };
  const kernels = KernelLibrary.instantiate(module, memory, damaged);
  const roles = firstRoles(options.password);
  const udf = new UdfHost({
    maxChildren: 2,
    callTimeoutMs: options.udfTimeoutMs ?? 1000,
    memoryLimitBytes: 128 * 1024 * 1024,
    ...(options.log === undefined ? {} : { logger: options.log }),
  });
  const functions = builtinFunctions();
  let made = null as StreamEngine | null;
  const storage = await openStorage({
    directory: options.data,
    arena,
    // continuous queries take up the checkpoint's state, and the replayed log after it
    beforeReplay: async (opened) => {
      made = openStreams(options, { arena, kernels, storage: opened, udf, functions });
      await made.start();
    },
    ...(options.disk === undefined ? {} : { disk: options.disk }),
    ...(options.clock === undefined ? {} : { clock: options.clock }),
    progress: new RecoveryProgress((line) => options.log?.info(line)),
    narrowAtOnce: options.narrowAtOnce === true,
    initialCatalog: initialCatalog({ roles, databases: roles.map((role) => role.name) }),
    formatDatum: (type, value) => typeOperations(type).formatText(value, type),
  }).catch(async (error: unknown) => {
    await udf.close();
    throw error;
  });
  const streams = made!;
  const workers = options.workers > 0 ? new WorkerPool({ size: options.workers, arena, module, damaged }) : null;
  try {
    refuseOpenDoor(options, storage.catalog());
    streams.begin();
    await dropAbandonedSchemas(storage);
    const spill = new SpillSpace(options.data);
    const services = wire(options, { arena, kernels, workers, storage, spill, udf, streams, functions });
    const sources = startSources(services, options.clock);
    return {
      arena,
      kernels,
      services,
      sessions: new DatabaseSessions(services),
      async settled() {
        await sources.rest();
        await services.streams.settled();
      },
      async close() {
        await sources.close();
        services.streams.hurry();
        if (options.data !== null && storage.failure === null) await storage.checkpoint();
        await services.streams.close();
        await udf.close();
        await workers?.close();
        await spill.close();
        await storage.close();
      },
    };
  } catch (error) {
    await streams.close();
    await udf.close();
    await workers?.close();
    await storage.close();
    throw error;
  }
}

/** Connectors begin to read once everything that they feed stands. */
function startSources(
  { arena, storage, streams, connectors, options }: DatabaseServices,
  clock: Clock | undefined,
): SourceRunner {
  const settings = { serverFiles: options.serverFiles, ...(clock === undefined ? {} : { clock }) };
  const runner = new SourceRunner({
    arena,
    storage,
    ingest: streams.ingest,
    openSource: (stream, sink, from) => connectors.startSource(stream, sink, from, settings),
  });
  runner.start();
  return runner;
}

interface Parts {
  readonly arena: Arena;
  readonly kernels: KernelLibrary;
  readonly workers: WorkerPool | null;
  readonly storage: Storage;
  readonly spill: SpillSpace;
  readonly udf: UdfHost;
  readonly streams: StreamEngine;
  readonly functions: FunctionRegistry;
}

function openStreams(options: DatabaseOptions, parts: Omit<Parts, 'workers' | 'streams' | 'spill'>): StreamEngine {
  const { arena, kernels, storage, udf, functions } = parts;
  return new StreamEngine({
    arena,
    kernels,
    storage,
    ...(options.clock === undefined ? {} : { clock: options.clock }),
    functions: () => functions,
    planView: (view, catalog) =>
      planView(view, catalog, { arena, kernels, functions, evaluation: VIEW_EVALUATION }, storage),
    doors: { udf: { call: (id, args, rows) => udfCaller(udf, storage.catalog(), null).call(id, args, rows) } },
  });
}

function wire(options: DatabaseOptions, parts: Parts): DatabaseServices {
  const { arena, kernels, udf, functions } = parts;
  const connectors = new Connectors({ arena, kernels });
  return {
    ...parts,
    connectors,
    activity: new ActivityRegistry(),
    notifications: new NotificationHub(),
    advisoryLocks: new AdvisoryLocks(),
    programs: new KeptPrograms(Math.ceil(options.memory / BYTES_PER_PROGRAM)),
    options: {
      serverFiles: options.serverFiles,
      dataDirectory: options.data,
      startedAtMs: Date.now(),
      port: options.port,
      version: VERSION,
    },
    functions: () => functions,
    udfCaller: (catalog, cancel) => udfCaller(udf, catalog, cancel),
    createVerifier: createScramVerifier,
  };
}
