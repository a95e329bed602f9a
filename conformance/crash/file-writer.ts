// What comes into the directories of file-streams.ts, and what was in it: CSV, Parquet and JSON files that come whole, grow while they are watched,
// are broken, are replaced or mended.
import { appendFileSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';

export const KEYS = 11;

/** What a file held, and how much of it must have come. */
export interface Written {
  readonly path: string;
  readonly good: readonly number[];
  /** as they come into dead letters */
  readonly bad: readonly string[];
  /** whole: all of it; beginning: its first records, and one that may be cut */
  extent: 'whole' | 'beginning';
  /** has to be mended before all of it can be read */
  broken?: boolean;
}

/** Row n of a CSV file: some are late, some malformed. */
export function csvLine(n: number): string {
  const at = new Date(Date.UTC(2024, 0, 1) + n * 40 - (n % 19 === 3 ? 30_000 : 0)).toISOString();
  return isBadCsv(n) ? `${n},x${n},${at},1` : `${n},${n % KEYS},${at},${(n % 1000) / 4}`;
}

const isBadCsv = (n: number) => n % 23 === 5;
/** its k is NULL */
const isBadParquet = (n: number) => n % 29 === 7;
const jsonLines = (numbers: readonly number[]) => numbers.map((id) => `{"id":${id}}\n`).join('');

export class FileWriter {
  readonly csv: Written[] = [];
  readonly parquet: Written[] = [];
  readonly strict: Written[] = [];
  /** the directories */
  readonly into: { readonly csv: string; readonly parquet: string; readonly strict: string };
  private readonly below: (n: number) => number;
  private duck: DuckDBConnection | null = null;
  private rows = 0;
  private files = 0;

  constructor(root: string, random: () => number) {
    this.below = (n) => Math.floor(random() * n);
    this.into = { csv: join(root, 'csv'), parquet: join(root, 'parquet'), strict: join(root, 'strict') };
    for (const directory of Object.values(this.into)) mkdirSync(directory, { recursive: true });
  }

  /** One more file, of any kind. */
  async another(): Promise<void> {
    const { below } = this;
    const kind = below(10);
    if (kind < 3) this.putCsv(1 + below(60));
    else if (kind === 3) this.putCsv(3000);
    else if (kind < 6) await this.growCsv(20 + below(60));
    else if (kind < 9) await this.putParquet(below(4) === 0 ? 6000 : 1 + below(200));
    else this.putStrict(below(3) === 0 ? 5000 : 1 + below(20));
  }

  /** While the server is down: some of the last CSV files are others, whatever of them has been read. */
  replaceSome(): void {
    for (const file of this.csv.slice(-1 - this.below(3), -1)) {
      if (this.csv.filter(({ path }) => path === file.path).length > 1) continue;
      file.extent = 'beginning';
      this.putCsv(1 + this.below(30), file.path);
    }
  }

  /** Broken JSON files get their end. */
  mend(): void {
    for (const file of this.strict) {
      if (file.broken === true) put(file.path, jsonLines(file.good));
      file.broken = false;
    }
  }

  putCsv(count: number, path?: string): void {
    const { file, text } = this.csvFile(count, 'whole', path);
    put(file.path, text);
  }

  /** Written where it is watched, piece by piece. */
  private async growCsv(count: number): Promise<void> {
    const { file, text } = this.csvFile(count, 'beginning');
    const size = Math.ceil(text.length / 4) + this.below(50);
    for (let at = 0; at < text.length; at += size) {
      appendFileSync(file.path, text.slice(at, at + size));
      await setTimeout(10 + this.below(60));
    }
  }

  private csvFile(count: number, extent: Written['extent'], given?: string): { file: Written; text: string } {
    const path = given ?? join(this.into.csv, `${++this.files}.csv`);
    const numbers = this.take(count);
    const good = numbers.filter((n) => !isBadCsv(n));
    const file: Written = { path, good, bad: numbers.filter(isBadCsv).map(csvLine), extent };
    this.csv.push(file);
    return { file, text: `id,k,ts,v\n${numbers.map(csvLine).join('\n')}\n` };
  }

  private async putParquet(count: number): Promise<void> {
    const path = join(this.into.parquet, `${++this.files}.parquet`);
    if (this.below(8) === 0) {
      this.parquet.push({ path, good: [], bad: [path], extent: 'whole' });
      return put(path, 'PAR1, and nothing else');
    }
    const numbers = this.take(count);
    const hidden = hiddenPath(path);
    this.duck ??= await (await DuckDBInstance.create()).connect();
    await this.duck.run(
      `SET timezone = 'UTC';
       COPY (SELECT n AS id, CASE WHEN n % 29 = 7 THEN NULL ELSE n % ${KEYS} END AS k, (n % 1000) / 4 AS v,
         timestamptz '2024-01-01 00:00:00+00' + n * INTERVAL '40 milliseconds' - (CASE WHEN n % 19 = 3 THEN 30 ELSE 0 END) * INTERVAL '1 second' AS ts
         FROM range(${numbers[0]}, ${this.rows + 1}) r(n)) TO '${hidden}' (FORMAT parquet, ROW_GROUP_SIZE 2048)`,
    );
    const good = numbers.filter((n) => !isBadParquet(n));
    this.parquet.push({ path, good, bad: numbers.filter(isBadParquet).map(String), extent: 'whole' });
    renameSync(hidden, path);
  }

  private putStrict(count: number): void {
    const path = join(this.into.strict, `${++this.files}.jsonl`);
    const good = this.take(count);
    const broken = this.below(6) === 0;
    this.strict.push({ path, good, bad: [], extent: 'whole', broken });
    put(path, broken ? jsonLines(good).slice(0, -4) : jsonLines(good));
  }

  private take(count: number): number[] {
    return Array.from({ length: count }, () => ++this.rows);
  }
}

function hiddenPath(path: string): string {
  return join(dirname(path), `.${basename(path)}.part`);
}

/** There at once. */
function put(path: string, text: string): void {
  writeFileSync(hiddenPath(path), text);
  renameSync(hiddenPath(path), path);
}
