// FieldSplitter: bytes in any chunks -> rows of fields, as one vector of text views per column. Chunks are copied once, into a buffer in
// shared memory; kernels find the fields there, and a view points to where its field stands. A row that does not fit makes the buffer
// grow, so every byte is looked at a bounded number of times.
import { BATCH_ROWS } from '../../columns/batch.ts';
import type { SharedMemory } from '../../columns/memory.ts';
import type { Region } from '../../columns/region.ts';
import type { Kernel, KernelLibrary } from '../../kernels/kernel-library.ts';
import type { DelimitedOptions } from './delimited-options.ts';

/** One column of fields: views with a byte per row for NULLs. */
export interface FieldColumn {
  readonly views: number;
  readonly nulls: number;
}

export type RowProblem =
  | 'extra-data'
  | 'missing-data'
  | 'literal-return'
  | 'literal-newline'
  | 'unterminated-quote'
  | 'marker-not-alone';

const PROBLEMS: readonly (RowProblem | null)[] = [
  null,
  'extra-data',
  'missing-data',
  'literal-return',
  'literal-newline',
  'unterminated-quote',
  'marker-not-alone',
];

/** What `next` found: rows 0..rows-1 stand in the columns. */
export interface SplitResult {
  readonly kind: 'need-more' | 'full' | 'bad-row' | 'end-marker';
  readonly rows: number;
  readonly problem: RowProblem | null;
  /** the first column without data, for 'missing-data' */
  readonly column: number;
}

const KINDS = ['need-more', 'full', 'bad-row', 'end-marker'] as const;
const SLACK = 64;
const STATE_WORDS = 24;
const W = {
  cursor: 0,
  end: 1,
  final: 2,
  columns: 3,
  table: 4,
  capacity: 5,
  rows: 6,
  heap: 7,
  line: 8,
  places: 9,
  lines: 10,
} as const;
const V = {
  delimiter: 11,
  quote: 12,
  escape: 13,
  nullText: 14,
  nullLength: 15,
  lenient: 17,
  problem: 18,
  column: 19,
  marker: 20,
} as const;

export interface SplitterSettings {
  readonly options: DelimitedOptions;
  readonly columnNames: readonly string[];
  /** columns whose fields are not needed */
  readonly skipped?: ReadonlySet<number>;
  /** any newline ends a row and blank lines are skipped, as in files written by hand */
  readonly lenient: boolean;
  /** `\.` alone on a line ends the data */
  readonly endMarker: boolean;
  readonly bufferBytes?: number;
}

export class FieldSplitter {
  readonly columns: readonly FieldColumn[];
  private readonly region: Region;
  private readonly memory: SharedMemory;
  private readonly split: Kernel;
  private readonly state: number;
  private readonly table: number;
  private buffer: number;
  private capacity: number;
  private heap: number;

  constructor(region: Region, kernels: KernelLibrary, settings: SplitterSettings) {
    this.region = region;
    this.memory = region.arena.shared;
    const { options, columnNames } = settings;
    this.split = kernels.get(options.format === 'csv' ? 'split_csv' : 'split_copy_text');
    this.state = region.allocateZeroed(STATE_WORDS * 4);
    this.table = region.allocateZeroed(Math.max(1, columnNames.length) * 16);
    this.columns = columnNames.map((_, i) => ({
      views: region.allocate(settings.skipped?.has(i) ? 16 : BATCH_ROWS * 16),
      nulls: region.allocate(settings.skipped?.has(i) ? 16 : BATCH_ROWS),
    }));
    this.capacity = settings.bufferBytes ?? 1_048_576 - 2 * SLACK;
    this.buffer = region.allocate(this.capacity + SLACK);
    this.heap = region.allocate(this.capacity + SLACK);
    const nullText = Buffer.from(options.nullText, 'utf8');
    const nullAddress = region.allocate(nullText.length + SLACK);
    this.memory.u8.set(nullText, nullAddress);
    this.set(W.cursor, this.buffer);
    this.set(W.end, this.buffer);
    this.set(W.columns, columnNames.length);
    this.set(W.table, this.table);
    this.set(W.line, 1);
    this.set(W.places, region.allocate((BATCH_ROWS + 1) * 8));
    this.set(W.lines, region.allocate((BATCH_ROWS + 1) * 4));
    this.set(V.delimiter, options.delimiter.charCodeAt(0));
    this.set(V.quote, options.quote.charCodeAt(0));
    this.set(V.escape, options.escape.charCodeAt(0));
    this.set(V.nullText, nullAddress);
    this.set(V.nullLength, nullText.length);
    this.set(V.lenient, settings.lenient ? 1 : 0);
    this.set(V.marker, settings.endMarker ? 1 : 0);
    const has = (names: readonly string[] | '*', name: string) => names === '*' || names.includes(name);
    columnNames.forEach((name, i) => {
      const at = (this.table >>> 2) + i * 4;
      this.memory.u32[at] = this.columns[i]!.views;
      this.memory.u32[at + 1] = this.columns[i]!.nulls;
      const skipped = settings.skipped?.has(i) ? 4 : 0;
      this.memory.u32[at + 2] =
        (has(options.forceNotNull, name) ? 1 : 0) | (has(options.forceNull, name) ? 2 : 0) | skipped;
    });
  }

  private get(word: number): number {
    return this.memory.u32[(this.state >>> 2) + word]!;
  }

  private set(word: number, value: number): void {
    this.memory.u32[(this.state >>> 2) + word] = value;
  }

  /** Takes bytes of the chunk from `from` on, as far as there is room; returns how many. The rows split so far are no longer valid. */
  fill(chunk: Uint8Array, from: number): number {
    if (this.get(W.end) === this.buffer + this.capacity) this.makeRoom();
    const end = this.get(W.end);
    const take = Math.min(chunk.length - from, this.buffer + this.capacity - end);
    this.memory.u8.set(from === 0 && take === chunk.length ? chunk : chunk.subarray(from, from + take), end);
    this.set(W.end, end + take);
    return take;
  }

  get full(): boolean {
    return this.get(W.end) === this.buffer + this.capacity;
  }

  /** No more bytes will come. */
  finish(): void {
    this.set(W.final, 1);
  }

  /** Moves what is left to the start of the buffer, or of one twice as long where less than half of it is free. */
  private makeRoom(): void {
    const cursor = this.get(W.cursor);
    const left = this.get(W.end) - cursor;
    if (left > this.capacity / 2) {
      this.capacity *= 2;
      this.buffer = this.region.allocate(this.capacity + SLACK);
      this.heap = this.region.allocate(this.capacity + SLACK);
    }
    this.memory.u8.copyWithin(this.buffer, cursor, cursor + left);
    this.set(W.cursor, this.buffer);
    this.set(W.end, this.buffer + left);
  }

  /** Splits on from row `keep`; with 0 the rows before are given up. 'full' from `most` rows on. */
  next(keep: number, most = BATCH_ROWS): SplitResult {
    this.set(W.capacity, most);
    if (keep === 0) {
      this.set(W.heap, this.heap);
      for (let i = 0; i < this.columns.length; i++) this.memory.u32[(this.table >>> 2) + i * 4 + 3] = 0;
    }
    this.set(W.rows, keep);
    this.set(V.problem, 0);
    const kind = KINDS[this.split(this.state)]!;
    return { kind, rows: this.get(W.rows), problem: PROBLEMS[this.get(V.problem)] ?? null, column: this.get(V.column) };
  }

  /** Whether the column has a NULL among the rows split. */
  hasNulls(column: number): boolean {
    return this.memory.u32[(this.table >>> 2) + column * 4 + 3] !== 0;
  }

  /** Line number of a row (its last line), counted from 1. */
  lineOf(row: number): number {
    return this.memory.u32[(this.get(W.lines) >>> 2) + row]!;
  }

  /** Where the bytes of a row stand. */
  placeOf(row: number): { start: number; end: number } {
    const at = (this.get(W.places) >>> 2) + row * 2;
    return { start: this.memory.u32[at]!, end: this.memory.u32[at + 1]! };
  }

  /** The unescaped bytes of the rows split. */
  get unescaped(): { start: number; end: number } {
    return { start: this.heap, end: this.get(W.heap) };
  }

  /** Bytes not split yet. */
  get pending(): Uint8Array {
    return this.memory.u8.slice(this.get(W.cursor), this.get(W.end));
  }

  /** Skips bytes and a line: a header read by other means. */
  skip(bytes: number, lines: number): void {
    this.set(W.cursor, this.get(W.cursor) + bytes);
    this.set(W.line, this.get(W.line) + lines);
  }
}
