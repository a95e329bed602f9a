// Batches -> Arrow record batches of up to CHUNK_ROWS rows, for Parquet and Arrow files. Numbers, dates and times keep their types, exactly;
// a type that Arrow has no form for (interval, uuid, json) goes as its text.
import {
  Binary,
  Bool,
  type Data,
  DataType,
  DateDay,
  Decimal,
  Field,
  Float32,
  Float64,
  Int16,
  Int32,
  Int64,
  List,
  makeBuilder,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  Table,
  TimeMicrosecond,
  TimestampMicrosecond,
  tableToIPC,
  Utf8,
} from 'apache-arrow';
import type { Batch } from '../../columns/batch.ts';
import { batchRowIndexes } from '../../columns/batch-builder.ts';
import { readDatum } from '../../columns/datum-vector.ts';
import type { SharedMemory } from '../../columns/memory.ts';
import { sqlError } from '../../errors/sql-error.ts';
import type { Datum, SqlArray, Decimal as SqlDecimal } from '../../types/datum.ts';
import { tenTo } from '../../types/decimal.ts';
import type { SqlType } from '../../types/sql-type.ts';
import { typeOperations } from '../../types/type-operations.ts';
import type { NamedColumn } from './csv-file.ts';

export const CHUNK_ROWS = 16_384;

/** Digits behind the point of a numeric without a scale of its own. */
const FREE_SCALE = 18;

function arrowType(type: SqlType): DataType {
  switch (type.name) {
    case 'bool':
      return new Bool();
    case 'int2':
      return new Int16();
    case 'int4':
      return new Int32();
    case 'int8':
    case 'oid':
      return new Int64();
    case 'float4':
      return new Float32();
    case 'float8':
      return new Float64();
    case 'numeric':
      return new Decimal(type.scale ?? FREE_SCALE, type.precision ?? 38, 128);
    case 'date':
      return new DateDay();
    case 'time':
      return new TimeMicrosecond();
    case 'timestamp':
      return new TimestampMicrosecond();
    case 'timestamptz':
      return new TimestampMicrosecond('UTC');
    case 'bytea':
      return new Binary();
    default:
      return type.element === undefined ? new Utf8() : new List(new Field('item', arrowType(type.element), true));
  }
}

/** What the builder is told: its own dates and times are milliseconds, so ours are built as the integers that they are. */
function builderType(type: DataType): DataType {
  if (DataType.isTimestamp(type) || DataType.isTime(type)) return new Int64();
  if (DataType.isDate(type)) return new Int32();
  if (DataType.isList(type)) return new List(new Field('item', builderType(type.children[0]!.type), true));
  return type;
}

/** The builder's data under the type it is meant to have; the layout is the same. */
function retyped(data: Data, type: DataType): Data {
  const { length, nullCount, nullBitmap } = data;
  if (DataType.isList(type)) {
    const child = retyped(data.children[0]!, type.children[0]!.type);
    return makeData({ type, length, nullCount, nullBitmap, valueOffsets: data.valueOffsets, child });
  }
  if (builderType(type) === type) return data;
  return makeData({ type, length, nullCount, nullBitmap, data: data.values } as Parameters<typeof makeData>[0]);
}

/** A value as apache-arrow's builders take it. Throws 22003 for a number that the Arrow type does not hold exactly. */
function arrowValue(value: Datum, type: SqlType): unknown {
  switch (type.name) {
    case 'bool':
    case 'int2':
    case 'int4':
    case 'float4':
    case 'float8':
    case 'time':
    case 'timestamp':
    case 'timestamptz':
    case 'int8':
    case 'bytea':
      return value;
    case 'oid':
      return BigInt(value as number);
    case 'numeric':
      return decimalWords(value as SqlDecimal, type);
    case 'date':
      return value;
    default: {
      if (type.element === undefined)
        return typeof value === 'string' ? value : typeOperations(type).formatText(value, type);
      const array = value as SqlArray;
      if (array.dimensions.length > 1) {
        throw sqlError('feature_not_supported', 'arrays of several dimensions cannot be written to this format');
      }
      return array.elements.map((element) => (element === null ? null : arrowValue(element, type.element!)));
    }
  }
}

function decimalWords(value: SqlDecimal, type: SqlType): Uint32Array {
  const scale = type.scale ?? FREE_SCALE;
  const shift = scale - value.scale;
  const whole =
    value.special !== undefined ? null : shift >= 0 ? value.coefficient * tenTo(shift) : exactShare(value, -shift);
  if (whole === null || whole >= tenTo(38) || whole <= -tenTo(38)) {
    throw sqlError('numeric_value_out_of_range', 'a numeric value does not fit the format exactly', {
      detail: `Columns of numeric without a scale are written as decimal(38, ${FREE_SCALE}).`,
      hint: 'Cast the column to numeric(precision, scale) or to double precision.',
    });
  }
  const words = new Uint32Array(4);
  const lanes = new BigInt64Array(words.buffer);
  lanes[0] = BigInt.asIntN(64, whole);
  lanes[1] = whole >> 64n;
  return words;
}

/** The coefficient without its last digits if they are zeros. */
function exactShare(value: SqlDecimal, digits: number): bigint | null {
  const unit = tenTo(digits);
  return value.coefficient % unit === 0n ? value.coefficient / unit : null;
}

/** Collects rows; `take` gives them as the bytes of an Arrow IPC stream. */
export class ArrowChunk {
  readonly schema: Schema;
  rows = 0;
  private readonly memory: SharedMemory;
  private readonly columns: readonly NamedColumn[];
  private builders: ReturnType<typeof makeBuilder>[];

  constructor(memory: SharedMemory, columns: readonly NamedColumn[]) {
    this.memory = memory;
    this.columns = columns;
    this.schema = new Schema(columns.map(({ name, type }) => new Field(name, arrowType(type), true)));
    this.builders = this.newBuilders();
  }

  get full(): boolean {
    return this.rows >= CHUNK_ROWS;
  }

  append(batch: Batch): void {
    const rows = [...batchRowIndexes(this.memory, batch)];
    for (const [i, { type }] of this.columns.entries()) {
      const builder = this.builders[i]!;
      const vector = batch.columns[i]!;
      for (const row of rows) {
        const value = readDatum(this.memory, vector, row);
        builder.append(value === null ? null : arrowValue(value, type));
      }
    }
    this.rows += rows.length;
  }

  /** The rows collected so far as one record batch; the chunk is empty again. */
  takeBatch(): RecordBatch {
    const children = this.builders.map((builder, i) => retyped(builder.finish().flush(), this.schema.fields[i]!.type));
    const batch = new RecordBatch(
      this.schema,
      makeData({ type: new Struct(this.schema.fields), length: this.rows, nullCount: 0, children }),
    );
    this.rows = 0;
    this.builders = this.newBuilders();
    return batch;
  }

  takeIpc(): Uint8Array {
    return tableToIPC(new Table([this.takeBatch()]), 'stream');
  }

  private newBuilders(): ReturnType<typeof makeBuilder>[] {
    return this.schema.fields.map((field) => makeBuilder({ type: builderType(field.type), nullValues: [null] }));
  }
}
