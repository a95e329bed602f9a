// Runs the records of one .slt file against a target and says what differs. Targets: Headrace in process (main life, other
// lives), DuckDB and PostgreSQL as oracles. No sleeping: a target answers when it is quiescent.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type SltRecord, sltRow } from './slt-file.ts';

export interface TargetResult {
  /** null: the statement returns no rows */
  readonly rows: readonly (readonly (string | null)[])[] | null;
  /** the columns' types as format_type() names them, where the target knows them */
  readonly types?: readonly string[];
  /** rows that a data change touched, where known */
  readonly count?: number;
}

export class TargetError extends Error {
  readonly sqlstate: string | null;
  readonly fields: ErrorFields;

  constructor(message: string, sqlstate: string | null, fields: ErrorFields = {}) {
    super(message);
    this.name = 'TargetError';
    this.sqlstate = sqlstate;
    this.fields = fields;
  }
}

/** What an error tells besides its message; position counts characters of the statement from 1. */
export interface ErrorFields {
  readonly position?: number | string | undefined;
  readonly detail?: string | undefined;
  readonly hint?: string | undefined;
}

/** Something that runs SQL. Methods throw TargetError for SQL errors. */
export interface SltTarget {
  /** headrace, view, restart, duckdb, postgres: what skipif and onlyif name */
  readonly engine: string;
  execute(sql: string): Promise<TargetResult>;
  /** A query record; by default the same as execute. */
  query?(sql: string, recordIndex: number): Promise<TargetResult>;
  changes?(name: string, sql: string): Promise<TargetResult>;
  restart?(): Promise<void>;
  checkpoint?(): Promise<void>;
  advance?(interval: string): Promise<void>;
  close(): Promise<void>;
}

export interface SltMismatch {
  readonly index: number;
  readonly line: number;
  readonly message: string;
}

export interface SltOutcome {
  readonly run: number;
  readonly skipped: number;
  readonly mismatches: readonly SltMismatch[];
  /** rows that queries returned, by record index */
  readonly answers: ReadonlyMap<number, readonly string[]>;
}

/** Whether a record applies to an engine; the lives of Headrace with a name of their own (view, restart) are Headrace too. */
export function appliesTo(record: SltRecord, engine: string): boolean {
  const names = engine === 'duckdb' || engine === 'postgres' ? [engine] : [engine, 'headrace'];
  if (record.skipIf.some((name) => names.includes(name))) return false;
  return record.onlyIf.length === 0 || record.onlyIf.some((name) => names.includes(name));
}

export async function runSlt(records: readonly SltRecord[], target: SltTarget): Promise<SltOutcome> {
  const mismatches: SltMismatch[] = [];
  const answers = new Map<number, readonly string[]>();
  let run = 0;
  let skipped = 0;
  const scratch = new ScratchDirectory();
  try {
    for (const [index, record] of records.entries()) {
      if (record.kind === 'halt') break;
      if (!appliesTo(record, target.engine)) {
        skipped++;
        continue;
      }
      run++;
      const message = await runRecord(scratch.fill(record), index, target, answers);
      if (message !== null) mismatches.push({ index, line: record.line, message });
    }
  } finally {
    scratch.remove();
  }
  return { run, skipped, mismatches, answers };
}

/** `{scratch}` in a record's SQL is a directory of this run's own, made when it is first named and gone behind the last record. */
class ScratchDirectory {
  private path: string | null = null;

  fill<R extends SltRecord>(record: R): R {
    if (!('sql' in record) || !record.sql.includes('{scratch}')) return record;
    this.path ??= mkdtempSync(join(tmpdir(), 'headrace-scratch-'));
    return { ...record, sql: record.sql.replaceAll('{scratch}', this.path) };
  }

  remove(): void {
    if (this.path !== null) rmSync(this.path, { recursive: true, force: true });
  }
}

async function runRecord(
  record: SltRecord,
  index: number,
  target: SltTarget,
  answers: Map<number, readonly string[]>,
): Promise<string | null> {
  try {
    switch (record.kind) {
      case 'statement':
        return await runStatementRecord(record, target);
      case 'error':
        return await runErrorRecord(record, index, target, answers);
      case 'query': {
        const result =
          target.query === undefined ? await target.execute(record.sql) : await target.query(record.sql, index);
        return compareRows(result, record.rows, record.sort, index, answers);
      }
      case 'changes': {
        if (target.changes === undefined) return null;
        return compareRows(await target.changes(record.name, record.sql), record.rows, record.sort, index, answers);
      }
      case 'restart':
        await target.restart?.();
        return null;
      case 'checkpoint':
        await target.checkpoint?.();
        return null;
      case 'advance':
        await target.advance?.(record.interval);
        return null;
      case 'halt':
        return null;
    }
  } catch (error) {
    if (error instanceof TargetError) return `failed: ${error.sqlstate ?? ''} ${error.message}`;
    throw error;
  }
}

/** The whole error as lines; an engine without SQLSTATEs only has to fail. */
async function runErrorRecord(
  record: SltRecord & { kind: 'error' },
  index: number,
  target: SltTarget,
  answers: Map<number, readonly string[]>,
): Promise<string | null> {
  try {
    await target.execute(record.sql);
  } catch (error) {
    if (!(error instanceof TargetError)) throw error;
    if (error.sqlstate === null) return null;
    const { position, detail, hint } = error.fields;
    const fields = Object.entries({ position, detail, hint }).filter(([, value]) => value !== undefined);
    const lines = [[error.sqlstate, error.message], ...fields].map(([name, value]) => [`${name} ${value}`]);
    return compareRows({ rows: lines }, record.rows, false, index, answers);
  }
  return 'expected an error, but it succeeded';
}

async function runStatementRecord(
  record: SltRecord & { kind: 'statement' },
  target: SltTarget,
): Promise<string | null> {
  const { expect } = record;
  let result: TargetResult;
  try {
    result = await target.execute(record.sql);
  } catch (error) {
    if (!(error instanceof TargetError) || expect.kind !== 'error') throw error;
    if (expect.sqlstate !== null && error.sqlstate !== null && expect.sqlstate !== error.sqlstate) {
      return `expected SQLSTATE ${expect.sqlstate}, got ${error.sqlstate}: ${error.message}`;
    }
    if (target.engine !== 'duckdb' && !error.message.includes(expect.text)) {
      return `expected an error with "${expect.text}", got "${error.message}"`;
    }
    return null;
  }
  if (expect.kind === 'error') return 'expected an error, but it succeeded';
  if (expect.kind === 'count' && result.count !== undefined && result.count !== expect.count) {
    return `expected ${expect.count} rows, got ${result.count}`;
  }
  return null;
}

function compareRows(
  result: TargetResult,
  expected: readonly string[],
  sort: boolean,
  index: number,
  answers: Map<number, readonly string[]>,
): string | null {
  const actual = (result.rows ?? []).map(sltRow);
  if (sort) actual.sort();
  answers.set(index, actual);
  const wanted = sort ? [...expected].sort() : expected;
  if (actual.length === wanted.length && actual.every((row, i) => row === wanted[i])) return null;
  const show = (rows: readonly string[]) =>
    rows
      .slice(0, 12)
      .map((row) => `    ${row}`)
      .join('\n');
  return `rows differ\n  expected (${wanted.length}):\n${show(wanted)}\n  got (${actual.length}):\n${show(actual)}`;
}
