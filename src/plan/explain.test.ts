// EXPLAIN's trees, drawn: titles, arrows, details, figures, what was measured.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BOOL, INT4 } from '../types/sql-type.ts';
import type { BatchPlan } from './batch.ts';
import { explainBatch, explainJson, explainLogical, type OperatorActuals } from './explain.ts';
import type { Expression } from './expression.ts';

const shape = { types: [INT4], names: ['a'], rows: 100 };
const column: Expression = { kind: 'input', type: INT4, index: 0 };
const isOne: Expression = {
  kind: 'call',
  type: BOOL,
  function: '=(int4,int4)',
  args: [column, { kind: 'constant', type: INT4, value: 1 }],
};
const scan: BatchPlan = { ...shape, kind: 'table-scan', relation: 1, alias: 't', attributes: [1], filters: [isOne] };
const sort: BatchPlan = {
  ...shape,
  kind: 'sort',
  input: scan,
  keys: [{ expression: column, descending: true, nullsFirst: true }],
};

test('a batch plan is a tree with figures and details', () => {
  assert.deepEqual(explainBatch(sort), [
    'Sort  (cost=0.00..2.00 rows=100 width=4)',
    '  Sort Key: a DESC',
    '  ->  Seq Scan on t  (cost=0.00..1.00 rows=100 width=4)',
    '        Filter: (a = 1)',
  ]);
});

test('ANALYZE adds what each operator did, and says what never ran', () => {
  const actuals = new Map([[sort, { rows: 7, batches: 1, milliseconds: 1.5, firstMilliseconds: 0.25, removed: 0 }]]);
  const lines = explainBatch(sort, { actuals });
  assert.match(lines[0]!, /\(actual time=0\.250\.\.1\.500 rows=7 loops=1\)$/);
  assert.match(lines[2]!, /\(never executed\)$/);
});

test('JSON has PostgreSQL keys', () => {
  assert.deepEqual(explainJson(sort), {
    'Node Type': 'Sort',
    'Startup Cost': 0,
    'Total Cost': 2,
    'Plan Rows': 100,
    'Plan Width': 4,
    'Sort Key': ['a DESC'],
    Plans: [
      {
        'Node Type': 'Seq Scan',
        'Relation Name': 't',
        Alias: 't',
        'Startup Cost': 0,
        'Total Cost': 1,
        'Plan Rows': 100,
        'Plan Width': 4,
        Filter: '(a = 1)',
      },
    ],
  });
});

test('a logical plan shows columns with their ids', () => {
  const a = { id: 4, name: 'a', type: INT4 };
  const plan = { kind: 'scan', columns: [a], relation: 1, attributes: [1], alias: 't', filters: [] } as const;
  assert.deepEqual(explainLogical(plan), ['Scan on t', '  Output: a#4']);
});

test('ANALYZE says how an operator was done, and that those below ran within it', () => {
  const details = [['Generated Code', 'one group']] as const;
  const lines = explainBatch(sort, {
    actuals: new Map([
      [sort, { rows: 7, batches: 1, milliseconds: 1.5, firstMilliseconds: 0.25, removed: 0, details }],
    ]),
  });
  assert.equal(lines[2], '  Generated Code: one group');
  assert.match(lines[3]!, /Seq Scan on t .* \(within the operator above\)$/);
});

test('ANALYZE counts what filters took out: its own, or the rows of the node below that are not there', () => {
  const did = { batches: 1, milliseconds: 1, firstMilliseconds: 0.5 };
  const scanned = explainBatch(sort, {
    actuals: new Map<BatchPlan, OperatorActuals>([
      [sort, { ...did, rows: 3, removed: 0 }],
      [scan, { ...did, rows: 3, removed: 9 }],
    ]),
  });
  assert.match(scanned[2]!, /Seq Scan on t .*\(actual time=0\.500\.\.1\.000 rows=3 loops=1\)$/);
  assert.deepEqual(
    scanned.slice(3).map((line) => line.trim()),
    ['Filter: (a = 1)', 'Rows Removed by Filter: 9'],
  );
});
