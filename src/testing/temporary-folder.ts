// Temporary files of a test's process, and of the processes that it starts, lie in a folder of their own that goes with it: also when a test
// fails and closes nothing.
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isMainThread } from 'node:worker_threads';

if (isMainThread) {
  const folder = mkdtempSync(join(tmpdir(), 'headrace-test-'));
  chmodSync(folder, 0o755); // an oracle runs as another user
  for (const name of ['TMPDIR', 'TMP', 'TEMP']) process.env[name] = folder; // os.tmpdir() looks there
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
}
