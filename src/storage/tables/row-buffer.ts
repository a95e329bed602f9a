// RowBuffer: up to ROW_GROUP_ROWS rows of one relation as columns in the arena, appended in place. It starts small and grows
// by copying into larger arrays; the old ones stay until no snapshot can hold their addresses, and rows already
// written never change, so a reader of the first n rows is never disturbed. Tables and write sets of transactions both consist
// of these. min and max are kept as rows come. Once no more rows come, `narrow` turns columns into codes.
import type { Vector } from '../../columns/batch.ts';
import { copyWide, type Encoding } from '../../columns/encoding.ts';
import type { SharedMemory } from '../../columns/memory.ts';
import { Region } from '../../columns/region.ts';
import { type ColumnChunk, ROW_GROUP_ROWS } from '../../columns/row-group.ts';
import { VIEW_INLINE } from '../../columns/view.ts';
import type { Datum } from '../../types/datum.ts';
import { PHYSICAL_WIDTH, type Physical, physicalOf, type SqlType } from '../../types/sql-type.ts';
import { widenRange } from './column-range.ts';
import { type BufferHome, GroupMemory } from './group-memory.ts';
import { narrowColumn } from './narrow-column.ts';

const CAPACITIES = [16, 256, 2048, 16_384, ROW_GROUP_ROWS];

/** For how many rows a buffer of `count` rows has room. */
export function capacityFor(count: number): number {
  const capacity = CAPACITIES.find((each) => each >= count);
  if (capacity === undefined) throw new Error(`a row group holds ${ROW_GROUP_ROWS} rows, not ${count}`);
  return capacity;
}

/** A column as storage knows it. */
export interface StoredColumn {
  readonly attribute: number;
  readonly name: string;
  readonly type: SqlType;
  /** value where a buffer lacks the column; absent: NULL */
  readonly missing?: Datum;
}

/** One column of a buffer; `nulls` is 0 until the first NULL comes. */
export interface BufferColumn extends StoredColumn {
  readonly physical: Physical;
  /** address of values, with an encoding of codes */
  data: number;
  encoding: Encoding | null;
  nulls: number;
  min: number | bigint | undefined;
  max: number | bigint | undefined;
}

export class RowBuffer {
  readonly home: BufferHome;
  readonly columns: readonly BufferColumn[];
  private memory: GroupMemory;
  private readonly heap: Region;
  private rows = 0;
  private room = 0;
  private narrowed = false;
  /** snapshots up to this serial may hold its addresses without a pin: those of the transaction that wrote it */
  private heldUpTo = 0;
  /** rows that min and max were taken from are gone */
  private wasCut = false;

  constructor(home: BufferHome, columns: readonly StoredColumn[]) {
    this.home = home;
    this.memory = new GroupMemory(home);
    this.heap = new Region(home.arena, home.owner);
    this.columns = columns.map(({ attribute, name, type }) => ({
      attribute,
      name,
      type,
      physical: physicalOf(type),
      data: 0,
      encoding: null,
      nulls: 0,
      min: undefined,
      max: undefined,
    }));
  }

  get count(): number {
    return this.rows;
  }

  get capacity(): number {
    return this.room;
  }

  /** What it takes of the arena, about. */
  get bytes(): number {
    return this.memory.bytes + this.heap.bytes;
  }

  get shared(): SharedMemory {
    return this.home.arena.shared;
  }

  /**
   * Appends rows `start .. start+count` (positions in `selection`, or plain rows when it is 0) of vectors in column order: all of them, or
   * none when it throws (53200).
   */
  append(vectors: readonly Vector[], selection: number, start: number, count: number): void {
    this.appendWhole(count, (column, index) => this.appendVector(column, vectors[index]!, selection, start, count));
  }

  /** Appends rows whose values `fill` writes into the reserved arrays of each column; all or none, too. */
  appendFilled(count: number, fill: (column: BufferColumn, index: number, at: number, heap: Region) => void): void {
    this.appendWhole(count, (column, index) => {
      fill(column, index, this.rows, this.heap);
      widenRange(this.shared, column, this.rows, count);
    });
  }

  private appendWhole(count: number, write: (column: BufferColumn, index: number) => void): void {
    this.reserve(this.rows + count);
    try {
      for (let i = 0; i < this.columns.length; i++) write(this.columns[i]!, i);
    } catch (error) {
      this.clearNulls(this.rows, this.rows + count);
      this.wasCut = true;
      throw error;
    }
    this.rows += count;
  }

  /** NULLs of rows that are not there: the next ones in their places begin without. */
  private clearNulls(from: number, to: number): void {
    for (const { nulls } of this.columns) if (nulls !== 0) this.shared.u8.fill(0, nulls + from, nulls + to);
  }

  /** Forgets the rows from `count` on. Their addresses may be written again. */
  truncate(count: number): void {
    this.clearNulls(count, this.rows);
    if (count < this.rows) this.wasCut = true;
    this.rows = Math.min(this.rows, count);
  }

  /** Null bytes of a column, made (all zero) at the first NULL. */
  nullsOf(column: BufferColumn): number {
    if (column.nulls === 0) {
      const address = this.memory.allocate(this.room);
      this.shared.u8.fill(0, address, address + this.room);
      column.nulls = address;
    }
    return column.nulls;
  }

  /** The column as a scan reads it. */
  chunk(column: BufferColumn): ColumnChunk {
    const { type, physical, data, encoding, nulls, min, max } = column;
    return min === undefined || max === undefined
      ? { type, physical, data, encoding, nulls }
      : { type, physical, data, encoding, nulls, min, max };
  }

  /** Rows from `start` on as vectors, no copy. Of a buffer that is not narrow. */
  vectors(start: number): Vector[] {
    if (this.narrowed) throw new Error('the rows of a narrow buffer are no vectors');
    return this.columns.map(({ type, physical, data, nulls }) => ({
      type,
      physical,
      data: data + start * PHYSICAL_WIDTH[physical],
      nulls: nulls === 0 ? 0 : nulls + start,
    }));
  }

  /** Rows `start .. start+count` of a column as a vector, codes widened into `region`. */
  wideVector(column: BufferColumn, start: number, count: number, region: Region): Vector {
    const { type, physical, data, encoding } = column;
    const nulls = column.nulls === 0 ? 0 : column.nulls + start;
    const width = PHYSICAL_WIDTH[physical];
    if (encoding === null) return { type, physical, data: data + start * width, nulls };
    const wide = region.allocate(count * width);
    for (let i = 0; i < count; i++) copyWide(this.shared, physical, data, encoding, start + i, wide + i * width);
    return { type, physical, data: wide, nulls };
  }

  /** It was a transaction's own and becomes a table's. */
  adopt(): void {
    this.heldUpTo = this.home.reclaimer.newest;
  }

  get hasExactRanges(): boolean {
    return !this.wasCut;
  }

  get isNarrow(): boolean {
    return this.narrowed;
  }

  /**
   * Nothing is appended any more: columns become codes where these are narrower. Nobody has its group pinned, so the old arrays go as in
   * `evict`. Throws 53200, the buffer being as it was.
   */
  narrow(): void {
    if (this.narrowed) return;
    const memory = new GroupMemory(this.home);
    try {
      const codes = this.columns.map((column) =>
        narrowColumn(this.shared, column, this.rows, (bytes) => memory.allocate(bytes)),
      );
      this.narrowed = true;
      if (codes.every((each) => each === null)) return;
      const arrays = this.columns.map(({ data, nulls, physical }, i) => ({
        ...(codes[i] ?? { data: this.copied(memory, data, this.rows * PHYSICAL_WIDTH[physical]), encoding: null }),
        nulls: nulls === 0 ? 0 : this.copied(memory, nulls, this.rows),
      }));
      for (const [i, column] of this.columns.entries()) Object.assign(column, arrays[i]);
    } catch (error) {
      this.narrowed = false;
      memory.release();
      throw error;
    }
    const old = this.memory;
    this.home.reclaimer.retire(() => old.release(), this.heldUpTo);
    this.memory = memory;
  }

  private copied(memory: GroupMemory, from: number, bytes: number): number {
    const address = memory.allocate(bytes);
    this.shared.u8.copyWithin(address, from, from + bytes);
    return address;
  }

  /** Gives the memory back, as soon as no snapshot can hold it. */
  retire(): void {
    const { memory, heap } = this;
    this.home.reclaimer.retire(() => {
      memory.release();
      heap.release();
    });
  }

  /** Gives the memory back although snapshots are open: readers of its group hold it by pins only, and there are none. */
  evict(): void {
    const { memory, heap } = this;
    this.home.reclaimer.retire(() => {
      memory.release();
      heap.release();
    }, this.heldUpTo);
  }

  /** Makes room for `count` rows in all. */
  reserve(count: number): void {
    if (this.narrowed) throw new Error('a narrow buffer takes no more rows');
    if (count <= this.room) return;
    const room = capacityFor(count);
    const memory = new GroupMemory(this.home);
    const { u8 } = this.shared;
    const moved: { data: number; nulls: number }[] = [];
    try {
      for (const { physical, nulls } of this.columns) {
        moved.push({
          data: memory.allocate(room * PHYSICAL_WIDTH[physical]),
          nulls: nulls === 0 ? 0 : memory.allocate(room),
        });
      }
    } catch (error) {
      memory.release();
      throw error;
    }
    this.columns.forEach((column, i) => {
      const { data, nulls } = moved[i]!;
      u8.copyWithin(data, column.data, column.data + this.rows * PHYSICAL_WIDTH[column.physical]);
      if (nulls !== 0) {
        u8.copyWithin(nulls, column.nulls, column.nulls + this.rows);
        u8.fill(0, nulls + this.rows, nulls + room);
      }
      column.data = data;
      column.nulls = nulls;
    });
    const old = this.memory;
    if (this.room > 0) this.home.reclaimer.retire(() => old.release());
    this.memory = memory;
    this.room = room;
  }

  private appendVector(column: BufferColumn, from: Vector, selection: number, start: number, count: number): void {
    if (from.physical !== column.physical) {
      throw new Error(`column "${column.name}" is stored as ${column.physical}, not ${from.physical}`);
    }
    const at = this.rows;
    if (selection === 0) this.copyDense(column, from, start, count);
    else this.copySelected(column, from, (selection >>> 2) + start, count);
    if (column.physical === 'view') this.ownLongValues(column, at, count);
    widenRange(this.shared, column, at, count);
  }

  private copyDense(column: BufferColumn, from: Vector, start: number, count: number): void {
    const { u8 } = this.shared;
    const width = PHYSICAL_WIDTH[column.physical];
    const source = from.data + start * width;
    u8.copyWithin(column.data + this.rows * width, source, source + count * width);
    if (from.nulls === 0 || u8.subarray(from.nulls + start, from.nulls + start + count).indexOf(1) < 0) return;
    u8.copyWithin(this.nullsOf(column) + this.rows, from.nulls + start, from.nulls + start + count);
  }

  private copySelected(column: BufferColumn, from: Vector, selection: number, count: number): void {
    const { u8, u32, i32 } = this.shared;
    const words = PHYSICAL_WIDTH[column.physical] >>> 2;
    const to = words === 0 ? column.data + this.rows : (column.data >>> 2) + this.rows * words;
    for (let i = 0; i < count; i++) {
      const row = u32[selection + i]!;
      if (words === 0) u8[to + i] = u8[from.data + row]!;
      else {
        const source = (from.data >>> 2) + row * words;
        for (let w = 0; w < words; w++) i32[to + i * words + w] = i32[source + w]!;
      }
      if (from.nulls !== 0 && u8[from.nulls + row] !== 0) u8[this.nullsOf(column) + this.rows + i] = 1;
    }
  }

  /** Copies the bytes of long values, which still lie in the source's memory, into this buffer's heap. */
  private ownLongValues(column: BufferColumn, at: number, count: number): void {
    const { u8, u32 } = this.shared;
    for (let row = at; row < at + count; row++) {
      const view = (column.data >>> 2) + row * 4;
      if (column.nulls !== 0 && u8[column.nulls + row] !== 0) {
        u32.fill(0, view, view + 4);
        continue;
      }
      const length = u32[view]!;
      if (length <= VIEW_INLINE) continue;
      const source = u32[view + 2]!;
      const address = this.heap.allocate(length);
      u8.copyWithin(address, source, source + length);
      u32[view + 2] = address;
      u32[view + 3] = 0;
    }
  }
}
