// ResultSink over one connection: what a running statement answers becomes backend messages. Small results stay in the
// writer and leave with ReadyForQuery in one packet; big ones stream through the row encoder with back-pressure.
import type { Batch } from '../../columns/batch.ts';
import { sqlError } from '../../errors/sql-error.ts';
import type { Format, Notice, ResultField, ResultSink } from '../../session/session-contract.ts';
import type { RowEncoder } from './encode-rows.ts';
import { decodeEmpty } from './frontend-messages.ts';
import type { Input } from './input.ts';
import { FramingError, type LimitOf } from './message-reader.ts';
import {
  writeBare,
  writeCommandComplete,
  writeCopyData,
  writeCopyResponse,
  writeError,
  writeRowDescription,
} from './message-writer.ts';
import { connectionLost, type Output } from './output.ts';

const COPY_DATA = 0x64;
const COPY_DONE = 0x63;
const COPY_FAIL = 0x66;
/** Synchronization is lost: reported ERROR, then FATAL, as PostgreSQL does. */
export class SyncLostError extends FramingError {}

export class ConnectionSink implements ResultSink {
  readonly #output: Output;
  readonly #input: Input;
  readonly #encoder: RowEncoder;
  readonly #copyLimits: LimitOf;

  constructor(output: Output, input: Input, encoder: RowEncoder, copyLimits: LimitOf) {
    this.#output = output;
    this.#input = input;
    this.#encoder = encoder;
    this.#copyLimits = copyLimits;
  }

  rowDescription(fields: readonly ResultField[], formats: readonly Format[]): void {
    writeRowDescription(this.#output.writer, fields, formats);
  }

  rows(batch: Batch, fields: readonly ResultField[], formats: readonly Format[]): void | Promise<void> {
    return this.#encoder.send(batch, fields, formats);
  }

  commandComplete(tag: string): void {
    writeCommandComplete(this.#output.writer, tag);
  }

  emptyQuery(): void {
    writeBare(this.#output.writer, 'I');
  }

  portalSuspended(): void {
    writeBare(this.#output.writer, 's');
  }

  async *copyIn(format: Format, columnCount: number): AsyncIterable<Uint8Array> {
    writeCopyResponse(this.#output.writer, 'G', format, columnCount);
    this.#output.flush();
    for (;;) {
      const frame = this.#takeCopyFrame();
      if (frame === null) {
        if (!(await this.#input.more())) throw connectionLost();
        continue;
      }
      if (frame.type === COPY_DATA) yield frame.body;
      else if (frame.type === COPY_DONE) return;
      else if (frame.type === COPY_FAIL) {
        const reason = frame.body.toString('utf8', 0, Math.max(0, frame.body.length - 1));
        throw sqlError('query_canceled', `COPY from stdin failed: ${reason}`);
      } else decodeEmpty(frame.body); // Flush and Sync mean nothing here
    }
  }

  #takeCopyFrame() {
    try {
      return this.#input.next(this.#copyLimits);
    } catch (error) {
      const type = this.#input.reader.peekByte();
      if (!(error instanceof FramingError) || this.#copyLimits(type) >= 0) throw error;
      const hex = type.toString(16).toUpperCase().padStart(2, '0');
      const message = `unexpected message type 0x${hex} during COPY from stdin`;
      throw new SyncLostError(message, sqlError('protocol_violation', message));
    }
  }

  copyOutStart(format: Format, columnCount: number): void {
    writeCopyResponse(this.#output.writer, 'H', format, columnCount);
  }

  copyOutData(data: Uint8Array): void | Promise<void> {
    writeCopyData(this.#output.writer, data);
    return this.#output.throttle();
  }

  copyOutDone(): void {
    writeBare(this.#output.writer, 'c');
  }

  notice(notice: Notice): void {
    writeError(this.#output.writer, notice.severity, notice.error);
    this.#output.flush();
  }

  flush(): void | Promise<void> {
    this.#output.flush();
    return this.#output.drained();
  }
}
