// The lines of a text file as bytes, without their newlines (LF or CRLF), in chunks of any size. A line longer than MAX_LINE ends the file
// with 54000, so that a file without newlines does not fill memory.
import { sqlError } from '../../errors/sql-error.ts';
import { openText } from './text-file.ts';

const MAX_LINE = 64 * 1024 * 1024;

export interface TextLine {
  readonly bytes: Buffer;
  /** from 1 */
  readonly line: number;
}

/** Throws as openText. `size`: no more of the file than that. A last line without a newline counts, an empty one does not. */
export async function* textLines(path: string, size?: number): AsyncGenerator<TextLine> {
  const splitter = new LineSplitter(path, 1);
  for await (const chunk of openText(path, 0, size)) yield* splitter.push(chunk);
  yield* splitter.end();
}

const LF = 10;
const CR = 13;

export class LineSplitter {
  private readonly pieces: Pieces;
  private line: number;

  constructor(path: string, line: number) {
    this.pieces = new Pieces(path);
    this.line = line;
  }

  *push(chunk: Buffer): Generator<TextLine> {
    for (let at = 0; at < chunk.length; ) {
      const end = chunk.indexOf(LF, at);
      this.pieces.add(chunk.subarray(at, end < 0 ? chunk.length : end), this.line);
      if (end < 0) return;
      yield this.take();
      at = end + 1;
    }
  }

  *end(): Generator<TextLine> {
    if (!this.pieces.empty) yield this.take();
  }

  private take(): TextLine {
    const bytes = this.pieces.take();
    return { bytes: bytes.at(-1) === CR ? bytes.subarray(0, -1) : bytes, line: this.line++ };
  }
}

/** A text over several chunks. */
export class Pieces {
  private readonly path: string;
  private parts: Buffer[] = [];
  private size = 0;

  constructor(path: string) {
    this.path = path;
  }

  get empty(): boolean {
    return this.size === 0;
  }

  /** `line`: where the text begins, for the error of one that is too long. */
  add(bytes: Buffer, line: number): void {
    if (bytes.length === 0) return;
    this.size += bytes.length;
    if (this.size > MAX_LINE) {
      throw sqlError('program_limit_exceeded', `a value in file "${this.path}" is longer than ${MAX_LINE >> 20} MB`, {
        context: `file ${this.path}, line ${line}`,
      });
    }
    this.parts.push(Buffer.from(bytes));
  }

  take(): Buffer {
    const text = this.parts.length === 1 ? this.parts[0]! : Buffer.concat(this.parts);
    this.parts = [];
    this.size = 0;
    return text;
  }
}
