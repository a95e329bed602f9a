// Batches -> DataRow messages -> socket, with back-pressure. Per slice of a batch: every column becomes pieces in scratch memory
// (encode-column.ts), a kernel assembles the pieces to messages in a send buffer in shared memory, and the socket sends that
// buffer as it is. At most two buffers per connection are in flight; a client that does not read stops the producer here.
import type { Batch } from '../../columns/batch.ts';
import type { Arena } from '../../columns/memory.ts';
import type { Kernel, KernelLibrary } from '../../kernels/kernel-library.ts';
import type { Format, OutputSettings, ResultField, Session } from '../../session/session-contract.ts';
import { type ColumnPlan, type EncodeContext, encodeColumn, planColumn, type ValueForms } from './encode-column.ts';
import { connectionLost, type Output } from './output.ts';
import { SEND_BUFFER_BYTES, type SendBuffers } from './send-buffers.ts';

const MAX_IN_FLIGHT = 2;
const SLICE_ROWS = 2048;
/** Pieces of one slice, so that a wide table does not need much scratch. */
const SLICE_PIECES = 65_536;
/** Results up to this size travel with the messages around them in one packet. */
const SMALL_BYTES = 8192;

export interface EncoderParts {
  readonly arena: Arena;
  readonly kernels: KernelLibrary;
  readonly forms: ValueForms;
  readonly buffers: SendBuffers;
}

export class RowEncoder {
  readonly #parts: EncoderParts;
  readonly #output: Output;
  readonly #session: Pick<Session, 'outputSettings'>;
  readonly #assemble: Kernel;
  readonly #viewBytes: Kernel;
  #inFlight = 0;
  /** address and fill of the buffer being written, 0 = none */
  #buffer = 0;
  #used = 0;
  /** plans of the columns, kept while formats and settings are the same objects and the types fit */
  #plans: ColumnPlan[] = [];
  #planned: { batch: Batch; formats: readonly Format[]; settings: OutputSettings } | null = null;

  constructor(parts: EncoderParts, output: Output, session: Pick<Session, 'outputSettings'>) {
    this.#parts = parts;
    this.#output = output;
    this.#session = session;
    this.#assemble = parts.kernels.get('encode_data_rows');
    this.#viewBytes = parts.kernels.get('encode_view_bytes');
  }

  /** Column i of the batch has formats[i]. Resolves when the batch is no longer needed and the client keeps up. */
  send(batch: Batch, fields: readonly ResultField[], formats: readonly Format[]): void | Promise<void> {
    if (batch.columns.length < fields.length) throw new Error('the batch has fewer columns than the result has fields');
    this.#plan(batch, formats);
    return this.#sendFrom(batch, fields.length, formats, 0);
  }

  #plan(batch: Batch, formats: readonly Format[]): void {
    const settings = this.#session.outputSettings();
    const last = this.#planned;
    const same =
      last !== null &&
      sameSettings(last.settings, settings) &&
      last.formats === formats &&
      last.batch.columns.length === batch.columns.length &&
      batch.columns.every((column, i) => column.type === last.batch.columns[i]!.type);
    if (same) return;
    const { kernels } = this.#parts;
    this.#plans = batch.columns.map((column, i) => planColumn(kernels, column, formats[i] ?? 0, settings));
    this.#planned = { batch, formats, settings };
  }

  #sendFrom(batch: Batch, columns: number, formats: readonly Format[], start: number): void | Promise<void> {
    let from = start;
    try {
      while (from < batch.count) {
        if (!this.#acquire()) {
          const goOn = from;
          return this.#output.progress().then(() => this.#sendFrom(batch, columns, formats, goOn));
        }
        from += this.#sendSlice(batch, columns, formats, from);
      }
      return this.#finish();
    } finally {
      // After an error half a result is of no use; the rows written so far are dropped with it.
      if (this.#buffer !== 0) {
        this.#parts.buffers.give(this.#buffer);
        this.#buffer = this.#used = 0;
      }
    }
  }

  /** Encodes rows from `from` on; returns how many were sent or stand in the buffer: fewer when buffers have run out. */
  #sendSlice(batch: Batch, columns: number, formats: readonly Format[], from: number): number {
    const count = Math.min(
      batch.count - from,
      SLICE_ROWS,
      Math.max(1, Math.floor(SLICE_PIECES / Math.max(1, columns))),
    );
    const { table, endAt } = this.#encodeColumns(batch, columns, formats, from, count);
    const { u32 } = this.#parts.arena.shared;
    let done = 0;
    while (done < count) {
      const limit = this.#buffer + SEND_BUFFER_BYTES;
      const rows = this.#assemble(this.#buffer + this.#used, limit, table, columns, done, count, endAt);
      this.#used = u32[endAt >>> 2]! - this.#buffer;
      done += rows;
      if (done === count) break;
      if (rows === 0 && this.#used === 0) this.#sendGiant(table, columns, done++);
      else this.#ship();
      if (!this.#acquire()) break;
    }
    return done;
  }

  #encodeColumns(batch: Batch, columns: number, formats: readonly Format[], from: number, count: number) {
    const { arena, buffers, forms } = this.#parts;
    const memory = arena.shared;
    buffers.resetScratch();
    const { scratch } = buffers;
    const context: EncodeContext = {
      memory,
      scratch,
      forms,
      settings: this.#planned!.settings,
      viewBytes: this.#viewBytes,
    };
    const selection = batch.selection === 0 ? 0 : batch.selection + from * 4;
    const slice = { selection, firstRow: batch.selection === 0 ? from : 0, count };
    const endAt = scratch.allocate(4);
    const table = scratch.allocate(Math.max(1, columns) * 8);
    for (let i = 0; i < columns; i++) {
      const lens = scratch.allocate(count * 4);
      const ptrs = scratch.allocate(count * 4);
      memory.u32[(table >>> 2) + 2 * i] = lens;
      memory.u32[(table >>> 2) + 2 * i + 1] = ptrs;
      encodeColumn(context, this.#plans[i]!, batch.columns[i]!, formats[i] ?? 0, slice, lens, ptrs);
    }
    return { table, endAt };
  }

  /** A buffer to write into; false when as many as allowed are on their way. */
  #acquire(): boolean {
    if (this.#buffer !== 0) return true;
    if (this.#output.closed) throw connectionLost();
    if (this.#inFlight >= MAX_IN_FLIGHT) return false;
    this.#buffer = this.#parts.buffers.take();
    this.#used = 0;
    return true;
  }

  /** Hands the buffer to the socket; it comes back when sent. */
  #ship(): void {
    const address = this.#buffer;
    const { arena, buffers } = this.#parts;
    this.#inFlight++;
    const bytes = Buffer.from(arena.shared.buffer as unknown as ArrayBuffer, address, this.#used);
    this.#buffer = this.#used = 0;
    this.#output.writeThrough(bytes, () => {
      this.#inFlight--;
      buffers.give(address);
    });
  }

  #finish(): void | Promise<void> {
    if (this.#used > SMALL_BYTES) {
      this.#ship();
      return;
    }
    if (this.#used > 0)
      this.#output.writer.raw(this.#parts.arena.shared.u8.subarray(this.#buffer, this.#buffer + this.#used));
    return this.#output.throttle();
  }

  /** A row larger than a send buffer is put together in ordinary memory. */
  #sendGiant(table: number, columns: number, position: number): void {
    const { i32, u32, u8 } = this.#parts.arena.shared;
    const pieces: { length: number; address: number }[] = [];
    let total = 6;
    for (let i = 0; i < columns; i++) {
      const length = i32[(u32[(table >>> 2) + 2 * i]! >>> 2) + position]!;
      const address = u32[(u32[(table >>> 2) + 2 * i + 1]! >>> 2) + position]!;
      pieces.push({ length, address });
      total += 4 + Math.max(0, length);
    }
    const message = Buffer.allocUnsafeSlow(total + 1);
    message[0] = 0x44;
    message.writeInt32BE(total, 1);
    message.writeInt16BE(columns, 5);
    let at = 7;
    for (const { length, address } of pieces) {
      at = message.writeInt32BE(length, at);
      if (length <= 0) continue;
      message.set(u8.subarray(address, address + length), at);
      at += length;
    }
    this.#inFlight++;
    this.#output.writeThrough(message, () => this.#inFlight--);
  }
}

function sameSettings(a: OutputSettings, b: OutputSettings): boolean {
  return (
    a === b ||
    (a.timeZone === b.timeZone &&
      a.dateStyle === b.dateStyle &&
      a.intervalStyle === b.intervalStyle &&
      a.byteaOutput === b.byteaOutput &&
      a.extraFloatDigits === b.extraFloatDigits)
  );
}
