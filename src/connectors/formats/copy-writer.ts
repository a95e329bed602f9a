// CopyWriter: batches -> COPY text or CSV bytes, for COPY TO STDOUT and COPY TO a file.
import type { Batch } from '../../columns/batch.ts';
import { Region } from '../../columns/region.ts';
import type { Kernel, KernelLibrary } from '../../kernels/kernel-library.ts';
import { DEFAULT_SETTINGS, type TypeSettings } from '../../types/type-settings.ts';
import { columnText } from './column-text.ts';
import type { DelimitedOptions } from './delimited-options.ts';

/** Whole rows; `rowEnds[i]` is the position behind row i, for senders that frame rows. A window on shared memory, valid until the next. */
export interface CopyChunk {
  readonly bytes: Uint8Array;
  readonly rowEnds: Uint32Array;
}

const CHUNK_BYTES = 262_144;

export class CopyWriter {
  private readonly region: Region;
  private readonly kernels: KernelLibrary;
  private readonly names: readonly string[];
  private readonly options: DelimitedOptions;
  private readonly settings: TypeSettings;
  private readonly scratch: Region;
  private readonly assemble: Kernel;
  private readonly state: number;
  private readonly table: number;
  private out: number;
  private capacity = CHUNK_BYTES;

  constructor(
    region: Region,
    kernels: KernelLibrary,
    names: readonly string[],
    options: DelimitedOptions,
    settings: TypeSettings = DEFAULT_SETTINGS,
  ) {
    this.region = region;
    this.kernels = kernels;
    this.names = names;
    this.options = options;
    this.settings = settings;
    this.scratch = new Region(region.arena, region.owner);
    this.assemble = kernels.get(options.format === 'csv' ? 'write_copy_csv' : 'write_copy_text');
    this.state = region.allocateZeroed(32);
    this.table = region.allocateZeroed(Math.max(1, names.length) * 16);
    this.out = region.allocate(this.capacity);
    const nullText = Buffer.from(options.nullText, 'utf8');
    const nullAddress = region.allocate(nullText.length + 16);
    const memory = region.arena.shared;
    memory.u8.set(nullText, nullAddress);
    const quoted = (name: string) => options.forceQuote === '*' || options.forceQuote.includes(name);
    names.forEach((name, i) => {
      memory.u32[(this.table >>> 2) + i * 4 + 2] = quoted(name) ? 1 : 0;
    });
    const marks = [options.delimiter, options.quote, options.escape].map((mark) => mark.charCodeAt(0));
    memory.u32.set([...marks, nullAddress, nullText.length], (this.state >>> 2) + 2);
  }

  /** The header line, or null when the options ask for none. */
  header(): Uint8Array | null {
    if (this.options.header === false) return null;
    const { format, delimiter, quote, escape: mark } = this.options;
    const cells = this.names.map((name) => {
      if (format === 'text') return name.replaceAll('\\', '\\\\').replaceAll(delimiter, `\\${delimiter}`);
      const plain =
        !name.includes(delimiter) && !name.includes(quote) && !/[\r\n]/.test(name) && name !== this.options.nullText;
      return plain ? name : quote + name.replaceAll(quote, mark + quote) + quote;
    });
    return Buffer.from(`${cells.join(delimiter)}\n`, 'utf8');
  }

  /** The batch's rows; chunks hold whole rows. */
  *write(batch: Batch): Generator<CopyChunk> {
    const { count, selection } = batch;
    const memory = this.region.arena.shared;
    this.scratch.reset();
    const ends = this.scratch.allocate(count * 4);
    memory.u32[(this.state >>> 2) + 1] = ends;
    const context = { memory, scratch: this.scratch, kernels: this.kernels, settings: this.settings };
    batch.columns.slice(0, this.names.length).forEach((vector, i) => {
      const lens = this.scratch.allocate(count * 4);
      const ptrs = this.scratch.allocate(count * 4);
      memory.u32[(this.table >>> 2) + i * 4] = lens;
      memory.u32[(this.table >>> 2) + i * 4 + 1] = ptrs;
      columnText(context, vector, selection, count, lens, ptrs);
    });
    for (let row = 0; row < count; ) {
      const rows = this.assemble(
        this.out,
        this.out + this.capacity,
        this.table,
        this.names.length,
        row,
        count,
        this.state,
      );
      if (rows === 0) {
        this.capacity *= 2;
        this.out = this.region.allocate(this.capacity);
        continue;
      }
      row += rows;
      const end = memory.u32[this.state >>> 2]!;
      yield { bytes: memory.u8.subarray(this.out, end), rowEnds: memory.u32.subarray(ends >>> 2, (ends >>> 2) + rows) };
    }
  }

  /** Nothing follows the last row. */
  end(): null {
    return null;
  }

  close(): void {
    this.scratch.release();
  }
}
