// CopyReader: COPY text or CSV bytes, in chunks of any size, -> batches. The one door of COPY FROM, read_csv and the files connector.
// Fields are found by FieldSplitter, values made by ColumnParser; here are the header, the encoding check, and what a bad row
// becomes: an error with PostgreSQL's context line, or a rejected row with its raw bytes and the reason.
import type { Batch, Vector } from '../../columns/batch.ts';
import { BATCH_ROWS } from '../../columns/batch.ts';
import { Region } from '../../columns/region.ts';
import { viewBytes } from '../../columns/view.ts';
import { SqlError, sqlError } from '../../errors/sql-error.ts';
import type { Kernel, KernelLibrary } from '../../kernels/kernel-library.ts';
import type { SqlType } from '../../types/sql-type.ts';
import { decodeUtf8 } from '../../types/text.ts';
import { DEFAULT_SETTINGS, type TypeSettings } from '../../types/type-settings.ts';
import type { DelimitedOptions } from './delimited-options.ts';
import { splitRecord } from './delimited-record.ts';
import { FieldSplitter, type RowProblem, type SplitResult } from './field-splitter.ts';
import { ColumnParser } from './parse-column.ts';

export interface CopyColumn {
  readonly name: string;
  readonly type: SqlType;
  /** the field is read past; its column is missing from the batches */
  readonly skipped?: boolean;
}

export interface RejectedRow {
  readonly raw: Uint8Array;
  readonly reason: SqlError;
  readonly line: number;
}

export interface CopyReaderSettings {
  /** DateStyle and TimeZone of the session */
  readonly types?: TypeSettings;
  /** what the context line names: COPY <relation>, line 2 */
  readonly relation?: string;
  /** Takes bad rows; without it (or where it returns false) the first one is an error. */
  readonly reject?: (row: RejectedRow) => boolean;
  /** hand-written files: every kind of newline, blank lines skipped; default false */
  readonly lenient?: boolean;
  /** `\.` alone on a line ends the data; default true */
  readonly endMarker?: boolean;
  readonly bufferBytes?: number;
  /** how many rows the next batch should have at most (base/pace.ts); default BATCH_ROWS */
  readonly rows?: () => number;
}

export class CopyReader {
  private readonly columns: readonly CopyColumn[];
  private readonly options: DelimitedOptions;
  private readonly settings: CopyReaderSettings;
  private readonly region: Region;
  private readonly heap: Region;
  private readonly splitter: FieldSplitter;
  private readonly parsers: readonly (ColumnParser | null)[];
  private readonly validate: Kernel;
  private readonly selection: number;
  private headerDone: boolean;
  private ended = false;

  /** Allocates in `region` for as long as the region lives; long values of uncommon types live in a region of the same owner until the next batch. */
  constructor(
    region: Region,
    kernels: KernelLibrary,
    columns: readonly CopyColumn[],
    options: DelimitedOptions,
    settings: CopyReaderSettings = {},
  ) {
    this.columns = columns;
    this.options = options;
    this.settings = settings;
    this.region = region;
    this.heap = new Region(region.arena, region.owner);
    this.headerDone = options.header === false;
    this.splitter = new FieldSplitter(region, kernels, {
      options,
      columnNames: columns.map((column) => column.name),
      skipped: new Set(columns.flatMap((column, i) => (column.skipped === true ? [i] : []))),
      lenient: settings.lenient ?? false,
      endMarker: settings.endMarker ?? true,
      ...(settings.bufferBytes === undefined ? {} : { bufferBytes: settings.bufferBytes }),
    });
    const types = settings.types ?? DEFAULT_SETTINGS;
    this.parsers = columns.map((column) =>
      column.skipped === true ? null : new ColumnParser(region, this.heap, kernels, column.type, types),
    );
    this.validate = kernels.get('validate_utf8');
    this.selection = region.allocate(BATCH_ROWS * 4);
  }

  /** Takes a chunk. Each batch is valid until the next is asked for. Throws 22P04, 22P02 ... with the line in the context. */
  *push(chunk: Uint8Array): Generator<Batch> {
    for (let at = 0; at < chunk.length && !this.ended; ) {
      at += this.splitter.fill(chunk, at);
      if (this.splitter.full) yield* this.drain();
    }
  }

  /** The rows that are whole by now, without waiting for a full buffer. */
  *flush(): Generator<Batch> {
    if (!this.ended) yield* this.drain();
  }

  /** No more bytes: the rest of the rows. Frees what the reader allocated beside its region. */
  *end(): Generator<Batch> {
    this.splitter.finish();
    if (!this.ended) yield* this.drain(true);
    this.close();
  }

  close(): void {
    this.heap.release();
    this.ended = true;
  }

  private *drain(final = false): Generator<Batch> {
    if (!this.headerDone && !this.readHeader(final)) return;
    for (;;) {
      const { rows, kind } = this.splitRows();
      const batch = rows === 0 ? null : this.parseRows(rows);
      if (batch !== null) yield batch;
      if (kind === 'end-marker') this.ended = true;
      if (kind !== 'full') return;
    }
  }

  /** Rows up to a batch, bad ones rejected. */
  private splitRows(): SplitResult {
    const most = this.settings.rows?.();
    let result = this.splitter.next(0, most);
    while (result.kind === 'bad-row') {
      const { rows } = result;
      const raw = this.rawOf(rows);
      const error = this.problem(result.problem!, result.column).error;
      this.rejectRow(rows, raw, error, ': ', raw);
      result = this.splitter.next(rows, most);
    }
    return result;
  }

  private problem(problem: RowProblem, column: number): { error: SqlError } {
    const csv = this.options.format === 'csv';
    const bad = (message: string, hint?: string) => ({
      error: sqlError('bad_copy_file_format', message, hint === undefined ? {} : { hint }),
    });
    const where = csv ? 'unquoted' : 'literal';
    const advice = (name: string, written: string) =>
      csv ? `Use quoted CSV field to represent ${name}.` : `Use "${written}" to represent ${name}.`;
    switch (problem) {
      case 'extra-data':
        return bad('extra data after last expected column');
      case 'missing-data':
        return bad(`missing data for column "${this.columns[column]?.name ?? ''}"`);
      case 'literal-return':
        return bad(`${where} carriage return found in data`, advice('carriage return', '\\r'));
      case 'literal-newline':
        return bad(`${where} newline found in data`, advice('newline', '\\n'));
      case 'unterminated-quote':
        return bad('unterminated CSV quoted field');
      case 'marker-not-alone':
        return bad('end-of-copy marker is not alone on its line');
    }
  }

  private rawOf(row: number): Uint8Array {
    const { start, end } = this.splitter.placeOf(row);
    return this.region.arena.shared.u8.slice(start, end);
  }

  /** Hands a bad row to `reject`, or throws its error with the context line. */
  private rejectRow(row: number, raw: Uint8Array, error: SqlError, joint: string, shown: Uint8Array): void {
    const line = this.splitter.lineOf(row);
    const text = Buffer.from(shown).toString('utf8');
    const quoted = `"${text.length > 100 ? `${text.slice(0, 100)}...` : text}"`;
    const context = `COPY ${this.settings.relation ?? 'data'}, line ${line}${joint}${quoted}`;
    const reason = new SqlError(error.condition, error.message, { ...error.details, context });
    if (this.settings.reject?.({ raw, reason, line }) !== true) throw reason;
  }

  private parseRows(rows: number): Batch | null {
    const bad = new Set<number>();
    this.checkEncoding(rows, bad);
    this.heap.reset();
    const vectors: Vector[] = [];
    this.parsers.forEach((parser, i) => {
      if (parser === null) return;
      const fields = this.splitter.columns[i]!;
      const vector = parser.parse(fields, this.splitter.hasNulls(i), rows, (row, error) => {
        if (bad.has(row)) return true;
        const shown = viewBytes(this.region.arena.shared, fields.views + row * 16);
        this.rejectRow(row, this.rawOf(row), error, `, column ${this.columns[i]!.name}: `, shown);
        bad.add(row);
        return true;
      });
      vectors.push({ type: vector.type, physical: vector.physical, data: vector.data, nulls: vector.nulls });
    });
    if (bad.size === 0) return { columns: vectors, count: rows, selection: 0, weights: 0 };
    let count = 0;
    for (let row = 0; row < rows; row++) {
      if (!bad.has(row)) this.region.arena.shared.u32[(this.selection >>> 2) + count++] = row;
    }
    return count === 0 ? null : { columns: vectors, count, selection: this.selection, weights: 0 };
  }

  /** All text must be UTF-8 without zero bytes: one pass over the rows and over what escapes produced. */
  private checkEncoding(rows: number, bad: Set<number>): void {
    const { start } = this.splitter.placeOf(0);
    const { end } = this.splitter.placeOf(rows - 1);
    const { unescaped } = this.splitter;
    if (this.validate(start, end) === 0 && this.validate(unescaped.start, unescaped.end) === 0) return;
    for (let row = 0; row < rows; row++) {
      for (const bytes of this.textsOf(row)) {
        try {
          decodeUtf8(bytes);
        } catch (error) {
          this.rejectRow(row, this.rawOf(row), error as SqlError, ': ', this.rawOf(row));
          bad.add(row);
          break;
        }
      }
    }
  }

  private *textsOf(row: number): Generator<Uint8Array> {
    const memory = this.region.arena.shared;
    yield this.rawOf(row);
    for (let i = 0; i < this.columns.length; i++) {
      if (this.columns[i]!.skipped === true) continue;
      yield viewBytes(memory, this.splitter.columns[i]!.views + row * 16).slice();
    }
  }

  /** Reads past the first record; with HEADER MATCH its names must be the columns'. False: it is not whole yet. */
  private readHeader(final: boolean): boolean {
    const { pending } = this.splitter;
    const record = splitRecord(pending, 0, this.options, final);
    if (record === null) {
      if (pending.length > 0 || !final) return false;
      this.headerDone = true;
      return true;
    }
    if (this.options.header === 'match') this.matchHeader(record.fields);
    this.splitter.skip(record.end, record.lines);
    this.headerDone = true;
    return true;
  }

  private matchHeader(names: readonly (string | null)[]): void {
    const expected = this.columns.length;
    const context = `COPY ${this.settings.relation ?? 'data'}, line 1`;
    if (names.length !== expected) {
      const message = `wrong number of fields in header line: got ${names.length}, expected ${expected}`;
      throw sqlError('bad_copy_file_format', message, { context });
    }
    names.forEach((name, i) => {
      if (name === this.columns[i]!.name) return;
      const got = name === null ? `null value ("${this.options.nullText}")` : `"${name}"`;
      const message = `column name mismatch in header line field ${i + 1}: got ${got}, expected "${this.columns[i]!.name}"`;
      throw sqlError('bad_copy_file_format', message, { context });
    });
  }
}
