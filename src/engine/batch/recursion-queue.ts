// The rows that a recursion has made and not read yet, first in, first out, in pages: a small page is read while rows are appended to it;
// when it has become large, later rows go to a page that may leave memory and is read when it is complete.
import { BATCH_ROWS, type Batch } from '../../columns/batch.ts';
import { sqlError } from '../../errors/sql-error.ts';
import type { BatchPlan } from '../../plan/batch.ts';
import type { RowLayout } from '../rows/row-layout.ts';
import { RowReader, RowStore } from '../rows/row-store.ts';
import { rowContext } from './aggregate-calls.ts';
import { type Batches, OperatorMemory, type RowsAgain, type RunContext } from './batch-context.ts';
import { KeptRows } from './kept-rows.ts';
import { boundBytes, type SpillLimit, spillLimit } from './spill-limit.ts';

type RecursivePlan = Extract<BatchPlan, { kind: 'recursive-cte' }>;

/** 54001 past the rounds that the run allows. */
export function checkRounds(plan: RecursivePlan, rounds: number, { batch: { maxRounds } }: RunContext): void {
  if (maxRounds === undefined || rounds <= maxRounds) return;
  const text = `the recursion of "${plan.name}" does not end after ${maxRounds} rounds`;
  throw sqlError('statement_too_complex', text, { hint: 'Give it a condition that ends it.' });
}

const SMALL_PAGE_ROWS = 65_536;

export class RowQueue implements RowsAgain {
  private readonly plan: RecursivePlan;
  private readonly layout: RowLayout;
  private readonly context: RunContext;
  /** of a small page: half of the memory is left for those behind it */
  private readonly limit: SpillLimit | null;
  /** the first is read, the last written; those between and a large last one are complete when they become the first */
  private readonly pages: (RowStore | KeptRows)[];
  /** of the next row in a small first page */
  private segment = 0;
  private row = 0;
  private made = 0;
  private read = 0;
  /** rows made when the round began */
  private roundEnd = 0;
  private rounds = 0;

  constructor(plan: RecursivePlan, layout: RowLayout, context: RunContext) {
    this.plan = plan;
    this.layout = layout;
    this.context = context;
    this.limit = spillLimit(0, context, boundBytes(context) / 2);
    this.pages = [this.smallPage()];
  }

  private smallPage(): RowStore {
    return new RowStore(rowContext(this.context), this.layout);
  }

  get isEmpty(): boolean {
    return this.read === this.made;
  }

  get rowsRead(): number {
    return this.read;
  }

  /** A large page says itself where its rows went. */
  readonly spilledBytes = 0;

  append(batch: Batch): Promise<void> | void {
    this.made += batch.count;
    const last = this.pages.at(-1)!;
    if (last instanceof RowStore) {
      if (last.count < SMALL_PAGE_ROWS && this.limit?.isPast(last) !== true) {
        last.append(batch.columns, batch.selection, batch.count);
        return;
      }
    } else if (this.pages.length > 1) return last.append(batch);
    const page = last instanceof RowStore ? new KeptRows(this.plan.types, this.context) : this.smallPage();
    this.pages.push(page);
    if (page instanceof KeptRows) return page.append(batch);
    page.append(batch.columns, batch.selection, batch.count);
  }

  /** Each row once, also those made of the rows read before, until there are no more. */
  async *rows(): Batches {
    using own = new OperatorMemory(this.context);
    const reader = new RowReader(rowContext(this.context), own.region, this.layout);
    const list = own.region.allocate(BATCH_ROWS * 4);
    while (!this.isEmpty) {
      const page = this.pages[0]!;
      if (page instanceof RowStore) yield* this.smallRows(page, reader, list);
      else for await (const batch of page.rows()) yield this.counted(batch);
      if (this.pages.length === 1) {
        if (page instanceof RowStore) continue;
        this.pages.push(this.smallPage());
      }
      this.pages.shift();
      this.segment = 0;
      this.row = 0;
      await page.release();
      const next = this.pages[0]!;
      if (next instanceof KeptRows) await next.finish();
    }
  }

  /** Those there are, and those that come meanwhile. */
  private async *smallRows(page: RowStore, reader: RowReader, list: number): Batches {
    const { rowBytes } = this.layout;
    for (; ; this.segment++, this.row = 0) {
      const segment = page.segments[this.segment];
      while (segment !== undefined && this.row < segment.rows) {
        const count = Math.min(BATCH_ROWS, segment.rows - this.row);
        this.context.kernels.get('sequence_u32')(list, segment.address + this.row * rowBytes, rowBytes, count);
        this.row += count;
        yield this.counted({ columns: reader.gather(list, 0, count), count, selection: 0, weights: 0 });
      }
      if (this.segment >= page.segments.length - 1) return;
    }
  }

  private counted(batch: Batch): Batch {
    if (this.read >= this.roundEnd) {
      checkRounds(this.plan, ++this.rounds, this.context);
      this.roundEnd = this.made;
    }
    this.read += batch.count;
    return batch;
  }

  async release(): Promise<void> {
    for (const page of this.pages) await page.release();
  }
}
