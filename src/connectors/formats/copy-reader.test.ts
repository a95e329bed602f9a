// COPY's reader: PostgreSQL's rules by example, its errors, and chunks cut at every position; the kernels against the plain splitter.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { batchRows } from '../../columns/batch-builder.ts';
import { Region } from '../../columns/region.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { arenaFixture } from '../../testing/arena-fixture.ts';
import fc from '../../testing/seeded-fast-check.ts';
import type { Datum } from '../../types/datum.ts';
import {
  BOOL,
  DATE,
  FLOAT8,
  INT2,
  INT4,
  INT8,
  NUMERIC,
  numericOf,
  type SqlType,
  TEXT,
  TIMESTAMP,
  TIMESTAMPTZ,
} from '../../types/sql-type.ts';
import { CopyReader, type CopyReaderSettings, type RejectedRow } from './copy-reader.ts';
import { type CopyOptionValue, readDelimitedOptions } from './delimited-options.ts';
import { splitRecord } from './delimited-record.ts';

const { arena, kernels } = arenaFixture(256 << 20);

interface Read {
  readonly types: readonly SqlType[];
  readonly options?: Record<string, CopyOptionValue>;
  readonly settings?: CopyReaderSettings;
}

function read(
  chunks: readonly (string | Uint8Array)[],
  { types, options = {}, settings = {} }: Read,
): (Datum | null)[][] {
  const owner = arena.addOwner(128 * 1024 * 1024);
  try {
    const columns = types.map((type, i) => ({ name: 'abcdefgh'[i]!, type }));
    const reader = new CopyReader(new Region(arena, owner), kernels, columns, readDelimitedOptions(options, 'from'), {
      relation: 't',
      ...settings,
    });
    const rows: (Datum | null)[][] = [];
    for (const chunk of chunks) {
      for (const batch of reader.push(Buffer.from(chunk))) rows.push(...batchRows(arena.shared, batch));
    }
    for (const batch of reader.end()) rows.push(...batchRows(arena.shared, batch));
    return rows;
  } finally {
    arena.freeOwner(owner);
  }
}

function failure(text: string, how: Read): string {
  try {
    read([text], how);
  } catch (error) {
    assert.ok(error instanceof SqlError, String(error));
    return `${error.sqlstate} ${error.message} | ${error.details.context}`;
  }
  throw new Error('no error');
}

const CSV = { format: 'csv' };

test('text format: NULLs, escapes, the end marker, newlines of three kinds', () => {
  const types = [INT4, TEXT];
  assert.deepEqual(read(['1\tone\n2\t\\N\n\\N\t\n'], { types }), [
    [1, 'one'],
    [2, null],
    [null, ''],
  ]);
  assert.deepEqual(read(['1\ta\\tb\\n\\\\N\\101\\x41\\q\\\nz\n'], { types }), [[1, 'a\tb\n\\NAAq\nz']]);
  assert.deepEqual(read(['1\ta\n\\.\n2\tnever\n'], { types }), [[1, 'a']]);
  assert.deepEqual(read(['1\ta\r\n2\tb\r\n'], { types }), [
    [1, 'a'],
    [2, 'b'],
  ]);
  assert.deepEqual(read(['1\ta\r2\tb\r'], { types }), [
    [1, 'a'],
    [2, 'b'],
  ]);
  assert.deepEqual(read(['1\ta\n2\tb'], { types }), [
    [1, 'a'],
    [2, 'b'],
  ]);
  assert.deepEqual(read([''], { types }), []);
});

test('csv: quotes anywhere, NULL only unquoted, FORCE options, embedded newlines', () => {
  const types = [TEXT, TEXT];
  const rows = read(['a,b\n"x,""y""",\n"",""\nq"uo"te,"two\nlines"\n'], { types, options: CSV });
  assert.deepEqual(rows, [
    ['a', 'b'],
    ['x,"y"', null],
    ['', ''],
    ['quote', 'two\nlines'],
  ]);
  const forced = { ...CSV, force_null: ['a'], force_not_null: ['b'] };
  assert.deepEqual(read(['"",\n'], { types, options: forced }), [[null, '']]);
  const escaped = { ...CSV, quote: "'", escape: '\\', delimiter: ';' };
  assert.deepEqual(read(["'it\\'s';'\\\\'\n"], { types, options: escaped }), [["it's", '\\']]);
  assert.deepEqual(read(['h1,h2\n1,2\n'], { types, options: { ...CSV, header: true } }), [['1', '2']]);
});

test('values of the common types, by kernel and by input function', () => {
  const types = [BOOL, INT2, INT8, FLOAT8, DATE, TIMESTAMP, TIMESTAMPTZ];
  const line = 't,-5,9007199254740993,1.5e300,2024-02-29,2024-02-29 12:34:56.789,1970-01-01 00:00:00+01\n';
  const slow = 'no, 7 ,+3,NaN,Feb 29 2024,2024-02-29T00:00,1970-01-01 00:00:00 PST\n';
  const rows = read([line, slow], { types, options: CSV });
  assert.deepEqual(rows[0], [true, -5, 9007199254740993n, 1.5e300, 19782, 1709210096789000n, -3600000000n]);
  assert.deepEqual(rows[1], [false, 7, 3n, Number.NaN, 19782, 1709164800000000n, 28800000000n]);
  const numbers = read(['1.5,-0.10,1e3\n-12345678901234567.89,.5,0\n'], {
    types: [numericOf(30, 2), NUMERIC, numericOf(9, 1)],
    options: CSV,
  });
  const shown = numbers.map((row) => row.map((value) => (value as { coefficient: bigint }).coefficient));
  assert.deepEqual(shown, [
    [150n, -10n, 10000n],
    [-1234567890123456789n, 5n, 0n],
  ]);
});

test('errors name the line and the column as PostgreSQL does', () => {
  const types = [INT4, INT4];
  assert.equal(
    failure('1\t2\n3\tabc\n', { types }),
    '22P02 invalid input syntax for type integer: "abc" | COPY t, line 2, column b: "abc"',
  );
  assert.equal(failure('1\t2\n3\n', { types }), '22P04 missing data for column "b" | COPY t, line 2: "3"');
  assert.equal(
    failure('1\t2\t3\n', { types }),
    '22P04 extra data after last expected column | COPY t, line 1: "1\t2\t3"',
  );
  assert.match(failure('1\t2\n3\t4\r\n', { types }), /^22P04 literal carriage return found in data/);
  assert.match(failure('1,"2\n', { types, options: CSV }), /^22P04 unterminated CSV quoted field/);
  assert.match(
    failure('x,y\n1,2\n', { types, options: { ...CSV, header: 'match' } }),
    /column name mismatch in header line field 1: got "x", expected "a"/,
  );
  assert.match(failure('1,"a\nb"\nx,3\n', { types: [INT4, TEXT], options: CSV }), /line 3, column a: "x"/);
  const text = { types: [TEXT] };
  assert.throws(
    () => read([Uint8Array.of(65, 10, 66, 0xff, 10)], text),
    /invalid byte sequence for encoding "UTF8": 0xff/,
  );
});

test('rejected rows are handed over with their bytes and the others are read', () => {
  const rejected: RejectedRow[] = [];
  const settings = { reject: (row: RejectedRow) => rejected.push(row) > 0 };
  const rows = read(['1,a\nx,b\n2\n3,c,d\n4,e\n'], { types: [INT4, TEXT], options: CSV, settings });
  assert.deepEqual(rows, [
    [1, 'a'],
    [4, 'e'],
  ]);
  const told = rejected.map(({ raw, line }) => `${line} ${Buffer.from(raw).toString()}`);
  assert.deepEqual(told.sort(), ['2 x,b', '3 2', '4 3,c,d']);
});

test('chunks may be cut anywhere', () => {
  const text = Buffer.from('1,"a""b"\r\n2,"x\ny"\r\n3,\r\n4,"ünïcödé"\r\n');
  const how = { types: [INT4, TEXT], options: CSV };
  const whole = read([text], how);
  assert.equal(whole.length, 4);
  for (let cut = 0; cut <= text.length; cut++)
    assert.deepEqual(read([text.subarray(0, cut), text.subarray(cut)], how), whole);
});

test('small buffers grow with long rows', () => {
  const long = 'x'.repeat(5000);
  const text = `1,${long}\n2,"${long}"\n3,\n`;
  const chunks = text.match(/[\s\S]{1,37}/g)!;
  const rows = read(chunks, { types: [INT4, TEXT], options: CSV, settings: { bufferBytes: 256 } });
  assert.deepEqual(rows, [
    [1, long],
    [2, long],
    [3, null],
  ]);
});

test('kernels split as the plain splitter does', () => {
  const piece = fc.constantFrom(
    'a',
    'bc',
    '"',
    '""',
    ',',
    '\n',
    '\r\n',
    '\\',
    '\\\\',
    '\t',
    'é',
    'long enough to leave the view',
    ' ',
  );
  for (const format of ['csv', 'text'] as const) {
    const options = readDelimitedOptions({ format }, 'from');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), fc.integer({ min: 40, max: 300 }), (pieces, bufferBytes) => {
        const bytes = Buffer.from(pieces.join(''));
        const expected: (string | null)[][] = [];
        const columns = splitRecord(bytes, 0, options, true)?.fields.length ?? 1;
        for (let at = 0; at < bytes.length; ) {
          const record = splitRecord(bytes, at, options, true)!;
          const blank = columns !== 1 && (bytes[at] === 10 || bytes[at] === 13);
          if (record.fields.length === columns && !blank) expected.push([...record.fields]);
          at = record.end;
        }
        const open = unclosed(bytes, options.format);
        const settings = { reject: () => true, lenient: true, endMarker: false, bufferBytes };
        const rows = read([bytes], {
          types: Array.from({ length: columns }, () => TEXT),
          options: { format },
          settings,
        });
        if (!open) assert.deepEqual(rows, expected);
      }),
      { numRuns: 300 },
    );
  }
});

/** A quoted field without an end, which the plain splitter takes as it is. */
function unclosed(bytes: Buffer, format: string): boolean {
  return format === 'csv' && (bytes.toString('latin1').match(/"/g)?.length ?? 0) % 2 === 1;
}
