// DuckDB beside us: the queries of sql-tests, whose answers are PostgreSQL's, asked of DuckDB. Prints how many it answers and agrees on, the known
// differences by kind (known-differences.ts), and fails where it differs in a way that is not known. Each statement has three seconds.
import { join } from 'node:path';
import { fileIsFor, sltFiles } from '../../src/testing/slt-files.ts';
import { askDuckdb, type QueryAnswer } from './ask-duckdb.ts';
import { KNOWN_DIFFERENCES } from './known-differences.ts';

/** DuckDB divides and averages decimals as doubles, and float4 prints as a double. */
const TOLERANCE = 1e-7;
const SHOWN_ROWS = 12;

/** Without the zeros at the end of fractions, inside lists and json, too. */
function plain(text: string): string {
  return text.replace(/(?<![\w.])(-?\d+)\.(\d*?)0*(?![\d.])/g, (_, whole: string, fraction: string) =>
    fraction === '' ? whole : `${whole}.${fraction}`,
  );
}

function sameValue(a: string, b: string): boolean {
  if (a === b || plain(a) === plain(b)) return true;
  const [x, y] = [a, b].map((text) => (text.trim() === '' ? Number.NaN : Number(text)));
  return Math.abs(x! - y!) <= TOLERANCE * Math.max(Math.abs(x!), Math.abs(y!));
}

function sameRows(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  return a.every((row, i) => {
    const [left, right] = [row.split('\t'), b[i]!.split('\t')];
    return left.length === right.length && left.every((value, column) => sameValue(value, right[column]!));
  });
}

/** Rows that no ORDER BY puts in order may come in any. */
function agrees({ sql, expected, got }: QueryAnswer & { readonly got: readonly string[] }): boolean {
  if (sameRows(expected, got)) return true;
  return !/\border by\b/i.test(sql) && sameRows([...expected].sort(), [...got].sort());
}

function knownKind(file: string, sql: string): string | undefined {
  return KNOWN_DIFFERENCES.find(({ queries, files }) => queries.test(sql) && files?.test(file) !== false)?.kind;
}

async function main(paths: readonly string[]): Promise<void> {
  const roots = paths.length > 0 ? paths : [join(import.meta.dirname, '..', '..', 'sql-tests')];
  const files = sltFiles(roots).filter((file) => fileIsFor(file, 'duckdb') && fileIsFor(file, 'postgres'));
  const known = new Map<string, number>();
  let [agreed, unanswered, differ] = [0, 0, 0];
  for (const file of files) {
    for (const { got, ...query } of await askDuckdb(file)) {
      if (got === null) unanswered++;
      else if (agrees({ ...query, got })) agreed++;
      else {
        const kind = knownKind(file, query.sql);
        if (kind !== undefined) known.set(kind, (known.get(kind) ?? 0) + 1);
        else {
          differ++;
          const rows = (list: readonly string[]) => list.slice(0, SHOWN_ROWS).join('\n    ');
          console.log(
            `${file}:${query.line}: ${query.sql}\n  recorded:\n    ${rows(query.expected)}\n  DuckDB:\n    ${rows(got)}`,
          );
        }
      }
    }
  }
  for (const [kind, count] of known) console.log(`known: ${kind} (${count})`);
  const total = [...known.values()].reduce((sum, count) => sum + count, 0);
  console.log(
    `${agreed} queries agree, ${total} differ as known, ${differ} differ, ${unanswered} DuckDB cannot answer`,
  );
  process.exitCode = differ === 0 ? 0 : 1;
}

await main(process.argv.slice(2));
