// From SQL text to optimized plans: what each rule is for, seen in the plan's text. Every rule's result is verified on the way.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { builtinFunctions } from '../../functions/registry.ts';
import type { Expression } from '../../plan/expression.ts';
import { BOOL, DATE, TIMESTAMP } from '../../types/sql-type.ts';
import { optimize, RULES } from './optimize.ts';
import { bound, expressionText, optimized, optionsFor, textOf } from './plan-fixture.ts';
import type { RuleContext } from './rule.ts';
import { simplify } from './simplify-expressions.ts';

function expectPlan(sql: string, lines: readonly string[]): void {
  assert.equal(textOf(optimized(sql)), lines.join('\n'));
}

test('comma joins become joins on their equalities, in an order without cross products', () => {
  expectPlan('select t.c from t, v, u where t.a = u.a and u.d = v.d and v.e = 7', [
    'project c',
    '  inner join on a = a',
    '    scan t[a c]',
    '    inner join on d = d',
    '      scan u[a d]',
    '      scan v[d e] where e = 7',
  ]);
});

test('a constant for one side of an equality is one for the other', () => {
  expectPlan('select c from t join u on t.a = u.a where u.a = 3', [
    'project c',
    '  inner join on a = a',
    '    scan t[a c] where a = 3',
    '    scan u[a] where a = 3',
  ]);
});

test('conditions of an outer join go only where padded rows stay right', () => {
  expectPlan('select c from t left join u on t.a = u.a and t.b = 1 and u.d = 2 where t.a > 0', [
    'project c',
    '  left join on (a = a and b = 1)',
    '    scan t[a b c] where a > 0',
    '    scan u[a d] where d = 2',
  ]);
});

test('an outer join under a condition that drops padded rows is an inner join', () => {
  expectPlan('select c from t left join u on t.a = u.a where u.d = 4', [
    'project c',
    '  inner join on a = a',
    '    scan t[a c]',
    '    scan u[a d] where d = 4',
  ]);
  assert.match(textOf(optimized('select c from t left join u on t.a = u.a where u.d is null')), /left join/);
  assert.match(textOf(optimized('select c from t left join u on t.a = u.a where coalesce(u.d, 1) = 1')), /left join/);
});

test('IN and EXISTS are semi joins, NOT EXISTS an anti join, NOT IN a null-aware one', () => {
  expectPlan('select c from t where a in (select a from u) and not exists (select 1 from v where v.d = t.b)', [
    'project c',
    '  anti join on d = b',
    '    semi join on a = a',
    '      scan t[a b c]',
    '      project a',
    '        scan u[a]',
    '    scan v[d]',
  ]);
  assert.match(textOf(optimized('select c from t where a not in (select a from u)')), /null-aware-anti join on a = a/);
});

test('a correlated scalar aggregate is grouped by its correlation; a count of nothing is 0', () => {
  expectPlan('select c, (select count(*) from u where u.a = t.a) from t', [
    'project c, coalesce(count, 0)',
    '  left join on a = a',
    '    scan t[a c]',
    '    aggregate by (a) count(){}',
    '      scan u[a]',
  ]);
  expectPlan('select c, (select max(d) from u where u.a = t.a) from t', [
    'project c, max',
    '  left join on a = a',
    '    scan t[a c]',
    '    aggregate by (a) max(int4){d}',
    '      scan u[a d]',
  ]);
});

test('a scalar subquery that may give several rows stays an apply, which checks it', () => {
  assert.match(textOf(optimized('select (select d from u where u.a = t.a) from t')), /single apply/);
});

test('lateral unnest extends the rows; lateral LIMIT numbers rows per key', () => {
  expectPlan('select t.e, y from w t, unnest(t.tags) y', ['project e, y', '  project-set', '    scan t[e tags]']);
  assert.match(
    textOf(optimized('select t.a, x.d from t, lateral (select d from u where u.a = t.a order by d limit 2) x')),
    /inner join on a = a\n.*scan t\[a\]\n.*filter row_number <= 2/,
  );
});

test('outer rows are carried through what no condition can be pulled out of, and LATERAL without FROM filters them', () => {
  const counted = textOf(optimized('select (select count(*) from u where u.a = t.a and u.d < t.b) from t'));
  assert.doesNotMatch(counted, /apply/);
  assert.match(counted, /inner join on \(a = a and d < b\)/);
  const filtered = textOf(
    optimized('select l.e from t, lateral (select t.b + 1 e where exists (select from u where u.a = t.a)) l'),
  );
  assert.doesNotMatch(filtered, /apply|cte/);
  assert.match(textOf(optimized('select (select count(*) from u where u.d < t.b) from t')), /apply/);
});

test('conditions on keys go below grouping and windows, others stay above', () => {
  expectPlan('select * from (select a, count(*) n from t group by a) q where a = 1 and n > 2', [
    'project a, count',
    '  filter count > 2',
    '    aggregate by (a) count(){}',
    '      scan t[a] where a = 1',
  ]);
  assert.match(
    textOf(optimized('select a from (select a, sum(b) over (partition by a) s from t) q where a = 2 and s > 1')),
    /filter sum > 1\n.*window.*\n.*scan t\[a b\] where a = 2/,
  );
});

test('an aggregate without groups gives its row whatever the condition says below it', () => {
  assert.match(textOf(optimized('select * from (select count(*) n from t) q where 1 = 2')), /values 0/);
  assert.match(
    textOf(optimized('select * from (select count(*) n from t) q where n > 2')),
    /filter count > 2\n.*aggregate/,
  );
});

test('limits are a barrier for conditions', () => {
  assert.match(
    textOf(optimized('select * from (select a from t order by b limit 3) q where a = 1')),
    /filter a = 1\n(.*\n)*.*limit/,
  );
});

test('CTEs: read once inlined, MATERIALIZED kept, unread dropped, read twice kept', () => {
  assert.doesNotMatch(textOf(optimized('with x as (select a from t) select * from x')), /cte/);
  assert.match(textOf(optimized('with x as materialized (select a from t) select * from x')), /cte x/);
  assert.doesNotMatch(textOf(optimized('with x as (select a from t) select 1')), /scan/);
  assert.match(textOf(optimized('with x as (select a from t) select * from x p, x q')), /cte x/);
  assert.doesNotMatch(textOf(optimized('with x as not materialized (select a from t) select * from x p, x q')), /cte/);
});

test('volatile functions are neither folded, copied nor moved', () => {
  const text = textOf(optimized('select r from (select random() r, a from t) q where r > 0.5 and a = 1'));
  assert.match(text, /filter r > .*\n.*project random\(\)/);
  assert.match(text, /scan t\[a\] where a = 1/);
});

test('shared conjuncts of OR branches come out; NOT of a comparison turns it round', () => {
  expectPlan('select c from t, u where (t.a = u.a and t.b = 1) or (t.a = u.a and u.d = 2)', [
    'project c',
    '  inner join on (a = a and (b = 1 or d = 2))',
    '    scan t[a b c]',
    '    scan u[a d]',
  ]);
  expectPlan('select a from t where not (a < 1 + 2)', ['project a', '  scan t[a] where a >= 3']);
});

test('sorts nobody sees go, LIMIT meets its sort', () => {
  assert.doesNotMatch(textOf(optimized('select count(*) from (select a from t order by b) q')), /sort/);
  assert.match(textOf(optimized('select a + 1 from t order by b limit 3')), /limit 3\n +sort/);
});

const QUERIES = [
  'select * from t where b > all (select d from u where u.a = t.a)',
  'select * from t where not (b = any (select d from u)) or a in (select a from u where u.d = t.b)',
  'select array(select d from u where u.a = t.a order by d desc) from t',
  'select * from t left join u on t.a = u.a and u.d in (select d from v where v.e = t.b)',
  'select a from t order by (select max(d) from u where u.a = t.a) limit (select count(*) from u)',
  'values (1, (select max(a) from t)), (2, 3)',
  'select a, count(*) from t where b between (select min(d) from u) and (select max(d) from u) group by a having count(*) > (select 1)',
  'update t set b = (select max(d) from u where u.a = t.a) where c in (select c from t)',
  'delete from t where exists (select 1 from u where u.a = t.a) returning a, (select max(d) from u)',
  'with recursive r as (select 1 n union all select n + 1 from r where n < 5) select * from r where n in (select a from u)',
  'select * from t where exists (select 1 from u where u.a = t.a and exists (select 1 from v where v.d = u.d and v.e = t.b))',
  'select a from t union select d from u except select e from v order by 1',
  'select * from t full join u on t.a = u.a left join v on v.d = u.d where t.b = 1',
  'select (select x.n from (select count(*) n, u.d from u where u.a = t.a group by u.d order by n limit 1) x) from t',
];

test('every rule may be switched off, and every plan verifies', () => {
  const names = RULES.map((rule) => rule.name);
  for (const sql of QUERIES) {
    for (const disabled of [[], names, ...names.map((name) => [name])]) {
      optimize(bound(sql), optionsFor({ disabledRules: disabled }));
    }
  }
});

test('the trace tells every rule', () => {
  const seen: string[] = [];
  optimize(bound('select a from t'), optionsFor({ trace: (rule) => seen.push(rule) }));
  assert.deepEqual(
    seen,
    RULES.map((rule) => rule.name),
  );
});

test('IN and EXISTS that are no conjuncts are joins with the distinct values', () => {
  expectPlan('select c from t where b = 1 or a in (select d from u where d > 0)', [
    'project c',
    '  filter (b = 1 or matched is not null)',
    '    left join on a = value',
    '      scan t[a b c]',
    '      project value, true',
    '        distinct',
    '          project d',
    '            scan u[d] where d > 0',
  ]);
  const everywhere = [
    'select a in (select d from u) from t',
    'select a not in (select d from u where u.a = t.b) from t',
    'select case when exists (select 1 from u where u.a = t.b) then 1 end from t',
    'select b = 1 or exists (select 1 from u where u.a = t.b and u.d > t.a) from t',
    'select a > all (select d from u) or b <> any (select d from u where u.a = t.a) from t',
    'select count(*) filter (where (a, b) in (select a, d from u) is true) from t group by b having b not in (select e from v)',
    'select a from t where case when b > 0 then a / b in (select d from u) end',
  ];
  for (const sql of everywhere) assert.doesNotMatch(textOf(optimized(sql)), /apply/, sql);
  assert.match(textOf(optimized('select case when b > 0 then a in (select 1 / d from u) end from t')), /apply/);
});

test('the join order asks how many values keys have', () => {
  const sql = 'select 1 from t, u, v where t.a = u.a and t.b = v.e';
  // Second columns with two values: t and v make many rows, so u comes first.
  const few = textOf(optimized(sql, { values: (_, attribute) => (attribute === 2 ? 2 : 1000) }));
  assert.match(few, /join on b = e\n +inner join on a = a/);
  const many = textOf(optimized(sql, { values: () => 1000 }));
  assert.match(many, /join on a = a\n(.*\n)*.*inner join on b = e/);
});

test('a date is compared with a day, not with its midnight', () => {
  const midnight: Expression = { kind: 'constant', type: TIMESTAMP, value: 86_400_000_000n * 3n };
  const date: Expression = { kind: 'column', type: DATE, id: 1, name: 'day' };
  const compared = (value: Expression): Expression => ({
    kind: 'call',
    type: BOOL,
    function: '<(date,timestamp)',
    args: [date, value],
  });
  const context = { functions: builtinFunctions(), foldStable: false } as RuleContext;
  assert.equal(expressionText(simplify(compared(midnight), context)), 'day < 3');
  const noon = compared({ ...midnight, value: 86_400_000_000n * 3n + 1n });
  assert.equal(simplify(noon, context), noon);
});
