// COPY's binary format: what is written is read again, cut anywhere; broken files are refused in PostgreSQL's words.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { batchRows, buildBatch } from '../../columns/batch-builder.ts';
import { Arena, SharedMemory } from '../../columns/memory.ts';
import { Region } from '../../columns/region.ts';
import { SqlError } from '../../errors/sql-error.ts';
import fc from '../../testing/seeded-fast-check.ts';
import type { Datum } from '../../types/datum.ts';
import { BOOL, DATE, FLOAT8, INT4, INT8, type SqlType, TEXT, TIMESTAMP } from '../../types/sql-type.ts';
import { BinaryCopyReader } from './binary-copy-reader.ts';
import { BinaryCopyWriter } from './binary-copy-writer.ts';

const arena = Arena.create(SharedMemory.reserve(128 * 1024 * 1024));
const TYPES: readonly SqlType[] = [BOOL, INT4, INT8, FLOAT8, TEXT, DATE, TIMESTAMP];
type Rows = readonly (readonly (Datum | null)[])[];

function withRegion<T>(work: (region: Region) => T): T {
  const owner = arena.addOwner(64 * 1024 * 1024);
  try {
    return work(new Region(arena, owner));
  } finally {
    arena.freeOwner(owner);
  }
}

function written(types: readonly SqlType[], rows: Rows): Buffer {
  return withRegion((region) => {
    const writer = new BinaryCopyWriter(arena.shared, types);
    const pieces: Buffer[] = [];
    for (const { bytes, rowEnds } of writer.write(buildBatch(region, types, rows))) {
      assert.equal(rowEnds.at(-1), bytes.length);
      pieces.push(Buffer.from(bytes));
    }
    pieces.push(Buffer.from(writer.end()));
    return Buffer.concat(pieces);
  });
}

function read(types: readonly SqlType[], chunks: readonly Uint8Array[]): Rows {
  return withRegion((region) => {
    const columns = types.map((type, i) => ({ name: 'abcdefg'[i]!, type }));
    const reader = new BinaryCopyReader(region, columns, 't');
    const rows: (Datum | null)[][] = [];
    for (const chunk of chunks) for (const batch of reader.push(chunk)) rows.push(...batchRows(arena.shared, batch));
    for (const batch of reader.end()) rows.push(...batchRows(arena.shared, batch));
    return rows;
  });
}

const orNull = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });
const anyRow = fc.tuple(
  orNull(fc.boolean()),
  orNull(fc.integer()),
  orNull(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
  orNull(fc.double({ noNaN: true })),
  orNull(fc.string({ unit: 'grapheme', maxLength: 40 }).map((text) => text.replaceAll('\0', ''))),
  orNull(fc.integer({ min: -700_000, max: 2_000_000 })),
  orNull(fc.bigInt({ min: -(10n ** 15n), max: 10n ** 17n })),
);

test('what is written is read again, wherever the chunks are cut', () => {
  fc.assert(
    fc.property(fc.array(anyRow, { maxLength: 30 }), fc.integer({ min: 1, max: 200 }), (rows, size) => {
      const file = written(TYPES, rows);
      const chunks = Array.from({ length: Math.ceil(file.length / size) }, (_, i) =>
        file.subarray(i * size, (i + 1) * size),
      );
      assert.deepEqual(read(TYPES, chunks), rows);
    }),
    { numRuns: 60 },
  );
});

test('more rows than a batch holds, and rows longer than a chunk', () => {
  const many: Rows = Array.from({ length: 5000 }, (_, i) => [i]);
  assert.deepEqual(read([INT4], [written([INT4], many)]), many);
  const long: Rows = [['x'.repeat(300_000)], ['y']];
  assert.deepEqual(read([TEXT], [written([TEXT], long)]), long);
});

const HEADER = 'PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0';
for (const [what, bytes, expected] of [
  ['no signature', 'x', '22P04 COPY file signature not recognized | undefined'],
  ['half a header', HEADER.slice(0, 14), '22P04 invalid COPY file header (missing flags) | undefined'],
  [
    'unknown critical flags',
    'PGCOPY\n\xff\r\n\0\0\x08\0\0\0\0\0\0',
    '22P04 unrecognized critical flags in COPY file header | undefined',
  ],
  [
    'a value too short',
    `${HEADER}\0\x01\0\0\0\x02\0\x01`,
    '08P01 insufficient data left in message | COPY t, line 1, column a',
  ],
  ['half a row', `${HEADER}\0\x01\0\0\0\x04\0\x01`, '22P04 unexpected EOF in COPY data | COPY t, line 1'],
  [
    'another number of fields',
    `${HEADER}\0\x01\0\0\0\x04\0\0\0\x01\0\x02`,
    '22P04 row field count is 2, expected 1 | COPY t, line 2',
  ],
  ['a negative length', `${HEADER}\0\x01\xff\xff\xff\xfe`, '22P04 invalid field size | COPY t, line 1, column a'],
  ['bytes behind the end', `${HEADER}\xff\xff\0`, '22P04 received copy data after EOF marker | COPY t, line 0'],
] as const) {
  test(`refused: ${what}`, () => {
    assert.throws(
      () => read([INT4], [Buffer.from(bytes, 'latin1')]),
      (error: unknown) =>
        error instanceof SqlError && `${error.sqlstate} ${error.message} | ${error.details.context}` === expected,
    );
  });
}
