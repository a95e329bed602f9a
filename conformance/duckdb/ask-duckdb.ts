// Asks DuckDB the queries of one .slt file. It cannot run everything that PostgreSQL can: what fails there is not answered, and names that a
// failed statement would have made or changed are out of reach from then on, so that a difference is one of meaning, never of lacking data.
import { DUCKDB_LIMITS, duckdbTarget } from '../../src/testing/oracle-duckdb.ts';
import { type SltRecord, sltRow } from '../../src/testing/slt-file.ts';
import { readSlt } from '../../src/testing/slt-files.ts';
import { appliesTo, TargetError } from '../../src/testing/slt-run.ts';

export interface QueryAnswer {
  readonly line: number;
  readonly sql: string;
  readonly expected: readonly string[];
  /** null: not answered */
  readonly got: readonly string[] | null;
}

const CHANGED = new RegExp(
  String.raw`\b(?:table|view|sequence|schema|type|function|index|into|update|from|only|on|truncate|prepare|declare|stream)\s+` +
    String.raw`(?:if\s+(?:not\s+)?exists\s+|only\s+)?("[^"]+"|[a-z_][\w.]*)`,
  'gi',
);
const CHANGES =
  /^\s*(?:create|drop|alter|insert|update|delete|merge|truncate|copy|comment|grant|revoke|refresh|with\b.*\b(?:insert|update|delete|merge)\b)/is;
const CHANGES_ALL =
  /^\s*(?:set|reset|begin|start|savepoint|rollback|commit|end|abort|release|lock|discard|execute|deallocate)\b/i;
const BEGINS = /^\s*(?:begin|start transaction)\b/i;
const ENDS = /^\s*(?:commit|end|rollback|abort)\s*;?\s*$/i;

/** What is out of reach. */
class OutOfReach {
  private readonly names = new Set<string>();
  private all = false;

  /** A statement that DuckDB did not run, or ran where PostgreSQL refuses it. */
  add(sql: string): void {
    if (CHANGES_ALL.test(sql)) this.all = true;
    if (!CHANGES.test(sql)) return;
    for (const [, name] of sql.matchAll(CHANGED)) this.names.add(name!.replaceAll('"', '').toLowerCase());
  }

  everything(): void {
    this.all = true;
  }

  has(sql: string): boolean {
    if (this.all) return true;
    const words = sql.toLowerCase().match(/[a-z_][\w.]*/g) ?? [];
    return words.some((word) => this.names.has(word) || word.split('.').some((part) => this.names.has(part)));
  }
}

/** All queries of the file with what DuckDB said. */
export async function askDuckdb(path: string): Promise<QueryAnswer[]> {
  const target = await duckdbTarget(DUCKDB_LIMITS);
  const outOfReach = new OutOfReach();
  const answers: QueryAnswer[] = [];
  let inBlock = false;
  const run = async (sql: string): Promise<readonly string[] | null> => {
    if (outOfReach.has(sql)) {
      outOfReach.add(sql);
      return null;
    }
    try {
      return ((await target.execute(sql)).rows ?? []).map(sltRow);
    } catch (error) {
      if (!(error instanceof TargetError)) throw error;
      outOfReach.add(sql);
      if (inBlock) outOfReach.everything();
      return null;
    }
  };
  try {
    for (const record of readSlt(path) as readonly SltRecord[]) {
      if (record.kind === 'halt') break;
      if (!('sql' in record) || !appliesTo(record, 'duckdb') || !appliesTo(record, 'postgres')) continue;
      const { sql } = record;
      if (record.kind === 'query') {
        const got = await run(sql);
        const sorted = (rows: readonly string[]) => (record.sort ? [...rows].sort() : rows);
        answers.push({ line: record.line, sql, expected: sorted(record.rows), got: got && sorted(got) });
        continue;
      }
      const fails = record.kind === 'error' || (record.kind === 'statement' && record.expect.kind === 'error');
      if (fails && inBlock) outOfReach.everything(); // the block is lost there, and goes on here
      if (fails || record.kind !== 'statement') continue;
      if (BEGINS.test(sql)) inBlock = true;
      if (ENDS.test(sql)) inBlock = false;
      await run(sql);
    }
  } finally {
    await target.close();
  }
  return answers;
}
