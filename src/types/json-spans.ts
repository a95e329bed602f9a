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
