// The functions of an aggregation's module (addresses are i32, a status is 0, GIVE_UP, or a position << 8 with a kernel status code):
//   update(block, from, count, selection) -> status      rows at positions [from, count) into their records
//   merge(block, records, from, count) -> status         records [from, count) of another thread into this one's
//   expand(block, records, from, count, out) -> rows      records [from, count) as standard rows at `out`
import {
  fill,
  type I32,
  i32,
  i64,
  type Local,
  repeatWhile,
  type Statement,
  sequence,
  when,
} from '../../kernels/emitter/wasm-code.ts';
import type { ModuleBuilder } from '../../kernels/emitter/wasm-module.ts';
import type { SqlType } from '../../types/sql-type.ts';
import { type RowLayout, rowLayout } from '../rows/row-layout.ts';
import { rowAt } from './emit-filter.ts';
import { copyKeys, denseIndex, denseKeys, hashLookup, storedKeys, type TextKernels, textKernels } from './emit-keys.ts';
import {
  type AggregateTerm,
  type Field,
  type FieldMaker,
  MemoryFields,
  type StateCode,
  stateCode,
} from './emit-states.ts';
import { type ConstantSlots, TermEmitter } from './emit-term.ts';
import { FunctionScope, type ParameterSlots } from './function-scope.ts';
import type { Term } from './term.ts';

export type GroupKeys =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'dense';
      /** per key; with NULLs the last number stands for NULL */
      readonly ranges: readonly { readonly least: bigint; readonly size: bigint }[];
      readonly records: number;
    }
  | { readonly kind: 'hash' };

export interface GroupCode {
  readonly module: ModuleBuilder;
  readonly slots: ParameterSlots;
  readonly constants: ConstantSlots;
  readonly keys: readonly Term[];
  readonly aggregates: readonly AggregateTerm[];
  readonly groupKeys: GroupKeys;
  readonly layout: RowLayout;
  readonly recordBytes: number;
  readonly standard: RowLayout;
}

interface States {
  readonly rows: Field<'i64'>;
  readonly codes: readonly StateCode[];
}

function statesOf(aggregates: readonly AggregateTerm[], fields: FieldMaker): States {
  const rows = fields.field('i64');
  return { rows, codes: aggregates.map((aggregate) => stateCode(aggregate, rows, fields)) };
}

/** The hash table's records, and the bytes of the states alone. */
export function recordLayout(types: readonly SqlType[], aggregates: readonly AggregateTerm[]) {
  const fields = new MemoryFields(0);
  statesOf(aggregates, fields);
  return { layout: rowLayout(types, fields.bytes), recordBytes: fields.bytes };
}

const ONE = i32.const(1);

export function addGroupFunctions(code: GroupCode): void {
  const hasText = code.groupKeys.kind === 'hash' && code.keys.some((key) => key.representation === 'text');
  const texts = hasText ? textKernels(code.module) : null;
  addUpdate(code, texts);
  addMerge(code, texts);
  addExpand(code);
}

function stepBytes(code: GroupCode): number {
  return code.groupKeys.kind === 'hash' ? code.layout.rowBytes : code.recordBytes;
}

function memoryStates(code: GroupCode): States {
  return statesOf(code.aggregates, new MemoryFields(code.groupKeys.kind === 'hash' ? code.layout.stateOffset : 0));
}

/** Fields of the one record in variables: read before the loop, written behind it. */
class LocalFields implements FieldMaker {
  readonly epilogue: Statement[] = [];
  private readonly scope: FunctionScope;
  private readonly memory = new MemoryFields(0);

  constructor(scope: FunctionScope) {
    this.scope = scope;
  }

  field<T extends 'i64' | 'f64'>(type: T): Field<T> {
    const stored = this.memory.field(type);
    const local = this.scope.builder.local(type);
    const record = this.scope.address('records');
    this.scope.prologue.push(local.set(stored.read(record)));
    this.epilogue.push(stored.write(record, local.get));
    return { read: () => local.get, write: (_, value) => local.set(value) };
  }
}

function forEach(at: Local<'i32'>, from: I32, count: I32, body: Statement): Statement {
  const step = sequence([body, at.set(i32.add(at.get, ONE))]);
  return sequence([
    at.set(from),
    when(i32.lessUnsigned(from, count), repeatWhile(step, i32.lessUnsigned(at.get, count))),
  ]);
}

function addUpdate(code: GroupCode, texts: TextKernels | null): void {
  const scope = new FunctionScope(4, code.slots);
  const [from, count, selection] = [1, 2, 3].map((index) => scope.parameter(index)) as [
    Local<'i32'>,
    Local<'i32'>,
    Local<'i32'>,
  ];
  const at = scope.builder.local('i32');
  const row = scope.builder.local('i32');
  const record = scope.builder.local('i32');
  const emitter = new TermEmitter(scope, row.get, code.constants);
  const local = code.groupKeys.kind === 'none' ? new LocalFields(scope) : null;
  const { rows, codes } = local === null ? memoryStates(code) : statesOf(code.aggregates, local);
  const keys = code.keys.map((key) => emitter.emit(key));
  const changes = codes.map((state) => state.update(record.get, emitter));
  const find = ((): Statement => {
    switch (code.groupKeys.kind) {
      case 'none':
        return sequence([]);
      case 'dense':
        return record.set(recordAt(scope.address('records'), denseIndex(scope, keys), code.recordBytes));
      case 'hash':
        return hashLookup({ scope, layout: code.layout, keys, texts, position: at.get, record });
    }
  })();
  const body = sequence([
    row.set(rowAt(selection.get, at)),
    ...emitter.statements,
    find,
    ...changes,
    rows.write(record.get, i64.add(rows.read(record.get), i64.const(1n))),
  ]);
  const loop = forEach(at, from.get, count.get, body);
  code.module.add(
    'update',
    scope.builder,
    sequence([...scope.prologue, loop, ...(local?.epilogue ?? [])]),
    i32.const(0),
  );
}

function recordAt(base: I32, index: I32, bytes: number): I32 {
  return i32.add(base, i32.multiply(index, i32.const(bytes)));
}

function addMerge(code: GroupCode, texts: TextKernels | null): void {
  const scope = new FunctionScope(4, code.slots);
  const [records, from, count] = [1, 2, 3].map((index) => scope.parameter(index)) as [
    Local<'i32'>,
    Local<'i32'>,
    Local<'i32'>,
  ];
  const at = scope.builder.local('i32');
  const other = scope.builder.local('i32');
  const record = scope.builder.local('i32');
  const { rows, codes } = memoryStates(code);
  const find = ((): Statement => {
    switch (code.groupKeys.kind) {
      case 'none':
        return record.set(scope.address('records'));
      case 'dense':
        return record.set(recordAt(scope.address('records'), at.get, code.recordBytes));
      case 'hash': {
        const { keys, load } = storedKeys(scope, code.keys, code.layout, other.get);
        return sequence([...load, hashLookup({ scope, layout: code.layout, keys, texts, position: at.get, record })]);
      }
    }
  })();
  const combined = i64.add(rows.read(record.get), rows.read(other.get));
  const change = sequence([
    find,
    ...codes.map((state) => state.merge(record.get, other.get)),
    rows.write(record.get, combined),
  ]);
  const body = sequence([
    other.set(recordAt(records.get, at.get, stepBytes(code))),
    when(i64.notEqual(rows.read(other.get), i64.const(0n)), change),
  ]);
  const loop = forEach(at, from.get, count.get, body);
  code.module.add('merge', scope.builder, sequence([...scope.prologue, loop]), i32.const(0));
}

function addExpand(code: GroupCode): void {
  const scope = new FunctionScope(5, code.slots);
  const [records, from, count, out] = [1, 2, 3, 4].map((index) => scope.parameter(index)) as [
    Local<'i32'>,
    Local<'i32'>,
    Local<'i32'>,
    Local<'i32'>,
  ];
  const at = scope.builder.local('i32');
  const record = scope.builder.local('i32');
  const written = scope.builder.local('i32');
  const { rows, codes } = memoryStates(code);
  const { standard, groupKeys } = code;
  const keys = ((): Statement => {
    switch (groupKeys.kind) {
      case 'none':
        return sequence([]);
      case 'dense':
        return denseKeys(scope, code.keys, standard, at.get, out.get);
      case 'hash':
        return copyKeys(code.layout, record.get, out.get);
    }
  })();
  const write = sequence([
    fill(out.get, i32.const(0), i32.const(standard.rowBytes)),
    keys,
    ...codes.map((state) => state.expand(record.get, out.get)),
    out.set(i32.add(out.get, i32.const(standard.rowBytes))),
    written.set(i32.add(written.get, ONE)),
  ]);
  const isThere = i64.notEqual(rows.read(record.get), i64.const(0n));
  const body = sequence([
    record.set(recordAt(records.get, at.get, stepBytes(code))),
    groupKeys.kind === 'dense' ? when(isThere, write) : write,
  ]);
  const loop = forEach(at, from.get, count.get, body);
  code.module.add('expand', scope.builder, sequence([...scope.prologue, loop]), written.get);
}
