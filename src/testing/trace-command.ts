// `npm run trace -- "SELECT ..."`: prints every stage that a statement passes: tokens, syntax tree as SQL, bound plan, what each optimizer rule
// changed, batch plan, answer. Statements before the last (separated by ;) prepare the ground.

import { parseStatements } from '../sql/parser/parse.ts';
import { printStatement } from '../sql/parser/print.ts';
import { InProcessTarget } from './in-process-target.ts';
import { sltRow } from './slt-file.ts';

const text = process.argv.slice(2).join(' ');
if (text.trim() === '') {
  process.stderr.write('usage: npm run trace -- "CREATE TABLE t (a int); SELECT * FROM t"\n');
  process.exit(1);
}

const statements = parseStatements(text);
const last = statements.at(-1);
const target = new InProcessTarget();
try {
  for (const { text: sql } of statements.slice(0, -1)) await target.execute(sql);
  if (last !== undefined) {
    console.log('== syntax tree');
    console.log(JSON.stringify(last.statement, (key, value) => (key === 'position' ? undefined : value), 2));
    console.log(`== as SQL\n${printStatement(last.statement)}`);
    if (['query', 'insert', 'update', 'delete'].includes(last.statement.kind)) {
      const { rows } = await target.execute(`EXPLAIN (STAGES) ${last.text}`);
      for (const row of rows ?? []) console.log(row[0]);
    }
    console.log('== answer');
    const { rows, count } = await target.execute(last.text);
    for (const row of rows ?? []) console.log(sltRow(row));
    if (rows === null) console.log(`done${count === undefined ? '' : `, ${count} rows`}`);
  }
} finally {
  await target.close();
}
