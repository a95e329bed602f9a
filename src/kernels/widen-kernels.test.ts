// Codes of column chunks: kernels against the one-row reader, for every width and around the blocks that they take at once.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CodeBytes, copyWide } from '../columns/encoding.ts';
import { SharedMemory } from '../columns/memory.ts';
import { KernelLibrary } from './kernel-library.ts';

const memory = new SharedMemory(SharedMemory.reserve(8 * 1024 * 1024));
const kernels = KernelLibrary.instantiate(await KernelLibrary.compile(), memory.memory);
const CODES = 1 << 16;
const OUT = 2 << 16;
const EXPECTED = 4 << 16;
const DICTIONARY = 6 << 16;
const LIST = 8 << 16;
const COUNTS = [0, 1, 3, 4, 7, 8, 15, 16, 17, 63, 64, 65, 130, 2048];

function writeCodes(codeBytes: CodeBytes, count: number, limit: number): number[] {
  const array = { 1: memory.u8, 2: memory.u16, 4: memory.u32 }[codeBytes];
  return Array.from({ length: count }, (_, i) => {
    const code = (Math.imul(i + 1, 2654435761) >>> 0) % limit;
    array[CODES / codeBytes + i] = code;
    return code;
  });
}

function words(base: bigint): [number, number] {
  return [Number(BigInt.asIntN(32, base)), Number(BigInt.asIntN(32, base >> 32n))];
}

function widthsOf(physical: 'i32' | 'i64'): readonly CodeBytes[] {
  return physical === 'i32' ? [1, 2] : [1, 2, 4];
}

for (const physical of ['i32', 'i64'] as const) {
  const width = physical === 'i32' ? 4 : 8;
  const base = physical === 'i32' ? -70_000n : -5_000_000_000_000n;
  test(`widen and narrow undo each other: ${physical}`, () => {
    for (const codeBytes of widthsOf(physical)) {
      for (const count of COUNTS) {
        const encoding = { codeBytes, base, dictionary: 0 };
        const codes = writeCodes(codeBytes, count, 2 ** (8 * codeBytes));
        for (let row = 0; row < count; row++) copyWide(memory, physical, CODES, encoding, row, EXPECTED + row * width);
        const expected = memory.u8.slice(EXPECTED, EXPECTED + count * width);
        memory.u8.fill(0, OUT, OUT + count * width);
        kernels.get('widen')(OUT, CODES, codeBytes, width, ...words(base), count);
        assert.deepEqual(memory.u8.slice(OUT, OUT + count * width), expected, `${codeBytes} ${count}`);
        memory.u8.fill(0, OUT, OUT + count * width);
        const rows = codes.flatMap((_, row) => (row % 3 === 0 ? [row] : []));
        memory.u32.set(rows, LIST / 4);
        kernels.get('widen_rows')(OUT, CODES, codeBytes, width, ...words(base), LIST, rows.length);
        for (const row of rows) {
          const at = row * width;
          assert.deepEqual(memory.u8.slice(OUT + at, OUT + at + width), expected.slice(at, at + width));
        }
        memory.u8.fill(255, CODES, CODES + count * codeBytes);
        kernels.get('narrow')(CODES, EXPECTED, codeBytes, width, words(base)[0], 0, count);
        const array = { 1: memory.u8, 2: memory.u16, 4: memory.u32 }[codeBytes];
        assert.deepEqual([...array.subarray(CODES / codeBytes, CODES / codeBytes + count)], codes);
      }
    }
  });
}

test('a dictionary gives its entries', () => {
  for (let i = 0; i < 40; i++) memory.u32[DICTIONARY / 4 + i] = i * 7;
  const codes = writeCodes(2, 33, 10);
  kernels.get('widen')(OUT, CODES, 2, 16, DICTIONARY, 0, codes.length);
  codes.forEach((code, row) => {
    assert.equal(memory.u32[OUT / 4 + row * 4 + 1], (code * 4 + 1) * 7);
  });
});

test('codes in a range are found, first and all, unsigned', () => {
  for (const codeBytes of [1, 2, 4] as const) {
    const limit = 2 ** (8 * codeBytes);
    for (const count of COUNTS) {
      const codes = writeCodes(codeBytes, count, limit);
      for (const [least, most] of [[0, limit / 100], [limit * 0.99, limit - 1], [limit / 2, limit / 2], [0, limit - 1]] as const) {
        const [low, high] = [Math.floor(least), Math.floor(most)];
        const expected = codes.flatMap((code, row) => (code >= low && code <= high ? [row] : []));
        const found = kernels.get('select_codes_within')(LIST, CODES, codeBytes, low | 0, high | 0, count);
        assert.deepEqual([...memory.u32.subarray(LIST / 4, LIST / 4 + found)], expected, `${codeBytes} ${count} ${low}`);
        const first = kernels.get('first_code_within')(CODES, codeBytes, low | 0, high | 0, count);
        assert.ok(first <= (expected[0] ?? count) && first + 64 > (expected[0] ?? count));
      }
    }
  }
}); // biome-ignore format: ranges read better in a line
