// ArrangedSnapshot: rows that an operator keeps, as relations -1, -2, ... of a snapshot, so that the batch engine can run a plan over them.
import { BATCH_ROWS, type Batch } from '../../columns/batch.ts';
import { Region } from '../../columns/region.ts';
import { type ColumnChunk, ROW_GROUP_ROWS, type RowGroup, type Snapshot } from '../../columns/row-group.ts';
import type { BatchPlan } from '../../plan/batch.ts';
import { PHYSICAL_WIDTH, physicalOf, type SqlType } from '../../types/sql-type.ts';
import { type BatchContext, runPace } from '../batch/batch-context.ts';
import { runBatchPlan } from '../batch/run-batch-plan.ts';
import type { RowLayout } from '../rows/row-layout.ts';
import { RowReader } from '../rows/row-store.ts';
import type { JobContext } from './operator.ts';

/** Relation ids of inputs inside the plan that is run: -1, -2, ... */
export function inputScan(port: number, types: readonly SqlType[], names: readonly string[]): BatchPlan {
  const attributes = types.map((_, i) => i + 1);
  return {
    kind: 'table-scan',
    relation: -1 - port,
    alias: `input${port}`,
    attributes,
    filters: [],
    types,
    names,
    rows: 1000,
  };
}

const MEMORY_LIMIT = 256 * 1024 * 1024;
/** of a recursion: it runs at every step, so an endless one would hold up all views */
const MAX_ROUNDS = 10_000;

/** What the batch engine needs besides the inputs. */
export type RecomputeDoors = Pick<BatchContext, 'externalTables' | 'systemRelation' | 'udf'>;

/** Rows with an i64 weight at `weightOffset`. */
export interface ArrangedRows {
  readonly layout: RowLayout;
  readonly weightOffset: number;
  /** about how many */
  readonly count: number;
  /** Addresses in portions of at most BATCH_ROWS at `out`; yields their counts. */
  portions(out: number): Generator<number>;
}

/** Runs a plan over kept rows; `take` gets each batch of its result. */
export async function runOverRows(
  context: JobContext,
  doors: RecomputeDoors,
  plan: BatchPlan,
  inputs: readonly ArrangedRows[],
  take: (batch: Batch) => void,
): Promise<void> {
  const { arena, kernels, functions, evaluation, owner } = context;
  const region = new Region(arena, owner);
  const batchContext: BatchContext = {
    arena,
    kernels,
    functions,
    snapshot: new ArrangedSnapshot(context, region, inputs),
    evaluation,
    memoryLimitBytes: MEMORY_LIMIT,
    workers: null,
    cancel: context.cancel,
    maxRounds: MAX_ROUNDS,
    ...doors,
  };
  const cursor = runBatchPlan(plan, batchContext);
  try {
    for (let batch = await cursor.next(); batch !== null; batch = await cursor.next()) take(batch);
  } finally {
    await cursor.close();
    region.release();
  }
}

/** Arranged rows as the row groups of relations -1, -2, ...: each row as often as its weight says. */
class ArrangedSnapshot implements Snapshot {
  readonly epoch = 1n;
  private readonly context: JobContext;
  private readonly region: Region;
  private readonly inputs: readonly ArrangedRows[];

  constructor(context: JobContext, region: Region, inputs: readonly ArrangedRows[]) {
    this.context = context;
    this.region = region;
    this.inputs = inputs;
  }

  async rowGroups(relation: number, attributes: readonly number[]): Promise<readonly RowGroup[]> {
    const { memory, kernels } = this.context;
    const rows = this.inputs[-1 - relation]!;
    const list = this.region.allocate(BATCH_ROWS * 4);
    const state = this.region.allocate(16);
    const repeated = this.region.allocate(BATCH_ROWS * 4);
    const reader = new RowReader(this.context, this.region, rows.layout, attributes.map((a) => a - 1)); // biome-ignore format: one line
    const types = attributes.map((a) => rows.layout.columns[a - 1]!.type);
    const groups: GroupBuilder[] = [];
    const breathe = runPace(this.context.cancel).pause;
    for (const count of rows.portions(list)) {
      memory.u32.fill(0, state >>> 2, (state >>> 2) + 4);
      for (let done = false; !done; ) {
        await breathe();
        done = kernels.get('rows_repeat')(list, count, rows.weightOffset, state, repeated, BATCH_ROWS) === 0;
        const size = memory.u32[(state >>> 2) + 2]!;
        if (size === 0) continue;
        let group = groups.at(-1);
        if (group === undefined || group.count + size > group.capacity) {
          group = new GroupBuilder(
            this.context,
            this.region,
            types,
            rows.count < 1024 ? 2 * BATCH_ROWS : ROW_GROUP_ROWS,
          );
          groups.push(group);
        }
        group.append(reader.gather(repeated, 0, size), size);
      }
    }
    let base = 1;
    return groups.map((group) => {
      const built = group.build(base);
      base += group.count;
      return built;
    });
  }

  rowCount(relation: number): number {
    return this.inputs[-1 - relation]?.count ?? 0;
  }

  release(): void {}
}

class GroupBuilder {
  count = 0;
  readonly capacity: number;
  private readonly context: JobContext;
  private readonly types: readonly SqlType[];
  private readonly data: readonly number[];
  private readonly nulls: readonly number[];

  constructor(context: JobContext, region: Region, types: readonly SqlType[], capacity: number) {
    this.context = context;
    this.types = types;
    this.capacity = capacity;
    this.data = types.map((type) => region.allocate(capacity * PHYSICAL_WIDTH[physicalOf(type)]));
    this.nulls = types.map(() => region.allocate(capacity));
  }

  append(columns: readonly { data: number; nulls: number }[], size: number): void {
    const { u8 } = this.context.memory;
    this.types.forEach((type, i) => {
      const width = PHYSICAL_WIDTH[physicalOf(type)];
      const { data, nulls } = columns[i]!;
      u8.copyWithin(this.data[i]! + this.count * width, data, data + size * width);
      const at = this.nulls[i]! + this.count;
      if (nulls === 0) u8.fill(0, at, at + size);
      else u8.copyWithin(at, nulls, nulls + size);
    });
    this.count += size;
  }

  build(rowIdBase: number): RowGroup {
    const columns = this.types.map(
      (type, i): ColumnChunk => ({ type, physical: physicalOf(type), data: this.data[i]!, nulls: this.nulls[i]! }),
    );
    return { rowIdBase, rowCount: this.count, columns, insertEpochs: 0, deleteEpochs: 0 };
  }
}
