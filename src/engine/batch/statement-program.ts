// StatementProgram: compiled expressions that are run by one statement after the other, with other parameters each: the memory they live
// in and what they read of the running statement. Whoever has a program has it alone, from `begin` to the end of its statement.
import type { Arena } from '../../columns/memory.ts';
import { Region } from '../../columns/region.ts';
import type { EvaluationContext } from '../../functions/function-definition.ts';
import type { KernelLibrary } from '../../kernels/kernel-library.ts';
import type { Datum } from '../../types/datum.ts';
import type { ExpressionContext, ScalarFunctions } from '../expressions/expression-context.ts';

/** One that has grown past this is not worth keeping. */
const KEPT_BYTES = 512 * 1024;

export interface ProgramParts {
  readonly arena: Arena;
  readonly kernels: KernelLibrary;
  readonly functions: ScalarFunctions;
  readonly evaluation: EvaluationContext;
  readonly memoryLimitBytes: number;
}

export class StatementProgram {
  readonly context: ExpressionContext;
  /** for the rows of the running statement */
  readonly rows: Region;
  private readonly statement: { serial: number; parameters: readonly (Datum | null)[]; readonly region: Region };
  private readonly running: { evaluation: EvaluationContext };
  private readonly arena: Arena;
  private readonly owner: number;
  private readonly compiledFor: Pick<EvaluationContext, 'timeZone' | 'settings'>;

  /** `capacity`: rows of a batch, at most. */
  constructor({ arena, kernels, functions, evaluation, memoryLimitBytes }: ProgramParts, capacity: number) {
    this.arena = arena;
    this.owner = arena.addOwner(memoryLimitBytes);
    const region = () => new Region(arena, this.owner);
    this.rows = region();
    this.statement = { serial: 0, parameters: [], region: region() };
    this.compiledFor = evaluation;
    const { statement } = this;
    const memory = arena.shared;
    const context = {
      memory,
      arena,
      kernels,
      region: region(),
      heap: region(),
      functions,
      evaluation,
      capacity,
      statement,
    };
    this.running = context;
    this.context = context;
  }

  /** The next statement: what the last one computed is gone. */
  begin(evaluation: EvaluationContext, parameters: readonly (Datum | null)[]): void {
    this.running.evaluation = evaluation;
    this.statement.serial++;
    this.statement.parameters = parameters;
    this.statement.region.reset();
    this.nextBatch();
  }

  /** The strings and rows of the batch before are no longer needed. */
  nextBatch(): void {
    this.context.heap.reset();
    this.rows.reset();
  }

  /** The running statement's. */
  get parameters(): readonly (Datum | null)[] {
    return this.statement.parameters;
  }

  /** Whether it means the same for a statement under these settings: functions look at them when they are compiled. */
  suits({ timeZone, settings }: EvaluationContext): boolean {
    return timeZone === this.compiledFor.timeZone && settings === this.compiledFor.settings;
  }

  get isSmall(): boolean {
    return this.arena.usedBytes(this.owner) <= KEPT_BYTES;
  }

  free(): void {
    this.arena.freeOwner(this.owner);
  }
}
