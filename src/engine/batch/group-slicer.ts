// Row groups to batches: slices of their chunks without copying where these hold values; the one place where codes (columns/encoding.ts)
// are widened to vectors, columns that only rows passing a filter are asked for after it; rows that a snapshot sees as a selection.
// Generated code reads codes itself: a raw scan gives it those columns in the code width it was made for.
import { allocateVector, BATCH_ROWS, type Batch, type OwnedVector, type Vector } from '../../columns/batch.ts';
import { type CodeBytes, DICTIONARY_CODE_BYTES, type EncodedVector } from '../../columns/encoding.ts';
import type { SharedMemory } from '../../columns/memory.ts';
import type { Region } from '../../columns/region.ts';
import { type ColumnChunk, chunkFrom, type RowGroup } from '../../columns/row-group.ts';
import type { KernelLibrary } from '../../kernels/kernel-library.ts';
import { INT8, PHYSICAL_WIDTH, type SqlType } from '../../types/sql-type.ts';

/** How a scan gives its rows to a caller that applies the filters itself: they only rule out row groups then. */
export interface RawScan {
  /** rows per batch where nothing but stored columns is read, all of whose rows are visible; else as ever */
  readonly rows: number;
  /** columns of the batch that come as codes of this width, whatever their chunks hold */
  readonly codes: ReadonlyMap<number, CodeBytes>;
}

/** What a batch's columns are. */
interface SlicedColumns {
  /** of the groups' columns in their order; 0: the row id, which is none of them */
  readonly attributes: readonly number[];
  /** absent: as stored */
  readonly types?: readonly SqlType[];
}

export interface SlicerContext {
  readonly memory: SharedMemory;
  readonly kernels: KernelLibrary;
  readonly epoch: bigint;
  /** whether long values stay as long as anyone keeps rows of the batches (see Vector) */
  readonly pins: boolean;
}

/** Of this share of rows wanted on, all are widened. */
const DENSE_SHARE = 1 / 4;

export class GroupSlicer {
  private readonly context: SlicerContext;
  private readonly columns: readonly SlicedColumn[];
  private readonly rowIds: OwnedVector;
  private readonly selection: number;
  private readonly epoch: number;

  constructor(
    { attributes, types }: SlicedColumns,
    context: SlicerContext,
    region: Region,
    raw: RawScan | null = null,
  ) {
    this.context = context;
    this.rowIds = allocateVector(region, INT8);
    this.selection = region.allocate(BATCH_ROWS * 4);
    this.epoch = region.allocate(16);
    context.memory.i64[this.epoch / 8] = context.epoch;
    const rows = Math.max(BATCH_ROWS, raw?.rows ?? 0);
    let stored = 0;
    this.columns = attributes.map((attribute, i) => {
      const place = attribute === 0 ? -1 : stored++;
      return new SlicedColumn(context, region, { place, rows, type: types?.[i], codeBytes: raw?.codes.get(i) ?? 0 });
    });
  }

  /** Rows [from, to) of a group. Other columns than those `asked` for (null: all) may need `complete`. */
  slice(group: RowGroup, from: number, to: number, asked: ReadonlySet<number> | null = null): Batch {
    const columns = this.columns.map((column, i): Vector => {
      if (column.place < 0) return this.numbered(group.rowIdBase + from, to - from);
      const vector = column.slice(group.columns[column.place]!, from, to - from);
      if (asked === null || asked.has(i)) column.widen(0, to - from);
      return vector;
    });
    if (group.insertEpochs === 0 && group.deleteEpochs === 0) {
      return { columns, count: to - from, selection: 0, weights: 0 };
    }
    const kernel = this.context.kernels.get('visible_rows');
    const count = kernel(this.selection, group.insertEpochs, group.deleteEpochs, this.epoch, from, to);
    return { columns, count, selection: count === to - from ? 0 : this.selection, weights: 0 };
  }

  /** Widens the columns that were not asked for, for these rows of the last slice. */
  complete({ selection, count }: Batch, rows: number): void {
    const isDense = selection === 0 || count > rows * DENSE_SHARE;
    for (const column of this.columns) column.widen(isDense ? 0 : selection, isDense ? rows : count);
  }

  private numbered(base: number, count: number): Vector {
    const high = Math.floor(base / 4294967296);
    this.context.kernels.get('sequence_i64')(this.rowIds.data, base | 0, high, count);
    return this.rowIds;
  }
}

/** One column of the slices: widens into a vector of its own, made when the first chunk of codes comes. */
class SlicedColumn {
  /** among the group's columns; -1: the row id */
  readonly place: number;
  private readonly context: SlicerContext;
  private readonly region: Region;
  readonly rows: number;
  readonly type: SqlType | undefined;
  /** 0: it gives values */
  readonly codeBytes: CodeBytes | 0;
  private width = 0;
  private own = 0;
  private numbers = 0;
  /** codes of the last slice that have not been widened */
  private pending: EncodedVector | null = null;
  /** the chunk whose base (or dictionary) these words are */
  private chunk: ColumnChunk | null = null;
  private low = 0;
  private high = 0;

  constructor(
    context: SlicerContext,
    region: Region,
    { place, rows, type, codeBytes }: Pick<SlicedColumn, 'place' | 'rows' | 'type' | 'codeBytes'>,
  ) {
    this.context = context;
    this.region = region;
    this.place = place;
    this.rows = rows;
    this.type = type;
    this.codeBytes = codeBytes;
  }

  slice(chunk: ColumnChunk, from: number, count: number): EncodedVector {
    const part = chunkFrom(chunk, from);
    this.pending = null;
    this.width = PHYSICAL_WIDTH[chunk.physical];
    if (this.codeBytes !== 0) return this.coded(chunk, part, this.codeBytes, count);
    const { physical, data, nulls } = part;
    const type = this.type ?? part.type;
    if (!part.encoding) return { type, physical, data, nulls, pinned: this.context.pins };
    this.bind(chunk);
    this.pending = part;
    return { type, physical, data: this.ownData(), nulls, pinned: this.context.pins };
  }

  /** `selection` of `count` rows, 0: all of them. */
  widen(selection: number, count: number): void {
    if (this.pending === null) return;
    const { data, encoding } = this.pending;
    const { kernels } = this.context;
    const { own, width, low, high } = this;
    if (selection === 0) kernels.get('widen')(own, data, encoding!.codeBytes, width, low, high, count);
    else kernels.get('widen_rows')(own, data, encoding!.codeBytes, width, low, high, selection, count);
    this.pending = null;
  }

  /** In codes of `codeBytes`, which its values fit. */
  private coded(chunk: ColumnChunk, part: EncodedVector, codeBytes: CodeBytes, count: number): EncodedVector {
    const { kernels } = this.context;
    const { encoding, physical, data, nulls } = part;
    if (encoding?.codeBytes === codeBytes) return part;
    if (physical === 'view') {
      // Its rows, numbered, are a dictionary.
      return { ...part, data: this.numbered(), encoding: { codeBytes, base: 0n, dictionary: data } };
    }
    const own = this.ownData();
    if (encoding) {
      kernels.get('widen_codes')(own, data, encoding.codeBytes, codeBytes, count);
      return { ...part, data: own, encoding: { ...encoding, codeBytes } };
    }
    const base = BigInt(chunk.min!);
    kernels.get('narrow')(own, data, codeBytes, this.width, Number(BigInt.asIntN(32, base)), nulls, count);
    return { ...part, data: own, encoding: { codeBytes, base, dictionary: 0 } };
  }

  private bind(chunk: ColumnChunk): void {
    if (this.chunk === chunk) return;
    const { base, dictionary } = chunk.encoding!;
    this.chunk = chunk;
    this.low = dictionary !== 0 ? dictionary : Number(BigInt.asIntN(32, base));
    this.high = Number(BigInt.asIntN(32, base >> 32n));
  }

  private ownData(): number {
    if (this.own === 0) this.own = this.region.allocate(this.rows * this.width);
    return this.own;
  }

  private numbered(): number {
    if (this.numbers === 0) {
      this.numbers = this.region.allocate(this.rows * DICTIONARY_CODE_BYTES);
      const { u16 } = this.context.memory;
      for (let row = 0; row < this.rows; row++) u16[(this.numbers >>> 1) + row] = row;
    }
    return this.numbers;
  }
}
