// `node conformance/parser/compare-parser.ts [FOLDER]`: our parser beside PostgreSQL's own (libpg-query) over the statements that sql-tests
// records, or over the .sql files of a folder (PostgreSQL's regression tests, say): who reads what, whether the printed tree has the same
// fingerprint, whether errors have the same text and position. A statement that only one of them reads is printed.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fingerprintSync, hasSqlDetails, loadModule, parseSync, scanSync } from 'libpg-query';
import { SqlError } from '../../src/errors/sql-error.ts';
import { parseStatements } from '../../src/sql/parser/parse.ts';
import { printStatement } from '../../src/sql/parser/print.ts';
import { readSlt, sltFiles } from '../../src/testing/slt-files.ts';

const SHOWN = 20;

/** The texts between the semicolons that PostgreSQL's scanner sees. */
function statementsIn(text: string): string[] {
  const bytes = Buffer.from(text);
  const found: string[] = [];
  let start = 0;
  for (const { text: token, start: at, end } of scanSync(text).tokens) {
    if (token !== ';') continue;
    found.push(bytes.subarray(start, at).toString().trim());
    start = end;
  }
  return [...found, bytes.subarray(start).toString().trim()].filter((sql) => sql !== '');
}

/** A psql script without its backslash commands and COPY data; null where even its tokens cannot be read. */
function scriptStatements(path: string): string[] {
  const plain = readFileSync(path, 'utf8')
    .replace(/^\\.*$/gm, '')
    .replace(/^(COPY .* FROM STDIN.*;)\n[\s\S]*?^\\\.$/gim, '$1');
  try {
    return statementsIn(plain);
  } catch {
    return plain.split(/;\s*\n/).map((sql) => sql.trim());
  }
}

function corpus(folder: string | undefined): string[] {
  if (folder !== undefined) {
    const files = readdirSync(folder).filter((name) => name.endsWith('.sql'));
    return files.sort().flatMap((name) => scriptStatements(join(folder, name)));
  }
  const records = sltFiles([join(import.meta.dirname, '../../sql-tests')]).flatMap((path) => readSlt(path));
  return records.flatMap((record) => ('sql' in record ? [record.sql] : []));
}

/** null, or the error with its place. */
function oracleError(sql: string): string | null {
  try {
    parseSync(sql);
    return null;
  } catch (error) {
    if (!hasSqlDetails(error) || error.sqlDetails === undefined) throw error;
    return `${error.sqlDetails.message} @${error.sqlDetails.cursorPosition + 1}`;
  }
}

type Verdict = 'same tree' | 'another fingerprint' | 'kept as text' | 'same error' | 'another error' | 'refused by name' | 'not read' | 'read by us only'; // biome-ignore format: one line

function verdictOf(sql: string): Verdict {
  const expected = oracleError(sql);
  try {
    const statements = parseStatements(sql);
    if (expected !== null) return 'read by us only';
    if (statements.length === 0) return 'same tree'; // a comment
    if (statements.some(({ statement }) => statement.kind === 'unsupported')) return 'kept as text';
    const printed = statements.map(({ statement }) => printStatement(statement)).join(';\n');
    return oracleError(printed) === null && fingerprintSync(printed) === fingerprintSync(sql)
      ? 'same tree'
      : 'another fingerprint';
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    if (expected === null) return error.sqlstate === '0A000' ? 'refused by name' : 'not read';
    return `${error.message} @${error.details.position}` === expected ? 'same error' : 'another error';
  }
}

await loadModule();
const statements = [...new Set(corpus(process.argv[2]))].filter((sql) => sql !== '');
const found = new Map<Verdict, string[]>();
for (const sql of statements) {
  const verdict = verdictOf(sql);
  found.set(verdict, [...(found.get(verdict) ?? []), sql]);
}
for (const [verdict, list] of found) console.log(`${String(list.length).padStart(6)} ${verdict}`);
for (const sql of found.get('another fingerprint')?.slice(0, SHOWN) ?? [])
  console.log(`another tree: ${sql.slice(0, 200)}`);
const missed = found.get('not read') ?? [];
for (const sql of missed.slice(0, SHOWN)) console.log(`not read: ${sql.slice(0, 200)}`);
// The streaming dialect is read by us only; of PostgreSQL's own statements nearly all are read.
const agreeing = statements.length - missed.length - (found.get('another error')?.length ?? 0);
process.exitCode = agreeing / statements.length > 0.99 ? 0 : 1;
