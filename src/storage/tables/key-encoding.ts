// Keys as bytes, equal exactly when SQL calls the values equal (columns/canonical-bytes.ts). Layout: per column one
// byte (1 = NULL), then the value; variable ones with a u32 length before them.
import { canonicalBytes } from '../../columns/canonical-bytes.ts';
import { codeAt, type EncodedVector, type Encoding } from '../../columns/encoding.ts';
import type { SharedMemory } from '../../columns/memory.ts';
import { VIEW_BYTES, viewBytes } from '../../columns/view.ts';

import { PHYSICAL_WIDTH } from '../../types/sql-type.ts';

const DAY_MICROS = 86_400_000_000n;

export class KeyEncoder {
  bytes = new Uint8Array(64);
  private view = new DataView(this.bytes.buffer);
  length = 0;

  /** Writes the key of `row` into `bytes[0..length)`. False: it has a NULL and NULLs are distinct, so it equals nothing. */
  encode(memory: SharedMemory, columns: readonly EncodedVector[], row: number, nullsNotDistinct: boolean): boolean {
    this.length = 0;
    for (const column of columns) {
      this.reserve(64);
      if (column.nulls !== 0 && memory.u8[column.nulls + row] !== 0) {
        if (!nullsNotDistinct) return false;
        this.bytes[this.length++] = 1;
        continue;
      }
      this.bytes[this.length++] = 0;
      if (column.encoding) this.encoded(memory, column, column.encoding, row);
      else this.value(memory, column, row);
    }
    return true;
  }

  private encoded(memory: SharedMemory, column: EncodedVector, encoding: Encoding, row: number): void {
    const { codeBytes, base, dictionary } = encoding;
    const code = codeAt(memory, column.data, codeBytes, row);
    if (dictionary !== 0) this.variable(memory, column, dictionary + code * VIEW_BYTES);
    else if (column.physical === 'i32') {
      this.view.setInt32(this.length, Number(base) + code, true);
      this.length += 4;
    } else {
      this.view.setBigInt64(this.length, base + BigInt(code), true);
      this.length += 8;
    }
  }

  private value(memory: SharedMemory, column: EncodedVector, row: number): void {
    switch (column.physical) {
      case 'f32':
        this.float(memory.f32[(column.data >>> 2) + row]!);
        return;
      case 'f64':
        this.float(memory.f64[column.data / 8 + row]!);
        return;
      case 'interval': {
        const at = column.data + row * 16;
        const days = BigInt(memory.i32[(at + 12) >>> 2]! * 30 + memory.i32[(at + 8) >>> 2]!);
        const micros = days * DAY_MICROS + memory.i64[at / 8]!;
        this.view.setBigInt64(this.length, BigInt.asIntN(64, micros), true);
        this.view.setBigInt64(this.length + 8, micros >> 64n, true);
        this.length += 16;
        return;
      }
      case 'view':
        this.variable(memory, column, column.data + row * VIEW_BYTES);
        return;
      default: {
        const width = PHYSICAL_WIDTH[column.physical];
        const from = column.data + row * width;
        for (let i = 0; i < width; i++) this.bytes[this.length + i] = memory.u8[from + i]!;
        this.length += width;
      }
    }
  }

  private float(value: number): void {
    this.view.setFloat64(this.length, value === 0 ? 0 : value, true);
    this.length += 8;
  }

  private variable(memory: SharedMemory, column: EncodedVector, view: number): void {
    const bytes = canonicalBytes(column.type, viewBytes(memory, view));
    this.reserve(bytes.length + 64);
    this.view.setUint32(this.length, bytes.length, true);
    this.bytes.set(bytes, this.length + 4);
    this.length += 4 + bytes.length;
  }

  private reserve(more: number): void {
    if (this.length + more <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(this.bytes.length * 2, this.length + more));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
    this.view = new DataView(grown.buffer);
  }
}
