// JoinTable: the build side of a join. Rows in a store (columns, then key values that are not plain columns), chained by hash from an
// array of heads. With no keys every row is in one chain, which makes the nested loop a special case.
import { BATCH_ROWS, type Batch, type Vector } from '../../columns/batch.ts';
import type { Expression } from '../../plan/expression.ts';
import type { SqlType } from '../../types/sql-type.ts';
import { compileExpressions } from '../expressions/compile-expression.ts';
import { ColumnDescriptors, KEY_FLAG, type RowColumn, type RowLayout, rowLayout } from '../rows/row-layout.ts';
import type { RowStore } from '../rows/row-store.ts';
import { type Batches, expressionContext, OperatorMemory, type RunContext } from './batch-context.ts';

/** Rows and where their keys are: an input column, or one appended behind the columns. */
export interface KeyedLayout {
  readonly layout: RowLayout;
  readonly keys: readonly RowColumn[];
  /** key expressions that need a column of their own */
  readonly extra: readonly Expression[];
}

export function keyedLayout(types: readonly SqlType[], keys: readonly Expression[], stateBytes = 0): KeyedLayout {
  const extra: Expression[] = [];
  const places = keys.map((key) => (key.kind === 'input' ? key.index : types.length + extra.push(key) - 1));
  const layout = rowLayout([...types, ...extra.map((each) => each.type)], stateBytes);
  return { layout, keys: places.map((place) => layout.columns[place]!), extra };
}

/** Appends the columns and key values of batches to a store. */
export class KeyedAppender {
  readonly store: RowStore;
  private readonly own: OperatorMemory;
  private readonly evaluator: { evaluate(batch: Batch, selection: number, count: number): Vector[] } | null;

  constructor(context: RunContext, own: OperatorMemory, keyed: KeyedLayout, store: RowStore) {
    this.own = own;
    this.store = store;
    this.evaluator = keyed.extra.length === 0 ? null : compileExpressions(keyed.extra, expressionContext(context, own));
  }

  /** Returns the new rows' addresses by batch row index. */
  append(batch: Batch, hashes = 0): number {
    this.own.heap.reset();
    const { columns, selection, count } = batch;
    const extra = this.evaluator === null ? [] : this.evaluator.evaluate(batch, selection, count);
    return this.store.append([...columns, ...extra], selection, count, hashes);
  }
}

export interface JoinTable {
  readonly heads: number;
  readonly mask: number;
  readonly rows: number;
  /** rows left out for a NULL key */
  readonly nullKeys: number;
  readonly layout: RowLayout;
  readonly keys: readonly RowColumn[];
  readonly store: RowStore;
}

/**
 * Reads the build side and links it. `skipNulls`: rows with a NULL in key i are left out of the chains where bit i is set (they
 * stay in the store for right and full joins).
 */
export async function buildJoinTable(
  input: Batches,
  types: readonly SqlType[],
  keyExpressions: readonly Expression[],
  skipNulls: number,
  context: RunContext,
  own: OperatorMemory,
  store: (layout: RowLayout) => RowStore,
): Promise<JoinTable> {
  const keyed = keyedLayout(types, keyExpressions);
  const rows = store(keyed.layout);
  using scratch = new OperatorMemory(context);
  const keys = compileExpressions(keyExpressions, expressionContext(context, scratch));
  const extraKeys = keyExpressions.map((each) => (each.kind === 'input' ? -1 : keyed.extra.indexOf(each)));
  const descriptors = new ColumnDescriptors(context.memory, own.region, keyed.keys);
  const hashes = scratch.region.allocate(BATCH_ROWS * 4);
  const hashKeys = context.kernels.get('hash_keys');
  for await (const batch of input) {
    scratch.heap.reset();
    const { columns, selection, count } = batch;
    const values = keys.evaluate(batch, selection, count);
    descriptors.bind(values);
    hashKeys(descriptors.address, descriptors.count, selection, count, hashes);
    const extra = keyed.extra.map((_, e) => values[extraKeys.indexOf(e)]!);
    rows.append([...columns, ...extra], selection, count, hashes);
  }
  return linkJoinTable(rows, keyed, descriptors, skipNulls, context, own);
}

async function linkJoinTable(
  store: RowStore,
  keyed: KeyedLayout,
  descriptors: ColumnDescriptors,
  skipNulls: number,
  context: RunContext,
  own: OperatorMemory,
): Promise<JoinTable> {
  const rows = store.count;
  const size = descriptors.count === 0 ? 1 : 2 ** Math.max(6, Math.ceil(Math.log2(Math.max(1, rows) * 1.5)));
  const heads = own.region.allocateZeroed(size * 4);
  const link = context.kernels.get('join_link');
  let nullKeys = 0;
  for (const portion of [...store.portions()].reverse()) {
    const { address, count } = portion;
    nullKeys += link(
      heads,
      size - 1,
      address,
      keyed.layout.rowBytes,
      count,
      descriptors.address,
      descriptors.count,
      skipNulls,
    );
    const paused = context.pause();
    if (paused !== undefined) await paused;
  }
  return { heads, mask: size - 1, rows, nullKeys, layout: keyed.layout, keys: keyed.keys, store };
}

/** The null rule of each key for probing: 2 = NULL matches all (null-aware anti joins), 1 = NULLs are equal, 0 = NULL matches nothing. */
export function keyFlags(nullsEqual: readonly boolean[], nullAware: boolean): number[] {
  return nullsEqual.map((equal) => (nullAware ? KEY_FLAG.nullMatches : equal ? KEY_FLAG.nullsEqual : 0));
}
