// Every .slt file of sql-tests as a test: the main life on a durable database, and the incremental life.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { InProcessTarget } from './in-process-target.ts';
import { readSlt, runSltFile, sltFiles } from './slt-files.ts';
import type { SltOutcome } from './slt-run.ts';
import { ViewTarget } from './view-target.ts';

const root = join(import.meta.dirname, '..', '..', 'sql-tests');

function assertSame(path: string, outcome: SltOutcome): void {
  assert.ok(outcome.run > 0, 'the file ran no record');
  assert.equal(outcome.mismatches.map(({ line, message }) => `${path}:${line}: ${message}`).join('\n'), '');
}

describe('sql-tests', () => {
  for (const path of sltFiles([root])) {
    const name = path.slice(root.length + 1);
    test(name, async () => assertSame(path, await runSltFile(path, () => new InProcessTarget({ durable: true }))));
    test(`${name}, as views`, async () =>
      assertSame(path, await runSltFile(path, () => new ViewTarget(readSlt(path)))));
  }
});
