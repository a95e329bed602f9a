// The trace player against the scripted server: what it records it plays, and a different answer is shown.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseTrace, printTrace } from './trace-format.ts';
import { playTrace, recordTrace } from './trace-player.ts';
import { startTestServer } from './wire-test-server.ts';

const WIRE = join(import.meta.dirname, '..', '..', 'conformance', 'wire');

const SCRIPT = `# extended query, COPY and an error
F Parse {"name": "s", "query": "rows 2"}
F Bind {"statement": "s", "resultFormats": [1, 0]}
F Describe ["P", ""]
F Execute {"rows": 1}
F Execute
F Sync
B wait
F Query "copyin"
B wait
F CopyData "1\\tx\\n"
F CopyDone
B wait
F Query "fail"
`;

test('what is recorded plays; what differs is shown', async () => {
  await using started = await startTestServer();
  const target = { host: '127.0.0.1', port: started.server.port, user: 'tester', database: 'db' };
  const recorded = await recordTrace(parseTrace(SCRIPT.replaceAll('B wait', 'B Wait')), target);
  const text = printTrace(recorded);
  assert.match(text, /B DataRow \[\{"hex":"00000000"\},"row 0"\]\nB PortalSuspended\nB DataRow/);
  assert.match(text, /B ErrorResponse \{"S":"ERROR","C":"42P01".*"P":"2"\}/);
  assert.deepEqual(await playTrace(parseTrace(text), target), []);
  const changed = parseTrace(text.replace('row 1', 'row 7'));
  assert.match((await playTrace(changed, target)).join('\n'), /expected B DataRow .*row 7.*\n.*got B DataRow .*row 1/);
  const missing = parseTrace(text.replace(/B ReadyForQuery "I"\n$/, ''));
  assert.match((await playTrace(missing, target)).join('\n'), /nothing more/);
});

test('the traces of conformance/wire are printed as they are read', () => {
  const files = readdirSync(WIRE).filter((name) => name.endsWith('.trace'));
  assert.ok(files.length >= 40);
  for (const name of files) {
    const text = readFileSync(join(WIRE, name), 'utf8');
    assert.equal(printTrace(parseTrace(text)), text, name);
  }
});
