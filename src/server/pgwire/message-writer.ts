// Backend messages -> bytes in one growing buffer. Knows nothing of sockets: output.ts decides when to send.
// A message is `begin(type)`, its fields, `end()`, which fills in the length. Small outputs are copied out by `take`, so
// that the buffer is reused; a large one is handed over and replaced.
import type { SqlError } from '../../errors/sql-error.ts';
import type { Format, ResultField, TransactionStatus } from '../../session/session-contract.ts';

const FIRST_CAPACITY = 16 * 1024;
/** Up to this size the output is copied out rather than the buffer given away. */
const COPY_OUT_LIMIT = 4096;

export type ErrorSeverity = 'ERROR' | 'FATAL' | 'PANIC' | 'WARNING' | 'NOTICE' | 'DEBUG' | 'INFO' | 'LOG';

export class MessageWriter {
  #bytes: Buffer = Buffer.allocUnsafeSlow(FIRST_CAPACITY);
  #at = 0;
  #messageStart = 0;

  /** Bytes written and not yet taken. */
  get length(): number {
    return this.#at;
  }

  /** All bytes written since the last take. */
  take(): Buffer {
    const length = this.#at;
    this.#at = 0;
    if (length <= COPY_OUT_LIMIT) {
      const copy = Buffer.allocUnsafe(length);
      this.#bytes.copy(copy, 0, 0, length);
      return copy;
    }
    const full = this.#bytes.subarray(0, length);
    this.#bytes = Buffer.allocUnsafeSlow(FIRST_CAPACITY);
    return full;
  }

  begin(type: string): this {
    this.#reserve(5);
    this.#messageStart = this.#at;
    this.#bytes[this.#at] = type.charCodeAt(0);
    this.#at += 5;
    return this;
  }

  end(): void {
    this.#bytes.writeInt32BE(this.#at - this.#messageStart - 1, this.#messageStart + 1);
  }

  /** Whole messages encoded elsewhere. */
  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  byte(value: number): this {
    this.#reserve(1);
    this.#bytes[this.#at++] = value;
    return this;
  }

  int16(value: number): this {
    this.#reserve(2);
    this.#bytes[this.#at] = value >> 8;
    this.#bytes[this.#at + 1] = value;
    this.#at += 2;
    return this;
  }

  int32(value: number): this {
    this.#reserve(4);
    this.#bytes[this.#at] = value >> 24;
    this.#bytes[this.#at + 1] = value >> 16;
    this.#bytes[this.#at + 2] = value >> 8;
    this.#bytes[this.#at + 3] = value;
    this.#at += 4;
    return this;
  }

  /** NUL-terminated; a NUL inside would end the string early, so it ends there. */
  string(text: string): this {
    const nul = text.indexOf('\0');
    const safe = nul < 0 ? text : text.slice(0, nul);
    this.#reserve(safe.length * 3 + 1);
    this.#at += this.#bytes.write(safe, this.#at, 'utf8');
    this.#bytes[this.#at++] = 0;
    return this;
  }

  bytes(value: Uint8Array): this {
    this.raw(value);
    return this;
  }

  #reserve(extra: number): void {
    const needed = this.#at + extra;
    if (needed <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(2 * this.#bytes.length, needed));
    this.#bytes.copy(grown, 0, 0, this.#at);
    this.#bytes = grown;
  }
}

export function writeAuthenticationOk(out: MessageWriter): void {
  out.begin('R').int32(0).end();
}

export function writeAuthenticationSasl(out: MessageWriter, mechanisms: readonly string[]): void {
  out.begin('R').int32(10);
  for (const mechanism of mechanisms) out.string(mechanism);
  out.byte(0).end();
}

/** code 11 = continue, 12 = final */
export function writeAuthenticationSaslData(out: MessageWriter, code: 11 | 12, data: string): void {
  out.begin('R').int32(code).bytes(Buffer.from(data, 'utf8')).end();
}

/** `version` as 0x0003mmmm, the whole number and not only the minor part. */
export function writeNegotiateProtocolVersion(out: MessageWriter, version: number, options: readonly string[]): void {
  out.begin('v').int32(version).int32(options.length);
  for (const option of options) out.string(option);
  out.end();
}

export function writeParameterStatus(out: MessageWriter, name: string, value: string): void {
  out.begin('S').string(name).string(value).end();
}

export function writeBackendKeyData(out: MessageWriter, processId: number, secretKey: Uint8Array): void {
  out.begin('K').int32(processId).bytes(secretKey).end();
}

export function writeReadyForQuery(out: MessageWriter, status: TransactionStatus): void {
  out.begin('Z').byte(status.charCodeAt(0)).end();
}

export function writeRowDescription(
  out: MessageWriter,
  fields: readonly ResultField[],
  formats: readonly Format[] | null,
): void {
  out.begin('T').int16(fields.length);
  for (let i = 0; i < fields.length; i++) {
    const field = fields[i]!;
    out.string(field.name).int32(field.tableOid).int16(field.columnNumber).int32(field.typeOid);
    out
      .int16(field.typeLength)
      .int32(field.typeModifier)
      .int16(formats === null ? 0 : formats[i]!);
  }
  out.end();
}

export function writeParameterDescription(out: MessageWriter, typeOids: readonly number[]): void {
  out.begin('t').int16(typeOids.length);
  for (const oid of typeOids) out.int32(oid);
  out.end();
}

export function writeCommandComplete(out: MessageWriter, tag: string): void {
  out.begin('C').string(tag).end();
}

/** ParseComplete 1, BindComplete 2, CloseComplete 3, NoData n, EmptyQueryResponse I, PortalSuspended s, CopyDone c. */
export function writeBare(out: MessageWriter, type: '1' | '2' | '3' | 'n' | 'I' | 's' | 'c'): void {
  out.begin(type).end();
}

/** CopyInResponse G or CopyOutResponse H; every column has the format of the whole. */
export function writeCopyResponse(out: MessageWriter, type: 'G' | 'H', format: Format, columnCount: number): void {
  out.begin(type).byte(format).int16(columnCount);
  for (let i = 0; i < columnCount; i++) out.int16(format);
  out.end();
}

export function writeCopyData(out: MessageWriter, data: Uint8Array): void {
  out.begin('d').bytes(data).end();
}

export function writeNotification(out: MessageWriter, processId: number, channel: string, payload: string): void {
  out.begin('A').int32(processId).string(channel).string(payload).end();
}

/** ErrorResponse, or NoticeResponse for the severities that do not abort. Field order as PostgreSQL sends them. */
export function writeError(out: MessageWriter, severity: ErrorSeverity, error: SqlError): void {
  const aborts = severity === 'ERROR' || severity === 'FATAL' || severity === 'PANIC';
  const { detail, hint, position, context, schema, table, column, dataType, constraint } = error.details;
  out.begin(aborts ? 'E' : 'N');
  writeField(out, 'S', severity);
  writeField(out, 'V', severity);
  writeField(out, 'C', error.sqlstate);
  writeField(out, 'M', error.message === '' ? 'missing error text' : error.message);
  writeField(out, 'D', detail);
  writeField(out, 'H', hint);
  writeField(out, 'W', context);
  writeField(out, 's', schema);
  writeField(out, 't', table);
  writeField(out, 'c', column);
  writeField(out, 'd', dataType);
  writeField(out, 'n', constraint);
  writeField(out, 'P', position === undefined ? undefined : String(position));
  out.byte(0).end();
}

function writeField(out: MessageWriter, code: string, value: string | undefined): void {
  if (value === undefined) return;
  out.byte(code.charCodeAt(0)).string(value);
}
