// Operators of continuous queries and what flows between them: Changes (a Batch with weights: +n, -n copies of a row), Watermark
// (advance) and Barrier (flush, the end of a step). A dataflow lists its operators inputs first; a step pushes the changes of its
// epoch into the sources, flushes every operator in that order, then advances them. All of that is Work: an operator whose output is
// larger than its input emits it batch by batch, and each of them goes through everything above before the next one is made, so that
// nothing piles up between operators, and the whole can be interrupted after any batch.
import type { Batch } from '../../columns/batch.ts';
import type { Arena } from '../../columns/memory.ts';
import { Region } from '../../columns/region.ts';
import { sqlError } from '../../errors/sql-error.ts';
import type { EvaluationContext } from '../../functions/function-definition.ts';
import type { FunctionRegistry } from '../../functions/registry.ts';
import type { SqlType } from '../../types/sql-type.ts';
import type { ExpressionContext } from '../expressions/expression-context.ts';
import type { RowContext } from '../rows/row-store.ts';
import type { JobErrors } from './job-errors.ts';
import type { StateReader, StateWriter } from './state-file.ts';

/** Work in bounded pieces: it yields where it may be interrupted, or a promise that it needs. */
export type Work = Generator<Promise<void> | undefined, void, void>;

/** Nothing of it happens before it is run; it is run to its end before the operator is asked for anything else. */
export interface Operator {
  /** Changes of input `port`; the batch is valid until the work is done. */
  push(batch: Batch, port: number): Work;
  /** All inputs have been flushed: what was held back goes on. */
  flush?(): Work;
  /** No row with an event time below it will come. */
  advance?(watermarkMicros: bigint): Work;
  /** What no step after `epoch` has touched is forgotten, and leaves the result (state_ttl). */
  forget?(epoch: bigint): Work;
  /** Keeps rows but cannot forget them by age. */
  readonly ageless?: string;
  /** Everything that is kept, between two steps, and back. Operators without them keep nothing. */
  save?(state: StateWriter): Work;
  restore?(state: StateReader): void;
  /** What of it cannot be saved, by name: the query is then built again from the retained rows. */
  readonly unsaved?: string | null;
  release?(): void;
}

/** Where an operator's changes go. */
export class Outlet {
  private readonly targets: ((batch: Batch) => Work)[] = [];

  to(operator: Operator, port: number): void {
    this.targets.push((batch) => operator.push(batch, port));
  }

  *emit(batch: Batch): Work {
    if (batch.count === 0) return;
    for (const target of this.targets) yield* target(batch);
  }
}

/** What all operators of one job share. Its owner's budget bounds the job's state. */
export interface JobContext extends RowContext {
  /** lives as long as the job */
  readonly region: Region;
  readonly functions: FunctionRegistry;
  readonly evaluation: EvaluationContext;
  readonly errors: JobErrors;
  /** the one that runs or ran last */
  readonly step: { epoch: bigint };
  /** set when the job is to end: long work in it stops */
  readonly cancel: { cancelled: boolean };
}

/** To be yielded where long work may be interrupted. Throws 57014 once the job is to end. */
export function pause({ cancel }: Pick<JobContext, 'cancel'>): undefined {
  if (cancel.cancelled) throw sqlError('query_canceled', 'canceling statement due to user request');
}

/** A plan node's running form, seen from the nodes above it. */
export interface Flow {
  readonly outlet: Outlet;
  readonly types: readonly SqlType[];
  /** no row ever leaves again */
  readonly appendOnly: boolean;
}

export function jobContext(
  arena: Arena,
  kernels: RowContext['kernels'],
  owner: number,
  functions: FunctionRegistry,
  evaluation: EvaluationContext,
  errors: JobErrors,
): JobContext {
  return {
    arena,
    memory: arena.shared,
    kernels,
    owner,
    region: new Region(arena, owner),
    functions,
    evaluation,
    errors,
    step: { epoch: 0n },
    cancel: { cancelled: false },
  };
}

/** What an operator's expressions need; `heap` holds the strings of its current batch. */
export function expressionContext(context: JobContext, heap: Region): ExpressionContext {
  const { memory, arena, kernels, region, functions, evaluation } = context;
  return { memory, arena, kernels, region, heap, functions, evaluation };
}
