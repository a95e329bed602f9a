// Job: one continuous query at work: its dataflow, its memory (an owner with a budget: past it the job fails by name and the others
// go on), its output and how far it has come.
import type { EmitMode } from '../../catalog/objects.ts';
import type { Batch } from '../../columns/batch.ts';
import { BATCH_ROWS } from '../../columns/batch.ts';
import type { Arena } from '../../columns/memory.ts';
import type { Snapshot } from '../../columns/row-group.ts';
import { type SqlError, sqlError, toSqlError } from '../../errors/sql-error.ts';
import type { EvaluationContext } from '../../functions/function-definition.ts';
import type { FunctionRegistry } from '../../functions/registry.ts';
import type { KernelLibrary } from '../../kernels/kernel-library.ts';
import type { BatchPlan } from '../../plan/batch.ts';
import { PHYSICAL_WIDTH, type SqlType } from '../../types/sql-type.ts';
import { buildDataflow, type Dataflow, type SourceFacts } from '../stream/build-dataflow.ts';
import { withWindowEnd } from '../stream/event-times.ts';
import { JobErrors } from '../stream/job-errors.ts';
import { type JobContext, jobContext, Outlet, type Work } from '../stream/operator.ts';
import type { RecomputeDoors } from '../stream/recompute.ts';
import { ViewOutput } from '../stream/view-output.ts';
import type { ViewTable } from '../stream/view-table.ts';
import { WindowCloseOperator } from '../stream/window-close.ts';

export interface JobSettings {
  readonly arena: Arena;
  readonly kernels: KernelLibrary;
  readonly functions: FunctionRegistry;
  readonly evaluation: EvaluationContext;
  readonly facts: SourceFacts;
  readonly doors: RecomputeDoors;
  readonly memoryLimitBytes: number;
}

/** The plan that runs for an emission mode. Throws 0A000 with the reason when the query cannot honour it. */
export function planForEmission(plan: BatchPlan, emit: EmitMode, facts: SourceFacts) {
  if (emit.kind !== 'window-close') return { plan, end: null };
  if (emit.timeoutMicros !== null) {
    throw sqlError('feature_not_supported', 'EMIT ON WINDOW CLOSE ... AND TIMEOUT is not supported yet', {
      hint: 'Give the stream an IDLE TIMEOUT.',
    });
  }
  const found = withWindowEnd(plan, facts.watermark);
  if (found === null) {
    throw sqlError('feature_not_supported', 'EMIT ON WINDOW CLOSE needs rows that belong to an event-time window', {
      detail: 'No column of the result comes from window_start or window_end over a column with a watermark.',
      hint: 'Group by the window of TUMBLE or HOP over the watermark column, or use EMIT CHANGES.',
    });
  }
  return { plan: found.plan, end: { ...found.end, plusMicros: found.end.plusMicros + emit.delayMicros } };
}

export class Job {
  /** oid of the view, or null for a subscription's own query */
  readonly relation: number | null;
  readonly plan: BatchPlan;
  /** of the output's columns */
  readonly types: readonly SqlType[];
  readonly output: ViewOutput;
  readonly table: ViewTable | null;
  readonly closer: WindowCloseOperator | null;
  inputRows = 0n;
  frontier = 0n;
  state: 'starting' | 'running' | 'paused' | 'failed' = 'starting';
  failure: SqlError | null = null;
  readonly errors = new JobErrors();
  /** called once when the job ends: to stop listening to views below */
  readonly onRelease: (() => void)[] = [];
  private readonly context: JobContext;
  private readonly dataflow: Dataflow;
  private readonly owner: number;
  private dirty = true;
  private released = false;

  constructor(
    relation: number | null,
    plan: BatchPlan,
    emit: EmitMode,
    settings: JobSettings,
    table: ViewTable | null,
  ) {
    this.relation = relation;
    this.table = table;
    this.types = plan.types;
    const { arena, kernels, functions, evaluation, facts, doors, memoryLimitBytes } = settings;
    this.owner = arena.addOwner(memoryLimitBytes);
    this.context = jobContext(arena, kernels, this.owner, functions, evaluation, this.errors);
    try {
      const chosen = planForEmission(plan, emit, facts);
      this.plan = chosen.plan;
      this.dataflow = buildDataflow(this.context, chosen.plan, facts, doors);
      this.output = new ViewOutput(this.context, plan.types);
      if (chosen.end === null) {
        this.closer = null;
        this.dataflow.flow.outlet.to(this.output, 0);
      } else {
        const outlet = new Outlet();
        this.closer = new WindowCloseOperator(this.context, outlet, chosen.plan.types, plan.types.length, chosen.end);
        this.dataflow.flow.outlet.to(this.closer, 0);
        outlet.to(this.output, 0);
      }
    } catch (error) {
      arena.freeOwner(this.owner);
      throw error;
    }
  }

  get sources(): readonly number[] {
    return this.dataflow.sources.map((source) => source.relation);
  }

  get stateBytes(): number {
    return this.released ? 0 : this.context.arena.usedBytes(this.owner);
  }

  get recomputed(): readonly string[] {
    return this.dataflow.recomputed;
  }

  /** What reading the view raises now, or null. */
  get readError(): SqlError | null {
    return this.failure ?? this.errors.current;
  }

  /** Changes of a relation whose batch has these attributes. */
  push(relation: number, batch: Batch, attributes: readonly number[]): void {
    if (this.failure !== null || this.released) return;
    try {
      for (const source of this.dataflow.sources) {
        if (source.relation !== relation) continue;
        const columns = source.attributes.map((a) => batch.columns[attributes.indexOf(a)]!);
        this.inputRows += BigInt(batch.count);
        this.dirty = true;
        source.push({ ...batch, columns });
      }
    } catch (error) {
      this.fail(error);
    }
  }

  /** Ends a step: flushes, closes windows, and settles the output at `epoch`. */
  *step(epoch: bigint, watermarkMicros: bigint | null): Work {
    if (this.failure !== null || this.released) return;
    try {
      const { operators } = this.dataflow;
      if (this.dirty) {
        this.dirty = false;
        for (const operator of operators) {
          const work = operator.flush?.();
          if (work !== undefined) yield* work;
        }
        this.closer?.settle();
      }
      if (watermarkMicros !== null) {
        if (this.closer !== null) yield* this.closer.close(watermarkMicros);
        for (const operator of operators) operator.advance?.(watermarkMicros);
      }
      yield* this.output.settle(epoch);
      this.frontier = epoch;
    } catch (error) {
      this.fail(error);
    }
  }

  /** Brings the stored form of the view up to date. */
  *store(): Work {
    if (this.failure !== null || this.released) return;
    try {
      yield* this.output.store(this.frontier, this.table === null ? null : this.table.write);
    } catch (error) {
      this.fail(error);
    }
  }

  /** Reads what the sources hold at a snapshot. `upstream` gives the job whose view a relation is. */
  *load(
    snapshot: Snapshot,
    upstream: (relation: number) => Job | undefined,
    attributesOf: (relation: number) => readonly number[],
  ): Work {
    try {
      for (const source of this.dataflow.sources) {
        const view = upstream(source.relation);
        if (view !== undefined) {
          const attributes = attributesOf(source.relation);
          const indexes = source.attributes.map((a) => attributes.indexOf(a));
          yield* view.output.contents((batch) =>
            source.push({ ...batch, columns: indexes.map((i) => batch.columns[i]!) }),
          );
        } else yield* this.loadRelation(snapshot, source);
      }
    } catch (error) {
      this.fail(error);
    }
  }

  private *loadRelation(snapshot: Snapshot, source: Dataflow['sources'][number]): Work {
    const { memory, kernels, region } = this.context;
    let groups: Awaited<ReturnType<Snapshot['rowGroups']>> = [];
    yield snapshot.rowGroups(source.relation, source.attributes).then((read) => {
      groups = read;
    });
    const selection = region.allocate(BATCH_ROWS * 4);
    const epoch = region.allocate(16);
    memory.i64[epoch / 8] = snapshot.epoch;
    for (const group of groups) {
      for (let from = 0; from < group.rowCount; from += BATCH_ROWS) {
        const to = Math.min(group.rowCount, from + BATCH_ROWS);
        const count = kernels.get('visible_rows')(selection, group.insertEpochs, group.deleteEpochs, epoch, from, to);
        const columns = group.columns.map(({ type, physical, data, nulls }) => ({
          type,
          physical,
          data: data + from * PHYSICAL_WIDTH[physical],
          nulls: nulls === 0 ? 0 : nulls + from,
        }));
        this.inputRows += BigInt(count);
        source.push({ columns, count, selection: count === to - from ? 0 : selection, weights: 0 });
        yield;
      }
    }
  }

  fail(error: unknown): void {
    this.failure = toSqlError(error);
    this.state = 'failed';
    this.release();
  }

  release(): void {
    if (this.released) return;
    this.released = true;
    for (const end of this.onRelease) end();
    this.context.arena.freeOwner(this.owner);
  }
}
