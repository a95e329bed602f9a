// Which queries share a job, and what their keys are.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BatchPlan } from '../../plan/batch.ts';
import type { Expression } from '../../plan/expression.ts';
import type { Datum } from '../../types/datum.ts';
import {
  FLOAT8,
  INT4,
  INT8,
  NUMERIC,
  type SqlType,
  TEXT,
  TIMESTAMP,
  TIMESTAMPTZ,
  VARCHAR,
} from '../../types/sql-type.ts';
import { call, input, shape } from '../batch/plan-fixture.ts';
import { linearQuery } from './linear-query.ts';

const TYPES = [INT4, INT8, TEXT, NUMERIC, FLOAT8, VARCHAR];
const scan = (filters: readonly Expression[]): BatchPlan => ({
  kind: 'table-scan', relation: 1, alias: 't', attributes: TYPES.map((_, i) => i + 1), filters, ...shape(TYPES),
}); // biome-ignore format: one plan
const constant = (type: SqlType, value: Datum | null): Expression => ({ kind: 'constant', type, value });
const equal = (index: number, type: SqlType, value: Datum | null): Expression =>
  call(`=(${TYPES[index]!.name},${type.name})`, [input(TYPES[index]!, index), constant(type, value)]);
const keyOf = (...filters: readonly Expression[]) => linearQuery(scan(filters))?.key;

test('constants that are compared by = are the key', () => {
  assert.deepEqual(keyOf(), []);
  assert.deepEqual(keyOf(equal(0, INT4, 5), equal(2, TEXT, 'x')), [5, 'x']);
  assert.deepEqual(keyOf(equal(1, INT4, 5)), [5n], 'in the type of the column');
  assert.deepEqual(keyOf(equal(0, INT8, 2n ** 31n)), [], 'out of its range: no row is equal');
  assert.deepEqual(keyOf(equal(4, FLOAT8, Number.NaN)), [Number.NaN]);
  assert.deepEqual(keyOf(equal(0, INT4, null)), [], 'NULL equals nothing');
  assert.deepEqual(keyOf(equal(3, NUMERIC, { kind: 'decimal', coefficient: 10n, scale: 1 })), [], 'layouts differ');
  assert.deepEqual(keyOf(equal(0, INT4, 5), equal(0, INT4, 6)), [5], 'one of two for the same column');
  const asText = call('cast(varchar->text)', [input(VARCHAR, 5)], TEXT);
  assert.deepEqual(keyOf(call('=(text,text)', [constant(TEXT, 'x'), asText])), ['x']);
});

test('queries have one shape if and only if they differ in keys alone', () => {
  const more = (value: number) => call('>(int4,int4)', [input(INT4, 0), constant(INT4, value)]);
  const shapeOf = (...filters: readonly Expression[]) => linearQuery(scan(filters))!.shape;
  assert.equal(shapeOf(equal(1, INT8, 1n), more(3)), shapeOf(equal(1, INT4, 2), more(3)));
  assert.notEqual(shapeOf(equal(1, INT8, 1n), more(3)), shapeOf(equal(1, INT8, 1n), more(4)));
  assert.notEqual(shapeOf(equal(1, INT8, 1n)), shapeOf(equal(0, INT4, 1)));
  assert.notEqual(shapeOf(equal(4, FLOAT8, 0), more(1)), shapeOf(more(1)));
});

test('what may fail, or is more than rows one by one, shares nothing', () => {
  const quotient = call('/(int4,int4)', [constant(INT4, 1), input(INT4, 0)], INT4);
  const failing = call('>(int4,int4)', [quotient, constant(INT4, 0)]);
  assert.equal(keyOf(equal(0, INT4, 5), failing), undefined);
  const project = (expression: Expression): BatchPlan => ({ kind: 'project', input: scan([equal(0, INT4, 5)]), expressions: [expression], ...shape([INT4]) }); // biome-ignore format: one plan
  assert.equal(linearQuery(project(quotient)), null);
  assert.deepEqual(linearQuery(project(input(INT4, 0)))?.key, [5]);
  assert.equal(linearQuery({ kind: 'union-all', inputs: [scan([])], ...shape(TYPES) }), null);
  const zoned = (type: SqlType) => call(`<(${type.name},timestamptz)`, [constant(type, 0n), constant(TIMESTAMPTZ, 0n)]);
  assert.equal(linearQuery(project(zoned(TIMESTAMP))), null, 'subscribers have their own time zones');
  assert.notEqual(linearQuery(project(zoned(TIMESTAMPTZ))), null);
  const limit: BatchPlan = { kind: 'limit', input: scan([]), limit: constant(INT8, 1n), offset: null, ...shape(TYPES) };
  assert.equal(linearQuery(limit), null);
});
