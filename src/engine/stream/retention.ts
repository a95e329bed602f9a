// Retention of streams: rows older than `retention`, or the oldest beyond `retention_bytes`, are deleted. Views keep what they made of them:
// the deleting commit carries a decision by which jobs pass it over. When rows came is kept as marks, commit metadata `retention/<oid>`: the
// first row id of each 64th of the time, and when that began.
import type { Clock } from '../../base/clock.ts';
import type { CatalogSnapshot, Stream } from '../../catalog/objects.ts';
import { sqlError } from '../../errors/sql-error.ts';
import type { Json } from '../../storage/log/tagged-json.ts';
import type { PublishedCommit } from '../../storage/log/write-set.ts';
import type { Storage } from '../../storage/storage.ts';
import { optionInterval } from './option-interval.ts';

export interface RetentionLimits {
  readonly ageMicros: bigint | null;
  readonly bytes: number | null;
}

interface Mark {
  readonly row: number;
  readonly at: bigint;
}

const KEY = 'retention/';
const PARTS = 64n;
const ROWS_PER_COMMIT = 65_536;
const UNITS: Readonly<Record<string, number>> = { '': 1, b: 1, kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3, tb: 1024 ** 4 };

/** Throws 22023 for values that mean nothing. */
export function retentionOf(options: Readonly<Record<string, string>>): RetentionLimits {
  const { retention, retention_bytes: size } = options;
  let ageMicros: bigint | null = null;
  if (retention !== undefined) {
    const { months, days, micros } = optionInterval('retention', retention);
    ageMicros = BigInt(months * 30 + days) * 86_400_000_000n + micros;
    if (ageMicros <= 0n) throw bad('retention', retention, "Use an interval such as '7 days'.");
  }
  if (size === undefined) return { ageMicros, bytes: null };
  const [, amount, unit] = /^\s*(\d+)\s*([a-z]*)\s*$/i.exec(size) ?? [];
  const factor = unit === undefined ? undefined : UNITS[unit.toLowerCase()];
  if (amount === undefined || factor === undefined || Number(amount) === 0)
    throw bad('retention_bytes', size, "Use a number of bytes, or one with a unit: '10GB'.");
  return { ageMicros, bytes: Number(amount) * factor };
}

function bad(option: string, value: string, hint: string) {
  return sqlError('invalid_parameter_value', `invalid value for option "${option}": "${value}"`, { hint, option });
}

/** Streams whose rows a commit deletes because of their age or number alone. */
export function retiredStreams(commit: Pick<PublishedCommit, 'decisions'>): ReadonlySet<number> {
  const found = commit.decisions.map((decision) => decision as { kind?: string; stream?: number });
  return new Set(found.flatMap(({ kind, stream }) => (kind === 'retention' && stream !== undefined ? [stream] : [])));
}

export class Retention {
  private readonly storage: Storage;
  private readonly clock: Clock;
  private readonly timers = new Map<number, () => void>();
  private readonly sweeping = new Set<number>();
  private live = false;

  constructor(storage: Storage, clock: Clock) {
    this.storage = storage;
    this.clock = clock;
  }

  /** The log has been replayed. */
  begin(): void {
    this.live = true;
    for (const relation of this.storage.catalog().relations.values())
      if (relation.kind === 'stream') this.schedule(relation);
  }

  /** The mark that a commit with rows for the stream has to carry, or null. Called before it is applied. */
  mark(stream: Stream): readonly [string, Json] | null {
    const { ageMicros } = retentionOf(stream.options);
    if (ageMicros === null) return null;
    const marks = this.marks(stream.oid);
    const now = this.clock.nowMicros();
    const last = marks.at(-1);
    if (last !== undefined && (now - last.at) * PARTS < ageMicros) return null;
    const row = this.storage.tables.tables.get(stream.oid)?.nextRowId ?? 1;
    return [`${KEY}${stream.oid}`, [...marks, { row, at: now }] as unknown as Json];
  }

  /** A commit is published: what it brought may have to go some time, or at once. */
  committed(commit: PublishedCommit): void {
    if (!this.live) return;
    for (const relation of new Set(commit.changes.map((change) => change.relation))) {
      const stream = this.storage.catalog().relations.get(relation);
      if (stream?.kind === 'stream') this.schedule(stream);
    }
  }

  /** Options have changed, streams have gone. */
  follow(catalog: CatalogSnapshot): void {
    if (!this.live) return;
    for (const [oid, stop] of this.timers) if (!catalog.relations.has(oid)) stop();
    for (const relation of catalog.relations.values()) if (relation.kind === 'stream') this.schedule(relation);
  }

  private schedule(stream: Stream): void {
    const limits = retentionOf(stream.options);
    this.timers.get(stream.oid)?.();
    this.timers.delete(stream.oid);
    if (this.sweeping.has(stream.oid)) return;
    if (limits.bytes !== null && this.rowsBeyond(stream.oid, limits.bytes, 16) > 0) {
      this.sweep(stream);
      return;
    }
    const [first] = this.marks(stream.oid);
    if (limits.ageMicros === null || first === undefined) return;
    const end = first.at + limits.ageMicros / PARTS + limits.ageMicros;
    const wait = end - this.clock.nowMicros();
    this.timers.set(
      stream.oid,
      this.clock.after(wait > 0n ? wait : 0n, () => this.sweep(stream)),
    );
  }

  private sweep({ oid }: Stream): void {
    const stream = this.storage.catalog().relations.get(oid);
    if (stream?.kind !== 'stream' || this.sweeping.has(oid)) return;
    const limits = retentionOf(stream.options);
    const marks = [...this.marks(oid)];
    const bound = limits.ageMicros === null ? 0 : this.expiredBefore(oid, marks, limits.ageMicros);
    const beyond = limits.bytes === null ? 0 : this.rowsBeyond(oid, limits.bytes, Number.POSITIVE_INFINITY);
    const rowIds = this.oldest(oid, bound, beyond);
    if (rowIds.length === 0) return;
    this.sweeping.add(oid);
    const decisions = [{ kind: 'retention', stream: oid }];
    const metadata = [[`${KEY}${oid}`, marks as unknown as Json]] as const;
    const done = () => {
      this.sweeping.delete(oid);
      if (this.live) this.schedule(stream);
    };
    this.storage.commit({ deletes: [{ relation: oid, rowIds }], decisions, metadata }).then(done, done);
  }

  /** Rows with a smaller id are too old; marks that only they needed are taken out. */
  private expiredBefore(oid: number, marks: Mark[], ageMicros: bigint): number {
    const limit = this.clock.nowMicros() - ageMicros;
    let bound = 0;
    while (marks.length > 0) {
      if (marks[0]!.at + ageMicros / PARTS > limit) break; // a mark's rows came within its part of the time
      marks.shift();
      bound = marks[0]?.row ?? this.storage.tables.table(oid).nextRowId;
    }
    return bound;
  }

  /** How many rows are too many for the bytes, where they are at least a `tolerance`th too many. */
  private rowsBeyond(oid: number, bytes: number, tolerance: number): number {
    const table = this.storage.tables.tables.get(oid);
    if (table === undefined || table.liveRows === 0) return 0;
    const rows = table.groups.reduce((sum, group) => sum + group.rowCount, 0);
    const most = Math.floor((bytes / this.storage.sizeBytes(oid)) * rows);
    return table.liveRows - most > most / tolerance ? table.liveRows - most : 0;
  }

  /** Ids of rows below `bound`, and of the `count` first ones, as many as a commit takes. */
  private oldest(oid: number, bound: number, count: number): number[] {
    const rowIds: number[] = [];
    for (const group of this.storage.tables.table(oid).groups) {
      for (let row = 0; row < group.rowCount; row++) {
        if (group.deletes.has(row)) continue;
        const id = group.rowIdBase + row;
        if ((id >= bound && rowIds.length >= count) || rowIds.length === ROWS_PER_COMMIT) return rowIds;
        rowIds.push(id);
      }
    }
    return rowIds;
  }

  private marks(oid: number): readonly Mark[] {
    return (this.storage.metadata(`${KEY}${oid}`) ?? []) as unknown as readonly Mark[];
  }

  close(): void {
    this.live = false;
    for (const stop of this.timers.values()) stop();
  }
}
