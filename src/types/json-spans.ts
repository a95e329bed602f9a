// The parts of a json value as the text they came as: json keeps spelling, order and repeated keys, so its accessors hand out
// slices of the source. The text has been checked before; this walk only finds where values begin and end.

export interface JsonSpan {
  /** the value's own text, without blanks around it */
  readonly text: string;
  readonly members?: readonly (readonly [key: string, value: JsonSpan])[];
  readonly items?: readonly JsonSpan[];
}

const SCALAR = /"(?:[^"\\]|\\.)*"|[^\s,\]}:]+/sy;

class SpanReader {
  private readonly source: string;
  private at = 0;

  constructor(source: string) {
    this.source = source;
  }

  value(): JsonSpan {
    this.skip();
    const start = this.at;
    const open = this.source[start];
    if (open === '{') {
      const members: [string, JsonSpan][] = [];
      for (this.at++; this.next('}'); ) {
        const key = JSON.parse(this.scalar()) as string;
        this.skip();
        this.at++; // the colon
        members.push([key, this.value()]);
      }
      return { text: this.source.slice(start, this.at), members };
    }
    if (open === '[') {
      const items: JsonSpan[] = [];
      for (this.at++; this.next(']'); ) items.push(this.value());
      return { text: this.source.slice(start, this.at), items };
    }
    return { text: this.scalar() };
  }

  private skip(): void {
    while (' \n\r\t'.includes(this.source[this.at] ?? 'x')) this.at++;
  }

  /** Steps over blanks and a comma; false, and past it, at the closing bracket. */
  private next(close: string): boolean {
    this.skip();
    if (this.source[this.at] === ',') this.at++;
    this.skip();
    if (this.source[this.at] !== close) return true;
    this.at++;
    return false;
  }

  private scalar(): string {
    SCALAR.lastIndex = this.at;
    const text = SCALAR.exec(this.source)![0];
    this.at += text.length;
    return text;
  }
}

/** The parts of checked JSON text. */
export function jsonSpan(text: string): JsonSpan {
  return new SpanReader(text).value();
}

const QUOTE = 34;
const BACKSLASH = 92;

/** The end of the value that begins at `from` in canonical jsonb text. */
function valueEnd(text: string, from: number): number {
  let depth = 0;
  for (let at = from; ; at++) {
    const c = text.charCodeAt(at);
    if (c === QUOTE) {
      for (at++; text.charCodeAt(at) !== QUOTE; at++) if (text.charCodeAt(at) === BACKSLASH) at++;
      if (depth === 0) return at + 1;
    } else if (c === 0x7b || c === 0x5b) depth++;
    else if (c === 0x7d || c === 0x5d) {
      if (depth === 0) return at;
      if (--depth === 0) return at + 1;
    } else if (depth === 0 && (c === 0x2c || Number.isNaN(c))) return at;
  }
}

/** A member's text in canonical jsonb text: found by a walk over the top level, nothing else is read. */
export function memberText(text: string, key: string): string | undefined {
  if (text.charCodeAt(0) !== 0x7b) return undefined;
  const wanted = JSON.stringify(key);
  for (let at = 1; text.charCodeAt(at) === QUOTE; ) {
    const keyEnd = valueEnd(text, at);
    const start = keyEnd + 2; // ": "
    const end = valueEnd(text, start);
    if (keyEnd - at === wanted.length && text.startsWith(wanted, at)) return text.slice(start, end);
    at = end + 2; // ", "
  }
  return undefined;
}
