// Expiry: which kept rows can matter no more, because the watermark has passed a time in them. It remembers the range of times that came in,
// and looks through the rows only when an eighth of that range has become too old, so that looking costs little per row.
import { BATCH_ROWS, type Vector } from '../../columns/batch.ts';
import type { RowColumn } from '../rows/row-layout.ts';
import type { JobContext } from './operator.ts';
import type { WindowEnd } from './window-close.ts';

const GREATEST = 2n ** 63n - 1n;
const LEAST = -(2n ** 63n);

export class Expiry {
  /** u32 addresses, of `portions` */
  readonly list: number;
  private readonly context: JobContext;
  private readonly end: WindowEnd;
  private readonly column: RowColumn;
  private readonly words: number;
  private earliest = GREATEST;
  private latest = LEAST;

  /** `end`: the column of pushed batches whose time, plus something, the watermark has to reach; `column`: where rows keep it. */
  constructor(context: JobContext, end: WindowEnd, column: RowColumn) {
    this.context = context;
    this.end = end;
    this.column = column;
    this.list = context.region.allocate(BATCH_ROWS * 4);
    this.words = context.region.allocate(16);
  }

  /** Rows come in. */
  note(columns: readonly Vector[], selection: number, count: number): void {
    const { data, nulls } = columns[this.end.column]!;
    const { i64 } = this.context.memory;
    const extreme = this.context.kernels.get('extreme_i64');
    const at = this.words / 8;
    i64[at] = this.earliest;
    extreme(this.words, data, nulls, -1, selection, count);
    this.earliest = i64[at]!;
    i64[at] = this.latest;
    extreme(this.words, data, nulls, 1, selection, count);
    this.latest = i64[at]!;
  }

  /** Portions (counts, addresses at `list`) of the rows whose time is over; none while it is not worth looking. */
  *expired(rows: { portions(out: number): Generator<number> }, watermarkMicros: bigint): Generator<number> {
    const bound = watermarkMicros - this.end.plusMicros;
    if (this.earliest > bound || this.latest === LEAST) return;
    const all = this.latest <= bound;
    if (!all && (bound - this.earliest) * 8n < this.latest - bound) return;
    const { kernels, memory } = this.context;
    const select = kernels.get('rows_select_until');
    const { slot, nullOffset } = this.column;
    for (const found of rows.portions(this.list)) {
      memory.i64[this.words / 8] = bound;
      const count = select(this.list, found, slot, nullOffset, this.words, 1, this.list);
      if (count > 0) yield count;
    }
    this.earliest = all ? GREATEST : bound + 1n;
    if (all) this.latest = LEAST;
  }
}
