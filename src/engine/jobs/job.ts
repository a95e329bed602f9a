// Job: one continuous query at work: its dataflow, its memory (an owner with a budget: past it the job fails by name and the others
// go on), its output and how far it has come.
import { type Clock, realClock } from '../../base/clock.ts';
import type { Batch } from '../../columns/batch.ts';
import { BATCH_ROWS } from '../../columns/batch.ts';
import type { Arena } from '../../columns/memory.ts';
import type { RowGroup, Snapshot } from '../../columns/row-group.ts';
import { type SqlError, sqlError, toSqlError } from '../../errors/sql-error.ts';
import type { EvaluationContext } from '../../functions/function-definition.ts';
import type { FunctionRegistry } from '../../functions/registry.ts';
import type { KernelLibrary } from '../../kernels/kernel-library.ts';
import type { BatchPlan } from '../../plan/batch.ts';
import type { SqlType } from '../../types/sql-type.ts';
import { GroupSlicer } from '../batch/group-slicer.ts';
import type { RecomputeDoors } from '../stream/arranged-snapshot.ts';
import { buildDataflow, type Dataflow, type SourceFacts } from '../stream/build-dataflow.ts';
import { type Emission, planForEmission } from '../stream/emission.ts';
import type { StepDecisions } from '../stream/emission-timers.ts';
import { JobErrors } from '../stream/job-errors.ts';
import type { JobOutput } from '../stream/job-output.ts';
import { type JobContext, jobContext, Outlet, pause, type Work } from '../stream/operator.ts';
import type { StateReader, StateWriter } from '../stream/state-file.ts';
import { ViewOutput } from '../stream/view-output.ts';
import type { ViewTable } from '../stream/view-table.ts';
import { WindowCloseOperator } from '../stream/window-close.ts';
import { Throughput } from './throughput.ts';

/** `appendOnly`: no row ever leaves. */
export type MakeOutput = (context: JobContext, types: readonly SqlType[], appendOnly: boolean) => JobOutput;

export interface JobSettings {
  readonly arena: Arena;
  readonly kernels: KernelLibrary;
  readonly functions: FunctionRegistry;
  readonly evaluation: EvaluationContext;
  readonly facts: SourceFacts;
  readonly doors: RecomputeDoors;
  readonly clock?: Clock;
  readonly memoryLimitBytes: number;
  /** the end of its dataflow; default: one that keeps the result */
  readonly output?: MakeOutput;
  /** what messages call the query */
  readonly name?: string;
}

let ownJobs = 0;

/** Steps wait while a state is saved: a larger one is rather built from the retained rows. */
const SAVED_BYTES = 134_217_728;

export class Job {
  /** oid of the view, or null for a subscription's own query */
  readonly relation: number | null;
  /** what decisions call it: the oid, or a negative number that no other job of this process has */
  readonly id: number;
  emission: Emission;
  readonly plan: BatchPlan;
  /** as it was planned */
  readonly query: BatchPlan;
  /** of the output's columns */
  readonly types: readonly SqlType[];
  readonly output: JobOutput;
  readonly table: ViewTable | null;
  readonly closer: WindowCloseOperator | null;
  inputRows = 0n;
  readonly throughput: Throughput;
  frontier = 0n;
  /** follows its inputs with all others */
  started = false;
  /** its streams do not keep their rows, so that nothing but its state can give it again */
  irreplaceable = false;
  failure: SqlError | null = null;
  readonly errors = new JobErrors();
  /** called once when the job ends: to stop listening to views below */
  readonly onRelease: (() => void)[] = [];
  private readonly context: JobContext;
  private readonly dataflow: Dataflow;
  private readonly owner: number;
  private readonly settings: JobSettings;
  private dirty = true;
  /** what there was at its begin has come out */
  private filled = false;
  private released = false;
  /** pieces of work under way, one within the other */
  private running = 0;
  /** performance.now() since when work is under way */
  busySince: number | null = null;

  constructor(
    relation: number | null,
    plan: BatchPlan,
    emission: Emission,
    settings: JobSettings,
    table: ViewTable | null,
  ) {
    this.relation = relation;
    this.id = relation ?? --ownJobs;
    this.emission = emission;
    this.table = table;
    this.types = plan.types;
    this.query = plan;
    const { arena, kernels, functions, evaluation, facts, doors, memoryLimitBytes } = settings;
    this.settings = settings;
    this.throughput = new Throughput(settings.clock ?? realClock);
    this.owner = arena.addOwner(memoryLimitBytes);
    this.context = jobContext(arena, kernels, this.owner, functions, evaluation, this.errors);
    try {
      const chosen = planForEmission(plan, emission.mode, facts);
      this.plan = chosen.plan;
      this.dataflow = buildDataflow(this.context, chosen.plan, facts, doors, chosen.end);
      if (emission.stateTtlMicros !== null) requireAging(this.dataflow);
      const { appendOnly } = this.dataflow.flow;
      this.output = settings.output?.(this.context, plan.types, appendOnly) ?? new ViewOutput(this.context, plan.types);
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

  /** The output of a job whose result is kept. */
  get kept(): ViewOutput {
    if (this.output instanceof ViewOutput) return this.output;
    throw new Error('only the changes of this query are known');
  }

  get stateBytes(): number {
    return this.released ? 0 : this.context.arena.usedBytes(this.owner);
  }

  /** Result rows that came when their window had been closed; null: no windows close here. */
  get missedRows(): bigint | null {
    if (this.closer === null) return null;
    return this.dataflow.gates.reduce((sum, { closed }) => sum + closed.missedRows, this.closer.missedRows);
  }

  get recomputed(): readonly string[] {
    return this.dataflow.recomputed;
  }

  get state(): 'starting' | 'running' | 'paused' | 'failed' | 'finished' {
    if (this.failure !== null) return 'failed';
    if (!this.started) return 'starting';
    if (this.emission.paused) return 'paused';
    return this.emission.trigger.kind === 'once' ? 'finished' : 'running';
  }

  /** Its memory is free, or will be when its work has come to its end. */
  get ended(): boolean {
    return this.released;
  }

  /** It has ended, or what runs in it is to stop. */
  get ending(): boolean {
    return this.released || this.context.cancel.cancelled;
  }

  /** Changes wait for their trigger. */
  get unsettled(): boolean {
    return !this.released && this.output.unsettled;
  }

  /** What reading the view raises now, or null. */
  get readError(): SqlError | null {
    return this.failure ?? this.errors.current;
  }

  reads(relation: number): boolean {
    return this.dataflow.sources.some((source) => source.relation === relation);
  }

  /** The changes that are pushed from now on are those of the step that ends at `epoch`. */
  beginStep(epoch: bigint): void {
    this.context.step.epoch = epoch;
  }

  /** Changes of a relation whose batch has these attributes; it is valid until the work is done. */
  push(relation: number, batch: Batch, attributes: readonly number[]): Work {
    return this.run(this.pushInto(relation, batch, attributes));
  }

  private *pushInto(relation: number, batch: Batch, attributes: readonly number[]): Work {
    for (const source of this.dataflow.sources) {
      if (source.relation !== relation) continue;
      const columns = source.attributes.map((a) => batch.columns[attributes.indexOf(a)]!);
      this.inputRows += BigInt(batch.count);
      this.dirty = true;
      yield* source.push({ ...batch, columns });
    }
  }

  /** Whether a step with these decisions lets out what has changed. */
  shows(decided: StepDecisions | null): boolean {
    const { trigger, paused } = this.emission;
    return !paused && (trigger.kind === 'continuous' || decided?.triggered.has(this.id) === true);
  }

  /** Ends a step: flushes, closes windows, and settles the output at `epoch` where nothing holds it back. */
  step(
    epoch: bigint,
    watermarkMicros: bigint | null,
    decided: StepDecisions | null = null,
    shows = this.shows(decided),
  ): Work {
    return this.run(this.endStep(epoch, watermarkMicros, decided, shows));
  }

  private *endStep(epoch: bigint, watermarkMicros: bigint | null, decided: StepDecisions | null, shows: boolean): Work {
    const { operators } = this.dataflow;
    this.beginStep(epoch);
    this.throughput.record(this.inputRows);
    if (this.dirty) {
      this.dirty = false;
      for (const operator of operators) if (operator.flush !== undefined) yield* operator.flush();
      if (this.closer !== null) yield* this.closer.settle();
    }
    if (watermarkMicros !== null) {
      if (this.closer !== null) yield* this.closer.close(watermarkMicros);
      for (const gate of this.dataflow.gates) yield* gate.advance(watermarkMicros);
      for (const operator of operators) if (operator.advance !== undefined) yield* operator.advance(watermarkMicros);
    }
    const forgotten = decided?.forgotten.get(this.id);
    if (forgotten !== undefined) yield* this.forget(forgotten);
    const bound = decided?.closed.get(this.id);
    if (bound !== undefined && this.closer !== null) yield* this.closer.closeUntil(bound);
    if (!this.filled || shows) yield* this.output.settle(epoch);
    this.filled = true;
    this.frontier = epoch;
  }

  /** What has not been touched since goes, from the operators that read others on. */
  private *forget(epoch: bigint): Work {
    for (const [i, operator] of this.dataflow.operators.entries()) {
      if (operator.forget === undefined) continue;
      yield* operator.forget(epoch);
      for (const above of this.dataflow.operators.slice(i + 1)) if (above.flush !== undefined) yield* above.flush();
    }
    if (this.closer !== null) yield* this.closer.settle();
  }

  /** Closes windows that a timeout had closed before the job was made again. */
  closeUntil(bound: bigint, epoch: bigint): Work {
    return this.run(this.closeAndSettle(bound, epoch));
  }

  private *closeAndSettle(bound: bigint, epoch: bigint): Work {
    if (this.closer === null) return;
    yield* this.closer.closeUntil(bound);
    yield* this.output.settle(epoch);
  }

  /** Brings the stored form of the view up to date. */
  store(): Work {
    return this.run(this.output.store(this.frontier, this.table === null ? null : this.table.write));
  }

  /** Reads what the sources hold at a snapshot: tables, streams, the stored forms of views. */
  load(snapshot: Snapshot): Work {
    return this.run(this.loadSources(snapshot));
  }

  private *loadSources(snapshot: Snapshot): Work {
    for (const source of this.dataflow.sources) yield* this.loadRelation(snapshot, source);
  }

  private *loadRelation(snapshot: Snapshot, source: Dataflow['sources'][number]): Work {
    const { memory, kernels, region } = this.context;
    const context = { memory, kernels, epoch: snapshot.epoch, pins: false };
    const slicer = new GroupSlicer({ attributes: source.attributes }, context, region);
    const windows = snapshot.windows?.(source.relation, source.attributes)?.[Symbol.asyncIterator]();
    try {
      for (;;) {
        let groups: Awaited<ReturnType<Snapshot['rowGroups']>> | null = null;
        yield this.nextGroups(snapshot, source, windows).then((read) => {
          groups = read;
        });
        if (groups === null) return;
        yield* this.loadGroups(source, groups, slicer);
        if (windows === undefined) return;
      }
    } finally {
      void windows?.return?.();
    }
  }

  /** All of the relation's, or its next window; null: that was the last one. */
  private async nextGroups(
    snapshot: Snapshot,
    source: Dataflow['sources'][number],
    windows: AsyncIterator<readonly RowGroup[]> | undefined,
  ): Promise<readonly RowGroup[] | null> {
    if (windows === undefined) return snapshot.rowGroups(source.relation, source.attributes);
    const next = await windows.next();
    return next.done ? null : next.value;
  }

  private *loadGroups(source: Dataflow['sources'][number], groups: readonly RowGroup[], slicer: GroupSlicer): Work {
    for (const group of groups) {
      for (let from = 0; from < group.rowCount; from += BATCH_ROWS) {
        const batch = slicer.slice(group, from, Math.min(group.rowCount, from + BATCH_ROWS));
        this.inputRows += BigInt(batch.count);
        yield* source.push(batch);
        yield pause(this.context);
      }
    }
  }

  /** Why a checkpoint cannot hold the state now, or null. */
  get unsaved(): string | null {
    if (!this.filled || this.failure !== null || this.released) return 'it does not run';
    if (this.errors.any) return 'rows that failed';
    if (this.stateBytes > SAVED_BYTES && !this.irreplaceable) return 'its size';
    for (const { unsaved } of this.dataflow.operators) if (typeof unsaved === 'string') return unsaved;
    return null;
  }

  /** Everything that is kept, between two steps. */
  *save(state: StateWriter): Work {
    for (const [i, operator] of this.dataflow.operators.entries()) {
      const work = operator.save?.(state.within(`operator${i}`));
      if (work !== undefined) yield* work;
    }
    for (const [i, gate] of this.dataflow.gates.entries()) gate.closed.save(state.within(`gate${i}`));
    if (this.closer !== null) yield* this.closer.save(state.within('closer'));
    yield* this.kept.save(state.within('view'));
    state.value('rows', this.inputRows);
  }

  /** Instead of load: the state of a checkpoint at `epoch`. */
  restore(state: StateReader, epoch: bigint): void {
    for (const [i, operator] of this.dataflow.operators.entries()) operator.restore?.(state.within(`operator${i}`));
    for (const [i, gate] of this.dataflow.gates.entries()) gate.closed.restore(state.within(`gate${i}`));
    this.closer?.restore(state.within('closer'));
    this.kept.restore(state.within('view'));
    this.inputRows = state.value('rows') as bigint;
    this.throughput.startFrom(this.inputRows);
    this.frontier = epoch;
    this.dirty = false;
    this.filled = true;
  }

  fail(error: unknown): void {
    if (this.released) return;
    const failure = toSqlError(error);
    this.failure = failure.sqlstate === '53200' ? this.outOfMemory() : failure;
    this.table?.clear(this.frontier);
    this.release();
  }

  /** Work of the job: what goes wrong in it is the job's failure. Its memory stays until the work has come to its end. */
  private *run(work: Work): Work {
    if (this.failure !== null || this.released) return;
    this.busySince ??= performance.now();
    this.running++;
    try {
      yield* work;
    } catch (error) {
      this.fail(error);
    } finally {
      if (--this.running === 0) {
        this.busySince = null;
        if (this.released) this.freeMemory();
      }
    }
  }

  private outOfMemory(): SqlError {
    const { name, memoryLimitBytes } = this.settings;
    const megabytes = (bytes: number) => Math.floor(bytes / 1_048_576);
    return sqlError('out_of_memory', `the state of continuous query ${name ?? ''} does not fit into memory`, {
      detail: `It holds ${megabytes(this.stateBytes)} MB; its budget is ${megabytes(memoryLimitBytes)} MB.`,
      hint: 'Bound what it keeps: windows over a watermark, a time bound in a join, state_ttl. ALTER MATERIALIZED VIEW ... RESUME starts it again.',
    });
  }

  /** It is to end: what runs in it stops soon, with an error of its own. */
  cancel(): void {
    this.context.cancel.cancelled = true;
  }

  release(): void {
    if (this.released) return;
    this.released = true;
    for (const end of this.onRelease) end();
    if (this.running === 0) this.freeMemory();
    else this.cancel();
  }

  private freeMemory(): void {
    this.context.arena.freeOwner(this.owner);
  }
}

/** state_ttl is for groups: what else keeps rows would give other results without them. */
function requireAging({ operators }: Dataflow): void {
  const ageless = operators.find((operator) => operator.ageless !== undefined)?.ageless;
  if (ageless === undefined) return;
  throw sqlError('feature_not_supported', `state_ttl is not supported for ${ageless}`, {
    hint: 'It is for GROUP BY. Joins and windows over streams with a watermark forget by event time.',
  });
}
