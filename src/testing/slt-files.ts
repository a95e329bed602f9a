// Finds and runs .slt files on a new target each.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Life } from './lives.ts';
import { seededRandom, seedOf } from './seeded-random.ts';
import { parseSlt, type SltRecord } from './slt-file.ts';
import { runSlt, type SltOutcome, type SltTarget } from './slt-run.ts';

export const SQL_TESTS = join(import.meta.dirname, '..', '..', 'sql-tests');

const EXPLAIN = /^\s*explain\b/i;

/** Paths of the .slt files under files and folders, sorted. */
export function sltFiles(paths: readonly string[]): string[] {
  return paths
    .flatMap((path) =>
      statSync(path).isDirectory()
        ? readdirSync(path, { recursive: true })
            .map((name) => join(path, String(name)))
            .filter((name) => name.endsWith('.slt'))
        : [path],
    )
    .sort();
}

export function readSlt(path: string): SltRecord[] {
  return parseSlt(path, readFileSync(path, 'utf8'));
}

/** Runs a file's records in one of its lives; `seed` decides what the life leaves to chance. */
export async function runLife(path: string, life: Life, seed: number): Promise<SltOutcome> {
  const records = readSlt(path);
  const target = life.open(records, seededRandom(seedOf(seed, `${basename(path)} ${life.name}`)));
  const shown = life.otherPlans ? records.filter((record) => !('sql' in record && EXPLAIN.test(record.sql))) : records;
  try {
    return await runSlt(shown, target);
  } finally {
    await target.close();
  }
}

/** Throws unless the file has records for the life, and all answer as it says. */
export async function assertLife(path: string, life: Life, seed: number): Promise<void> {
  const outcome = await runLife(path, life, seed);
  assert.ok(outcome.run > 0, 'the file ran no record');
  assert.equal(outcome.mismatches.map(({ line, message }) => `${path}:${line}: ${message}`).join('\n'), '');
}

export async function runSltFile(path: string, open: () => Promise<SltTarget> | SltTarget): Promise<SltOutcome> {
  const target = await open();
  try {
    return await runSlt(readSlt(path), target);
  } finally {
    await target.close();
  }
}

/** Whether a file is for an engine: its first line may say `# engines: headrace`; the incremental life is Headrace's too. */
export function fileIsFor(path: string, engine: string): boolean {
  const match = /^# engines: (.+)/.exec(readFileSync(path, 'utf8'));
  if (match === null) return true;
  const engines = match[1]!.split(/[\s,]+/);
  return engines.includes(engine) || (engine === 'view' && engines.includes('headrace'));
}
