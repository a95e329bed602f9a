// For tests and benchmarks of the engine: tables in memory behind a Snapshot, short ways to write plans, runs that give plain rows and
// check that no memory stays behind.
import assert from 'node:assert/strict';
import { batchRows, buildBatch } from '../../columns/batch-builder.ts';
import type { Arena } from '../../columns/memory.ts';
import type { Region } from '../../columns/region.ts';
import { ROW_GROUP_ROWS, type RowGroup, type Snapshot } from '../../columns/row-group.ts';
import { builtinFunctions, type FunctionRegistry } from '../../functions/registry.ts';
import type { KernelLibrary } from '../../kernels/kernel-library.ts';
import type { BatchPlan } from '../../plan/batch.ts';
import type { AggregateCall, Expression, SortKey } from '../../plan/expression.ts';
import { arenaFixture } from '../../testing/arena-fixture.ts';
import type { Datum } from '../../types/datum.ts';
import { BOOL, type SqlType } from '../../types/sql-type.ts';
import type { BatchContext } from './batch-context.ts';
import { runBatchPlan } from './run-batch-plan.ts';

export type Row = (Datum | null)[];

export class EngineFixture {
  readonly arena: Arena;
  readonly kernels: KernelLibrary;
  readonly memory: WebAssembly.Memory;
  readonly functions: FunctionRegistry;
  private readonly region: Region;
  private readonly tables = new Map<number, { types: readonly SqlType[]; groups: RowGroup[]; rows: number }>();

  constructor(bytes = 256 * 1024 * 1024) {
    const { arena, shared, kernels, region } = arenaFixture(bytes);
    this.memory = shared.memory;
    this.arena = arena;
    this.kernels = kernels;
    this.functions = builtinFunctions();
    this.region = region;
  }

  /** A table of these rows; returns the scan of all its columns. */
  table(types: readonly SqlType[], rows: readonly Row[]): BatchPlan {
    const relation = this.tables.size + 1;
    const groups: RowGroup[] = [];
    for (let from = 0; from < rows.length; from += ROW_GROUP_ROWS) {
      const part = rows.slice(from, from + ROW_GROUP_ROWS);
      const { columns } = buildBatch(this.region, types, part);
      groups.push({ rowIdBase: from, rowCount: part.length, columns, insertEpochs: 0, deleteEpochs: 0 });
    }
    this.tables.set(relation, { types, groups, rows: rows.length });
    const attributes = types.map((_, i) => i + 1);
    return {
      kind: 'table-scan',
      relation,
      alias: `t${relation}`,
      attributes,
      filters: [],
      ...shape(types, rows.length),
    };
  }

  private snapshot(): Snapshot {
    return {
      epoch: 1n,
      rowGroups: async (relation, attributes) =>
        this.tables
          .get(relation)!
          .groups.map((group) => ({ ...group, columns: attributes.map((a) => group.columns[a - 1]!) })),
      rowCount: (relation) => this.tables.get(relation)!.rows,
      release: () => {},
    };
  }

  context(changes: Partial<BatchContext> = {}): BatchContext {
    return {
      arena: this.arena,
      kernels: this.kernels,
      functions: this.functions,
      snapshot: this.snapshot(),
      evaluation: { nowMicros: 0n, timeZone: 'UTC' },
      memoryLimitBytes: 1024 * 1024 * 1024,
      workers: null,
      cancel: { cancelled: false },
      ...changes,
    };
  }

  /** All rows of a plan; fails if the run leaves memory in use. */
  async run(plan: BatchPlan, changes: Partial<BatchContext> = {}): Promise<Row[]> {
    const before = this.arena.usage().usedBytes;
    const cursor = runBatchPlan(plan, this.context(changes));
    const rows: Row[] = [];
    try {
      for (let batch = await cursor.next(); batch !== null; batch = await cursor.next()) {
        rows.push(...batchRows(this.arena.shared, batch));
      }
    } finally {
      await cursor.close();
      assert.equal(this.arena.usage().usedBytes, before, 'the run left memory behind');
    }
    return rows;
  }
}

export function shape(types: readonly SqlType[], rows = 1000) {
  return { types, names: types.map((_, i) => `c${i}`), rows };
}

export function input(type: SqlType, index: number): Expression {
  return { kind: 'input', type, index };
}

export function constant(type: SqlType, value: Datum | null): Expression {
  return { kind: 'constant', type, value };
}

export function call(id: string, args: readonly Expression[], type: SqlType = BOOL): Expression {
  return { kind: 'call', function: id, args, type };
}

export function ascending(type: SqlType, index: number, descending = false, nullsFirst = descending): SortKey {
  return { expression: input(type, index), descending, nullsFirst };
}

export function aggregateCall(
  id: string,
  type: SqlType,
  args: readonly Expression[],
  more: Partial<AggregateCall> = {},
): AggregateCall {
  return { function: id, type, args, distinct: false, filter: null, orderBy: [], ...more };
}

/** Rows as sorted texts, for comparison without order. */
export function unordered(rows: readonly Row[]): string[] {
  return rows.map(rowText).sort();
}

export function rowText(row: Row): string {
  return JSON.stringify(row, (_, value) =>
    typeof value === 'bigint' ? `${value}n` : Object.is(value, -0) ? 0 : value,
  );
}
