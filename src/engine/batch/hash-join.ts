// Joins. The right side is built into a JoinTable, left batches probe it: pairs in portions of BATCH_ROWS, gathered into combined
// batches on which the residual is tested. Where every left row has at most one partner the left columns are not copied. Without
// keys (nested loop) all build rows are in one chain. Right and full joins mark build rows and emit the unmarked ones at the end.
import { BATCH_ROWS, type Batch, type Vector } from '../../columns/batch.ts';
import type { BatchPlan } from '../../plan/batch.ts';
import type { Expression } from '../../plan/expression.ts';
import type { JoinType } from '../../plan/logical.ts';
import { compileExpressions } from '../expressions/compile-expression.ts';
import { compilePredicate, type Predicate } from '../expressions/compile-predicate.ts';
import { ColumnDescriptors } from '../rows/row-layout.ts';
import { RowReader, RowStore } from '../rows/row-store.ts';
import { nullVector, rowContext } from './aggregate.ts';
import { type Batches, expressionContext, OperatorMemory, type RunContext } from './batch-context.ts';
import { buildJoinTable, type JoinTable, keyFlags } from './join-table.ts';
import { RowTaker } from './pass-through.ts';

export interface JoinSpec {
  readonly type: JoinType;
  readonly left: BatchPlan;
  readonly right: BatchPlan;
  readonly leftKeys: readonly Expression[];
  readonly rightKeys: readonly Expression[];
  readonly nullsEqual: readonly boolean[];
  readonly residual: Expression | null;
}

export async function* joinRows(spec: JoinSpec, left: Batches, right: Batches, context: RunContext): Batches {
  using own = new OperatorMemory(context);
  let store: RowStore | null = null;
  try {
    const nullAware = spec.type === 'null-aware-anti';
    // NOT IN with several keys or a residual compares every pair: NULL matches anything, so hashing cannot help.
    const isSimple = !nullAware || (spec.leftKeys.length === 1 && spec.residual === null);
    const skip = spec.nullsEqual.reduce((bits, equal, i) => (equal || !isSimple ? bits : bits | (1 << i)), 0);
    const rightKeys = isSimple ? spec.rightKeys : [];
    const extended = isSimple ? spec.right.types : [...spec.right.types, ...spec.rightKeys.map((key) => key.type)];
    const source = isSimple ? right : withKeys(right, spec.rightKeys, context);
    const table = await buildJoinTable(source, extended, rightKeys, skip, context, own, (layout) => {
      store = new RowStore(rowContext(context), layout);
      return store;
    });
    if (nullAware && isSimple) {
      if (table.nullKeys > 0) return;
      if (table.rows === 0) {
        yield* left;
        return;
      }
    }
    if (table.rows === 0 && (spec.type === 'inner' || spec.type === 'semi' || spec.type === 'right')) return;
    yield* new Prober(spec, table, isSimple, context, own).run(left);
  } finally {
    (store as RowStore | null)?.release();
  }
}

async function* withKeys(input: Batches, keys: readonly Expression[], context: RunContext): Batches {
  using own = new OperatorMemory(context);
  const compiled = compileExpressions(keys, expressionContext(context, own));
  for await (const batch of input) {
    own.heap.reset();
    yield { ...batch, columns: [...batch.columns, ...compiled.evaluate(batch, batch.selection, batch.count)] };
  }
}

class Prober {
  private readonly spec: JoinSpec;
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

  constructor(spec: JoinSpec, table: JoinTable, isSimple: boolean, context: RunContext, own: OperatorMemory) {
    this.spec = spec;
    this.table = table;
    this.context = context;
    this.own = own;
    const nullAware = spec.type === 'null-aware-anti';
    const width = spec.right.types.length;
    const keys = isSimple ? table.keys : spec.rightKeys.map((_, i) => table.layout.columns[width + i]!);
    const flags = keyFlags(spec.nullsEqual, nullAware && !isSimple);
    this.descriptors = new ColumnDescriptors(context.memory, own.region, keys, flags);
    this.hashed = isSimple ? keys.length : 0;
    this.skipsNullKeys = nullAware && isSimple;
    const columns = spec.right.types.map((_, i) => i);
    this.reader = new RowReader(rowContext(context), own.region, table.layout, columns);
    this.taker = new RowTaker(context, own, spec.left.types);
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
      const hashKeys = this.context.kernels.get('hash_keys');
      hashKeys(this.descriptors.address, this.hashed, batch.selection, batch.count, this.hashes);
      if (filters && this.residual === null) {
        const found = this.existing(batch, type === 'semi');
        if (found > 0) yield { ...batch, selection: this.list, count: found };
        continue;
      }
      yield* this.pairs(batch, filters);
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
    if (type === 'right' || type === 'full') yield* this.unmatchedRight();
  }

  private withKeysPresent(batch: Batch): Batch {
    const { address, count: columns } = this.descriptors;
    const kernel = this.context.kernels.get('select_keys_present');
    const count = kernel(address, columns, batch.selection, batch.count, this.list2);
    return { ...batch, selection: this.list2, count };
  }

  private existing(batch: Batch, wanted: boolean): number {
    const { heads, mask } = this.table;
    const { address, count } = this.descriptors;
    const kernel = this.context.kernels.get('join_exists');
    return kernel(heads, mask, address, count, this.hashes, batch.selection, batch.count, wanted ? 1 : 0, this.list);
  }

  /** All matching pairs of a batch, the left rows' `matched` bytes and the right rows' marks set on the way. */
  private async *pairs(batch: Batch, filtersOnly: boolean): Batches {
    const { memory, kernels } = this.context;
    const { heads, mask } = this.table;
    const { address, count: columns } = this.descriptors;
    const word = this.state >>> 2;
    memory.u8.fill(0, this.matched, this.matched + BATCH_ROWS);
    memory.u32.fill(0, word, word + 4);
    const probe = kernels.get('join_probe');
    let status: number;
    do {
      status = probe(
        heads, mask, address, columns, this.hashes, batch.selection, batch.count, this.state, this.indexes, this.rows, BATCH_ROWS,
      ); // biome-ignore format: one call
      const made = memory.u32[word + 2]!;
      if (made === 0) continue;
      const out = this.combined(batch, made, memory.u32[word + 3] !== 0);
      if (out !== null && !filtersOnly) yield out;
      const paused = this.context.pause();
      if (paused !== undefined) await paused;
    } while (status !== 0);
  }

  private combined(batch: Batch, made: number, several: boolean): Batch | null {
    const { kernels } = this.context;
    const { type } = this.spec;
    const marksLeft = type !== 'inner' && type !== 'right';
    const marksRight = type === 'right' || type === 'full';
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

  private async *unmatchedRight(): Batches {
    const { kernels } = this.context;
    const { store, layout } = this.table;
    const noLeft = this.spec.left.types.map((type) => nullVector(type, this.context, this.own));
    for (const { address, count } of store.portions()) {
      const found = kernels.get('rows_list')(address, layout.rowBytes, count, 0, this.list);
      if (found === 0) continue;
      yield {
        columns: [...noLeft, ...this.reader.gather(this.list, 0, found)],
        count: found,
        selection: 0,
        weights: 0,
      };
    }
  }
}
