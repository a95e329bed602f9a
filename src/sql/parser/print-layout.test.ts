// Views over several lines: PostgreSQL 15's own text where the query is already in its words, and the same tree read back.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Query } from '../ast.ts';
import { parseStatements } from './parse.ts';
import { printStatement } from './print.ts';
import { printLaidOut } from './print-layout.ts';

const queryOf = (text: string) => parseStatements(text)[0]!.statement as Query;

/** Text that PostgreSQL gives for a view over itself. */
const FIXED: readonly (readonly [columns: readonly string[], text: string])[] = [
  [
    ['a', 'count', 'm'],
    ` SELECT t.a,
    count(*) AS count,
    max(t.c) + 1 AS m
   FROM t
  WHERE t.a > 1 AND t.b = 'x'
  GROUP BY t.a
 HAVING count(*) > 1
  ORDER BY t.a
 OFFSET 1
 LIMIT 3`,
  ],
  [
    ['a', 'd'],
    ` SELECT t.a,
    u.d
   FROM t
     JOIN u ON t.a = u.a
     LEFT JOIN w ON w.a = t.a`,
  ],
  [
    ['a'],
    `(
         SELECT t.a
           FROM t
        UNION
         SELECT u.a
           FROM u
) UNION ALL
 SELECT w.a
   FROM w
  ORDER BY 1`,
  ],
  [
    ['a', 'q'],
    ` WITH x AS (
         SELECT t.a
           FROM t
        ), y(q) AS (
         SELECT 1 AS one
        )
 SELECT x.a,
    y.q
   FROM x,
    y`,
  ],
  [
    ['p', 'q'],
    ` SELECT DISTINCT t.a AS p,
    sum(t.c) OVER w AS q
   FROM t
  WINDOW w AS (PARTITION BY t.b ORDER BY t.a)`,
  ],
  [
    ['n'],
    ` SELECT s.n
   FROM ( SELECT t.a AS n
           FROM t) s`,
  ],
  [
    ['a'],
    ` SELECT t.a
   FROM t
     CROSS JOIN u,
    LATERAL ( SELECT w.a
           FROM w
          WHERE w.a = t.a) z`,
  ],
  [
    ['a', 'b'],
    ` SELECT DISTINCT ON (t.a) t.a,
    t.b
   FROM t
  ORDER BY t.a, t.b DESC`,
  ],
];

for (const [columns, text] of FIXED) {
  test(`as PostgreSQL lays out: ${text.slice(0, 60).replaceAll(/\s+/g, ' ')}`, () => {
    assert.equal(printLaidOut(queryOf(text), columns), text);
  });
}

const QUERIES = [
  'SELECT a AS b FROM t x JOIN (u JOIN w ON w.a = u.a) ON x.a = u.a',
  'SELECT a FROM t WHERE a IN (SELECT b FROM u WHERE EXISTS (SELECT 1 AS one FROM w ORDER BY 1 LIMIT 1)) AND NOT a = ANY (SELECT 3 AS three)',
  'SELECT a FROM t EXCEPT (SELECT b FROM u INTERSECT SELECT c FROM w) ORDER BY a DESC LIMIT 5',
  'SELECT a FROM t UNION ALL SELECT b FROM u UNION ALL (SELECT c FROM w ORDER BY c LIMIT 1)',
  'WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 AS m FROM r WHERE n < 10) SEARCH DEPTH FIRST BY n SET o SELECT n FROM r',
  'SELECT window_start, count(*) AS n FROM TUMBLE(s, at, INTERVAL \'1 minute\') GROUP BY window_start HAVING count(*) > 1 ORDER BY 2 FETCH FIRST (3) ROWS WITH TIES',
  'VALUES (1, \'a\'), (2, \'b\')',
  'SELECT a FROM ONLY t AS x(a) TABLESAMPLE bernoulli (10) NATURAL LEFT JOIN u FOR UPDATE',
  'SELECT g.a FROM (t CROSS JOIN u) AS g, generate_series(1, 3) AS n(i), ROWS FROM (f(1)) WITH ORDINALITY AS z',
]; // biome-ignore format: a query a line

/** The tree without positions; an alias that only says the column's own name is layout. */
const plain = (text: string) => printStatement(queryOf(text));

for (const text of QUERIES) {
  test(`reads back: ${text.slice(0, 60)}`, () => {
    const names: string[] = [];
    assert.equal(plain(printLaidOut(queryOf(text), names)), plain(text));
  });
}
