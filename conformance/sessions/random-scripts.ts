// Scripts by chance: two sessions, each with a block or two of statements that touch the same few rows of a parent and its children. Rows are
// reached by keys; keys that were deleted are not given again and a row has no two new keys, since there the servers differ by design (README of src/session).
import type { Script } from './play-pair.ts';

const STATEMENTS = [
  'UPDATE p SET v = v + 1 WHERE id = $old',
  'UPDATE p SET v = v * 2 WHERE id IN ($old, $old)',
  'UPDATE p SET u = $u WHERE id = $old',
  'DELETE FROM p WHERE id = $old',
  'INSERT INTO p VALUES ($new, $same, 0)',
  'INSERT INTO p VALUES ($new, $same, 5) ON CONFLICT (id) DO NOTHING',
  'INSERT INTO p VALUES ($new, $same, 5) ON CONFLICT (id) DO UPDATE SET v = p.v + excluded.v RETURNING v',
  'SELECT v FROM p WHERE id = $old FOR UPDATE',
  'SELECT v FROM p WHERE id = $old FOR NO KEY UPDATE',
  'SELECT v FROM p WHERE id = $old FOR SHARE',
  'SELECT id FROM p WHERE id = $old FOR KEY SHARE',
  'SELECT v FROM p WHERE id = $old FOR UPDATE NOWAIT',
  'SELECT id FROM p WHERE id <= 3 ORDER BY id FOR SHARE SKIP LOCKED',
  'INSERT INTO c VALUES ($child, $old)',
  'UPDATE c SET p = $old WHERE id = 1',
  'DELETE FROM c WHERE id = 1',
  'SELECT id, v FROM p ORDER BY id',
  'SELECT 1 / 0',
  'LOCK TABLE c IN SHARE MODE',
  'SAVEPOINT s',
  'ROLLBACK TO s',
];
const BEGINS = ['BEGIN', 'BEGIN', 'BEGIN', 'BEGIN ISOLATION LEVEL REPEATABLE READ'];
const ENDS = ['COMMIT', 'COMMIT', 'ROLLBACK'];

export function randomScript(random: () => number, name: string): Script {
  const below = (count: number) => Math.floor(random() * count);
  const pick = <T>(from: readonly T[]): T => from[below(from.length)]!;
  let child = 10;
  let fresh = 0;
  const filled = (text: string) =>
    text.replace(/\$(\w+)/g, (_, hole: string) => {
      if (hole === 'child') return String(++child);
      if (hole === 'new') fresh = 4 + below(2);
      return String(hole === 'old' ? 1 + below(3) : hole === 'u' ? 11 + below(2) : fresh);
    });
  const block = () => [
    pick(BEGINS),
    ...Array.from({ length: 2 + below(3) }, () => filled(pick(STATEMENTS))),
    pick(ENDS),
  ];
  const statements = () => (random() < 0.3 ? [filled(pick(STATEMENTS)), ...block()] : block());
  return {
    name,
    setup: [
      'CREATE TABLE p (id int PRIMARY KEY, u int UNIQUE, v int)',
      `CREATE TABLE c (id int PRIMARY KEY, p int REFERENCES p${pick(['', ' ON DELETE CASCADE', ' ON DELETE SET NULL'])})`,
      'INSERT INTO p VALUES (1, 1, 10), (2, 2, 20), (3, 3, 30)',
      'INSERT INTO c VALUES (1, 1)',
    ],
    sessions: new Map([
      ['a', statements()],
      ['b', statements()],
    ]),
    tables: ['SELECT * FROM p ORDER BY id', 'SELECT * FROM c ORDER BY id'],
  };
}
