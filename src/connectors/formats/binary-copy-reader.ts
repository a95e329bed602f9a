// BinaryCopyReader: COPY's binary format, in chunks of any size, -> batches. The format is PostgreSQL's (manual, COPY, "Binary
// Format"): a signature, flags and an extension; per row a field count and each field with its length; a count of -1 at the end.
// Values are decoded one by one, as Bind's binary parameters are: drivers use this format for loads of typed values, and files
// that are to be read fast are text, CSV or Parquet.
import type { Batch } from '../../columns/batch.ts';
import { BatchBuilder } from '../../columns/batch-builder.ts';
import { Region } from '../../columns/region.ts';
import { SqlError, sqlError } from '../../errors/sql-error.ts';
import type { Datum } from '../../types/datum.ts';
import type { SqlType } from '../../types/sql-type.ts';
import { typeOperations } from '../../types/type-operations.ts';
import type { TypeOperations } from '../../types/type-settings.ts';

export const BINARY_COPY_SIGNATURE = Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1');

const FIXED_HEADER = BINARY_COPY_SIGNATURE.length + 8;
/** Flags of this half say that the file cannot be read without knowing them. */
const CRITICAL_FLAGS = 0xffff_0000;
const WITH_OIDS = 1 << 16;
const NOT_RECOGNIZED = 'COPY file signature not recognized';

export interface BinaryColumn {
  readonly name: string;
  readonly type: SqlType;
}

export class BinaryCopyReader {
  private readonly columns: readonly BinaryColumn[];
  private readonly operations: readonly TypeOperations[];
  private readonly relation: string;
  private readonly heap: Region;
  private readonly builder: BatchBuilder;
  private store: Buffer = Buffer.alloc(0);
  /** the part of `store` that has not been read */
  private pending: Buffer = this.store;
  private headerDone = false;
  private ended = false;
  private line = 0;

  /** Allocates in `region`; long values live in a region of the same owner until the next batch. `relation` is named in contexts. */
  constructor(region: Region, columns: readonly BinaryColumn[], relation: string) {
    this.columns = columns;
    this.operations = columns.map((column) => typeOperations(column.type));
    this.relation = relation;
    this.heap = new Region(region.arena, region.owner);
    this.builder = new BatchBuilder(
      region,
      columns.map((column) => column.type),
      { heap: this.heap },
    );
  }

  /** Takes a chunk. Each batch is valid until the next is asked for. Throws 22P04 (the format), 22P03 and others (values). */
  *push(chunk: Uint8Array): Generator<Batch> {
    this.append(chunk);
    let at = this.headerDone ? 0 : this.readHeader();
    for (let next = this.readRow(at); next > at; next = this.readRow(at)) {
      at = next;
      if (this.builder.full) yield* this.flush();
    }
    this.pending = this.pending.subarray(at);
  }

  /** Behind what is pending, in a buffer that grows by doubling: a row of many chunks is not copied with each of them. */
  private append(chunk: Uint8Array): void {
    const { pending } = this;
    const length = pending.length + chunk.length;
    let start = pending.byteOffset - this.store.byteOffset;
    if (pending.length === 0 || start + length > this.store.length) {
      this.store = Buffer.allocUnsafeSlow(pending.length === 0 ? length : 2 * length);
      pending.copy(this.store);
      start = 0;
    }
    this.store.set(chunk, start + pending.length);
    this.pending = this.store.subarray(start, start + length);
  }

  /** The rows read and not yet handed out. */
  *flush(): Generator<Batch> {
    if (this.builder.count === 0) return;
    yield this.builder.batch();
    this.builder.reset();
    this.heap.reset();
  }

  /** No more bytes: the rest of the rows. */
  *end(): Generator<Batch> {
    if (!this.headerDone && this.pending.length < BINARY_COPY_SIGNATURE.length) throw this.malformed(NOT_RECOGNIZED);
    if (!this.headerDone) throw this.malformed('invalid COPY file header (missing flags)');
    // The end marker may be missing, as PostgreSQL allows; half a row may not.
    if (this.pending.length > 0) throw this.malformed('unexpected EOF in COPY data', `, line ${this.line + 1}`);
    yield* this.flush();
    this.close();
  }

  close(): void {
    this.heap.release();
    this.ended = true;
  }

  /** Where the rows begin; 0 while the header is not whole. */
  private readHeader(): number {
    const { pending } = this;
    const known = Math.min(pending.length, BINARY_COPY_SIGNATURE.length);
    if (!pending.subarray(0, known).equals(BINARY_COPY_SIGNATURE.subarray(0, known)))
      throw this.malformed(NOT_RECOGNIZED);
    if (pending.length < FIXED_HEADER) return 0;
    const flags = pending.readUInt32BE(BINARY_COPY_SIGNATURE.length);
    if ((flags & WITH_OIDS) !== 0) throw this.malformed('invalid COPY file header (WITH OIDS)');
    if ((flags & CRITICAL_FLAGS) !== 0) throw this.malformed('unrecognized critical flags in COPY file header');
    const extension = pending.readInt32BE(FIXED_HEADER - 4);
    if (extension < 0) throw this.malformed('invalid COPY file header (missing length)');
    if (pending.length < FIXED_HEADER + extension) return 0;
    this.headerDone = true;
    return FIXED_HEADER + extension;
  }

  /** Where the row at `at` ends; `at` when it is not whole yet or there is none. */
  private readRow(at: number): number {
    const { pending } = this;
    if (!this.headerDone || pending.length === at) return at;
    if (this.ended) throw this.malformed('received copy data after EOF marker', `, line ${this.line}`);
    if (pending.length < at + 2) return at;
    const count = pending.readInt16BE(at);
    if (count === -1) {
      this.ended = true;
      return at + 2;
    }
    const { columns } = this;
    this.line++;
    if (count !== columns.length)
      throw this.malformed(`row field count is ${count}, expected ${columns.length}`, `, line ${this.line}`);
    const end = this.rowEnd(at + 2);
    if (end < 0) {
      this.line--;
      return at;
    }
    this.builder.append(this.fields(at + 2));
    return end;
  }

  /** Where the fields that begin at `at` end; -1 when they are not whole. */
  private rowEnd(start: number): number {
    const { pending } = this;
    let at = start;
    for (let i = 0; i < this.columns.length; i++) {
      if (pending.length < at + 4) return -1;
      const length = pending.readInt32BE(at);
      if (length < -1) throw this.malformed('invalid field size', this.place(i));
      at += 4 + Math.max(0, length);
    }
    return pending.length < at ? -1 : at;
  }

  private fields(start: number): (Datum | null)[] {
    const { pending } = this;
    let at = start;
    return this.columns.map((column, i) => {
      const length = pending.readInt32BE(at);
      const from = at + 4;
      at = from + Math.max(0, length);
      if (length < 0) return null;
      try {
        return this.operations[i]!.decodeBinary(pending.subarray(from, at), column.type);
      } catch (error) {
        if (!(error instanceof SqlError)) throw error;
        const context = `COPY ${this.relation}${this.place(i)}`;
        throw new SqlError(error.condition, error.message, { ...error.details, context });
      }
    });
  }

  private place(column: number): string {
    return `, line ${this.line}, column ${this.columns[column]!.name}`;
  }

  /** Errors of the header have no context, as in PostgreSQL: its rows have not begun. */
  private malformed(message: string, place = ''): SqlError {
    const context = place === '' ? {} : { context: `COPY ${this.relation}${place}` };
    return sqlError('bad_copy_file_format', message, context);
  }
}
