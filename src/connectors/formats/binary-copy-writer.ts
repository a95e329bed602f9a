// BinaryCopyWriter: batches -> COPY's binary format (see binary-copy-reader.ts), value by value.
import type { Batch } from '../../columns/batch.ts';
import { batchRows } from '../../columns/batch-builder.ts';
import type { SharedMemory } from '../../columns/memory.ts';
import type { SqlType } from '../../types/sql-type.ts';
import { typeOperations } from '../../types/type-operations.ts';
import { BINARY_COPY_SIGNATURE } from './binary-copy-reader.ts';
import type { CopyChunk } from './copy-writer.ts';

const CHUNK_BYTES = 65_536;

export class BinaryCopyWriter {
  private readonly memory: SharedMemory;
  private readonly types: readonly SqlType[];
  private bytes = Buffer.allocUnsafe(2 * CHUNK_BYTES);
  private at = 0;
  private started = false;

  constructor(memory: SharedMemory, types: readonly SqlType[]) {
    this.memory = memory;
    this.types = types;
  }

  /** The file's header leaves with the first row, as PostgreSQL sends it. */
  header(): null {
    return null;
  }

  /** The batch's rows; chunks hold whole rows and are valid until the next. */
  *write(batch: Batch): Generator<CopyChunk> {
    const operations = this.types.map(typeOperations);
    let ends: number[] = [];
    this.at = 0;
    if (batch.count > 0) this.start();
    for (const row of batchRows(this.memory, batch)) {
      this.room(2);
      this.at = this.bytes.writeInt16BE(this.types.length, this.at);
      for (const [i, type] of this.types.entries()) {
        const value = row[i]!;
        this.field(value === null ? null : operations[i]!.encodeBinary(value, type));
      }
      ends.push(this.at);
      if (this.at < CHUNK_BYTES) continue;
      yield { bytes: this.bytes.subarray(0, this.at), rowEnds: Uint32Array.from(ends) };
      this.at = 0;
      ends = [];
    }
    if (ends.length > 0) yield { bytes: this.bytes.subarray(0, this.at), rowEnds: Uint32Array.from(ends) };
  }

  /** The end marker, behind the header where there was no row. */
  end(): Uint8Array {
    this.at = 0;
    this.start();
    this.room(2);
    this.at = this.bytes.writeInt16BE(-1, this.at);
    return this.bytes.subarray(0, this.at);
  }

  private start(): void {
    if (this.started) return;
    this.started = true;
    this.at = BINARY_COPY_SIGNATURE.copy(this.bytes, this.at) + this.at;
    this.at = this.bytes.writeInt32BE(0, this.at);
    this.at = this.bytes.writeInt32BE(0, this.at);
  }

  private field(value: Uint8Array | null): void {
    this.room(4 + (value?.length ?? 0));
    this.at = this.bytes.writeInt32BE(value?.length ?? -1, this.at);
    if (value === null) return;
    this.bytes.set(value, this.at);
    this.at += value.length;
  }

  private room(bytes: number): void {
    if (this.at + bytes <= this.bytes.length) return;
    const grown = Buffer.allocUnsafe(2 * (this.at + bytes));
    this.bytes.copy(grown, 0, 0, this.at);
    this.bytes = grown;
  }
}
