// Temporary files: what is written is read, they go when closed, left-over ones at the next start; limits and full disks have their SQLSTATEs.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { SpillFile, SpillSpace } from './spill-file.ts';

const directory = mkdtempSync(join(tmpdir(), 'headrace-test-'));
const folder = join(directory, 'spill');

after(() => rmSync(directory, { recursive: true, force: true }));

test('bytes come back from where they were put; closing removes the file', async () => {
  const space = new SpillSpace(directory);
  const file = await space.forStatement(1000).open();
  assert.equal(await file.append(Buffer.from('first')), 0);
  assert.equal(await file.append(Buffer.from('second')), 5);
  const into = Buffer.alloc(6);
  await file.read(5, into);
  assert.equal(into.toString(), 'second');
  assert.equal(readdirSync(folder).length, 1);
  await file.close();
  assert.equal(readdirSync(folder).length, 0);
  await space.close();
  assert.equal(existsSync(folder), false);
});

test('files that a crash left behind go at the next start', () => {
  mkdirSync(folder);
  writeFileSync(join(folder, '1.rows'), 'left');
  new SpillSpace(directory);
  assert.equal(existsSync(folder), false);
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
  const file = new SpillFile(handle, join(directory, 'none'), () => {});
  await assert.rejects(file.append(Buffer.alloc(10)), {
    sqlstate: '53100',
    message: 'could not write to temporary file: No space left on device',
  });
});
