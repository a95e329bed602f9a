// date_trunc, extract and date_part of a constant unit, and casts among date, timestamp and timestamptz, by kernels where these say the
// same as the function's row body. In UTC a timestamptz is the timestamp it shows, so its functions are timestamp's. A batch with a
// value that a kernel declines (infinity, out of range) is computed row by row, errors included.
import type { Batch, OwnedVector, Vector } from '../../columns/batch.ts';
import type { ScalarFunction } from '../../functions/function-definition.ts';
import type { Kernel } from '../../kernels/kernel-library.ts';
import { INT8, type SqlType } from '../../types/sql-type.ts';
import type { Node, Program } from './expression-context.ts';
import { convertNumber, retyped } from './numeric-conversion.ts';

const UTC: ReadonlySet<string> = new Set(['UTC', 'GMT', 'Etc/UTC']);
const UNITS: ReadonlySet<string> = new Set(
  'microseconds milliseconds second minute hour day week month quarter year decade century millennium'.split(' '),
);
/** Fields whose value is an integer. */
const FIELDS: ReadonlySet<string> = new Set(
  'year month day hour minute dow isodow doy week isoyear quarter decade century millennium'.split(' '),
);

/** Functions that depend on the session by its time zone alone. */
export const ZONED: ReadonlySet<string> = new Set([
  'date_trunc(text,timestamptz)',
  'extract(text,timestamptz)',
  'date_part(text,timestamptz)',
  'cast(date->timestamptz)',
  'cast(timestamp->timestamptz)',
  'cast(timestamptz->date)',
  'cast(timestamptz->timestamp)',
]);

/** Calls one kernel of one argument; says when it declined. */
class UnitNode implements Node {
  readonly type: SqlType;
  declined = false;
  private readonly kernel: Kernel;
  private readonly arg: Node;
  private readonly out: OwnedVector;

  constructor(program: Program, type: SqlType, kernel: string, arg: Node) {
    this.type = type;
    this.kernel = program.context.kernels.get(kernel);
    this.arg = arg;
    this.out = program.vector(type);
  }

  evaluate(batch: Batch, selection: number, count: number): Vector {
    const { data, nulls } = this.arg.evaluate(batch, selection, count);
    this.out.nulls = nulls;
    this.declined = this.kernel(this.out.data, data, nulls, selection, count) !== 0;
    return this.out;
  }
}

/** The node by a kernel, or null where none says the same. `rows` is the row-by-row node of the same call. */
export function specialiseDate(
  program: Program,
  definition: ScalarFunction,
  args: readonly Node[],
  type: SqlType,
  rows: Node,
): Node | null {
  if (ZONED.has(definition.id) && !UTC.has(program.context.evaluation.timeZone)) return null;
  const sameInUtc =
    definition.id === 'cast(timestamp->timestamptz)' || definition.id === 'cast(timestamptz->timestamp)';
  if (sameInUtc) return type.precision === undefined ? retyped(args[0]!, type) : null;
  const arg = args.at(-1);
  const kernel = kernelOf(definition, args, type);
  if (kernel === null || arg === undefined || arg.constant !== undefined || !program.context.kernels.has(kernel))
    return null;
  const isField = kernel.startsWith('extract_');
  const unit = new UnitNode(program, isField ? INT8 : type, kernel, arg);
  const fast = isField ? convertNumber(program, unit, type) : unit;
  return {
    type,
    evaluate(batch, selection, count) {
      const result = fast.evaluate(batch, selection, count);
      return unit.declined ? rows.evaluate(batch, selection, count) : result;
    },
  };
}

function kernelOf({ id, name }: ScalarFunction, args: readonly Node[], type: SqlType): string | null {
  if (id === 'cast(date->timestamptz)' || id === 'cast(date->timestamp)')
    return type.precision === undefined ? 'cast_date_timestamp' : null;
  if (id === 'cast(timestamptz->date)' || id === 'cast(timestamp->date)') return 'cast_timestamp_date';
  const word = args[0]?.constant?.value;
  if (args.length !== 2 || typeof word !== 'string') return null;
  const from = args[1]!.type.name;
  const isStamp = from === 'timestamp' || from === 'timestamptz';
  const unit = word.toLowerCase();
  if (name === 'date_trunc') return isStamp && UNITS.has(unit) ? `date_trunc_${unit}` : null;
  if (name !== 'extract' && name !== 'date_part') return null;
  if (!FIELDS.has(unit) || (!isStamp && from !== 'date')) return null;
  return `extract_${unit}_${isStamp ? 'timestamp' : 'date'}`;
}
