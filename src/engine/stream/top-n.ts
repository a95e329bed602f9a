// ORDER BY with LIMIT. Kept apart from all rows are candidates: a set of first rows in the order, more than the limit asks for. Rule: the
// first K of (the K candidates and the new rows) are the first K of all rows, so a step sorts only those; deleted candidates make K
// smaller, and when it falls below limit + offset the candidates are chosen anew from all rows. Where rows never leave, what is no
// candidate is forgotten.
import { BATCH_ROWS, type Batch } from '../../columns/batch.ts';
import { SqlError } from '../../errors/sql-error.ts';
import type { BatchPlan } from '../../plan/batch.ts';
import { AddressList } from './address-list.ts';
import { type ArrangedRows, inputScan, type RecomputeDoors, runOverRows } from './arranged-snapshot.ts';
import { type JobContext, type Operator, type Outlet, pause, type Work } from './operator.ts';
import { ReplacedRows } from './replaced-rows.ts';
import type { StateWords } from './rows-state.ts';
import type { StateReader, StateWriter } from './state-file.ts';
import { WeightedRows } from './weighted-rows.ts';

type TopN = Extract<BatchPlan, { kind: 'top-n' }>;

const SPARE = 64;

export class TopNOperator implements Operator {
  readonly ageless = 'LIMIT';
  private readonly context: JobContext;
  private readonly plan: TopN;
  private readonly doors: RecomputeDoors;
  private readonly appendOnly: boolean;
  /** i64 behind the weight: 1 for candidates */
  private readonly rows: WeightedRows;
  private readonly result: ReplacedRows;
  private readonly candidates: AddressList;
  private readonly wanted: number;
  private readonly most: number;
  private readonly list: number;
  private readonly indexes: number;
  /** there are rows that are no candidates */
  private others = false;
  private dirty = false;
  /** the rows wait for the next step */
  private failed = false;

  constructor(context: JobContext, outlet: Outlet, plan: TopN, appendOnly: boolean, doors: RecomputeDoors) {
    this.context = context;
    this.plan = plan;
    this.doors = doors;
    this.appendOnly = appendOnly;
    this.rows = new WeightedRows(context, plan.types, 8, 'identity');
    this.result = new ReplacedRows(context, outlet, plan.types);
    this.candidates = new AddressList(context.arena, context.owner);
    this.wanted = plan.limit + plan.offset;
    this.most = this.wanted * 2 + SPARE;
    this.list = context.region.allocate(BATCH_ROWS * 4);
    this.indexes = context.region.allocate(BATCH_ROWS * 4);
  }

  *push(batch: Batch): Work {
    this.rows.add(batch);
    this.dirty = true;
    yield pause(this.context);
  }

  *flush(): Work {
    if (!this.dirty) return;
    const kept = yield* this.dropGoneCandidates();
    const many = this.rows.touched.count * 2 > this.rows.count;
    const whole = many || (this.others && kept < this.wanted);
    if (!whole) yield* this.addNewRows();
    yield* this.rows.rest();
    const limit = this.others && !whole ? Math.min(kept, this.most) : this.most;
    let failure: unknown = null;
    yield this.choose(whole, limit).catch((error: unknown) => {
      failure = error;
    });
    if (failure !== null && !(failure instanceof SqlError)) throw failure;
    this.context.errors.set(this, failure as SqlError | null);
    this.failed = failure !== null;
    if (failure !== null) {
      yield* this.result.forgetNew();
      this.candidates.clear(); // the next step chooses anew
      this.others = true;
      return;
    }
    this.dirty = false;
    if (this.appendOnly) yield* this.forgetOthers();
    yield* this.result.emitDifference();
  }

  private get flagOffset(): number {
    return this.rows.weightOffset + 8;
  }

  /** Candidates that are still there; returns how many rows they stand for. */
  private *dropGoneCandidates(): Generator<undefined, number, void> {
    const { u32, i64 } = this.context.memory;
    const { candidates } = this;
    const at = candidates.address >>> 2;
    let left = 0;
    let rows = 0;
    for (let i = 0; i < candidates.count; i++) {
      if (i % BATCH_ROWS === BATCH_ROWS - 1) yield pause(this.context);
      const row = u32[at + i]!;
      const weight = Number(i64[(row + this.rows.weightOffset) / 8]!);
      if (weight === 0) continue;
      u32[at + left++] = row;
      rows += weight;
    }
    candidates.count = left;
    return rows;
  }

  private *addNewRows(): Work {
    const { u32, i64 } = this.context.memory;
    const { touched, weightOffset } = this.rows;
    const out = this.candidates.reserve(touched.count) >>> 2;
    let added = 0;
    for (let i = 0; i < touched.count; i++) {
      if (i % BATCH_ROWS === BATCH_ROWS - 1) yield pause(this.context);
      const row = u32[(touched.address >>> 2) + i]!;
      if (i64[(row + weightOffset) / 8] === 0n || i64[(row + this.flagOffset) / 8] !== 0n) continue;
      u32[out + added++] = row;
    }
    this.candidates.count += added;
  }

  /** The first `limit` of all rows, or of the listed ones, become the candidates; the result is cut from them. */
  private async choose(whole: boolean, limit: number): Promise<void> {
    const { plan, rows, candidates, context } = this;
    const input: ArrangedRows = whole ? rows : this.listed();
    const first: BatchPlan = { ...plan, input: inputScan(0, plan.types, plan.names), limit, offset: 0 };
    const chosen: number[] = [];
    let position = 0;
    await runOverRows(context, this.doors, first, [input], (batch) => {
      const found = rows.table.find(batch.columns, batch.selection, batch.count);
      for (let i = 0; i < batch.count; i++) chosen.push(context.memory.u32[(found >>> 2) + this.rowIndex(batch, i)]!);
      this.cutResult(batch, position);
      position += batch.count;
    });
    const { i64, u32 } = context.memory;
    for (const row of this.addresses()) i64[(row + this.flagOffset) / 8] = 0n;
    candidates.clear();
    for (const row of new Set(chosen)) {
      u32[candidates.reserve(1) >>> 2] = row;
      candidates.count++;
      i64[(row + this.flagOffset) / 8] = 1n;
    }
    const full = position >= limit; // there may be more
    this.others = whole ? full : this.others || full;
  }

  private rowIndex(batch: Batch, i: number): number {
    return batch.selection === 0 ? i : this.context.memory.u32[(batch.selection >>> 2) + i]!;
  }

  /** The part of a sorted batch, whose first row is the `position`th, that lies behind OFFSET and within LIMIT. */
  private cutResult(batch: Batch, position: number): void {
    const { u32 } = this.context.memory;
    let count = 0;
    for (let i = 0; i < batch.count; i++) {
      if (position + i < this.plan.offset || position + i >= this.wanted) continue;
      u32[(this.indexes >>> 2) + count++] = this.rowIndex(batch, i);
    }
    if (count > 0) this.result.add({ ...batch, selection: this.indexes, count });
  }

  private *addresses(): Generator<number> {
    const { u32 } = this.context.memory;
    for (let i = 0; i < this.candidates.count; i++) yield u32[(this.candidates.address >>> 2) + i]!;
  }

  private listed(): ArrangedRows {
    const { layout, weightOffset } = this.rows;
    const { u32 } = this.context.memory;
    const rows = [...this.addresses()];
    return {
      layout,
      weightOffset,
      count: rows.length,
      *portions(out) {
        for (let at = 0; at < rows.length; at += BATCH_ROWS) {
          const part = rows.slice(at, at + BATCH_ROWS);
          u32.set(part, out >>> 2);
          yield part.length;
        }
      },
    };
  }

  private *forgetOthers(): Work {
    const { kernels } = this.context;
    for (const found of this.rows.portions(this.list)) {
      const count = kernels.get('rows_select_zero')(this.list, found, this.flagOffset, 0, this.list);
      this.rows.free(this.list, count);
      yield pause(this.context);
    }
    yield* this.rows.compact();
    this.others = false;
  }

  get unsaved(): string | null {
    return this.failed ? 'a part that failed' : null;
  }

  *save(state: StateWriter): Work {
    yield* this.rows.save(state, 'rows', this.words);
    yield* this.result.save(state);
    state.value('others', this.others);
  }

  restore(state: StateReader): void {
    const { u32, i64 } = this.context.memory;
    this.rows.restore(state, 'rows', this.words, (batch, rows) => {
      for (let i = 0; i < batch.count; i++) {
        const row = u32[(rows >>> 2) + i]!;
        if (i64[(row + this.flagOffset) / 8] === 0n) continue;
        u32[this.candidates.reserve(1) >>> 2] = row;
        this.candidates.count++;
      }
    });
    this.result.restore(state);
    this.others = state.value('others') === true;
  }

  private get words(): StateWords {
    return [
      ['weight', this.rows.weightOffset],
      ['candidate', this.flagOffset],
    ];
  }

  release(): void {
    this.rows.release();
    this.result.release();
    this.candidates.release();
  }
}
