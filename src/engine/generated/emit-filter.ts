// The generated filter: `filter(block, count, selection) -> rows left, or GIVE_UP`. Ranges of codes are the first stage
// (emit-range-filter.ts); of the other conjuncts those over the same columns are one. A stage writes the indexes of the rows that pass to
// the slot "selected" without a branch, and the next one reads them from there.
import {
  choose,
  type I32,
  i32,
  type Local,
  repeatWhile,
  type Statement,
  sequence,
  when,
} from '../../kernels/emitter/wasm-code.ts';
import type { ModuleBuilder } from '../../kernels/emitter/wasm-module.ts';
import { rangeStage, rangeTerm } from './emit-range-filter.ts';
import { type ConstantSlots, isTrue, TermEmitter } from './emit-term.ts';
import { FunctionScope, type ParameterSlots } from './function-scope.ts';
import { columnsOf, type Term } from './term.ts';

export function addFilter(
  module: ModuleBuilder,
  conjuncts: readonly Term[],
  slots: ParameterSlots,
  constants: ConstantSlots,
): void {
  const scope = new FunctionScope(3, slots);
  const count = scope.parameter(1);
  const selection = scope.parameter(2);
  const statements: Statement[] = [];
  const ranges = conjuncts.filter((term) => rangeTerm(term, slots.codes) !== null);
  const others = conjuncts.filter((term) => !ranges.includes(term));
  for (const stage of [...(ranges.length > 0 ? [ranges] : []), ...stages(others)]) {
    statements.push(stageLoop(scope, stage, count, selection, constants));
    statements.push(selection.set(scope.address('selected')));
  }
  module.add('filter', scope.builder, sequence([...scope.prologue, ...statements]), count.get);
}

/** Conjuncts in order, each with the later ones that read no further columns. */
function stages(conjuncts: readonly Term[]): readonly (readonly Term[])[] {
  const left = [...conjuncts];
  const out: Term[][] = [];
  while (left.length > 0) {
    const columns = columnsOf(left[0]!);
    const isSame = (term: Term) => [...columnsOf(term)].every((column) => columns.has(column));
    out.push(left.filter(isSame));
    left.splice(0, left.length, ...left.filter((term) => !isSame(term)));
  }
  return out;
}

/** Leaves the number of rows that pass in `count`. Of a stage of ranges only what makes no whole block is done row by row. */
function stageLoop(
  scope: FunctionScope,
  stage: readonly Term[],
  count: Local<'i32'>,
  selection: Local<'i32'>,
  constants: ConstantSlots,
): Statement {
  const at = scope.builder.local('i32');
  const row = scope.builder.local('i32');
  const passed = scope.builder.local('i32');
  const emitter = new TermEmitter(scope, row.get, constants);
  const holds = stage.map((term) => isTrue(emitter.emit(term))).reduce(i32.and);
  const body = sequence([
    row.set(rowAt(selection.get, at)),
    ...emitter.statements,
    i32.store(i32.add(scope.address('selected'), i32.shiftLeft(passed.get, i32.const(2))), row.get),
    passed.set(i32.add(passed.get, holds)),
    at.set(i32.add(at.get, i32.const(1))),
  ]);
  const ranges = stage.map((term) => rangeTerm(term, scope.slots.codes));
  const blocks = ranges.every((term) => term !== null)
    ? when(i32.isZero(selection.get), rangeStage(scope, ranges, constants, { at, count, passed }))
    : sequence([]);
  const isLeft = i32.lessUnsigned(at.get, count.get);
  return sequence([
    at.set(i32.const(0)),
    passed.set(i32.const(0)),
    blocks,
    when(isLeft, repeatWhile(body, isLeft)),
    count.set(passed.get),
  ]);
}

/** The batch row index at a position of a selection (0: the position itself). */
export function rowAt(selection: I32, at: Local<'i32'>) {
  return choose(selection, i32.load(i32.add(selection, i32.shiftLeft(at.get, i32.const(2)))), at.get);
}
