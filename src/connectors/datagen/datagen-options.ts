// Options of the `datagen` connector: rows-per-second, number-of-rows, seed, and per column fields.<name>.<kind|min|max|start|end|length|
// null-rate>, checked against the column's type.
import { z } from 'zod';
import type { Column } from '../../catalog/objects.ts';
import { sqlError } from '../../errors/sql-error.ts';
import { readOptions } from '../connector-options.ts';
import { DURATION, generatorOf } from './field-generator.ts';

/** Without a rate: what can be watched and does not fill a disk; a stream that ends is made at once. */
const ENDLESS_RATE = 10;
const FINITE_RATE = 10_000;

const OPTIONS = z.strictObject({
  rowspersecond: z.coerce.number().int().min(1).max(10_000_000).optional().describe('rows-per-second'),
  numberofrows: z.coerce.number().int().min(0).optional().describe('number-of-rows'),
  seed: z.coerce.number().int().min(0).max(2_147_483_647).optional(),
});
const integer = z.string().regex(/^-?\d{1,18}$/, 'must be a whole number');
const FIELD = z.strictObject({
  kind: z.enum(['random', 'sequence']).default('random'),
  min: z.string().optional(),
  max: z.string().optional(),
  start: integer.optional(),
  end: integer.optional(),
  length: z.coerce.number().int().min(0).max(1_000_000).default(100),
  varlen: z.enum(['true', 'false']).default('false').describe('var-len'),
  maxpast: z.string().regex(DURATION, 'must be a time such as 5 s').optional().describe('max-past'),
  nullrate: z.coerce.number().min(0).max(1).default(0).describe('null-rate'),
});
export type FieldOptions = z.infer<typeof FIELD>;

export interface DatagenOptions {
  readonly rowsPerSecond: number;
  /** rows after which it ends; Infinity: never */
  readonly rowCount: number;
  readonly seed: number | null;
  /** by column, those it makes values for */
  readonly fields: ReadonlyMap<string, FieldOptions>;
}

/** Throws 22023 for options that are unknown, malformed or do not fit a column's type, 0A000 for a type it cannot make. */
export function readDatagenOptions(
  options: Readonly<Record<string, string>>,
  columns: readonly Column[],
): DatagenOptions {
  const general: Record<string, string> = {};
  const byField = new Map<string, Record<string, string>>();
  for (const [name, value] of Object.entries(options)) {
    const [, field, property] = /^fields\.(.+)\.([^.]+)$/.exec(name) ?? [];
    if (field === undefined) general[name] = value;
    else byField.set(field, { ...byField.get(field), [property!]: value });
  }
  const { rowspersecond, numberofrows, seed } = readOptions(OPTIONS, 'datagen', general);
  const fields = new Map<string, FieldOptions>();
  let rowCount = numberofrows ?? Number.POSITIVE_INFINITY;
  for (const { name, type, generated } of columns) {
    if (generated !== null) continue;
    const field = readOptions(FIELD, `datagen, field "${name}"`, byField.get(name) ?? {});
    byField.delete(name);
    generatorOf(type, field, 0);
    if (field.kind === 'sequence' && field.end !== undefined) {
      rowCount = Math.min(rowCount, Math.max(0, Number(BigInt(field.end) - BigInt(field.start ?? '0')) + 1));
    }
    fields.set(name, field);
  }
  const [unknown] = byField.keys();
  if (unknown !== undefined) {
    throw sqlError('undefined_column', `column "${unknown}" of option "fields.${unknown}" does not exist`);
  }
  const rowsPerSecond = rowspersecond ?? (rowCount === Number.POSITIVE_INFINITY ? ENDLESS_RATE : FINITE_RATE);
  return { rowsPerSecond, rowCount, seed: seed ?? null, fields };
}
