// The JSON texts of a file, one by one: the lines of JSON lines, or the elements of one array that spans the file. Bytes are looked at
// once, in chunks; a text that is longer than MAX_TEXT ends the file with 54000, so a file without an end does not fill memory.
import { sqlError } from '../../errors/sql-error.ts';
import { openText } from './text-file.ts';

export interface JsonText {
  readonly text: string;
  /** of its first byte, from 1 */
  readonly line: number;
}

export const MAX_TEXT = 64 * 1024 * 1024;

const LF = 10;
const QUOTE = 34;
const BACKSLASH = 92;
const COMMA = 44;
const OPEN_ARRAY = 91;
const CLOSE_ARRAY = 93;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;
const isBlank = (byte: number): boolean => byte === 32 || byte === 9 || byte === LF || byte === 13;

/** Texts that are not blank. Throws as openText, 54000 for a text that is too long, 22P02 for an array that does not end. */
export async function* jsonTexts(path: string, bytes?: number): AsyncGenerator<JsonText> {
  let splitter: LineSplitter | ArraySplitter | null = null;
  let before = 0;
  for await (const chunk of openText(path, 0, bytes)) {
    let rest = chunk;
    if (splitter === null) {
      const start = rest.findIndex((byte) => !isBlank(byte));
      for (const byte of start < 0 ? rest : rest.subarray(0, start)) if (byte === LF) before++;
      if (start < 0) continue;
      rest = rest.subarray(start);
      splitter = rest[0] === OPEN_ARRAY ? new ArraySplitter(path, before + 1) : new LineSplitter(path, before + 1);
    }
    yield* splitter.push(rest);
  }
  if (splitter !== null) yield* splitter.end();
}

/** Pieces of a text over several chunks. */
class Pieces {
  private readonly path: string;
  private parts: Buffer[] = [];
  private size = 0;

  constructor(path: string) {
    this.path = path;
  }

  add(bytes: Buffer, line: number): void {
    if (bytes.length === 0) return;
    this.size += bytes.length;
    if (this.size > MAX_TEXT) {
      throw sqlError(
        'program_limit_exceeded',
        `a JSON value in file "${this.path}" is longer than ${MAX_TEXT >> 20} MB`,
        {
          context: `file ${this.path}, line ${line}`,
        },
      );
    }
    this.parts.push(Buffer.from(bytes));
  }

  take(): string {
    const text = Buffer.concat(this.parts).toString('utf8');
    this.parts = [];
    this.size = 0;
    return text;
  }
}

class LineSplitter {
  private readonly pieces: Pieces;
  private line: number;

  constructor(path: string, line: number) {
    this.pieces = new Pieces(path);
    this.line = line;
  }

  *push(chunk: Buffer): Generator<JsonText> {
    for (let at = 0; at < chunk.length; ) {
      const end = chunk.indexOf(LF, at);
      this.pieces.add(chunk.subarray(at, end < 0 ? chunk.length : end), this.line);
      if (end < 0) return;
      yield* this.end();
      this.line++;
      at = end + 1;
    }
  }

  *end(): Generator<JsonText> {
    const text = this.pieces.take();
    if (text.trim() !== '') yield { text, line: this.line };
  }
}

class ArraySplitter {
  private readonly path: string;
  private readonly pieces: Pieces;
  private line: number;
  private first: number;
  private depth = 0;
  private inString = false;
  private escaped = false;
  private closed = false;

  constructor(path: string, line: number) {
    this.path = path;
    this.pieces = new Pieces(path);
    this.line = line;
    this.first = line;
  }

  *push(chunk: Buffer): Generator<JsonText> {
    let start = 0;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at]!;
      if (byte === LF) this.line++;
      if (this.inString) {
        if (this.escaped) this.escaped = false;
        else if (byte === BACKSLASH) this.escaped = true;
        else if (byte === QUOTE) this.inString = false;
      } else if (byte === QUOTE) {
        this.inString = true;
      } else if (byte === OPEN_ARRAY || byte === OPEN_OBJECT) {
        if (++this.depth === 1) start = at + 1;
      } else if (byte === CLOSE_ARRAY || byte === CLOSE_OBJECT) {
        this.depth--;
      }
      const separates = !this.inString && ((byte === COMMA && this.depth === 1) || (this.depth === 0 && !this.closed));
      if (!separates) continue;
      this.closed = this.depth === 0;
      this.pieces.add(chunk.subarray(start, at), this.first);
      yield* this.take();
      start = at + 1;
      if (this.closed) break;
    }
    if (!this.closed) this.pieces.add(chunk.subarray(start), this.first);
  }

  end(): readonly JsonText[] {
    if (this.closed) return [];
    throw sqlError('invalid_text_representation', 'invalid input syntax for type json', {
      detail: 'The array does not end.',
      context: `file ${this.path}, line ${this.first}`,
    });
  }

  private *take(): Generator<JsonText> {
    const text = this.pieces.take();
    const line = this.first + (text.slice(0, text.length - text.trimStart().length).split('\n').length - 1);
    this.first = this.line;
    if (text.trim() !== '') yield { text, line };
  }
}
