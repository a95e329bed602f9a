// The kernel laws, read from the compiled library itself: no static data, no start function, no imports but the memory, and no i64
// (BigInt at the border) in any exported signature. Sections are as in the WebAssembly core specification, "Binary Format".
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, test } from 'node:test';
import { KERNELS_WASM } from './build-kernels.ts';
import { KernelLibrary } from './kernel-library.ts';

const TYPE = 1;
const IMPORT = 2;
const FUNCTION = 3;
const EXPORT = 7;
const START = 8;
const DATA = 11;
const I32 = 0x7f;

/** Reads LEB128 numbers, names and bytes one after the other. */
class Reader {
  private readonly bytes: Buffer;
  at: number;

  constructor(bytes: Buffer, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  get done(): boolean {
    return this.at >= this.bytes.length;
  }

  byte(): number {
    return this.bytes[this.at++]!;
  }

  number(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  }

  take(length: number): Buffer {
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  name(): string {
    return this.take(this.number()).toString('utf8');
  }

  list<T>(read: () => T): T[] {
    return Array.from({ length: this.number() }, read);
  }
}

const sections = new Map<number, Buffer>();

before(async () => {
  await KernelLibrary.compile();
  const reader = new Reader(readFileSync(KERNELS_WASM));
  assert.equal(reader.take(4).toString('latin1'), '\0asm');
  assert.equal(reader.take(4).readUInt32LE(), 1);
  while (!reader.done) {
    const id = reader.byte();
    sections.set(id, reader.take(reader.number()));
  }
});

function open(id: number): Reader {
  const section = sections.get(id);
  assert.ok(section !== undefined, `section ${id}`);
  return new Reader(section);
}

test('there is no static data and no start function', () => {
  assert.equal(sections.has(DATA), false);
  assert.equal(sections.has(START), false);
});

test('the memory is the only import, and it is shared', () => {
  const reader = open(IMPORT);
  const imports = reader.list(() => {
    const name = `${reader.name()}.${reader.name()}`;
    const kind = reader.byte();
    const flags = reader.byte();
    reader.number();
    if ((flags & 1) !== 0) reader.number();
    return { name, kind, flags };
  });
  assert.deepEqual(imports, [{ name: 'env.memory', kind: 2, flags: 3 }]);
});

test('exported kernels take i32 and f64 numbers and return one i32 or nothing', () => {
  const typeReader = open(TYPE);
  const types = typeReader.list(() => {
    assert.equal(typeReader.byte(), 0x60);
    return { params: [...typeReader.take(typeReader.number())], results: [...typeReader.take(typeReader.number())] };
  });
  const functionReader = open(FUNCTION);
  const functions = functionReader.list(() => functionReader.number());
  const exportReader = open(EXPORT);
  const exports = exportReader.list(() => ({
    name: exportReader.name(),
    kind: exportReader.byte(),
    index: exportReader.number(),
  }));
  const kernels = exports.filter((each) => each.kind === 0);
  assert.ok(kernels.length > 100, 'the library is there');
  for (const { name, index } of kernels) {
    assert.match(name, /^[a-z0-9]+(_[a-z0-9]+)*$/, 'what sources share stands in shared/ and is not exported');
    const { params, results } = types[functions[index]!]!;
    assert.ok(!params.includes(0x7e) && !params.includes(0x7b), `${name} takes i64 or v128`);
    assert.ok(results.every((result) => result === I32) && results.length <= 1, `${name} returns ${results}`);
  }
});
