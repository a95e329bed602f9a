// Recompute: a part of the plan that has no incremental form (window functions, LIMIT, recursion, what decorrelation left) or no
// input at all (VALUES) is run by the batch engine over its arranged inputs at each step that changes them; the difference
// to the last result goes on. Rule: emit f(A + dA) - f(A). An error of the run is the view's error until a run succeeds.
import { BATCH_ROWS, type Batch } from '../../columns/batch.ts';
import { Region } from '../../columns/region.ts';
import { type ColumnChunk, ROW_GROUP_ROWS, type RowGroup, type Snapshot } from '../../columns/row-group.ts';
import { SqlError } from '../../errors/sql-error.ts';
import type { BatchPlan } from '../../plan/batch.ts';
import { PHYSICAL_WIDTH, physicalOf, type SqlType } from '../../types/sql-type.ts';
import type { BatchContext } from '../batch/batch-context.ts';
import { runBatchPlan } from '../batch/run-batch-plan.ts';
import { RowReader } from '../rows/row-store.ts';
import { AddressList } from './address-list.ts';
import type { JobContext, Operator, Outlet, Work } from './operator.ts';
import { RowEmitter, WeightedRows } from './weighted-rows.ts';

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

export class RecomputeOperator implements Operator {
  private readonly context: JobContext;
  private readonly outlet: Outlet;
  private readonly plan: BatchPlan;
  private readonly inputs: readonly WeightedRows[];
  private readonly result: WeightedRows;
  private readonly emitter: RowEmitter;
  private readonly changed: AddressList;
  private readonly deltas: AddressList;
  private readonly doors: RecomputeDoors;
  private readonly list: number;
  private dirty = true;

  constructor(
    context: JobContext,
    outlet: Outlet,
    plan: BatchPlan,
    inputTypes: readonly (readonly SqlType[])[],
    doors: RecomputeDoors,
  ) {
    this.context = context;
    this.outlet = outlet;
    this.plan = plan;
    this.doors = doors;
    this.inputs = inputTypes.map((types) => new WeightedRows(context, types, 0, 'identity'));
    this.result = new WeightedRows(context, plan.types, 16, 'identity');
    this.emitter = new RowEmitter(context, context.region, this.result.layout);
    this.list = context.region.allocate(BATCH_ROWS * 4);
    this.changed = new AddressList(context.arena, context.owner);
    this.deltas = new AddressList(context.arena, context.owner, 8);
  }

  push(batch: Batch, port: number): void {
    this.inputs[port]!.add(batch);
    this.dirty = true;
  }

  *flush(): Work {
    if (!this.dirty) return;
    this.dirty = false;
    for (const input of this.inputs) input.rest();
    const { errors } = this.context;
    let failure: unknown = null;
    yield this.run().catch((error: unknown) => {
      failure = error;
    });
    if (failure !== null && !(failure instanceof SqlError)) throw failure;
    errors.set(this, failure as SqlError | null);
    if (failure !== null) this.forgetNew();
    else yield* this.emitDifference();
  }

  /** Counts the new result's rows in the second word of each row's state. */
  private async run(): Promise<void> {
    const { arena, kernels, functions, evaluation, owner } = this.context;
    const region = new Region(arena, owner);
    const snapshot = new ArrangedSnapshot(this.context, region, this.inputs);
    const context: BatchContext = {
      arena,
      kernels,
      functions,
      snapshot,
      evaluation,
      memoryLimitBytes: MEMORY_LIMIT,
      workers: null,
      cancel: { cancelled: false },
      ...this.doors,
    };
    const cursor = runBatchPlan(this.plan, context);
    try {
      for (let batch = await cursor.next(); batch !== null; batch = await cursor.next()) {
        this.result.add({ ...batch, weights: 0 }, this.result.weightOffset + 8);
      }
    } finally {
      await cursor.close();
      region.release();
    }
  }

  /** All rows, old and new: the second word replaces the first. */
  private *emitDifference(): Work {
    const { kernels } = this.context;
    const { result } = this;
    kernels.get('changes_rest')(result.touched.address, result.touched.count);
    result.touched.clear();
    let count = 0;
    for (const part of result.portions(this.list)) {
      this.changed.count = count;
      this.deltas.count = count;
      const rows = this.changed.reserve(part);
      const deltas = this.deltas.reserve(part);
      count += kernels.get('changes_replace')(this.list, part, result.weightOffset, rows, deltas);
    }
    this.changed.count = 0;
    this.deltas.count = 0;
    yield* this.emitter.emit(this.outlet, this.changed.address, this.deltas.address, count);
    const dead = kernels.get('rows_select_zero')(
      this.changed.address,
      count,
      result.weightOffset,
      0,
      this.changed.address,
    );
    result.table.free(this.changed.address, dead);
    result.table.store.compactHeap();
  }

  private forgetNew(): void {
    const { kernels } = this.context;
    const { touched, weightOffset } = this.result;
    kernels.get('rows_clear_i64')(touched.address, weightOffset + 8, 8, touched.count);
    this.result.rest();
  }

  release(): void {
    for (const input of this.inputs) input.release();
    this.result.release();
    this.changed.release();
    this.deltas.release();
  }
}

/** What the batch engine needs besides the inputs. */
export type RecomputeDoors = Pick<BatchContext, 'externalTables' | 'systemRelation' | 'udf'>;

/** Arranged rows as the row groups of relations -1, -2, ...: each row as often as its weight says. */
class ArrangedSnapshot implements Snapshot {
  readonly epoch = 1n;
  private readonly context: JobContext;
  private readonly region: Region;
  private readonly inputs: readonly WeightedRows[];

  constructor(context: JobContext, region: Region, inputs: readonly WeightedRows[]) {
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
    for (const count of rows.portions(list)) {
      memory.u32.fill(0, state >>> 2, (state >>> 2) + 4);
      for (let done = false; !done; ) {
        done = kernels.get('rows_repeat')(list, count, rows.weightOffset, state, repeated, BATCH_ROWS) === 0;
        const size = memory.u32[(state >>> 2) + 2]!;
        if (size === 0) continue;
        let group = groups.at(-1);
        if (group === undefined || group.count + size > group.capacity) {
          group = new GroupBuilder(
            this.context,
            this.region,
            types,
            rows.table.count < 1024 ? 2 * BATCH_ROWS : ROW_GROUP_ROWS,
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
    return this.inputs[-1 - relation]?.table.count ?? 0;
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
