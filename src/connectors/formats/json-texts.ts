// The JSON texts of a file, one by one: the lines of JSON lines, or the elements of one array that spans the file. Bytes are looked at
// once, in chunks. `line` is that of a text's first byte.
import { sqlError } from '../../errors/sql-error.ts';
import { openText } from './text-file.ts';
import { LineSplitter, Pieces, type TextLine } from './text-lines.ts';

const LF = 10;
const QUOTE = 34;
const BACKSLASH = 92;
const COMMA = 44;
const OPEN_ARRAY = 91;
const CLOSE_ARRAY = 93;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;
const isBlank = (byte: number): boolean => byte === 32 || byte === 9 || byte === LF || byte === 13;
const blank = (bytes: Buffer): boolean => bytes.every(isBlank);

/** Texts that are not blank. Throws as openText, 54000 for a text that is too long, 22P02 for an array that does not end. */
export async function* jsonTexts(path: string, bytes?: number): AsyncGenerator<TextLine> {
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
    for (const text of splitter.push(rest)) if (!blank(text.bytes)) yield text;
  }
  for (const text of splitter?.end() ?? []) if (!blank(text.bytes)) yield text;
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

  *push(chunk: Buffer): Generator<TextLine> {
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

  end(): readonly TextLine[] {
    if (this.closed) return [];
    throw sqlError('invalid_text_representation', 'invalid input syntax for type json', {
      detail: 'The array does not end.',
      context: `file ${this.path}, line ${this.first}`,
    });
  }

  private *take(): Generator<TextLine> {
    const bytes = this.pieces.take();
    const start = Math.max(
      0,
      bytes.findIndex((byte) => !isBlank(byte)),
    );
    const line = this.first + bytes.subarray(0, start).reduce((lines, byte) => (byte === LF ? lines + 1 : lines), 0);
    this.first = this.line;
    yield { bytes, line };
  }
}
