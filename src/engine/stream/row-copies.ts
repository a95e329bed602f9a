// RowCopies: the row ids under which the second and further copies of a view's row are stored, newest first, as chains in the job's own
// memory. A row keeps the head of its chain as a u32.
import { Region } from '../../columns/region.ts';
import type { JobContext } from './operator.ts';

/** {f64 row id, u32 next} */
const NODE_BYTES = 16;

export class RowCopies {
  private readonly context: JobContext;
  private readonly region: Region;
  private free = 0;

  constructor(context: JobContext) {
    this.context = context;
    this.region = new Region(context.arena, context.owner);
  }

  /** `head`: address of the u32. Throws 53200. */
  push(head: number, rowId: number): void {
    const { u32, f64 } = this.context.memory;
    let node = this.free;
    if (node === 0) node = this.region.allocate(NODE_BYTES);
    else this.free = u32[(node >>> 2) + 2]!;
    f64[node / 8] = rowId;
    u32[(node >>> 2) + 2] = u32[head >>> 2]!;
    u32[head >>> 2] = node;
  }

  /** The newest row id, or null where there is none. */
  pop(head: number): number | null {
    const { u32, f64 } = this.context.memory;
    const node = u32[head >>> 2]!;
    if (node === 0) return null;
    u32[head >>> 2] = u32[(node >>> 2) + 2]!;
    u32[(node >>> 2) + 2] = this.free;
    this.free = node;
    return f64[node / 8]!;
  }

  release(): void {
    this.region.release();
  }
}
