// Join of any type. Rule: d(A ⋈ B) = dA ⋈ B + A ⋈ dB + dA ⋈ dB, had by joining each batch of one side with what the other side holds
// so far, then adding it to its own; the pairs go on as they are found, a batch at a time. A row of an outer side stands alone (NULLs for the other side) while it has no match; semi and
// anti joins emit the left row itself. Those rows keep their number of matches m, and a change dm emits weight * ([m + dm <= 0] - [m <= 0]).
// Without keys every pair is tested, which is meant for small sides.
import { allocateVector, BATCH_ROWS, type Batch, type OwnedVector, type Vector } from '../../columns/batch.ts';
import { Region } from '../../columns/region.ts';
import type { Expression } from '../../plan/expression.ts';
import type { JoinType } from '../../plan/logical.ts';
import { PHYSICAL_WIDTH, type SqlType } from '../../types/sql-type.ts';
import { compilePredicate, type Predicate } from '../expressions/compile-predicate.ts';
import { widthShift } from '../rows/row-layout.ts';
import { ClosedBound } from './closed-windows.ts';
import { Expiry } from './expiry.ts';
import { withoutFailing } from './job-errors.ts';
import type { JoinExpiry } from './join-bounds.ts';
import { JoinSide } from './join-side.ts';
import { expressionContext, type JobContext, type Operator, type Outlet, pause, type Work } from './operator.ts';
import type { StateReader, StateWriter } from './state-file.ts';
import type { WindowEnd } from './window-close.ts';

const ROOM = BATCH_ROWS;
const SIDES = ['left', 'right'] as const;

export interface JoinDefinition {
  readonly type: Exclude<JoinType, 'null-aware-anti'>;
  readonly leftTypes: readonly SqlType[];
  readonly rightTypes: readonly SqlType[];
  readonly leftKeys: readonly Expression[];
  readonly rightKeys: readonly Expression[];
  readonly nullsEqual: readonly boolean[];
  readonly residual: Expression | null;
  /** until when the rows of either side can find partners, where that ends */
  readonly expiry: JoinExpiry;
  /** until when they matter: their windows close */
  readonly closed: JoinExpiry;
}

export class JoinOperator implements Operator {
  readonly ageless = 'a join';
  private readonly context: JobContext;
  private readonly outlet: Outlet;
  private readonly type: JoinDefinition['type'];
  private readonly sides: readonly [JoinSide, JoinSide];
  private readonly expiries: readonly [Expiry | null, Expiry | null];
  private readonly closed: readonly [ClosedBound | null, ClosedBound | null];
  private readonly heap: Region;
  private readonly residualHeap: Region;
  private readonly predicate: Predicate | null;
  private readonly taken: readonly [readonly OwnedVector[], readonly OwnedVector[]];
  private readonly nulls: readonly [readonly Vector[], readonly Vector[]];
  private readonly indexes: number;
  private readonly partners: number;
  private readonly pairWeights: number;
  private readonly sums: number;
  private readonly weights: number;
  private readonly state: number;
  private readonly chosen: number;

  constructor(context: JobContext, outlet: Outlet, join: JoinDefinition) {
    this.context = context;
    this.outlet = outlet;
    this.type = join.type;
    this.heap = new Region(context.arena, context.owner);
    this.residualHeap = new Region(context.arena, context.owner);
    const strict = join.leftKeys.map((_, i) => i).filter((i) => !join.nullsEqual[i]);
    this.sides = [
      new JoinSide(context, this.heap, join.leftTypes, join.leftKeys, strict),
      new JoinSide(context, this.heap, join.rightTypes, join.rightKeys, strict),
    ];
    const expiry = (side: number, end: WindowEnd | null) =>
      end === null ? null : new Expiry(context, end, this.sides[side]!.rows.layout.columns[end.column]!);
    const { left, right } = join.expiry;
    this.expiries = [expiry(0, left ?? join.closed.left), expiry(1, right ?? join.closed.right)];
    const closed = (end: WindowEnd | null) => (end === null ? null : new ClosedBound(context, end));
    this.closed = [closed(join.closed.left), closed(join.closed.right)];
    this.predicate =
      join.residual === null ? null : compilePredicate(join.residual, expressionContext(context, this.residualHeap));
    const { region } = context;
    const own = (types: readonly SqlType[]) => types.map((type) => allocateVector(region, type));
    this.taken = [own(join.leftTypes), own(join.rightTypes)];
    this.nulls = [nullVectors(context, join.leftTypes), nullVectors(context, join.rightTypes)];
    this.indexes = region.allocate(ROOM * 4);
    this.partners = region.allocate(ROOM * 4);
    this.pairWeights = region.allocate(ROOM * 8);
    this.sums = region.allocate(BATCH_ROWS * 8);
    this.weights = region.allocate(BATCH_ROWS * 8);
    this.chosen = region.allocate(BATCH_ROWS * 4);
    this.state = region.allocate(16);
  }

  /** Whether rows of that side stand alone, or for themselves, and so count their matches. */
  private counts(side: number): boolean {
    if (this.type === 'inner') return false;
    return side === 0 ? this.type !== 'right' : this.type === 'right' || this.type === 'full';
  }

  *push(batch: Batch, side: number): Work {
    this.heap.reset();
    const mine = this.sides[side]!;
    let keys: readonly Vector[] = [];
    const { memory, errors } = this.context;
    const good = withoutFailing(memory, this.heap, batch, errors, (part) => {
      keys = mine.evaluateKeys(part);
    });
    if (good.count === 0) return;
    const present = mine.withKeys(good, keys);
    if (present.count < good.count && this.counts(side)) yield* this.emitUnmatchable(good, present, side);
    if (present.count === 0) return;
    this.expiries[side]?.note(good.columns, present.selection, present.count);
    yield* this.join({ ...good, ...present }, keys, side);
  }

  /** Rows whose partners would all be late, or whose windows have closed, leave the state; what they gave stays. */
  *advance(watermarkMicros: bigint): Work {
    for (const [i, side] of this.sides.entries()) {
      this.closed[i]?.advance(watermarkMicros);
      const expiry = this.expiries[i]!;
      if (expiry === null) continue;
      for (const count of expiry.expired(side.rows, watermarkMicros)) {
        side.forget(expiry.list, count);
        yield pause(this.context);
      }
      yield* side.compact();
    }
  }

  /** Rows with a NULL key match nothing and are not kept. */
  private *emitUnmatchable(batch: Batch, present: { selection: number; count: number }, side: number): Work {
    const { u32 } = this.context.memory;
    const out = this.heap.allocate(batch.count * 4) >>> 2;
    let next = 0;
    let found = 0;
    for (let i = 0; i < batch.count; i++) {
      const row = batch.selection === 0 ? i : u32[(batch.selection >>> 2) + i]!;
      if (next < present.count && u32[(present.selection >>> 2) + next] === row) next++;
      else u32[out + found++] = row;
    }
    if (this.type === 'semi') return;
    yield* this.emitAlone(batch.columns, out << 2, found, batch.weights, side);
  }

  private *join(batch: Batch, keys: readonly Vector[], side: number): Work {
    const mine = this.sides[side]!;
    const other = this.sides[1 - side]!;
    const { memory, kernels } = this.context;
    const counting = this.counts(side);
    mine.arrange(batch, keys);
    const parents = other.keys.find(keys, batch.selection, batch.count);
    if (counting) memory.u8.fill(0, this.sums, this.sums + BATCH_ROWS * 8);
    memory.u32.fill(0, this.state >>> 2, (this.state >>> 2) + 4);
    const next = kernels.get('chain_pairs');
    for (let done = false; !done; ) {
      const { selection, count } = batch;
      done =
        next(
          parents,
          selection,
          count,
          other.headOffset,
          other.linkOffset,
          this.state,
          this.indexes,
          this.partners,
          ROOM,
        ) === 0;
      const pairs = memory.u32[(this.state >>> 2) + 2]!;
      if (pairs > 0) yield* this.pairs(batch, side, pairs, counting);
      yield pause(this.context);
    }
    if (counting) {
      kernels.get('rows_write_i64')(mine.own, mine.matchesOffset, this.sums, batch.selection, batch.count);
      yield* this.emitCounted(batch, side);
    }
    yield* mine.settle();
  }

  /** Pairs of batch rows with stored rows of the other side. */
  private *pairs(batch: Batch, side: number, count: number, counting: boolean): Work {
    const { kernels } = this.context;
    const other = this.sides[1 - side]!;
    const { weightOffset } = other.rows;
    const emits = this.type !== 'semi' && this.type !== 'anti';
    let chosen = this.openPartners(1 - side, count);
    if (chosen.count === 0) return;
    kernels.get('pair_weights')(this.pairWeights, this.indexes, batch.weights, this.partners, weightOffset, count);
    if (emits || this.predicate !== null) {
      const own = this.take(batch.columns, side, count);
      const theirs = other.reader.gather(this.partners, 0, count);
      const columns = side === 0 ? [...own, ...theirs] : [...theirs, ...own];
      const pairs = { columns, weights: this.pairWeights };
      chosen = this.test({ ...pairs, ...chosen });
      if (chosen.count === 0) return;
      if (emits) yield* this.outlet.emit({ ...pairs, ...chosen });
    }
    if (counting)
      kernels.get('pair_sums')(this.sums, this.indexes, this.partners, weightOffset, chosen.selection, chosen.count);
    if (!this.counts(1 - side)) return;
    const delta = this.pairWeights; // free again
    kernels.get('pair_matches')(
      delta,
      this.indexes,
      batch.weights,
      this.partners,
      other.matchesOffset,
      weightOffset,
      chosen.selection,
      chosen.count,
    );
    if (this.type === 'semi') kernels.get('negate_weights')(delta, delta, chosen.selection, chosen.count);
    const changed = kernels.get('select_nonzero_i64')(this.chosen, delta, chosen.selection, chosen.count);
    if (changed === 0) return;
    yield* this.emitAlone(other.reader.gather(this.partners, 0, count), this.chosen, changed, delta, 1 - side);
  }

  /** Rows of closed windows are as good as forgotten. */
  private openPartners(side: number, count: number): { selection: number; count: number } {
    const closed = this.closed[side]!;
    if (closed === null) return { selection: 0, count };
    const columns = this.sides[side]!.reader.gather(this.partners, 0, count);
    return closed.open({ columns, count, selection: 0, weights: 0 });
  }

  private test(pairs: Batch): { selection: number; count: number } {
    if (this.predicate === null) return { selection: pairs.selection, count: pairs.count };
    this.residualHeap.reset();
    let kept = { selection: 0, count: 0 };
    withoutFailing(this.context.memory, this.residualHeap, pairs, this.context.errors, (part) => {
      kept = this.predicate!.select(part);
    });
    return kept;
  }

  /** The batch's own columns, one row per pair. */
  private take(columns: readonly Vector[], side: number, count: number): readonly Vector[] {
    const kernel = this.context.kernels.get('take_column');
    return this.taken[side]!.map((out, i) => {
      const { data, nulls } = columns[i]!;
      kernel(out.data, out.nullsRoom, data, nulls, widthShift(out.type), this.indexes, count);
      out.nulls = nulls === 0 ? 0 : out.nullsRoom;
      return out;
    });
  }

  /** The batch's own rows that stand alone, or (semi) that have a match. */
  private *emitCounted(batch: Batch, side: number): Work {
    const { kernels } = this.context;
    const wanted = this.type === 'semi' ? 1 : 0;
    kernels.get('weights_where')(this.weights, batch.weights, this.sums, wanted, batch.selection, batch.count);
    const count = kernels.get('select_nonzero_i64')(this.chosen, this.weights, batch.selection, batch.count);
    if (count > 0) yield* this.emitAlone(batch.columns, this.chosen, count, this.weights, side);
  }

  private *emitAlone(
    columns: readonly Vector[],
    selection: number,
    count: number,
    weights: number,
    side: number,
  ): Work {
    if (count === 0) return;
    const whole =
      this.type === 'semi' || this.type === 'anti'
        ? columns
        : side === 0
          ? [...columns, ...this.nulls[1]]
          : [...this.nulls[0], ...columns];
    yield* this.outlet.emit({ columns: whole, count, selection, weights });
  }

  *save(state: StateWriter): Work {
    for (const [i, side] of this.sides.entries()) {
      yield* side.save(state, SIDES[i]!);
      this.closed[i]?.save(state.within(SIDES[i]!));
    }
  }

  restore(state: StateReader): void {
    for (const [i, side] of this.sides.entries()) {
      this.heap.reset();
      this.closed[i]?.restore(state.within(SIDES[i]!));
      side.restore(state, SIDES[i]!, (batch) => {
        this.expiries[i]?.note(batch.columns, 0, batch.count);
        this.heap.reset();
      });
    }
  }

  release(): void {
    for (const side of this.sides) side.release();
    this.heap.release();
    this.residualHeap.release();
  }
}

function nullVectors(context: JobContext, types: readonly SqlType[]): Vector[] {
  return types.map((type) => {
    const vector = allocateVector(context.region, type);
    context.memory.u8.fill(0, vector.data, vector.data + BATCH_ROWS * PHYSICAL_WIDTH[vector.physical]);
    context.memory.u8.fill(1, vector.nullsRoom, vector.nullsRoom + BATCH_ROWS);
    vector.nulls = vector.nullsRoom;
    return vector;
  });
}
