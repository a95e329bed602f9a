// DatabaseServices: what a session asks of the database around it. database.ts wires the real ones together.

import type { CatalogSnapshot } from '../catalog/objects.ts';
import type { Arena } from '../columns/memory.ts';
import type { Connectors } from '../connectors/connectors.ts';
import type { UdfCaller } from '../engine/batch/batch-context.ts';
import type { KeptPrograms } from '../engine/batch/kept-programs.ts';
import type { SpillSpace } from '../engine/batch/spill-file.ts';
import type { StreamEngine } from '../engine/stream/stream-engine.ts';
import type { WorkerPool } from '../engine/workers/worker-pool.ts';
import type { FunctionRegistry } from '../functions/registry.ts';
import type { KernelLibrary } from '../kernels/kernel-library.ts';
import type { Storage } from '../storage/storage.ts';
import type { UdfHost } from '../udf/udf-host.ts';
import type { ActivityRegistry } from './activity.ts';
import type { AdvisoryLocks } from './advisory-locks.ts';
import type { NotificationHub } from './notifications.ts';
import type { CancelFlag } from './session-state.ts';

export interface DatabaseServices {
  readonly arena: Arena;
  readonly kernels: KernelLibrary;
  readonly workers: WorkerPool | null;
  readonly storage: Storage;
  /** temporary files */
  readonly spill: SpillSpace;
  readonly streams: StreamEngine;
  readonly connectors: Connectors;
  readonly udf: UdfHost;
  readonly activity: ActivityRegistry;
  readonly notifications: NotificationHub;
  readonly advisoryLocks: AdvisoryLocks;
  /** what was compiled of remembered plans */
  readonly programs: KeptPrograms;
  readonly options: ServerOptions;
  /** Built-in functions plus the catalog's user functions. */
  functions(catalog: CatalogSnapshot): FunctionRegistry;
  /** How plans reach user-defined functions. */
  udfCaller(catalog: CatalogSnapshot, cancel: CancelFlag): UdfCaller;
  /** A SCRAM-SHA-256 verifier for a clear-text password; a verifier stays as it is. */
  createVerifier(password: string): string;
}

export interface ServerOptions {
  /** COPY and read_* on files of the server, and the `files` connector */
  readonly serverFiles: boolean;
  readonly dataDirectory: string | null;
  readonly startedAtMs: number;
  readonly port: number;
  readonly version: string;
}
