// Headrace in process as an .slt target: a database in memory (or on a directory, for restarts), one session driven through the
// same contract as the wire server, answers read from batches as text.
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { VirtualClock } from '../base/clock.ts';
import type { Batch } from '../columns/batch.ts';
import { batchRows } from '../columns/batch-builder.ts';
import { type Database, openDatabase } from '../database.ts';
import { SqlError } from '../errors/sql-error.ts';
import type { ResultField, ResultSink, Session } from '../session/session-contract.ts';
import { parseInterval } from '../types/interval.ts';
import { INTERVAL } from '../types/sql-type.ts';
import { typeOperations } from '../types/type-operations.ts';
import { formatTypeName } from '../types/type-table.ts';
import { type SltTarget, TargetError, type TargetResult } from './slt-run.ts';
import './temporary-folder.ts';

/** A statement that runs so long is stuck (an endless SUBSCRIBE): it is canceled, so that the file fails and the others go on. */
const STUCK_MS = 300_000;

export interface InProcessOptions {
  readonly workers?: number;
  /** keep data on disk, so that `restart` finds it again */
  readonly durable?: boolean;
  readonly memoryBytes?: number;
  /** all committed rows lie in narrow row groups */
  readonly narrowAtOnce?: boolean;
  /** of a call of a user's function, where a busy machine must not end it */
  readonly udfTimeoutMs?: number;
  readonly settings?: Readonly<Record<string, string>>;
}

/** Collects a statement's answers as text. */
class CollectingSink implements ResultSink {
  rowsOut: (string | null)[][] | null = null;
  types: readonly string[] = [];
  tag = '';
  private readonly database: Database;
  private readonly session: Session;

  constructor(database: Database, session: Session) {
    this.database = database;
    this.session = session;
  }

  rowDescription(fields: readonly ResultField[]): void {
    this.rowsOut = [];
    this.types = fields.map((field) => formatTypeName(field.type));
  }
  rows(batch: Batch, fields: readonly ResultField[]): void {
    const settings = this.session.outputSettings();
    for (const row of batchRows(this.database.arena.shared, batch)) {
      const texts = row.map((value, i) =>
        value === null ? null : typeOperations(fields[i]!.type).formatText(value, fields[i]!.type, settings),
      );
      this.rowsOut!.push(texts);
    }
  }
  commandComplete(tag: string): void {
    this.tag = tag;
  }
  emptyQuery(): void {}
  portalSuspended(): void {}
  // biome-ignore lint/correctness/useYield: there is no client to send COPY data
  async *copyIn(): AsyncIterable<Uint8Array> {
    throw new TargetError('COPY FROM STDIN needs a client', null);
  }
  copyOutStart(): void {}
  copyOutData(): void {}
  copyOutDone(): void {}
  notice(): void {}
  flush(): void {}
}

export class InProcessTarget implements SltTarget {
  readonly engine: string = 'headrace';
  protected session: Session | null = null;
  private readonly options: InProcessOptions;
  private directory: string | null;
  /** of triggers and timeouts: it stands still but for `advance` */
  private readonly clock = new VirtualClock(1_704_067_200_000_000n); // 2024-01-01 00:00 UTC
  protected database: Database | null = null;

  constructor(options: InProcessOptions = {}) {
    this.options = options;
    this.directory = options.durable === true ? mkdtempSync(join(tmpdir(), 'headrace-slt-')) : null;
  }

  async execute(sql: string): Promise<TargetResult> {
    const session = await this.open();
    const sink = new CollectingSink(this.database!, session);
    const watchdog = setTimeout(() => session.cancel(), STUCK_MS);
    try {
      await session.runSimple(sql, sink);
      await session.sync();
    } catch (error) {
      await session.afterError();
      if (!(error instanceof SqlError)) throw error;
      if (error.sqlstate === 'XX000') throw new TargetError(`${error.message}\n${error.stack ?? ''}`, error.sqlstate);
      throw new TargetError(error.message, error.sqlstate, error.details);
    } finally {
      clearTimeout(watchdog);
    }
    const count = /(\d+)$/.exec(sink.tag);
    const { rowsOut: rows, types } = sink;
    return count === null ? { rows, types } : { rows, types, count: Number(count[1]) };
  }

  /** Rows pushed to a subscription since the last look; the first look opens it with `sql`. */
  async changes(name: string, sql: string): Promise<TargetResult> {
    const known = await this.execute(
      `SELECT 1 FROM pg_catalog.pg_cursors WHERE name = '${name.replaceAll("'", "''")}'`,
    );
    if ((known.rows ?? []).length === 0) await this.execute(`DECLARE "${name}" CURSOR FOR ${sql}`);
    await this.database!.settled();
    const { rows } = await this.execute(`FETCH ALL "${name}" WITH (timeout = '0ms')`);
    return { rows: (rows ?? []).map((row) => row.slice(1)) };
  }

  async restart(): Promise<void> {
    await this.closeDatabase();
    await this.open();
  }

  /** As after kill -9: goes on with a copy of what the directory holds now, and closes the database that it was taken from. */
  async crash(): Promise<void> {
    const left = this.directory!;
    const copy = mkdtempSync(join(tmpdir(), 'headrace-slt-'));
    cpSync(left, copy, { recursive: true, filter: (path) => !path.endsWith('LOCK') });
    await this.closeDatabase();
    this.directory = copy;
    rmSync(left, { recursive: true, force: true });
    await this.open();
  }

  async advance(interval: string): Promise<void> {
    const { days, micros } = parseInterval(interval, INTERVAL);
    await this.open();
    const database = this.database!;
    await database.settled(); // what has come so far came before
    await this.clock.advanceThrough(BigInt(days) * 86_400_000_000n + micros, () => database.settled());
  }

  async checkpoint(): Promise<void> {
    await this.execute('CHECKPOINT');
  }

  async close(): Promise<void> {
    await this.closeDatabase();
    if (this.directory !== null) rmSync(this.directory, { recursive: true, force: true });
  }

  private async closeDatabase(): Promise<void> {
    await this.session?.close();
    await this.database?.close();
    this.session = null;
    this.database = null;
  }

  private async open(): Promise<Session> {
    if (this.session !== null) return this.session;
    this.database = await openDatabase({
      data: this.directory,
      memory: this.options.memoryBytes ?? 512 * 1024 * 1024,
      workers: this.options.workers ?? 0,
      serverFiles: true,
      port: 0,
      host: '127.0.0.1',
      password: null,
      clock: this.clock,
      narrowAtOnce: this.options.narrowAtOnce === true,
      ...(this.options.udfTimeoutMs === undefined ? {} : { udfTimeoutMs: this.options.udfTimeoutMs }),
    });
    const client = { notification() {}, terminate() {}, interrupt() {} };
    this.session = await this.database.sessions.openSession({
      user: 'postgres',
      database: 'postgres',
      parameters: new Map(Object.entries(this.options.settings ?? {})),
      processId: 1,
      secretKey: new Uint8Array(4),
      remoteAddress: '127.0.0.1',
      remotePort: 0,
      encrypted: false,
      client,
    });
    return this.session;
  }
}
