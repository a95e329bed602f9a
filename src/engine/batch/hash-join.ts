// Joins. The right side is built into a JoinTable, left batches probe it: pairs in portions of BATCH_ROWS, gathered into combined
// batches on which the residual is tested. Where every left row has at most one partner the left columns are not copied. Without
// keys (nested loop) all build rows are in one chain. Right and full joins mark build rows and emit the unmarked ones at the end.
import { BATCH_ROWS, type Batch, type Vector } from '../../columns/batch.ts';
import { compileExpressions } from '../expressions/compile-expression.ts';
import { compilePredicate, type Predicate } from '../expressions/compile-predicate.ts';
import { ColumnDescriptors } from '../rows/row-layout.ts';
import { RowReader, type RowStore } from '../rows/row-store.ts';
import { type Batches, expressionContext, OperatorMemory, type RunContext } from './batch-context.ts';
import { type BuiltJoin, type JoinSpec, type JoinTable, keyFlags } from './join-table.ts';
import { nullVector } from './null-vector.ts';
import { RowTaker } from './pass-through.ts';
import { inputColumns, type UsedColumns } from './used-columns.ts';

/** All rows of a join with a build side, which is released at the end. */
export async function* joinRows(
  spec: JoinSpec,
  used: UsedColumns,
  left: Batches,
  { table, store, release }: BuiltJoin,
  context: RunContext,
): Batches {
  try {
    if (spec.type === 'null-aware-anti' && spec.byKey) {
      if (table.nullKeys > 0) return;
      if (table.rows === 0 && spec.isPart !== true) {
        yield* left;
        return;
      }
    }
    if (table.rows === 0 && (spec.type === 'inner' || spec.type === 'semi' || spec.type === 'right')) return;
    yield* probeRows(spec, used, table, left, context);
    if (spec.type === 'right' || spec.type === 'full') yield* unmatchedRight(spec, table, store, context);
  } finally {
    release();
  }
}

/** The rows that left batches give; build rows that met none are not among them, but those that met one are marked. */
export async function* probeRows(
  spec: JoinSpec,
  used: UsedColumns,
  table: JoinTable,
  left: Batches,
  context: RunContext,
): Batches {
  using own = new OperatorMemory(context);
  yield* new Prober(spec, used, table, context, own).run(left);
}

async function* unmatchedRight(spec: JoinSpec, table: JoinTable, store: RowStore, context: RunContext): Batches {
  using own = new OperatorMemory(context);
  const noLeft = spec.left.types.map((type) => nullVector(type, context, own));
  const columns = spec.right.types.map((_, i) => i);
  const reader = new RowReader(context, own.region, table.layout, columns);
  const list = own.region.allocate(BATCH_ROWS * 4);
  for (const { address, count } of store.portions()) {
    const found = context.kernels.get('rows_list')(address, table.layout.rowBytes, count, 0, list);
    if (found === 0) continue;
    yield { columns: [...noLeft, ...reader.gather(list, 0, found)], count: found, selection: 0, weights: 0 };
    const paused = context.pause();
    if (paused !== undefined) await paused;
  }
}

class Prober {
  private readonly spec: JoinSpec;
  private readonly marksLeft: boolean;
  private readonly marksRight: boolean;
  private readonly table: JoinTable;
  private readonly context: RunContext;
  private readonly own: OperatorMemory;
  private readonly descriptors: ColumnDescriptors;
  /** how many of the descriptors take part in hashing */
  private readonly hashed: number;
  private readonly skipsNullKeys: boolean;
  private readonly reader: RowReader;
  private readonly taker: RowTaker;
  private readonly residual: Predicate | null;
  private readonly hashes: number;
  private readonly state: number;
  private readonly indexes: number;
  private readonly rows: number;
  private readonly matched: number;
  private readonly list: number;
  private readonly list2: number;

  constructor(spec: JoinSpec, used: UsedColumns, table: JoinTable, context: RunContext, own: OperatorMemory) {
    this.spec = spec;
    this.marksLeft = spec.type !== 'inner' && spec.type !== 'right';
    this.marksRight = spec.type === 'right' || spec.type === 'full';
    this.table = table;
    this.context = context;
    this.own = own;
    const nullAware = spec.type === 'null-aware-anti';
    const { byKey } = spec;
    const width = spec.right.types.length;
    const keys = byKey ? table.keys : spec.rightKeys.map((_, i) => table.layout.columns[width + i]!);
    const flags = keyFlags(spec.nullsEqual, nullAware && !byKey);
    this.descriptors = new ColumnDescriptors(context.memory, own.region, keys, flags);
    this.hashed = byKey ? keys.length : 0;
    this.skipsNullKeys = nullAware && byKey;
    const above = used();
    const needed = above === null ? null : inputColumns(spec.residual, new Set(above));
    const offset = spec.left.types.length;
    const columns = spec.right.types.map((_, i) => i);
    const wanted = columns.map((i) => needed === null || needed.has(offset + i));
    this.reader = new RowReader(context, own.region, table.layout, columns, wanted);
    this.taker = new RowTaker(context, own, spec.left.types, needed);
    this.residual = spec.residual === null ? null : compilePredicate(spec.residual, expressionContext(context, own));
    this.hashes = own.region.allocate(BATCH_ROWS * 4);
    this.state = own.region.allocate(16);
    this.indexes = own.region.allocate(BATCH_ROWS * 4);
    this.rows = own.region.allocate(BATCH_ROWS * 4);
    this.matched = own.region.allocate(BATCH_ROWS);
    this.list = own.region.allocate(BATCH_ROWS * 4);
    this.list2 = own.region.allocate(BATCH_ROWS * 4);
  }

  async *run(left: Batches): Batches {
    const { type } = this.spec;
    const keys = compileExpressions(this.spec.leftKeys, expressionContext(this.context, this.own));
    const filters = type === 'semi' || type === 'anti' || type === 'null-aware-anti';
    for await (const whole of left) {
      this.own.heap.reset();
      const paused = this.context.pause();
      if (paused !== undefined) await paused;
      const vectors = keys.evaluate(whole, whole.selection, whole.count);
      this.descriptors.bind(vectors);
      const batch = this.skipsNullKeys ? this.withKeysPresent(whole) : whole;
      if (this.table.dense === 0) {
        const hashKeys = this.context.kernels.get('hash_keys');
        hashKeys(this.descriptors.address, this.hashed, batch.selection, batch.count, this.hashes);
      }
      if (filters && this.residual === null) {
        const found = this.existing(batch, vectors[0], type === 'semi');
        if (found > 0) yield { ...batch, selection: this.list, count: found };
        continue;
      }
      yield* this.pairs(batch, vectors[0], filters);
      const wanted = type === 'semi' ? 1 : 0;
      if (type === 'inner' || type === 'right') continue;
      const select = this.context.kernels.get('select_flagged');
      const count = select(this.list, this.matched, wanted, batch.selection, batch.count);
      if (count === 0) continue;
      yield {
        ...batch,
        selection: this.list,
        count,
        columns: filters ? batch.columns : [...batch.columns, ...this.noRight()],
      };
    }
  }

  private withKeysPresent(batch: Batch): Batch {
    const { address, count: columns } = this.descriptors;
    const kernel = this.context.kernels.get('select_keys_present');
    const count = kernel(address, columns, batch.selection, batch.count, this.list2);
    return { ...batch, selection: this.list2, count };
  }

  private existing(batch: Batch, key: Vector | undefined, wanted: boolean): number {
    const { heads, size, dense, keys } = this.table;
    const { address, count } = this.descriptors;
    const { kernels } = this.context;
    const { selection } = batch;
    const flag = wanted ? 1 : 0;
    if (dense !== 0) {
      const { data, nulls } = key!;
      const kernel = kernels.get('join_exists_dense');
      return kernel(heads, size, dense, keys[0]!.kind, data, nulls, selection, batch.count, flag, this.list);
    }
    const kernel = kernels.get('join_exists');
    return kernel(heads, size, address, count, this.hashes, selection, batch.count, flag, this.list);
  }

  /** All matching pairs of a batch, the left rows' `matched` bytes and the right rows' marks set on the way. */
  private async *pairs(batch: Batch, key: Vector | undefined, filtersOnly: boolean): Batches {
    const { memory } = this.context;
    const word = this.state >>> 2;
    if (this.marksLeft) memory.u8.fill(0, this.matched, this.matched + BATCH_ROWS);
    memory.u32.fill(0, word, word + 4);
    let status: number;
    do {
      status = this.probe(batch, key);
      const made = memory.u32[word + 2]!;
      if (made === 0) continue;
      const out = this.combined(batch, made, memory.u32[word + 3] !== 0);
      if (out !== null && !filtersOnly) yield out;
      const paused = this.context.pause();
      if (paused !== undefined) await paused;
    } while (status !== 0);
  }

  private probe({ selection, count }: Batch, key: Vector | undefined): number {
    const { kernels } = this.context;
    const { heads, size, dense, unique, keys } = this.table;
    const { address, count: columns } = this.descriptors;
    if (dense !== 0) {
      const { data, nulls } = key!;
      const room = unique ? BATCH_ROWS : this.context.rows();
      return kernels.get('join_probe_dense')(
        heads, size, dense, unique ? 1 : 0, keys[0]!.kind, data, nulls, selection, count, this.state, this.indexes, this.rows, room,
      ); // biome-ignore format: one call
    }
    return kernels.get('join_probe')(
      heads, size, address, columns, this.hashes, selection, count, this.state, this.indexes, this.rows, this.context.rows(),
    ); // biome-ignore format: one call
  }

  private combined(batch: Batch, made: number, several: boolean): Batch | null {
    const { kernels } = this.context;
    const { marksLeft, marksRight } = this;
    let out: Batch;
    if (!several && !marksRight) {
      const right = this.reader.gather(this.rows, this.indexes, made);
      out = { columns: [...batch.columns, ...right], selection: this.indexes, count: made, weights: 0 };
    } else {
      const left = this.taker.take(batch.columns, this.indexes, made);
      out = { columns: [...left, ...this.reader.gather(this.rows, 0, made)], selection: 0, count: made, weights: 0 };
    }
    if (this.residual !== null) {
      const { selection, count } = this.residual.select(out);
      if (count === 0) return null;
      const direct = out.selection !== 0;
      out = { ...out, selection, count };
      if (marksLeft) {
        let indexes = direct ? selection : this.indexes;
        if (!direct && selection !== 0) {
          kernels.get('compose_u32')(this.list, this.indexes, selection, count);
          indexes = this.list;
        }
        kernels.get('set_flags')(this.matched, indexes, count);
      }
      if (marksRight) kernels.get('rows_mark_selected')(this.rows, selection, count);
      return out;
    }
    if (marksLeft) kernels.get('set_flags')(this.matched, this.indexes, made);
    if (marksRight) kernels.get('rows_mark')(this.rows, made);
    return out;
  }

  private nulls: readonly Vector[] | null = null;

  private noRight(): readonly Vector[] {
    this.nulls ??= this.spec.right.types.map((type) => nullVector(type, this.context, this.own));
    return this.nulls;
  }
}
