// RowSource: the rows a statement answers with, pulled batch by batch by a portal; and RowSlicer, which hands a batch out in
// pieces when Execute or FETCH asks for fewer rows than a batch holds.
import { after, type Maybe } from '../base/maybe.ts';
import { Pieces } from '../base/pieces.ts';
import type { Batch } from '../columns/batch.ts';
import { buildBatch } from '../columns/batch-builder.ts';
import type { Arena } from '../columns/memory.ts';
import { Region } from '../columns/region.ts';
import type { Datum } from '../types/datum.ts';
import type { SqlType } from '../types/sql-type.ts';
import type { ResultField } from './session-contract.ts';

export interface RowSource {
  readonly fields: readonly ResultField[];
  /** The next rows, valid until the next call; null at the end. A subscription waits for rows, until the deadline
   *  (performance.now() milliseconds) if there is one, and then gives null without being at its end. */
  next(deadlineMs?: number | null): Maybe<Batch | null>;
  /** true for a source that may go on after null */
  readonly endless?: boolean;
  /** Frees memory and stops the work; may be called at any time, more than once. */
  close(): Maybe<void>;
}

/** What a statement did: rows to fetch (or none) and the command tag, from the number of rows sent. */
export interface StatementResult {
  readonly rows: RowSource | null;
  readonly tag: (rowCount: number) => string;
  /** EmptyQueryResponse instead of a tag */
  readonly empty?: boolean;
}

export function tagOnly(tag: string): StatementResult {
  return { rows: null, tag: () => tag };
}

const DATUM_SOURCE_BYTES = 64 * 1024 * 1024;
const CHUNK_ROWS = 512;

/** Rows given as datums (SHOW, EXPLAIN, RETURNING of few rows, system relations at the edge). */
export class DatumRowSource implements RowSource {
  readonly fields: readonly ResultField[];
  private readonly arena: Arena;
  private readonly types: readonly SqlType[];
  private readonly rows: readonly (readonly (Datum | null)[])[];
  private readonly pieces = new Pieces();
  private owner = 0;
  private region: Region | null = null;
  private at = 0;

  constructor(arena: Arena, fields: readonly ResultField[], rows: readonly (readonly (Datum | null)[])[]) {
    this.arena = arena;
    this.fields = fields;
    this.types = fields.map((field) => field.type);
    this.rows = rows;
  }

  next(): Maybe<Batch | null> {
    return after(this.pieces.next(), () => this.nextChunk());
  }

  private nextChunk(): Batch | null {
    if (this.at >= this.rows.length) {
      this.close();
      return null;
    }
    if (this.region === null) {
      this.owner = this.arena.addOwner(DATUM_SOURCE_BYTES);
      this.region = new Region(this.arena, this.owner);
    }
    this.region.reset();
    const slice = this.rows.slice(this.at, this.at + CHUNK_ROWS);
    this.at += slice.length;
    return buildBatch(this.region, this.types, slice);
  }

  close(): void {
    if (this.region === null) return;
    this.arena.freeOwner(this.owner);
    this.region = null;
    this.at = this.rows.length;
  }
}

/** Takes at most n rows at a time from a source, remembering what is left of the batch in hand. */
export class RowSlicer {
  private readonly source: RowSource;
  private readonly arena: Arena;
  private batch: Batch | null = null;
  private used = 0;
  private owner = 0;
  private selection = 0;
  private finished = false;

  constructor(source: RowSource, arena: Arena) {
    this.source = source;
    this.arena = arena;
  }

  get exhausted(): boolean {
    return this.finished;
  }

  /** Sees to it that `take` has rows or knows the end: at once, or when the promise resolves. */
  fill(deadlineMs: number | null = null): Maybe<void> {
    if (this.finished || (this.batch !== null && this.used < this.batch.count)) return;
    this.used = 0;
    return after(this.source.next(deadlineMs), (batch) => {
      this.batch = batch;
      this.finished = batch === null && this.source.endless !== true;
    });
  }

  /** After `fill`: up to `limit` rows (0 = as many as have come, which may be none); null at the end. */
  take(limit: number): Batch | null {
    if (this.batch === null) return null;
    const left = this.batch.count - this.used;
    if (this.used === 0 && (limit === 0 || left <= limit)) {
      this.used = this.batch.count;
      return this.batch;
    }
    const count = limit === 0 ? left : Math.min(left, limit);
    const slice = { ...this.batch, count, selection: this.selectionFor(this.batch, this.used, count) };
    this.used += count;
    return slice;
  }

  close(): Maybe<void> {
    if (this.owner !== 0) this.arena.freeOwner(this.owner);
    this.owner = 0;
    this.batch = null;
    this.finished = true;
    return this.source.close();
  }

  private selectionFor(batch: Batch, from: number, count: number): number {
    if (batch.selection !== 0) return batch.selection + from * 4;
    if (this.owner === 0) {
      this.owner = this.arena.addOwner(1024 * 1024);
      this.selection = this.arena.allocate(this.owner, Math.max(65_536, batch.count * 4)).address;
    }
    const { u32 } = this.arena.shared;
    for (let i = 0; i < count; i++) u32[(this.selection >>> 2) + i] = from + i;
    return this.selection;
  }
}
