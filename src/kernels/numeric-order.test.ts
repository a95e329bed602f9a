// Comparisons of variable numerics of any size, scale and sign: kernels, and declined rows left to the per-row body, follow the order of decimals.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildBatch } from '../columns/batch-builder.ts';
import { Region } from '../columns/region.ts';
import { arenaFixture } from '../testing/arena-fixture.ts';
import fc from '../testing/seeded-fast-check.ts';
import { type Decimal, decimal } from '../types/datum.ts';
import { compareDecimals } from '../types/decimal.ts';
import { NUMERIC } from '../types/sql-type.ts';
import { STATUS, statusCode } from './kernel-library.ts';

const { arena, kernels } = arenaFixture(16 << 20);
const OPERATIONS: readonly [string, (order: number) => boolean][] = [
  ['equal', (order) => order === 0],
  ['not_equal', (order) => order !== 0],
  ['less', (order) => order < 0],
  ['less_equal', (order) => order <= 0],
  ['greater', (order) => order > 0],
  ['greater_equal', (order) => order >= 0],
];

/** The answer of a kernel for one pair, or null: declined. */
function answer(operation: string, x: Decimal, y: Decimal): boolean | null {
  const region = new Region(arena, arena.addOwner(1 << 20));
  try {
    const [a, b] = buildBatch(region, [NUMERIC, NUMERIC], [[x, y]]).columns;
    const out = region.allocate(16);
    const status = kernels.get(`${operation}_numeric`)(out, a!.data, b!.data, 0, 0, 1);
    if (status === STATUS.DONE) return arena.shared.u8[out] === 1;
    assert.equal(statusCode(status), STATUS.NEED_SLOW);
    return null;
  } finally {
    arena.freeOwner(region.owner);
  }
}

const size = fc.constantFrom(0, 1, 4, 20, 60, 63, 64, 65, 100, 127, 128, 130, 200);
const number = size.chain((bits) => fc.bigInt({ min: -(2n ** BigInt(bits)), max: 2n ** BigInt(bits) }));
const scale = fc.oneof(fc.nat({ max: 4 }), fc.nat({ max: 40 }));
const given = fc.tuple(number, scale).map(([n, s]) => decimal(n, s));
/** Equal in other digits, or nearly. */
const near = fc
  .tuple(given, fc.nat({ max: 20 }), fc.constantFrom(-1n, 0n, 0n, 1n))
  .map(([x, more, step]): [Decimal, Decimal] => {
    return [x, decimal(x.coefficient * 10n ** BigInt(more) + step, x.scale + more)];
  });

test('comparisons of variable numerics follow the order of decimals', () => {
  let answered = 0;
  fc.assert(
    fc.property(fc.oneof(fc.tuple(given, given), near), fc.boolean(), ([first, second], turned) => {
      const [x, y] = turned ? [second, first] : [first, second];
      for (const [operation, holds] of OPERATIONS) {
        const found = answer(operation, x, y);
        const fits = [x, y].every(({ coefficient }) => coefficient > -(2n ** 128n) && coefficient < 2n ** 128n);
        assert.equal(found !== null, fits, 'declined where a magnitude has more than 128 bits, only then');
        if (found === null) continue;
        answered++;
        assert.equal(found, holds(compareDecimals(x, y)), operation);
      }
    }),
    { numRuns: 1000 },
  );
  assert.ok(answered > 3000);
});
