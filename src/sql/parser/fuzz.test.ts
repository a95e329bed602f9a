// Whatever the bytes: an answer or a SqlError, in time; and what parses prints to something that parses to the same text.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { it } from 'node:test';
import fc from 'fast-check';
import { SqlError } from '../../errors/sql-error.ts';
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

const WORDS = (
  'select from where group by order having union all ( ) [ ] , ; . : :: := => + - * / % ^ < > = <> || @> -> $1 1 1.5 ' +
  "0x1F a b \"C\" 'x' E'\\n' $$ y $$ B'1' null true not and or in is like between case when then else end cast as array " +
  'row exists any create table stream view materialized emit changes with recursive values insert into update set delete ' +
  'join on using left full lateral over partition rows interval date int text default primary key watermark for limit ' +
  'offset fetch distinct filter within copy to stdin subscribe declare cursor begin explain alter drop column'
).split(' ');

it('random text is read or refused', { timeout: 20_000 }, () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => check(text)),
    { numRuns: 1500, interruptAfterTimeLimit: 700 },
  );
});

it('random words are read or refused', { timeout: 20_000 }, () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...WORDS), { maxLength: 40 }), (words) => check(words.join(' '))),
    { numRuns: 3000, interruptAfterTimeLimit: 700 },
  );
});

it('mutated statements are read or refused', { timeout: 20_000 }, () => {
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
    { numRuns: 3000, interruptAfterTimeLimit: 900 },
  );
});
