// TableGroup: one row group of a table: a buffer of rows (or, evicted, only its segment file), since when each row is there, and
// which are deleted. Rows come in epoch order, so what a reader at an epoch sees is a prefix: instead of an epoch
// per row there is a short list of runs.
import type { GroupRanges, RowGroup } from '../../columns/row-group.ts';
import { PHYSICAL_WIDTH, physicalOf } from '../../types/sql-type.ts';
import { DeleteVector } from './delete-vector.ts';
import type { BufferHome } from './group-memory.ts';
import { type BufferColumn, capacityFor, type RowBuffer, type StoredColumn } from './row-buffer.ts';

/** A segment file that holds the group's first `rowCount` rows. */
export interface SegmentReference {
  readonly path: string;
  readonly rowCount: number;
  readonly bytes: number;
}

export class TableGroup {
  readonly rowIdBase: number;
  readonly deletes: DeleteVector;
  /** null while evicted */
  buffer: RowBuffer | null;
  rowCount: number;
  file: SegmentReference | null = null;
  /** snapshots and scans that hold its addresses */
  pins = 0;
  /** used since the clock's hand came by */
  referenced = true;
  /** of the buffer that was evicted last */
  private lastBytes = 0;
  private lastRanges: readonly BufferColumn[] = [];
  /** no more rows are appended */
  sealed = false;
  /** deletes that the last checkpoint has not seen */
  private readonly starts: number[] = [];
  private readonly epochs: bigint[] = [];

  constructor(home: BufferHome, rowIdBase: number, buffer: RowBuffer | null, rowCount: number, epoch: bigint) {
    this.rowIdBase = rowIdBase;
    this.deletes = new DeleteVector(home);
    this.buffer = buffer;
    this.rowCount = 0;
    if (rowCount > 0) this.added(rowCount, epoch);
  }

  /** `count` more rows are in the buffer, there since `epoch`. */
  added(count: number, epoch: bigint): void {
    if (this.epochs.at(-1) !== epoch) {
      this.starts.push(this.rowCount);
      this.epochs.push(epoch);
    }
    this.rowCount += count;
    this.referenced = true;
  }

  /** Takes rows back that no reader has seen. */
  truncate(rowCount: number): void {
    this.rowCount = rowCount;
    while (this.starts.length > 0 && this.starts.at(-1)! >= rowCount) {
      this.starts.pop();
      this.epochs.pop();
    }
    this.buffer?.truncate(rowCount);
  }

  /** How many rows a reader at `epoch` sees, deleted ones included: a prefix. */
  rowsAt(epoch: bigint): number {
    let low = 0;
    let high = this.epochs.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.epochs[middle]! <= epoch) low = middle + 1;
      else high = middle;
    }
    return low === this.epochs.length ? this.rowCount : this.starts[low]!;
  }

  /** Nobody reads before `oldest` any more: its runs become one. */
  collapse(oldest: bigint): void {
    let old = 0;
    while (old < this.epochs.length && this.epochs[old]! <= oldest) old++;
    if (old < 2) return;
    this.starts.splice(1, old - 1);
    this.epochs.splice(0, old, this.epochs[old - 1]!);
  }

  get runCount(): number {
    return this.epochs.length;
  }

  isVisible(row: number, epoch: bigint): boolean {
    const deleted = this.deletes.at(row);
    return row < this.rowsAt(epoch) && (deleted === 0n || deleted > epoch);
  }

  /** Nobody at or after `epoch` sees a row of it. */
  deadAt(epoch: bigint): boolean {
    return this.sealed && this.deletes.count === this.rowCount && this.deletes.allAt(epoch);
  }

  /** What a scan at `epoch` reads, or null: nothing. Loaded groups only. Throws 53200. */
  rowGroup(
    epoch: bigint,
    attributes: readonly number[],
    missing: (attribute: number) => RowGroup['columns'][number],
  ): RowGroup | null {
    const rowCount = this.rowsAt(epoch);
    if (rowCount === 0 || (this.deletes.count >= rowCount && this.deadAt(epoch))) return null;
    const buffer = this.buffer!;
    const deleteEpochs = this.deletes.noneAt(epoch) ? 0 : this.deletes.array(Math.max(buffer.capacity, this.rowCount));
    return {
      rowIdBase: this.rowIdBase,
      rowCount,
      columns: attributes.map((attribute) => {
        const column = columnOf(buffer, attribute);
        return column === undefined ? missing(attribute) : buffer.chunk(column);
      }),
      insertEpochs: 0,
      deleteEpochs,
      exactRanges: rowCount === buffer.count && buffer.hasExactRanges,
    };
  }

  /** What it takes, or took when it was loaded last, of the pool; else what its file takes. With what scans of it take. */
  get bytes(): number {
    return (this.buffer?.bytes ?? (this.lastBytes || (this.file?.bytes ?? 0))) + this.epochBytes;
  }

  /** What it takes at most while it is loaded and made narrow. */
  loadBytes(columns: readonly StoredColumn[]): number {
    const rowBytes = columns.reduce((sum, { type }) => sum + PHYSICAL_WIDTH[physicalOf(type)] + 1, 0);
    return 2 * rowBytes * capacityFor(this.rowCount) + (this.file?.bytes ?? 0) + this.epochBytes;
  }

  /** Of the epochs of deletes that scans read. */
  private get epochBytes(): number {
    return this.deletes.count === 0 ? 0 : this.rowCount * 8;
  }

  /** Whether eviction may take it, or has: all its rows are in its file and nobody reads them now. */
  get isEvictable(): boolean {
    return this.sealed && this.pins === 0 && this.isSaved;
  }

  /** Whether it is read, or about to be, or in no file yet. */
  get isHeld(): boolean {
    return this.pins > 0 || (this.buffer !== null && !this.isEvictable);
  }

  get isSaved(): boolean {
    return this.file !== null && this.file.rowCount === this.rowCount;
  }

  /** The buffer goes; its memory at once, unless the transaction that wrote it still reads. */
  evict(): void {
    this.lastBytes = this.buffer!.bytes;
    this.lastRanges = this.buffer!.columns;
    this.buffer!.evict();
    this.buffer = null;
    this.deletes.evictArray();
  }

  /** What is known of it without loading it. */
  ranges(epoch: bigint, attributes: readonly number[]): GroupRanges {
    const columns = this.buffer?.columns ?? this.lastRanges;
    const known = attributes.map((attribute) => columns.find((column) => column.attribute === attribute) ?? {});
    return { rowIdBase: this.rowIdBase, rowCount: this.rowsAt(epoch), columns: known };
  }

  /** Gives all memory back once no reader can hold it. */
  retire(): void {
    this.buffer?.retire();
    this.buffer = null;
    this.deletes.retire();
  }
}

export function columnOf(buffer: RowBuffer, attribute: number): BufferColumn | undefined {
  const guess = buffer.columns[attribute - 1];
  if (guess?.attribute === attribute) return guess;
  return buffer.columns.find((column) => column.attribute === attribute);
}
