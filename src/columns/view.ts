// The 16-byte view of a variable-length value (text, bytea, json, arrays, records, variable numerics), little-endian:
//   u32 length
//   length <= 12: the bytes inline, the rest zero (so two inline views are equal iff their 16 bytes are)
//   length  > 12: 4 bytes prefix, u32 address of all the bytes, u32 zero
// A vector of views pins the memory its long values point to; state that outlives the batch copies the bytes.

import type { SharedMemory } from './memory.ts';
import type { Region } from './region.ts';

export const VIEW_BYTES = 16;
export const VIEW_INLINE = 12;

/** The bytes of the view at `at`: a window over shared memory, valid as long as that memory. */
export function viewBytes(memory: SharedMemory, at: number): Uint8Array {
  const length = memory.u32[at >>> 2]!;
  const start = length <= VIEW_INLINE ? at + 4 : memory.u32[(at + 8) >>> 2]!;
  return memory.u8.subarray(start, start + length);
}

/** Writes a view at `at`, copying long bytes into `heap`. */
export function writeView(memory: SharedMemory, at: number, bytes: Uint8Array, heap: Region): void {
  const length = bytes.length;
  memory.u32[at >>> 2] = length;
  if (length <= VIEW_INLINE) {
    memory.u32[(at + 4) >>> 2] = 0;
    memory.u32[(at + 8) >>> 2] = 0;
    memory.u32[(at + 12) >>> 2] = 0;
    memory.u8.set(bytes, at + 4);
    return;
  }
  const address = heap.allocate(length);
  memory.u8.set(bytes, address);
  memory.u8.set(bytes.subarray(0, 4), at + 4);
  memory.u32[(at + 8) >>> 2] = address;
  memory.u32[(at + 12) >>> 2] = 0;
}
