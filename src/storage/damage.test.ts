// Bad sectors, missing files, full disks while a checkpoint is taken, and directories of other versions: what is damaged is named, the
// rest goes on, acknowledged commits stay.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { SqlError } from '../errors/sql-error.ts';
import { FaultyDisk } from '../testing/faulty-disk.ts';
import { batchOf, contents, createTable, openTest, TABLE } from './storage-fixtures.ts';

const sqlstate = (code: string, text: RegExp) => (error: unknown) =>
  error instanceof SqlError && error.sqlstate === code && text.test(error.message);

async function withRows(disk: FaultyDisk, keyed: boolean) {
  const opened = await openTest(disk);
  await createTable(opened.storage, keyed);
  for (const id of [1, 2, 3]) {
    await opened.storage.commit({
      inserts: [{ relation: TABLE, batch: batchOf(opened.region, [[id, 'x'.repeat(50)]]) }],
    });
  }
  return opened;
}

async function fileIn(disk: FaultyDisk, folder: string, pattern: RegExp): Promise<string> {
  const name = (await disk.list(folder)).find((one) => pattern.test(one));
  assert.ok(name !== undefined, `no file like ${pattern} in ${folder}`);
  return `${folder}/${name}`;
}

test('a damaged row group makes its table unreadable, by name, and nothing else', async () => {
  const disk = new FaultyDisk();
  const { storage } = await withRows(disk, false);
  await storage.checkpoint();
  disk.crash();
  const segment = await fileIn(disk, 'data', /\.seg$/);
  for (const position of [5, 40, disk.length(segment) - 1]) {
    disk.corrupt(segment, position);
    const { storage: again, arena, region } = await openTest(disk);
    await assert.rejects(contents(again, arena), sqlstate('XX001', new RegExp(`"${segment}" at offset`)));
    await again.commit({ metadata: [['still', 'here']] });
    assert.equal(again.metadata('still'), 'here');
    region.reset();
    await again.close();
    disk.corrupt(segment, position);
  }
  const { storage: mended, arena } = await openTest(disk);
  assert.equal((await contents(mended, arena)).length, 3);
  await mended.close();
});

test('a damaged row group of a table with a key is found when its index is built', async () => {
  const disk = new FaultyDisk();
  const { storage } = await withRows(disk, true);
  await storage.checkpoint();
  disk.crash();
  disk.corrupt(await fileIn(disk, 'data', /\.seg$/), 40);
  await assert.rejects(openTest(disk), sqlstate('XX001', /data\/.*\.seg" at offset/));
});

test('a damaged manifest is not taken for another state', async () => {
  const disk = new FaultyDisk();
  const { storage } = await withRows(disk, false);
  await storage.checkpoint();
  disk.crash();
  const manifest = await fileIn(disk, 'checkpoints', /^manifest/);
  for (const position of [0, 30, disk.length(manifest) - 1]) {
    disk.corrupt(manifest, position);
    await assert.rejects(openTest(disk), sqlstate('XX001', /invalid checkpoint in file "checkpoints\/manifest/));
    disk.corrupt(manifest, position);
  }
});

test('every damaged byte of the log is noticed; in its last write it counts as a torn end', async () => {
  const disk = new FaultyDisk();
  const { storage, region } = await withRows(disk, false);
  const log = await fileIn(disk, 'log', /\.log$/);
  const durable = disk.length(log);
  await storage.commit({ inserts: [{ relation: TABLE, batch: batchOf(region, [[4, 'last']]) }] });
  disk.crash();
  for (let position = 0; position < durable; position += 37) {
    disk.corrupt(log, position);
    await assert.rejects(openTest(disk), sqlstate('XX001', /log\//), `byte ${position} was not noticed`);
    disk.corrupt(log, position);
  }
  disk.corrupt(log, durable + 20);
  const { storage: again, arena } = await openTest(disk);
  assert.equal((await contents(again, arena)).length, 3);
  await again.close();
});

test('a missing row group is named', async () => {
  const disk = new FaultyDisk();
  const { storage } = await withRows(disk, false);
  await storage.checkpoint();
  disk.crash();
  const segment = await fileIn(disk, 'data', /\.seg$/);
  await disk.remove(segment);
  const { storage: again, arena } = await openTest(disk);
  await assert.rejects(contents(again, arena), sqlstate('58P01', /could not open file "data\/.*No such file/));
  await again.close();
});

test('a full disk fails a checkpoint, the next one succeeds, commits go on', async () => {
  const disk = new FaultyDisk();
  const { storage, arena, region } = await withRows(disk, true);
  disk.plan = (_phase, _ordinal, path) => (path.startsWith('data') ? { code: 'ENOSPC', keepBytes: 3 } : undefined);
  await assert.rejects(storage.checkpoint(), sqlstate('53100', /could not write/));
  disk.plan = null;
  await storage.commit({ inserts: [{ relation: TABLE, batch: batchOf(region, [[4, 'after']]) }] });
  const taken = storage.checkpoint();
  assert.equal(storage.checkpointRows().at(-1)!.state, 'running');
  await taken;
  const runs = storage.checkpointRows().slice(-2);
  assert.deepEqual(runs.map(({ state, bytes }) => [state, bytes > 0]), [['failed', false], ['done', true]]); // biome-ignore format: one line
  assert.match(runs[0]!.error!, /No space left on device/);
  disk.crash();
  const again = await openTest(disk);
  assert.deepEqual(await contents(again.storage, again.arena), await contents(storage, arena));
  assert.deepEqual(again.storage.checkpointRows(), []);
  await again.storage.close();
});

test('a directory of a newer format, or of something else, is refused', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'headrace-format-'));
  try {
    for (const text of ['headrace 99\n', 'PG_VERSION 15\n']) {
      writeFileSync(join(directory, 'FORMAT'), text);
      await assert.rejects(openTest(undefined, { directory }), sqlstate('F0000', /incompatible with server/));
    }
    writeFileSync(join(directory, 'FORMAT'), 'headrace 1\n');
    const { storage } = await openTest(undefined, { directory });
    await storage.close();
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test('a missing file of the log is named, the last one too', async () => {
  const disk = new FaultyDisk();
  const { storage, region } = await withRows(disk, false);
  await storage.checkpoint();
  await storage.commit({ inserts: [{ relation: TABLE, batch: batchOf(region, [[4, 'behind it']]) }] });
  disk.crash();
  const { storage: empty } = await openTest(disk.copy());
  await empty.close();
  const logs = (await disk.list('log')).map((name) => `log/${name}`);
  assert.equal(logs.length, 1);
  await disk.remove(logs[0]!);
  for (let start = 0; start < 2; start++)
    await assert.rejects(openTest(disk), sqlstate('XX001', new RegExp(`"${logs[0]}" is missing`)));
});

test('a missing file amid the log is named, though nothing stands behind it', async () => {
  const disk = new FaultyDisk();
  const { storage, region } = await withRows(disk, false);
  await storage.checkpoint();
  disk.crash();
  const { storage: second } = await openTest(disk);
  await second.commit({ inserts: [{ relation: TABLE, batch: batchOf(region, [[4, 'behind it']]) }] });
  disk.crash();
  await openTest(disk); // begins a file and writes nothing
  disk.crash();
  const written = (await disk.list('log')).map((name) => `log/${name}`).filter((path) => disk.length(path) > 0);
  assert.equal(written.length, 1);
  await disk.remove(written[0]!);
  await assert.rejects(openTest(disk), sqlstate('XX001', /"log\/\d+\.log" is missing/));
});
