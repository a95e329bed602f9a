// COPY's writer: what is escaped and quoted; random values of many types go out and come back the same, in chunks of any size.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { batchRows, buildBatch } from '../../columns/batch-builder.ts';
import { Region } from '../../columns/region.ts';
import { arenaFixture } from '../../testing/arena-fixture.ts';
import fc from '../../testing/seeded-fast-check.ts';
import { type Datum, decimal, interval, sqlArray } from '../../types/datum.ts';
import {
  arrayOf,
  BOOL,
  BYTEA,
  DATE,
  FLOAT8,
  INT4,
  INT8,
  INTERVAL,
  NUMERIC,
  numericOf,
  type SqlType,
  TEXT,
  TIMESTAMP,
  TIMESTAMPTZ,
  UUID,
} from '../../types/sql-type.ts';
import { CopyReader } from './copy-reader.ts';
import { CopyWriter } from './copy-writer.ts';
import { type CopyOptionValue, readDelimitedOptions } from './delimited-options.ts';

const { arena, kernels } = arenaFixture(256 << 20);

type Rows = readonly (readonly (Datum | null)[])[];

function withRegion<T>(run: (region: Region) => T): T {
  const owner = arena.addOwner(128 * 1024 * 1024);
  try {
    return run(new Region(arena, owner));
  } finally {
    arena.freeOwner(owner);
  }
}

function written(types: readonly SqlType[], rows: Rows, options: Record<string, CopyOptionValue> = {}): Buffer {
  return withRegion((region) => {
    const names = types.map((_, i) => `c${i}`);
    const writer = new CopyWriter(region, kernels, names, readDelimitedOptions(options, 'to'));
    const parts: Uint8Array[] = [writer.header() ?? new Uint8Array(0)];
    for (const chunk of writer.write(buildBatch(region, types, rows))) {
      assert.equal(chunk.rowEnds.at(-1), chunk.bytes.length);
      parts.push(chunk.bytes.slice());
    }
    return Buffer.concat(parts);
  });
}

test('text escapes, csv quotes', () => {
  const rows = [
    ['a\tb\\\n\u0001', null],
    ['', '\\N'],
  ];
  assert.equal(written([TEXT, TEXT], rows).toString(), 'a\\tb\\\\\\n\u0001\t\\N\n\t\\\\N\n');
  const csv = [
    ['a,b', 'say "x"'],
    ['', null],
    ['two\nlines', ' plain '],
  ];
  assert.equal(
    written([TEXT, TEXT], csv, { format: 'csv', header: true }).toString(),
    'c0,c1\n"a,b","say ""x"""\n"",\n"two\nlines", plain \n',
  );
  assert.equal(
    written(
      [INT4, TEXT],
      [
        [1, 'x'],
        [null, null],
      ],
      { format: 'csv', force_quote: '*', null: '-' },
    ).toString(),
    '"1","x"\n-,-\n',
  );
});

test('a row longer than a chunk', () => {
  const long = 'y'.repeat(600_000);
  assert.equal(
    written(
      [INT4, TEXT],
      [
        [1, long],
        [2, 'z'],
      ],
    ).toString(),
    `1\t${long}\n2\tz\n`,
  );
});

const text = fc.string({
  unit: fc.constantFrom('a', '\t', '\n', '\r', '\\', '"', ',', 'N', '.', '\b', 'é', '😀', 'word'),
  maxLength: 20,
});
const instant = fc.bigInt({ min: -62_000_000_000_000_000n, max: 200_000_000_000_000_000n });
const VALUES: readonly [SqlType, fc.Arbitrary<Datum>][] = [
  [TEXT, text],
  [BOOL, fc.boolean()],
  [INT4, fc.integer()],
  [INT8, fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })],
  [FLOAT8, fc.double({ noNaN: true }).map((x) => (Object.is(x, -0) ? 0 : x))],
  [
    NUMERIC,
    fc
      .tuple(fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n }), fc.integer({ min: 0, max: 12 }))
      .map(([c, s]) => decimal(c, s)),
  ],
  [numericOf(12, 3), fc.bigInt({ min: -999_999_999_999n, max: 999_999_999_999n }).map((c) => decimal(c, 3))],
  [DATE, fc.integer({ min: -700_000, max: 2_000_000 })],
  [TIMESTAMP, instant],
  [TIMESTAMPTZ, instant],
  [UUID, fc.uuid()],
  [BYTEA, fc.uint8Array({ maxLength: 30 }).map((bytes) => Uint8Array.from(bytes))],
  [
    INTERVAL,
    fc
      .tuple(
        fc.integer({ min: -999, max: 999 }),
        fc.integer({ min: -999, max: 999 }),
        fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }),
      )
      .map(([m, d, u]) => interval(m, d, u)),
  ],
  [arrayOf(TEXT), fc.array(text, { maxLength: 4 }).map((items) => sqlArray(items))],
];

test('what is written is read back the same', () => {
  const types = VALUES.map(([type]) => type);
  const row = fc.tuple(...VALUES.map(([, values]) => fc.option<Datum>(values)));
  for (const format of ['text', 'csv'] as const) {
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 6 }), fc.integer({ min: 1, max: 50 }), (rows, size) => {
        const bytes = written(types, rows, { format });
        const back = withRegion((region) => {
          const columns = types.map((type, i) => ({ name: `c${i}`, type }));
          const reader = new CopyReader(region, kernels, columns, readDelimitedOptions({ format }, 'from'), {
            bufferBytes: 512,
          });
          const found: (Datum | null)[][] = [];
          for (let at = 0; at < bytes.length; at += size) {
            for (const batch of reader.push(bytes.subarray(at, at + size)))
              found.push(...batchRows(arena.shared, batch));
          }
          for (const batch of reader.end()) found.push(...batchRows(arena.shared, batch));
          return found;
        });
        assert.deepEqual(back, rows);
      }),
      { numRuns: 100 },
    );
  }
});
