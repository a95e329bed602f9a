// Whatever the bytes: an answer or a SqlError, in time; what parses prints to something that parses to the same text; and nothing of it stays
// in memory.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { it } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { SqlError } from '../../errors/sql-error.ts';
import fc from '../../testing/seeded-fast-check.ts';
import { runSeed, seededRandom } from '../../testing/seeded-random.ts';
import { parseStatements } from './parse.ts';
import { printStatement } from './print.ts';

function check(text: string): void {
  let parsed: ReturnType<typeof parseStatements>;
  try {
    parsed = parseStatements(text);
  } catch (error) {
    assert.ok(error instanceof SqlError, `${text}: ${error}`);
    return;
  }
  for (const { statement } of parsed) {
    const printed = printStatement(statement);
    const [again] = parseStatements(printed);
    assert.equal(printStatement(again!.statement), printed, text);
  }
}

/** Of the test of memory: texts, and what each may leave. */
const INPUTS = 20_000;
const LEFT_BYTES = 50;

const WORDS = (
  'select from where group by order having union all ( ) [ ] , ; . : :: := => + - * / % ^ < > = <> || @> -> $1 1 1.5 ' +
  "0x1F a b \"C\" 'x' E'\\n' $$ y $$ B'1' null true not and or in is like between case when then else end cast as array " +
  'row exists any create table stream view materialized emit changes with recursive values insert into update set delete ' +
  'join on using left full lateral over partition rows interval date int text default primary key watermark for limit ' +
  'offset fetch distinct filter within copy to stdin subscribe declare cursor begin explain alter drop column'
).split(' ');

it('random text is read or refused', { timeout: 240_000 }, () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => check(text)),
    { numRuns: 1500 },
  );
});

it('random words are read or refused', { timeout: 240_000 }, () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...WORDS), { maxLength: 40 }), (words) => check(words.join(' '))),
    { numRuns: 3000 },
  );
});

it('mutated statements are read or refused', { timeout: 240_000 }, () => {
  const corpus = ['queries', 'changes', 'definitions', 'utility'].flatMap((name) =>
    readFileSync(new URL(`testdata/${name}.sql`, import.meta.url), 'utf8').split(/;\n/),
  );
  const edit = fc.record({ at: fc.nat(400), remove: fc.nat(12), insert: fc.constantFrom('', ...WORDS) });
  fc.assert(
    fc.property(fc.constantFrom(...corpus), fc.array(edit, { minLength: 1, maxLength: 4 }), (sql, edits) => {
      let text = sql;
      for (const { at, remove, insert } of edits) {
        const place = text.length === 0 ? 0 : at % text.length;
        text = `${text.slice(0, place)} ${insert} ${text.slice(place + remove)}`;
      }
      check(text);
    }),
    { numRuns: 3000 },
  );
});

/** Bytes of the heap that are in use, garbage gone. */
function heapBytes(collect: () => void): number {
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}

// Measured: a cache entry by text left behind is 160 bytes, an object of two numbers 56; without any the heap grows by up to 120 kB in all.
it('texts leave nothing in memory', { timeout: 240_000 }, (t) => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const seed = runSeed();
  t.diagnostic(`seed ${seed}`);
  const random = seededRandom(seed);
  const word = () => WORDS[Math.floor(random() * WORDS.length)]!;
  const texts = (count: number) => {
    for (let i = 0; i < count; i++) {
      check(Array.from({ length: 1 + Math.floor(random() * 30) }, word).join(' '));
      check(`select ${word()}${i} as "c${random()}", f${i}('${random()}', ${i}) from t${i} where x = '${random()}'`);
    }
  };
  texts(2000); // code is compiled, pools are filled
  const before = heapBytes(collect);
  texts(INPUTS / 2);
  const grown = heapBytes(collect) - before;
  assert.ok(grown < INPUTS * LEFT_BYTES, `${grown} bytes stay after ${INPUTS} texts`);
});
