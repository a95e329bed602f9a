// The .slt format (sqllogictest with streaming steps): parsing to records, and writing records back for --rewrite.
//
//   statement ok | statement count N | statement error [SQLSTATE] [text that the message contains]
//   error                      a statement that fails; ---- then SQLSTATE and message, then lines `position N`, `detail ..`, `hint ..`
//   query [rowsort]            SELECT ... then ---- then one line per row, values separated by tabs
//   changes NAME [rowsort]     rows pushed to the subscription NAME since the last look (SUBSCRIBE text on the first use)
//   restart | checkpoint       close and reopen the database on its directory | take a checkpoint
//   advance INTERVAL           move the virtual clock
//   skipif ENGINE / onlyif ENGINE   before a record; engines: headrace, duckdb, postgres, view and restart (lives)
//   halt                       ignore the rest
// {scratch} in SQL is a directory of the run's own, for files that a record writes and another reads.
// A first line `# engines: headrace` keeps a whole file from the other engines.
// NULL prints NULL, an empty string (empty); a record ends at an empty line; # starts a comment line.

export type SltRecord = SltBase &
  (
    | { readonly kind: 'statement'; readonly sql: string; readonly expect: StatementExpectation }
    | { readonly kind: 'query'; readonly sql: string; readonly sort: boolean; readonly rows: readonly string[] }
    | { readonly kind: 'error'; readonly sql: string; readonly rows: readonly string[] }
    | {
        readonly kind: 'changes';
        readonly name: string;
        readonly sql: string;
        readonly sort: boolean;
        readonly rows: readonly string[];
      }
    | { readonly kind: 'restart' | 'checkpoint' | 'halt' }
    | { readonly kind: 'advance'; readonly interval: string }
  );

interface SltBase {
  /** 1-based line of the record's first line */
  readonly line: number;
  /** comment, blank and condition lines before it, verbatim */
  readonly lead: readonly string[];
  readonly skipIf: readonly string[];
  readonly onlyIf: readonly string[];
  /** the record's directive line, verbatim */
  readonly head: string;
}

export type StatementExpectation =
  | { readonly kind: 'ok' }
  | { readonly kind: 'count'; readonly count: number }
  | { readonly kind: 'error'; readonly sqlstate: string | null; readonly text: string };

class SltSyntaxError extends Error {
  constructor(path: string, line: number, message: string) {
    super(`${path}:${line}: ${message}`);
    this.name = 'SltSyntaxError';
  }
}

interface Cursor {
  readonly path: string;
  readonly lines: readonly string[];
  at: number;
}

export function parseSlt(path: string, text: string): SltRecord[] {
  const cursor: Cursor = { path, lines: text.split('\n'), at: 0 };
  const records: SltRecord[] = [];
  let lead: string[] = [];
  let skipIf: string[] = [];
  let onlyIf: string[] = [];
  while (cursor.at < cursor.lines.length) {
    const line = cursor.lines[cursor.at]!;
    const condition = /^(skipif|onlyif)\s+(\w+)/.exec(line);
    if (line.trim() === '' || line.startsWith('#') || condition !== null) {
      lead.push(line);
      if (condition !== null) (condition[1] === 'skipif' ? skipIf : onlyIf).push(condition[2]!);
      cursor.at++;
      continue;
    }
    const base: SltBase = { line: cursor.at + 1, lead, skipIf, onlyIf, head: line };
    cursor.at++;
    records.push(parseRecord(cursor, base));
    lead = [];
    skipIf = [];
    onlyIf = [];
  }
  return records;
}

function parseRecord(cursor: Cursor, base: SltBase): SltRecord {
  const words = base.head.trim().split(/\s+/);
  switch (words[0]) {
    case 'statement':
      return { ...base, kind: 'statement', expect: expectation(cursor, base, words), sql: block(cursor) };
    case 'query':
      return { ...base, kind: 'query', sort: words.includes('rowsort'), sql: block(cursor), rows: results(cursor) };
    case 'error':
      return { ...base, kind: 'error', sql: block(cursor), rows: results(cursor) };
    case 'changes':
      if (words[1] === undefined) throw new SltSyntaxError(cursor.path, base.line, 'changes needs a name');
      return {
        ...base,
        kind: 'changes',
        name: words[1],
        sort: words.includes('rowsort'),
        sql: block(cursor),
        rows: results(cursor),
      };
    case 'restart':
    case 'checkpoint':
    case 'halt':
      return { ...base, kind: words[0] };
    case 'advance':
      return { ...base, kind: 'advance', interval: words.slice(1).join(' ') };
    default:
      throw new SltSyntaxError(cursor.path, base.line, `unknown record "${words[0]}"`);
  }
}

function expectation(cursor: Cursor, base: SltBase, words: readonly string[]): StatementExpectation {
  if (words[1] === 'ok') return { kind: 'ok' };
  if (words[1] === 'count') return { kind: 'count', count: Number(words[2]) };
  if (words[1] === 'error') {
    const sqlstate = words[2] !== undefined && /^[0-9A-Z]{5}$/.test(words[2]) ? words[2] : null;
    const text = base.head
      .trim()
      .replace(/^statement\s+error\s*/, '')
      .slice(sqlstate === null ? 0 : 5)
      .trim();
    return { kind: 'error', sqlstate, text };
  }
  throw new SltSyntaxError(cursor.path, base.line, 'expected: statement ok | count N | error');
}

/** Lines up to ---- or an empty line. */
function block(cursor: Cursor): string {
  const lines: string[] = [];
  while (cursor.at < cursor.lines.length) {
    const line = cursor.lines[cursor.at]!;
    if (line === '----' || line.trim() === '') break;
    lines.push(line);
    cursor.at++;
  }
  return lines.join('\n');
}

function results(cursor: Cursor): string[] {
  if (cursor.lines[cursor.at] !== '----') return [];
  cursor.at++;
  const rows: string[] = [];
  while (cursor.at < cursor.lines.length && cursor.lines[cursor.at] !== '') {
    rows.push(cursor.lines[cursor.at]!);
    cursor.at++;
  }
  return rows;
}

/** The file with the given rows (by record index) in place of the old ones. */
export function writeSlt(records: readonly SltRecord[], answers: ReadonlyMap<number, readonly string[]>): string {
  const lines: string[] = [];
  for (const [index, record] of records.entries()) {
    lines.push(...record.lead, record.head);
    if ('sql' in record && record.sql !== '') lines.push(record.sql);
    if (record.kind === 'query' || record.kind === 'changes' || record.kind === 'error') {
      lines.push('----', ...(answers.get(index) ?? record.rows));
    }
    const next = records[index + 1];
    if (next === undefined || (next.lead[0] ?? 'x').trim() !== '') lines.push('');
  }
  return `${lines.join('\n').trimEnd()}\n`;
}

/** One value as a file shows it. */
function sltValue(text: string | null): string {
  if (text === null) return 'NULL';
  if (text === '') return '(empty)';
  return text.replaceAll('\\', '\\\\').replaceAll('\t', '\\t').replaceAll('\n', '\\n').replaceAll('\r', '\\r');
}

export function sltRow(values: readonly (string | null)[]): string {
  return values.map(sltValue).join('\t');
}
