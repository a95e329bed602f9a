// For tests of the stream engine: one over real storage, in memory unless a disk is given, on a virtual clock, with a stream and a table of the columns k, n, ts;
// plans for views, and what a SELECT sees of them.
import assert from 'node:assert/strict';
import { VirtualClock } from '../../base/clock.ts';
import { Catalog } from '../../catalog/catalog.ts';
import type { EmitMode, MaterializedView, Relation, Stream } from '../../catalog/objects.ts';
import type { Batch } from '../../columns/batch.ts';
import { batchRows, buildBatch } from '../../columns/batch-builder.ts';
import type { Arena } from '../../columns/memory.ts';
import { Region } from '../../columns/region.ts';
import type { Snapshot } from '../../columns/row-group.ts';
import { builtinFunctions } from '../../functions/registry.ts';
import type { KernelLibrary } from '../../kernels/kernel-library.ts';
import type { BatchPlan } from '../../plan/batch.ts';
import { openStorage, type Storage, type StorageOptions } from '../../storage/storage.ts';
import type { TableSnapshot } from '../../storage/tables/snapshot.ts';
import { arenaFixture } from '../../testing/arena-fixture.ts';
import { INT8, type SqlType, TEXT, TIMESTAMP } from '../../types/sql-type.ts';
import type { BatchContext } from '../batch/batch-context.ts';
import { aggregateCall, input, type Row, shape } from '../batch/plan-fixture.ts';
import { runBatchPlan } from '../batch/run-batch-plan.ts';
import { scansOf } from './build-dataflow.ts';
import type { CancelFlag } from './step-queue.ts';
import { StreamEngine, type StreamEngineOptions } from './stream-engine.ts';
import type { Subscription } from './subscription.ts';
import type { SubscribeRequest } from './subscriptions.ts';

const PUBLIC_OID = 2200;
export const SECOND = 1_000_000n;
const MINUTE = 60n * SECOND;
const START = 1_000_000n * SECOND;
export const TYPES: readonly SqlType[] = [TEXT, INT8, TIMESTAMP]; // k, n, ts
export const STREAM = 30_000;
export const TABLE = 30_001;
/** of the first view; the others come behind it */
export const VIEW = 30_010;

const columns = (types: readonly SqlType[], names: readonly string[]) =>
  types.map((type, i) => ({
    name: names[i]!,
    attribute: i + 1,
    type,
    notNull: false,
    defaultSql: null,
    generated: null,
  }));
const base = (oid: number, name: string) => ({ oid, name, schemaOid: PUBLIC_OID, owner: 10 });

export function stream(oid: number, name: string, changes: Partial<Stream> = {}): Stream {
  return {
    ...base(oid, name), kind: 'stream', connector: 'internal', options: {}, format: null, encode: null, columns: columns(TYPES, ['k', 'n', 'ts']),
    watermark: { attribute: 3, delayMicros: 10n * SECOND, idleTimeoutMicros: null }, onLate: { kind: 'reject' }, onError: { kind: 'reject' },
    constraints: [], ...changes,
  }; // biome-ignore format: one object
}

export function scan(relation: number, types: readonly SqlType[] = TYPES): BatchPlan {
  return {
    kind: 'table-scan',
    relation,
    alias: 'x',
    attributes: types.map((_, i) => i + 1),
    filters: [],
    ...shape(types),
  };
}

export const countByKey = (source: BatchPlan): BatchPlan => ({
  kind: 'aggregate', input: source, groupBy: [input(TEXT, 0)], aggregates: [aggregateCall('count()', INT8, [])], groupingSets: null,
  ...shape([TEXT, INT8]),
}); // biome-ignore format: one plan

/** window_end and count per minute */
export function windowed(source: BatchPlan): BatchPlan {
  const window = { kind: 'tumble' as const, sizeMicros: MINUTE, offsetMicros: 0n };
  const types = [...TYPES, TIMESTAMP, TIMESTAMP, TIMESTAMP];
  const assigned: BatchPlan = {
    kind: 'window-assign',
    input: source,
    window,
    time: input(TIMESTAMP, 2),
    partitionBy: [],
    ...shape(types),
  };
  return {
    kind: 'aggregate', input: assigned, groupBy: [input(TIMESTAMP, 4)], aggregates: [aggregateCall('count()', INT8, [])], groupingSets: null,
    ...shape([TIMESTAMP, INT8]),
  }; // biome-ignore format: one plan
}

/** A subscription to the first view, which is `countByKey`. */
export const followed = {
  relation: VIEW,
  plan: scan(VIEW, [TEXT, INT8]),
  query: 'q',
  processId: 1,
  snapshot: true,
  progress: false,
  maxQueuedRows: 100,
};

/** All pairs of rows. */
export const product = (left: BatchPlan, right: BatchPlan): BatchPlan => ({
  kind: 'nested-loop-join', type: 'inner', left, right, condition: null, ...shape([...left.types, ...right.types]),
}); // biome-ignore format: one plan

export const at = (seconds: number) => BigInt(seconds) * SECOND;

/** As a session has it: `set` cancels the statement. */
export function cancelFlag(): CancelFlag & { set(): void } {
  return {
    cancelled: false,
    onCancel: null,
    set() {
      this.cancelled = true;
      this.onCancel?.();
    },
  };
}

/** What the promise gives, if it does within that many turns of the event loop. */
export async function within<T>(turns: number, promise: Promise<T>): Promise<T> {
  let settled = false;
  const watched = promise.finally(() => {
    settled = true;
  });
  watched.catch(() => {});
  for (let i = 0; i < turns && !settled; i++) await new Promise((resolve) => setImmediate(resolve));
  if (!settled) throw new Error(`not there after ${turns} turns`);
  return watched;
}

interface Life {
  readonly disk?: NonNullable<StorageOptions['disk']>;
  readonly clock?: VirtualClock;
  readonly plans?: Map<number, BatchPlan>;
}

export class StreamFixture {
  readonly arena: Arena;
  readonly kernels: KernelLibrary;
  readonly storage: Storage;
  readonly clock: VirtualClock;
  /** of views, by oid */
  readonly plans: Map<number, BatchPlan>;
  engine: StreamEngine;

  private constructor(
    arena: Arena,
    kernels: KernelLibrary,
    storage: Storage,
    clock: VirtualClock,
    plans: Map<number, BatchPlan>,
  ) {
    this.arena = arena;
    this.kernels = kernels;
    this.storage = storage;
    this.clock = clock;
    this.plans = plans;
    this.engine = this.make({});
  }

  /** With the stream and the table, or with what is on the disk, over which another fixture may have had these plans and this clock. */
  static async open({ disk, clock, plans }: Life = {}): Promise<StreamFixture> {
    const { arena, kernels } = arenaFixture(256 << 20);
    const initialCatalog = Catalog.of([{ kind: 'schema', object: { oid: PUBLIC_OID, name: 'public', owner: 10 } }]);
    let made: StreamFixture | null = null;
    await openStorage({
      directory: null,
      ...(disk === undefined ? {} : { disk }),
      arena,
      initialCatalog,
      beforeReplay: async (storage) => {
        made = new StreamFixture(arena, kernels, storage, clock ?? new VirtualClock(START), plans ?? new Map());
        await made.engine.start();
      },
    });
    const fixture = made! as StreamFixture;
    fixture.engine.begin();
    if (fixture.storage.catalog().relations.has(TABLE)) return fixture;
    await fixture.put(stream(STREAM, 's'));
    await fixture.put({
      ...base(TABLE, 't'),
      kind: 'table',
      columns: columns(TYPES, ['k', 'n', 'ts']),
      constraints: [],
      temporary: false,
    });
    return fixture;
  }

  private make(options: Partial<StreamEngineOptions>): StreamEngine {
    const { arena, kernels, storage, clock } = this;
    const planView = (view: MaterializedView) => this.plans.get(view.oid)!;
    return new StreamEngine({
      arena,
      kernels,
      storage,
      functions: () => builtinFunctions(),
      planView,
      clock,
      ...options,
    });
  }

  /** The engine begins anew over what there is. */
  async restart(options: Partial<StreamEngineOptions> = {}): Promise<void> {
    await this.engine.close();
    this.engine = this.make(options);
    await this.engine.start();
    this.engine.begin();
  }

  async close(): Promise<void> {
    await this.engine.close();
    await this.storage.close();
  }

  view(oid: number, plan: BatchPlan, emit: EmitMode = { kind: 'changes' }): MaterializedView {
    this.plans.set(oid, plan);
    const names = plan.types.map((_, i) => `c${i}`);
    return {
      ...base(oid, `v${oid}`),
      kind: 'materialized-view',
      sql: '',
      searchPath: [],
      emit,
      options: {},
      columns: columns(plan.types, names),
    };
  }

  async put(relation: Relation): Promise<void> {
    await this.storage.commit({ catalog: { changes: [{ action: 'put', kind: 'relation', object: relation }] } });
  }

  async drop(relation: number): Promise<void> {
    await this.storage.commit({ catalog: { changes: [{ action: 'drop', kind: 'relation', oid: relation }] } });
  }

  async insert(relation: number, rows: readonly Row[]): Promise<bigint> {
    const owner = this.arena.addOwner(67_108_864);
    try {
      const batch = buildBatch(new Region(this.arena, owner), TYPES, rows);
      return await this.storage.commit({ inserts: [{ relation, batch }] });
    } finally {
      this.arena.freeOwner(owner);
    }
  }

  /** What is filled beside the steps from now on does not get its first rows before the returned function is called. */
  holdLoads(): () => void {
    const { storage } = this;
    const gate = Promise.withResolvers<void>();
    const open = storage.snapshot.bind(storage);
    storage.snapshot = () => {
      const snapshot = open();
      const again = snapshot.again.bind(snapshot);
      snapshot.again = () => {
        const held = again();
        const rowGroups = held.rowGroups.bind(held);
        held.rowGroups = (relation, attributes) => gate.promise.then(() => rowGroups(relation, attributes));
        return held;
      };
      return snapshot;
    };
    return () => {
      storage.snapshot = open;
      gate.resolve();
    };
  }

  /** The contents as a SELECT sees them. */
  async read(relation: number): Promise<string[]> {
    const snapshot = this.storage.snapshot();
    try {
      await this.engine.waitFor([relation]);
      return await this.select(this.scanOf(relation), snapshot);
    } finally {
      snapshot.release();
    }
  }

  /** Reads the views as one statement that begins in this turn does: each holds the rows of its query at the epoch of the snapshot. */
  async check(...relations: readonly number[]): Promise<void> {
    const snapshot = this.storage.snapshot();
    try {
      await this.engine.waitFor(relations.flatMap((oid) => [oid, ...scansOf(this.plans.get(oid)!)]));
      await this.checkAt(snapshot, relations);
    } finally {
      snapshot.release();
    }
  }

  async checkAt(snapshot: TableSnapshot, relations: readonly number[]): Promise<void> {
    for (const relation of relations) {
      const rows = await this.select(this.scanOf(relation), snapshot);
      const wanted = await this.select(this.plans.get(relation)!, snapshot);
      assert.deepEqual(rows, wanted, `view ${relation} at epoch ${snapshot.epoch}`);
    }
  }

  scanOf(relation: number): BatchPlan {
    return scan(relation, this.storage.tables.table(relation).columns.map(({ type }) => type)); // biome-ignore format: one line
  }

  /** The rows of a plan at a snapshot, sorted. */
  async select(plan: BatchPlan, snapshot: TableSnapshot): Promise<string[]> {
    const cursor = runBatchPlan(plan, this.batchContext(snapshot));
    const rows: string[] = [];
    for (let batch = await cursor.next(); batch !== null; batch = await cursor.next()) rows.push(...this.texts(batch));
    await cursor.close();
    return rows.sort();
  }

  subscribe(request: Omit<SubscribeRequest, 'rowsAt'>): Promise<Subscription> {
    const rowsAt = (snapshot: Snapshot) => runBatchPlan(request.plan, this.batchContext(snapshot));
    return this.engine.subscribe({ ...request, rowsAt });
  }

  private batchContext(snapshot: Snapshot): BatchContext {
    const { arena, kernels } = this;
    return {
      arena, kernels, functions: builtinFunctions(), snapshot, evaluation: { nowMicros: 0n, timeZone: 'UTC' }, memoryLimitBytes: 67_108_864,
      workers: null, cancel: { cancelled: false },
    }; // biome-ignore format: one object
  }

  texts(batch: Batch): string[] {
    return batchRows(this.arena.shared, batch).map((row) =>
      row.map((value) => (value === null ? '.' : String(value))).join(' '),
    );
  }
}
