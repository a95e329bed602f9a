// From an aggregation to a program: the WebAssembly module that filters batches, finds each row's group record and brings it up to date,
// merges records of other threads and lays them out for the interpreter's `finish`. A program is plain data that is copied to workers.

import type { CodeBytes } from '../../columns/encoding.ts';
import type { AggregateFunction, ScalarFunction } from '../../functions/function-definition.ts';
import { ModuleBuilder } from '../../kernels/emitter/wasm-module.ts';
import type { AggregateCall, Expression } from '../../plan/expression.ts';
import { physicalOf, type SqlType } from '../../types/sql-type.ts';
import { aggregateBytes } from '../aggregates/create-aggregate.ts';
import { inputColumns } from '../batch/used-columns.ts';
import { type RowLayout, rowLayout } from '../rows/row-layout.ts';
import { sumFits64 } from './bounds.ts';
import { addFilter } from './emit-filter.ts';
import { addGroupFunctions, type GroupKeys, recordLayout } from './emit-groups.ts';
import type { AggregateTerm } from './emit-states.ts';
import type { ConstantSlots } from './emit-term.ts';
import { ParameterSlots } from './function-scope.ts';
import { ExpressionLowering, type InputFacts } from './lower-expression.ts';
import type { ConstantValue, Term } from './term.ts';

/** So many dense records there may be though there are fewer rows to fill them. */
const DENSE_MIN_RECORDS = 65_536;

export interface AggregationShape {
  readonly filters: readonly Expression[];
  readonly groupBy: readonly Expression[];
  readonly calls: readonly AggregateCall[];
  /** more rows than this cannot come */
  readonly rows: number;
  readonly facts: InputFacts;
  /** bytes of dense records that a thread may hold */
  readonly denseBytes: number;
  /** whether the interpreter can start over from the first row */
  readonly mayGiveUp: boolean;
}

export interface FunctionLookup {
  scalar(id: string): ScalarFunction;
  aggregate(id: string): AggregateFunction;
}

export interface AggregateProgram {
  readonly wasm: Uint8Array<ArrayBuffer>;
  /** offsets in the parameter block by name */
  readonly slots: ReadonlyMap<string, number>;
  readonly blockBytes: number;
  readonly constants: ReadonlyMap<string, ConstantValue>;
  /** batch columns that the code reads; leaves are evaluated by the interpreter and read as columns -1, -2, ... */
  readonly inputs: readonly number[];
  /** inputs (by place in `inputs`) that the code reads as codes of this width */
  readonly codes: readonly { readonly input: number; readonly codeBytes: CodeBytes }[];
  readonly leaves: readonly Expression[];
  readonly hasFilter: boolean;
  /** conjuncts left to the interpreter, after those that the code has */
  readonly filters: readonly Expression[];
  readonly keys: GroupKeys;
  /** records of the hash table: keys and states (no keys and dense keys: states only, `recordBytes` each) */
  readonly layout: RowLayout;
  readonly recordBytes: number;
  /** rows as the interpreter's aggregates finish them */
  readonly standard: RowLayout;
  /** per call: the scale of a sum whose values carry their own, else null */
  readonly scales: readonly (number | null)[];
}

/** Null where generated code does not cover the aggregation. */
export function aggregateProgram(shape: AggregationShape, functions: FunctionLookup): AggregateProgram | null {
  const lowering = new ExpressionLowering(functions, shape.facts, shape.mayGiveUp);
  const conjuncts = shape.filters.flatMap(conjunctsOf);
  const lowered = conjuncts.map((filter) => lowering.lowerWhole(filter));
  const filterTerms = lowered.filter((term) => term?.representation === 'bool') as Term[];
  const keys: Term[] = [];
  for (const key of shape.groupBy) {
    const term = lowering.lowerWithLeaves(key);
    if (term === null || !isKey(term, key.type)) return null;
    keys.push(term);
  }
  const standard = standardLayout(shape, functions);
  const aggregates: AggregateTerm[] = [];
  let offset = standard.stateOffset;
  for (const call of shape.calls) {
    const term = aggregateTerm(call, offset, shape.rows, lowering, functions);
    if (term === null) return null;
    aggregates.push(term);
    offset += stateBytes(call, functions);
  }
  const filters = conjuncts.filter((_, i) => lowered[i]?.representation !== 'bool');
  const { inputs, leaves, codeBytes } = lowering.reads;
  const interpreted = inputColumns([leaves, filters]);
  const codes = codeBytes.flatMap((bytes, input) =>
    bytes === null || interpreted.has(inputs[input]!) ? [] : [{ input, codeBytes: bytes }],
  );
  const module = new ModuleBuilder();
  const slots = new ParameterSlots(new Map(codes.map((each) => [each.input, each.codeBytes])));
  const constants: ConstantSlots = new Map();
  const { layout, recordBytes } = recordLayout(
    shape.groupBy.map((key) => key.type),
    aggregates,
  );
  const groupKeys = chooseKeys(keys, recordBytes, shape);
  addGroupFunctions({ module, slots, constants, keys, aggregates, groupKeys, layout, recordBytes, standard });
  if (filterTerms.length > 0) addFilter(module, filterTerms, slots, constants);
  return {
    wasm: module.build(),
    slots: slots.offsets,
    blockBytes: slots.bytes,
    constants,
    inputs,
    codes,
    leaves,
    hasFilter: filterTerms.length > 0,
    filters,
    keys: groupKeys,
    layout,
    recordBytes,
    standard,
    scales: aggregates.map(({ argument, scales }) => (scales === null ? null : argument!.scale)),
  };
}

function conjunctsOf(expression: Expression): readonly Expression[] {
  return expression.kind === 'and' ? expression.args.flatMap(conjunctsOf) : [expression];
}

/** Keys are compared and stored by layouts that generated code writes. */
function isKey(term: Term, type: SqlType): boolean {
  const physical = physicalOf(type);
  if (term.kind === 'constant') return false;
  return term.representation === 'int'
    ? ['i32', 'i64', 'i128'].includes(physical) && term.scale === (type.scale ?? 0)
    : physical !== 'f32';
}

function stateBytes(call: AggregateCall, functions: FunctionLookup): number {
  const argTypes = call.args.map((arg) => arg.type);
  return aggregateBytes({ definition: functions.aggregate(call.function), argTypes, result: call.type, order: [] });
}

function standardLayout(shape: AggregationShape, functions: FunctionLookup): RowLayout {
  const bytes = shape.calls.reduce((sum, call) => sum + stateBytes(call, functions), 0);
  return rowLayout(
    shape.groupBy.map((key) => key.type),
    bytes,
  );
}

function aggregateTerm(
  call: AggregateCall,
  standardOffset: number,
  rows: number,
  lowering: ExpressionLowering,
  functions: FunctionLookup,
): AggregateTerm | null {
  const { state } = functions.aggregate(call.function);
  if (state.kind !== 'vector' || call.distinct || call.orderBy.length > 0) return null;
  const filter = call.filter === null ? null : lowering.lowerWithLeaves(call.filter);
  if (call.filter !== null && filter?.representation !== 'bool') return null;
  if (state.operation === 'count-star')
    return { kind: 'count', argument: null, filter, scales: null, standardOffset, standard: 'i64' };
  const given = call.args[0]!;
  const scaled = state.operation === 'sum' || state.operation === 'avg' ? lowering.lowerScaled(given) : null;
  if (scaled !== null) {
    const kind = sumFits64(scaled.value.bounds, rows) ? 'sum64' : 'sum128';
    return { kind, argument: scaled.value, scales: scaled.scales, filter, standardOffset, standard: 'i128' };
  }
  // An argument may fail on a row that the filter leaves out: the code must not compute it there, so no leaves and no failing.
  const argument = call.filter === null ? lowering.lowerWithLeaves(given) : lowering.lowerWhole(given);
  if (argument === null) return null;
  const physical = physicalOf(given.type);
  const common = { argument, filter, scales: null, standardOffset } as const;
  const { representation } = argument;
  switch (state.operation) {
    case 'count':
      return { ...common, kind: 'count', standard: 'i64' };
    case 'sum':
    case 'avg':
      if (argument.kind === 'constant') return null;
      if (representation === 'float' && !lowering.mayGiveUp) return null;
      if (representation === 'float') return { ...common, kind: 'sum-float', standard: 'f64' };
      if (representation === 'wide' && physical === 'i128' && given.type.name === 'numeric')
        return { ...common, kind: 'sum128', standard: 'i128' };
      if (representation !== 'int' || argument.scale !== (given.type.scale ?? 0)) return null;
      if (physical === 'i32') return { ...common, kind: 'sum64', standard: 'i64' };
      if (physical !== 'i64' && physical !== 'i128') return null;
      return { ...common, kind: sumFits64(argument.bounds, rows) ? 'sum64' : 'sum128', standard: 'i128' };
    case 'min':
    case 'max': {
      if (argument.kind === 'constant' || given.type.name === 'oid') return null;
      const isInteger = representation === 'int' && ['i32', 'i64', 'i128'].includes(physical);
      if (isInteger ? argument.scale !== (call.type.scale ?? 0) : physical !== 'f64') return null;
      return { ...common, kind: state.operation, standard: physicalOf(call.type) };
    }
    case 'bool-and':
    case 'bool-or':
      return representation === 'bool' ? { ...common, kind: 'true-count', standard: 'i64' } : null;
    default:
      return null;
  }
}

function chooseKeys(keys: readonly Term[], recordBytes: number, shape: AggregationShape): GroupKeys {
  if (keys.length === 0) return { kind: 'none' };
  if (!keys.every((key) => key.representation === 'int' || key.representation === 'bool')) return { kind: 'hash' };
  const ranges = keys.map((key) => {
    const { low, high } = key.representation === 'bool' ? { low: 0n, high: 1n } : key.bounds;
    return { least: low, size: high - low + (key.nullable ? 2n : 1n) };
  });
  const records = ranges.reduce((product, { size }) => product * size, 1n);
  const most = Math.min(Math.floor(shape.denseBytes / recordBytes), Math.max(DENSE_MIN_RECORDS, shape.rows));
  return records <= BigInt(most) ? { kind: 'dense', ranges, records: Number(records) } : { kind: 'hash' };
}
