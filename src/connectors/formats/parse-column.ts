// A column of text fields -> a vector of its SQL type. Kernels read the common forms of the common types; a field they decline, and every
// field of the other types, goes through the type's input function, which also words the errors.
import { allocateVector, BATCH_ROWS, type OwnedVector, type Vector } from '../../columns/batch.ts';
import { writeDatum } from '../../columns/datum-vector.ts';
import type { SharedMemory } from '../../columns/memory.ts';
import type { Region } from '../../columns/region.ts';
import { viewBytes } from '../../columns/view.ts';
import { type SqlError, toSqlError } from '../../errors/sql-error.ts';
import { type Kernel, type KernelLibrary, STATUS, statusCode, statusRow } from '../../kernels/kernel-library.ts';
import { PHYSICAL_WIDTH, type SqlType } from '../../types/sql-type.ts';
import { typeOperations } from '../../types/type-operations.ts';
import type { TypeSettings } from '../../types/type-settings.ts';
import type { FieldColumn } from './field-splitter.ts';

type Plan =
  | { readonly kind: 'as-is' }
  | { readonly kind: 'limited'; readonly characters: number }
  | { readonly kind: 'kernel'; readonly kernel: Kernel; readonly extra: readonly number[] }
  | { readonly kind: 'values' };

const UTC = new Set(['UTC', 'ETC/UTC', 'GMT', 'ETC/GMT', 'UCT', 'ZULU', 'Z']);

function planOf(type: SqlType, kernels: KernelLibrary, settings: TypeSettings): Plan {
  const byKernel = (name: string, ...extra: number[]): Plan => ({ kind: 'kernel', kernel: kernels.get(name), extra });
  switch (type.name) {
    case 'text':
    case 'unknown':
      return { kind: 'as-is' };
    case 'varchar':
      return type.length === undefined ? { kind: 'as-is' } : { kind: 'limited', characters: type.length };
    case 'bool':
      return byKernel('parse_text_bool');
    case 'int2':
      return byKernel('cast_view_i16');
    case 'int4':
      return byKernel('cast_view_i32');
    case 'int8':
      return byKernel('cast_view_i64');
    case 'float8':
      return byKernel('cast_view_f64');
    case 'numeric': {
      if (type.precision === undefined) return byKernel('parse_text_numeric');
      const scale = type.scale ?? 0;
      return type.precision <= 18 && scale >= 0
        ? byKernel('parse_text_decimal', scale, type.precision)
        : { kind: 'values' };
    }
    case 'date':
      return byKernel('parse_text_date');
    case 'timestamp':
      return type.precision === undefined || type.precision === 6
        ? byKernel('parse_text_timestamp', 0)
        : { kind: 'values' };
    case 'timestamptz':
      if (type.precision !== undefined && type.precision !== 6) return { kind: 'values' };
      return byKernel('parse_text_timestamp', UTC.has(settings.timeZone.toUpperCase()) ? 2 : 1);
    default:
      return { kind: 'values' };
  }
}

/** Called with the row and its error; true: the row is given up, false: the error is thrown. */
export type OnBadValue = (row: number, error: SqlError) => boolean;

export class ColumnParser {
  readonly type: SqlType;
  private readonly memory: SharedMemory;
  private readonly plan: Plan;
  private readonly settings: TypeSettings;
  private readonly vector: OwnedVector | null;
  private readonly heap: Region;

  /** `heap` holds long values until the caller resets it. */
  constructor(region: Region, heap: Region, kernels: KernelLibrary, type: SqlType, settings: TypeSettings) {
    this.type = type;
    this.memory = region.arena.shared;
    this.plan = planOf(type, kernels, settings);
    this.settings = settings;
    this.heap = heap;
    const inPlace = this.plan.kind === 'as-is' || this.plan.kind === 'limited';
    this.vector = inPlace ? null : allocateVector(region, type, BATCH_ROWS);
  }

  /** Rows 0..rows-1 of the fields as a vector, valid until the next call. */
  parse(fields: FieldColumn, hasNulls: boolean, rows: number, onBad: OnBadValue): Vector {
    const nulls = hasNulls ? fields.nulls : 0;
    const { plan, vector } = this;
    if (vector === null) {
      const inPlace: Vector = { type: this.type, physical: 'view', data: fields.views, nulls };
      if (plan.kind === 'limited') this.limit(inPlace, plan.characters, rows, onBad);
      return inPlace;
    }
    vector.nulls = nulls;
    if (plan.kind === 'kernel') this.byKernel(plan.kernel, plan.extra, fields, nulls, vector, rows, onBad);
    else {
      for (let row = 0; row < rows; row++) {
        if (nulls === 0 || this.memory.u8[nulls + row] === 0) this.value(fields, vector, row, onBad);
        else if (vector.physical === 'view') this.memory.u32[(vector.data >>> 2) + row * 4] = 0;
      }
    }
    return vector;
  }

  private byKernel(
    kernel: Kernel,
    extra: readonly number[],
    fields: FieldColumn,
    nulls: number,
    vector: OwnedVector,
    rows: number,
    onBad: OnBadValue,
  ): void {
    const width = PHYSICAL_WIDTH[vector.physical];
    for (let from = 0; from < rows; ) {
      const nullsFrom = nulls === 0 ? 0 : nulls + from;
      const status = kernel(vector.data + from * width, fields.views + from * 16, nullsFrom, 0, rows - from, ...extra);
      if (status === STATUS.DONE) return;
      if (statusCode(status) !== STATUS.NEED_SLOW) throw new Error(`unexpected kernel status ${status}`);
      const row = from + statusRow(status);
      this.value(fields, vector, row, onBad);
      from = row + 1;
    }
  }

  private value(fields: FieldColumn, vector: OwnedVector | Vector, row: number, onBad: OnBadValue): void {
    const at = fields.views + row * 16;
    const text = Buffer.from(viewBytes(this.memory, at)).toString('utf8');
    try {
      const datum = typeOperations(this.type).parseText(text, this.type, this.settings);
      writeDatum(this.memory, vector, row, datum, this.heap);
    } catch (error) {
      if (!onBad(row, toSqlError(error))) throw error;
      this.memory.u8.fill(
        0,
        vector.data + row * PHYSICAL_WIDTH[vector.physical],
        vector.data + (row + 1) * PHYSICAL_WIDTH[vector.physical],
      );
    }
  }

  /** varchar(n): no more than n bytes are no more than n characters; longer ones are looked at. */
  private limit(vector: Vector, characters: number, rows: number, onBad: OnBadValue): void {
    for (let row = 0; row < rows; row++) {
      if (this.memory.u32[(vector.data >>> 2) + row * 4]! <= characters) continue;
      if (vector.nulls !== 0 && this.memory.u8[vector.nulls + row] !== 0) continue;
      this.value({ views: vector.data, nulls: vector.nulls }, vector, row, onBad);
    }
  }
}
