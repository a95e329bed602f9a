// The footer of a Parquet file: rows and, per column, min, max and NULL count of each row group, which the library does not give.
// Format: the Thrift compact protocol over the FileMetaData structure of parquet-format's parquet.thrift. Only flat columns of the
// types below have their statistics read; anything else has none, which means: cannot be ruled out.
import { isUtf8 } from 'node:buffer';
import { open } from 'node:fs/promises';
import type { Datum } from '../../types/datum.ts';
import { decimal } from '../../types/datum.ts';

export interface ColumnStatistics {
  readonly min: Datum;
  readonly max: Datum;
}

export interface RowGroupFacts {
  readonly rows: number;
  /** number of NULLs by column, where the file says */
  readonly nulls: ReadonlyMap<string, number>;
  readonly ranges: ReadonlyMap<string, ColumnStatistics>;
}

const MAGIC = 0x31524150;
const MAX_FOOTER_BYTES = 256 * 1024 * 1024;

/** Throws an Error that says what is wrong with the file. */
export async function readFooter(path: string): Promise<readonly RowGroupFacts[]> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const tail = Buffer.alloc(8);
    if (size < 12) throw new Error('it is shorter than the smallest Parquet file');
    await file.read(tail, 0, 8, size - 8);
    if (tail.readUInt32LE(4) !== MAGIC) throw new Error('it does not end with the mark of Parquet: it may be cut off');
    const length = tail.readUInt32LE(0);
    if (length > size - 12 || length > MAX_FOOTER_BYTES) throw new Error('its footer is longer than the file');
    const footer = Buffer.alloc(length);
    await file.read(footer, 0, length, size - 8 - length);
    return rowGroups(new CompactReader(footer).struct(0));
  } finally {
    await file.close();
  }
}

// ------------------------------------------------------------------------------------------------------ compact protocol
type Thrift = bigint | boolean | number | Buffer | Thrift[] | ThriftStruct;
type ThriftStruct = Map<number, Thrift>;

const MAX_DEPTH = 32;

class CompactReader {
  private readonly bytes: Buffer;
  private at = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  struct(depth: number): ThriftStruct {
    if (depth > MAX_DEPTH) throw new Error('its footer nests too deep');
    const fields: ThriftStruct = new Map();
    for (let id = 0; ; ) {
      const head = this.byte();
      if (head === 0) return fields;
      const delta = head >>> 4;
      id = delta === 0 ? Number(this.zigzag()) : id + delta;
      fields.set(id, this.value(head & 15, depth));
    }
  }

  private byte(): number {
    if (this.at >= this.bytes.length) throw new Error('its footer ends too early');
    return this.bytes[this.at++]!;
  }

  private varint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.byte();
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
    throw new Error('its footer has a number that never ends');
  }

  private zigzag(): bigint {
    const value = this.varint();
    return (value >> 1n) ^ -(value & 1n);
  }

  private value(type: number, depth: number): Thrift {
    switch (type) {
      case 1:
        return true;
      case 2:
        return false;
      case 3:
        return (this.byte() << 24) >> 24;
      case 4:
      case 5:
      case 6:
        return this.zigzag();
      case 7: {
        const start = this.at;
        this.at += 8;
        if (this.at > this.bytes.length) throw new Error('its footer ends too early');
        return this.bytes.readDoubleLE(start);
      }
      case 8: {
        const start = this.at;
        const length = Number(this.varint());
        const from = this.at;
        if (length > this.bytes.length - from) throw new Error(`its footer has a text that is too long at ${start}`);
        this.at = from + length;
        return this.bytes.subarray(from, this.at);
      }
      case 9:
      case 10:
        return this.list(depth);
      case 12:
        return this.struct(depth + 1);
      default:
        throw new Error(`its footer has an unknown element ${type}`);
    }
  }

  private list(depth: number): Thrift[] {
    const head = this.byte();
    const count = head >>> 4 === 15 ? Number(this.varint()) : head >>> 4;
    if (count > this.bytes.length) throw new Error('its footer has a list that is too long');
    const type = head & 15;
    return Array.from({ length: count }, () =>
      // an element of type bool is a byte
      type === 1 || type === 2 ? this.byte() === 1 : this.value(type, depth),
    );
  }
}

// --------------------------------------------------------------------------------------------------------- FileMetaData
const asStruct = (value: Thrift | undefined): ThriftStruct => (value instanceof Map ? value : new Map());
const asList = (value: Thrift | undefined): readonly Thrift[] => (Array.isArray(value) ? value : []);
const asNumber = (value: Thrift | undefined): number => Number(value ?? 0);
const asText = (value: Thrift | undefined): string => (Buffer.isBuffer(value) ? value.toString('utf8') : '');

interface Leaf {
  readonly physical: number;
  readonly converted: number | null;
  readonly scale: number;
  readonly logical: ThriftStruct;
}

function rowGroups(footer: ThriftStruct): RowGroupFacts[] {
  const leaves = new Map<string, Leaf>();
  for (const element of asList(footer.get(2)).map(asStruct)) {
    if (element.get(1) === undefined) continue;
    leaves.set(asText(element.get(4)), {
      physical: asNumber(element.get(1)),
      converted: element.get(6) === undefined ? null : asNumber(element.get(6)),
      scale: asNumber(element.get(7)),
      logical: asStruct(element.get(10)),
    });
  }
  return asList(footer.get(4)).map((item) => {
    const group = asStruct(item);
    const nulls = new Map<string, number>();
    const ranges = new Map<string, ColumnStatistics>();
    for (const chunk of asList(group.get(1)).map(asStruct)) {
      const about = asStruct(chunk.get(3));
      const path = asList(about.get(3)).map(asText);
      const leaf = leaves.get(path[0] ?? '');
      if (path.length !== 1 || leaf === undefined) continue;
      const statistics = asStruct(about.get(12));
      if (statistics.get(3) !== undefined) nulls.set(path[0]!, asNumber(statistics.get(3)));
      const [max, min] = [statistics.get(5), statistics.get(6)];
      if (!Buffer.isBuffer(min) || !Buffer.isBuffer(max)) continue;
      const range = { min: statisticOf(min, leaf), max: statisticOf(max, leaf) };
      if (range.min !== null && range.max !== null) ranges.set(path[0]!, range as ColumnStatistics);
    }
    return { rows: asNumber(group.get(3)), nulls, ranges };
  });
}

const BOOLEAN = 0;
const INT32 = 1;
const INT64 = 2;
const FLOAT = 4;
const DOUBLE = 5;
const BYTE_ARRAY = 6;
/** ConvertedType */
const UTF8 = 0;
const DECIMAL = 5;
const TIMESTAMP_MILLIS = 9;
const TIMESTAMP_MICROS = 10;

/** A statistic as the datum of the column's SQL type; null where its order or its form is not ours. */
function statisticOf(bytes: Buffer, { physical, converted, scale, logical }: Leaf): Datum | null {
  // unsigned integers, and times in other units
  const unsigned = converted !== null && converted >= 11 && converted <= 14;
  if (unsigned || logical.has(7) || converted === 7 || converted === 8) return null;
  switch (physical) {
    case BOOLEAN:
      return bytes.length === 1 ? bytes[0] === 1 : null;
    case INT32:
      if (bytes.length !== 4) return null;
      if (converted === DECIMAL || logical.has(5)) return decimal(BigInt(bytes.readInt32LE(0)), scale);
      return bytes.readInt32LE(0);
    case INT64:
      return bytes.length === 8 ? wideStatistic(bytes.readBigInt64LE(0), converted, scale, logical) : null;
    case FLOAT:
      return bytes.length === 4 && !Number.isNaN(bytes.readFloatLE(0)) ? bytes.readFloatLE(0) : null;
    case DOUBLE:
      return bytes.length === 8 && !Number.isNaN(bytes.readDoubleLE(0)) ? bytes.readDoubleLE(0) : null;
    case BYTE_ARRAY:
      // a long text is cut, perhaps amid a character
      return (converted === UTF8 || logical.has(1)) && isUtf8(bytes) ? bytes.toString('utf8') : null;
    default:
      return null;
  }
}

function wideStatistic(value: bigint, converted: number | null, scale: number, logical: ThriftStruct): Datum | null {
  if (converted === DECIMAL || logical.has(5)) return decimal(value, scale);
  if (converted === TIMESTAMP_MICROS) return value;
  if (converted === TIMESTAMP_MILLIS) return value * 1000n;
  if (!logical.has(8)) return value;
  const unit = asStruct(asStruct(logical.get(8)).get(2));
  if (unit.has(1)) return value * 1000n;
  return unit.has(2) ? value : null;
}
