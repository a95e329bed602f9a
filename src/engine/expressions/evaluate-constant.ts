// An expression without inputs to its value, row by row bodies only where no kernel is at hand: what constant folding, defaults of
// options and EXECUTE's arguments call. It runs the functions' own bodies, so folding and running agree.
import { buildBatch } from '../../columns/batch-builder.ts';
import { readDatum } from '../../columns/datum-vector.ts';
import type { Arena } from '../../columns/memory.ts';
import { Region } from '../../columns/region.ts';
import type { EvaluationContext } from '../../functions/function-definition.ts';
import type { KernelLibrary } from '../../kernels/kernel-library.ts';
import type { Expression } from '../../plan/expression.ts';
import type { Datum } from '../../types/datum.ts';
import { compileExpression } from './compile-expression.ts';
import type { ScalarFunctions } from './expression-context.ts';

/** A budget, taken block by block: a constant may be a text of many megabytes. */
const SCRATCH_BYTES = 256 * 1024 * 1024;

export interface ConstantEvaluation {
  readonly arena: Arena;
  readonly kernels: KernelLibrary;
  readonly functions: ScalarFunctions;
  readonly evaluation: EvaluationContext;
}

/** The value. Throws what the expression throws. */
export function evaluateConstant(expression: Expression, at: ConstantEvaluation): Datum | null {
  if (expression.kind === 'constant') return expression.value;
  const owner = at.arena.addOwner(SCRATCH_BYTES);
  try {
    const region = new Region(at.arena, owner);
    const heap = new Region(at.arena, owner);
    const memory = at.arena.shared;
    const { kernels, functions, evaluation, arena } = at;
    const evaluator = compileExpression(expression, { memory, arena, kernels, region, heap, functions, evaluation });
    const one = { ...buildBatch(region, [], [[]]), count: 1 };
    return readDatum(memory, evaluator.evaluate(one, 0, 1), 0);
  } finally {
    at.arena.freeOwner(owner);
  }
}
