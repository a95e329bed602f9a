// Temporary files: what is written is read, nobody else sees them, a run closes its own; limits and full disks have their SQLSTATEs.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { RunSpill, SpillFile, SpillSpace } from './spill-file.ts';

const directory = mkdtempSync(join(tmpdir(), 'headrace-test-'));
const folder = join(directory, 'spill');

after(() => rmSync(directory, { recursive: true, force: true }));

test('bytes come back from where they were put; the file has no name', async () => {
  const space = new SpillSpace(directory);
  const file = await space.forStatement(1000).open();
  assert.equal(await file.append(Buffer.from('first')), 0);
  assert.equal(await file.append(Buffer.from('second')), 5);
  const into = Buffer.alloc(6);
  await file.read(5, into);
  assert.equal(into.toString(), 'second');
  assert.equal(readdirSync(folder).length, 0);
  await file.close();
  await file.close();
  await space.close();
  assert.equal(existsSync(folder), false);
});

test('a run closes the files that its operators left open', async () => {
  const statement = new SpillSpace(null).forStatement(1000);
  const run = new RunSpill(statement);
  const files = [await run.open(), await run.open()];
  for (const file of files) await file.append(Buffer.alloc(500));
  await run.close();
  await assert.rejects(files[0]!.read(0, Buffer.alloc(1)), { sqlstate: '58030' });
  const again = await statement.open();
  await again.append(Buffer.alloc(1000));
  await again.close();
});

test('files that a crash left behind go at the next start', () => {
  mkdirSync(folder);
  writeFileSync(join(folder, '1.rows'), 'left');
  new SpillSpace(directory);
  assert.equal(existsSync(folder), false);
});

test('a folder that could not be made, or has gone, is made by the next statement', async () => {
  const space = new SpillSpace(directory);
  writeFileSync(folder, 'in the way');
  await assert.rejects(space.forStatement(1000).open(), { sqlstate: '58030' });
  rmSync(folder);
  await (await space.forStatement(1000).open()).close();
  rmSync(folder, { recursive: true });
  await (await space.forStatement(1000).open()).close();
  await space.close();
});

test('all files of a statement have one limit; closed ones do not count', async () => {
  const space = new SpillSpace(null);
  const statement = space.forStatement(2048);
  const [one, two] = [await statement.open(), await statement.open()];
  await one.append(Buffer.alloc(1500));
  await assert.rejects(two.append(Buffer.alloc(1500)), {
    sqlstate: '53400',
    message: 'temporary file size exceeds temp_file_limit (2kB)',
  });
  await two.close();
  await one.close();
  const three = await statement.open();
  await three.append(Buffer.alloc(500));
  await three.close();
  await space.close();
});

test('a full disk is 53100', async () => {
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  const handle = { write: () => Promise.reject(full) } as unknown as FileHandle;
  const file = new SpillFile(handle, () => {});
  await assert.rejects(file.append(Buffer.alloc(10)), {
    sqlstate: '53100',
    message: 'could not write to temporary file: No space left on device',
  });
});
