// Encodings: how a chunk of a sealed row group holds its values in less than their physical width, as unsigned codes. An integer is
// base + code, a view is entry `code` of a dictionary. Scans widen codes to vectors (engine/batch/group-slicer.ts) or hand them to
// generated code as they are; what reads rows singly uses `copyWide`.
import type { Physical } from '../types/sql-type.ts';
import type { Vector } from './batch.ts';
import type { SharedMemory } from './memory.ts';
import { VIEW_BYTES } from './view.ts';

export type CodeBytes = 1 | 2 | 4;

/** Of a dictionary's codes: so a vector of views, numbered, can stand for codes and dictionary. */
export const DICTIONARY_CODE_BYTES = 2;

export interface Encoding {
  readonly codeBytes: CodeBytes;
  /** integers: what code 0 stands for */
  readonly base: bigint;
  /** views: address of the distinct views; 0 for integers */
  readonly dictionary: number;
}

/** A vector or a chunk: where `encoding` is there, `data` holds codes. A NULL's code means nothing, but is one. */
export interface EncodedVector extends Vector {
  readonly encoding?: Encoding | null;
}

/** Bytes of a code for values of this range; null where codes are not narrower than the values. */
export function codeBytesFor(physical: Physical, min: number | bigint, max: number | bigint): CodeBytes | null {
  if (physical !== 'i32' && physical !== 'i64') return null;
  const range = BigInt(max) - BigInt(min);
  if (range < 0x100n) return 1;
  if (range < 0x10000n) return 2;
  return physical === 'i64' && range < 0x100000000n ? 4 : null;
}

export function codeAt(memory: SharedMemory, data: number, codeBytes: CodeBytes, row: number): number {
  if (codeBytes === 1) return memory.u8[data + row]!;
  return codeBytes === 2 ? memory.u16[(data >>> 1) + row]! : memory.u32[(data >>> 2) + row]!;
}

/** Writes the value of an encoded `row` at `to` in its physical width. */
export function copyWide(
  memory: SharedMemory,
  physical: Physical,
  data: number,
  encoding: Encoding,
  row: number,
  to: number,
): void {
  const code = codeAt(memory, data, encoding.codeBytes, row);
  if (encoding.dictionary !== 0) {
    const from = (encoding.dictionary + code * VIEW_BYTES) >>> 2;
    for (let word = 0; word < 4; word++) memory.u32[(to >>> 2) + word] = memory.u32[from + word]!;
  } else if (physical === 'i32') memory.i32[to >>> 2] = Number(encoding.base) + code;
  else memory.i64[to / 8] = encoding.base + BigInt(code);
}
