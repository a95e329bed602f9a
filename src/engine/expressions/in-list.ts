// arg IN (constants): the distinct constants are laid out sorted, in the order of the kernels (numbers by value, views by bytes),
// and looked up by binary search. NULL among the items turns "not found" into NULL.
import type { Batch, OwnedVector, Vector } from '../../columns/batch.ts';
import { encodeValue, writeDatum } from '../../columns/datum-vector.ts';
import { uuidToI128 } from '../../columns/value-bytes.ts';
import type { Datum } from '../../types/datum.ts';
import { BOOL, PHYSICAL_WIDTH, physicalOf, type SqlType } from '../../types/sql-type.ts';
import type { Node, Program } from './expression-context.ts';

/** Below this many items comparing one by one is as fast. */
export const SMALL_LIST = 4;

/** True where a sorted lookup means what the type's `=` means. */
export function canLookUp(type: SqlType): boolean {
  switch (physicalOf(type)) {
    case 'i32':
    case 'i64':
    case 'i128':
      return true;
    case 'view':
      return ['text', 'varchar', 'name', 'bytea', 'unknown'].includes(type.name);
    default:
      return false;
  }
}

function compareItems(type: SqlType): (a: Datum, b: Datum) => number {
  if (physicalOf(type) === 'view') return (a, b) => Buffer.compare(encodeValue(type, a), encodeValue(type, b));
  if (type.name === 'numeric') {
    return (a, b) => {
      const left = (a as { coefficient: bigint }).coefficient;
      const right = (b as { coefficient: bigint }).coefficient;
      return left < right ? -1 : left > right ? 1 : 0;
    };
  }
  if (type.name === 'uuid') {
    return (a, b) => {
      const order = uuidToI128(a as string) - uuidToI128(b as string);
      return order < 0n ? -1 : order > 0n ? 1 : 0;
    };
  }
  const signed = (value: Datum) => (typeof value === 'number' ? value | 0 : value); // an oid is compared as the kernel sees it
  return (a, b) => (signed(a) < signed(b) ? -1 : signed(a) > signed(b) ? 1 : 0);
}

export class InListNode implements Node {
  readonly type = BOOL;
  private readonly program: Program;
  private readonly arg: Node;
  private readonly negated: boolean;
  private readonly hasNull: boolean;
  private readonly table: number;
  private readonly size: number;
  private readonly out: OwnedVector;

  /** `items` are values of the argument's type (and scale). */
  constructor(program: Program, arg: Node, items: readonly (Datum | null)[], negated: boolean) {
    this.program = program;
    this.arg = arg;
    this.negated = negated;
    this.hasNull = items.includes(null);
    const { region, memory } = program.context;
    const compare = compareItems(arg.type);
    const sorted = items.filter((item) => item !== null).sort(compare);
    const distinct = sorted.filter((item, i) => i === 0 || compare(item, sorted[i - 1]!) !== 0);
    const physical = physicalOf(arg.type);
    this.size = distinct.length;
    this.table = region.allocate(PHYSICAL_WIDTH[physical] * Math.max(1, this.size));
    const vector = { type: arg.type, physical, data: this.table, nulls: 0 };
    distinct.forEach((item, i) => {
      writeDatum(memory, vector, i, item, region);
    });
    this.out = program.vector(BOOL);
  }

  evaluate(batch: Batch, selection: number, count: number): Vector {
    const { out, program } = this;
    const { kernels } = program.context;
    const vector = this.arg.evaluate(batch, selection, count);
    out.nulls = vector.nulls;
    const find = kernels.get(`in_sorted_${vector.physical}`);
    find(out.data, vector.data, this.table, this.size, vector.nulls, selection, count);
    if (this.hasNull) {
      program.ownNulls(out, program.extent(selection, count));
      kernels.get('null_where_false')(out.nulls, out.data, selection, count);
    }
    if (this.negated) kernels.get('not')(out.data, out.data, out.nulls, selection, count);
    return out;
  }
}
