// Rows on their way to a temporary file and back: blocks of packed rows (kernels/assembly/spill.ts), each row with its long values behind it,
// so that a block read to any address is a list of row addresses again.
import { UNIT_BYTES } from '../../columns/memory.ts';
import { Region } from '../../columns/region.ts';
import { sqlError } from '../../errors/sql-error.ts';
import { STATUS, statusCode, statusRow } from '../../kernels/kernel-library.ts';
import { ColumnDescriptors, type RowLayout } from '../rows/row-layout.ts';
import type { RowContext } from '../rows/row-store.ts';
import type { SpillFile } from './spill-file.ts';

/** Of packed rows; a longer row has a block of its own. The least one fits into a unit of the arena with what describes its columns. */
const LEAST_BLOCK_BYTES = 49_152;
const MOST_BLOCK_BYTES = 1_048_576;

/** Bytes of each of so many blocks that are to take a sixteenth of `bound` bytes together. */
export function blockBytes(bound: number, blocks: number): number {
  return Math.max(LEAST_BLOCK_BYTES, Math.min(MOST_BLOCK_BYTES, 2 ** Math.floor(Math.log2(bound / 16 / blocks))));
}

/** Of the arena, for reading or writing by blocks of so many. */
export function streamBytes(block: number): number {
  return block === LEAST_BLOCK_BYTES ? 2 * UNIT_BYTES : block + 2 * UNIT_BYTES;
}

interface SpilledBlock {
  readonly position: number;
  readonly bytes: number;
  readonly rows: number;
}

/** Rows of a file, in the order in which they were written. */
export type SpilledRows = readonly SpilledBlock[];

export class RowPacker {
  private readonly context: RowContext;
  private readonly layout: RowLayout;
  private readonly file: SpillFile;
  private readonly region: Region;
  private readonly descriptors: ColumnDescriptors;
  /** {u32 cursor, u32 limit, u32 needed} */
  private readonly window: number;
  private readonly blocks: SpilledBlock[] = [];
  private block = 0;
  private blockBytes = 0;
  private blockRows = 0;

  constructor(context: RowContext, layout: RowLayout, file: SpillFile, blockBytes: number) {
    this.context = context;
    this.layout = layout;
    this.file = file;
    this.region = new Region(context.arena, context.owner);
    this.descriptors = new ColumnDescriptors(context.memory, this.region, layout.columns);
    this.window = this.region.allocate(16);
    this.newBlock(blockBytes);
  }

  /** `rows`: address of the rows' addresses, at most BATCH_ROWS. */
  async add(rows: number, count: number): Promise<void> {
    const { memory, kernels } = this.context;
    const { address, count: columns } = this.descriptors;
    for (let from = 0; from < count; ) {
      const status = kernels.get('rows_pack')(rows, from, count, this.layout.rowBytes, address, columns, this.window);
      const next = statusCode(status) === STATUS.NEED_HEAP ? statusRow(status) : count;
      this.blockRows += next - from;
      from = next;
      if (from === count) return;
      await this.flush();
      const needed = memory.u32[(this.window >>> 2) + 2]!;
      if (needed > this.blockBytes) this.newBlock(needed * 2);
    }
  }

  /** All rows since the last call. */
  async finish(): Promise<SpilledRows> {
    await this.flush();
    return this.blocks.splice(0);
  }

  release(): void {
    this.region.release();
  }

  private newBlock(bytes: number): void {
    this.block = this.region.allocate(bytes);
    this.blockBytes = bytes;
    const word = this.window >>> 2;
    this.context.memory.u32[word] = this.block;
    this.context.memory.u32[word + 1] = this.block + bytes;
  }

  private async flush(): Promise<void> {
    if (this.blockRows === 0) return;
    const { u8, u32 } = this.context.memory;
    const word = this.window >>> 2;
    const bytes = u32[word]! - this.block;
    const position = await this.file.append(u8.subarray(this.block, this.block + bytes));
    this.blocks.push({ position, bytes, rows: this.blockRows });
    this.blockRows = 0;
    u32[word] = this.block;
  }
}

/** Reads spilled rows block by block; a block is good until the next one is asked for. */
export class PackedReader {
  /** u32 addresses of the block's rows */
  list = 0;
  count = 0;
  private readonly context: RowContext;
  private readonly layout: RowLayout;
  private readonly file: SpillFile;
  private readonly blocks: SpilledRows;
  private readonly region: Region;
  private readonly descriptors: ColumnDescriptors;
  private readonly block: number;
  private next = 0;

  constructor(context: RowContext, layout: RowLayout, file: SpillFile, blocks: SpilledRows) {
    this.context = context;
    this.layout = layout;
    this.file = file;
    this.blocks = blocks;
    this.region = new Region(context.arena, context.owner);
    this.descriptors = new ColumnDescriptors(context.memory, this.region, layout.columns);
    const most = (of: (block: SpilledBlock) => number) => blocks.reduce((so, block) => Math.max(so, of(block)), 16);
    this.block = this.region.allocate(most(({ bytes }) => bytes));
    this.list = this.region.allocate(most(({ rows }) => rows) * 4);
  }

  /** Whether there was another block. */
  async advance(): Promise<boolean> {
    const block = this.blocks[this.next++];
    if (block === undefined) return false;
    const { memory, kernels } = this.context;
    await this.file.read(block.position, memory.u8.subarray(this.block, this.block + block.bytes));
    const { address, count } = this.descriptors;
    const { rowBytes } = this.layout;
    const unpack = kernels.get('rows_unpack');
    if (unpack(this.block, block.bytes, block.rows, rowBytes, address, count, this.list) !== 0) {
      throw sqlError('data_corrupted', 'temporary file does not hold what was written');
    }
    this.count = block.rows;
    return true;
  }

  release(): void {
    this.region.release();
  }
}
