// Wire traces as text, one message a line: `F Query "select 1"` is what the client sends, `B DataRow ["1"]` what it must get
// back. Behind the message's name stands JSON. What differs from server to server (keys, table oids, source lines of errors,
// values of settings at startup) is left out, so that a trace recorded on PostgreSQL can be played against another server.

export interface TraceLine {
  readonly from: 'F' | 'B';
  readonly name: string;
  /** JSON text behind the name, '' for none */
  readonly body: string;
}

export interface Trace {
  /** comment lines at the top, kept when recording */
  readonly comments: readonly string[];
  readonly lines: readonly TraceLine[];
}

export function parseTrace(text: string): Trace {
  const comments: string[] = [];
  const lines: TraceLine[] = [];
  for (const line of text.split('\n')) {
    if (line.startsWith('#')) {
      comments.push(line);
      continue;
    }
    if (line.trim() === '') continue;
    const match = /^([FB]) (\w+)(?: (.*))?$/.exec(line);
    if (match === null) throw new Error(`not a trace line: ${line}`);
    lines.push({ from: match[1] as 'F' | 'B', name: match[2]!, body: match[3] ?? '' });
  }
  return { comments, lines };
}

export function printTrace(trace: Trace): string {
  const printed: string[] = [...trace.comments];
  let last = 'B';
  for (const line of trace.lines) {
    if (line.from === 'F' && last === 'B') printed.push('');
    last = line.from;
    printed.push(printLine(line));
  }
  return `${printed.join('\n')}\n`;
}

export function printLine(line: TraceLine): string {
  return `${line.from} ${line.name}${line.body === '' ? '' : ` ${line.body}`}`;
}

type Json = string | number | null | readonly Json[] | { readonly [key: string]: Json };

/** A value on the wire: text as it is, bytes as {"hex": "..."}. */
type Piece = string | { readonly hex: string } | null;

class BodyBuilder {
  readonly #parts: Buffer[] = [];
  string(text: string): this {
    this.#parts.push(Buffer.from(`${text}\0`, 'utf8'));
    return this;
  }
  int16(value: number): this {
    this.#parts.push(Buffer.from([(value >> 8) & 255, value & 255]));
    return this;
  }
  int32(value: number): this {
    const bytes = Buffer.alloc(4);
    bytes.writeInt32BE(value | 0);
    this.#parts.push(bytes);
    return this;
  }
  bytes(value: Uint8Array): this {
    this.#parts.push(Buffer.from(value));
    return this;
  }
  int16s(values: readonly number[]): this {
    this.int16(values.length);
    for (const value of values) this.int16(value);
    return this;
  }
  /** without type and length, as first packets are */
  bare(): Buffer {
    return Buffer.concat(this.#parts);
  }
  message(type: string): Buffer {
    const body = Buffer.concat(this.#parts);
    const length = Buffer.alloc(4);
    length.writeInt32BE(body.length + 4);
    return Buffer.concat([Buffer.from(type, 'latin1'), length, body]);
  }
}

function pieceBytes(piece: Exclude<Piece, null>): Buffer {
  return typeof piece === 'string' ? Buffer.from(piece, 'utf8') : Buffer.from(piece.hex, 'hex');
}

interface BindBody {
  readonly portal?: string;
  readonly statement?: string;
  readonly paramFormats?: readonly number[];
  readonly values?: readonly Piece[];
  readonly resultFormats?: readonly number[];
}

/** The bytes of a frontend line. */
export function encodeFrontend(line: TraceLine): Buffer {
  const body: unknown = line.body === '' ? null : JSON.parse(line.body);
  const out = new BodyBuilder();
  switch (line.name) {
    case 'Query':
      return out.string(body as string).message('Q');
    case 'Parse': {
      const { name = '', query, types = [] } = body as { name?: string; query: string; types?: readonly number[] };
      out.string(name).string(query).int16(types.length);
      for (const type of types) out.int32(type);
      return out.message('P');
    }
    case 'Bind':
      return encodeBind(out, body as BindBody);
    case 'Describe':
    case 'Close': {
      const [target, name] = body as [string, string];
      return out
        .bytes(Buffer.from(target))
        .string(name)
        .message(line.name[0] === 'D' ? 'D' : 'C');
    }
    case 'Execute': {
      const { portal = '', rows = 0 } = (body ?? {}) as { portal?: string; rows?: number };
      return out.string(portal).int32(rows).message('E');
    }
    case 'Sync':
      return out.message('S');
    case 'Flush':
      return out.message('H');
    case 'CopyData':
      return out.bytes(pieceBytes(body as string)).message('d');
    case 'CopyDone':
      return out.message('c');
    case 'CopyFail':
      return out.string(body as string).message('f');
    case 'Terminate':
      return out.message('X');
    case 'SSLRequest':
      return out.int32(8).int32(80_877_103).bare();
    case 'GSSENCRequest':
      return out.int32(8).int32(80_877_104).bare();
    case 'Raw':
      return Buffer.from(body as string, 'hex');
    case 'Startup':
      return encodeStartup(body as { minor?: number } & Record<string, string>);
    default:
      throw new Error(`unknown frontend message ${line.name}`);
  }
}

function encodeBind(out: BodyBuilder, body: BindBody): Buffer {
  const { portal = '', statement = '', paramFormats = [], values = [], resultFormats = [] } = body;
  out.string(portal).string(statement).int16s(paramFormats).int16(values.length);
  for (const value of values) {
    if (value === null) {
      out.int32(-1);
      continue;
    }
    const bytes = pieceBytes(value);
    out.int32(bytes.length).bytes(bytes);
  }
  return out.int16s(resultFormats).message('B');
}

export function encodeStartup(parameters: Readonly<Record<string, string | number>>): Buffer {
  const out = new BodyBuilder().int32((3 << 16) | Number(parameters.minor ?? 0));
  for (const [name, value] of Object.entries(parameters)) {
    if (name !== 'minor') out.string(name).string(String(value));
  }
  // a startup packet has no type byte
  return out
    .bytes(Buffer.from([0]))
    .message(' ')
    .subarray(1);
}

const BACKEND_NAMES: Readonly<Record<string, string>> = {
  R: 'Authentication', S: 'ParameterStatus', K: 'BackendKeyData', Z: 'ReadyForQuery', T: 'RowDescription', D: 'DataRow',
  C: 'CommandComplete', E: 'ErrorResponse', N: 'NoticeResponse', I: 'EmptyQueryResponse', '1': 'ParseComplete', '2': 'BindComplete',
  '3': 'CloseComplete', n: 'NoData', s: 'PortalSuspended', t: 'ParameterDescription', G: 'CopyInResponse', H: 'CopyOutResponse',
  d: 'CopyData', c: 'CopyDone', A: 'NotificationResponse', v: 'NegotiateProtocolVersion', V: 'FunctionCallResponse',
}; // biome-ignore format: a table

/** Error fields that depend on the server's sources. */
const LEFT_OUT_FIELDS = new Set(['F', 'L', 'R', 'V']);

/** A backend message as a line. `starting`: before the first ReadyForQuery. */
export function decodeBackend(type: string, body: Buffer, starting: boolean): TraceLine {
  const name = BACKEND_NAMES[type] ?? `Unknown_${type.charCodeAt(0)}`;
  const value = describeBody(type, new BodyScanner(body), starting);
  return { from: 'B', name, body: value === undefined ? '' : JSON.stringify(value) };
}

function describeBody(type: string, body: BodyScanner, starting: boolean): Json | undefined {
  switch (type) {
    case 'R':
      return body.int32();
    case 'S':
      return [body.string(), starting ? '*' : body.string()];
    case 'Z':
      return body.rest().toString();
    case 'T':
      return body.times(body.int16(), () => {
        const name = body.string();
        const table = body.int32() === 0 ? 0 : 'table';
        return [name, table, body.int16(), body.int32(), body.int16(), body.int32(), body.int16()];
      });
    case 'D':
      return body.times(body.int16(), () => {
        const length = body.int32();
        return length < 0 ? null : showBytes(body.take(length));
      });
    case 'C':
      return body.string();
    case 'E':
    case 'N':
      return body.fields();
    case 't':
      return body.times(body.int16(), () => body.int32());
    case 'G':
    case 'H': {
      const format = body.take(1)[0]!;
      return [format, body.times(body.int16(), () => body.int16())];
    }
    case 'd':
      return showBytes(body.rest());
    case 'A':
      body.int32();
      return [body.string(), body.string()];
    case 'v':
      return [body.int32(), body.times(body.int32(), () => body.string())];
    default:
      return undefined;
  }
}

function showBytes(bytes: Buffer): Json {
  const text = bytes.toString('utf8');
  const printable =
    Buffer.from(text, 'utf8').equals(bytes) && ![...text].some((char) => char < ' ' && char !== '\n' && char !== '\t');
  return printable ? text : { hex: bytes.toString('hex') };
}

class BodyScanner {
  readonly #body: Buffer;
  #at = 0;
  constructor(body: Buffer) {
    this.#body = body;
  }
  int16(): number {
    this.#at += 2;
    return this.#body.readInt16BE(this.#at - 2);
  }
  int32(): number {
    this.#at += 4;
    return this.#body.readInt32BE(this.#at - 4);
  }
  string(): string {
    const end = this.#body.indexOf(0, this.#at);
    const text = this.#body.toString('utf8', this.#at, end);
    this.#at = end + 1;
    return text;
  }
  take(length: number): Buffer {
    this.#at += length;
    return this.#body.subarray(this.#at - length, this.#at);
  }
  rest(): Buffer {
    return this.take(this.#body.length - this.#at);
  }
  times<T>(count: number, read: () => T): T[] {
    return Array.from({ length: count }, read);
  }
  fields(): Record<string, string> {
    const fields: Record<string, string> = {};
    while (this.#body[this.#at] !== 0) {
      const code = String.fromCharCode(this.take(1)[0]!);
      const value = this.string();
      if (!LEFT_OUT_FIELDS.has(code)) fields[code] = value;
    }
    return fields;
  }
}
