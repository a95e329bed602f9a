// Ingest: what happens to the rows of a stream at commit, in log order, before they are logged. A row whose event time lies below the
// stream's watermark before the commit is late: rejected (kept with the reason, within a bound), routed into another stream, or
// kept. Then the watermark rises to the greatest event time minus the delay, recorded with the commit as metadata, so that a
// restart reads the decision and never makes it again. A stream without rows for its idle timeout stops holding back others,
// which is a commit of its own.
import type { Clock } from '../../base/clock.ts';
import type { CatalogSnapshot, Relation, Stream } from '../../catalog/objects.ts';
import type { RejectedRow, StreamRow } from '../../catalog/system-relation.ts';
import type { Vector } from '../../columns/batch.ts';
import { readDatum } from '../../columns/datum-vector.ts';
import type { Arena, SharedMemory } from '../../columns/memory.ts';
import { Region } from '../../columns/region.ts';
import { ROW_GROUP_ROWS } from '../../columns/row-group.ts';
import type { KernelLibrary } from '../../kernels/kernel-library.ts';
import type { PreparedWrites } from '../../storage/log/commit.ts';
import type { Json } from '../../storage/log/tagged-json.ts';
import type { PublishedCommit, WriteSet } from '../../storage/log/write-set.ts';
import type { Storage } from '../../storage/storage.ts';
import { RowBuffer } from '../../storage/tables/row-buffer.ts';
import { Retention } from './retention.ts';
import { lateTarget } from './stream-definition.ts';

export interface IngestOptions {
  readonly arena: Arena;
  readonly kernels: KernelLibrary;
  readonly storage: Storage;
  readonly owner: number;
  readonly clock: Clock;
}

interface StreamState {
  /** after the commits prepared so far */
  watermark: bigint | null;
  /** as of the step that jobs are in */
  applied: bigint | null;
  idle: boolean;
  accepted: bigint;
  late: bigint;
  malformed: bigint;
  lastError: string | null;
  stopTimer: (() => void) | null;
}

interface RejectedText {
  readonly detail: string;
  readonly raw: string | null;
}

/** In the log beside the commit whose rows were judged. */
interface RejectedDecision {
  readonly kind: 'rejected';
  readonly stream: number;
  readonly reason: 'late' | 'malformed';
  readonly count: number;
  readonly atMs: number;
  readonly rows: readonly RejectedText[];
}

type Buffers = { relation: number; buffer: RowBuffer }[];

const INFINITE = 2n ** 63n - 1n;
const LEAST = -(2n ** 63n);
const MAX_REJECTED = 10_000;
const MAX_REJECTED_OF_COMMIT = 1000;
const WATERMARK = 'watermark/';
const IDLE = 'idle/';

export class Ingest {
  private readonly options: IngestOptions;
  private readonly states = new Map<number, StreamState>();
  private readonly rejected: RejectedRow[] = [];
  readonly retention: Retention;
  private readonly region: Region;
  private readonly selection: number;
  private readonly kept: number;
  private readonly word: number;

  constructor(options: IngestOptions) {
    this.options = options;
    this.retention = new Retention(options.storage, options.clock);
    this.region = new Region(options.arena, options.owner);
    this.selection = this.region.allocate(ROW_GROUP_ROWS * 4);
    this.kept = this.region.allocate(ROW_GROUP_ROWS * 4);
    this.word = this.region.allocate(16);
  }

  /** Takes up the watermarks of the checkpoint, and what `saved` gave to it. */
  start(saved: Json): void {
    for (const [key, value] of this.options.storage.metadataEntries()) this.applyOne(key, value);
    const known = saved as unknown as ReturnType<Ingest['counters']> | null;
    for (const { stream, accepted, late, malformed, lastError } of known?.streams ?? [])
      Object.assign(this.state(stream), { accepted, late, malformed, lastError });
    this.rejected.push(...(known?.rejected ?? []));
  }

  /** Counters and rejected rows, for a checkpoint between two commits. */
  saved(): Json {
    return this.counters() as unknown as Json;
  }

  private counters() {
    const streams = [...this.states].map(([stream, { accepted, late, malformed, lastError }]) => {
      return { stream, accepted, late, malformed, lastError };
    });
    return { streams, rejected: this.rejected };
  }

  /** What a commit read back from the log did to the counters. */
  replayed(commit: PublishedCommit): void {
    const { relations } = commit.catalog ?? this.options.storage.catalog();
    for (const { relation, batch } of commit.changes) {
      if (batch.weights === 0 && relations.get(relation)?.kind === 'stream')
        this.state(relation).accepted += BigInt(batch.count);
    }
    for (const decision of commit.decisions) {
      const { kind, ...rows } = decision as unknown as RejectedDecision;
      if (kind !== 'rejected') continue;
      const state = this.state(rows.stream);
      state[rows.reason] += BigInt(rows.count);
      for (const row of rows.rows) {
        if (rows.reason === 'malformed') state.lastError = row.detail;
        this.keep({ relation: rows.stream, reason: rows.reason, ...row, rejectedAtMs: rows.atMs });
      }
    }
  }

  /** Takes up its place in the commit log. */
  begin(): void {
    const { storage } = this.options;
    for (const state of this.states.values()) state.watermark = state.applied;
    storage.commits.prepare = (writes, buffers, catalog) => this.prepare(writes, buffers, catalog);
    this.retention.begin();
    for (const relation of storage.catalog().relations.values()) {
      if (relation.kind === 'stream') this.setTimer(relation, this.state(relation.oid));
    }
  }

  /** Decides about the rows of a commit. `buffers` is changed in place. */
  prepare(writes: WriteSet, buffers: Buffers, catalog: CatalogSnapshot): PreparedWrites {
    const undo: (() => void)[] = [];
    const metadata: (readonly [string, Json])[] = [];
    const decisions: RejectedDecision[] = [];
    for (let i = 0; i < buffers.length; i++) {
      const stream = catalog.relations.get(buffers[i]!.relation);
      if (stream?.kind !== 'stream') continue;
      const state = this.state(stream.oid);
      const before = { ...state };
      const rejectedBefore = this.rejected.length;
      undo.push(() => {
        const { watermark, accepted, late } = before;
        Object.assign(state, { watermark, accepted, late });
        this.rejected.length = Math.min(this.rejected.length, rejectedBefore);
      });
      if (stream.watermark !== null) this.decide(stream, state, buffers, i, catalog, metadata, decisions);
      state.accepted += BigInt(buffers[i]!.buffer.count);
      const mark = buffers[i]!.buffer.count > 0 ? this.retention.mark(stream) : null;
      if (mark !== null) metadata.push(mark);
    }
    const decided: WriteSet = {
      ...writes,
      ...(metadata.length === 0 ? {} : { metadata: [...(writes.metadata ?? []), ...metadata] }),
      ...(decisions.length === 0
        ? {}
        : { decisions: [...(writes.decisions ?? []), ...(decisions as unknown as readonly Json[])] }),
    };
    return {
      writes: decided,
      undo: () => {
        for (const step of undo.toReversed()) step();
      },
    };
  }

  private decide(
    stream: Stream,
    state: StreamState,
    buffers: Buffers,
    index: number,
    catalog: CatalogSnapshot,
    metadata: (readonly [string, Json])[],
    decisions: RejectedDecision[],
  ): void {
    const { i64 } = this.options.arena.shared;
    const { kernels } = this.options;
    const watermark = stream.watermark!;
    const at = stream.columns.findIndex((column) => column.attribute === watermark.attribute);
    const { buffer } = buffers[index]!;
    if (state.watermark !== null && buffer.count > 0) {
      const { data, nulls } = buffer.vectors(0)[at]!;
      i64[this.word / 8] = state.watermark;
      const late = kernels.get('select_less_i64_const')(this.selection, data, this.word, nulls, 0, buffer.count);
      if (late > 0) {
        state.late += BigInt(late);
        const target = lateTarget(stream, catalog.relations);
        const rejects = stream.onLate.kind !== 'keep' && target === null;
        const rows = rejects ? this.lateRows(state, buffer.vectors(0), late) : [];
        const decision: RejectedDecision = {
          kind: 'rejected', stream: stream.oid, reason: 'late', count: late, atMs: this.nowMs(), rows,
        }; // biome-ignore format: one object
        decisions.push(decision);
        for (const row of rows)
          this.keep({ relation: stream.oid, reason: 'late', ...row, rejectedAtMs: decision.atMs });
        if (stream.onLate.kind !== 'keep') this.divert(stream, target, buffers, index, late);
      }
    }
    const accepted = buffers[index]!.buffer;
    if (accepted.count > 0) {
      const { data, nulls } = accepted.vectors(0)[at]!;
      i64[this.word / 8] = LEAST;
      kernels.get('extreme_i64')(this.word, data, nulls, 1, 0, accepted.count);
      let greatest = i64[this.word / 8]!;
      if (greatest === INFINITE)
        greatest = greatestFinite(this.options.arena.shared, accepted.vectors(0)[at]!, accepted.count);
      const next = greatest - watermark.delayMicros;
      if (greatest !== LEAST && (state.watermark === null || next > state.watermark)) {
        state.watermark = next;
        metadata.push([`${WATERMARK}${stream.oid}`, next]);
      }
      if (state.idle) metadata.push([`${IDLE}${stream.oid}`, null]);
      this.setTimer(stream, state);
    }
  }

  /** Takes the late rows (the first `late` of the selection) out of the buffer, and into the target's. */
  private divert(stream: Stream, target: Relation | null, buffers: Buffers, index: number, late: number): void {
    const { buffer } = buffers[index]!;
    const vectors = buffer.vectors(0);
    if (target !== null) this.route(target, buffers, vectors, late);
    const { u32 } = this.options.arena.shared;
    let next = 0;
    let count = 0;
    for (let row = 0; row < buffer.count; row++) {
      if (next < late && u32[(this.selection >>> 2) + next] === row) next++;
      else u32[(this.kept >>> 2) + count++] = row;
    }
    const accepted = new RowBuffer(buffer.home, buffer.columns);
    if (count > 0) accepted.append(vectors, this.kept, 0, count);
    buffers[index] = { relation: stream.oid, buffer: accepted };
    buffer.retire();
  }

  private route(target: Relation, buffers: Buffers, vectors: ReturnType<RowBuffer['vectors']>, late: number): void {
    const columns = target.columns.map(({ attribute, name, type }) => ({ attribute, name, type }));
    const routed = new RowBuffer(this.options.storage.tables.home, columns);
    routed.append(vectors, this.selection, 0, late);
    buffers.push({ relation: target.oid, buffer: routed });
  }

  /** The late rows of the selection as text, within a bound. */
  private lateRows(state: StreamState, vectors: ReturnType<RowBuffer['vectors']>, late: number): RejectedText[] {
    const { shared } = this.options.arena;
    const { format } = this.options.storage.tables;
    const detail = `event time is before the watermark ${new Date(Number(state.watermark! / 1000n)).toISOString()}`;
    return Array.from({ length: Math.min(late, MAX_REJECTED_OF_COMMIT) }, (_, i) => {
      const row = shared.u32[(this.selection >>> 2) + i]!;
      const values = vectors.map((vector) => {
        const value = readDatum(shared, vector, row);
        return value === null ? '' : format(vector.type, value);
      });
      return { detail, raw: `(${values.join(',')})` };
    });
  }

  /** A row that a connector could not read. */
  rejectMalformed(relation: number, detail: string, raw: string | null): void {
    const state = this.state(relation);
    state.malformed++;
    state.lastError = detail;
    this.keep({ relation, reason: 'malformed', detail, raw, rejectedAtMs: this.nowMs() });
  }

  /** What a source's commit says about rows that could not be read, so that they are counted after a restart too. */
  malformedDecision(relation: number, rows: readonly { readonly raw: string; readonly reason: string }[]): Json {
    const decision: RejectedDecision = {
      kind: 'rejected', stream: relation, reason: 'malformed', count: rows.length, atMs: this.nowMs(),
      rows: rows.slice(0, MAX_REJECTED_OF_COMMIT).map(({ raw, reason }) => ({ detail: reason, raw })),
    }; // biome-ignore format: one object
    return decision as unknown as Json;
  }

  /** A connector that has stopped, and why; null: it starts again. */
  sourceFailed(relation: number, message: string | null): void {
    this.state(relation).lastError = message;
  }

  private keep(row: RejectedRow): void {
    if (this.rejected.length >= MAX_REJECTED) this.rejected.splice(0, MAX_REJECTED / 10);
    this.rejected.push(row);
  }

  private nowMs(): number {
    return Number(this.options.clock.nowMicros() / 1000n);
  }

  /** What a commit decided becomes what jobs see. */
  apply(metadata: readonly (readonly [string, Json])[]): void {
    for (const [key, value] of metadata) this.applyOne(key, value);
  }

  private applyOne(key: string, value: Json): void {
    if (key.startsWith(WATERMARK)) {
      const state = this.state(Number(key.slice(WATERMARK.length)));
      if (typeof value === 'bigint') state.applied = value;
      state.idle = false;
    } else if (key.startsWith(IDLE)) this.state(Number(key.slice(IDLE.length))).idle = value === true;
  }

  /** The least watermark of these streams; idle ones are left out while others go on. Null: none has one. */
  watermarkOf(streams: Iterable<number>): bigint | null {
    let active: bigint | null = null;
    let all: bigint | null = null;
    for (const oid of streams) {
      if (!this.hasWatermark(oid)) continue;
      const state = this.state(oid);
      if (state.idle && state.applied !== null) {
        if (all === null || state.applied > all) all = state.applied;
        continue;
      }
      if (state.idle) continue;
      if (state.applied === null) return null;
      if (active === null || state.applied < active) active = state.applied;
    }
    return active ?? all;
  }

  private hasWatermark(oid: number): boolean {
    const relation = this.options.storage.catalog().relations.get(oid);
    return relation?.kind === 'stream' && relation.watermark !== null;
  }

  /** Forgets streams that are gone. */
  follow(catalog: CatalogSnapshot): void {
    this.retention.follow(catalog);
    for (const [oid, state] of this.states) {
      if (catalog.relations.has(oid)) continue;
      state.stopTimer?.();
      this.states.delete(oid);
    }
  }

  streamRows(): StreamRow[] {
    const streams = [...this.options.storage.catalog().relations.values()].filter(
      (relation) => relation.kind === 'stream',
    );
    return streams.map((stream) => {
      const state = this.state(stream.oid);
      return {
        relation: stream.oid,
        connector: stream.connector,
        watermarkMicros: state.applied,
        lagMicros: state.applied === null ? null : this.options.clock.nowMicros() - state.applied,
        idle: state.idle,
        acceptedRows: state.accepted,
        lateRows: state.late,
        malformedRows: state.malformed,
        lastError: state.lastError,
      };
    });
  }

  rejectedRows(): readonly RejectedRow[] {
    return this.rejected;
  }

  close(): void {
    this.options.storage.commits.prepare = null;
    this.retention.close();
    for (const state of this.states.values()) state.stopTimer?.();
  }

  private state(oid: number): StreamState {
    let state = this.states.get(oid);
    if (state === undefined) {
      const zero = { accepted: 0n, late: 0n, malformed: 0n, lastError: null, stopTimer: null };
      state = { watermark: null, applied: null, idle: false, ...zero };
      this.states.set(oid, state);
    }
    return state;
  }

  private setTimer(stream: Stream, state: StreamState): void {
    const timeout = stream.watermark?.idleTimeoutMicros ?? null;
    state.stopTimer?.();
    if (timeout === null) return;
    state.stopTimer = this.options.clock.after(timeout, () => {
      state.stopTimer = null;
      if (this.states.get(stream.oid) !== state) return;
      this.options.storage.commit({ metadata: [[`${IDLE}${stream.oid}`, true]] }).catch(() => {}); // the log has failed: nothing goes on
    });
  }
}

/** Of event times in microseconds; the least i64 without any. An infinite time says nothing about how far the others have come. */
function greatestFinite(memory: SharedMemory, vector: Vector, count: number): bigint {
  let greatest = LEAST;
  for (let row = 0; row < count; row++) {
    const time = readDatum(memory, vector, row);
    if (typeof time === 'bigint' && time !== INFINITE && time > greatest) greatest = time;
  }
  return greatest;
}
