// The messages between the server and a sandbox child, over the child's stdin and stdout. One frame is
//   u32 length of everything after this word | u32 code | u32 number | u32 bytes of JSON | JSON | zeros to 8 | data
// (little endian). The data part holds typed-array sections, each 8-aligned, that the JSON refers to by offset.
// Loaded in both processes: it imports nothing.

export const FRAME_HEADER_BYTES = 16;

/** Codes of frames to the child. `number` is the function's key in that child. */
export const REQUEST = { install: 1, call: 2, drop: 3 } as const;

/** Codes of frames from the child. `number` is the bytes of wasm memory the functions in that child occupy. */
export const REPLY = {
  ready: 1,
  /** The guest answered; its JSON may carry an `error` of the function. */
  done: 2,
  /** The source does not compile; JSON is a GuestFailure. */
  rejected: 3,
  /** The three after which the child is not used again. */
  timeout: 4,
  memory: 5,
  broken: 6,
} as const;

/** An exception as it left the guest. `row` is the index within the batch where a row was being computed. */
export interface GuestFailure {
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
  readonly line?: number;
  readonly row?: number;
  /** A refusal rather than an exception: the source asks for what functions cannot do. */
  readonly unsupported?: boolean;
}

export interface Frame {
  readonly code: number;
  readonly number: number;
  readonly json: string;
  readonly data: Uint8Array;
}

/** The next multiple of 8. */
export function align8(bytes: number): number {
  return (bytes + 7) & ~7;
}

/** The pieces of one frame, to be written in order. `data` pieces follow one another without gaps. */
export function frameParts(code: number, number: number, json: string, data: readonly Uint8Array[]): Uint8Array[] {
  const text = new TextEncoder().encode(json);
  const padded = new Uint8Array(align8(FRAME_HEADER_BYTES + text.length));
  padded.set(text, FRAME_HEADER_BYTES);
  const total = data.reduce((sum, piece) => sum + piece.length, padded.length);
  const header = new DataView(padded.buffer);
  header.setUint32(0, total - 4, true);
  header.setUint32(4, code, true);
  header.setUint32(8, number, true);
  header.setUint32(12, text.length, true);
  return [padded, ...data];
}

/** Reads a complete frame (with its length word). Throws a plain Error where the lengths contradict each other. */
export function readFrame(bytes: Uint8Array): Frame {
  const header = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const jsonBytes = header.getUint32(12, true);
  const dataStart = align8(FRAME_HEADER_BYTES + jsonBytes);
  if (dataStart > bytes.length) throw new Error('malformed frame');
  return {
    code: header.getUint32(4, true),
    number: header.getUint32(8, true),
    json: new TextDecoder().decode(bytes.subarray(FRAME_HEADER_BYTES, FRAME_HEADER_BYTES + jsonBytes)),
    data: bytes.subarray(dataStart),
  };
}
