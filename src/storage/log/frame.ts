// Frame: the unit of the log. A commit is one or more frames in a row, the last one marked. Little-endian:
//    0 u32 magic "HRF1"       4 u32 body length         8 u32 CRC-32C of everything from byte 12 to the end
//   12 u16 format version    14 u16 flags: 1 = last frame of its commit
//   16 u64 epoch             24 u64 position in the file of the write that carried the frame (all before it was durable then)
//   32 u32 header length     36 u32 zero
//   40 body: the header as tagged JSON, then the payloads it describes
import { crc32c } from './crc32c.ts';
import { type Json, parseTagged, stringifyTagged } from './tagged-json.ts';

export const FRAME_MAGIC = 0x31465248;
export const FRAME_BYTES = 40;
/** Version 2: deletes in every frame of a commit, where 1 had them in the last one. */
const VERSION = 2;
const LAST = 1;

export interface Frame {
  readonly epoch: bigint;
  readonly last: boolean;
  readonly writeStart: number;
  readonly header: Json;
  readonly payload: Uint8Array;
  /** of the whole frame, in bytes */
  readonly length: number;
}

/** One frame as bytes. */
export function encodeFrame(
  epoch: bigint,
  last: boolean,
  writeStart: number,
  header: unknown,
  payloads: readonly Uint8Array[],
): Uint8Array {
  return encodeFrameOf(epoch, last, writeStart, stringifyTagged(header), payloads);
}

/** The same with a header that is text by now. */
export function encodeFrameOf(
  epoch: bigint,
  last: boolean,
  writeStart: number,
  header: string,
  payloads: readonly Uint8Array[],
): Uint8Array {
  const head = Buffer.from(header, 'utf8');
  const body = head.length + payloads.reduce((sum, payload) => sum + payload.length, 0);
  const bytes = new Uint8Array(FRAME_BYTES + body);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, FRAME_MAGIC, true);
  view.setUint32(4, body, true);
  view.setUint16(12, VERSION, true);
  view.setUint16(14, last ? LAST : 0, true);
  view.setBigUint64(16, epoch, true);
  view.setBigUint64(24, BigInt(writeStart), true);
  view.setUint32(32, head.length, true);
  bytes.set(head, FRAME_BYTES);
  let at = FRAME_BYTES + head.length;
  for (const payload of payloads) {
    bytes.set(payload, at);
    at += payload.length;
  }
  view.setUint32(8, crc32c(bytes.subarray(12)), true);
  return bytes;
}

/** The body length that a frame's first bytes announce, or -1 when they are no frame of a version we know. */
export function announcedBody(head: Uint8Array): number {
  if (head.length < FRAME_BYTES) return -1;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  if (view.getUint32(0, true) !== FRAME_MAGIC) return -1;
  return view.getUint32(4, true);
}

/** The frame that `bytes` (exactly one frame) holds, or null when it is damaged. */
export function decodeFrame(bytes: Uint8Array): Frame | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (announcedBody(bytes) !== bytes.length - FRAME_BYTES) return null;
  if (view.getUint32(8, true) !== crc32c(bytes.subarray(12))) return null;
  if (view.getUint16(12, true) > VERSION)
    throw new Error(`log frame of version ${view.getUint16(12, true)} is unknown`);
  const head = view.getUint32(32, true);
  return {
    epoch: view.getBigUint64(16, true),
    last: (view.getUint16(14, true) & LAST) !== 0,
    writeStart: Number(view.getBigUint64(24, true)),
    header: parseTagged(Buffer.from(bytes.buffer, bytes.byteOffset + FRAME_BYTES, head).toString('utf8')),
    payload: bytes.subarray(FRAME_BYTES + head),
    length: bytes.length,
  };
}
